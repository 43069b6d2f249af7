"""Looking landmarks up in one segment: every posting that may be the same landmark, changed.

Bins are wide, so that few of them need to be looked at; what they let through too much, the bits
that each bin leaves out of the key take away again. A segment is larger than any cache, so all the
bins of one landmark are asked for at once, each where its postings of that pitch should begin.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assent.identity.compiled import compiled
from assent.identity.design import Design
from assent.identity.landmarks import Landmarks, span_of

__all__ = ["Hits", "Window", "crowds", "joined", "scan", "within"]


class Window(NamedTuple):
    """How much a copy may differ.

    Args:
        bands: In pitch, up or down [bands].
        least: The least ratio of tempi, the original's time over the copy's.
        most: The greatest.
    """

    bands: float
    least: float
    most: float


class Hits(NamedTuple):
    """Postings that may be landmarks of what was asked for; one to a place in each array.

    Args:
        track: In which track of the segment.
        asked: The frame at which the landmark was in what was asked for.
        frame: The frame in the track.
        ratio: The original's span over the copy's.
        shift: How much higher the copy is [bands].
    """

    track: npt.NDArray[np.uint32]
    asked: npt.NDArray[np.float32]
    frame: npt.NDArray[np.float32]
    ratio: npt.NDArray[np.float32]
    shift: npt.NDArray[np.float32]


_Places = npt.NDArray[np.int64]
_BAND_SLACK = 0.85
"""How far a distance in pitch may be off [bands], for a peak's place is not exact."""
_RATIO_SLACK = 0.03
"""How far a ratio of times may be off."""
_ROOM = 1 << 22
_MOST_PROBES = 3**5
"""No axis has more than three bins within its slack."""
_AT_ONCE = 256
_BANDS = 256
_CODES = 256


def joined(some: Sequence[Hits], frames: Sequence[float] | None = None) -> Hits:
    """Return hits of one segment together.

    Args:
        some: Hits.
        frames: By how much each was asked for later than the first [frames].
    """
    later = frames or [0.0] * len(some)
    asked = [one.asked + np.float32(by) for one, by in zip(some, later, strict=True)]
    return Hits(
        track=np.concatenate([one.track for one in some]),
        asked=np.concatenate(asked),
        frame=np.concatenate([one.frame for one in some]),
        ratio=np.concatenate([one.ratio for one in some]),
        shift=np.concatenate([one.shift for one in some]),
    )


def within(hits: Hits, window: Window) -> Hits:
    """Return those hits that a narrower window would have found."""
    few = np.abs(hits.shift) <= window.bands
    few &= (hits.ratio >= window.least) & (hits.ratio <= window.most)
    return Hits(hits.track[few], hits.asked[few], hits.frame[few], hits.ratio[few], hits.shift[few])


def crowds(asked: Landmarks, starts: npt.NDArray[np.uint32], design: Design) -> _Places:
    """Return how many postings are in the buckets of each landmark, of whatever pitch [shape=(n,)].

    The crowded ones cost most to look up, and tell least.
    """
    counts = np.empty(len(asked), np.int64)
    _crowds(asked, starts, _sizes(design), counts)
    return counts


def scan(
    asked: Landmarks,
    starts: npt.NDArray[np.uint32],
    values: npt.NDArray[np.uint64],
    windows: tuple[Window, Window],
    far: npt.NDArray[np.bool_],
    design: Design,
) -> Hits:
    """Return the postings that may be the landmarks asked for.

    Args:
        asked: The landmarks.
        starts: Where the postings of each bucket begin [shape=(BUCKETS + 1,)].
        values: The postings, by bucket, each by rising value.
        windows: How much a copy may differ: a narrow one, and a wide one.
        far: Which landmarks are looked for in the wide one [shape=(n,)].
        design: How both were made.
    """
    limits = np.array(windows, np.float64)
    # how many peaks are below a band: about so in the index, too, so a run begins near there
    share = np.searchsorted(np.sort(asked[:, 5]), np.arange(_BANDS)) / max(len(asked), 1)
    room = _ROOM
    while True:
        found = np.empty((room, 5), np.float32)
        count = _scan(asked, far, starts, values, limits, _sizes(design), share, found)
        if count <= room:
            columns = [np.ascontiguousarray(column) for column in found[:count].T]
            return Hits(columns[0].view(np.uint32), *columns[1:])
        room = count


