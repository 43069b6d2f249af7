"""Training sets that hold only what is permitted."""
