"""An archive for evidence: a ZIP that is written in one way, and read strictly, piece by piece.

Whoever hands one in is not trusted: every size is looked at before anything of that size is read,
the directory must be exactly what lies in the file, and unpacking stops where a file gives more
than the directory declares. Memory stays flat, however large the files are. Equal files give equal
bytes (with one version of zlib): names in order, no times.

Source: PKWARE APPNOTE 6.3.3, sections 4.3 and 4.5.3 (ZIP and ZIP64); RFC 1951.
"""

import os
import re
import shutil
import struct
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from assent.errors import BadProof

__all__ = ["MOST_FILES", "Archive", "Member", "write_archive"]

MOST_FILES: Final = 1 << 18
_MOST_BYTES: Final = 1 << 36
"""Of an archive, and of all its files unpacked."""
_MOST_DIRECTORY_BYTES: Final = 1 << 26
_MOST_RATIO: Final = 1032
"""Deflate cannot pack closer; whoever declares more lies."""

_END: Final = struct.Struct("<IHHHHIIH")
_END_64: Final = struct.Struct("<IQHHIIQQQQ")
_LOCATOR: Final = struct.Struct("<IIQI")
_CENTRAL: Final = struct.Struct("<IHHHHHHIIIHHHHHII")
_LOCAL: Final = struct.Struct("<IHHHHHIIIHH")
_IS_END, _IS_END_64, _IS_LOCATOR = 0x06054B50, 0x06064B50, 0x07064B50
_IS_CENTRAL, _IS_LOCAL = 0x02014B50, 0x04034B50
_REST_OF_END_64: Final = 44
_ELSEWHERE_16, _ELSEWHERE_32 = 0xFFFF, 0xFFFFFFFF
"""Stand for a number that is too large here, and is in a record or field of ZIP64."""
_ZIP64: Final = 1
_SOUND_FLAGS: Final = 0x0806  # how hard it was deflated, names in UTF-8
_STORED, _DEFLATED = 0, 8
_NAME: Final = re.compile(rb"[\x20-\x39\x3b-\x5b\x5d-\x7e]{1,255}")  # no colon, no backslash
_CHUNK: Final = 1 << 16


def _malformed(text: str) -> BadProof:
    return BadProof(text, reason="malformed")


def _too_large(text: str) -> BadProof:
    return BadProof(text, reason="too-large")


class Member(NamedTuple):
    """One file of an archive.

    Args:
        name: Its name.
        packed: Its size in the archive [bytes].
        size: Its size unpacked [bytes].
        crc: Its CRC-32.
        deflated: Whether it is packed at all.
        start: Where its header is.
        body: Where its bytes are.
    """

    name: str
    packed: int
    size: int
    crc: int
    deflated: bool
    start: int
    body: int = 0


def write_archive(path: Path, files: Mapping[str, bytes | Path]) -> None:
    """Write an archive so that it lasts.

    Args:
        path: Where; nothing is there yet.
        files: What it holds, by name: bytes, or the file that holds them.

    Raises:
        OSError: It cannot be written.
    """
    with path.open("xb") as out:
        with ZipFile(out, "w") as archive:
            for name in sorted(files):
                source = files[name]
                info = ZipInfo(name)  # of 1980, the first time that there is
                info.compress_type, info.create_system = ZIP_DEFLATED, 3
                info.external_attr = 0o100644 << 16
                with _opened(source) as read:
                    info.file_size = read.seek(0, os.SEEK_END)
                    read.seek(0)
                    with archive.open(info, "w") as write:
                        shutil.copyfileobj(read, write, _CHUNK)
        out.flush()
        os.fsync(out.fileno())


def _opened(source: bytes | Path) -> BinaryIO:
    return source.open("rb") if isinstance(source, Path) else BytesIO(source)


