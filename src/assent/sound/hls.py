"""A recording for players that take it in parts: an MP4 in segments of six seconds, and playlists.

Answers what a rendition is made of (`segmented`, `index`) and what a player is told of it
(`media_playlist`, `master_playlist`). A rendition is one file: a head, then segments that each play
once the head is known; a player asks for them by byte range. How much of the first segment is the
encoder's delay stands in the head, so the sound starts and ends where the recording does.

Knows nothing of addresses but the ones it is handed, of permission or of the vault.

Source: RFC 8216, sections 4.3.2 to 4.3.4; RFC 6381, section 3 (CODECS); ISO/IEC 14496-12, 8.8.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import BinaryIO

import av
import numpy as np

from assent.errors import BadAudio, Tampered
from assent.sound.block import Block
from assent.sound.decode import opened
from assent.sound.encode import Format, WritableStream, encode
from assent.sound.resample import resample
from assent.sound.source import Source

__all__ = [
    "Kind",
    "Rendition",
    "Segment",
    "format_index",
    "index",
    "master_playlist",
    "media_playlist",
    "parse_index",
    "segmented",
]

_BOX = 8  # bytes of a box's size and name
_CD_SR, _USUAL_SR = 44_100, 48_000


class Kind(StrEnum):
    """Which codec a rendition has."""

    AAC = "aac"
    OPUS = "opus"

    @property
    def codecs(self) -> str:
        """The codec as browsers and playlists call it."""
        return "mp4a.40.2" if self is Kind.AAC else "opus"


_FORMATS = {Kind.AAC: Format.AAC_PARTS, Kind.OPUS: Format.OPUS_PARTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One part of a rendition.

    Args:
        start: Where it begins in the file [bytes].
        size_bytes: How long it is [bytes].
        duration_s: How long it sounds [seconds].
    """

    start: int
    size_bytes: int
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """What a file in parts is made of.

    Args:
        kind: Its codec.
        head_bytes: How long the head is, which every segment needs [bytes].
        segments: The segments, one after the other to the end of the file.
    """

    kind: Kind
    head_bytes: int
    segments: tuple[Segment, ...]

    @property
    def size_bytes(self) -> int:
        """How long the file is [bytes]."""
        last = self.segments[-1]
        return last.start + last.size_bytes

    @property
    def duration_s(self) -> float:
        """How long it sounds, with the encoder's delay [seconds]."""
        return sum(segment.duration_s for segment in self.segments)

    @property
    def bandwidth(self) -> int:
        """The most bits a second that any segment needs [bits per second]."""
        return max(ceil(8 * it.size_bytes / max(it.duration_s, 0.1)) for it in self.segments)

    @property
    def average_bandwidth(self) -> int:
        """The bits a second that the whole needs [bits per second]."""
        return ceil(8 * self.size_bytes / max(self.duration_s, 0.1))


def segmented(source: Source, target: WritableStream, kind: Kind) -> None:
    """Write a recording as an MP4 in segments; more than two channels become two.

    Args:
        source: A path, or a readable and seekable binary stream.
        target: A writable and seekable binary stream.
        kind: Which codec.

    Raises:
        BadAudio: The recording is damaged or holds no sound.
        StorageFailed: It cannot be read or written.
    """
    with opened(source) as recording:
        sr = recording.probe.sr
        # of other rates some players know nothing
        rate = sr if sr == _CD_SR and kind is Kind.AAC else _USUAL_SR
        blocks = resample(_stereo(recording.blocks(), recording.probe.layout), sr, rate)
        encode(target, blocks, rate, format=_FORMATS[kind])


_LEFT = {"FL": 1.0, "FC": 0.707, "BL": 0.707, "SL": 0.707, "BC": 0.5, "FLC": 0.707}
_RIGHT = {"FR": 1.0, "FC": 0.707, "BR": 0.707, "SR": 0.707, "BC": 0.5, "FRC": 0.707}


def _stereo(blocks: Iterable[Block], layout: Sequence[str]) -> Iterator[Block]:
    """Yield one or two channels as they are, and more of them mixed to two.

    Source: ITU-R BS.775, table 2, for the usual places; what has none is heard on both sides.
    """
    mix: Block | None = None
    for block in blocks:
        channels = block.shape[0]
        if channels <= 2:  # noqa: PLR2004  # left and right
            yield block
            continue
        if mix is None:
            mix = _mix(channels, layout)
        yield np.ascontiguousarray(mix @ block, np.float32)


