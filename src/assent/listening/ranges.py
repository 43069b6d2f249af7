"""Which bytes of a file are asked for.

One range is answered with those bytes; several are answered with the whole file, as HTTP allows.
Source: RFC 9110, sections 13.1.5 (If-Range), 14.1 and 14.2 (Range).
"""

import re
from dataclasses import dataclass

__all__ = ["Span", "Unsatisfiable", "asked"]

_RANGE = re.compile(r"bytes=(\d{0,100})-(\d{0,100})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a file.

    Args:
        start: Its first byte.
        end: The byte after its last one.
        size: How long the whole file is [bytes].
        partial: Whether a range was asked for.
    """

    start: int
    end: int
    size: int
    partial: bool

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.end - self.start

    @property
    def content_range(self) -> str:
        """How it stands in the header of that name."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


class Unsatisfiable(Exception):
    """No byte of the file is in the range; for status 416, never for people."""


def asked(range_: str | None, if_range: str | None, size: int, etag: str) -> Span:
    """Return which bytes to give.

    Args:
        range_: The header Range, if it is there.
        if_range: The header If-Range, if it is there.
        size: How long the file is [bytes].
        etag: Its entity tag, strong, with its quotes.

    Raises:
        Unsatisfiable: The range lies behind the end of the file.
    """
    whole = Span(start=0, end=size, size=size, partial=False)
    # a date is never strong enough here, for a file that changed gets another tag
    if not range_ or (if_range and if_range != etag):
        return whole
    found = _RANGE.fullmatch(range_.replace(" ", ""))
    if found is None or found.group(1) == found.group(2) == "":
        return whole  # several ranges, other units or nonsense: all of it
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
        if int(last) == 0:
            raise Unsatisfiable
    else:
        start, end = int(first), size if not last else min(int(last) + 1, size)
        if last and int(last) < start:
            return whole
    if start >= size:
        raise Unsatisfiable
    return Span(start=start, end=end, size=size, partial=True)