class Archive:
    """An archive that is read.

    Args:
        file: It, at any place; must be able to seek.

    Raises:
        BadProof: It is no archive as `write_archive` writes them, or larger than any is.
        OSError: It cannot be read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        end = file.seek(0, os.SEEK_END)
        if end > _MOST_BYTES:
            raise _too_large("the file is larger than any evidence")
        count, start, stop = _directory(file, end)
        if count > MOST_FILES or stop - start > _MOST_DIRECTORY_BYTES:
            raise _too_large("it has more files than any evidence")
        listed = _read_directory(_at(file, start, stop - start), count)
        if sum(member.size for member in listed) > _MOST_BYTES:
            raise _too_large("its files come to more than any evidence")
        self.members = {member.name: member for member in _placed(file, listed, start)}
        if len(self.members) != count:
            raise _malformed("two of its files have one name")

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file; several may be read side by side.

        Raises:
            BadProof: There is no such file, or it cannot be unpacked to what the directory says.
            OSError: The archive cannot be read.
        """
        member = self.members.get(name)
        if member is None:
            raise _malformed(f"{name} is missing")
        crc, size = 0, 0
        try:
            for chunk in self._unpacked(member):
                size += len(chunk)
                if size > member.size:
                    break
                crc = zlib.crc32(chunk, crc)
                yield chunk
        except zlib.error as error:
            raise _malformed(f"{name} cannot be unpacked") from error
        if size != member.size or crc != member.crc:
            raise _malformed(f"{name} cannot be unpacked to what it should be")

    def _unpacked(self, member: Member) -> Iterator[bytes]:
        at, end = member.body, member.body + member.packed
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        while at < end:
            some = _at(self._file, at, min(_CHUNK, end - at))
            at += len(some)
            if not member.deflated:
                yield some
                continue
            while some:
                yield unpacker.decompress(some, _CHUNK)
                some = unpacker.unconsumed_tail
        if member.deflated:
            yield unpacker.flush()
            if not unpacker.eof or unpacker.unused_data:
                raise zlib.error

    def read(self, name: str, most_bytes: int) -> bytes:
        """Return a file.

        Raises:
            BadProof: As `chunks`, or it is larger than `most_bytes`.
            OSError: The archive cannot be read.
        """
        member = self.members.get(name)
        if member is not None and member.size > most_bytes:
            raise _too_large(f"{name} is larger than any file of its kind")
        return b"".join(self.chunks(name))

    def lines(self, name: str, most_bytes: int) -> Iterator[bytes]:
        """Yield the lines of a file, without their ends.

        Raises:
            BadProof: As `chunks`, or a line is longer than `most_bytes` or does not end.
            OSError: The archive cannot be read.
        """
        parts: list[bytes] = []
        waiting = 0
        for chunk in self.chunks(name):
            first, *others = chunk.split(b"\n")
            parts.append(first)
            waiting += len(first)
            for other in others:
                yield b"".join(parts)
                parts, waiting = [other], len(other)
            if waiting > most_bytes:
                raise _too_large(f"{name} has a line longer than any is")
        if waiting:
            raise _malformed(f"the last line of {name} does not end")


def _at(file: BinaryIO, start: int, size: int) -> bytes:
    """Return bytes of a file.

    Raises:
        BadProof: It has none there.
    """
    if start < 0:
        raise _malformed("it does not end as a ZIP does")
    file.seek(start)
    data = file.read(size)
    if len(data) != size:
        raise _malformed("it is shorter than it says")
    return data


def _directory(file: BinaryIO, end: int) -> tuple[int, int, int]:
    """Return how many files the directory lists, where it begins and where it stops."""
    stop = end - _END.size
    kind, *disks, here, count, size, start, comment = _END.unpack(_at(file, stop, _END.size))
    if kind != _IS_END or any(disks) or here != count or comment:
        raise _malformed("it does not end as a ZIP does")
    if _is_large(file, stop):
        said = (count, size, start)
        stop, count, size, start = _directory_64(file, stop)
        most = (_ELSEWHERE_16, _ELSEWHERE_32, _ELSEWHERE_32)
        if said != tuple(map(min, (count, size, start), most)):
            raise _malformed("it says two things about its directory")
    if start + size != stop or size < count * _CENTRAL.size:
        raise _malformed("its directory is not where it should be")
    return count, start, stop


def _is_large(file: BinaryIO, end: int) -> bool:
    """Say whether the records of ZIP64 stand before the end; beyond 2 GiB Python writes them."""
    at = end - _LOCATOR.size
    return at >= 0 and _at(file, at, 4) == struct.pack("<I", _IS_LOCATOR)