def _mix(channels: int, layout: Sequence[str]) -> Block:
    if len(layout) == channels and {"FL", "FR"} <= set(layout):
        rows = [[side.get(name, 0.0) for name in layout] for side in (_LEFT, _RIGHT)]
    else:
        rows = [[1.0] * channels] * 2
    mix: Block = np.array(rows, np.float32)
    mix /= mix.sum(axis=1, keepdims=True)  # nothing is clipped that was not before
    return mix


def index(file: BinaryIO, kind: Kind) -> Rendition:
    """Return what a file in parts is made of.

    Args:
        file: What `segmented` wrote.
        kind: Its codec.

    Raises:
        BadAudio: It is no such file.
    """
    starts, size = _parts(file)
    if not starts:
        raise BadAudio("this file has no parts")
    lengths = _durations(file, starts)
    segments = tuple(
        Segment(start=start, size_bytes=end - start, duration_s=round(float(length), 6))
        for (start, end), length in zip(pairwise([*starts, size]), lengths, strict=True)
    )
    return Rendition(kind=kind, head_bytes=starts[0], segments=segments)


def _parts(file: BinaryIO) -> tuple[list[int], int]:
    """Return where the parts begin, and where the file ends [bytes]."""
    size = file.seek(0, 2)
    at, starts = 0, []
    while at + _BOX <= size:
        file.seek(at)
        box = file.read(_BOX)
        if box[4:] == b"moof":
            starts.append(at)
        # a segment of six seconds is far below the 4 GiB that a longer size would be for
        at += max(int.from_bytes(box[:4], "big"), _BOX)
    if at != size:
        raise BadAudio("this file in parts was cut off")
    return starts, size


def _durations(file: BinaryIO, starts: Sequence[int]) -> list[Fraction]:
    """Return how long each part sounds [seconds]."""
    lengths = [Fraction(0)] * len(starts)
    file.seek(0)
    with av.open(file, "r") as container:
        part = 0
        for packet in container.demux(container.streams.audio[0]):
            if packet.pos is None or packet.duration is None or not packet.size:
                continue
            while part + 1 < len(starts) and packet.pos >= starts[part + 1]:
                part += 1
            lengths[part] += packet.duration * packet.time_base
    return lengths


def format_index(rendition: Rendition) -> str:
    """Return a rendition as text, to be stored."""
    return json.dumps(
        {
            "head": rendition.head_bytes,
            "segments": [[it.size_bytes, it.duration_s] for it in rendition.segments],
        },
        separators=(",", ":"),
    )


def parse_index(kind: Kind, stored: str) -> Rendition:
    """Return the rendition that was stored.

    Raises:
        Tampered: It is not what `format_index` gives.
    """
    try:
        said = json.loads(stored)
        at = head = int(said["head"])
        segments = []
        for size_bytes, duration_s in said["segments"]:
            segments.append(Segment(start=at, size_bytes=size_bytes, duration_s=duration_s))
            at += size_bytes
    except (ValueError, KeyError, TypeError) as error:
        raise Tampered("the stored list of segments is damaged") from error
    if not segments:
        raise Tampered("the stored list of segments is empty")
    return Rendition(kind=kind, head_bytes=head, segments=tuple(segments))


def media_playlist(rendition: Rendition, address: str) -> str:
    """Return the playlist of one rendition.

    Args:
        rendition: What it is made of.
        address: Where its file is, as players ask for it.
    """
    longest = max(round(segment.duration_s) for segment in rendition.segments)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(longest, 1)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{address}",BYTERANGE="{rendition.head_bytes}@0"',
    ]
    for segment in rendition.segments:
        lines += [
            f"#EXTINF:{segment.duration_s:.6f},",
            f"#EXT-X-BYTERANGE:{segment.size_bytes}@{segment.start}",
            address,
        ]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def master_playlist(renditions: Sequence[tuple[Rendition, str]]) -> str:
    """Return the playlist that lets a player choose.

    Args:
        renditions: What there is, the preferred first, each with the address of its playlist.
    """
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for rendition, address in renditions:
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={rendition.bandwidth}"
            f",AVERAGE-BANDWIDTH={rendition.average_bandwidth}"
            f',CODECS="{rendition.kind.codecs}"',
            address,
        ]
    return "\n".join([*lines, ""])
