"""What a shard is: a file of samples, in one of two forms.

A sample is a recording's audio as it was taken in, and its description. This states what each form
can do; `tar_shard.py` and `parquet_shard.py` do it.
"""

from collections.abc import Iterator
from enum import StrEnum
from io import SEEK_CUR, SEEK_END, SEEK_SET
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from assent.errors import Tampered
from assent.sound.source import ByteStream
from assent.training.item import Item

__all__ = ["CHUNK_BYTES", "Form", "Found", "Section", "ShardReader", "ShardWriter", "copied"]

CHUNK_BYTES = 1 << 20


class Form(StrEnum):
    """How the audio of a set is packed."""

    WEBDATASET = "webdataset"
    PARQUET = "parquet"


class Found(NamedTuple):
    """A sample found in a shard.

    Args:
        file: What its audio is called.
        audio: The audio; good until the next sample is asked for.
        size_bytes: The size of the audio.
        description: What stands beside it.
    """

    file: str
    audio: ByteStream
    size_bytes: int
    description: bytes


class ShardWriter(Protocol):
    """A shard that is being written."""

    size_bytes: int
    """How large it is by now, about."""

    def add(self, item: Item, audio: ByteStream, description: bytes) -> None:
        """Add a sample; if the audio cannot be read to its end, it is as if never begun.

        Raises:
            Tampered: The audio is not what the item says.
        """
        ...

    def finish(self) -> None:
        """Write the end, so that it lasts."""
        ...

    def close(self) -> None:
        """Let the file go, finished or not."""
        ...


class ShardReader(Protocol):
    """Reads the samples of a shard."""

    def __call__(self, path: Path) -> Iterator[Found]:
        """Yield the samples in order.

        Raises:
            NotProved: It is not written as a build writes it; the text says what is wrong.
        """
        ...


def copied(item: Item, audio: ByteStream) -> Iterator[bytes]:
    """Yield an item's audio in pieces, never more than the item says.

    Raises:
        Tampered: It is longer or shorter than the item says.
    """
    left = item.size_bytes
    while chunk := audio.read(CHUNK_BYTES):
        left -= len(chunk)
        if left < 0:
            break
        yield chunk
    if left:
        raise Tampered(f"the audio of {item.recording} has not the size that it was taken in with")


class Section:
    """A part of a file, as a stream of its own.

    Args:
        file: The file; nobody else may move it meanwhile.
        start: Where the part begins [bytes].
        size_bytes: How long it is.
    """

    def __init__(self, file: BinaryIO, start: int, size_bytes: int) -> None:
        self._file = file
        self._start = start
        self._size = size_bytes
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        self._file.seek(self._start + self._at)
        chunk = self._file.read(max(0, min(size, self._size - self._at)))
        self._at += len(chunk)
        return chunk

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Move, and return the new position [bytes]."""
        base = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Return the position [bytes]."""
        return self._at
