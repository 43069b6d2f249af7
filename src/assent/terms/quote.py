"""Quotes: whether a sentence stands in a document, word for word.

Line breaks, runs of spaces, emphasis of Markdown, link targets and the shape of quotation marks do
not count: they are how a page is set, not what it says.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

__all__ = ["left_of", "plain", "sentences", "stands_in"]

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


def _pieces(quote: str) -> list[str]:
    """Return what stands between the words left out."""
    return [piece for it in plain(quote).split("[...]") if (piece := it.strip())]


def _find(piece: str, text: str, start: int = 0) -> int:
    """Return where words stand in a text as whole words; -1 if they do not."""
    at = text.find(piece, start)
    while at >= 0:
        end = at + len(piece)
        cut = piece[0].isalnum() and text[:at][-1:].isalnum()
        if not cut and not (piece[-1].isalnum() and text[end : end + 1].isalnum()):
            return at
        at = text.find(piece, at + 1)
    return -1


def stands_in(quote: str, document: str) -> bool:
    """Return whether a quote is in a document; "[...]" in it stands for words left out."""
    text, end = _document(document), 0
    pieces = _pieces(quote)
    for piece in pieces:
        at = _find(piece, text, end)
        if at < 0:
            return False
        end = at + len(piece)
    return bool(pieces)


def left_of(sentence: str, quotes: Iterable[str]) -> str:
    """Return what is left of a sentence when all that is quoted of it is taken out."""
    left = plain(sentence)
    for quote in quotes:
        if stands_in(left, quote):
            return ""
        for piece in _pieces(quote):
            at = _find(piece, left)
            if at >= 0:
                left = f"{left[:at]} {left[at + len(piece) :]}"
    return " ".join(left.split()).strip(" ,;:.!?\"'()-")


def sentences(prose: str) -> tuple[str, ...]:
    """Return the sentences of a prose text, in order."""
    return tuple(
        sentence
        for paragraph in re.split(r"\n\s*\n", prose)
        for sentence in _END.split(" ".join(paragraph.split()))
        if sentence
    )
