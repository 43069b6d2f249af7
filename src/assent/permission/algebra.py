"""What is permitted: every bit of a word is one use, every rule is `&`, `|` or `~`.

One definition runs on an `int` (one recording), on a uint64 array (all of them) and, as a
`Bits` expression, in the database: the three cannot disagree. Nothing here reads a clock, a
file or a table; nothing here knows a name.

Laws (tests/permission enumerates every input of one bit, so they are proved): refusing, holding
and taking back never open; a new text opens nothing for a holder who has not accepted it; no text
opens a use of `CONSENT_ONLY` without a grant by every holder; a copy never gets more than its
original.

Source: design, section 1.
"""

from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from assent.permission.uses import ALL, FREE

__all__ = ["SILENT", "Bits", "Masks", "Words", "ground", "opened", "says", "word"]

Words = npt.NDArray[np.uint64]


class Bits:
    """A word as an SQL expression of a 64-bit integer; `&`, `|` and `~` build larger ones.

    Args:
        sql: The expression. Both SQLite and PostgreSQL read the three operators alike.
    """

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def __and__(self, other: "Bits | int") -> "Bits":
        return Bits(f"({self.sql} & {_sql(other)})")

    def __or__(self, other: "Bits | int") -> "Bits":
        return Bits(f"({self.sql} | {_sql(other)})")

    def __ror__(self, other: int) -> "Bits":
        return Bits(f"({other} | {self.sql})")

    def __invert__(self) -> "Bits":
        return Bits(f"(~{self.sql})")


def _sql(value: Bits | int) -> str:
    return value.sql if isinstance(value, Bits) else str(value)


Word = TypeVar("Word", int, Words, Bits)


class Masks(NamedTuple, Generic[Word]):
    """What one text (a terms version or an agreement) says; a use in no mask is barred.

    Args:
        granted: Uses it takes without asking.
        opt_out: Uses it takes unless refused.
        opt_in: Uses it takes only if granted.
    """

    granted: Word
    opt_out: Word
    opt_in: Word


SILENT: Masks[int] = Masks(0, 0, 0)
"""The text of one who has accepted none, or of an unknown one: it opens nothing."""


def says(text: Masks[Word], granted: Word, refused: Word) -> Word:
    """Return the uses that one text opens for one holder.

    Args:
        text: The compiled text.
        granted: What the holder granted.
        refused: What the holder refused; shares no bit with `granted`.
    """
    return (  # type: ignore[no-any-return]  # numpy's stubs lose the word's type; values keep it
        text.granted | (text.opt_out & ~refused) | (text.opt_in & granted & ~refused)
    )


def ground(first: Masks[Word], second: Masks[Word], granted: Word, refused: Word) -> Word:
    """Return the uses for which one holder's consent stands.

    Both texts must open a use (the ratchet: what the holder has not accepted cannot widen, and a
    stricter text helps at once), and one of `CONSENT_ONLY` needs a grant whatever they say. For
    an own upload the texts are the terms accepted and the terms in force; for a delivery under an
    agreement both are the agreement.

    Args:
        first: The terms that this holder accepted last, or the agreement.
        second: The terms in force, or the agreement again.
        granted: What the holder granted.
        refused: What the holder refused; shares no bit with `granted`.
    """
    agreed = says(first, granted, refused) & says(second, granted, refused)
    return agreed & (FREE | granted)  # type: ignore[return-value]  # as in `says`


def opened(agreed: Word, held: Word, original: Word) -> Word:
    """Return the word of a recording.

    Args:
        agreed: The uses for which every holder's consent stands.
        held: The uses that holds switch off.
        original: The word of what it is a copy of; of a recording that is no copy, every use.
    """
    return agreed & ~held & original


def word(grounds: Iterable[int], held: int, original: int = ALL) -> int:
    """Return the word of one recording from the ground of each of its holders.

    Without any holder it is 0: an empty "all of them" is no permission.
    """
    every = tuple(grounds)
    return opened(reduce(and_, every), held, original) if every else 0
