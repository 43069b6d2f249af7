"""Who likes which recording; doing it twice is doing it once."""

from sqlalchemy import Connection, and_, func, or_, select

from assent.acts.house import House
from assent.catalogue import site_tables, tables
from assent.clock import format_instant
from assent.community.listing import PAGE, Listed, Page, cut, listed_query, listed_row
from assent.community.reach import reachable, reached

__all__ = ["like", "liked", "likes", "likes_it", "unlike"]

_LIKES = site_tables.likes


def like(house: House, account: str, recording: str) -> None:
    """Like a recording.

    Raises:
        Unknown: There is none, or it is not for them.
    """
    at = format_instant(house.clock())
    with house.writing() as connection:
        reached(connection, account, recording)
        if not likes_it(connection, account, recording):
            connection.execute(_LIKES.insert().values(account=account, recording=recording, at=at))


def unlike(house: House, account: str, recording: str) -> None:
    """Like a recording no more, also one that is not there any more."""
    with house.writing() as connection:
        connection.execute(
            _LIKES.delete().where(_LIKES.c.account == account, _LIKES.c.recording == recording)
        )


def likes_it(connection: Connection, account: str | None, recording: str) -> bool:
    """Say whether somebody likes a recording; a stranger likes none."""
    query = select(_LIKES.c.at).where(_LIKES.c.account == account, _LIKES.c.recording == recording)
    return connection.execute(query).first() is not None


def likes(connection: Connection, recording: str) -> int:
    """Return how many like a recording."""
    query = select(func.count()).select_from(_LIKES).where(_LIKES.c.recording == recording)
    return int(connection.execute(query).scalar_one())


def liked(
    connection: Connection, account: str, *, after: str = "", limit: int = PAGE
) -> Page[Listed]:
    """Return what somebody likes and may still hear, the last liked first.

    Args:
        connection: One that reads.
        account: Who likes.
        after: What the page before ended with.
        limit: How many.
    """
    query = listed_query().join(_LIKES, _LIKES.c.recording == tables.recordings.c.id)
    query = query.where(_LIKES.c.account == account, reachable(account))
    if after:
        last = select(_LIKES.c.at).where(_LIKES.c.account == account, _LIKES.c.recording == after)
        at = last.scalar_subquery()
        same = and_(_LIKES.c.at == at, _LIKES.c.recording < after)
        query = query.where(or_(_LIKES.c.at < at, same))
    query = query.order_by(_LIKES.c.at.desc(), _LIKES.c.recording.desc()).limit(limit + 1)
    found = [listed_row(row) for row in connection.execute(query)]
    return cut(found, [one.id for one in found], limit)
