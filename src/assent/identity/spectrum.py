"""Sound as powers in bands of pitch, frame by frame, while it passes.

Knows nothing of peaks. Memory is flat: what is kept is less than one window.
"""

import numpy as np
import numpy.typing as npt
import scipy.fft

from assent.identity.compiled import compiled
from assent.identity.design import Design

__all__ = ["Floats", "Spectrum"]

Floats = npt.NDArray[np.float32]

_AT_ONCE = 512
"""Frames transformed together: their spectra stay in the processor's cache."""


class Spectrum:
    """The spectra of a stream of samples.

    Args:
        design: How.
    """

    def __init__(self, design: Design) -> None:
        self._design = design
        self._window = np.hanning(design.window + 1)[:-1].astype(np.float32)
        self._starts, self._weights, self._first = _bands(design)
        self._rest = np.empty(0, np.float32)

    def add(self, samples: Floats) -> Floats:
        """Take the next samples; return the frames that they complete.

        Args:
            samples: One channel at the design's rate [shape=(n,)].

        Returns:
            Powers [shape=(frames, bands)].
        """
        held = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        window, hop = self._design.window, self._design.hop
        count = max((len(held) - window) // hop + 1, 0)
        powers = np.empty((count, self._design.bands), np.float32)
        for low in range(0, count, _AT_ONCE):
            high = min(low + _AT_ONCE, count)
            some = held[low * hop : (high - 1) * hop + window]
            frames = np.lib.stride_tricks.sliding_window_view(some, window)[::hop]
            spectra = scipy.fft.rfft(frames * self._window, axis=1)
            _gather(spectra, self._first, self._starts, self._weights, powers[low:high])
        self._rest = held[count * hop :].copy()
        return powers


def _bands(
    design: Design,
) -> tuple[npt.NDArray[np.int64], Floats, npt.NDArray[np.int64]]:
    """Return where each band's weights begin, the weights, and the bin that each begins at.

    The weights of a band are a triangle, and add up to 1.
    """
    of_bin = np.arange(design.window // 2 + 1) * design.sr / design.window
    middle = design.lowest_hz * 2.0 ** (np.arange(design.bands) / design.bands_per_octave)
    # where bands are narrower than a bin, neighbours share bins
    half = np.maximum(middle * (2 ** (1 / design.bands_per_octave) - 1), design.sr / design.window)
    whole = np.clip(1 - np.abs(of_bin[None] - middle[:, None]) / half[:, None], 0, None)
    whole /= whole.sum(axis=1, keepdims=True)
    starts = np.concatenate(([0], np.cumsum((whole > 0).sum(axis=1))))
    return starts, whole[whole > 0].astype(np.float32), (whole > 0).argmax(axis=1)


@compiled
def _gather(
    spectra: npt.NDArray[np.complex64],
    first: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    weights: Floats,
    powers: Floats,
) -> None:
    """Add the power of each frame's bins up in bands."""
    power = np.empty(spectra.shape[1], np.float32)
    for frame in range(spectra.shape[0]):
        row = spectra[frame]
        for at in range(len(power)):
            power[at] = row[at].real * row[at].real + row[at].imag * row[at].imag
        for band in range(len(first)):
            total = np.float32(0.0)
            bin_of = first[band] - starts[band]
            for at in range(starts[band], starts[band + 1]):
                total += power[bin_of + at] * weights[at]
            powers[frame, band] = total
