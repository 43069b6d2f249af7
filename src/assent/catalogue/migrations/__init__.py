"""How a database of an older Assent becomes one of this; `versions` holds a file for each step."""
