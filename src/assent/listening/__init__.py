"""Who may hear what, how it reaches them, and how often it was heard."""
