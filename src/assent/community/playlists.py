"""Playlists: what somebody put in an order, for themselves or for everybody.

A private one is not there for anybody else: whoever asks for it is told what is told of one that
never was. What is on a list and is not public any more is left out for others, and stays in place.
"""

from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Connection, Select, func, select

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.site_tables import playlist_items, playlists
from assent.clock import format_instant
from assent.community.listing import PAGE, Page, after_number, cut, listed_query, listed_row
from assent.community.playlist import Entry, Playlist, Said, Visibility
from assent.community.reach import reachable, reached
from assent.errors import BadInput, Unknown

__all__ = [
    "MOST_ITEMS",
    "MOST_LISTS",
    "Entry",
    "Playlist",
    "Said",
    "Visibility",
    "add",
    "change",
    "entries",
    "make",
    "move",
    "of_account",
    "playlist",
    "remove",
    "throw_away",
]

MOST_LISTS, MOST_ITEMS = 500, 2_000
_ITEMS = playlist_items.c


def make(house: House, account: str, said: Said) -> str:
    """Make a playlist; return its id.

    Raises:
        BadInput: The title is empty, a text is too long, or they have too many lists.
    """
    columns, at = said.columns(), format_instant(house.clock())
    name = token_urlsafe(12)
    with house.writing() as connection:
        count = select(func.count()).select_from(playlists).where(playlists.c.account == account)
        if connection.execute(count).scalar_one() >= MOST_LISTS:
            raise BadInput(f"more than {MOST_LISTS} playlists are not kept")
        connection.execute(playlists.insert().values(id=name, account=account, at=at, **columns))
    return name


def change(house: House, account: str, name: str, said: Said) -> None:
    """Say of one's own playlist what counts from now on.

    Raises:
        BadInput: The title is empty, or a text is too long.
        Unknown: They have no such playlist.
    """
    columns = said.columns()
    with house.writing() as connection:
        _own(connection, account, name)
        connection.execute(playlists.update().where(playlists.c.id == name).values(columns))


def throw_away(house: House, account: str, name: str) -> None:
    """Throw one's own playlist away; the recordings stay where they are.

    Raises:
        Unknown: They have no such playlist.
    """
    with house.writing() as connection:
        _own(connection, account, name)
        connection.execute(playlist_items.delete().where(_ITEMS.playlist == name))
        connection.execute(playlists.delete().where(playlists.c.id == name))


def add(house: House, account: str, name: str, recording: str) -> None:
    """Put a recording at the end of one's own playlist, unless it is on it.

    Raises:
        BadInput: The list is full.
        Unknown: They have no such playlist, or there is no such recording for them.
    """
    with house.writing() as connection:
        _own(connection, account, name)
        reached(connection, account, recording)
        on_it = _recordings(connection, name)
        if recording in on_it:
            return
        if len(on_it) >= MOST_ITEMS:
            raise BadInput(f"a playlist holds {MOST_ITEMS:,} recordings")
        _write(connection, name, [*on_it, recording], since=len(on_it))


def remove(house: House, account: str, name: str, recording: str) -> None:
    """Take a recording off one's own playlist, if it is on it.

    Raises:
        Unknown: They have no such playlist.
    """
    _reorder(house, account, name, lambda on_it: [one for one in on_it if one != recording])


def move(house: House, account: str, name: str, recording: str, place: int) -> None:
    """Move a recording to another place of one's own playlist.

    Args:
        house: The platform.
        account: Whose list it is.
        name: The list's id.
        recording: Which recording; one that is not on the list moves nothing.
        place: Where to, from 0; what lies beyond an end is that end.

    Raises:
        Unknown: They have no such playlist.
    """

    def moved(on_it: list[str]) -> list[str]:
        if recording not in on_it:
            return on_it
        others = [one for one in on_it if one != recording]
        at = min(max(place, 0), len(others))
        return [*others[:at], recording, *others[at:]]

    _reorder(house, account, name, moved)


