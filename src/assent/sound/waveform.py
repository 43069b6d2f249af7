"""The outline of a recording, for drawing: lowest and highest sample of each column.

A `Waveform` takes blocks without knowing how many will come: it keeps a bounded number of
columns, and when they are full it folds them in pairs, so ten hours need no more memory than a
minute. Touches no file.

Invariant: the outline does not depend on how the sound is cut into blocks.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from assent.errors import Tampered
from assent.sound.block import Block

__all__ = ["POINTS", "Peaks", "Waveform", "from_bytes", "to_bytes"]

Peaks: TypeAlias = npt.NDArray[np.int8]

POINTS = 1_000
_FULL_SCALE = 127

# between half of it and all of it are in use, so a point spans at least 4 of them and its edges
# are at most an eighth of a point off
_COLUMNS = 8 * POINTS
_FIRST_COLUMN_S = 0.001

_MAGIC = b"peaks1"


class Waveform:
    """Takes blocks, and gives the outline.

    Args:
        sr: Sample rate [Hz]; it sets how fine the columns begin, about a millisecond.
    """

    def __init__(self, sr: int) -> None:
        self._span = max(1, int(sr * _FIRST_COLUMN_S))  # frames per column
        self._low = np.zeros(_COLUMNS, np.float32)
        self._high = np.zeros(_COLUMNS, np.float32)
        self._frames = 0

    def add(self, block: Block) -> None:
        """Take the next samples; a column covers all channels.

        Args:
            block: Samples [shape=(channels, n), float32].
        """
        start = 0
        while start < block.shape[1]:
            room = _COLUMNS * self._span - self._frames
            if room == 0:
                self._fold()
                continue
            piece = block[:, start : start + room]
            self._draw(piece)
            start += piece.shape[1]

    def peaks(self) -> Peaks:
        """Return the outline so far; the stream may go on.

        Returns:
            Lowest and highest sample [shape=(1000, 2), int8], ±127 being full scale or more.
            Where there are fewer columns than points, columns repeat; without samples all is 0.
        """
        used = -(-self._frames // self._span)
        if used == 0:
            return np.zeros((POINTS, 2), np.int8)
        edges = np.arange(POINTS) * used // POINTS
        peaks = np.empty((POINTS, 2), np.int8)
        low = np.minimum.reduceat(self._low[:used], edges)
        high = np.maximum.reduceat(self._high[:used], edges)
        for column, outline in enumerate((low, high)):
            peaks[:, column] = np.rint(outline.clip(-1, 1) * _FULL_SCALE)
        return peaks

    def _draw(self, piece: Block) -> None:
        """Take samples for which there are columns."""
        first, into = divmod(self._frames, self._span)
        # the first piece of a column may have to join what an earlier block left there
        begins = np.arange(-into, piece.shape[1], self._span).clip(0)
        low = np.minimum.reduceat(piece, begins, axis=1).min(axis=0)
        high = np.maximum.reduceat(piece, begins, axis=1).max(axis=0)
        if into:
            low[0] = min(low[0], self._low[first])
            high[0] = max(high[0], self._high[first])
        self._low[first : first + len(low)] = low
        self._high[first : first + len(high)] = high
        self._frames += piece.shape[1]

    def _fold(self) -> None:
        """Make one column of each two, and room for as many again."""
        half = _COLUMNS // 2
        self._low[:half] = np.minimum(self._low[::2], self._low[1::2])
        self._high[:half] = np.maximum(self._high[::2], self._high[1::2])
        self._span *= 2


def to_bytes(peaks: Peaks) -> bytes:
    """Return an outline as bytes, to be stored.

    Args:
        peaks: Lowest and highest sample [shape=(points, 2), int8].
    """
    return _MAGIC + np.ascontiguousarray(peaks, np.int8).tobytes()


def from_bytes(stored: bytes) -> Peaks:
    """Return the outline that was stored.

    Args:
        stored: What `to_bytes` gave.

    Returns:
        Lowest and highest sample [shape=(points, 2), int8].

    Raises:
        Tampered: It is not what `to_bytes` gives.
    """
    body = stored[len(_MAGIC) :]
    if not stored.startswith(_MAGIC) or len(body) % 2:
        raise Tampered("the stored waveform is damaged")
    return np.frombuffer(body, np.int8).reshape(-1, 2)
