"""Names as they are compared: two spellings of one name must not be two people."""

from unicodedata import normalize

__all__ = ["folded"]

_UNSEEN = dict.fromkeys(
    map(
        ord,
        "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
        "\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{SOFT HYPHEN}",
    )
)
"""They shape or turn what stands beside them; without such letters nobody sees them."""


def folded(name: str) -> str:
    """Return a name without case, width, composition, unseen marks, extra spaces (NFKC, folded).

    >>> folded("  ADA   Quill ") == folded("Ada Quill")
    True
    """
    seen = name.translate(_UNSEEN)
    return " ".join(normalize("NFKC", normalize("NFKC", seen).casefold()).split())
