"""The algebra over columns: the words of all recordings, and which of them a program may use.

Works through its input in pieces that fit the processor's cache, so the memory it needs on top
of the columns is the same for a thousand recordings as for a hundred million.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assent.permission.algebra import Masks, Words, ground, opened
from assent.permission.uses import ALL

__all__ = ["Holdings", "permitted", "recompute"]

_PIECE = 1 << 16
"""Entries per piece: 512 KiB of words; fastest of 2**12 to 2**18 when measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Who holds what, and what they said, as columns; recording `i` owns `starts[i]:starts[i+1]`.

    Args:
        texts: Every text by number; number 0 is the silent one.
        first: Number of the terms accepted, or of the agreement [shape=(n_holdings,), uint16].
        second: Number of the terms in force, or of the agreement [like `first`].
        granted: What the holder granted [shape=(n_holdings,), uint64].
        refused: What the holder refused [shape=(n_holdings,), uint64].
        starts: First holding of each recording, and the end [shape=(n + 1,), int64, rising].
        held: What holds switch off [shape=(n,), uint64].
        original: Row of what it is a copy of, or -1 [shape=(n,), int64].
    """

    texts: Sequence[Masks[int]]
    first: npt.NDArray[np.uint16]
    second: npt.NDArray[np.uint16]
    granted: Words
    refused: Words
    starts: npt.NDArray[np.int64]
    held: Words
    original: npt.NDArray[np.int64]


def recompute(columns: Holdings) -> Words:
    """Return the word of every recording [shape=(n,), uint64].

    Originals may be copies themselves: chains are followed until nothing changes.
    """
    n = len(columns.starts) - 1
    words = np.empty(n, np.uint64)
    table = np.array(columns.texts, np.uint64).reshape(-1, 3)
    for low in range(0, n, _PIECE):
        high = min(low + _PIECE, n)
        agreed = _agreed(columns, table, low, high)
        every = np.broadcast_to(np.uint64(ALL), agreed.shape)
        words[low:high] = opened(agreed, columns.held[low:high], every)
    copies = np.flatnonzero(columns.original >= 0)
    while copies.size:
        masked = words[copies] & words[columns.original[copies]]
        if np.array_equal(masked, words[copies]):
            break
        words[copies] = masked
    return words


def _agreed(columns: Holdings, table: npt.NDArray[np.uint64], low: int, high: int) -> Words:
    """Return the AND over the holders of recordings `low` to `high`; 0 where there is none."""
    begin, end = int(columns.starts[low]), int(columns.starts[high])
    agreed = np.zeros(high - low, np.uint64)
    if begin == end:
        return agreed
    grounds = np.concatenate(
        [_grounds(columns, table, at, min(at + _PIECE, end)) for at in range(begin, end, _PIECE)]
    )
    starts = columns.starts[low:high] - begin
    owned = columns.starts[low + 1 : high + 1] > columns.starts[low:high]
    # reduceat needs the start of non-empty runs only: an empty run would read its neighbour
    agreed[owned] = np.bitwise_and.reduceat(grounds, starts[owned])
    return agreed


def _grounds(columns: Holdings, table: npt.NDArray[np.uint64], low: int, high: int) -> Words:
    first, second = columns.first[low:high], columns.second[low:high]
    return ground(
        _rows(table, first),
        _rows(table, second),
        columns.granted[low:high],
        columns.refused[low:high],
    )


def _rows(table: npt.NDArray[np.uint64], numbers: npt.NDArray[np.uint16]) -> Masks[Words]:
    """Return three columns of masks, one row per holding."""
    return Masks(*(np.take(table[:, column], numbers) for column in range(3)))


def permitted(words: Words, uses: int) -> npt.NDArray[np.uint8]:
    """Return which recordings open all the uses, packed.

    Args:
        words: The word of every recording [shape=(n,), uint64].
        uses: What is asked for [60-bit word, not 0].

    Returns:
        One bit a recording, lowest first [shape=(ceil(n / 8),), uint8].
    """
    n, wanted = len(words), np.uint64(uses)
    packed = np.empty((n + 7) // 8, np.uint8)
    both, equal = np.empty(_PIECE, np.uint64), np.empty(_PIECE, np.bool_)
    for low in range(0, n, _PIECE):
        size = min(_PIECE, n - low)
        np.bitwise_and(words[low : low + size], wanted, out=both[:size])
        np.equal(both[:size], wanted, out=equal[:size])
        packed[low // 8 : (low + size + 7) // 8] = np.packbits(equal[:size], bitorder="little")
    return packed
