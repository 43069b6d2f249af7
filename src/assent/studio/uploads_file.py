"""Where an upload lies, and how its parts come to be there.

Of one file one part arrives at a time. An offset is told only of what is on the disk; a part that
comes with a checksum counts when it was compared, and not before.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from assent.acts.house import House
from assent.acts.site_rows import uploads_folder
from assent.disk import make_folder, replace_file, storage, sync_folder
from assent.errors import BadInput, Busy, StorageFailed, Unknown
from assent.studio.uploads_part import Part, checksum_of

__all__ = [
    "GONE",
    "WrongOffset",
    "arrived_bytes",
    "create_file",
    "folder_of",
    "held",
    "path_of",
    "receiving",
    "remove_files",
    "said_of",
]

GONE = "there is no such upload; it was dropped, or a day has gone by"
_SPARE_BYTES = 256 << 20
"""What uploads leave free on the disk for everything else."""


class WrongOffset(BadInput):
    """A part does not begin where the last one ended; `facts["offset"]` says where that is."""


def folder_of(house: House) -> Path:
    """Return the folder of all uploads."""
    return uploads_folder(house)


def path_of(house: House, upload: str) -> Path:
    """Return where an upload lies, by its id."""
    return folder_of(house) / upload


def said_of(house: House, upload: str) -> Path:
    """Return where it lies what is said of an upload."""
    return folder_of(house) / f"{upload}.said"


def _compared(path: Path) -> Path:
    """Return where it lies how much was compared, while a part with a checksum arrives."""
    return path.with_name(f"{path.name}.compared")


def create_file(house: House, upload: str, size_bytes: int) -> None:
    """Make the file of an upload, to last; readable by the platform's user alone.

    Raises:
        StorageFailed: The disk has no room for it, or refused.
    """
    folder = folder_of(house)
    with storage("keep the upload", folder):
        make_folder(folder)
        folder.chmod(0o700)
        if shutil.disk_usage(folder).free < size_bytes + _SPARE_BYTES:
            raise StorageFailed("there is no room for it at the moment; try again later", told=True)
        handle = os.open(folder / upload, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.close(handle)
        sync_folder(folder)


def arrived_bytes(path: Path) -> int | None:
    """Return how much of a file is here for good; None if there is none."""
    with suppress(FileNotFoundError, ValueError):
        return int(_compared(path).read_text())  # a part that was not compared yet does not count
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return None


@contextmanager
def held(path: Path) -> Iterator[int]:
    """Hold an upload so that nobody else changes it; gives its open file.

    Raises:
        Busy: A part of it is arriving, or it is being taken in.
        Unknown: It was dropped meanwhile.
    """
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        raise Unknown(GONE) from None
    try:
        try:
            flock(handle, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise Busy("it is still arriving, or being taken in; wait a moment") from None
        with storage("keep the upload", path):
            _drop_uncompared(path, handle)
        yield handle
    finally:
        os.close(handle)  # lets the lock go


def _drop_uncompared(path: Path, handle: int) -> None:
    """Drop a part whose checksum was never compared, because the process died at it."""
    marker = _compared(path)
    if not marker.exists():
        return
    os.ftruncate(handle, int(marker.read_text()))
    os.fsync(handle)
    marker.unlink()
    sync_folder(path.parent)


@contextmanager
def receiving(path: Path, size_bytes: int, offset: int, checksum: str = "") -> Iterator[Part]:
    """Take a part of an upload; what has arrived is kept, also if the block ends with an error.

    Args:
        path: Where the upload lies.
        size_bytes: How large it will be.
        offset: Where the part begins [bytes].
        checksum: Its checksum as tus writes it: the algorithm, a space, base64; empty if none.

    Raises:
        BadInput: No such checksum is known.
        Busy: Another part of it is arriving.
        ChecksumMismatch: The part is not what it should be; nothing of it is kept.
        Overflow: More comes than was announced; what was announced is kept.
        StorageFailed: The disk refused.
        WrongOffset: It begins elsewhere than the last one ended.
    """
    expected = checksum_of(checksum) if checksum else None
    with held(path) as handle, storage("keep the upload", path):
        here = os.lseek(handle, 0, os.SEEK_END)
        if offset != here:
            raise WrongOffset(f"the next part begins at byte {here}", offset=here)
        if expected is not None:
            replace_file(_compared(path), str(here).encode(), 0o600)
        part = Part(handle, here, size_bytes, expected)
        try:
            yield part
            part.check()
        except BaseException:
            if expected is not None:
                os.ftruncate(handle, here)
            raise
        finally:
            os.fsync(handle)
            if expected is not None:
                _compared(path).unlink(missing_ok=True)
                sync_folder(path.parent)


def remove_files(house: House, upload: str) -> None:
    """Remove what lies of an upload.

    Raises:
        StorageFailed: The disk refused.
    """
    path = path_of(house, upload)
    with storage("remove the upload", path):
        for file in (path, _compared(path), said_of(house, upload)):
            file.unlink(missing_ok=True)
