"""How loud a recording is: integrated loudness [LUFS] and true peak [dBTP].

A `Meter` takes blocks and keeps one number per 100 ms (2.9 MB for ten hours); the gates of the
standard are applied when the result is asked for. Touches no file.

Invariant: the result does not depend on how the sound is cut into blocks, save for rounding.

Source: ITU-R BS.1770-4, Annex 1 (loudness) and Annex 2 (true peak); EBU R 128.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import sosfilt

from assent.sound.block import BLOCK_FRAMES, Block
from assent.sound.true_peak import TruePeak
from assent.sound.weighting import channel_weights, k_weighting

__all__ = ["Loudness", "Meter"]

_STEPS_PER_S = 10  # 400 ms blocks with 75 % overlap begin every 100 ms
_STEPS_PER_BLOCK = 4
_OFFSET_LU = -0.691  # makes a 997 Hz sine at full scale in one front channel read -3.01
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0

# what is left in the filters of a sound that faded is, below this, no sound; and numbers
# that go on towards the least that there are would slow every later sample down a hundredfold
_FADED = 1e-30


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """What a meter read.

    Args:
        integrated_lufs: Integrated loudness [LUFS]; None if nothing is above the absolute gate
            or the recording is shorter than one block of 400 ms.
        true_peak_dbtp: True peak [dB relative to full scale]; None for digital silence.
    """

    integrated_lufs: float | None
    true_peak_dbtp: float | None


class Meter:
    """Reads loudness and true peak of one stream of blocks.

    Args:
        sr: Sample rate, above 3.4 kHz [Hz].
        channels: Number of channels.
        layout: FFmpeg's names of the channels, which say how much each counts; if empty, the
            usual arrangement of so many channels.
    """

    def __init__(self, sr: int, channels: int, *, layout: Sequence[str] = ()) -> None:
        self._energy = _Energy(sr, channel_weights(channels, layout))
        self._peak = TruePeak(channels)
        self._sr = sr

    def add(self, block: Block) -> None:
        """Take the next samples.

        Args:
            block: Samples [shape=(channels, n), float32].
        """
        self._energy.add(block)
        self._peak.add(block)

    def result(self) -> Loudness:
        """Return the reading so far; the stream may go on."""
        return Loudness(
            integrated_lufs=_gated(self._energy.steps(), self._sr),
            true_peak_dbtp=self._peak.dbtp(),
        )


class _Energy:
    """Weighted energy of the K-weighted signal, per step of 100 ms."""

    def __init__(self, sr: int, weights: npt.NDArray[np.float64]) -> None:
        self._sr = sr
        self._counting = np.flatnonzero(weights)
        self._weights = weights[self._counting]
        self._sections = k_weighting(sr)
        self._state = np.zeros((len(self._sections), len(self._counting), 2))
        # scratch that stays: fresh memory for every block would cost more than the filter
        self._scratch = np.empty((len(self._counting), BLOCK_FRAMES))
        self._steps = array("d")
        self._begun = 0.0  # energy of the step that has begun
        self._frames = 0

    def add(self, block: Block) -> None:
        """Take the next samples [shape=(channels, n), float32]."""
        for start in range(0, block.shape[1], BLOCK_FRAMES):
            piece = block[:, start : start + BLOCK_FRAMES]
            self._count(self._weighted(piece))
            self._frames += piece.shape[1]

    def steps(self) -> npt.NDArray[np.float64]:
        """Return the energies of the steps that are complete [shape=(n,), float64]."""
        return np.array(self._steps)

    def _weighted(self, piece: Block) -> npt.NDArray[np.float64]:
        """Return the K-weighted samples [like `piece`, float64]."""
        samples = self._scratch[:, : piece.shape[1]]
        # in double precision: single would be 1 LU off at 192 kHz under a constant offset
        for row, channel in zip(samples, self._counting, strict=True):
            row[:] = piece[channel]
        if not self._state.any() and not piece.any():
            return samples
        weighted, state = sosfilt(self._sections, samples, zi=self._state)
        state[np.abs(state) < _FADED] = 0.0
        self._state = state
        return np.asarray(weighted)

    def _count(self, samples: npt.NDArray[np.float64]) -> None:
        """Share the energy of the samples out over the steps that they lie in."""
        begun, end = len(self._steps), self._frames + samples.shape[1]
        # step k ends where k + 1 tenths of a second have passed, to the whole sample
        ended = -(-(end + 1) * _STEPS_PER_S // self._sr) - 1
        ends = np.arange(begun + 1, ended + 1) * self._sr // _STEPS_PER_S - self._frames
        begins = np.concatenate([[0], ends[ends < samples.shape[1]]])
        squares = np.multiply(samples, samples, out=samples)
        sums = self._weights @ np.add.reduceat(squares, begins, axis=1)
        sums[0] += self._begun
        self._steps.extend(sums[: len(ends)])
        self._begun = float(sums[len(ends)]) if len(sums) > len(ends) else 0.0


def _gated(steps: npt.NDArray[np.float64], sr: int) -> float | None:
    """Return the integrated loudness [LUFS], None if no block passes the absolute gate.

    Args:
        steps: Weighted energy per 100 ms [shape=(n,), float64].
        sr: Sample rate [Hz].

    Source: BS.1770-4, Annex 1, equations 3 to 7.
    """
    count = len(steps) - _STEPS_PER_BLOCK + 1
    if count < 1:
        return None
    sums = sum(steps[i : i + count] for i in range(_STEPS_PER_BLOCK))
    power = np.asarray(sums) / (_STEPS_PER_BLOCK * sr / _STEPS_PER_S)
    power = power[power >= _power(_ABSOLUTE_GATE_LUFS)]
    if not power.size:
        return None
    # the relative gate is above the mean of what passed the absolute one, less 10 LU; it lets
    # at least the loudest block through, so no check for emptiness is needed
    power = power[power > power.mean() * 10 ** (_RELATIVE_GATE_LU / 10)]
    return _OFFSET_LU + 10 * math.log10(power.mean())


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_LU) / 10))
