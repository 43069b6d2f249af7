"""The folder that something is built in: beside its place until it is whole, then in it at once.

A build that dies leaves its scaffold beside the place; the next build there clears it away. Which
scaffolds are dead is told by a lock on the folder, which ends with the process that holds it.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from secrets import token_hex

from assent.errors import BadInput, StorageFailed, Unknown

__all__ = ["Scaffold", "scaffold", "storing"]

_FULL = {errno.ENOSPC, errno.EDQUOT}
_TRIES = 100


@contextmanager
def storing(what: str) -> Iterator[None]:
    """Turn what the operating system says into one clause.

    Args:
        what: What is being written, as in "`what` cannot be written".

    Raises:
        StorageFailed: The operating system refused.
    """
    try:
        yield
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        why = "the disk is full" if error.errno in _FULL else said
        raise StorageFailed(f"{what} cannot be written: {why}", errno=error.errno) from error


@dataclass(frozen=True, slots=True)
class Scaffold:
    """A folder that is being built.

    Args:
        folder: Where to build.
        place: Where it will stand.
    """

    folder: Path
    place: Path

    def put_in_place(self) -> None:
        """Let it stand in its place, whole and lasting; the files in it must last already.

        Raises:
            BadInput: Something has come into its place meanwhile.
            OSError: The disk refuses.
        """
        _sync(self.folder)
        try:
            self.folder.rename(self.place)  # the commit point; takes an empty folder's place
        except OSError as error:
            if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
                raise _taken(self.place) from None
            raise
        _sync(self.place.parent)


@contextmanager
def scaffold(place: Path) -> Iterator[Scaffold]:
    """Give a folder to build in; it is gone after the block unless it was put in place.

    Raises:
        BadInput: In its place is something already.
        Unknown: There is no folder around its place.
        StorageFailed: It cannot be made.
    """
    with storing(place.name):
        place = place.resolve()
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise _taken(place)
        if not place.parent.is_dir():
            raise Unknown(
                f"there is no folder {str(place.parent)!r} for {place.name!r} to stand in"
            )
        _clear(place)
        folder, handle = _made(place)
    try:
        yield Scaffold(folder, place)
    finally:
        # looked for by its own name: put in place it is no longer there
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _taken(place: Path) -> BadInput:
    return BadInput(f"{place.name!r} is there already and not empty; nothing was changed")


def _prefix(place: Path) -> str:
    return f".{place.name}.building-"


def _made(place: Path) -> tuple[Path, int]:
    for _ in range(_TRIES):
        folder = place.parent / f"{_prefix(place)}{token_hex(8)}"
        folder.mkdir()
        with suppress(OSError):  # another build took it for a dead one before it was locked
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            if _locked(handle) and folder.exists():
                return folder, handle
            os.close(handle)
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def _locked(handle: int) -> bool:
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _clear(place: Path) -> None:
    """Remove the scaffolds of builds that died."""
    for left in place.parent.glob(f"{_escaped(_prefix(place))}*"):
        with suppress(FileNotFoundError):  # another build clears it away
            handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if _locked(handle):
                    shutil.rmtree(left)
            finally:
                os.close(handle)


def _escaped(text: str) -> str:
    """Take the meaning away from what a pattern of file names would read in a name."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
