"""Who follows which artist; doing it twice is doing it once."""

from sqlalchemy import Connection, func, select

from assent.acts.house import House
from assent.catalogue import site_tables, tables
from assent.clock import format_instant
from assent.community.listing import PAGE, Artist, Page, cut
from assent.community.reach import require_artist

__all__ = ["follow", "followed", "followers", "follows", "unfollow"]

_FOLLOWS, _ARTISTS = site_tables.follows, tables.artists


def follow(house: House, account: str, artist: str) -> None:
    """Follow an artist.

    Raises:
        Unknown: There is no such artist.
    """
    at = format_instant(house.clock())
    with house.writing() as connection:
        require_artist(connection, artist)
        if not follows(connection, account, artist):
            connection.execute(_FOLLOWS.insert().values(account=account, artist=artist, at=at))


def unfollow(house: House, account: str, artist: str) -> None:
    """Follow an artist no more, also one that is not there any more."""
    with house.writing() as connection:
        connection.execute(
            _FOLLOWS.delete().where(_FOLLOWS.c.account == account, _FOLLOWS.c.artist == artist)
        )


def follows(connection: Connection, account: str | None, artist: str) -> bool:
    """Say whether somebody follows an artist; a stranger follows nobody."""
    query = select(_FOLLOWS.c.at).where(_FOLLOWS.c.account == account, _FOLLOWS.c.artist == artist)
    return connection.execute(query).first() is not None


def followers(connection: Connection, artist: str) -> int:
    """Return how many follow an artist."""
    query = select(func.count()).select_from(_FOLLOWS).where(_FOLLOWS.c.artist == artist)
    return int(connection.execute(query).scalar_one())


def followed(
    connection: Connection, account: str, *, after: str = "", limit: int = PAGE
) -> Page[Artist]:
    """Return the artists that somebody follows, by name.

    Args:
        connection: One that reads.
        account: Who follows.
        after: What the page before ended with.
        limit: How many.
    """
    query = select(_ARTISTS.c.id, _ARTISTS.c.name).join(
        _FOLLOWS, _FOLLOWS.c.artist == _ARTISTS.c.id
    )
    query = query.where(_FOLLOWS.c.account == account)
    if after:
        last = select(_ARTISTS.c.folded).where(_ARTISTS.c.id == after).scalar_subquery()
        query = query.where(_ARTISTS.c.folded > last)
    rows = connection.execute(query.order_by(_ARTISTS.c.folded).limit(limit + 1)).all()
    found = [Artist(id=row.id, name=row.name) for row in rows]
    return cut(found, [one.id for one in found], limit)
