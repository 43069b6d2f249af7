"""Any recording, decoded as a stream of float32 blocks.

Answers what a file or stream holds (`probe`) and gives its samples (`decode`), with flat memory
however long it is. Reads whatever PyAV reads. Does not measure, seal or store.

Invariants: only the recording's own bytes are read, so a playlist cannot make the platform open
another file or address. A recording comes whole or not at all: whoever has taken the last block
knows that nothing was missing that the container lets one know of.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import av.error
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from assent.errors import BadAudio
from assent.sound.block import Block
from assent.sound.ending import is_cut_off, promises_length
from assent.sound.resample import resample
from assent.sound.samples import gathered
from assent.sound.source import Reader, Source, opened_source, safe_name

if TYPE_CHECKING:  # it is generic for the type checker only
    from av.packet import Packet

__all__ = ["Probe", "Recording", "decode", "opened", "probe"]

# below the lowest the K-weighting of BS.1770 is not defined; nothing sold or streamed is near it
_LOWEST_SR, _HIGHEST_SR = 4_000, 768_000
_MOST_CHANNELS = 64  # seventh-order ambisonics; a forged header must not order gigabytes

# a codec may lose or add this much at either end without anything being missing: the delay of
# AAC and MP3 encoders, and the pre-skip of Opus
_PRIMING_FRAMES = 4_096
_PRIMING_S = Fraction(1, 10)

# what FFmpeg calls a channel of which it does not know where it belongs
_UNPLACED = {"NONE", "UNK", "UNSD"}

# containers that state the length to the sample
_EXACT = {"aiff", "au", "caf", "flac", "w64", "wav"}

# lossless codecs whose frames carry a checksum, which FFmpeg ignores unless told not to
_CHECKSUMMED = {"ape", "flac", "tta", "wavpack"}

# the beginnings of the usual containers, to tell a damaged recording from what never was one
_MAGIC = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"ID3", b"FORM", b"caff", b"\x1aE\xdf\xa3", b"wvpk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a recording says of itself.

    Args:
        container: FFmpeg's name of the container.
        codec: FFmpeg's name of the codec.
        sr: Sample rate [Hz].
        channels: Number of channels.
        layout: FFmpeg's names of the channels, such as `FL FR FC LFE`; empty if not said.
        duration_s: Duration [seconds], as written or guessed by the container; None if unknown.
    """

    container: str
    codec: str
    sr: int
    channels: int
    layout: tuple[str, ...]
    duration_s: float | None


class Recording:
    """One open recording; made by `opened`."""

    def __init__(
        self, reader: Reader, container: InputContainer, stream: AudioStream, name: str
    ) -> None:
        self.name = name
        self._reader, self._container, self._stream = reader, container, stream
        context = stream.codec_context
        sr, channels = context.sample_rate, context.channels
        if not _LOWEST_SR <= sr <= _HIGHEST_SR:
            known = f"{_LOWEST_SR} to {_HIGHEST_SR}"
            raise BadAudio(f"{name} has a sample rate of {sr} Hz, which is not from {known}")
        if channels > _MOST_CHANNELS:
            raise BadAudio(f"{name} has {channels} channels, more than {_MOST_CHANNELS}")
        length_s = self._length_s()
        self.probe = Probe(
            container=container.format.name,
            codec=context.codec.canonical_name,
            sr=sr,
            channels=channels,
            layout=tuple(c.name for c in stream.layout.channels if c.name not in _UNPLACED),
            duration_s=float(length_s) if length_s is not None else None,
        )

    @property
    def metadata(self) -> tuple[Mapping[str, str], ...]:
        """The embedded tags as they stand: the container's, then the stream's."""
        return self._container.metadata, self._stream.metadata

    def blocks(self) -> Iterator[Block]:
        """Yield all samples [shape=(channels, n), float32]; to be called once.

        Raises:
            BadAudio: It is cut off or damaged, has no samples, or samples that are not numbers.
            StorageFailed: It could not be read to its end.
        """
        if is_cut_off(self._reader, self.probe.container):
            raise BadAudio(f"{self.name} is cut off: its end is missing")
        frames = 0
        for block in gathered(
            self._frames(), sr=self.probe.sr, channels=self.probe.channels, name=self.name
        ):
            frames += block.shape[1]
            yield block
        # no check of the reader here: its failure looks like an end of file to the library,
        # which then gives an empty packet, after which it was checked
        if frames == 0:
            raise BadAudio(f"{self.name} holds no sound: its length is zero")
        self._check_length(frames)

    def _frames(self) -> Iterator[AudioFrame]:
        decoder = self._stream.codec_context
        decoder.thread_count = 1  # a core each: imports run side by side, one recording does not
        if decoder.codec.canonical_name in _CHECKSUMMED:
            decoder.options = {"err_detect": "crccheck+explode"}
        taken = 0
        try:
            for packet in self._packets():
                self._reader.check()
                for frame in decoder.decode(packet):
                    taken += frame.samples
                    yield frame
        except av.error.FFmpegError as error:
            self._reader.check()
            raise BadAudio(
                f"{self.name} is damaged or cut off after {taken / self.probe.sr:.1f} s"
            ) from error

    def _packets(self) -> "Iterator[Packet[AudioStream]]":
        try:
            yield from self._container.demux(self._stream)
        except IndexError as error:  # PyAV loses count if the container announces a stream late
            raise BadAudio(f"{self.name} is damaged: a stream begins on the way") from error

    def _check_length(self, frames: int) -> None:
        """Refuse what decoded to clearly less than its container promises."""
        length_s = self._length_s()
        if length_s is None or not promises_length(self._reader, self.probe.container):
            return
        sr, codec = self.probe.sr, self.probe.codec
        exact = self.probe.container in _EXACT and codec.startswith(("pcm_", "flac"))
        margin = 0 if exact else max(_PRIMING_FRAMES, int(sr * _PRIMING_S))
        if frames + margin < int(length_s * sr):
            raise BadAudio(
                f"{self.name} is cut off: it holds {frames / sr:.1f} s"
                f" of the {float(length_s):.1f} s that it promises"
            )

    def _length_s(self) -> Fraction | None:
        """Return the duration that belongs to the sound [seconds]."""
        stream, container = self._stream, self._container
        if stream.duration and stream.time_base:
            return stream.duration * stream.time_base
        # the container's covers its longest stream, which with a film need not be the sound
        if container.duration and len(container.streams) == 1:
            return Fraction(container.duration, av.time_base)
        return None