_Sizes = tuple[float, float, float, float]
"""Of a bin of distances [bands]; how many bins of ratios; and how many bins either may be off."""


def _sizes(design: Design) -> _Sizes:
    bins = float(design.ratio_bins)
    return design.band_bin, bins, _BAND_SLACK / design.band_bin, _RATIO_SLACK * bins


@compiled
def _crowds(
    asked: Landmarks, starts: npt.NDArray[np.uint32], sizes: _Sizes, counts: _Places
) -> None:
    buckets, masks = np.empty(_MOST_PROBES, np.int64), np.empty(_MOST_PROBES, np.int64)
    for at in range(len(asked)):
        counts[at] = 0
        for bucket in buckets[: _probes(asked[at], sizes, buckets, masks)]:
            first, end = _ends(starts, bucket)
            counts[at] += end - first


@compiled
def _scan(  # noqa: PLR0913, PLR0917  # a kernel takes arrays, no objects
    asked: Landmarks,
    far: npt.NDArray[np.bool_],
    starts: npt.NDArray[np.uint32],
    values: npt.NDArray[np.uint64],
    limits: npt.NDArray[np.float64],
    sizes: _Sizes,
    share: npt.NDArray[np.float64],
    found: npt.NDArray[np.float32],
) -> int:
    """Write down what is found, as far as there is room; return how much there is."""
    buckets, masks = np.empty(_MOST_PROBES, np.int64), np.empty(_MOST_PROBES, np.int64)
    firsts, ends = np.empty(_MOST_PROBES, np.int64), np.empty(_MOST_PROBES, np.int64)
    guesses, there = np.empty(_MOST_PROBES, np.int64), np.empty(_MOST_PROBES, np.uint64)
    near = np.empty(_AT_ONCE, np.uint8)
    spans = np.array([span_of(code) for code in range(_CODES)])
    tracks = found.view(np.uint32)
    count = 0
    for at in range(len(asked)):
        one = asked[at]
        shift, least, most = limits[1 if far[at] else 0]
        low = min(max(int(np.ceil(one[5] - shift)), 0), _BANDS - 1)
        lowest = np.uint64(low) << np.uint64(56)
        high = int(np.floor(one[5] + shift)) + 1
        if high <= low:
            continue
        # beyond the last band there is nothing: 255 with all bits below it set
        beyond = np.uint64(min(high, _BANDS - 1)) << np.uint64(56)
        shortest = int(np.searchsorted(spans, one[6] * least))
        codes = shortest, int(np.searchsorted(spans, one[6] * most, "right"))
        many = _probes(one, sizes, buckets, masks)
        met = 0
        for probe in range(many):  # no load waits for another
            first, end = _ends(starts, buckets[probe])
            if first < end:
                firsts[met], ends[met], masks[met] = first, end, masks[probe]
                guesses[met] = min(first + int(share[low] * (end - first)), end - 1)
                there[met] = values[guesses[met]]
                met += 1
        for probe in range(met):
            first, end = firsts[probe], ends[probe]
            if there[probe] < lowest:
                first = _rising(values, guesses[probe], end, lowest)
            else:
                first = _falling(values, first, guesses[probe], lowest)
            end = _rising(values, first, end, beyond)
            for beginning in range(first, end, _AT_ONCE):
                some = beginning, min(beginning + _AT_ONCE, end)
                _compare(values, some, masks[probe], codes, near)
                count = _write(values, some, near, one, spans, tracks, found, count)
    return count


@compiled
def _ends(starts: npt.NDArray[np.uint32], bucket: int) -> tuple[int, int]:
    """Return where the postings of a bucket begin and end."""
    return int(np.int64(starts[bucket])), int(np.int64(starts[bucket + 1]))


@compiled
def _between(values: npt.NDArray[np.uint64], low: int, high: int, key: np.uint64) -> int:
    """Return the first place from `low` on whose value is not less than a key, or `high`."""
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _rising(values: npt.NDArray[np.uint64], first: int, end: int, key: np.uint64) -> int:
    """Return the first place from `first` on whose value is not less than a key, or the end."""
    step, low = 8, first
    while low + step < end and values[low + step] < key:
        low += step
        step *= 2
    return _between(values, low, min(low + step, end), key)


