"""Blobs in a local folder, written so that an acknowledged one survives a crash.

    write             a crash after it leaves
    temporary file    a leftover in `.incoming`, nothing under the name
    file fsync        the same
    rename            nothing under the name, or the whole blob, not yet acknowledged
    folder fsync      the whole blob

Reads go through a file of their own, so a blob deleted meanwhile is still read to its end. Touches
nothing outside its folder.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, BinaryIO

from assent.disk import make_folder, storage, sync_folder, write_all
from assent.vault.blob import Stored, blob_path, name_of

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["FileBlob", "Folder"]

_INCOMING = ".incoming"
_SHELF = re.compile("[0-9a-z]{2}")


class FileBlob:
    """One file, read by ranges.

    Args:
        file: Open for reading, unbuffered; closed with this object.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size

    @property
    def size(self) -> int:
        """How many bytes there were when it was opened [bytes]."""
        return self._size

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset` [length bytes, fewer if the file was cut meanwhile].

        Raises:
            StorageFailed: The disk does not give them.
        """
        with storage("read the sealed audio", Path(self._file.name)):
            return os.pread(self._file.fileno(), length, offset)

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        self._file.close()


class Folder:
    """Blobs in a folder, which is made if it is not there.

    Args:
        root: Where; nothing else may write into it.

    Raises:
        StorageFailed: It is not there and cannot be made.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._incoming = self._root / _INCOMING
        self._made: set[Path] = set()  # folders whose own names this process has synced
        with storage("make the folder for sealed audio", self._root):
            make_folder(self._root)

    def put_stream(self, name: str, chunks: "Iterable[ReadableBuffer]") -> int:
        """Store the chunks under `name`, all or nothing, and return their size [bytes].

        One linear story; the commit point is the rename.

        Raises:
            StorageFailed: The disk is full, read-only or broken; nothing is under the name, unless
                only the last sync failed.
        """
        path = self._root / blob_path(name)
        arriving = self._incoming / f"{name}.{token_hex(8)}"
        total = 0
        try:
            with storage("store the sealed audio", path):
                self._make(self._incoming)
                self._make(path.parent)
                file = arriving.open("xb", buffering=0)
            with file:
                for chunk in chunks:  # what fails in here is the giver's, and passes as it is
                    with storage("store the sealed audio", path):
                        write_all(file.fileno(), chunk)
                    total += memoryview(chunk).nbytes
                with storage("store the sealed audio", path):
                    os.fsync(file.fileno())
            with storage("store the sealed audio", path):
                arriving.replace(path)  # the commit point
                sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):  # already renamed, or as out of reach as the write was
                arriving.unlink()
            raise
        return total

    def reader(self, name: str) -> FileBlob:
        """Open a blob.

        Raises:
            StorageFailed: It is not there, or cannot be read.
        """
        path = self._root / blob_path(name)
        with storage("open the sealed audio", path):
            return FileBlob(path.open("rb", buffering=0))

    def exists(self, name: str) -> bool:
        """Tell whether a whole blob lies under `name`.

        Raises:
            StorageFailed: The disk refuses.
        """
        path = self._root / blob_path(name)
        with storage("look for the sealed audio", path):
            return path.is_file()

    def delete(self, name: str) -> None:
        """Remove a blob for good; one that is not there is removed already.

        Raises:
            StorageFailed: The disk refuses.
        """
        path = self._root / blob_path(name)
        with storage("delete the sealed audio", path):
            try:
                path.unlink()
            except FileNotFoundError:
                return
            sync_folder(path.parent)

    def entries(self, prefix: str = "") -> Iterator[Stored]:
        """Yield the blobs whose names begin with `prefix`, by name.

        Raises:
            StorageFailed: The disk refuses.
        """
        with storage("list the sealed audio", self._root):
            shelves = [path.name for path in self._root.iterdir() if _SHELF.fullmatch(path.name)]
        for shelf in sorted(shelves):
            if shelf.startswith(prefix[:2]):
                yield from self._shelf(shelf, prefix)

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names that begin with `prefix`, in order."""
        return (entry.name for entry in self.entries(prefix))

    def leftovers(self) -> list[Stored]:
        """List what interrupted puts left behind: never a blob, and no use to anyone.

        A put under way is among them, so sweep only what is hours old.

        Raises:
            StorageFailed: The disk refuses.
        """
        with storage("list what interrupted uploads left", self._incoming):
            found = self._incoming.iterdir() if self._incoming.is_dir() else ()
            return [entry for path in sorted(found) if (entry := _entry(path)) is not None]

    def sweep(self, before: datetime) -> int:
        """Delete the leftovers of puts that began before an instant; return how many.

        Args:
            before: Leave what was written since [aware datetime].

        Raises:
            StorageFailed: The disk refuses.
        """
        old = [entry.name for entry in self.leftovers() if entry.modified_at < before]
        with storage("sweep what interrupted uploads left", self._incoming):
            for name in old:
                (self._incoming / name).unlink(missing_ok=True)
        return len(old)

    def _make(self, folder: Path) -> None:
        if folder not in self._made:
            make_folder(folder)
            self._made.add(folder)

    def _shelf(self, shelf: str, prefix: str) -> Iterator[Stored]:
        folder = self._root / shelf
        with storage("list the sealed audio", folder):
            names = sorted(path.name for path in folder.iterdir())
        for name in names:
            if name.startswith(prefix) and name_of(f"{shelf}/{name}"):
                with storage("list the sealed audio", folder):
                    entry = _entry(folder / name)
                if entry is not None:
                    yield entry


def _entry(path: Path) -> Stored | None:
    """Describe a file, or return None where it is gone by now."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return Stored(
        name=path.name,
        size_bytes=stat.st_size,
        modified_at=datetime.fromtimestamp(stat.st_mtime, UTC),
    )
