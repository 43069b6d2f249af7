"""What a creator does before and after: bring files, foresee a choice, take everything along."""
