"""Audio in and out: decode, encode, measure."""
