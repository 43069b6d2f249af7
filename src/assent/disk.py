"""The disk, held to its word: folders that last, and failures said in plain words.

A file's bytes last once the file was synced, its name once its folder was. Touches no key and no
audio.

Source: POSIX.1-2017, fsync and rename; Linux, fsync(2), on syncing the folder as well.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from assent.errors import StorageFailed

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["make_folder", "place_file", "replace_file", "storage", "sync_folder", "write_all"]

_WHY = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than this system allows",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "this account may not do that there",
    errno.EPERM: "this account may not do that there",
    errno.ENOENT: "it is not there",
    errno.ENOTDIR: "a file is in the way of its folder",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.EIO: "the disk failed",
}


@contextmanager
def storage(doing: str, place: Path) -> Iterator[None]:
    """Turn what the operating system says into one clause.

    Args:
        doing: What was being tried, as in "cannot `doing`".
        place: Where.

    Raises:
        StorageFailed: The operating system refused.
    """
    try:
        yield
    except OSError as error:
        why = _WHY.get(error.errno or 0, (error.strerror or str(error)).lower())
        raise StorageFailed(
            f"cannot {doing}: {why}", place=str(place), errno=error.errno
        ) from error


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make `folder` and what leads to it, if they are not there, so that they last.

    The name of one that is there is synced too: whoever made it may not have lived to do so.
    """
    if folder.is_dir():
        with suppress(PermissionError):  # a place that we may not read is not one that we filled
            sync_folder(folder.parent)
        return
    make_folder(folder.parent)
    try:
        folder.mkdir()
    except FileExistsError:  # another process was first; a file of that name is no folder
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(folder)) from None
    sync_folder(folder.parent)


def write_all(handle: int, data: "ReadableBuffer") -> None:
    """Write every byte of `data`, though a single write may take fewer."""
    rest = memoryview(data).cast("B")
    while rest:
        rest = rest[os.write(handle, rest) :]


def replace_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put a file in place, of the one that was there or of none: whole or not at all, to last.

    Args:
        path: Where; its folder is made if it is not there.
        data: What it holds.
        mode: Its permission bits.
    """
    with _arriving(path, data, mode) as whole:
        whole.replace(path)  # the commit point


def place_file(path: Path, data: bytes, mode: int = 0o644) -> bool:
    """Put a file where none is: whole or not at all, to last; return whether there was none.

    Args:
        path: Where; its folder is made if it is not there.
        data: What it holds.
        mode: Its permission bits.
    """
    with _arriving(path, data, mode) as whole:
        try:
            path.hardlink_to(whole)  # the commit point; unlike a rename it never replaces
        except FileExistsError:
            return False
    return True


@contextmanager
def _arriving(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """Give a whole file beside its place; the name that it gets in the block is made to last."""
    arriving = path.with_name(f".{path.name}.{token_hex(8)}")
    make_folder(path.parent)
    try:
        handle = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            write_all(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        yield arriving
        sync_folder(path.parent)
    finally:
        arriving.unlink(missing_ok=True)
