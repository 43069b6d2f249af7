"""A folder of audio files as an index, so that a file can be held against it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assent.errors import AssentError, BadInput, Unknown
from assent.identity.fingerprint import fingerprint
from assent.identity.index import Index

__all__ = ["Filed", "files_of", "indexed"]

_AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A file of the archive.

    Args:
        number: Its number in the index.
        path: Where it is.
        duration_s: How long it is [seconds]; 0 if it was not taken in.
        error: Why it was not.
    """

    number: int
    path: Path
    duration_s: float = 0.0
    error: AssentError | None = None


def files_of(folder: Path) -> list[Path]:
    """Return the files of a folder and of those in it, hidden ones left out.

    Raises:
        Unknown: There is no such folder.
    """
    if not folder.is_dir():
        raise Unknown(f"there is no folder {str(folder)!r}", folder=str(folder))
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")
    )


def indexed(paths: list[Path], index: Index) -> Iterator[Filed]:
    """Take files into an index, and yield what became of each; all are in it at the end.

    Raises:
        CouldNot: One cannot be read at all, or the index not be written.
    """
    waiting = []
    for number, path in enumerate(paths):
        try:
            taken = fingerprint(path)
        except BadInput as error:
            yield Filed(number=number, path=path, error=error)
            continue
        waiting.append((number, taken.kept()))
        if len(waiting) == _AT_ONCE:
            index.add(waiting)
            waiting = []
        yield Filed(number=number, path=path, duration_s=taken.duration_s)
    if waiting:
        index.add(waiting)
    index.merge()
