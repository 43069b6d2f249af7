"""Sessions: who is signed in, where, in which way; seen and ended one by one.

The cookie holds a secret, the table its SHA-256. A session ends 30 days after it was last seen, and
90 days after it began. When it was seen is written down every five minutes at most.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import Connection, Select, select, update

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.site_tables import members, sessions
from assent.clock import format_instant, parse_instant
from assent.signin.members import Member

__all__ = [
    "LONGEST",
    "UNSEEN",
    "Session",
    "begin",
    "end",
    "end_all",
    "end_others",
    "end_secret",
    "found",
    "purge",
    "seen",
    "sessions_of",
]

UNSEEN, LONGEST = timedelta(days=30), timedelta(days=90)
"""After how long a session ends: unseen, and at all."""
_SEEN_EVERY = timedelta(minutes=5)
_SECRET_BYTES = 32
_MOST_OF_AGENT = 200
_MOST_OF_SECRET = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in, somewhere.

    Args:
        id: The digest of the secret that the cookie holds.
        member: Who it is.
        way: How they signed in: password, passkey, code or the name of a provider.
        agent: What their browser calls itself.
        at: When they signed in [aware datetime].
        seen: When they were last seen, to about five minutes [aware datetime].
        until: When it ends if they are not seen again [aware datetime].
    """

    id: str
    member: Member
    way: str
    agent: str
    at: datetime
    seen: datetime
    until: datetime


def begin(house: House, account: str, agent: str, way: str) -> str:
    """Sign somebody in whose proof was checked; return the secret for the cookie, told only here.

    Args:
        house: The platform.
        account: The id of the account.
        agent: What their browser calls itself.
        way: How they proved who they are.
    """
    secret, at = token_urlsafe(_SECRET_BYTES), house.clock()
    now = format_instant(at)
    with house.writing() as connection:
        connection.execute(
            sessions.insert().values(
                id=_digest(secret),
                account=account,
                agent=_plain(agent),
                way=way,
                at=now,
                seen=now,
                until=format_instant(at + UNSEEN),
            )
        )
    return secret


def found(connection: Connection, secret: str, at: datetime) -> Session | None:
    """Return the session that a cookie's secret is of; None if it is over, or of nobody.

    Args:
        connection: A connection that reads.
        secret: What the cookie holds.
        at: When [aware datetime].
    """
    if not secret or len(secret) > _MOST_OF_SECRET:
        return None
    query = _query(at).where(sessions.c.id == _digest(secret))
    row = connection.execute(query).one_or_none()
    return None if row is None else _session(row)


def seen(house: House, session: Session) -> None:
    """Note that a session was seen, unless that was noted in the last five minutes."""
    at = house.clock()
    if at - session.seen < _SEEN_EVERY:
        return
    until = min(at + UNSEEN, session.at + LONGEST)
    with house.writing() as connection:
        connection.execute(
            update(sessions)
            .where(sessions.c.id == session.id)
            .values(seen=format_instant(at), until=format_instant(until))
        )


def sessions_of(connection: Connection, account: str, at: datetime) -> list[Session]:
    """Return somebody's sessions, the one seen last first.

    Args:
        connection: A connection that reads.
        account: The id of the account.
        at: When [aware datetime]; those that are over are left out.
    """
    query = _query(at).where(sessions.c.account == account)
    return [_session(row) for row in connection.execute(query.order_by(sessions.c.seen.desc()))]


def end(house: House, account: str, id: str) -> bool:  # noqa: A002  # as the column is called
    """End one of somebody's sessions; say whether there was one.

    Args:
        house: The platform.
        account: Whose it must be.
        id: The session's id.
    """
    return _ended(house, sessions.c.account == account, sessions.c.id == id) > 0


def end_others(house: House, account: str, keep: str) -> int:
    """End all of somebody's sessions but one; return how many.

    Args:
        house: The platform.
        account: The id of the account.
        keep: The id of the session that stays.
    """
    return _ended(house, sessions.c.account == account, sessions.c.id != keep)


def end_all(house: House, account: str) -> int:
    """End all of somebody's sessions; return how many."""
    return _ended(house, sessions.c.account == account)


def end_secret(house: House, secret: str) -> None:
    """End the session of a cookie's secret, if there is one."""
    _ended(house, sessions.c.id == _digest(secret))


def purge(connection: Connection, at: datetime) -> None:
    """Delete the sessions that are over.

    Args:
        connection: One that writes.
        at: When [aware datetime].
    """
    connection.execute(sessions.delete().where(sessions.c.until <= format_instant(at)))


def _ended(house: House, *where: Any) -> int:  # conditions of SQLAlchemy
    with house.writing() as connection:
        return connection.execute(sessions.delete().where(*where)).rowcount


def _query(at: datetime) -> Select[Any]:
    accounts = tables.accounts
    return (
        select(sessions, members.c.role, accounts.c.name)
        .join(members, members.c.account == sessions.c.account)
        .join(accounts, accounts.c.id == sessions.c.account)
        .where(sessions.c.until > format_instant(at), members.c.shut.is_(None))
    )


def _session(row: Any) -> Session:  # rows carry no column types
    return Session(
        id=row.id,
        member=Member(account=row.account, name=row.name, role=Role(row.role)),
        way=row.way,
        agent=row.agent,
        at=parse_instant(row.at),
        seen=parse_instant(row.seen),
        until=parse_instant(row.until),
    )


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _plain(agent: str) -> str:
    return "".join(c for c in agent if c.isprintable())[:_MOST_OF_AGENT]
