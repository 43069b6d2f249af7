"""Fingerprints: the peaks of a recording, taken while it is decoded for something else, too.

A tap on the stream of blocks (`sound.measure.Tap`): downmixed, brought to 8 kHz, turned into
spectra and those into peaks, with flat memory however long it is.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
import soxr

from assent.identity.design import DESIGN, Design
from assent.identity.peaks import PeakFinder, Peaks, loudest
from assent.identity.spectrum import Floats, Spectrum
from assent.sound.block import Block
from assent.sound.decode import decode, opened
from assent.sound.source import Source

__all__ = ["Fingerprint", "Fingerprinter", "fingerprint", "samples_of"]

_LOUD = 1e3
"""Floating point goes far beyond full scale; what is louder is softened, for powers overflow."""
_OPPOSED = -0.5
"""Two channels that go together worse than this cancel each other out; then one is turned over."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fingerprint:
    """What is left of a recording to know it again by.

    Args:
        design: How it was taken.
        peaks: All of them [shape=(n,), dtype=PEAK].
        frames: How long it is [frames].
    """

    design: Design
    peaks: Peaks
    frames: int

    @property
    def duration_s(self) -> float:
        """How long it is [seconds]."""
        return self.frames / self.design.frames_per_s

    def kept(self) -> Peaks:
        """Return the peaks that the index keeps, by rising frame."""
        dominant = self.peaks[self.peaks["dominant"]]
        return loudest(dominant, self.design.peaks_per_s, self.design)


class Fingerprinter:
    """Takes the fingerprint of what passes.

    Args:
        sr: Sample rate of the blocks [Hz].
        design: How.
    """

    def __init__(self, sr: int, design: Design = DESIGN) -> None:
        self._design = design
        # the quality matters little: peaks are within a hundredth of a band of each other
        self._stream = soxr.ResampleStream(sr, design.sr, 1, dtype="float32", quality="LQ")
        self._spectrum = Spectrum(design)
        self._finder = PeakFinder(design)
        self._peaks: list[Peaks] = []
        self._frames = 0

    def add(self, block: Block) -> None:
        """Take the next samples [shape=(channels, n), float32]."""
        self._take(self._stream.resample_chunk(_mixed(block)))

    def result(self) -> Fingerprint:
        """Return the fingerprint; nothing can be added after."""
        self._take(self._stream.resample_chunk(np.empty(0, np.float32), last=True))
        self._peaks.append(self._finder.finish())
        return Fingerprint(
            design=self._design, peaks=np.concatenate(self._peaks), frames=self._frames
        )

    def _take(self, samples: Floats) -> None:
        powers = self._spectrum.add(samples)
        self._frames += len(powers)
        self._peaks.append(self._finder.add(powers))


def _mixed(block: Block) -> Floats:
    """Return one channel of all; of two that cancel out, one is turned over."""
    loudest = float(np.abs(block).max(initial=0.0))
    if loudest > _LOUD:
        block = block / np.float32(loudest)
    mixed: Floats = block[0] if len(block) == 1 else block.mean(axis=0)
    if len(block) == 2:  # noqa: PLR2004  # left and right
        left, right = block
        together = float(np.dot(left, right))
        alone = float(np.sqrt(np.dot(left, left) * np.dot(right, right)))
        sign = np.float32(-1.0 if together < _OPPOSED * alone else 1.0)
        mixed = (left + right * sign) * np.float32(0.5)
    return mixed


def samples_of(
    source: Source, start_s: float = 0.0, end_s: float = inf, design: Design = DESIGN
) -> Floats:
    """Return samples of a file as fingerprints are taken of them [shape=(n,)].

    Args:
        source: A path, or a readable and seekable binary stream.
        start_s: From where [seconds].
        end_s: To where, or to the end of the file.
        design: At whose rate.

    Raises:
        BadAudio: As `fingerprint`.
        Unknown: There is no such file.
        StorageFailed: It cannot be read.
    """
    first, last, at = start_s * design.sr, end_s * design.sr, 0
    kept = [np.empty(0, np.float32)]
    for block in decode(source, sr=design.sr):
        length = block.shape[1]
        if at + length > first and at < last:
            mixed = _mixed(block)
            kept.append(mixed[max(round(first) - at, 0) : round(min(last - at, length))])
        at += length
        if at >= last:
            break
    return np.concatenate(kept)


def fingerprint(source: Source, design: Design = DESIGN) -> Fingerprint:
    """Return the fingerprint of a file.

    Args:
        source: A path, or a readable and seekable binary stream.
        design: How it is taken.

    Raises:
        BadAudio: It is empty, not audio, cut off, damaged, without length, or has samples that
            are not numbers.
        Unknown: There is no such file.
        StorageFailed: It cannot be read.
    """
    with opened(source) as recording:
        taken = Fingerprinter(recording.probe.sr, design)
        for block in recording.blocks():
            taken.add(block)
        return taken.result()
