"""All that is measured of a recording, from one decode.

Joins the parts of this room: each block goes to the meter, the outline, the digest and whoever
else taps the stream. Measures; does not judge, seal or store.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from assent.sound.block import BLOCK_FRAMES, Block
from assent.sound.decode import Probe, opened
from assent.sound.loudness import Loudness, Meter
from assent.sound.source import Source
from assent.sound.tags import Tags, tags_from
from assent.sound.waveform import Waveform, to_bytes

__all__ = ["AudioDigest", "Measured", "Tap", "measure"]


class Tap(Protocol):
    """Whoever wants the samples while they pass."""

    def add(self, block: Block, /) -> None:
        """Take the next samples [shape=(channels, n), float32], not to be changed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known of a recording after it was decoded once.

    Args:
        container: FFmpeg's name of the container.
        codec: FFmpeg's name of the codec.
        sr: Sample rate [Hz].
        channels: Number of channels.
        frames: Samples per channel that came out.
        loudness: Integrated loudness and true peak.
        waveform: The outline, as `waveform.to_bytes` gives it.
        tags: What is written inside.
        audio_digest: SHA-256 of the samples as little-endian float32, channels interleaved
            [64 hexadecimal digits]; equal for the same sound in another container.
    """

    container: str
    codec: str
    sr: int
    channels: int
    frames: int
    loudness: Loudness
    waveform: bytes
    tags: Tags
    audio_digest: str

    @property
    def duration_s(self) -> float:
        """Duration of what came out, not of what the container promised [seconds]."""
        return self.frames / self.sr

    @property
    def isrc(self) -> str | None:
        """The ISRC written inside [12 characters], None if none is well formed."""
        return self.tags.isrc


class AudioDigest:
    """SHA-256 of a stream of blocks, however they are cut.

    Args:
        channels: Number of channels.
    """

    def __init__(self, channels: int) -> None:
        self._sha = hashlib.sha256()
        self._scratch = np.empty((BLOCK_FRAMES, channels), "<f4")

    def add(self, block: Block) -> None:
        """Take the next samples.

        Args:
            block: Samples [shape=(channels, n), float32].
        """
        for start in range(0, block.shape[1], BLOCK_FRAMES):
            piece = block[:, start : start + BLOCK_FRAMES]
            interleaved = self._scratch[: piece.shape[1]]
            # channel by channel: ten times as fast as assigning the transposed block at once
            for channel, samples in enumerate(piece):
                interleaved[:, channel] = samples
            self._sha.update(interleaved.data)

    def hexdigest(self) -> str:
        """Return the digest so far [64 hexadecimal digits]; the stream may go on."""
        return self._sha.hexdigest()


def measure(source: Source, *, taps: Sequence[Callable[[Probe], Tap]] = ()) -> Measured:
    """Measure a recording, decoding it once.

    Args:
        source: A path, or a readable and seekable binary stream.
        taps: Who else takes every block, in order; each is told beforehand what will come.

    Raises:
        BadAudio: It is empty, not audio, cut off, damaged, without length, or has samples that
            are not numbers; taps may have had blocks by then.
        Unknown: There is no such file.
        StorageFailed: It cannot be read.
    """
    with opened(source) as recording:
        probe = recording.probe
        meter = Meter(probe.sr, probe.channels, layout=probe.layout)
        waveform, digest = Waveform(probe.sr), AudioDigest(probe.channels)
        all_taps: list[Tap] = [meter, waveform, digest, *(tap(probe) for tap in taps)]
        frames = 0
        for block in recording.blocks():
            frames += block.shape[1]
            for tap in all_taps:
                tap.add(block)
        return Measured(
            container=probe.container,
            codec=probe.codec,
            sr=probe.sr,
            channels=probe.channels,
            frames=frames,
            loudness=meter.result(),
            waveform=to_bytes(waveform.peaks()),
            tags=tags_from(recording.metadata),
            audio_digest=digest.hexdigest(),
        )
