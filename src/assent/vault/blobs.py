"""Where sealed bytes are kept: one port, and the address that chooses what stands behind it.

Touches no key and no plain audio. `contract`: tests/vault/test_blobs.py runs over every adapter.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from assent.errors import BadInput
from assent.vault.blob import ReadAt, Stored
from assent.vault.folder import Folder

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Blobs", "open_blobs"]

_BUCKETS = frozenset({"az", "gs", "memory", "s3"})


class Blobs(Protocol):
    """A place that keeps blobs under names; every method may raise `StorageFailed`."""

    def put_stream(self, name: str, chunks: "Iterable[ReadableBuffer]") -> int:
        """Store the chunks under `name`, all or nothing, and return their size [bytes].

        When it returns, the blob is there to stay. A name that is taken gets the new bytes, whole.
        Each chunk is used up before the next is asked for; what the chunks raise passes as it is.
        """

    def reader(self, name: str) -> ReadAt:
        """Open a blob; one that is not there is a `StorageFailed`."""

    def exists(self, name: str) -> bool:
        """Tell whether a whole blob lies under `name`."""

    def delete(self, name: str) -> None:
        """Remove a blob for good; one that is not there is removed already."""

    def entries(self, prefix: str = "") -> Iterator[Stored]:
        """Yield the blobs whose names begin with `prefix`, with size and age."""

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names that begin with `prefix`."""

    def leftovers(self) -> list[Stored]:
        """List what interrupted puts left behind, the puts under way among it."""

    def sweep(self, before: datetime) -> int:
        """Delete the leftovers of puts that began before an instant; return how many."""


def open_blobs(address: str | Path) -> Blobs:
    """Return the blobs at an address.

    Args:
        address: A folder, as a path or `file://`; or `s3://`, `gs://`, `az://`; or `memory://` for
            blobs that go when the process does.

    Raises:
        BadInput: The address is of no kind known here.
        StorageFailed: The folder cannot be made, or the store's settings do not hold.
    """
    parts = urlsplit(str(address))
    if isinstance(address, Path) or "://" not in address:
        return Folder(Path(address))
    if parts.scheme == "file":
        return Folder(Path(unquote(parts.path)))
    if parts.scheme not in _BUCKETS:
        raise BadInput(
            f"sealed audio can lie in a folder, s3://, gs:// or az://, not in {parts.scheme}://"
        )
    from assent.vault.bucket import Bucket  # a local house need not load it

    return Bucket.in_memory() if parts.scheme == "memory" else Bucket.at(str(address))
