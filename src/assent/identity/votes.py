"""Votes: which recordings, shifted and stretched how, most landmarks agree on.

Each hit says by itself how much higher the copy is, by which ratio it is slower, and so where in
the original the copy began. Hits of a true copy agree on all three; others are strewn about.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assent.identity.compiled import compiled
from assent.identity.scan import Hits

__all__ = ["Line", "lines"]

_MOST_LINES = 16
_COARSE = 64.0
"""To begin with, beginnings are told apart by so many frames: a second."""
_HIGHER = 1.5
"""Hits of one line are of one shift, but for so much [bands]: half a semitone."""
_AROUND = 1.75 * _COARSE
"""And begin so near each other, before it is known how long the copy is [frames]."""
_TIGHT = 2.5
"""Hits on one line are at most so far from it [frames]."""
_LOOSE = 3.0
"""The same while it is not yet laid well."""
_BENT = 0.02
"""A line that fits better by another slope than this is another line."""
_SKETCH = 1 << 18
"""Counters that hits are counted in before their cells: they fit into a processor's cache."""
_FULL = 60_000
_FEW, _LEAST = 2, 3
"""Fewer hits in a cell, or on a line, are none."""


class Line(NamedTuple):
    """A way in which what was asked for may lie over a track.

    Args:
        track: Which track of the segment.
        votes: How many frames of what was asked for have a landmark on it.
        ratio: The original's time over the copy's.
        offset: The frame in the track at which the copy's frame 0 would be.
        shift: How much higher the copy is [bands].
        start: The first frame of what was asked for that is on it.
        end: The last.
    """

    track: int
    votes: int
    ratio: float
    offset: float
    shift: float
    start: float
    end: float


def lines(hits: Hits, most: int = _MOST_LINES) -> list[Line]:
    """Return the lines with the most votes, the best first; at most one to a track and place.

    Args:
        hits: What was found in one segment.
        most: How many.
    """
    if not len(hits.track):
        return []
    cells = _best_cells(hits.track, hits.asked, hits.frame, hits.ratio, hits.shift, most * 2)
    if not len(cells):
        return []
    made = np.empty((len(cells), 7), np.float64)
    count = _fit(hits.track, hits.asked, hits.frame, hits.ratio, hits.shift, cells, made)
    found = [Line(int(row[0]), int(row[1]), *map(float, row[2:])) for row in made[:count]]
    return _distinct(sorted(found, key=lambda line: -line.votes))[:most]


def _distinct(found: list[Line]) -> list[Line]:
    """Drop lines that are another one once more."""
    kept: list[Line] = []
    for line in found:
        if not any(
            line.track == other.track
            and abs(line.shift - other.shift) < _HIGHER
            and abs(line.offset - other.offset) < _COARSE
            for other in kept
        ):
            kept.append(line)
    return kept


@compiled
def _hashed(key: np.int64) -> np.int64:
    """Return a key's bits, well mixed."""
    return (key * 0x9E3779B97F4A7C1) >> 20


@compiled
def _slot(keys: npt.NDArray[np.int64], key: np.int64) -> np.int64:
    """Return where a key is in a table, or the free place where it would be."""
    mask = len(keys) - 1
    at = _hashed(key) & mask
    while keys[at] != key and keys[at] != -1:
        at = (at + 1) & mask
    return at


@compiled
def _best_cells(  # likewise
    track: npt.NDArray[np.uint32],
    asked: npt.NDArray[np.float32],
    frame: npt.NDArray[np.float32],
    ratio: npt.NDArray[np.float32],
    shift: npt.NDArray[np.float32],
    most: int,
) -> npt.NDArray[np.int64]:
    """Return the fullest cells of track, shift and beginning, each with its neighbours."""
    cell = np.empty(len(track), np.int64)
    sketch = np.zeros(_SKETCH, np.uint16)
    for hit in range(len(track)):
        begins = int(np.floor((frame[hit] - ratio[hit] * asked[hit]) / _COARSE)) + 4096
        higher = int(np.floor(shift[hit] + 0.5)) + 64
        key = (np.int64(track[hit]) << 20) | (np.int64(higher) << 13) | np.int64(begins & 0x1FFF)
        cell[hit] = key
        at = _hashed(key) & (_SKETCH - 1)
        sketch[at] += np.uint16(sketch[at] < _FULL)
    # most cells have hits by accident only: a table of those that cannot have many is not needed
    usual = len(track) / _SKETCH
    least = max(_FEW, int(usual + 2 * np.sqrt(usual)))
    many = 0
    for hit in range(len(track)):
        if sketch[_hashed(cell[hit]) & (_SKETCH - 1)] >= least:
            cell[many] = cell[hit]
            many += 1
    size = 1024
    while size < 2 * many:
        size *= 2
    keys = np.full(size, -1, np.int64)
    counts = np.zeros(size, np.int32)
    for key in cell[:many]:
        at = _slot(keys, key)
        keys[at] = key
        counts[at] += 1
    best = np.full(most, -1, np.int64)
    sums = np.zeros(most, np.int32)
    fewest = 0
    for at in np.flatnonzero(counts >= _FEW):
        total = _around(keys, counts, keys[at])
        if total > sums[fewest]:
            sums[fewest] = total
            best[fewest] = keys[at]
            fewest = int(np.argmin(sums))
    return best[best >= 0]


