"""Names as they are compared: two spellings of one name must not be two people."""

from unicodedata import normalize

__all__ = ["folded"]

_UNSEEN = dict.fromkeys(map(ord, "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"))
"""They shape the letters beside them; without such letters nobody sees them."""


def folded(name: str) -> str:
    """Return a name without case, width, composition, joiners and extra spaces (NFKC, folded case).

    >>> folded("  ADA   Quill ") == folded("Ada Quill")
    True
    """
    seen = name.translate(_UNSEEN)
    return " ".join(normalize("NFKC", normalize("NFKC", seen).casefold()).split())
