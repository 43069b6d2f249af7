"""Identities: accounts elsewhere that vouch for a member here, each for one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue.site_tables import identities
from assent.clock import format_instant, parse_instant
from assent.errors import BadInput, NotAllowed, Unknown
from assent.signin.credentials import keep_a_way
from assent.signin.members import Member, member_of
from assent.signin.provider import Identity

__all__ = ["Linked", "attach", "link", "linked_to", "member_behind", "unlink"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """An identity that vouches for an account.

    Args:
        issuer: The provider.
        subject: What it calls them.
        at: Since when [aware datetime].
    """

    issuer: str
    subject: str
    at: datetime


def member_behind(connection: Connection, identity: Identity) -> Member | None:
    """Return whom an identity vouches for; None if nobody, or somebody who is shut.

    Raises:
        NotAllowed: Whom it vouches for is shut.
    """
    account = _account(connection, identity)
    if account is None:
        return None
    member = member_of(connection, account)
    if member is None:
        raise NotAllowed("this account is shut; ask the people who run this site")
    return member


def link(house: House, account: str, identity: Identity) -> None:
    """Let an identity vouch for an account from now on.

    Raises:
        BadInput: It vouches for an account already.
        Unknown: There is no such member.
    """
    with house.writing() as connection:
        if member_of(connection, account) is None:
            raise Unknown(f"there is no member {account!r}", account=account)
        attach(connection, account, identity, house.clock())


def linked_to(connection: Connection, account: str) -> list[Linked]:
    """Return the identities that vouch for an account, the oldest first."""
    query = select(identities).where(identities.c.account == account)
    rows = connection.execute(query.order_by(identities.c.at, identities.c.subject))
    return [
        Linked(issuer=row.issuer, subject=row.subject, at=parse_instant(row.at)) for row in rows
    ]


def unlink(house: House, account: str, issuer: str) -> None:
    """Let the identities of a provider vouch for an account no longer.

    Raises:
        NotAllowed: They are the only way in.
        Unknown: There are none.
    """
    with house.writing() as connection:
        theirs = (identities.c.account == account, identities.c.issuer == issuer)
        if connection.execute(select(identities).where(*theirs)).first() is None:
            raise Unknown("nobody there vouches for you")
        keep_a_way(connection, account)
        connection.execute(identities.delete().where(*theirs))


def attach(connection: Connection, account: str, identity: Identity, at: datetime) -> None:
    """Let an identity vouch for an account, within a transaction that does more.

    Args:
        connection: One that writes.
        account: The id of the account.
        identity: Who vouches.
        at: Since when [aware datetime].

    Raises:
        BadInput: It vouches for an account already.
    """
    known = _account(connection, identity)
    if known == account:
        raise BadInput("this account there vouches for you already")
    if known is not None:
        raise BadInput("this account there vouches for somebody else here")
    connection.execute(
        identities.insert().values(
            issuer=identity.issuer,
            subject=identity.subject,
            account=account,
            at=format_instant(at),
        )
    )


def _account(connection: Connection, identity: Identity) -> str | None:
    query = select(identities.c.account).where(
        identities.c.issuer == identity.issuer, identities.c.subject == identity.subject
    )
    account: str | None = connection.execute(query).scalar_one_or_none()
    return account
