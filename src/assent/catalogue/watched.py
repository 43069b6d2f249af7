"""Accounts that brought many copies of others' recordings, of which nothing trains for a while.

Whose a recording is here is said by who brought it, never by who was named as a holder: nobody is
watched for what others upload in their name.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import CompoundSelect, Connection, Select, and_, exists, or_, select, union_all

from assent.catalogue import tables
from assent.catalogue.cases import WAITING
from assent.clock import parse_instant

__all__ = ["MANY", "WATCHED", "WINDOW", "brought_by", "uploader_of", "watched", "watched_accounts"]

MANY = 5
"""How many recordings with an open or confirmed case make an account watched."""
WINDOW = timedelta(days=30)
"""Within how long they were found."""
WATCHED = (
    "its uploader brought many copies of others' recordings;"
    " nothing trains on it until somebody has looked"
)
"""The cause of the holds that are placed then."""


def _brought() -> Select[tuple[str, str]]:
    """Return who brought which recording: the agreement's party, or else the artist's account.

    That is the account that is called so; of a name that no account has, the one that brought it.
    """
    recordings, texts = tables.recordings, tables.texts
    artists, accounts = tables.artists, tables.accounts
    called = accounts.alias()
    nobody_is_called_so = ~exists().where(called.c.folded == artists.c.folded)
    return (
        select(recordings.c.id.label("recording"), accounts.c.id.label("account"))
        .join(artists, artists.c.id == recordings.c.artist)
        .outerjoin(texts, and_(texts.c.id == recordings.c.agreement, texts.c.kind == "agreement"))
        .join(
            accounts,
            or_(
                accounts.c.id == texts.c.party,
                and_(recordings.c.agreement.is_(None), accounts.c.folded == artists.c.folded),
                and_(
                    recordings.c.agreement.is_(None),
                    accounts.c.id == artists.c.account,
                    nobody_is_called_so,
                ),
            ),
        )
        .where(accounts.c.role != "nobody")  # whoever nobody knows is not one uploader
    )


def uploader_of(connection: Connection, recording: str) -> str | None:
    """Return the account that brought a recording; None if nobody knows."""
    query = _brought().where(tables.recordings.c.id == recording)
    row = connection.execute(query).one_or_none()
    return None if row is None else str(row.account)


def brought_by(connection: Connection, account: str) -> list[str]:
    """Return the recordings that an account brought, in order."""
    recordings = tables.recordings.c
    query = select(recordings.id).where(recordings.id.in_(_own(connection, account)))
    return list(connection.execute(query.order_by(recordings.number)).scalars())


def _own(connection: Connection, account: str) -> Select[tuple[str]] | CompoundSelect[tuple[str]]:
    """Return what an account brought, as above, found by its names and agreements alone."""
    recordings, texts = tables.recordings.c, tables.texts.c
    artists, accounts = tables.artists.c, tables.accounts.c
    called = (
        select(artists.id)
        .join(tables.accounts, accounts.folded == artists.folded)
        .where(accounts.id == account, accounts.role != "nobody")
    )
    known = exists().where(accounts.folded == artists.folded)
    names = called.union(select(artists.id).where(artists.account == account, ~known))
    own = select(recordings.id).where(recordings.artist.in_(names), recordings.agreement.is_(None))
    deals = list(connection.execute(select(texts.id).where(texts.party == account)).scalars())
    if not deals:  # as with nearly everybody: databases would look at all recordings to find none
        return own
    return union_all(own, select(recordings.id).where(recordings.agreement.in_(deals)))


def watched(connection: Connection, account: str) -> bool:
    """Say whether nothing trains on what an account brings.

    It is from `MANY` recordings found within `WINDOW` on, until it is cleared: as long as the holds
    placed then are in force, or the cases are not decided for it.
    """
    holds = tables.holds.c
    held = (
        select(holds.event)
        .where(
            holds.recording.in_(_own(connection, account)),
            holds.cause == WATCHED,
            holds.lifted.is_(None),
        )
        .limit(1)
    )
    if connection.execute(held).first() is not None:
        return True
    return _many([parse_instant(at) for at in _found(connection, account).values()])


def _found(connection: Connection, account: str) -> dict[str, str]:
    """Return when each of its recordings was first found to be made of somebody else's."""
    copies, holdings, clearings = tables.copies.c, tables.holdings.c, tables.clearings.c
    clearing = select(clearings.event).where(clearings.account == account)
    cleared = connection.execute(clearing).scalar_one_or_none() or 0
    held = select(holdings.recording).where(holdings.holder == account)
    query = (
        select(copies.recording, copies.at)
        .where(
            copies.recording.in_(_own(connection, account)),
            copies.state.in_(WAITING),
            copies.original.not_in(_own(connection, account)),
            copies.original.not_in(held),
            copies.suspected > cleared,
        )
        .order_by(copies.suspected.desc())
    )
    return {row.recording: row.at for row in connection.execute(query)}


def _many(instants: Sequence[datetime]) -> bool:
    found = sorted(instants)
    spans = zip(found, found[MANY - 1 :], strict=False)  # each with the one that makes it many
    return any(last - first <= WINDOW for first, last in spans)


def watched_accounts(connection: Connection) -> list[str]:
    """Return all accounts that are watched, in order."""
    brought, copies, holds = _brought().subquery(), tables.copies.c, tables.holds.c
    found = select(copies.recording).where(copies.state.in_(WAITING))
    held = select(holds.recording).where(holds.cause == WATCHED, holds.lifted.is_(None))
    query = select(brought.c.account).where(brought.c.recording.in_(found.union(held))).distinct()
    return sorted(it for it in connection.execute(query).scalars() if watched(connection, it))
