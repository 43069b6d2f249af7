"""Looking landmarks up in one segment: every posting that may be the same landmark, changed.

Bins are wide, so that few of them need to be looked at; what they let through too much, the bits
that each bin leaves out of the key take away again.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assent.identity.compiled import compiled
from assent.identity.design import Design
from assent.identity.landmarks import Landmarks, span_of

__all__ = ["Hits", "Window", "scan"]


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


_BAND_SLACK = 0.85
"""How far a distance in pitch may be off [bands], for a peak's place is not exact."""
_RATIO_SLACK = 0.03
"""How far a ratio of times may be off."""
_ROOM = 1 << 18
_MOST_PROBES = 3**5
"""No axis has more than three bins within its slack."""


def scan(
    asked: Landmarks,
    starts: npt.NDArray[np.uint32],
    values: npt.NDArray[np.uint64],
    window: Window,
    design: Design,
) -> Hits:
    """Return the postings that may be the landmarks asked for.

    Args:
        asked: The landmarks.
        starts: Where the postings of each bucket begin [shape=(BUCKETS + 1,)].
        values: The postings, by bucket, each by rising value.
        window: How much a copy may differ.
        design: How both were made.
    """
    limits = (
        window.bands,
        window.least,
        window.most,
        design.band_bin,
        float(design.ratio_bins),
        _BAND_SLACK / design.band_bin,
        _RATIO_SLACK * design.ratio_bins,
    )
    room = _ROOM
    while True:
        found = np.empty((room, 5), np.float32)
        count = _scan(asked, starts, values, limits, found)
        if count <= room:
            columns = [np.ascontiguousarray(column) for column in found[:count].T]
            return Hits(columns[0].view(np.uint32), *columns[1:])
        room = count


@compiled
def _scan(
    asked: Landmarks,
    starts: npt.NDArray[np.uint32],
    values: npt.NDArray[np.uint64],
    limits: tuple[float, float, float, float, float, float, float],
    found: npt.NDArray[np.float32],
) -> int:
    """Write down what is found, as far as there is room; return how much there is."""
    probes = np.empty((_MOST_PROBES, 5), np.int64)
    place = np.empty(5, np.float64)
    shift, _, _, band_bin, ratio_bins, slack, thin = limits
    count = 0
    for one in asked:
        place[:3] = one[:3] / band_bin + 16.5
        place[3:] = one[3:5] * ratio_bins
        many = _probes(place, slack, thin, int(ratio_bins), probes)
        lowest = np.uint64(max(int(np.ceil(one[5] - shift)), 0)) << np.uint64(56)
        for probe in probes[:many]:
            bucket = (((probe[0] << 5 | probe[1]) << 5 | probe[2]) << 3 | probe[3]) << 3 | probe[4]
            at, end = int(starts[bucket]), int(starts[bucket + 1])
            at += int(np.searchsorted(values[at:end], lowest))
            count = _run(one, place - probe, values[at:end], limits, found, count)
    return count


@compiled
def _probes(
    place: npt.NDArray[np.float64],
    slack: float,
    thin: float,
    ratio_bins: int,
    probes: npt.NDArray[np.int64],
) -> int:
    """Write down which bins, one of each axis, are near a place; return how many such there are.

    Bins are one wide, and begin at whole numbers.
    """
    count = 1
    for axis in range(5):
        near, top = (slack, 31) if axis < 3 else (thin, ratio_bins - 1)  # noqa: PLR2004  # distances, then ratios
        low = max(int(np.floor(place[axis] - near)), 0)
        high = min(int(np.floor(place[axis] + near)), top)
        if high < low:
            return 0
        more = count
        for whole in range(low + 1, high + 1):
            for row in range(count):
                probes[more] = probes[row]
                probes[more, axis] = whole
                more += 1
        probes[:count, axis] = low
        count = more
    return count


@compiled
def _run(  # all of it is at hand; a kernel takes no objects
    one: npt.NDArray[np.float32],
    within: npt.NDArray[np.float64],
    values: npt.NDArray[np.uint64],
    limits: tuple[float, float, float, float, float, float, float],
    found: npt.NDArray[np.float32],
    count: int,
) -> int:
    """Look at the postings of a bucket from the lowest band on, and write down what is near."""
    shift, least, most, _, _, slack, thin = limits
    tracks = found.view(np.uint32)
    for value in values:
        band = int(value >> np.uint64(56))
        if band > one[5] + shift:
            break
        if not _is_near(int(value & np.uint64(1023)), within, slack + 0.125, thin + 0.125):
            continue
        ratio = span_of(int((value >> np.uint64(10)) & np.uint64(255))) / one[6]
        if ratio < least or ratio > most:
            continue
        if count < len(found):
            tracks[count, 0] = np.uint32((value >> np.uint64(36)) & np.uint64(0xFFFFF))
            found[count, 1] = one[7]
            found[count, 2] = np.float32((value >> np.uint64(18)) & np.uint64(0x3FFFF))
            found[count, 3] = ratio
            found[count, 4] = one[5] - band
        count += 1
    return count


@compiled
def _is_near(left: int, within: npt.NDArray[np.float64], slack: float, thin: float) -> bool:
    """Say whether what the bins left over, in quarters of a bin, is near the place asked for.

    The slacks have room for half a quarter: so far is what is in one from its middle.
    """
    for axis in range(5):
        quarter = ((left >> (8 - 2 * axis)) & 3) * 0.25 + 0.125
        if abs(quarter - within[axis]) > (slack if axis < 3 else thin):  # noqa: PLR2004  # as above
            return False
    return True
