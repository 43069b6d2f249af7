"""Who did something, as pages name them."""

from assent.log.leaf import is_erased_author

__all__ = ["author"]


def author(by: str) -> str:
    """Return the name of an event's author, or that nobody is left who bears it."""
    return "somebody who was erased" if is_erased_author(by) else by
