"""The mixdown: sounds put in their places, a room around them, and a level to publish at.

Knows nothing of notes or files. The same sounds in the same places give the same samples.
"""

import numpy as np
from scipy.signal import lfilter, oaconvolve

from assent.demo.instruments import SR, Mono
from assent.sound.block import BLOCK_FRAMES, Block
from assent.sound.loudness import Loudness, Meter

__all__ = ["LOUDNESS_LUFS", "Mixdown"]

LOUDNESS_LUFS = -16.0
"""How loud a finished piece is [LUFS]."""
_CEILING_DBTP = -1.0
_KNEE, _ROOF = 0.55, 0.85
_ROOM_S = 1.3
_FIRST_ECHO_S = 0.012
_ROUNDS = 2


class Mixdown:
    """A piece under way.

    Args:
        length_s: Its length [seconds].
        rng: What the room's echoes come from.
        room: How much of the room is heard, 0 to 1.
    """

    def __init__(self, length_s: float, rng: np.random.Generator, *, room: float = 0.25) -> None:
        self._sides = np.zeros((2, int(length_s * SR)))
        self._rng = rng
        self._room = room

    def add(self, sound: Mono, at_s: float, *, level: float = 1.0, pan: float = 0.0) -> None:
        """Put a sound in; what reaches beyond the end is cut off.

        Args:
            sound: The sound [shape=(n,), float64].
            at_s: When it begins [seconds].
            level: How strong it is.
            pan: Where: -1 is left, 1 is right.
        """
        start = int(at_s * SR)
        heard = sound[: max(0, self._sides.shape[1] - start)]
        angle = (pan + 1) * np.pi / 4
        for side, share in zip(self._sides, (np.cos(angle), np.sin(angle)), strict=True):
            side[start : start + len(heard)] += level * share * heard

    def finish(self) -> tuple[Block, ...]:
        """Return the piece at its level, in blocks [shape=(2, n), float32]."""
        sides = _levelled(self._in_room())
        return tuple(
            sides[:, start : start + BLOCK_FRAMES]
            for start in range(0, sides.shape[1], BLOCK_FRAMES)
        )

    def _in_room(self) -> Mono:
        count = int(_ROOM_S * SR)
        # walls take the treble first; the two sides hear different walls
        echoes = lfilter([0.3], [1, -0.7], self._rng.standard_normal((2, count)))
        echoes *= np.exp(-np.linspace(0, np.log(1000.0), count))
        echoes[:, : int(_FIRST_ECHO_S * SR)] = 0
        echoes /= np.sqrt((echoes**2).sum(axis=1, keepdims=True))
        dry = self._sides.astype(np.float32)
        wet = oaconvolve(dry, echoes.astype(np.float32), axes=1)[:, : dry.shape[1]]
        sides = np.asarray(self._sides + self._room * wet)
        fade = min(int(0.4 * SR), sides.shape[1])
        sides[:, sides.shape[1] - fade :] *= np.linspace(1, 0, fade)
        return sides


def _levelled(sides: Mono) -> Block:
    """Return a piece at its loudness, its peaks rounded off under the ceiling."""
    gain = 0.5 / max(float(np.abs(sides).max()), 1e-9)
    heard = _rounded(sides * gain)
    reading = _metered(heard)
    for _ in range(_ROUNDS):  # rounding off takes loudness away, so one round is not enough
        if reading.integrated_lufs is None:  # too short to have a loudness
            break
        gain *= 10 ** ((LOUDNESS_LUFS - reading.integrated_lufs) / 20)
        heard = _rounded(sides * gain)
        reading = _metered(heard)
    over_db = max(0.0, (reading.true_peak_dbtp or 0.0) - _CEILING_DBTP)
    return np.asarray(heard * np.float32(10 ** (-over_db / 20)))


def _rounded(sides: Mono) -> Block:
    """Leave what is below the knee, and bend what is above it so that it stays under the roof."""
    heard = sides.astype(np.float32)
    over = np.abs(heard) > _KNEE
    loud = heard[over]
    bent = np.tanh((np.abs(loud) - _KNEE) / (_ROOF - _KNEE))
    heard[over] = np.sign(loud) * (_KNEE + (_ROOF - _KNEE) * bent)
    return heard


def _metered(sides: Block) -> Loudness:
    meter = Meter(SR, len(sides))
    meter.add(sides)
    return meter.result()
