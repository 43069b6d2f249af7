"""A ZIP written while it is read: entries of any size in flat memory, names in any script.

Nothing is packed: audio does not get smaller, and a reader of 1993 can open it. Sizes and checksums
stand behind each entry, for they are not known before.

Source: PKWARE APPNOTE 6.3.10, sections 4.3.9 (data descriptor), 4.3.14 (ZIP64), appendix D (UTF-8).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from zipfile import ZIP_STORED, ZipFile, ZipInfo

__all__ = ["Entry", "file_name", "zipped"]

_LONGEST_BYTES = 150
_FORBIDDEN = frozenset('/\\:*?"<>|')
"""What some systems cannot have in a file's name."""


class Entry(NamedTuple):
    """A file in the archive.

    Args:
        name: Where it lies in it.
        pieces: What it holds, a little at a time.
    """

    name: str
    pieces: Iterable[bytes]


class _Outlet:
    """Takes what the writer writes until somebody fetches it; it cannot go back."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: bytes, /) -> int:
        self._waiting += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: what was written waits to be fetched."""

    def fetch(self) -> bytes:
        data = bytes(self._waiting)
        self._waiting.clear()
        return data


def zipped(entries: Iterable[Entry], at: datetime) -> Iterator[bytes]:
    """Yield an archive piece by piece.

    Args:
        entries: Its files, in order.
        at: When it is made [aware datetime].
    """
    outlet = _Outlet()
    # where it can only write it notes sizes behind each entry; typeshed asks for more than it needs
    with ZipFile(outlet, "w", ZIP_STORED, allowZip64=True) as archive:  # type: ignore[call-overload]  # as said above
        for entry in entries:
            info = ZipInfo(entry.name, at.timetuple()[:6])
            info.external_attr = 0o600 << 16
            with archive.open(info, "w", force_zip64=True) as file:
                for piece in entry.pieces:
                    file.write(piece)
                    yield outlet.fetch()
            yield outlet.fetch()
    yield outlet.fetch()


def file_name(text: str) -> str:
    r"""Return a text as a part of a file's name that every system takes, in its own script.

    >>> file_name("../a:b\x00c ")
    '_a_b_c'
    """
    plain = "".join(
        "_" if it in _FORBIDDEN or not (it.isprintable() or it in "\u200c\u200d") else it
        for it in text
    )
    # cut at a character, not within one
    short = plain.encode()[:_LONGEST_BYTES].decode("utf-8", "ignore")
    return short.strip(" .\u200d") if short.strip(" .") else "untitled"
