"""What every place for sealed bytes agrees on: names, sizes, and reading a range.

A name is the whole address of a blob; its first two characters are also the folder it lies in, in a
local folder and in a bucket alike, so that the one can be copied to the other by any tool.

Touches nothing: no disk, no network.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from assent.errors import BadInput

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["HeldBlob", "ReadAt", "Stored", "blob_path", "name_of"]

_NAME = re.compile(r"[0-9a-z][0-9a-z][0-9a-z._-]{1,126}")


class ReadAt(Protocol):
    """Bytes that stay as they are and can be read from any place."""

    @property
    def size(self) -> int:
        """How many bytes there are [bytes]."""

    def read_at(self, offset: int, length: int) -> "ReadableBuffer":
        """Return the bytes from `offset`, which lie within `size` [length bytes]."""

    def close(self) -> None:
        """Let go of what reading holds; a second time does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a listing says of one blob.

    Attributes:
        name: Its name.
        size_bytes: Its size as stored, so sealed.
        modified_at: When it was put there [aware datetime, UTC].
    """

    name: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class HeldBlob:
    """A blob in memory; its ranges are views, not copies."""

    data: "ReadableBuffer"

    @property
    def size(self) -> int:
        """How many bytes there are [bytes]."""
        return memoryview(self.data).nbytes

    def read_at(self, offset: int, length: int) -> memoryview:
        """Return a view of the bytes from `offset` [length bytes]."""
        return memoryview(self.data)[offset : offset + length]

    def close(self) -> None:
        """Do nothing: memory needs no closing."""


def blob_path(name: str) -> str:
    """Return where a blob lies below its store's root.

    Raises:
        BadInput: The name could not be a blob's on every store.

    >>> blob_path("c0ffee")
    'c0/c0ffee'
    """
    if not _NAME.fullmatch(name):
        raise BadInput(
            "a blob's name is 3 to 128 lower-case letters, digits, dots and dashes", name=name
        )
    return f"{name[:2]}/{name}"


def name_of(path: str) -> str | None:
    """Return the name of the blob that lies at `path`, or None where no blob could.

    >>> name_of("c0/c0ffee"), name_of("elsewhere/c0ffee")
    ('c0ffee', None)
    """
    folder, _, name = path.partition("/")
    return name if _NAME.fullmatch(name) and folder == name[:2] else None