@contextmanager
def opened(source: Source) -> Iterator[Recording]:
    """Open a recording for one pass over its samples.

    Args:
        source: A path, or a readable and seekable binary stream.

    Raises:
        BadAudio: It is empty, not audio, or has no sound in it.
        Unknown: There is no such file.
        StorageFailed: It cannot be read.
    """
    name = safe_name(source)
    with opened_source(source) as reader:
        if not reader.peek(0, 1):
            raise BadAudio(f"{name} is empty: it has no bytes")
        with _container(reader, name) as container:
            yield Recording(reader, container, _sound(container, name), name)


def _container(reader: Reader, name: str) -> InputContainer:
    try:
        return av.open(
            reader,
            "r",
            # playlists and session descriptions name files and addresses to open: none may be
            container_options={"protocol_whitelist": "none"},
            metadata_errors="replace",
            buffer_size=1 << 17,
        )
    except av.error.FFmpegError as error:
        reader.check()
        head = reader.peek(0, 12)
        if head.startswith(_MAGIC) or head[4:8] == b"ftyp":
            raise BadAudio(f"{name} is damaged or cut off") from error
        raise BadAudio(f"{name} is not audio that can be read") from error


def _sound(container: InputContainer, name: str) -> AudioStream:
    stream = container.streams.best("audio")  # passes over those without channels or a rate
    if not isinstance(stream, AudioStream):
        if container.streams.audio:
            raise BadAudio(f"{name} is damaged: it does not say what sound it holds")
        what = "a film without sound" if container.streams.video else "not audio"
        raise BadAudio(f"{name} is {what}")
    # a stream without a decoder has no context, whatever the library's types say
    if getattr(stream, "codec_context", None) is None:
        raise BadAudio(f"{name} is in a format that cannot be decoded")
    return stream


def probe(source: Source) -> Probe:
    """Return what a recording says of itself, decoding next to nothing.

    Args:
        source: A path, or a readable and seekable binary stream.

    Raises:
        BadAudio: It is empty, not audio, or has no sound in it.
        Unknown: There is no such file.
        StorageFailed: It cannot be read.
    """
    with opened(source) as recording:
        return recording.probe


def decode(source: Source, *, sr: int | None = None) -> Iterator[Block]:
    """Yield a recording's samples in blocks of about one second and a half.

    Args:
        source: A path, or a readable and seekable binary stream, read from its beginning.
        sr: The sample rate to convert to [Hz]; None for the recording's own.

    Yields:
        Blocks [shape=(channels, n), float32], full scale ±1; each is the caller's to keep.

    Raises:
        BadAudio: It is empty, not audio, cut off, damaged, without length, or has samples that
            are not numbers.
        Unknown: There is no such file.
        StorageFailed: It cannot be read.
    """
    with opened(source) as recording:
        blocks = recording.blocks()
        yield from blocks if sr is None else resample(blocks, recording.probe.sr, sr)
