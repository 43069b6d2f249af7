"""Audio at rest: sealed, and read by the gate alone."""
