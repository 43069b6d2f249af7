"""Names as they are compared: two spellings of one name must not be two people."""

from unicodedata import normalize

__all__ = ["folded"]


def folded(name: str) -> str:
    """Return a name without case, width, composition and extra spaces (NFKC, case folding).

    >>> folded("  ADA   Quill ") == folded("Ada Quill")
    True
    """
    return " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).split())
