"""Whether a recording reaches the end that its container promises.

FFmpeg reads a file that was cut off as far as it goes, and where a header promises more than the
file holds it lowers the promise without a word. So the promise is read here: the size of the
sound in RIFF, RF64, Wave64 and CAF, the last page of Ogg, the byte count of MPEG audio. Reads a
few kilobytes at either end and decodes nothing.

Invariant: no promise, no complaint. Sizes that mean "not known when this was written" (streamed
WAV and CAF, MP3 without a Xing header) promise nothing.

Source: Microsoft RIFF 1991; EBU Tech 3306 (RF64); Sony Wave64; Apple CAF 1.0; RFC 3533 (Ogg);
Xing VBR header as LAME writes it.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from assent.sound.source import Reader

__all__ = ["is_cut_off", "promises_length"]

# containers whose duration is written down; others are guessed from the bit rate
_WRITTEN = {
    "aiff", "ape", "asf", "au", "avi", "caf", "flac", "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2",
    "ogg", "tta", "w64", "wav", "wv",
}  # fmt: skip

_OGG_HEADER = 27  # bytes, the last of which counts the lacing values that follow
_LONGEST_OGG_PAGE = _OGG_HEADER + 255 + 255 * 255
_OGG_LAST_PAGE = 0x04
_MOST_CHUNKS = 1_000
_ID3_HEADER = 10  # bytes, the last four of which hold the size of the tag, seven bits each


def promises_length(reader: Reader, container: str) -> bool:
    """Return whether the container's duration is written in it rather than guessed.

    Args:
        reader: The open recording.
        container: FFmpeg's name of the format.
    """
    return container in _WRITTEN or (container == "mp3" and _xing(reader) is not None)


def is_cut_off(reader: Reader, container: str) -> bool:
    """Return whether the container's own structure says that bytes are missing at its end.

    Args:
        reader: The open recording.
        container: FFmpeg's name of the format.
    """
    match container:
        case "ogg":
            return not _ends_with_last_page(reader)
        case "wav" | "w64" | "caf":
            end = _end_of_sound(reader, _CHUNKS[container])
        case "mp3":
            xing = _xing(reader)
            end = xing.end if xing else None
        case _:
            return False
    return end is not None and end > reader.size_bytes()


def _ends_with_last_page(reader: Reader) -> bool:
    """Return whether the last Ogg page is whole and says that no other follows."""
    size = reader.size_bytes()
    # twice, so that a whole page lies within even where tags were appended to the file
    start = max(0, size - 2 * _LONGEST_OGG_PAGE)
    tail = reader.peek(start, size - start)
    at = tail.rfind(b"OggS")
    header = tail[at : at + _OGG_HEADER] if at >= 0 else b""
    if len(header) < _OGG_HEADER:
        return False
    count, body = header[-1], at + _OGG_HEADER
    lacing = tail[body : body + count]
    whole = len(lacing) == count and body + count + sum(lacing) <= len(tail)
    return whole and bool(header[5] & _OGG_LAST_PAGE)


class _Chunks(NamedTuple):
    """How one family of containers lays out its chunks.

    Args:
        first: Where the first chunk begins [bytes].
        header: The chunk's name and size, for `struct`.
        sized_with_header: Whether the size counts the header.
        align: What a chunk's length is rounded up to [bytes].
        unknown: The least size that means that it was not known.
    """

    first: int
    header: struct.Struct
    sized_with_header: bool
    align: int
    unknown: int


_CHUNKS = {
    # encoders that cannot go back write all ones, or the largest signed number less a few
    "wav": _Chunks(12, struct.Struct("<4sI"), sized_with_header=False, align=2, unknown=0x7FFFF000),
    "w64": _Chunks(
        40, struct.Struct("<4s12xQ"), sized_with_header=True, align=8, unknown=0x7FFFFFFFFFFF0000
    ),
    "caf": _Chunks(8, struct.Struct(">4sQ"), sized_with_header=False, align=1, unknown=1 << 63),
}


def _end_of_sound(reader: Reader, layout: _Chunks) -> int | None:
    """Return where the sound must end [bytes], None if that is not written down."""
    long_size = 0
    for name, body, size in _chunks(reader, layout):
        if name == b"ds64":  # RF64: its second number is the size of the sound
            long_size = int.from_bytes(reader.peek(body + 8, 8), "little")
        if name == b"data":
            known = long_size if size >= layout.unknown else size
            return body + known if known > 0 else None
    return None


def _chunks(reader: Reader, layout: _Chunks) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's name, where its body begins and the size that it states [bytes]."""
    at, end = layout.first, reader.size_bytes()
    for _ in range(_MOST_CHUNKS):
        # a forged size may lead beyond the file, even beyond where one can seek
        head = reader.peek(at, layout.header.size) if at < end else b""
        if len(head) < layout.header.size:
            return
        name, size = layout.header.unpack(head)
        if layout.sized_with_header:
            size -= len(head)
        if size < 0:
            return
        body = at + len(head)
        yield name, body, size
        at = body + -(-size // layout.align) * layout.align


class _Xing(NamedTuple):
    """Where a file with a Xing header must end [bytes], if the header says."""

    end: int | None


def _xing(reader: Reader) -> _Xing | None:
    """Return what the first MPEG frame says of the whole file, None if it says nothing."""
    start = 0
    tag = reader.peek(0, _ID3_HEADER)
    if tag.startswith(b"ID3"):
        size = 0
        for septet in tag[6:]:
            size = size << 7 | septet & 0x7F
        start = len(tag) + size
    first = reader.peek(start, 4096)
    found = [at for at in (first.find(b"Xing"), first.find(b"Info")) if at >= 0]
    if not found:
        return _Xing(None) if b"VBRI" in first else None
    at = min(found)
    flags = int.from_bytes(first[at + 4 : at + 8], "big")
    if not flags & 1:  # without a number of frames the duration is a guess
        return None
    size = int.from_bytes(first[at + 12 : at + 16], "big") if flags & 2 else 0
    # the count begins at the frame that holds this header, whose sync word stands before it
    sync = first.rfind(b"\xff", 0, at)
    return _Xing(start + max(sync, 0) + size if size else None)
