"""The training sets on record: which there are, and whether a recording is in one.

Answers from the catalogue alone; where a set's folder went is not its business.
"""

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue import tables
from assent.errors import Tampered, Unknown
from assent.gate.snapshot import recording_number

__all__ = ["TrainingSet", "all_sets", "find_set", "is_member", "read_sets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """A training set, as it was put on record.

    Args:
        id: Its id.
        program: For which program.
        head: Number of the last event that its selection knows of.
        manifest: SHA-256 of its manifest file [64 hexadecimal digits].
        items: How many recordings its manifest names.
        members: Their numbers.
        root: Of the prefix tree over them [64 hexadecimal digits]; None for a set of version 0.1.
        event: Number of the event that put it on record.
    """

    id: str
    program: str
    head: int
    manifest: str
    items: int
    members: BitMap
    root: str | None
    event: int


def all_sets(house: House, program: str | None = None) -> tuple[TrainingSet, ...]:
    """Return all training sets, or those of one program, the earliest first."""
    with house.reading() as connection:
        return read_sets(connection, program)


def read_sets(connection: Connection, program: str | None = None) -> tuple[TrainingSet, ...]:
    """Return all training sets, or those of one program, the earliest first, as they are read."""
    query = select(tables.training_sets).order_by(tables.training_sets.c.event)
    if program is not None:
        query = query.where(tables.training_sets.c.program == program)
    return tuple(_set(row) for row in connection.execute(query))


def find_set(house: House, training_set: str) -> TrainingSet:
    """Return one training set.

    Raises:
        Unknown: There is none of that id.
    """
    query = select(tables.training_sets).where(tables.training_sets.c.id == training_set)
    with house.reading() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise Unknown(f"there is no training set {training_set!r}", training_set=training_set)
    return _set(row)


def is_member(house: House, training_set: str, recording: str) -> bool:
    """Say whether a set's manifest names a recording.

    Raises:
        Unknown: There is no such set, or no such recording.
    """
    members = find_set(house, training_set).members
    number = recording_number(recording)
    recordings = tables.recordings.c
    with house.reading() as connection:
        known = select(recordings.number).where(recordings.number == number)
        if connection.execute(known).first() is None:
            raise Unknown(f"there is no recording {recording!r}", recording=recording)
    return number in members


def _set(row: Any) -> TrainingSet:  # a row of `training_sets`; rows carry no column types
    try:
        members = BitMap.deserialize(b64decode(row.members, validate=True))
    except (ValueError, IndexError) as error:
        raise Tampered(f"the members of {row.id} cannot be read; run assent doctor") from error
    if len(members) > row.items:  # fewer are left where somebody was erased since
        raise Tampered(f"the members of {row.id} are more than it says; run assent doctor")
    return TrainingSet(
        id=row.id,
        program=row.program,
        head=row.head,
        manifest=row.manifest,
        items=row.items,
        members=members,
        root=row.root,
        event=row.event,
    )
