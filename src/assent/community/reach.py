"""Who reaches what: the recordings and artists that people may do something with.

Whoever may hear something by a private link is told elsewhere; here counts what is public, and what
is one's own: what one brought under a name of one's own, or holds rights in.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from assent.acts.accounts import Role
from assent.catalogue import tables
from assent.catalogue.names import folded
from assent.catalogue.public import is_public
from assent.errors import NotAllowed, Unknown

__all__ = ["owner_of", "reachable", "reached", "refuse_others", "require_artist"]


def reachable(account: str | None) -> ColumnElement[bool]:
    """Return the condition that a recording is public, or somebody's own.

    Args:
        account: Whose own; None for a stranger, who has none.
    """
    if account is None:
        return is_public()
    recordings, holdings, artists = tables.recordings.c, tables.holdings.c, tables.artists.c
    accounts, texts = tables.accounts.c, tables.texts.c
    held = exists().where(holdings.recording == recordings.id, holdings.holder == account)
    called = select(artists.id).join(tables.accounts, accounts.folded == artists.folded)
    nobody = ~exists().where(accounts.folded == artists.folded)
    brought = select(artists.id).where(artists.account == account, nobody)
    names = called.where(accounts.id == account).union(brought)
    deals = select(texts.id).where(texts.party == account)
    own = and_(recordings.artist.in_(names), recordings.agreement.is_(None))
    return or_(is_public(), held, own, recordings.agreement.in_(deals))


def reached(connection: Connection, account: str | None, recording: str) -> Any:
    """Return the row of a recording that somebody may do something with.

    Args:
        connection: One that reads.
        account: Who; None for a stranger.
        recording: Its id.

    Raises:
        Unknown: There is none, or it is not for them.
    """
    recordings = tables.recordings
    query = select(recordings.c.id, recordings.c.frames, recordings.c.sr, recordings.c.artist)
    row = connection.execute(query.where(recordings.c.id == recording, reachable(account))).first()
    if row is None:
        raise Unknown("there is no such recording", recording=recording)
    return row


def require_artist(connection: Connection, artist: str) -> Any:
    """Return the row of an artist.

    Raises:
        Unknown: There is none.
    """
    query = select(tables.artists).where(tables.artists.c.id == artist)
    row = connection.execute(query).first()
    if row is None:
        raise Unknown("there is no such artist", artist=artist)
    return row


def owner_of(connection: Connection, artist: str) -> str | None:
    """Return the account that an artist's name belongs to; None if nobody knows.

    That is the one that is called so, and where nobody is, the one that brought the name here.

    Raises:
        Unknown: There is no such artist.
    """
    row, accounts = require_artist(connection, artist), tables.accounts.c
    named = select(accounts.id).where(accounts.folded == folded(row.name))
    owner = connection.execute(named).scalar_one_or_none() or row.account
    known = select(accounts.id).where(accounts.id == owner, accounts.role != Role.NOBODY.value)
    return connection.execute(known).scalar_one_or_none()


def refuse_others(connection: Connection, account: str, artist: str) -> None:
    """Refuse whoever an artist's name does not belong to.

    Raises:
        NotAllowed: It is somebody else's.
        Unknown: There is no such artist.
    """
    if owner_of(connection, artist) != account:
        raise NotAllowed("this is the page of somebody else", artist=artist)
