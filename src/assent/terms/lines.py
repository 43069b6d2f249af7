"""On which line of a TOML file a table begins: tomllib reads values and forgets where they were."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from assent.errors import BadText

__all__ = ["blamed_on", "lines_of"]

_HEADER = re.compile(r"\s*\[{1,2}\s*\"?([A-Za-z0-9_.-]{1,80})\"?\s*\]{1,2}")
_MARKS = re.compile(r"""\"{3}|'{3}|"(?:\\.|[^"\\])*"|'[^']*'|\#.*""")
"""What may begin or end a text of several lines, and what only looks like it: texts, comments."""


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
        within = _still_within(line, within)
    return tuple(found)


def _still_within(line: str, within: str) -> str:
    """Return the marks of the text of several lines that goes on after a line, if any does."""
    rest = line
    while True:
        if within:
            _, ended, rest = rest.partition(within)
            if not ended:
                return within
            within = ""
        opened = next((it for it in _MARKS.finditer(rest) if it[0] in {'"' * 3, "'" * 3}), None)
        if opened is None:
            return ""
        within, rest = opened[0], rest[opened.end() :]


@contextmanager
def blamed_on(line: int) -> Iterator[None]:
    """Say on which line it is, of whatever is wrong within; 0 says nothing."""
    try:
        yield
    except BadText as error:
        if not line or "line" in error.facts:
            raise
        raise BadText(error.text, **{**error.facts, "line": line}) from None
