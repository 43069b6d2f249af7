"""Sounds made for tests, and the real music beside the project."""

import io
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from hypothesis import settings

from assent.sound.block import Block
from assent.sound.decode import decode
from assent.sound.encode import Format, encode
from assent.sound.source import Source

MUSIC = Path(__file__).parents[2].parent / "shared" / "corpus" / "music"

# machines that do other things meanwhile are slow now and then: no test here is about speed
patient = settings(deadline=None)

# the music is not ours to copy into the project; composed sounds are tested everywhere
needs_music = pytest.mark.skipif(
    not MUSIC.is_dir(), reason="the real music is not in `shared/corpus/music` beside the project"
)


def tone(
    hz: float,
    *,
    sr: int = 48_000,
    seconds: float = 1.0,
    dbfs: float = 0.0,
    channels: int = 1,
    phase: float = 0.0,
) -> Block:
    """A sine of the given peak level, the same in all channels."""
    time = np.arange(round(sr * seconds)) / sr
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * time + phase)
    return np.tile(wave.astype(np.float32), (channels, 1))


def noise(shape: tuple[int, int], *, seed: int = 0, level: float = 0.1) -> Block:
    """White noise [shape=(channels, n)]."""
    return (np.random.default_rng(seed).standard_normal(shape) * level).astype(np.float32)


def cut(block: Block, sizes: Iterable[int]) -> Iterator[Block]:
    """The same sound in pieces of these sizes, and the rest."""
    start = 0
    for size in sizes:
        yield block[:, start : start + size]
        start += size
    yield block[:, start:]


def encoded(
    block: Block, kind: Format = Format.WAV_FLOAT, *, sr: int = 44_100, **tags: str
) -> bytes:
    """The bytes of a file."""
    file = io.BytesIO()
    encode(file, [block], sr, format=kind, tags=tags)
    return file.getvalue()


def decoded(source: Source | bytes, *, sr: int | None = None) -> Block:
    """The whole sound in one array."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    return joined(decode(stream, sr=sr))


def joined(blocks: Iterable[Block]) -> Block:
    return np.concatenate(list(blocks), axis=1)


def muxed(
    frames: Sequence[av.AudioFrame],
    *,
    container: str,
    codec: str,
    options: dict[str, str] | None = None,
) -> bytes:
    """A file in any container and codec, from frames that all have the first one's rate."""
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=options or {}) as output:
        stream = output.add_stream(codec, rate=frames[0].sample_rate)
        assert isinstance(stream, AudioStream)
        stream.codec_context.layout = frames[0].layout.name
        known = stream.codec_context.codec.audio_formats
        assert known is not None
        stream.codec_context.format = known[0]
        for frame in frames:
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def frame_of(block: Block, *, sr: int = 44_100) -> av.AudioFrame:
    """One frame of packed float samples."""
    layout = {1: "mono", 2: "stereo", 3: "2.1", 6: "5.1"}[block.shape[0]]
    packed = np.ascontiguousarray(block.T).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
    frame.sample_rate = sr
    frame.time_base, frame.pts = Fraction(1, sr), 0
    return frame
