"""Whose recording is this? Fingerprints, the index over them, matches, copies and claims."""
