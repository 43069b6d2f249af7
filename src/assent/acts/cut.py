"""Cutting a training set: its manifest is on record before any audio of it is read."""

from dataclasses import dataclass

from assent.acts.house import House
from assent.catalogue.events import Event
from assent.catalogue.projection import next_number

__all__ = ["Cut", "cut"]


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


def cut(house: House, record: Cut, by: str) -> tuple[str, Event]:
    """Put a training set on record; return its id."""
    with house.act(by) as act:
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
