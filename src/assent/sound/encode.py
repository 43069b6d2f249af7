"""Blocks of float32, written as a file that others can play.

Used for what the platform makes itself (demonstration tracks, tests); a creator's upload is
kept as it came. The same blocks and tags give the same bytes. Does not decode or measure.

Invariant: under the path asked for there is a whole file or what was there before.
"""

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Protocol, TypeAlias, cast

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer

from assent.errors import BadAudio, StorageFailed
from assent.sound.block import Block
from assent.sound.resample import resample
from assent.sound.source import safe_name

__all__ = ["Format", "Target", "WritableStream", "encode"]


class Format(StrEnum):
    """What a file is written as: container, codec and sample format."""

    WAV16 = "wav16"
    WAV24 = "wav24"
    WAV_FLOAT = "wav-float"
    FLAC = "flac"
    FLAC24 = "flac24"
    VORBIS = "vorbis"
    OPUS = "opus"
    MP3 = "mp3"
    AAC = "aac"
    AAC_PARTS = "aac-parts"
    OPUS_PARTS = "opus-parts"


class WritableStream(Protocol):
    """What a stream must be able to do to be written to; headers are completed at the end."""

    def write(self, data: bytes, /) -> int:
        """Take bytes, and return how many."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move, and return the new position [bytes]."""
        ...

    def tell(self) -> int:
        """Return the position [bytes]."""
        ...


Target: TypeAlias = str | os.PathLike[str] | WritableStream


@dataclass(frozen=True, slots=True, kw_only=True)
class _Encoding:
    """How FFmpeg is told to write one format.

    Args:
        container: Its name of the container.
        codec: Its name of the encoder.
        samples: Its name of the sample format that the encoder takes.
        channels: How many channels there may be.
        rates: The sample rates that the codec knows, ascending [Hz]; empty for any.
        bit_rate: What a lossy codec may spend per channel [bits per second].
        options: For the encoder.
        muxing: For the container.
    """

    container: str
    codec: str
    samples: str
    channels: range = range(1, 9)
    rates: tuple[int, ...] = ()
    bit_rate: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    muxing: Mapping[str, str] = field(default_factory=dict)


_MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_OPUS_RATES = (48_000,)  # what it is decoded to, whatever went in
_PARTS = {
    # the head waits for the first packet, so that it can say how much of it is not sound
    "movflags": "+delay_moov+default_base_moof+skip_trailer",
    "frag_duration": "6000000",  # [microseconds]
}
"""An MP4 file in parts of six seconds, each of which plays once its head is known."""

_ENCODINGS = {
    Format.WAV16: _Encoding(container="wav", codec="pcm_s16le", samples="s16"),
    Format.WAV24: _Encoding(container="wav", codec="pcm_s24le", samples="s32"),
    Format.WAV_FLOAT: _Encoding(container="wav", codec="pcm_f32le", samples="flt"),
    Format.FLAC: _Encoding(container="flac", codec="flac", samples="s16"),
    Format.FLAC24: _Encoding(container="flac", codec="flac", samples="s32"),
    Format.VORBIS: _Encoding(
        container="ogg",
        codec="vorbis",
        samples="fltp",
        channels=range(2, 3),  # FFmpeg's own encoder knows nothing else, nor any bit rate
        options={"strict": "experimental"},
    ),
    Format.OPUS: _Encoding(
        container="ogg", codec="libopus", samples="flt", rates=_OPUS_RATES, bit_rate=64_000
    ),
    Format.MP3: _Encoding(
        container="mp3",
        codec="libmp3lame",
        samples="fltp",
        channels=range(1, 3),
        rates=_MP3_RATES,
        bit_rate=96_000,
    ),
    Format.AAC: _Encoding(
        container="ipod",
        codec="aac",
        samples="fltp",
        rates=(*_MP3_RATES, 64_000, 88_200, 96_000),
        bit_rate=96_000,
    ),
    Format.AAC_PARTS: _Encoding(
        container="mp4",
        codec="aac",
        samples="fltp",
        channels=range(1, 3),
        rates=(44_100, 48_000),
        bit_rate=80_000,
        muxing=_PARTS,
    ),
    Format.OPUS_PARTS: _Encoding(
        container="mp4",
        codec="libopus",
        samples="flt",
        channels=range(1, 3),
        rates=_OPUS_RATES,
        bit_rate=64_000,
        muxing=_PARTS,
    ),
}

_LAYOUTS = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")

# what containers call the tags that FFmpeg does not translate
_TAG_NAMES = {"licence": "license"}
_MP3_TAG_NAMES = {"isrc": "TSRC"}


