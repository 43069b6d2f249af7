"""The proof: pure tree hashing."""
