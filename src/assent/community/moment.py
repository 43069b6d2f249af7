"""Moments of a recording, as people write them: 1:23, or 83.5 seconds."""

import re

from assent.errors import BadInput

__all__ = ["parse_moment"]

_MOMENT = re.compile(r"(?:(?:([0-9]{1,3}):)?([0-9]{1,3}):)?([0-9]{1,6})(?:[.,]([0-9]{1,3}))?")


def parse_moment(said: str) -> int:
    """Return a moment [ms].

    Raises:
        BadInput: It is none.

    >>> parse_moment("1:23"), parse_moment("83.5"), parse_moment("1:02:03")
    (83000, 83500, 3723000)
    """
    found = _MOMENT.fullmatch(said.strip())
    if found is None:
        raise BadInput("a moment is written like 1:23", at=said)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1_000 + int((found[4] or "").ljust(3, "0"))
