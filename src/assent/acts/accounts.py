"""Opening accounts, and finding who is meant by a name.

An account is somebody who can hold rights; an artist is a name that recordings appear under, and
belongs to an account. Opening an account accepts the terms in force, as every sign-up does; what
they leave to a yes or a no, and every generative use, still waits for that.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, func, select

from assent.acts.house import Act
from assent.catalogue import tables
from assent.errors import BadInput, Unknown

__all__ = [
    "Account",
    "Role",
    "account_of",
    "find_account",
    "find_artist",
    "known_account",
    "open_account",
    "open_artist",
]

_MOST_CHARACTERS = 200


class Role(Enum):
    """What an account is for."""

    ARTIST = "artist"
    LABEL = "label"
    NOBODY = "nobody"
    """Stands in where an artist is not known: it holds nothing and accepts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who can hold rights.

    Args:
        id: The account's id.
        name: How it is called.
    """

    id: str
    name: str


def open_account(act: Act, name: str, role: Role) -> Account:
    """Open an account that accepts the terms in force.

    Raises:
        BadInput: The name is empty, too long, or taken.
    """
    name = _checked(name)
    if known_account(act.connection, name) is not None:
        raise BadInput(f"there is an account called {name!r} already", name=name)
    account = Account(id=f"a{_count(act.connection, tables.accounts)}", name=name)
    act.record("account", {"id": account.id, "name": name, "role": role.value})
    texts = tables.texts.c
    in_force = act.connection.execute(select(texts.id).where(texts.current)).scalar_one_or_none()
    if in_force is not None and role is not Role.NOBODY:
        act.record("terms.accept", {"account": account.id, "text": in_force})
    return account


def open_artist(act: Act, name: str, account: Account | None = None) -> str:
    """Return the artist of that name; where there is none, make one.

    Args:
        act: The change under way.
        name: The artist's name.
        account: Whose it is; a new account of the same name if None.

    Raises:
        BadInput: The name is empty or too long, or is another account's artist.
    """
    name = _checked(name)
    artists = tables.artists.c
    found = act.connection.execute(
        select(artists.id, artists.account).where(artists.name == name)
    ).one_or_none()
    if found is not None:
        if account is not None and found.account != account.id:
            raise BadInput(f"the artist {name!r} belongs to another account", name=name)
        return str(found.id)
    owner = account or known_account(act.connection, name) or open_account(act, name, Role.ARTIST)
    artist = f"n{_count(act.connection, tables.artists)}"
    act.record("artist", {"id": artist, "name": name, "account": owner.id})
    return artist


def find_account(connection: Connection, name: str) -> Account:
    """Return the account of that name, or the one an artist of that name belongs to, or of that id.

    Raises:
        Unknown: Nobody is called that.
    """
    by_id = select(tables.accounts).where(tables.accounts.c.id == name)
    found = known_account(connection, name)
    if found is None and (row := connection.execute(by_id).first()) is not None:
        found = _account(row)
    if found is None:
        raise Unknown(f"nobody here is called {name!r}", name=name)
    return found


def find_artist(connection: Connection, artist: str) -> Account:
    """Return the account that an artist belongs to."""
    artists, accounts = tables.artists.c, tables.accounts
    query = select(accounts).join(tables.artists, artists.account == accounts.c.id)
    return _account(connection.execute(query.where(artists.id == artist)).one())


def known_account(connection: Connection, name: str) -> Account | None:
    """Return the account of that name, or of an artist of that name; None if nobody is called so.

    An id is no name: whoever calls an artist like an id gains nothing by it but that name.
    """
    accounts, artists = tables.accounts, tables.artists.c
    everybody = select(accounts)
    by_artist = everybody.join(tables.artists, artists.account == accounts.c.id)
    for query in (everybody.where(accounts.c.name == name), by_artist.where(artists.name == name)):
        row = connection.execute(query).first()
        if row is not None:
            return _account(row)
    return None


def account_of(connection: Connection, account: str) -> Account:
    """Return the account of an id that is known to be one."""
    query = select(tables.accounts).where(tables.accounts.c.id == account)
    return _account(connection.execute(query).one())


def _account(row: Any) -> Account:  # a row of `accounts`; rows carry no column types
    return Account(id=row.id, name=row.name)


def _count(connection: Connection, table: Any) -> int:  # any of the tables
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _MOST_CHARACTERS or not name.isprintable():
        raise BadInput(f"a name has 1 to {_MOST_CHARACTERS} printable characters", name=name)
    return name