def _directory_64(file: BinaryIO, end: int) -> tuple[int, int, int, int]:
    """Return the same from the records of ZIP64, and first where those begin."""
    at = end - _LOCATOR.size
    kind, disk, start, disks = _LOCATOR.unpack(_at(file, at, _LOCATOR.size))
    stop = at - _END_64.size
    if (kind, disk, start, disks) != (_IS_LOCATOR, 0, stop, 1):
        raise _malformed("it does not end as a large ZIP does")
    kind, rest, *_, disk, first, here, count, size, start = _END_64.unpack(
        _at(file, stop, _END_64.size)
    )
    if (kind, rest, disk, first, here) != (_IS_END_64, _REST_OF_END_64, 0, 0, count):
        raise _malformed("it does not end as a large ZIP does")
    return stop, count, size, start


def _read_directory(data: bytes, count: int) -> list[Member]:
    """Return what the directory lists; where the bytes are is not known yet."""
    listed, at = [], 0
    for _ in range(count):
        if at + _CENTRAL.size > len(data):
            raise _malformed("its directory ends too early")
        fields = _CENTRAL.unpack_from(data, at)
        at += _CENTRAL.size
        name_size, extra_size = fields[10], fields[11]
        name, extra = data[at:][:name_size], data[at + name_size :][:extra_size]
        at += name_size + extra_size
        listed.append(_member(fields, name, extra))
    if at != len(data):
        raise _malformed("its directory is longer than it says")
    return listed


def _member(fields: tuple[int, ...], name: bytes, extra: bytes) -> Member:
    kind, _, _, flags, method, _, _, crc, packed, size, _, _, comment, disk, *_, start = fields
    if not _is_plain(name):
        raise _malformed("one of its files has no plain name")
    if kind != _IS_CENTRAL or comment or disk:
        raise _malformed("its directory is not written as it should be")
    if flags & ~_SOUND_FLAGS or method not in {_STORED, _DEFLATED}:
        raise _malformed("one of its files is packed in a strange way")
    size, packed, start = _with_extra([size, packed, start], extra)
    if size > _MOST_RATIO * (packed + 1) or (method == _STORED and size != packed):
        raise _malformed("one of its files cannot have the size that it declares")
    return Member(name.decode(), packed, size, crc, method == _DEFLATED, start)


def _is_plain(name: bytes) -> bool:
    parts = name.split(b"/")
    return bool(_NAME.fullmatch(name)) and not {b"", b".", b".."} & set(parts)


def _with_extra(values: list[int], extra: bytes) -> list[int]:
    """Return numbers of which those too large for their place are in a ZIP64 field."""
    wide = [place for place, value in enumerate(values) if value == _ELSEWHERE_32]
    if not wide and not extra:
        return values
    if (
        not wide
        or extra[:4] != struct.pack("<HH", _ZIP64, 8 * len(wide))
        or len(extra) != 4 + 8 * len(wide)
    ):
        raise _malformed("one of its files is described in a strange way")
    for place, value in zip(wide, struct.unpack_from(f"<{len(wide)}Q", extra, 4), strict=True):
        values[place] = value
    return values


def _placed(file: BinaryIO, listed: list[Member], directory: int) -> Iterator[Member]:
    """Yield the files with the places of their bytes: one after the other, with nothing between."""
    at = 0
    for member in sorted(listed, key=lambda member: member.start):
        if member.start != at:
            raise _malformed("its files do not lie one after the other")
        head = _LOCAL.unpack(_at(file, at, _LOCAL.size))
        kind, _, flags, method, _, _, crc, packed, size, name_size, extra_size = head
        rest = _at(file, at + _LOCAL.size, name_size + extra_size)
        size, packed = _with_extra([size, packed], rest[name_size:])
        found = (kind, method == _DEFLATED, crc, packed, size, rest[:name_size])
        said = (member.deflated, member.crc, member.packed, member.size, member.name.encode())
        if found != (_IS_LOCAL, *said) or flags & ~_SOUND_FLAGS or method not in {0, _DEFLATED}:
            raise _malformed(f"{member.name} is described otherwise where it lies")
        body = at + _LOCAL.size + len(rest)
        at = body + member.packed
        yield member._replace(body=body)
    if at != directory:
        raise _malformed("its files do not reach to its directory")
