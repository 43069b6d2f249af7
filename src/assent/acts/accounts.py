"""Opening accounts, and finding who is meant by a name.

An account is somebody who can hold rights; an artist is a name that recordings appear under.
Whoever uploads accepts the terms in force, as every sign-up does; what they leave to a yes or a
no, and every generative use, still waits for that. Whoever is only named by others has accepted
nothing.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, select

from assent.acts.house import Act
from assent.catalogue import tables
from assent.catalogue.names import folded
from assent.catalogue.projection import next_number
from assent.catalogue.titles import line_of
from assent.errors import BadInput, NotAllowed, Unknown

__all__ = [
    "Account",
    "Role",
    "account_of",
    "begin",
    "checked_name",
    "find_account",
    "known_account",
    "open_account",
    "open_artist",
]

_MOST_CHARACTERS = 200


class Role(Enum):
    """What an account is for; the last four may do more on the site than they hold rights."""

    LISTENER = "listener"
    ARTIST = "artist"
    LABEL = "label"
    REVIEWER = "reviewer"
    OPERATOR = "operator"
    AUDITOR = "auditor"
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


def open_account(act: Act, name: str, role: Role, *, accepts: bool = True) -> Account:
    """Open an account.

    Args:
        act: The change under way.
        name: How it is called.
        role: What it is for.
        accepts: Whether opening it is its owner's own act, which accepts the terms in force; one
            who is only named by another has accepted nothing.

    Raises:
        BadInput: The name is empty, too long, or taken, perhaps in another spelling: by an account,
            or by an artist whose recordings an account brought as its own.
    """
    name = checked_name(name)
    if known_account(act.connection, name) is not None:
        raise BadInput(f"there is an account called {name!r} already", name=name)
    speaker = _speaker(act.connection, name)
    if speaker is not None:
        raise BadInput(f"{name!r} is an artist here for whom {speaker} speaks", name=name)
    account = Account(id=f"a{next_number(act.connection, 'account')}", name=name)
    act.record("account", {"id": account.id, "name": name, "role": role.value})
    if accepts and role is not Role.NOBODY:
        begin(act, account)
    return account


def _speaker(connection: Connection, name: str) -> str | None:
    """Return the account that brought recordings of its own under an artist's name, by its name.

    Whoever was called so later would be taken for who brought them.
    """
    artists, recordings = tables.artists.c, tables.recordings.c
    query = (
        select(tables.accounts.c.name)
        .join(tables.artists, artists.account == tables.accounts.c.id)
        .join(tables.recordings, recordings.artist == artists.id)
        .where(
            artists.folded == folded(name),
            recordings.agreement.is_(None),
            tables.accounts.c.role != Role.NOBODY.value,
        )
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def begin(act: Act, account: Account) -> None:
    """Accept the terms in force for an account that has accepted none, as its own first act."""
    texts, accounts = tables.texts.c, tables.accounts.c
    accepted = select(accounts.accepted).where(accounts.id == account.id)
    if act.connection.execute(accepted).scalar_one() is not None:
        return
    in_force = act.connection.execute(select(texts.id).where(texts.current)).scalar_one_or_none()
    if in_force is not None:
        act.record("terms.accept", {"account": account.id, "text": in_force})


def open_artist(act: Act, name: str, account: Account) -> str:
    """Return the artist of that name; where there is none, make one.

    An artist is a name on recordings; who holds rights in each is said by its holders.

    Args:
        act: The change under way.
        name: The artist's name.
        account: Who brings it here, if it is new.

    Raises:
        BadInput: The name is empty or too long.
    """
    name = checked_name(name)
    artists = tables.artists.c
    known = select(artists.id).where(artists.folded == folded(name))
    found = act.connection.execute(known).scalar_one_or_none()
    if found is not None:
        return str(found)
    artist = f"n{next_number(act.connection, 'artist')}"
    act.record("artist", {"id": artist, "name": name, "account": account.id})
    return artist


def find_account(connection: Connection, name: str) -> Account:
    """Return the account of that name, or of that id.

    Raises:
        NotAllowed: It is an artist whose rights others hold.
        Unknown: Nobody is called that.
    """
    found = known_account(connection, name)
    if found is not None:
        return found
    row = connection.execute(select(tables.accounts).where(tables.accounts.c.id == name)).first()
    if row is not None:
        return _account(row)
    artists = tables.artists.c
    brought = select(artists.account).where(artists.folded == folded(name))
    holder = connection.execute(brought).scalar_one_or_none()
    speaker = connection.execute(
        select(tables.accounts.c.name).where(tables.accounts.c.id == holder)
    ).scalar_one_or_none()
    if speaker is not None:  # an account that was erased leaves the names that others credit
        raise NotAllowed(f"{name} has no account here; {speaker} speaks for those recordings")
    raise Unknown(f"nobody here is called {name!r}", name=name)


def known_account(connection: Connection, name: str) -> Account | None:
    """Return the account of that name, in any spelling; None if there is none.

    An id is no name: whoever calls an account like an id gains nothing by it but that name.
    """
    accounts = tables.accounts
    query = select(accounts).where(accounts.c.folded == folded(name))
    row = connection.execute(query).one_or_none()
    return None if row is None else _account(row)


def account_of(connection: Connection, account: str) -> Account:
    """Return the account of an id that is known to be one."""
    query = select(tables.accounts).where(tables.accounts.c.id == account)
    return _account(connection.execute(query).one())


def _account(row: Any) -> Account:  # a row of `accounts`; rows carry no column types
    return Account(id=row.id, name=row.name)


def checked_name(name: str) -> str:
    """Return a name without extra spaces and marks that nobody sees.

    Raises:
        BadInput: It is empty, too long, or cannot be shown.
    """
    name = line_of(name, "a name", name=name)
    if not folded(name) or len(name) > _MOST_CHARACTERS:
        raise BadInput(f"a name has 1 to {_MOST_CHARACTERS} printable characters", name=name)
    return name
