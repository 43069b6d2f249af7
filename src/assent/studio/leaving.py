"""Leaving: what would go, what would stay, and the erasure itself, which says its number.

The erasure is one transaction with everything after it repeatable, so whoever's process or
connection dies in between has left wholly or not at all.
"""

from dataclasses import dataclass

from sqlalchemy import func, select

from assent.acts.accounts import Account, Role
from assent.acts.erase import Erased, person
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.catalogue import tables
from assent.catalogue.names import folded
from assent.catalogue.site_tables import members
from assent.errors import BadInput, NotAllowed
from assent.training.forget import forget

__all__ = ["Foreseen", "foresee", "leave"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What leaving would do.

    Args:
        recordings: How many recordings would go.
        held: How many recordings of others would be held, because nobody else can say yes in
            their place.
        names: The artists' names that would go.
    """

    recordings: int
    held: int
    names: tuple[str, ...]


def foresee(house: House, account: Account) -> Foreseen:
    """Return what leaving would do.

    Args:
        house: The platform.
        account: Who would leave.

    Raises:
        Unknown: They have left.
    """
    meant = person(house, account.id)
    holdings, artists = tables.holdings.c, tables.artists.c
    with house.reading() as connection:
        query = select(holdings.recording).where(holdings.holder == account.id)
        shared = set(connection.execute(query).scalars()) - meant.recordings
        names = connection.execute(
            select(artists.name).where(artists.id.in_(sorted(meant.artists)))
        ).scalars()
        return Foreseen(
            recordings=len(meant.recordings),
            held=len(shared),
            names=tuple(sorted(names, key=folded)),
        )


def leave(house: House, logs: Logs, account: Account, typed: str) -> Erased:
    """Erase somebody who leaves: account, statements, recordings, and all they did here.

    Args:
        house: The platform.
        logs: Its logs.
        account: Who leaves, as their own act.
        typed: Their name as they typed it, so that nobody leaves by a slip of the hand.

    Raises:
        BadInput: That is not their name.
        Busy: Another process is publishing the log; nothing was erased.
        NotAllowed: They are the last operator.
        Unknown: They have left already.
        Stale: They are still being spoken of faster than it can be published; nothing was erased.
        StorageFailed: The disk refused; doing it again goes on where it stopped.
    """
    if folded(typed) != folded(account.name):
        raise BadInput(f"type your name as it stands here: {account.name}", field="name")
    with house.reading() as connection:
        operators = select(members.c.account).where(
            members.c.role == Role.OPERATOR.value, members.c.shut.is_(None)
        )
        left = connection.execute(
            select(func.count()).select_from(operators.subquery())
        ).scalar_one()
        if left == 1 and connection.execute(operators).scalar_one() == account.id:
            raise NotAllowed("you are the last operator; make another one first")
    return forget(house, logs, account.name, account.name)