@compiled
def _around(keys: npt.NDArray[np.int64], counts: npt.NDArray[np.int32], key: np.int64) -> int:
    """Return how many hits are in a cell and in those beside it."""
    total = 0
    for up in range(-1, 2):
        for on in range(-1, 2):
            beside = _slot(keys, key + (up << 13) + on)
            if keys[beside] != -1:
                total += int(counts[beside])
    return total


@compiled
def _fit(  # noqa: PLR0913, PLR0917  # a kernel takes arrays, no objects
    track: npt.NDArray[np.uint32],
    asked: npt.NDArray[np.float32],
    frame: npt.NDArray[np.float32],
    ratio: npt.NDArray[np.float32],
    shift: npt.NDArray[np.float32],
    cells: npt.NDArray[np.int64],
    made: npt.NDArray[np.float64],
) -> int:
    """Lay a line through the hits of each cell; return how many lines there are."""
    count = 0
    meant = np.zeros(max(int(track.max()), int(cells.max()) >> 20) + 1, np.bool_)
    for cell in cells:
        meant[cell >> 20] = True
    those = np.flatnonzero(meant[track])
    mine = np.empty(len(those), np.int64)
    for cell in cells:
        of, higher = cell >> 20, ((cell >> 13) & 127) - 64
        begins = ((cell & 0x1FFF) - 4096 + 0.5) * _COARSE
        many = 0
        for hit in those:
            if (
                track[hit] == of
                and abs(shift[hit] - higher) <= _HIGHER
                and abs(frame[hit] - ratio[hit] * asked[hit] - begins) <= _AROUND
            ):
                mine[many] = hit
                many += 1
        if many < _LEAST:
            continue
        some = mine[:many]
        slope, offset = _best_slope(asked[some], frame[some], ratio[some])
        for _ in range(2):
            slope, offset = _straight(asked[some], frame[some], slope, offset)
        near = np.abs(frame[some] - slope * asked[some] - offset) <= _TIGHT
        if near.sum() < _LEAST:
            continue
        made[count, 0] = of
        made[count, 1] = len(np.unique(asked[some][near]))
        made[count, 2] = slope
        made[count, 3] = offset
        made[count, 4] = shift[some][near].mean()
        made[count, 5] = asked[some][near].min()
        made[count, 6] = asked[some][near].max()
        count += 1
    return count


@compiled
def _best_slope(
    asked: npt.NDArray[np.float32],
    frame: npt.NDArray[np.float32],
    ratio: npt.NDArray[np.float32],
) -> tuple[float, float]:
    """Return slope and offset of the line with most hits near it.

    Slopes are half a percent apart around the usual ratio.
    """
    usual = float(np.median(ratio))
    best, slope, offset = 0, usual, 0.0
    for step in range(-10, 11):
        tried = usual * (1.0 + 0.005 * step)
        left = np.sort(frame - tried * asked)
        low = 0
        for high in range(len(left)):
            while left[high] - left[low] > 2 * _TIGHT:
                low += 1
            if high - low + 1 > best:
                best = high - low + 1
                slope, offset = tried, float(left[low : high + 1].mean())
    return slope, offset


@compiled
def _straight(
    asked: npt.NDArray[np.float32],
    frame: npt.NDArray[np.float32],
    slope: float,
    offset: float,
) -> tuple[float, float]:
    """Return the line through the hits near a line, by least squares."""
    near = np.abs(frame - slope * asked - offset) <= _LOOSE
    x, y = asked[near].astype(np.float64), frame[near].astype(np.float64)
    if len(x) < _LEAST:
        return slope, offset
    middle = x.mean()
    spread = ((x - middle) ** 2).sum()
    if spread < 1.0:
        return slope, offset
    fitted = ((x - middle) * (y - y.mean())).sum() / spread
    if abs(fitted / slope - 1.0) > _BENT:
        return slope, offset
    return fitted, y.mean() - fitted * middle
