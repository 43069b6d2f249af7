"""Where the public files of a log lie: a folder, or an object store. One port, two adapters.

A file appears whole or not at all, and what was put is there to stay when the call returns:

    write             a crash after it leaves
    temporary file    a leftover that nobody serves
    file fsync        the same
    rename            nothing, or the whole file
    folder fsync      the whole file

What a writer that was killed has left behind is swept by the next.

`contract`: tests/log/test_store.py runs over every adapter.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Protocol

from assent.disk import make_folder, storage, sync_folder, write_all
from assent.errors import StorageFailed

if TYPE_CHECKING:
    from obstore.store import ObjectStore

__all__ = ["BucketStore", "FolderStore", "LogStore", "open_store"]

_LARGEST_FILE = 1 << 25
"""A full bundle has 256 entries of at most 65,537 bytes each."""
_INCOMING = ".incoming"
_INNER = frozenset({"", ".", "..", _INCOMING})
"""What no part of the path of a file of a log is."""


class LogStore(Protocol):
    """The public files of a log, by their paths; every method may raise `StorageFailed`."""

    def get(self, path: str) -> bytes | None:
        """Return a file, or None where there is none."""

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write files so that they last, each whole or not at all; one that is there is replaced.

        When this raises, some may be there and some not. For one writer at a time.
        """

    def delete_under(self, folder: str) -> None:
        """Remove the files of a folder, and it; one that is not there is removed already."""

    def names(self) -> Iterator[str]:
        """Yield the paths of all files."""


class FolderStore:
    """A log in a folder.

    Args:
        root: The folder; made when the first file is put.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._known: set[Path] = set()  # folders whose own names this process has made last

    def get(self, path: str) -> bytes | None:
        """Return a file, or None where there is none.

        Raises:
            StorageFailed: The disk does not give it, or it is larger than any file of a log.
        """
        place = self._place(path)
        with storage("read the log", place):
            try:
                with place.open("rb") as file:
                    data = file.read(_LARGEST_FILE + 1)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None
        _check_size(path, len(data))
        return data

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write files so that they last: all are written, then all synced, then all named.

        Step by step for all of them together, because a disk does many things at once better.

        Raises:
            StorageFailed: The disk refused.
        """
        arriving: dict[Path, Path] = {}
        try:
            with storage("write the log", self._root):
                if self._root not in self._known:
                    self._make(self._root)
                    self._sweep()
                self._write(files, arriving)
                for place in arriving.values():
                    self._make(place.parent)
                for temporary, place in arriving.items():
                    temporary.replace(place)
                for folder in sorted({place.parent for place in arriving.values()}):
                    sync_folder(folder)
        except BaseException:
            for temporary in arriving:
                with suppress(OSError):  # renamed already, or as out of reach as the write was
                    temporary.unlink()
            raise

    def _write(self, files: Mapping[str, bytes], arriving: dict[Path, Path]) -> None:
        """Write files under names of no meaning, and note down where each belongs."""
        incoming = self._root / _INCOMING
        self._make(incoming)
        with ExitStack() as closing:
            handles: list[int] = []
            for path, data in files.items():
                temporary, place = incoming / token_hex(8), self._place(path)
                handles.append(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
                closing.callback(os.close, handles[-1])
                arriving[temporary] = place
                write_all(handles[-1], data)
            for handle in handles:
                os.fsync(handle)

    def _make(self, folder: Path) -> None:
        if folder not in self._known:
            make_folder(folder)
            self._known.add(folder)

    def _sweep(self) -> None:
        """Remove what a writer that was killed, or failed, did not get to name."""
        for left in (self._root / _INCOMING).glob("*"):
            left.unlink(missing_ok=True)

    def _place(self, path: str) -> Path:
        _check_path(path)
        return self._root / path

    def delete_under(self, folder: str) -> None:
        """Remove the files of a folder, and it.

        Raises:
            StorageFailed: The disk refused.
        """
        place = self._place(folder)
        with storage("tidy the log", place), suppress(FileNotFoundError):
            for path in list(place.iterdir()):
                path.unlink(missing_ok=True)
            place.rmdir()
        self._known.discard(place)

    def names(self) -> Iterator[str]:
        """Yield the paths of all files, in order.

        Raises:
            StorageFailed: The disk refused.
        """
        with storage("list the log", self._root):
            found = sorted(path for path in self._root.rglob("*") if path.is_file())
        for path in found:
            name = path.relative_to(self._root).as_posix()
            if not name.startswith(f"{_INCOMING}/"):
                yield name


class BucketStore:
    """A log in an object store; a put is one request that the store makes visible when complete.

    Args:
        store: An obstore store, rooted where the log shall lie.
        prefix: A folder within it; empty for none.
    """

    def __init__(self, store: "ObjectStore", prefix: str = "") -> None:
        self._store = store
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def get(self, path: str) -> bytes | None:
        """Return a file, or None where there is none.

        Raises:
            StorageFailed: The store does not give it, or it is larger than any file of a log.
        """
        import obstore

        _check_path(path)
        with _remote("read the log", path):
            try:
                found = obstore.get(self._store, self._prefix + path)
                _check_size(path, found.meta["size"])
                return bytes(found.bytes())
            except FileNotFoundError:
                return None

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write files, one request each.

        Raises:
            StorageFailed: The store did not take one.
        """
        import obstore

        for path, data in files.items():
            _check_path(path)
            with _remote("write the log", path):
                obstore.put(self._store, self._prefix + path, data)

    def delete_under(self, folder: str) -> None:
        """Remove the files of a folder.

        Raises:
            StorageFailed: The store refused.
        """
        import obstore

        _check_path(folder)
        paths = [self._prefix + path for path in self._under(folder)]
        with _remote("tidy the log", folder):
            if paths:
                obstore.delete(self._store, paths)

    def names(self) -> Iterator[str]:
        """Yield the paths of all files.

        Raises:
            StorageFailed: The store does not answer.
        """
        yield from self._under("")

    def _under(self, folder: str) -> Iterable[str]:
        import obstore

        with _remote("list the log", folder):
            pages = obstore.list(self._store, self._prefix + folder or None)
            return [found["path"].removeprefix(self._prefix) for page in pages for found in page]


def _check_path(path: str) -> None:
    """Refuse what could lie elsewhere than in the log."""
    if "\0" in path or not _INNER.isdisjoint(path.split("/")):
        raise StorageFailed("cannot read or write the log: this is no path of a file of it")


def _check_size(path: str, size_bytes: int) -> None:
    if size_bytes > _LARGEST_FILE:
        raise StorageFailed(f"cannot read the log: {path} is larger than any file of a log")


@contextmanager
def _remote(doing: str, place: str) -> Iterator[None]:
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        text = f"cannot {doing}: the object store did not do it"
        raise StorageFailed(text, place=place, said=str(error)) from error


def open_store(address: str, log: str) -> LogStore:
    """Return where a log's files lie.

    Args:
        address: A folder, or the URL of an object store (`s3://`, `gs://`, `az://`, `memory://`).
        log: The log's name, a folder in it.

    Raises:
        StorageFailed: The address does not make a store.
    """
    if "://" not in address:
        return FolderStore(Path(address) / log)
    from obstore.store import MemoryStore, from_url

    with _remote("reach the log's store", address):
        if address.startswith("memory://"):
            return BucketStore(MemoryStore(), log)
        store = from_url(
            address, retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=30)}
        )
        return BucketStore(store, log)
