"""Chromaprint as a peer: `fpcalc` takes the fingerprints, all of them are compared bit by bit.

Exhaustive, at every offset: the best that its words can do, and slower than any index over them.

Source: the tool `fpcalc -raw` of Chromaprint 1.5; words of 32 bits, 7.9 a second.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assent.bench.attacks import SR, Samples
from assent.sound.encode import Format, encode

__all__ = ["Chromaprint"]

_LEAST = 8
"""Fewer words tell nothing."""


class Chromaprint:
    """Fingerprints by number; none where `fpcalc` is not installed."""

    name = "Chromaprint, exhaustive"

    def __init__(self) -> None:
        self._program = shutil.which("fpcalc")
        self._known: dict[int, npt.NDArray[np.uint32]] = {}

    @property
    def missing(self) -> str | None:
        """Why it is not asked; None if it is."""
        return None if self._program else "fpcalc is not installed"

    @property
    def size_bytes(self) -> int:
        """How large its words are."""
        return sum(words.nbytes for words in self._known.values())

    def add(self, number: int, path: Path) -> None:
        """Take a file in."""
        self._known[number] = self._words(path)

    def best(self, heard: Samples) -> tuple[int, float] | None:
        """Return which file is most like samples, and how like [0 to 1]; None if like none."""
        with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
            path = Path(folder) / "heard.wav"
            encode(path, [heard[None]], SR, format=Format.WAV16)
            asked = self._words(path)
        likeness = [(number, _likeness(asked, words)) for number, words in self._known.items()]
        return max(likeness, key=lambda one: one[1], default=None)

    def _words(self, path: Path) -> npt.NDArray[np.uint32]:
        said = subprocess.run(  # noqa: S603  # a program of the system, on a file of ours
            [str(self._program), "-raw", "-json", "-length", "0", str(path)],
            capture_output=True,
            check=False,
        ).stdout
        try:
            return np.array(json.loads(said)["fingerprint"], np.uint32)
        except (ValueError, KeyError):
            return np.empty(0, np.uint32)


def _likeness(asked: npt.NDArray[np.uint32], words: npt.NDArray[np.uint32]) -> float:
    """Return how many bits are the same where they fit best, of the bits there are [0 to 1]."""
    if len(asked) < _LEAST or len(words) < len(asked):
        return 0.0
    places = np.lib.stride_tricks.sliding_window_view(words, len(asked))
    different = np.bitwise_count(places ^ asked).sum(axis=1)
    return 1.0 - float(different.min()) / (32 * len(asked))
