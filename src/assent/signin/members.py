"""Members: accounts that can sign in, how they come to be, and how they are found.

Joining opens an account, which is an event; an invitation is an act of staff and one as well. The
password is nobody's proof and a row (ADR 12).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update

from assent.acts.accounts import Account, Role, checked_name, known_account, open_account
from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.catalogue.names import folded
from assent.catalogue.site_tables import members
from assent.clock import format_instant, parse_instant
from assent.errors import BadInput, NotAllowed, Unknown
from assent.signin.passwords import hashed

__all__ = [
    "OWN_ROLES",
    "STAFF_ROLES",
    "Member",
    "become_artist",
    "give_role",
    "invite",
    "join",
    "join_in",
    "known",
    "known_in",
    "member_called",
    "member_of",
    "members_like",
    "record_staff_act",
    "since_of",
]

OWN_ROLES = frozenset({Role.LISTENER, Role.ARTIST})
"""The roles that people may take by themselves."""
STAFF_ROLES = frozenset({Role.REVIEWER, Role.OPERATOR, Role.AUDITOR})
"""The roles of those who look after the site."""
_MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who can sign in.

    Args:
        account: The id of the account.
        name: How it is called.
        role: What it may do.
        shut: Whether it was shut; it cannot sign in then.
    """

    account: str
    name: str
    role: Role
    shut: bool = False


def join(house: House, name: str, role: Role, password: str | None) -> Member:
    """Sign somebody up: their account, their acceptance of the terms in force, their sign-in.

    Args:
        house: The platform.
        name: How they want to be called.
        role: Listener or artist.
        password: Their password; None where they sign in in another way.

    Raises:
        BadInput: The name is empty, too long or taken, or the password would be guessed.
        NotAllowed: The role is one that an operator gives.
    """
    name = checked_name(name)
    kept = None if password is None else hashed(password, name)
    with house.act(name) as act:
        return join_in(act, name, role, kept)


def join_in(act: Act, name: str, role: Role, kept: str | None) -> Member:
    """Sign somebody up, within a transaction that does more.

    Args:
        act: Their own act.
        name: How they want to be called.
        role: Listener or artist.
        kept: What is kept of their password; None where they have none.

    Raises:
        BadInput: The name is empty, too long or taken.
        NotAllowed: The role is one that an operator gives.
    """
    if role not in OWN_ROLES:
        raise NotAllowed(f"an operator gives the role {role.value}", role=role.value)
    _refuse_the_name_of_others(act, name)
    return _made(act, open_account(act, name, role), role, kept)


def invite(house: House, name: str, role: Role, by: str, password: str | None = None) -> Member:
    """Give a sign-in to an account that has none, and open one where nobody is called that.

    What is opened so has accepted no terms: that is for its owner to do.

    Args:
        house: The platform.
        name: How the account is called.
        role: Any role but nobody.
        by: The operator.
        password: Their first password; None where they choose it themselves, with a code.

    Raises:
        BadInput: The name is empty or too long, they can sign in already, or the password would
            be guessed.
    """
    if role is Role.NOBODY:
        raise BadInput("a member has a role: listener, artist, label, reviewer, operator, auditor")
    name = checked_name(name)
    kept = None if password is None else hashed(password, name)
    with house.act(by) as act:
        account = known_account(act.connection, name)
        account = account or open_account(act, name, role, accepts=False)
        if _row(act.connection, members.c.account == account.id) is not None:
            raise BadInput(f"{account.name} can sign in already", name=account.name)
        made = _made(act, account, role, kept)
        record_staff_act(act, "invite", made.account, role.value)
        return made


def member_of(connection: Connection, account: str) -> Member | None:
    """Return the member of an account's id; None where it has no sign-in, or it is shut."""
    member = _row(connection, members.c.account == account)
    return None if member is None or member.shut else member


def member_called(connection: Connection, name: str) -> Member | None:
    """Return the member of a name in any spelling, also one that is shut; None if there is none."""
    return _row(connection, tables.accounts.c.folded == folded(name))


