"""What a member shows to prove who they are, and which ways in they have."""

from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select, update

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.names import folded
from assent.catalogue.site_tables import identities, members, passkeys, sessions
from assent.errors import BadInput, NotAllowed, Unknown
from assent.signin.members import Member, member_of
from assent.signin.passwords import check_password, hashed, is_outdated, is_right

__all__ = ["Ways", "change_password", "drop_password", "keep_a_way", "proved", "ways_of"]

_MOST_OF_NAME = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How a member can sign in.

    Args:
        password: Whether they have a password.
        passkeys: How many passkeys they have.
        identities: How many accounts elsewhere vouch for them.
    """

    password: bool
    passkeys: int
    identities: int

    @property
    def count(self) -> int:
        """How many ways there are."""
        return int(self.password) + self.passkeys + self.identities


def ways_of(connection: Connection, account: str) -> Ways:
    """Return how a member can sign in."""

    def count(table: Table) -> int:
        query = select(func.count()).select_from(table).where(table.c.account == account)
        return int(connection.execute(query).scalar_one())

    kept = select(members.c.password).where(members.c.account == account)
    return Ways(
        password=connection.execute(kept).scalar_one_or_none() is not None,
        passkeys=count(passkeys),
        identities=count(identities),
    )


def keep_a_way(connection: Connection, account: str) -> None:
    """Refuse to take the last way in away.

    Raises:
        NotAllowed: There is only one.
    """
    if ways_of(connection, account).count <= 1:
        raise NotAllowed("that is your only way to sign in; add another one first")


def proved(house: House, name: str, password: str) -> Member | None:
    """Return the member of a name, if the password is theirs; None takes as long.

    Args:
        house: The platform.
        name: What was typed as the name, in any spelling.
        password: What was typed as the password.
    """
    accounts = tables.accounts
    query = (
        select(members.c.account, members.c.password)
        .join_from(members, accounts, accounts.c.id == members.c.account)
        .where(accounts.c.folded == folded(name[:_MOST_OF_NAME].replace("\0", "")))
        .where(members.c.shut.is_(None))
    )
    with house.reading() as connection:
        row = connection.execute(query).one_or_none()
    kept = None if row is None else row.password
    if not is_right(kept, password) or row is None:
        return None
    with house.reading() as connection:
        member = member_of(connection, row.account)
    if member is not None and is_outdated(row.password):
        _keep(house, row.account, hashed(password, member.name))
    return member


def change_password(house: House, account: str, password: str, keep: str = "") -> None:
    """Give a member another password, and end their other sessions.

    Args:
        house: The platform.
        account: The id of the member's account.
        password: The new password.
        keep: The id of the session that stays.

    Raises:
        BadInput: It would be guessed.
        Unknown: There is no such member.
    """
    with house.reading() as connection:
        member = member_of(connection, account)
    if member is None:
        raise Unknown(f"there is no member {account!r}", account=account)
    check_password(password, member.name)
    kept = hashed(password, member.name)
    with house.writing() as connection:
        row = update(members).where(members.c.account == account)
        connection.execute(row.values(password=kept))
        others = (sessions.c.account == account, sessions.c.id != keep)
        connection.execute(sessions.delete().where(*others))


def drop_password(house: House, account: str) -> None:
    """Take a member's password away, who has another way in.

    Raises:
        BadInput: There is none.
        NotAllowed: It is their only way in.
    """
    with house.writing() as connection:
        if not ways_of(connection, account).password:
            raise BadInput("you have no password")
        keep_a_way(connection, account)
        row = update(members).where(members.c.account == account)
        connection.execute(row.values(password=None))


def _keep(house: House, account: str, kept: str) -> None:
    with house.writing() as connection:
        row = update(members).where(members.c.account == account)
        connection.execute(row.values(password=kept))