@compiled
def _falling(values: npt.NDArray[np.uint64], first: int, known: int, key: np.uint64) -> int:
    """Return the first place whose value is not less than a key, where `known` is one."""
    step, high = 8, known
    while high - step > first and values[high - step] >= key:
        high -= step
        step *= 2
    return _between(values, max(high - step, first), high, key)


@compiled
def _probes(one: npt.NDArray[np.float32], sizes: _Sizes, buckets: _Places, masks: _Places) -> int:
    """Write down which buckets a landmark may be in; return how many.

    A mask has four bits for each of the five axes: which quarters of the bin are near.
    """
    band_bin, ratio_bins, slack, thin = sizes
    buckets[0], masks[0] = 0, 0
    count = 1
    for axis in range(5):
        if axis < 3:  # noqa: PLR2004  # distances, then ratios
            place, near, bits, top = float(one[axis]) / band_bin + 16.5, slack, 5, 31
        else:
            place, near, bits, top = float(one[axis]) * ratio_bins, thin, 3, int(ratio_bins) - 1
        low = max(int(np.floor(place - near)), 0)
        high = min(int(np.floor(place + near)), top)
        if high < low:
            return 0
        more = count * (high - low + 1)
        for row in range(more - 1, -1, -1):  # from the end: each comes from a row before it
            whole = low + row // count
            # what is in a quarter is up to half of one from its middle
            mask = _quarters(place - whole, near + 0.125)
            buckets[row] = (buckets[row % count] << bits) | whole
            masks[row] = masks[row % count] | (mask << (4 * axis))
        count = more
    return count


@compiled
def _quarters(place: float, near: float) -> int:
    """Return which quarters of a bin, one wide and beginning at 0, are near a place, as bits."""
    mask = 0
    for quarter in range(4):
        if abs(quarter * 0.25 + 0.125 - place) <= near:
            mask |= 1 << quarter
    return mask


@compiled
def _compare(
    values: npt.NDArray[np.uint64],
    some: tuple[int, int],
    mask: int,
    codes: tuple[int, int],
    near: npt.NDArray[np.uint8],
) -> None:
    """Say of each posting whether what its bins left over is near on every axis, and its span."""
    bits, three = np.uint64(mask), np.uint64(3)
    first, second, third = bits & np.uint64(15), bits >> np.uint64(4), bits >> np.uint64(8)
    fourth, fifth = bits >> np.uint64(12), bits >> np.uint64(16)
    shortest, longer = np.uint64(codes[0]), np.uint64(codes[1])
    for at in range(some[1] - some[0]):
        value = values[some[0] + at]
        is_near = (
            (first >> ((value >> np.uint64(8)) & three))
            & (second >> ((value >> np.uint64(6)) & three))
            & (third >> ((value >> np.uint64(4)) & three))
            & (fourth >> ((value >> np.uint64(2)) & three))
            & (fifth >> (value & three))
            & np.uint64(1)
        )
        span = (value >> np.uint64(10)) & np.uint64(255)
        near[at] = np.uint8(is_near) & np.uint8(span >= shortest) & np.uint8(span < longer)


@compiled
def _write(  # noqa: PLR0913, PLR0917  # as above
    values: npt.NDArray[np.uint64],
    some: tuple[int, int],
    near: npt.NDArray[np.uint8],
    one: npt.NDArray[np.float32],
    spans: npt.NDArray[np.float64],
    tracks: npt.NDArray[np.uint32],
    found: npt.NDArray[np.float32],
    count: int,
) -> int:
    """Write the postings down that are near; return how many there are now."""
    for at in range(some[1] - some[0]):
        if not near[at]:
            continue
        value = values[some[0] + at]
        if count < len(found):
            tracks[count, 0] = np.uint32((value >> np.uint64(36)) & np.uint64(0xFFFFF))
            found[count, 1] = one[7]
            found[count, 2] = np.float32((value >> np.uint64(18)) & np.uint64(0x3FFFF))
            found[count, 3] = spans[int((value >> np.uint64(10)) & np.uint64(255))] / one[6]
            found[count, 4] = one[5] - int(value >> np.uint64(56))
        count += 1
    return count
