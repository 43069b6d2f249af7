"""Landmarks: a peak and three of those that come next, by what no change of pitch or tempo moves.

The distances in pitch stay when all is shifted, and the ratios of times when all is stretched.
From them comes a key of 21 bits, a bucket; the rest of a landmark stands beside it.

    bucket   distance | distance | distance | ratio | ratio      5 + 5 + 5 + 3 + 3 bits
    posting  band | track | frame | span | what a bin leaves     8 + 20 + 18 + 8 + 10 bits

Postings of a bucket in rising order stand by rising band, so a window of pitch is one run of them.

Source: Sonnleitner and Widmer 2016 (see `design`); layout: docs/identity.md.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assent.identity.compiled import compiled
from assent.identity.design import Design
from assent.identity.peaks import Peaks

__all__ = [
    "BUCKETS",
    "MOST_FRAMES",
    "MOST_POSTINGS",
    "MOST_TRACKS",
    "Postings",
    "landmarks",
    "postings",
]

BUCKETS = 1 << 21
MOST_TRACKS = 1 << 20
"""In one segment of an index."""
MOST_POSTINGS = (1 << 32) - 1
"""In one segment: where a bucket begins is counted in 32 bits."""
MOST_FRAMES = 1 << 18
"""In one track of a segment: 70 minutes; what is longer is several."""

Landmarks = npt.NDArray[np.float32]
"""[shape=(n, 8)]: three distances [bands], two ratios, band, span [frames], frame."""


class Postings(NamedTuple):
    """Landmarks as the index holds them, not sorted.

    Args:
        buckets: Their keys [shape=(n,)].
        values: What stands beside [shape=(n,)].
    """

    buckets: npt.NDArray[np.uint32]
    values: npt.NDArray[np.uint64]


def landmarks(peaks: Peaks, fan: int, design: Design) -> Landmarks:
    """Return the landmarks of peaks.

    Args:
        peaks: By rising frame.
        fan: Of how many of the next peaks three are taken.
        design: How.
    """
    frames = np.ascontiguousarray(peaks["frame"])
    bands = np.ascontiguousarray(peaks["band"])
    order = np.lexsort((bands, frames))
    of_each = fan * (fan - 1) * (fan - 2) // 6
    room = np.empty((len(peaks) * of_each, 8), np.float32)
    limits = (design.nearest, design.farthest, design.reach)
    count = _landmarks(frames[order], bands[order], fan, limits, room)
    return room[:count]


@compiled
def _landmarks(
    frames: npt.NDArray[np.float32],
    bands: npt.NDArray[np.float32],
    fan: int,
    limits: tuple[int, int, int],
    made: Landmarks,
) -> int:
    count = 0
    near = np.empty(fan, np.int64)
    for first in range(len(frames)):
        many = _next(frames, bands, first, limits, near)
        for a in range(many):
            for b in range(a + 1, many):
                for c in range(b + 1, many):
                    span = frames[near[c]] - frames[first]
                    if span < 3 * limits[0]:
                        continue
                    made[count, 0] = bands[near[a]] - bands[first]
                    made[count, 1] = bands[near[b]] - bands[first]
                    made[count, 2] = bands[near[c]] - bands[first]
                    made[count, 3] = (frames[near[a]] - frames[first]) / span
                    made[count, 4] = (frames[near[b]] - frames[first]) / span
                    made[count, 5] = bands[first]
                    made[count, 6] = span
                    made[count, 7] = frames[first]
                    count += 1
    return count


@compiled
def _next(
    frames: npt.NDArray[np.float32],
    bands: npt.NDArray[np.float32],
    first: int,
    limits: tuple[int, int, int],
    near: npt.NDArray[np.int64],
) -> int:
    """Write down which peaks come next, not too near or far; return how many."""
    nearest, farthest, reach = limits
    many = 0
    for other in range(first + 1, len(frames)):
        away = frames[other] - frames[first]
        if away > farthest or many == len(near):
            break
        if away >= nearest and abs(bands[other] - bands[first]) <= reach:
            near[many] = other
            many += 1
    return many


def postings(made: Landmarks, track: int, first_frame: int, design: Design) -> Postings:
    """Return landmarks as postings of one track of a segment.

    Args:
        made: The landmarks.
        track: Which track it is in its segment.
        first_frame: The frame of the recording at which the track begins.
        design: How.
    """
    buckets = np.empty(len(made), np.uint32)
    values = np.empty(len(made), np.uint64)
    _postings(made, track, first_frame, (design.band_bin, design.ratio_bins), buckets, values)
    return Postings(buckets, values)


@compiled
def _postings(
    made: Landmarks,
    track: int,
    first_frame: int,
    bins: tuple[float, int],
    buckets: npt.NDArray[np.uint32],
    values: npt.NDArray[np.uint64],
) -> None:
    band_bin, ratio_bins = bins
    for at in range(len(made)):
        bucket, left = 0, 0
        for axis in range(3):
            scaled = made[at, axis] / band_bin + 16.0
            whole = min(max(int(np.floor(scaled + 0.5)), 0), 31)
            rest = min(max(int((scaled - whole + 0.5) * 4), 0), 3)
            bucket = (bucket << 5) | whole
            left = (left << 2) | rest
        for axis in range(3, 5):
            scaled = made[at, axis] * ratio_bins
            whole = min(max(int(scaled), 0), ratio_bins - 1)
            rest = min(max(int((scaled - whole) * 4), 0), 3)
            bucket = (bucket << 3) | whole
            left = (left << 2) | rest
        band = min(max(int(np.floor(made[at, 5] + 0.5)), 0), 255)
        # the last half frame of a track would be rounded up into the next
        frame = min(max(int(made[at, 7] + 0.5) - first_frame, 0), MOST_FRAMES - 1)
        value = np.uint64(band) << np.uint64(56)
        value |= np.uint64(track) << np.uint64(36)
        value |= np.uint64(frame) << np.uint64(18)
        value |= np.uint64(span_code(made[at, 6])) << np.uint64(10)
        buckets[at] = bucket
        values[at] = value | np.uint64(left)


@compiled
def span_code(span: float) -> int:
    """Return a span as 8 bits on a logarithmic scale from 8 to 82 frames: 0.9 % a step."""
    return min(max(int(np.log(span / 8.0) * (255 / np.log(82 / 8.0)) + 0.5), 0), 255)


@compiled
def span_of(code: int) -> float:
    """Return the span that a code stands for [frames]."""
    return float(8.0 * np.exp(code * (np.log(82 / 8.0) / 255)))
