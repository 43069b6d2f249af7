"""What there is to hear: the newest, an artist's, what one follows, the most played.

Nothing here is chosen for anybody by a machine: lists go by date or by plain counts. Only what is
public and may be searched for is in them; whatever else there is, its own address finds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from assent.catalogue import site_tables, tables
from assent.catalogue.public import searchable
from assent.community.listing import (
    PAGE,
    Listed,
    Page,
    after_number,
    cut,
    listed,
    listed_query,
    listed_row,
)

__all__ = [
    "Played",
    "episodes_of",
    "in_feed",
    "most_played",
    "newest",
    "of_artist",
    "of_followed",
    "plays_of_week",
]

_DAYS = 7
_OF_EACH_DAY = 100
_RECORDINGS = tables.recordings.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A recording and how often it was played.

    Args:
        recording: Which.
        plays: How often, in the last seven days.
    """

    recording: Listed
    plays: int


def newest(
    connection: Connection, at: datetime, *, after: str = "", limit: int = PAGE
) -> Page[Listed]:
    """Return recordings, the newest first.

    Args:
        connection: One that reads.
        at: The instant for which to say what may be found [aware datetime].
        after: What the page before ended with.
        limit: How many.

    Raises:
        BadInput: `after` is nothing that a page ends with.
    """
    query = listed_query().where(searchable(at))
    return _page(connection, query, after, limit)


def of_artist(
    connection: Connection, artist: str, at: datetime, *, after: str = "", limit: int = PAGE
) -> Page[Listed]:
    """Return an artist's recordings, the newest first.

    Args:
        connection: One that reads.
        artist: The artist's id.
        at: The instant for which to say what may be found [aware datetime].
        after: What the page before ended with.
        limit: How many.

    Raises:
        BadInput: `after` is nothing that a page ends with.
    """
    query = listed_query().where(_RECORDINGS.artist == artist, searchable(at))
    return _page(connection, query, after, limit)


def of_followed(
    connection: Connection, account: str, at: datetime, *, after: str = "", limit: int = PAGE
) -> Page[Listed]:
    """Return recordings of the artists that somebody follows, the newest first.

    Args:
        connection: One that reads.
        account: Who follows.
        at: The instant for which to say what may be found [aware datetime].
        after: What the page before ended with.
        limit: How many.

    Raises:
        BadInput: `after` is nothing that a page ends with.
    """
    follows = site_tables.follows.c
    # of each artist only as many as the page holds are looked at, however many it has
    last = (
        select(_RECORDINGS.number)
        .where(_RECORDINGS.artist == follows.artist, searchable(at))
        .order_by(_RECORDINGS.number.desc())
        .offset(limit)
        .limit(1)
    )
    before = after_number(after)
    if before is not None:
        last = last.where(_RECORDINGS.number < before)
    low = func.coalesce(last.correlate(site_tables.follows).scalar_subquery(), 0)
    numbers = (
        select(_RECORDINGS.number)
        .select_from(site_tables.follows)
        .join(tables.recordings, _RECORDINGS.artist == follows.artist)
        .where(follows.account == account, _RECORDINGS.number >= low, searchable(at))
        .order_by(_RECORDINGS.number.desc())
        .limit(limit + 1)
    )
    if before is not None:
        numbers = numbers.where(_RECORDINGS.number < before)
    found = connection.execute(numbers).scalars().all()
    query = listed_query().where(_RECORDINGS.number.in_(found))
    return _page(connection, query, "", limit)


def plays_of_week(connection: Connection, at: datetime) -> dict[str, int]:
    """Return how often recordings were played in the last seven days.

    Only the hundred most played of each day are counted together, so this is as fast with a
    million recordings; what is among them on no day is not among the most played of the week.

    Args:
        connection: One that reads.
        at: Until when [aware datetime].
    """
    plays = site_tables.play_days.c
    days = [(at - timedelta(days=back)).date().isoformat() for back in range(_DAYS)]
    some: set[str] = set()
    for day in days:
        top = select(plays.recording).where(plays.day == day, plays.plays > 0)
        top = top.order_by(plays.plays.desc(), plays.recording.desc()).limit(_OF_EACH_DAY)
        some.update(connection.execute(top).scalars())
    counts = (
        select(plays.recording, func.sum(plays.plays).label("plays"))
        .where(plays.recording.in_(some), plays.day.in_(days))
        .group_by(plays.recording)
    )
    return {row.recording: int(row.plays) for row in connection.execute(counts)}


def most_played(
    connection: Connection, plays: Mapping[str, int], at: datetime, *, limit: int = 12
) -> tuple[Played, ...]:
    """Return what was played most, by plain counts, of what may be found.

    Args:
        connection: One that reads.
        plays: How often recordings were played, as `plays_of_week` says it.
        at: The instant for which to say what may be found [aware datetime].
        limit: How many.
    """
    ranked = sorted(plays, key=lambda one: (-plays[one], one))
    most: list[Played] = []
    while ranked and len(most) < limit:
        some, ranked = ranked[: 2 * limit], ranked[2 * limit :]
        found = listed(connection, some, searchable(at))
        most += [Played(recording=found[it], plays=plays[it]) for it in some if it in found]
    return tuple(most[:limit])


def _page(connection: Connection, query: Select[Any], after: str, limit: int) -> Page[Listed]:
    before = after_number(after)
    if before is not None:
        query = query.where(_RECORDINGS.number < before)
    query = query.order_by(_RECORDINGS.number.desc()).limit(limit + 1)
    found = [listed_row(row) for row in connection.execute(query)]
    return cut(found, [one.number for one in found], limit)


def in_feed(artist: str, at: datetime) -> ColumnElement[bool]:
    """Return the condition that a recording, joined with its page, is in an artist's feed.

    Args:
        artist: The artist's id.
        at: The instant [aware datetime].
    """
    downloads = site_tables.recording_pages.c.downloads
    return and_(_RECORDINGS.artist == artist, downloads, searchable(at))


def episodes_of(connection: Connection, artist: str, at: datetime) -> int:
    """Return how many recordings are in an artist's feed."""
    pages = site_tables.recording_pages
    joined = tables.recordings.join(pages, pages.c.recording == _RECORDINGS.id)
    query = select(func.count()).select_from(joined).where(in_feed(artist, at))
    return int(connection.execute(query).scalar_one())
