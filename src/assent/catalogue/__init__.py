"""What the platform knows: events, which are the truth, and the tables that follow from them."""
