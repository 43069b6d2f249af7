"""Where audio is read from: a path, or a readable and seekable binary stream.

Answers how to open it so that nothing but its own bytes is ever read, and how to name it in an
error. Touches no codec.

Invariants: a file is opened by us and never by the decoding library, which would take a name
such as `concat:a|b` or `http://…` for an order. An error raised by the stream while the library
reads (a sealed blob that was tampered with, a disk that fails) comes out as it was raised.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

from assent.errors import BadAudio, StorageFailed, Unknown

__all__ = ["ByteStream", "Reader", "Source", "opened_source", "safe_name"]

_LONGEST_NAME = 100


class ByteStream(Protocol):
    """What a stream must be able to do: `open(…, "rb")`, `BytesIO` and the gate's streams can."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move, and return the new position [bytes]."""
        ...

    def tell(self) -> int:
        """Return the position [bytes]."""
        ...


Source: TypeAlias = str | os.PathLike[str] | ByteStream


def safe_name(source: Source) -> str:
    r"""Return a name that can be shown: quoted, control characters escaped, never long.

    Args:
        source: A path, or a stream that may have a `name`.

    >>> safe_name("songs/tide\x1b[31m.ogg")
    "'tide\\x1b[31m.ogg'"
    """
    name = source if isinstance(source, (str, os.PathLike)) else getattr(source, "name", None)
    if not isinstance(name, (str, os.PathLike)):  # an open descriptor has a number for a name
        return "the audio"
    last = Path(name).name or str(name)
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in last
    )
    return f"'{shown[: _LONGEST_NAME - 1]}…'" if len(shown) > _LONGEST_NAME else f"'{shown}'"


class Reader:
    """The stream as the decoding library may see it: without a name, and never raising.

    The library drops or rewrites errors of the streams it reads, so they are kept here: the
    library meets an end of file, and whoever drives it calls `check`.
    """

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._failure: BaseException | None = None

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end or once the stream has failed."""
        if self._failure is not None:
            return b""
        try:
            return self._stream.read(size)
        except BaseException as failure:  # noqa: BLE001  # Ctrl-C too: the library would lose it
            self._failure = failure
            return b""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move, and return the new position [bytes]."""
        try:
            return self._stream.seek(offset, whence)
        except BaseException as failure:  # noqa: BLE001  # Ctrl-C too: the library would lose it
            self._failure = self._failure or failure
            return -1

    def tell(self) -> int:
        """Return the position [bytes]."""
        return self._stream.tell()

    def check(self) -> None:
        """Raise what the stream raised, if it did.

        Raises:
            StorageFailed: The operating system could not read it.
            Exception: Whatever else the stream itself raised.
        """
        if isinstance(self._failure, OSError):
            raise StorageFailed(_said("could not be read", self._failure)) from self._failure
        if self._failure is not None:
            raise self._failure

    def size_bytes(self) -> int:
        """Return how long the stream is [bytes], leaving it where it was.

        Raises:
            Exception: As `check` does.
        """
        here = self.tell()
        end = self.seek(0, os.SEEK_END)
        self.seek(here)
        self.check()
        return end

    def peek(self, start: int, size: int) -> bytes:
        """Return `size` bytes from `start`, or those that there are, leaving it where it was.

        Raises:
            Exception: As `check` does.
        """
        here = self.tell()
        self.seek(start)
        parts: list[bytes] = []
        while size > 0 and (part := self.read(size)):  # a raw stream may give less than asked for
            parts.append(part)
            size -= len(part)
        self.seek(here)
        self.check()
        return b"".join(parts)


@contextmanager
def opened_source(source: Source) -> Iterator[Reader]:
    """Open a path, or take a stream from its beginning; only what was opened here is closed.

    Args:
        source: A path, or a readable and seekable binary stream.

    Raises:
        Unknown: There is no such file.
        BadAudio: It is a folder, a pipe or a device.
        StorageFailed: It cannot be opened or read.
    """
    if not isinstance(source, (str, os.PathLike)):
        source.seek(0)
        yield Reader(source)
        return
    with _opened_file(source) as file:
        yield Reader(file)


def _opened_file(path: str | os.PathLike[str]) -> BinaryIO:
    name = safe_name(path)
    try:
        # asked before opening: opening a pipe would wait for somebody to write to it
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise BadAudio(f"{name} is not a file")
        return Path(path).open("rb")
    except FileNotFoundError as error:
        raise Unknown(f"there is no file {name}") from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise StorageFailed(_said(f"{name} could not be opened", error)) from error


def _said(text: str, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{text}: {reason.lower()}" if reason else text
