"""The algebra over columns: the words of all recordings, and which of them a program may use.

Works through its input in pieces that fit the processor's cache, so the memory it needs on top
of the columns is the same for a thousand recordings as for a hundred million. A column of the
wrong size or kind is an error, never a shorter answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assent.errors import BadStatement, BadTable
from assent.permission.algebra import SILENT, Masks, Words, ground, opened, says
from assent.permission.uses import ALL

__all__ = ["Holdings", "permitted", "recompute"]

_PIECE = 1 << 15
"""Holdings per piece: 256 KiB of words; fastest of 2**13 to 2**17 when measured."""
_SCAN = 1 << 18
"""Words per piece of a mere scan; fastest of 2**14 to 2**20 when measured."""
_MOST_PAIRS = 1 << 16
"""Pairs of texts worth a table: three columns of it fit the cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Who holds what, and what they said, as columns; recording `i` owns `starts[i]:starts[i+1]`.

    Args:
        texts: Every text by number; number 0 is the silent one.
        first: Number of the terms accepted, or of the agreement [shape=(n_holdings,), uint16].
        second: Number of the terms in force, or of the agreement [like `first`].
        granted: What the holder granted [shape=(n_holdings,), uint64].
        refused: What the holder refused; shares no bit with `granted` [like `granted`].
        starts: First holding of each recording, and the end [shape=(n + 1,), int64, rising].
        held: What holds switch off [shape=(n,), uint64].
        original: Row of what it is a copy of, or -1 [shape=(n,), int64].

    Raises:
        BadTable: The columns do not belong together; the text says which and why.
    """

    texts: Sequence[Masks[int]]
    first: npt.NDArray[np.uint16]
    second: npt.NDArray[np.uint16]
    granted: Words
    refused: Words
    starts: npt.NDArray[np.int64]
    held: Words
    original: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        if not self.texts or self.texts[0] != SILENT:
            raise BadTable("the first text must be the silent one")
        if not len(self.starts):
            raise BadTable("the column starts must hold the end at least")
        holdings, recordings = len(self.first), len(self.starts) - 1
        sizes = {"first": holdings, "second": holdings, "granted": holdings, "refused": holdings}
        sizes |= {"starts": recordings + 1, "held": recordings, "original": recordings}
        for name, size in sizes.items():
            column, kind = getattr(self, name), _KINDS[name]
            if column.shape != (size,) or column.dtype != kind:
                raise BadTable(f"the column {name} must be {size} of {np.dtype(kind)}", column=name)
        self._check_numbers(holdings, recordings)

    def _check_numbers(self, holdings: int, recordings: int) -> None:
        if self.starts[0] != 0 or self.starts[-1] != holdings:
            raise BadTable("the column starts must go from 0 to the number of holdings")
        for at in _pieces(0, recordings):
            if np.any(self.starts[at.start + 1 : at.stop + 1] < self.starts[at]):
                raise BadTable("the column starts must never fall")
            if np.any(self.original[at] < -1) or np.any(self.original[at] >= recordings):
                raise BadTable("the column original must name rows, or -1")
        for at in _pieces(0, holdings):
            known = len(self.texts)
            if np.any(self.first[at] >= known) or np.any(self.second[at] >= known):
                raise BadTable(f"a holding names a text that is none of the {known}")
            if np.any(self.granted[at] & self.refused[at]):
                raise BadTable("a holder cannot grant and refuse one use at once")


_KINDS: dict[str, type[np.generic]] = {
    "first": np.uint16,
    "second": np.uint16,
    "granted": np.uint64,
    "refused": np.uint64,
    "starts": np.int64,
    "held": np.uint64,
    "original": np.int64,
}


def _pieces(begin: int, end: int, size: int = _PIECE) -> Iterator[slice]:
    return (slice(low, min(low + size, end)) for low in range(begin, end, size))


class _Texts:
    """The texts as columns, and how the ground of a piece is computed from them.

    With many holdings and few texts, each pair of texts is first compiled into the one text that
    opens what both open: the algebra answers for a use on which nothing was said, for one granted
    and for one refused, and these three answers are all that a text can say. That halves the work.
    """

    def __init__(self, columns: Holdings) -> None:
        table = np.array(columns.texts, np.uint64).reshape(-1, 3)
        self._texts = Masks(*(np.ascontiguousarray(table[:, kind]) for kind in range(3)))
        self._known = len(table)
        self._columns = columns
        pays = self._known**2 <= min(len(columns.first), _MOST_PAIRS)
        self._pairs = self._compiled() if pays else None

    def _compiled(self) -> Masks[Words]:
        first = Masks(*(np.repeat(column, self._known) for column in self._texts))
        second = Masks(*(np.tile(column, self._known) for column in self._texts))
        none = np.zeros(self._known**2, np.uint64)
        every = np.full(self._known**2, ALL, np.uint64)
        return Masks(
            granted=ground(first, second, none, every),
            opt_out=ground(first, second, none, none),
            opt_in=ground(first, second, every, none),
        )

    def grounds(self, at: slice) -> Words:
        """Return the ground of each holding of a piece."""
        first, second = self._columns.first[at], self._columns.second[at]
        granted, refused = self._columns.granted[at], self._columns.refused[at]
        if self._pairs is None:
            texts = (_rows(self._texts, first), _rows(self._texts, second))
            return ground(*texts, granted, refused)
        pair = np.multiply(first, self._known, dtype=np.intp)
        pair += second
        return says(_rows(self._pairs, pair), granted, refused)


def _rows(texts: Masks[Words], numbers: npt.NDArray[np.integer]) -> Masks[Words]:
    """Return three columns of masks, one row per holding."""
    return Masks(*(column[numbers] for column in texts))


def recompute(columns: Holdings) -> Words:
    """Return the word of every recording [shape=(n,), uint64].

    Originals may be copies themselves: chains are followed until nothing changes.
    """
    n = len(columns.starts) - 1
    words = np.empty(n, np.uint64)
    texts = _Texts(columns)
    for at in _pieces(0, n):
        agreed = _agreed(columns, texts, at)
        every = np.broadcast_to(np.uint64(ALL), agreed.shape)
        words[at] = opened(agreed, columns.held[at], every)
    copies = np.flatnonzero(columns.original >= 0)
    while copies.size:
        masked = words[copies] & words[columns.original[copies]]
        if np.array_equal(masked, words[copies]):
            break
        words[copies] = masked
    return words


def _agreed(columns: Holdings, texts: _Texts, at: slice) -> Words:
    """Return the AND over the holders of some recordings; 0 where there is none."""
    starts, ends = columns.starts[at], columns.starts[at.start + 1 : at.stop + 1]
    begin, end = int(starts[0]), int(ends[-1])
    agreed = np.zeros(len(starts), np.uint64)
    if begin == end:
        return agreed
    grounds = np.empty(end - begin, np.uint64)
    for piece in _pieces(begin, end):
        grounds[piece.start - begin : piece.stop - begin] = texts.grounds(piece)
    owned = ends > starts
    # reduceat needs the start of non-empty runs only: an empty run would read its neighbour
    agreed[owned] = np.bitwise_and.reduceat(grounds, starts[owned] - begin)
    return agreed


def permitted(words: Words, uses: int) -> npt.NDArray[np.uint8]:
    """Return which recordings open all the uses, packed.

    Args:
        words: The word of every recording [shape=(n,), uint64].
        uses: What is asked for [60-bit word, not 0].

    Returns:
        One bit a recording, lowest first [shape=(ceil(n / 8),), uint8].

    Raises:
        BadStatement: No use is asked for, or one that the register lacks.
    """
    if not 0 < uses <= ALL:
        raise BadStatement("ask for at least one use, and only for those that the register has")
    n, wanted = len(words), np.uint64(uses)
    packed = np.empty((n + 7) // 8, np.uint8)
    both, equal = np.empty(min(n, _SCAN), np.uint64), np.empty(min(n, _SCAN), np.bool_)
    for at in _pieces(0, n, _SCAN):
        size = at.stop - at.start
        np.bitwise_and(words[at], wanted, out=both[:size])
        np.equal(both[:size], wanted, out=equal[:size])
        packed[at.start // 8 : (at.stop + 7) // 8] = np.packbits(equal[:size], bitorder="little")
    return packed
