"""Assent: no AI touches a creator's audio without a permission that is seen, proved and undone."""

__all__ = ["__version__"]

__version__ = "0.1.0"
