"""The highest point that the sound reaches between its samples.

The signal is interpolated at three points between each two samples (four times oversampling)
with a Kaiser-windowed sinc of 24 taps a point; the samples themselves are the fourth. Exact and
yet cheap: a stretch of 16 samples is interpolated only if the highest sample near it, times the
most that the filter can add, exceeds the highest point so far.

Touches no file; knows nothing of loudness.

Source: ITU-R BS.1770-4, Annex 2 (the method; its filter is an example, ours is longer and
passes the samples unchanged).
"""

import math

import numpy as np
import numpy.typing as npt

from assent.sound.block import BLOCK_FRAMES, Block

__all__ = ["OVERSAMPLING", "TruePeak", "interpolator"]

OVERSAMPLING = 4
_TAPS = 24  # samples that one interpolated point depends on
_BEFORE = _TAPS // 2 - 1  # of them before the sample that the point follows
_BETA = 7.0  # Kaiser: stop band 70 dB down

_STRETCH = 16
_WINDOW = _STRETCH + _TAPS - 1  # samples that one stretch of points depends on
_NEIGHBOURS = -(-_WINDOW // _STRETCH)  # stretches that those samples lie in
# rows of one matrix product: small enough that the library does not share it out over cores,
# which for so little work costs more than it gains
_ROWS = 128


def interpolator() -> npt.NDArray[np.float64]:
    """Return the filter of each point between two samples.

    Returns:
        Taps [shape=(OVERSAMPLING - 1, 24), float64]; each row sums to one.
    """
    point = np.arange(1, OVERSAMPLING)[:, None] / OVERSAMPLING
    distance = point - (np.arange(_TAPS) - _BEFORE)[None, :]
    half = _TAPS / 2
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, None))) / np.i0(_BETA)
    taps = np.sinc(distance) * window
    return np.asarray(taps / taps.sum(axis=1, keepdims=True))


def _stretch_matrix() -> npt.NDArray[np.float32]:
    """Return the points of one stretch as a linear map of the samples that they depend on."""
    taps = interpolator()
    matrix = np.zeros((_WINDOW, _STRETCH, len(taps)))
    for at in range(_STRETCH):
        matrix[at : at + _TAPS, at] = taps.T
    return matrix.reshape(_WINDOW, -1).astype(np.float32)


_MATRIX = _stretch_matrix()
_MOST_GAIN = float(np.abs(interpolator()).sum(axis=1).max())


class TruePeak:
    """The running true peak of a stream of blocks.

    Args:
        channels: Number of channels.
    """

    def __init__(self, channels: int) -> None:
        self._highest = 0.0
        # scratch that stays: fresh memory for every block would cost more than the arithmetic
        self._samples = np.zeros((channels, BLOCK_FRAMES + _WINDOW), np.float32)
        self._level = np.empty_like(self._samples)
        # samples that later points still depend on; silence stands before the beginning, and
        # the points between it and the first sample count
        self._waiting = _TAPS - 1

    def add(self, block: Block) -> None:
        """Take the next samples.

        Args:
            block: Samples [shape=(channels, n), float32].
        """
        for start in range(0, block.shape[1], BLOCK_FRAMES):
            piece = block[:, start : start + BLOCK_FRAMES]
            end = self._waiting + piece.shape[1]
            samples = self._samples[:, :end]
            samples[:, self._waiting :] = piece
            stretches = max(0, end - (_TAPS - 1)) // _STRETCH
            level = np.abs(samples, out=self._level[:, :end])
            self._highest = _highest(samples, level, stretches, self._highest)
            self._waiting = end - stretches * _STRETCH
            samples[:, : self._waiting] = samples[:, stretches * _STRETCH :].copy()

    def linear(self) -> float:
        """Return the highest point so far, full scale being 1.0; the stream may go on."""
        # silence stands after the end too, so the last points fade into zeros
        samples = np.zeros((len(self._samples), 3 * _WINDOW), np.float32)
        samples[:, : self._waiting] = self._samples[:, : self._waiting]
        stretches = -(-self._waiting // _STRETCH)
        return _highest(samples, np.abs(samples), stretches, self._highest)

    def dbtp(self) -> float | None:
        """Return the highest point so far [dBTP], None for silence."""
        highest = self.linear()
        return 20 * math.log10(highest) if highest > 0 else None


def _highest(samples: Block, level: Block, stretches: int, bar: float) -> float:
    """Return the highest point of the stretches and their samples, or the bar if that is more.

    Args:
        samples: Samples [shape=(channels, n), float32], n at least `stretches * 16 + 23`.
        level: Their magnitudes [like `samples`].
        stretches: How many stretches of points are wanted.
        bar: The highest point so far.
    """
    bar = max(bar, float(level.max()))
    if bar == 0.0 or stretches == 0:
        return bar
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW, axis=1)[:, ::_STRETCH]
    # the highest sample most often has the highest point beside it: try there, to raise the bar
    for row, top in zip(windows, level.argmax(axis=1) // _STRETCH, strict=True):
        bar = _interpolated(row, np.arange(max(0, top - _NEIGHBOURS + 1), top + 1), bar)
    # a point above the bar has a sample above this among those that it depends on
    high = np.zeros((len(level), (stretches + _NEIGHBOURS - 1) * _STRETCH), np.bool_)
    seen = min(high.shape[1], level.shape[1])
    np.greater(level[:, :seen], bar / _MOST_GAIN, out=high[:, :seen])
    halves = high.view(np.uint64)  # 8 flags a word: one stretch is two words
    hit = (halves[:, ::2] | halves[:, 1::2]) != 0
    able = hit[:, :stretches].copy()
    for shift in range(1, _NEIGHBOURS):
        able |= hit[:, shift : shift + stretches]
    for row, chosen in zip(windows, able, strict=True):
        bar = _interpolated(row, np.flatnonzero(chosen), bar)
    return bar


def _interpolated(windows: Block, chosen: npt.NDArray[np.intp], bar: float) -> float:
    """Return the highest point of some stretches of one channel, or the bar if that is more.

    Args:
        windows: The samples that each stretch depends on [shape=(n, 39), float32].
        chosen: Which stretches; beyond the last there is nothing.
        bar: The highest point so far.
    """
    chosen = chosen[chosen < len(windows)]
    for start in range(0, chosen.size, _ROWS):
        points = windows[chosen[start : start + _ROWS]] @ _MATRIX
        bar = max(bar, float(points.max()), -float(points.min()))
    return bar