def playlist(connection: Connection, name: str, account: str | None) -> Playlist:
    """Return a playlist that somebody may see.

    Args:
        connection: One that reads.
        name: Its id.
        account: Who looks; None for a stranger.

    Raises:
        Unknown: There is none, or it is private and somebody else's.
    """
    row = connection.execute(_query().where(playlists.c.id == name)).first()
    if row is None or (row.visibility != Visibility.PUBLIC and row.account != account):
        raise Unknown("there is no such playlist", playlist=name)
    return _playlist(row)


def of_account(
    connection: Connection, account: str, *, all_of_them: bool, most: int = MOST_LISTS
) -> tuple[Playlist, ...]:
    """Return somebody's playlists, the newest first.

    Args:
        connection: One that reads.
        account: Whose.
        all_of_them: The private ones as well; for themselves alone.
        most: How many at most.
    """
    query = _query().where(playlists.c.account == account)
    if not all_of_them:
        query = query.where(playlists.c.visibility == Visibility.PUBLIC.value)
    query = query.order_by(playlists.c.at.desc(), playlists.c.id).limit(most)
    return tuple(_playlist(row) for row in connection.execute(query))


def entries(
    connection: Connection, name: str, account: str | None, *, after: str = "", limit: int = PAGE
) -> Page[Entry]:
    """Return what is on a playlist, in its order, as far as somebody may hear it.

    Args:
        connection: One that reads.
        name: The list's id.
        account: Who looks; None for a stranger.
        after: What the page before ended with.
        limit: How many.

    Raises:
        BadInput: `after` is nothing that a page ends with.
    """
    # an erasure leaves gaps between the places that are kept, and none between those shown
    nth = (func.row_number().over(order_by=_ITEMS.place) - 1).label("nth")
    items = select(_ITEMS.recording, _ITEMS.place, nth).where(_ITEMS.playlist == name).subquery()
    query = listed_query().add_columns(items.c.place, items.c.nth)
    query = query.join(items, items.c.recording == tables.recordings.c.id)
    query = query.where(reachable(account))
    past = after_number(after)
    if past is not None:
        query = query.where(items.c.place > past)
    rows = connection.execute(query.order_by(items.c.place).limit(limit + 1)).all()
    found = [Entry(place=row.nth, recording=listed_row(row)) for row in rows]
    return cut(found, [row.place for row in rows], limit)


def _query() -> Select[Any]:
    accounts = tables.accounts.c
    items = select(func.count()).where(_ITEMS.playlist == playlists.c.id)
    return select(
        playlists,
        func.coalesce(accounts.name, "").label("by"),
        items.scalar_subquery().label("length"),
    ).outerjoin(tables.accounts, accounts.id == playlists.c.account)


def _playlist(row: Any) -> Playlist:  # a row of `_query`; rows carry no column types
    return Playlist(
        id=row.id,
        title=row.title,
        about=row.about,
        account=row.account,
        by=row.by,
        visibility=Visibility(row.visibility),
        length=row.length,
    )


def _own(connection: Connection, account: str, name: str) -> None:
    query = select(playlists.c.id).where(playlists.c.id == name, playlists.c.account == account)
    if connection.execute(query).first() is None:
        raise Unknown("there is no such playlist of yours", playlist=name)


def _recordings(connection: Connection, name: str) -> list[str]:
    query = select(_ITEMS.recording).where(_ITEMS.playlist == name).order_by(_ITEMS.place)
    return list(connection.execute(query).scalars())


def _reorder(
    house: House, account: str, name: str, order: Callable[[list[str]], list[str]]
) -> None:
    with house.writing() as connection:
        _own(connection, account, name)
        before = _recordings(connection, name)
        _write(connection, name, order(before))


def _write(connection: Connection, name: str, on_it: list[str], since: int = 0) -> None:
    """Write a list from a place on; before it nothing is changed."""
    # an erasure leaves gaps between places, so what is written anew goes by the rows alone
    if since:
        last = select(func.max(_ITEMS.place)).where(_ITEMS.playlist == name)
        low = connection.execute(last).scalar_one() + 1
    else:
        low = 0
        connection.execute(playlist_items.delete().where(_ITEMS.playlist == name))
    rows = [
        {"playlist": name, "place": place, "recording": recording}
        for place, recording in enumerate(on_it[since:], low)
    ]
    if rows:
        connection.execute(playlist_items.insert(), rows)