def members_like(
    connection: Connection, prefix: str = "", after: str = "", most: int = 50
) -> list[Member]:
    """Return members in the order of their names, shut ones too.

    Args:
        connection: A connection that reads.
        prefix: How their names begin, in any spelling; every name if empty.
        after: Only those whose names come after this one.
        most: How many at most; never more than 200.
    """
    column, start = tables.accounts.c.folded, folded(prefix.replace("\0", ""))
    query = _query().order_by(column).limit(min(max(most, 1), _MOST_AT_ONCE))
    if start:
        query = query.where(column.startswith(start, autoescape=True))
    if after:
        query = query.where(column > folded(after.replace("\0", "")))
    return [_member(row) for row in connection.execute(query)]


def known(house: House, account: str) -> Member:
    """Return the member of an account's id, also one that is shut.

    Raises:
        Unknown: There is no such member.
    """
    with house.reading() as connection:
        return known_in(connection, account)


def since_of(connection: Connection, account: str) -> datetime:
    """Return since when a member can sign in [aware datetime]."""
    query = select(members.c.since).where(members.c.account == account)
    return parse_instant(connection.execute(query).scalar_one())


def become_artist(house: House, account: str) -> Member:
    """Make an artist of a listener, who says so themselves.

    Raises:
        NotAllowed: They have another role, which an operator changes.
        Unknown: There is no such member.
    """
    with house.writing() as connection:
        member = known_in(connection, account)
        if member.role not in OWN_ROLES:
            raise NotAllowed(f"an operator changes the role {member.role.value}")
        return give_role(connection, member, Role.ARTIST)


def known_in(connection: Connection, account: str) -> Member:
    """Return the member of an account's id, also one that is shut, within a transaction.

    Raises:
        Unknown: There is no such member.
    """
    member = _row(connection, members.c.account == account)
    if member is None:
        raise Unknown(f"there is no member {account!r}", account=account)
    return member


def give_role(connection: Connection, member: Member, role: Role) -> Member:
    """Write another role of a member; who may is for the caller to know.

    Args:
        connection: One that writes.
        member: Who it is.
        role: The role.
    """
    row = update(members).where(members.c.account == member.account)
    connection.execute(row.values(role=role.value))
    return Member(account=member.account, name=member.name, role=role, shut=member.shut)


def record_staff_act(act: Act, what: str, account: str, value: str = "", cause: str = "") -> None:
    """Put on record what somebody of the staff did to a member.

    Args:
        act: The change under way.
        what: What it was, in one word.
        account: The id of the member's account.
        value: What was given, such as a role.
        cause: Why, in a few words.
    """
    cause = " ".join(cause.split())
    body = {"act": what, "account": account, "recording": "", "what": value, "cause": cause}
    act.record("staff", body)


def _refuse_the_name_of_others(act: Act, name: str) -> None:
    """Keep the names of accounts and artists that others brought from whoever comes first."""
    artists, account = tables.artists.c, known_account(act.connection, name)
    if account is not None:
        can_sign_in = _row(act.connection, members.c.account == account.id) is not None
        what = None if can_sign_in else "an account"
    else:
        taken = select(artists.id).where(artists.folded == folded(name))
        what = None if act.connection.execute(taken).first() is None else "an artist"
    if what is not None:
        raise BadInput(
            f"there is {what} of that name here already, whom nobody signs in for yet; if it is"
            " you, ask the people who run this site for a way in",
            name=name,
        )


def _made(act: Act, account: Account, role: Role, kept: str | None) -> Member:
    since = format_instant(act.at)
    act.connection.execute(
        members.insert().values(account=account.id, role=role.value, password=kept, since=since)
    )
    return Member(account=account.id, name=account.name, role=role)


def _query() -> Select[Any]:
    accounts = tables.accounts
    return select(members.c.account, accounts.c.name, members.c.role, members.c.shut).join_from(
        members, accounts, accounts.c.id == members.c.account
    )


def _row(connection: Connection, where: Any) -> Member | None:  # a condition of SQLAlchemy
    row = connection.execute(_query().where(where)).one_or_none()
    return None if row is None else _member(row)


def _member(row: Any) -> Member:  # rows carry no column types
    return Member(
        account=row.account, name=row.name, role=Role(row.role), shut=row.shut is not None
    )
