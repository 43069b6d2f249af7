"""A segment of an index as large as wanted, of landmarks drawn from real ones and moved a little.

Each is a landmark of the music that it is drawn from, with its distances moved by up to two bands,
its ratios by up to a twentieth and its pitch by up to four bands, at a time and in a recording of
chance. So buckets are as crowded as they would be with as much music of that kind.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from assent.identity.compiled import compiled
from assent.identity.design import Design
from assent.identity.landmarks import BUCKETS, Landmarks, span_code

__all__ = ["bootstrap"]

_RECORDING_S = 200.0
_SEED = 88_172_645_463_325_252


def bootstrap(folder: Path, real: Landmarks, hours: float, per_s: float, design: Design) -> int:
    """Write a segment of so many hours; return how many landmarks it has.

    Args:
        folder: Where; made.
        real: Landmarks of real music, as the index has them.
        hours: How much music it stands for [hours].
        per_s: How many landmarks a second of music has.
        design: How they were made.
    """
    folder.mkdir()
    count, recordings = int(hours * 3600 * per_s), max(int(hours * 3600 / _RECORDING_S), 1)
    frames = int(_RECORDING_S * design.frames_per_s)
    sizes = (design.band_bin, design.ratio_bins, design.bands, recordings, frames)
    counts = np.zeros(BUCKETS, np.int64)
    _count(real, count, sizes, counts)
    starts = np.zeros(BUCKETS + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    values = np.memmap(folder / "postings.u64", np.uint64, "w+", shape=(count,))
    _fill(real, count, sizes, starts[:-1].copy(), values)
    _sort(starts, values)
    values.flush()
    np.append(starts, recordings).astype(np.uint32).tofile(folder / "starts.u32")
    tracks = np.zeros((recordings, 2), np.uint32)
    tracks[:, 0] = np.arange(recordings)
    tracks.tofile(folder / "tracks.u32")
    return count


_Sizes = tuple[float, int, int, int, int]
"""Bands to a bin, bins of a ratio, bands, recordings, and frames of each."""


@compiled
def _next(state: np.uint64) -> np.uint64:
    """Return the next state of a generator (Marsaglia, "Xorshift RNGs", 2003)."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    return state ^ (state << np.uint64(17))


@compiled
def _about(state: np.uint64, by: float) -> float:
    """Return a number between -by and by."""
    return (float(state >> np.uint64(40)) / 8_388_608.0 - 1.0) * by


@compiled
def _made(
    one: npt.NDArray[np.float32], sizes: _Sizes, state: np.uint64
) -> tuple[int, np.uint64, np.uint64]:
    """Return bucket and posting of a landmark that is moved a little, and the next state."""
    band_bin, ratio_bins, bands, recordings, frames = sizes
    bucket, left = 0, 0
    for axis in range(3):
        state = _next(state)
        scaled = (one[axis] + _about(state, 2.0)) / band_bin + 16.5
        scaled = min(max(scaled, 0.0), 31.99)
        bucket = (bucket << 5) | int(scaled)
        left = (left << 2) | int((scaled - int(scaled)) * 4)
    for axis in range(3, 5):
        state = _next(state)
        scaled = min(max(one[axis] + _about(state, 0.05), 0.0), 0.999) * ratio_bins
        bucket = (bucket << 3) | int(scaled)
        left = (left << 2) | int((scaled - int(scaled)) * 4)
    state = _next(state)
    band = min(max(int(one[5] + _about(state, 4.0)), 0), bands - 1)
    state = _next(state)
    track = int((state >> np.uint64(20)) % np.uint64(recordings))
    state = _next(state)
    frame = int((state >> np.uint64(20)) % np.uint64(frames))
    value = (np.uint64(band) << np.uint64(56)) | (np.uint64(track) << np.uint64(36))
    value |= (np.uint64(frame) << np.uint64(18)) | (np.uint64(span_code(one[6])) << np.uint64(10))
    return bucket, value | np.uint64(left), state


@compiled
def _count(real: Landmarks, count: int, sizes: _Sizes, counts: npt.NDArray[np.int64]) -> None:
    state = np.uint64(_SEED)
    for at in range(count):
        bucket, _, state = _made(real[at % len(real)], sizes, state)
        counts[bucket] += 1


@compiled
def _fill(
    real: Landmarks,
    count: int,
    sizes: _Sizes,
    places: npt.NDArray[np.int64],
    values: npt.NDArray[np.uint64],
) -> None:
    """Draw the same landmarks again, each to its bucket."""
    state = np.uint64(_SEED)
    for at in range(count):
        bucket, value, state = _made(real[at % len(real)], sizes, state)
        values[places[bucket]] = value
        places[bucket] += 1


@compiled
def _sort(starts: npt.NDArray[np.int64], values: npt.NDArray[np.uint64]) -> None:
    for bucket in range(len(starts) - 1):
        if starts[bucket + 1] - starts[bucket] > 1:
            values[starts[bucket] : starts[bucket + 1]] = np.sort(
                values[starts[bucket] : starts[bucket + 1]]
            )
