"""On which line of a TOML file a table begins: tomllib reads values and forgets where they were."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from assent.errors import BadText

__all__ = ["blamed_on", "lines_of"]

_HEADER = re.compile(r"\s*\[{1,2}\s*([A-Za-z0-9_.-]{1,80})\s*\]{1,2}")


def lines_of(toml: str, table: str) -> tuple[int, ...]:
    """Return on which lines the tables `[[table]]`, or `[table]`, begin, from 1.

    A header within a text of several lines is none.
    """
    found = []
    within = ""
    for number, line in enumerate(toml.splitlines(), 1):
        header = _HEADER.match(line) if not within else None
        if header and header[1] == table:
            found.append(number)
        for marks in re.findall(r'"""|\'\'\'', line):
            within = "" if within == marks else within or marks
    return tuple(found)


@contextmanager
def blamed_on(line: int) -> Iterator[None]:
    """Say on which line it is, of whatever is wrong within; 0 says nothing."""
    try:
        yield
    except BadText as error:
        if not line or "line" in error.facts:
            raise
        raise BadText(error.text, **{**error.facts, "line": line}) from None
