"""What people do with each other: find, follow, like, collect, comment."""
