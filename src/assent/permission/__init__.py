"""The answer: which AI uses of a recording are permitted, and why. Pure: values in, values out."""
