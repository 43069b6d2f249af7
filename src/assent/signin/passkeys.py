"""The passkeys that members have: seen, named and removed. How they are added is in ceremony.py."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from assent.acts.house import House
from assent.catalogue.site_tables import passkeys
from assent.clock import parse_instant
from assent.errors import BadInput, Unknown
from assent.signin.credentials import keep_a_way

__all__ = ["Passkey", "label_of", "passkeys_of", "remove", "rename"]

_MOST_OF_LABEL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey, as its owner sees it.

    Args:
        id: Its id, as the device calls it.
        label: What its owner calls it.
        at: When it was added [aware datetime].
        used: When it was last used [aware datetime]; None if never.
    """

    id: str
    label: str
    at: datetime
    used: datetime | None


def passkeys_of(connection: Connection, account: str) -> list[Passkey]:
    """Return somebody's passkeys, the oldest first."""
    query = select(passkeys).where(passkeys.c.account == account)
    rows = connection.execute(query.order_by(passkeys.c.at, passkeys.c.credential))
    return [
        Passkey(
            id=row.credential,
            label=row.label,
            at=parse_instant(row.at),
            used=parse_instant(row.used) if row.used else None,
        )
        for row in rows
    ]


def rename(house: House, account: str, id: str, label: str) -> None:  # noqa: A002  # as it is called
    """Call one of somebody's passkeys by another name.

    Raises:
        BadInput: The label cannot be read.
        Unknown: They have no such passkey.
    """
    label = label_of(label)
    with house.writing() as connection:
        row = update(passkeys).where(*_theirs(account, id))
        if connection.execute(row.values(label=label)).rowcount == 0:
            raise Unknown("you have no such passkey")


def remove(house: House, account: str, id: str) -> None:  # noqa: A002  # as it is called
    """Remove one of somebody's passkeys.

    Raises:
        NotAllowed: It is their only way in.
        Unknown: They have no such passkey.
    """
    with house.writing() as connection:
        if connection.execute(select(passkeys).where(*_theirs(account, id))).first() is None:
            raise Unknown("you have no such passkey")
        keep_a_way(connection, account)
        connection.execute(passkeys.delete().where(*_theirs(account, id)))


def _theirs(account: str, id: str) -> tuple[Any, Any]:  # noqa: A002  # as it is called
    return passkeys.c.account == account, passkeys.c.credential == id


def label_of(typed: str) -> str:
    """Return what a passkey is called by its owner.

    Raises:
        BadInput: It is too long, or cannot be printed.
    """
    label = " ".join(typed.split()) or "A passkey"
    if len(label) > _MOST_OF_LABEL or not label.isprintable():
        raise BadInput(f"a passkey is called by up to {_MOST_OF_LABEL} printable characters")
    return label
