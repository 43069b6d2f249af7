"""The peaks of a stream of spectra: where in time and pitch it is louder than all around.

They survive what is done to sound better than anything else in it, and are all that is kept of it.
"""

import numpy as np
import numpy.typing as npt

from assent.identity.compiled import compiled
from assent.identity.design import Design
from assent.identity.spectrum import Floats

__all__ = ["PEAK", "PeakFinder", "Peaks", "loudest"]

PEAK = np.dtype([("frame", "<f4"), ("band", "<f4"), ("level", "<f4"), ("dominant", "?")])
"""A peak: when [frames, between them], at which pitch [bands, between them], the natural logarithm
of its power, and whether it is one in the wider neighbourhood that the index asks for."""

Peaks = npt.NDArray[np.void]
"""Peaks by rising frame [shape=(n,), dtype=PEAK]."""


class PeakFinder:
    """Finds the peaks in frames while they pass; holds no more frames than a neighbourhood.

    Args:
        design: How.
    """

    def __init__(self, design: Design) -> None:
        self._design = design
        self._reach = design.peak_frames
        self._held = np.empty((0, design.bands), np.float32)
        self._first = 0  # number of the first frame that is held
        self._done = 0  # number of the first frame whose peaks were not given yet

    def add(self, powers: Floats) -> Peaks:
        """Take the next frames; return the peaks that are certain by now.

        Args:
            powers: [shape=(frames, bands)].
        """
        self._held = np.concatenate((self._held, powers))
        return self._found(len(self._held) - self._reach)

    def finish(self) -> Peaks:
        """Return the peaks near the end."""
        return self._found(len(self._held))

    def _found(self, until: int) -> Peaks:
        """Return peaks up to a frame that is held, and let go of what no peak needs any more."""
        start = self._done - self._first
        if until <= start:
            return np.empty(0, PEAK)
        design = self._design
        room = np.empty(((until - start) * design.bands // 12 + 64, 4), np.float64)
        count = _find(
            self._held,
            start,
            until,
            (design.asked_frames, design.asked_bands, design.peak_frames, design.peak_bands),
            np.float32(design.floor),
            room,
        )
        peaks = np.empty(count, PEAK)
        peaks["frame"] = room[:count, 0] + self._first
        peaks["band"] = room[:count, 1]
        peaks["level"] = room[:count, 2]
        peaks["dominant"] = room[:count, 3]
        self._done = self._first + until
        gone = max(until - self._reach, 0)
        self._held = self._held[gone:].copy()
        self._first += gone
        return peaks


def loudest(peaks: Peaks, per_s: int, design: Design) -> Peaks:
    """Return the loudest peaks of each second, by rising frame.

    Args:
        peaks: By rising frame.
        per_s: How many of a second.
        design: How they were found.
    """
    second = (peaks["frame"] / design.frames_per_s).astype(np.int64)
    order = np.lexsort((-peaks["level"], second))
    starts = np.flatnonzero(np.diff(second[order], prepend=-1))
    counts = np.diff(starts, append=len(peaks))
    rank = np.arange(len(peaks)) - np.repeat(starts, counts)
    kept = np.sort(order[rank < per_s])
    return peaks[kept]


@compiled
def _find(
    powers: Floats,
    start: int,
    until: int,
    reach: tuple[int, int, int, int],
    floor: np.float32,
    found: npt.NDArray[np.float64],
) -> int:
    """Find peaks in the frames from `start` to `until`; return how many there are."""
    near_frames, near_bands, far_frames, far_bands = reach
    count = 0
    last, top = powers.shape[0] - 1, powers.shape[1] - 1
    for frame in range(max(start, 1), min(until, last)):
        for band in range(1, top):
            value = powers[frame, band]
            # most are none already beside their neighbours; of equals the earliest is one
            if value <= floor or value <= powers[frame, band - 1]:
                continue
            if value < powers[frame, band + 1] or value <= powers[frame - 1, band]:
                continue
            if value < powers[frame + 1, band]:
                continue
            if not _is_loudest(powers, frame, band, near_frames, near_bands):
                continue
            if count >= found.shape[0]:
                return count
            dominant = _is_loudest(powers, frame, band, far_frames, far_bands)
            middle = np.log(value)
            before, after = (
                np.log(powers[frame - 1, band] + 1e-30),
                np.log(powers[frame + 1, band] + 1e-30),
            )
            below, above = (
                np.log(powers[frame, band - 1] + 1e-30),
                np.log(powers[frame, band + 1] + 1e-30),
            )
            found[count, 0] = frame + _vertex(before, middle, after)
            found[count, 1] = band + _vertex(below, middle, above)
            found[count, 2] = middle
            found[count, 3] = dominant
            count += 1
    return count


@compiled
def _is_loudest(powers: Floats, frame: int, band: int, frames: int, bands: int) -> bool:
    value = powers[frame, band]
    for other in range(max(frame - frames, 0), min(frame + frames + 1, powers.shape[0])):
        for at in range(max(band - bands, 0), min(band + bands + 1, powers.shape[1])):
            there = powers[other, at]
            if there > value:
                return False
            if there == value and (other < frame or (other == frame and at < band)):
                return False
    return True


@compiled
def _vertex(before: float, middle: float, after: float) -> float:
    """Return where a parabola through three values is highest [-0.5 to 0.5 from the middle]."""
    bend = before - 2 * middle + after
    if bend >= 0:
        return 0.0
    return min(max(0.5 * (before - after) / bend, -0.5), 0.5)
