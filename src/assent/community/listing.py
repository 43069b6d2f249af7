"""Lists of recordings and of artists, a page at a time.

A page goes on after the last thing on it, not after a number of things: what is new meanwhile
neither repeats nor hides anything, and the hundredth page is as fast as the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, select

from assent.catalogue import tables
from assent.errors import BadInput

__all__ = [
    "PAGE",
    "Artist",
    "Listed",
    "Page",
    "after_number",
    "cut",
    "listed",
    "listed_query",
    "listed_row",
]

PAGE = 24
"""How many things a page shows where nothing else is said."""

_DIGITS = 18  # any number of so many fits into 64 bits

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist:
    """An artist in a list.

    Args:
        id: The artist's id.
        name: How it is called.
    """

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A recording in a list.

    Args:
        number: Its number; later uploads have higher ones.
        id: Its id.
        title: What it is called.
        artist: Under whose name it is.
        duration_s: How long it is [seconds].
        waveform: Its outline, as `sound.waveform` writes it, in Base64.
    """

    number: int
    id: str
    title: str
    artist: Artist
    duration_s: float
    waveform: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """A part of a list.

    Args:
        items: What is on it, in order.
        after: What the next page goes on after; empty if this is the last.
    """

    items: tuple[Item, ...]
    after: str = ""


def cut(items: Sequence[Item], marks: Sequence[object], limit: int) -> Page[Item]:
    """Return a page of what was read, which was one more than fits if there is more.

    Args:
        items: What was read.
        marks: For each, what the next page would go on after.
        limit: How many fit.
    """
    more = len(items) > limit
    after = str(marks[limit - 1]) if more else ""
    return Page(items=tuple(items[:limit]), after=after)


def after_number(after: str) -> int | None:
    """Return the recording's number that a page goes on after; None for the first page.

    Raises:
        BadInput: It is no number.
    """
    if not after:
        return None
    if not (after.isascii() and after.isdigit() and len(after) <= _DIGITS):
        raise BadInput("this list cannot be continued from there; begin it anew", after=after)
    return int(after)


def listed_query() -> Select[Any]:
    """Return the query for rows that `listed_row` reads; add conditions and an order."""
    recordings, artists = tables.recordings.c, tables.artists.c
    return select(
        recordings.number,
        recordings.id,
        recordings.title,
        recordings.artist,
        recordings.frames,
        recordings.sr,
        recordings.waveform,
        artists.name,
    ).join(tables.artists, artists.id == recordings.artist)


def listed_row(row: Any) -> Listed:  # a row of `listed_query`; rows carry no column types
    """Return the recording of a row."""
    return Listed(
        number=row.number,
        id=row.id,
        title=row.title,
        artist=Artist(id=row.artist, name=row.name),
        duration_s=row.frames / row.sr,
        waveform=row.waveform,
    )


def listed(
    connection: Connection, recordings: Sequence[str], *conditions: ColumnElement[bool]
) -> dict[str, Listed]:
    """Return those of some recordings for which the conditions hold, by id.

    Args:
        connection: One that reads.
        recordings: Their ids, a page of them.
        conditions: Over `recordings`, as those of `catalogue.public`.
    """
    if not recordings:
        return {}
    query = listed_query().where(tables.recordings.c.id.in_(recordings), *conditions)
    found = (listed_row(row) for row in connection.execute(query))
    return {one.id: one for one in found}
