"""Everything that changes something: one file per act, one transaction per call."""
