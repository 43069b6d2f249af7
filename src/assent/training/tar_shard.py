"""Shards in the form of WebDataset: tar files with `r12.ogg` and `r12.json` side by side.

Headers say nothing but name and size, so equal samples give equal bytes. The reader takes nothing
else: it never follows a name or a link, and writes nothing to the disk.

Source: POSIX.1-1988 ustar with GNU's sizes above 8 GiB; WebDataset's naming of samples.
"""

import os
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from assent.errors import NotProved, Tampered
from assent.sound.source import ByteStream, safe_name
from assent.training.item import Item
from assent.training.shard import Found, Section, copied

__all__ = ["TarWriter", "read_tar"]

_BLOCK = 512
_END = bytes(2 * _BLOCK)
_MOST_DESCRIPTION = 1 << 24
_KINDS = {
    tarfile.DIRTYPE: "a folder",
    tarfile.SYMTYPE: "a link",
    tarfile.LNKTYPE: "a link",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
}


def _header(name: str, size_bytes: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size_bytes
    return entry.tobuf(tarfile.GNU_FORMAT, "ascii", "strict")


def _padding(size_bytes: int) -> int:
    return -size_bytes % _BLOCK


def _beside(file: str) -> str:
    return file.partition(".")[0] + ".json"


class TarWriter:
    """A tar file that is being written.

    Args:
        path: Where; nothing may be there.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self.size_bytes = 0

    def add(self, item: Item, audio: ByteStream, description: bytes) -> None:
        """Add a sample; if the audio cannot be read to its end, it is as if never begun.

        Raises:
            Tampered: The audio is not what the item says.
            OSError: The disk refuses.
        """
        start = self._file.tell()
        try:
            self._write(item, audio, description)
        except BaseException:
            self._file.seek(start)
            self._file.truncate()
            raise
        self.size_bytes = self._file.tell()

    def _write(self, item: Item, audio: ByteStream, description: bytes) -> None:
        digest = sha256()
        self._file.write(_header(item.file, item.size_bytes))
        for chunk in copied(item, audio):
            digest.update(chunk)
            self._file.write(chunk)
        if digest.hexdigest() != item.digest:
            raise Tampered(f"the audio of {item.recording} is not what was taken in")
        self._file.write(bytes(_padding(item.size_bytes)))
        self._file.write(_header(_beside(item.file), len(description)))
        self._file.write(description + bytes(_padding(len(description))))

    def finish(self) -> None:
        """Write the end, so that it lasts.

        Raises:
            OSError: The disk refuses.
        """
        self._file.write(_END)
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let the file go, finished or not."""
        self._file.close()


def read_tar(path: Path) -> Iterator[Found]:
    """Yield the samples of a shard in order.

    Raises:
        NotProved: It is not written as `TarWriter` writes it.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        at = 0
        while (entry := _entry(file, at, end, path.name)) is not None:
            name, size_bytes = entry
            audio = Section(file, at + _BLOCK, size_bytes)
            at = _after(file, at, size_bytes, path.name)
            beside = _entry(file, at, end, path.name)
            if beside is None or beside[0] != _beside(name) or beside[1] > _MOST_DESCRIPTION:
                raise NotProved(f"{path.name} has no description beside {safe_name(name)}")
            description = Section(file, at + _BLOCK, beside[1]).read(beside[1])
            at = _after(file, at, beside[1], path.name)
            yield Found(name, audio, size_bytes, description)


def _entry(file: BinaryIO, at: int, end: int, shard: str) -> tuple[str, int] | None:
    """Return name and size of the entry at a place, or None if the shard ends there."""
    file.seek(at)
    header = file.read(_BLOCK)
    if header == _END[:_BLOCK]:
        if file.read(_BLOCK + 1) != _END[_BLOCK:]:
            raise NotProved(f"{shard} does not end where it says")
        return None
    try:
        entry = tarfile.TarInfo.frombuf(header, "ascii", "strict")
    except (tarfile.TarError, ValueError):
        raise NotProved(f"{shard} is cut off or damaged at byte {at}") from None
    if entry.type in _KINDS:
        raise NotProved(f"{shard} holds {_KINDS[entry.type]}, {safe_name(entry.name)}")
    if not 0 <= entry.size <= end - at - _BLOCK:
        raise NotProved(f"{shard} says that {safe_name(entry.name)} is longer than the shard")
    if header != _header(entry.name, entry.size):
        raise NotProved(f"{shard} holds {safe_name(entry.name)}, which no build wrote like that")
    return entry.name, entry.size


def _after(file: BinaryIO, at: int, size_bytes: int, shard: str) -> int:
    """Return where the next entry begins."""
    data_end = at + _BLOCK + size_bytes
    file.seek(data_end)
    if any(file.read(_padding(size_bytes))):
        raise NotProved(f"{shard} hides something between its entries")
    return data_end + _padding(size_bytes)