def encode(
    target: Target,
    blocks: Iterable[Block],
    sr: int,
    *,
    format: Format,  # noqa: A002  # what every other library calls it
    tags: Mapping[str, str] | None = None,
) -> None:
    """Write blocks as a file; samples beyond full scale are clipped unless the format is float.

    A rate that the codec does not know is converted to the next higher one that it does.

    Args:
        target: A path, or a writable and seekable binary stream.
        blocks: Samples [shape=(channels, n), float32], all with the same channels.
        sr: Their sample rate [Hz].
        format: What to write.
        tags: Tags by lower-case name (`title artist album date isrc licence copyright comment`);
            a container leaves out what it has no place for (WAV and AAC: licence; AAC: ISRC).

    Raises:
        BadAudio: There are no blocks, or more channels than the format holds.
        StorageFailed: It cannot be written.
    """
    encoding = _ENCODINGS[format]
    stream = (block for block in blocks if block.shape[1])
    first = next(stream, None)
    if first is None:
        raise BadAudio("there is no sound to write")
    if first.shape[0] not in encoding.channels:
        raise BadAudio(f"{format} cannot hold {first.shape[0]} channels")
    rate = _known_rate(sr, encoding.rates)
    ready = resample(itertools.chain([first], stream), sr, rate)
    if not isinstance(target, (str, os.PathLike)):
        _write(target, ready, first.shape[0], rate, encoding, tags or {})
        return
    part = Path(target).with_name(Path(target).name + ".part")
    try:
        with part.open("wb") as file:
            _write(file, ready, first.shape[0], rate, encoding, tags or {})
        part.replace(target)
    except OSError as error:
        raise StorageFailed(f"{safe_name(target)} could not be written") from error
    finally:
        part.unlink(missing_ok=True)


def _known_rate(sr: int, rates: tuple[int, ...]) -> int:
    if not rates:
        return sr
    return next((rate for rate in rates if rate >= sr), rates[-1])


class _Writer:
    """The stream as the library may see it: never raising, because it would drop the error."""

    def __init__(self, stream: WritableStream) -> None:
        self._stream = stream
        self.failure: Exception | None = None
        self.tell = stream.tell  # the library asks for it, to know that it can seek

    def write(self, data: bytes, /) -> int:
        if self.failure is None:
            try:
                return self._stream.write(data)
            except Exception as failure:  # noqa: BLE001  # the library, in C, would swallow it: it is kept, and raised by `_write`
                self.failure = failure
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)


def _write(
    stream: WritableStream,
    blocks: Iterator[Block],
    channels: int,
    sr: int,
    encoding: _Encoding,
    tags: Mapping[str, str],
) -> None:
    writer = _Writer(stream)
    options = {"fflags": "+bitexact", **encoding.muxing}
    with av.open(writer, "w", format=encoding.container, options=options) as container:
        container.metadata.update(_named(tags, encoding))
        output = _stream(container, channels, sr, encoding)
        at = 0
        for block in blocks:
            container.mux(output.encode(_frame(block, sr, output, at)))
            at += block.shape[1]
            if writer.failure is not None:
                break
        container.mux(output.encode(None))
    if writer.failure is not None:
        raise writer.failure


def _named(tags: Mapping[str, str], encoding: _Encoding) -> dict[str, str]:
    names = _TAG_NAMES | (_MP3_TAG_NAMES if encoding.container == "mp3" else {})
    return {names.get(name, name): value for name, value in tags.items()}


def _stream(container: OutputContainer, channels: int, sr: int, encoding: _Encoding) -> AudioStream:
    # the table above names audio codecs only
    output = cast(
        AudioStream,
        container.add_stream(encoding.codec, rate=sr, options=dict(encoding.options)),
    )
    context = output.codec_context
    context.layout = _LAYOUTS[channels - 1]
    context.format = encoding.samples
    context.flags |= av.codec.context.Flags.bitexact
    if encoding.bit_rate is not None:
        context.bit_rate = encoding.bit_rate * channels
    return output


def _frame(block: Block, sr: int, output: AudioStream, at: int) -> AudioFrame:
    # interleaved, because PyAV cannot make planar frames of eight channels
    interleaved = np.ascontiguousarray(block.T, np.float32).reshape(1, -1)
    frame = AudioFrame.from_ndarray(interleaved, format="flt", layout=output.layout.name)
    frame.sample_rate = sr
    frame.time_base = Fraction(1, sr)
    frame.pts = at
    return frame
