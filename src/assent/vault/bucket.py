"""Blobs in an object store: S3, Google Cloud Storage, Azure, or memory for tests.

A put is one upload that the store makes visible when it is complete. One that breaks off is
aborted; one whose process died stays hidden in the store, costing money and nothing else: give the
bucket a lifecycle rule that drops incomplete uploads. Credentials, region and endpoint come from
the store's own environment variables (for S3, `AWS_…`), as obstore reads them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import MemoryStore, from_url

from assent.errors import StorageFailed
from assent.vault.blob import Stored, blob_path, name_of

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from obstore.store import ObjectStore, RetryConfig

__all__ = ["Bucket", "ObjectBlob"]

_RETRY: "RetryConfig" = {"max_retries": 4, "retry_timeout": timedelta(seconds=30)}
_UPLOADS = 4  # parts of 5 MiB under way at once, so 20 MiB of memory a put


@contextmanager
def _storage(doing: str, place: str) -> Iterator[None]:
    """Turn what the store says into one clause; its own words are in the facts."""
    try:
        yield
    except FileNotFoundError as error:
        raise StorageFailed(f"cannot {doing}: it is not there", place=place) from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        why = "the object store does not accept these credentials"
        raise StorageFailed(f"cannot {doing}: {why}", place=place, said=str(error)) from error
    except (BaseError, OSError, ValueError) as error:
        why = "the object store did not do it"
        raise StorageFailed(f"cannot {doing}: {why}", place=place, said=str(error)) from error


class ObjectBlob:
    """One object, read by ranges.

    Args:
        store: Where it lies.
        path: Its path there.
        size: Its size, as the store said when it was opened [bytes].
    """

    def __init__(self, store: "ObjectStore", path: str, size: int) -> None:
        self._store, self._path, self._size = store, path, size

    @property
    def size(self) -> int:
        """How many bytes there were when it was opened [bytes]."""
        return self._size

    def read_at(self, offset: int, length: int) -> "ReadableBuffer":
        """Return the bytes from `offset` [length bytes, fewer if the object was cut meanwhile].

        Raises:
            StorageFailed: The store does not give them.
        """
        with _storage("read the sealed audio", self._path):
            return obstore.get_range(self._store, self._path, start=offset, length=length)

    def close(self) -> None:
        """Do nothing: each range is a request of its own."""


class Bucket:
    """Blobs in an object store.

    Args:
        store: An obstore store, rooted where the blobs shall lie.
    """

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store

    @classmethod
    def at(cls, url: str) -> "Bucket":
        """Return the bucket at an address such as `s3://bucket/folder`.

        Raises:
            StorageFailed: The address or the environment does not make a store.
        """
        with _storage("reach the object store", url):
            return cls(from_url(url, retry_config=_RETRY))

    @classmethod
    def in_memory(cls) -> "Bucket":
        """Return an empty bucket that lives as long as the object."""
        return cls(MemoryStore())

    def put_stream(self, name: str, chunks: "Iterable[ReadableBuffer]") -> int:
        """Store the chunks under `name`, all or nothing, and return their size [bytes].

        Raises:
            StorageFailed: The store did not take them; nothing is under the name.
        """
        path = blob_path(name)
        total = 0
        giver_failed: list[BaseException] = []

        def copies() -> Iterator[bytes]:
            nonlocal total
            try:
                for chunk in chunks:  # a copy: the store keeps it after the next is asked for
                    total += memoryview(chunk).nbytes
                    yield bytes(chunk)
            except BaseException as error:
                giver_failed.append(error)
                raise

        try:
            with _storage("store the sealed audio", path):
                obstore.put(self._store, path, copies(), max_concurrency=_UPLOADS)
        except StorageFailed:
            if giver_failed:  # not the store's fault, so it passes as it is
                raise giver_failed[0] from None
            raise
        return total

    def reader(self, name: str) -> ObjectBlob:
        """Open a blob.

        Raises:
            StorageFailed: It is not there, or the store does not answer.
        """
        path = blob_path(name)
        with _storage("open the sealed audio", path):
            return ObjectBlob(self._store, path, obstore.head(self._store, path)["size"])

    def exists(self, name: str) -> bool:
        """Tell whether a whole blob lies under `name`.

        Raises:
            StorageFailed: The store does not answer.
        """
        path = blob_path(name)
        with _storage("look for the sealed audio", path):
            try:
                obstore.head(self._store, path)
            except FileNotFoundError:
                return False
        return True

    def delete(self, name: str) -> None:
        """Remove a blob for good; one that is not there is removed already.

        Raises:
            StorageFailed: The store refuses.
        """
        path = blob_path(name)
        with _storage("delete the sealed audio", path):
            try:
                obstore.delete(self._store, path)
            except FileNotFoundError:
                return

    def entries(self, prefix: str = "") -> Iterator[Stored]:
        """Yield the blobs whose names begin with `prefix`; S3 orders them, others may not.

        Raises:
            StorageFailed: The store does not answer.
        """
        shelf = prefix[:2] if len(prefix) > 1 else None  # stores list whole folders only
        with _storage("list the sealed audio", prefix):
            for page in obstore.list(self._store, shelf, chunk_size=1000):
                for found in page:
                    name = name_of(found["path"])
                    if name is not None and name.startswith(prefix):
                        yield Stored(
                            name=name, size_bytes=found["size"], modified_at=found["last_modified"]
                        )

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names that begin with `prefix`."""
        return (entry.name for entry in self.entries(prefix))

    def leftovers(self) -> list[Stored]:
        """Return nothing: what broken uploads left is the bucket's lifecycle rule to drop."""
        return []

    def sweep(self, before: datetime) -> int:
        """Do nothing, as `leftovers` says; return 0."""
        del before
        return 0
