"""Cutting a training set: its manifest is on record before any audio of it is read."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue.events import Event
from assent.catalogue.projection import next_number
from assent.catalogue.tables import events
from assent.errors import Stale

__all__ = ["Cut", "check_nobody_left", "cut"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What is put on record of a training set.

    Args:
        program: For which program.
        head: Number of the last event that its selection knows of.
        manifest: SHA-256 of its manifest file [64 hexadecimal digits].
        items: How many recordings it holds.
        members: Their numbers, as a serialised roaring bitmap in base64.
        root: Of the prefix tree over them (log/prefix.py) [64 hexadecimal digits].
    """

    program: str
    head: int
    manifest: str
    items: int
    members: str
    root: str


def cut(house: House, record: Cut, by: str, keep: Callable[[], None]) -> tuple[str, Event]:
    """Put a training set on record; return its id.

    Args:
        house: The platform.
        record: What is put on record.
        by: Who cuts it.
        keep: Keeps what proofs about it are made from; done while nobody can be erased, who would
            stay in what is kept.

    Raises:
        Stale: Somebody was erased after it was selected.
    """
    with house.act(by) as act:
        check_nobody_left(act.connection, record.head)
        keep()
        name = f"s{next_number(act.connection, 'training-set')}"
        event = act.record(
            "training-set",
            {
                "id": name,
                "program": record.program,
                "head": record.head,
                "manifest": record.manifest,
                "items": record.items,
                "members": record.members,
                "root": record.root,
            },
        )
        return name, event


def check_nobody_left(connection: Connection, head: int) -> None:
    """Refuse a set that was selected before somebody was erased: it may name them.

    Args:
        connection: Where the catalogue is read.
        head: Number of the last event that the selection knows of.

    Raises:
        Stale: Somebody was erased since.
    """
    later = select(events.c.number).where(events.c.number > head, events.c.kind == "erasure")
    if connection.execute(later.limit(1)).first() is not None:
        raise Stale("somebody was erased while the set was being built; build it again")
