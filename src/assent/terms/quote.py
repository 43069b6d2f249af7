"""Quotes: whether a sentence stands in a document, word for word.

Line breaks, runs of spaces, emphasis of Markdown, link targets and the shape of quotation marks do
not count: they are how a page is set, not what it says.
"""

import re
from functools import lru_cache

__all__ = ["plain", "sentences", "stands_in"]

_MARKS = str.maketrans("\u2018\u2019\u201c\u201d\u00a0", "''\"\" ", "*")
_LINK = re.compile(r"\[([^\[\]]{0,400})\]\([^()]{0,400}\)")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"(])")


def plain(text: str) -> str:
    """Return a text as it is compared."""
    return " ".join(_LINK.sub(r"\1", text).translate(_MARKS).split())


@lru_cache(maxsize=2)
def _document(document: str) -> str:
    """Return a document as it is compared; many quotes are looked for in the same one."""
    return plain(document)


def stands_in(quote: str, document: str) -> bool:
    """Return whether a quote is in a document; "[...]" in it stands for words left out."""
    rest = _document(document)
    for piece in plain(quote).split("[...]"):
        _, found, rest = rest.partition(piece.strip())
        if not found and piece.strip():
            return False
    return bool(plain(quote))


def sentences(prose: str) -> tuple[str, ...]:
    """Return the sentences of a prose text, in order."""
    return tuple(
        sentence
        for paragraph in re.split(r"\n\s*\n", prose)
        for sentence in _END.split(" ".join(paragraph.split()))
        if sentence
    )
