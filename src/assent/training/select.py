"""Which recordings a training set of a program holds, and why each of them may be in it.

The list comes from the gate's snapshot, the grounds from the catalogue, both of one head: an item
is given out only if the two answers agree. Reads no audio and changes nothing.

Invariant: a selection is complete, or it is an error; never a shorter list.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.events import head
from assent.catalogue.facts import FactReader
from assent.catalogue.rows import read_program
from assent.errors import NotPermitted, Stale, Tampered, Unknown
from assent.permission.decide import Decision, decide
from assent.permission.programs import Program
from assent.training.item import Item, file_name, ground_of

__all__ = ["Selection", "selected"]

_TRIES = 20
"""How often the list is asked for again when something has happened meanwhile."""
_AT_ONCE = 500
"""Rows read in one query; keeps memory flat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a program may use, of one head.

    Args:
        program: The program.
        head: Number of the last event that the selection knows of.
        of: How many recordings were looked at: all that the platform has.
        numbers: Numbers of those it may use, rising [shape=(n,), int64].
        since: The instant before it was asked for [aware datetime].
        at: The instant after, which its grounds are of [aware datetime].
        connection: Where the catalogue is read as it was at that head.
    """

    program: Program
    head: int
    of: int
    numbers: npt.NDArray[np.int64]
    since: datetime
    at: datetime
    connection: Connection

    def __len__(self) -> int:
        """Return how many recordings are permitted."""
        return len(self.numbers)

    def items(self) -> Iterator[Item]:
        """Yield the items by number, with their grounds.

        Raises:
            Stale: A grant ran out while the set was being selected.
            Tampered: The snapshot permits what the statements do not.
        """
        reader = FactReader(self.connection)
        for start in range(0, len(self.numbers), _AT_ONCE):
            wanted = self.numbers[start : start + _AT_ONCE].tolist()
            for row in _rows(self.connection, wanted):
                yield self._item(reader, row)

    def _item(self, reader: FactReader, row: Any) -> Item:  # a row of recording and artist's name
        decision = self._decision(reader, row.id, self.at)
        # a reader of its own: what one remembers holds for later instants, not for earlier ones
        if (
            not decision.allowed
            and self._decision(FactReader(self.connection), row.id, self.since).allowed
        ):
            raise Stale(f"a grant for {row.id} has just run out; build the set again")
        if not decision.allowed:
            raise Tampered(
                f"{row.id} is permitted in the snapshot and by nobody's word; run assent doctor",
                decision=decision,
            )
        return Item(
            recording=row.id,
            number=row.number,
            title=row.title,
            artist=row.name,
            file=file_name(row.id, row.container),
            digest=row.digest,
            audio_digest=row.audio_digest,
            size_bytes=row.size_bytes,
            frames=row.frames,
            sr=row.sr,
            channels=row.channels,
            codec=row.codec,
            licence=row.licence,
            grounds=tuple(ground_of(reason) for reason in decision.reasons),
        )

    def _decision(self, reader: FactReader, recording: str, at: datetime) -> Decision:
        return decide(reader.facts(recording, self.program, at), self.program, at)


def _rows(connection: Connection, numbers: Sequence[int]) -> Sequence[Any]:  # rows have no types
    recordings, artists = tables.recordings, tables.artists.c
    query = (
        select(recordings, artists.name)
        .join(tables.artists, artists.id == recordings.c.artist)
        .where(recordings.c.number.in_(numbers))
        .order_by(recordings.c.number)
    )
    rows = connection.execute(query).all()
    if len(rows) != len(numbers):
        raise Tampered("the snapshot knows recordings that the catalogue lacks; run assent doctor")
    return rows


@contextmanager
def selected(house: House, program: str) -> Iterator[Selection]:
    """Give all recordings that a program may use now; its items can be read in the block.

    Raises:
        Unknown: There is no such program.
        NotPermitted: The program may not run now, or no recording is permitted to it.
        Stale: The catalogue changes faster than it can be read.
    """
    for _ in range(_TRIES):
        since = house.clock()
        with house.reading() as connection:
            asked = read_program(connection, program)
            if asked is None:
                raise Unknown(f"there is no program {program!r}", program=program)
            permitted = house.gate.snapshot.permitted(program)
            at = house.clock()
            if head(connection) != permitted.head:
                continue
            _check_live(asked, at)
            if not len(permitted.numbers):
                raise NotPermitted(
                    f"no recording is permitted to {program!r}; nobody has said yes to it",
                    program=program,
                )
            yield Selection(
                program=asked,
                head=permitted.head,
                of=permitted.of,
                numbers=permitted.numbers,
                since=since,
                at=at,
                connection=connection,
            )
            return
    raise Stale("the set cannot be selected, for the catalogue changes faster than it can be read")


def _check_live(program: Program, at: datetime) -> None:
    if program.is_live(at):
        return
    if program.ended is not None:
        why = "has ended"
    elif program.approved is None:
        why = "has been approved by nobody"
    elif program.suspended is not None:
        why = "is suspended"
    elif program.start is not None and at < program.start:
        why = "has not started yet"
    else:
        why = "is over"
    raise NotPermitted(f"the program {program.id!r} {why}", program=program.id)
