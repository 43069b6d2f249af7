"""How often a creator's recordings were heard: by day, by recording, and as a table for elsewhere.

These are counts alone: nobody is told who listened.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from assent.catalogue import tables
from assent.catalogue.site_tables import play_days
from assent.studio.editing import own_numbers

__all__ = ["Day", "Heard", "by_day", "by_recording", "plays_csv"]

_MOST_RECORDINGS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day.

    Args:
        day: Which.
        plays: How often something was heard.
        heard_s: For how long together [seconds].
    """

    day: date
    plays: int
    heard_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A recording, and how often it was heard.

    Args:
        recording: Its id.
        title: Its title.
        plays: How often it was heard.
        heard_s: For how long together [seconds].
    """

    recording: str
    title: str
    plays: int
    heard_s: int


def by_day(
    connection: Connection, account: str, first: date, last: date, recording: str = ""
) -> list[Day]:
    """Return every day of a span, also those on which nobody listened.

    Args:
        connection: A connection that reads.
        account: Whose recordings.
        first: The first day.
        last: The last day.
        recording: Of this recording alone; of all if empty.
    """
    days, recordings = play_days.c, tables.recordings.c
    mine = own_numbers(connection, account).subquery()
    query = (
        select(days.day, func.sum(days.plays), func.sum(days.heard_s))
        .join(tables.recordings, recordings.id == days.recording)
        .join(mine, mine.c.number == recordings.number)
        .where(days.day.between(first.isoformat(), last.isoformat()))
        .group_by(days.day)
    )
    if recording:
        query = query.where(days.recording == recording)
    found = {day: (int(plays), int(heard)) for day, plays, heard in connection.execute(query)}
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    heard = ((day, *found.get(day.isoformat(), (0, 0))) for day in span)
    return [Day(day=day, plays=plays, heard_s=heard_s) for day, plays, heard_s in heard]


def by_recording(connection: Connection, account: str, first: date, last: date) -> list[Heard]:
    """Return the recordings that were heard in a span, the most heard first."""
    days, recordings = play_days.c, tables.recordings.c
    mine = own_numbers(connection, account).subquery()
    plays = func.sum(days.plays)
    query = (
        select(recordings.id, recordings.title, plays, func.sum(days.heard_s))
        .join(tables.recordings, recordings.id == days.recording)
        .join(mine, mine.c.number == recordings.number)
        .where(days.day.between(first.isoformat(), last.isoformat()))
        .group_by(recordings.number, recordings.id, recordings.title)
        .order_by(plays.desc(), recordings.number.desc())
        .limit(_MOST_RECORDINGS)
    )
    return [
        Heard(recording=name, title=title, plays=int(count), heard_s=int(heard))
        for name, title, count, heard in connection.execute(query)
    ]


def plays_csv(connection: Connection, account: str) -> Iterator[str]:
    """Yield all counts of an account's recordings, day by day, as CSV for a spreadsheet."""
    days, recordings = play_days.c, tables.recordings.c
    mine = own_numbers(connection, account).subquery()
    query = (
        select(days.day, recordings.id, recordings.title, days.plays, days.heard_s)
        .join(tables.recordings, recordings.id == days.recording)
        .join(mine, mine.c.number == recordings.number)
        .order_by(days.day, recordings.number)
    )
    yield _line(("day", "recording", "title", "plays", "heard_s"))
    for row in connection.execute(query):
        yield _line(tuple(_tamed(cell) for cell in row))


def _tamed(cell: object) -> object:
    """Keep a spreadsheet from taking a title for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in set("=+-@\t\r") else cell


def _line(cells: tuple[object, ...]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
