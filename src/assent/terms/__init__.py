"""Terms as code: what a wording says, what it leaves open, and what would close it."""
