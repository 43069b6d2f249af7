"""Fields of a TOML table that a person wrote, read strictly: one clear clause per thing wrong."""

import re
import tomllib
from collections.abc import Mapping, Set
from datetime import UTC, date, datetime, time
from typing import Any

from assent.errors import BadText

__all__ = ["Table", "only", "read_instant", "read_name", "read_table", "read_text", "read_texts"]

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_MOST_CHARACTERS = 10_000
_LONG = re.compile(r"\d{4000}")
_MOST_DOTS = 200
"""In one line: tomllib takes quadratic time for a key of many dotted parts."""

Table = Mapping[str, Any]
"""What tomllib gives: any value; the readers below are where that ends."""


def read_table(toml: str, most_bytes: int, what: str) -> Table:
    """Return a TOML file as a table.

    Args:
        toml: The file's text.
        most_bytes: How large it may be [bytes].
        what: How to call it in an error.

    Raises:
        BadText: It is too large, no TOML, or nested too deeply to be meant.
    """
    if len(toml) > most_bytes:
        raise BadText(f"{what} is larger than {most_bytes} bytes")
    for number, line in enumerate(toml.splitlines(), 1):
        if line.count(".") > _MOST_DOTS:
            raise BadText(
                f"{what} has a line with more than {_MOST_DOTS} dots; break it", line=number
            )
    try:
        size_bytes = len(toml.encode())
        table = tomllib.loads(toml)
    except RecursionError:
        raise BadText(f"{what} is nested too deeply") from None
    except ValueError as error:  # no TOML, half a character, or a number of thousands of digits
        if found := next((n for n, it in enumerate(toml.splitlines(), 1) if _LONG.search(it)), 0):
            raise BadText(f"{what} has a number of thousands of digits", line=found) from None
        place = re.search(r"at line (\d+)", str(error))
        found = int(place[1]) if place else toml.count("\n") + 1  # "at end of document"
        raise BadText(f"{what} is not TOML: {error}", line=found) from None
    if size_bytes > most_bytes:
        raise BadText(f"{what} is larger than {most_bytes} bytes")
    return table


def only(table: Table, known: Set[str], what: str) -> None:
    """Refuse a table with a field that nobody would read.

    Raises:
        BadText: It has one; a misspelt promise must not pass as no promise.
    """
    if unknown := sorted(set(table) - known):
        raise BadText(f"{what} has no field {unknown[0]!r}; it has {', '.join(sorted(known))}")


def read_text(table: Table, field: str, what: str, *, longest: int = _MOST_CHARACTERS) -> str:
    """Return a field that must be text with something in it, of at most so many characters.

    Raises:
        BadText: It is missing, empty, too long or not text.
    """
    value = table.get(field)
    if not isinstance(value, str) or not value.strip():
        raise BadText(f"{what} needs {field}, some text", field=field)
    if len(value) > longest:
        raise BadText(f"{what} has a {field} of more than {longest} characters")
    return value.strip()


def read_name(table: Table, field: str, what: str) -> str:
    """Return a field that names a thing for good.

    Raises:
        BadText: It is not 1 to 63 small letters, digits, dots and hyphens.
    """
    value = table.get(field)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise BadText(f"{what} needs {field}: small letters, digits, dots and hyphens", field=field)
    return value


def read_texts(table: Table, field: str, what: str) -> tuple[str, ...]:
    """Return a field that must be a list of texts, none empty.

    Raises:
        BadText: It is something else.
    """
    value = table.get(field)
    if not isinstance(value, list) or not value:
        raise BadText(f"{what} needs {field}, a list of texts", field=field)
    return tuple(read_text({field: item}, field, what) for item in value)


def read_instant(table: Table, field: str, what: str) -> datetime | None:
    """Return a date or a time as an instant; a date means its first moment in UTC.

    Raises:
        BadText: It is neither, a time without its zone, or outside the years 1 to 9999.
    """
    value = table.get(field)
    if value is None:
        return None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BadText(f"{what} has a {field} without a time zone; write Z at its end")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise BadText(f"{what} has a {field} outside the years 1 to 9999") from None
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    raise BadText(f"{what} has a {field} that is no date; write 2031-01-31", field=field)
