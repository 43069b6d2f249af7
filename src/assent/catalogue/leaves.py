"""The ledger: which event has which place in a log, given out in batches.

One transaction gives a batch of events their indices and the log its new size and peaks, compared
with those that were there: it is the point at which they are promised. What is public (tiles,
entries, checkpoint) is made from here and can be made again, byte for byte.

Invariant: one event has one leaf in a log; indices have no gap; an entry never changes, whatever
becomes of its event.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from assent.catalogue import tables
from assent.catalogue.engine import insert_many, reading, writing
from assent.errors import BadProof, Tampered
from assent.log.leaf import author_mac, commitment, entry, record
from assent.log.tree import Frontier, hash_leaf

__all__ = ["BATCH", "INDEX_KINDS", "Ledger", "LogState", "entry_of", "promises"]

BATCH = 4_096
"""Events that are given their places in one transaction, at most."""

_PAGE = 1_000

INDEX_KINDS = ("index.root", "training-set")
"""The kinds of events that the second log holds once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """How far a log has come.

    Args:
        origin: Its name in checkpoints.
        frontier: Its right edge, which gives size and root.
    """

    origin: str
    frontier: Frontier


class Ledger:
    """The places of events in one log.

    Args:
        engine: The catalogue.
        name: The log's name within the platform.
        kinds: The kinds of events it holds; all if None.
    """

    def __init__(self, engine: Engine, name: str, kinds: Sequence[str] | None = None) -> None:
        self._engine = engine
        self._name = name
        self._kinds = kinds

    def start(self, origin: str) -> LogState:
        """Return how far the log has come; begin it under an origin if it is new."""
        with writing(self._engine) as connection:
            if self._row(connection) is None:
                connection.execute(
                    tables.logs.insert().values(name=self._name, origin=origin, size=0, peaks=b"")
                )
        return self.state()

    def state(self) -> LogState:
        """Return how far the log has come.

        Raises:
            Tampered: It was never started, or its row cannot be what was written.
        """
        with reading(self._engine) as connection:
            return self._state(connection)

    def _row(self, connection: Connection) -> Any:  # a row of `logs`; rows carry no column types
        query = select(tables.logs).where(tables.logs.c.name == self._name)
        return connection.execute(query).one_or_none()

    def _state(self, connection: Connection) -> LogState:
        row = self._row(connection)
        if row is None:
            raise Tampered(f"the log {self._name!r} has not been started")
        try:
            frontier = Frontier.from_bytes(row.size, row.peaks)
        except BadProof as error:
            raise Tampered(f"the size of the log {self._name!r} is not what was written") from error
        return LogState(origin=row.origin, frontier=frontier)

    def sequence(self, limit: int = BATCH) -> int:
        """Give the next events that have none their places; return how many there were.

        Raises:
            Tampered: An event that has no place yet was erased, or the log moved meanwhile.
            StorageFailed: The catalogue cannot be written; nothing was given.
        """
        with reading(self._engine) as connection:
            if not self._waiting(connection, 1):
                return 0
        with writing(self._engine) as connection:
            old = self._state(connection).frontier
            rows = self._waiting(connection, limit)
            if not rows:  # somebody else was first
                return 0
            entries = [entry_of(row) for row in rows]
            new = old.extended([hash_leaf(made) for made in entries])
            self._move(connection, old, new)
            insert_many(
                connection,
                tables.leaves,
                ("log", "index", "event", "entry"),
                [
                    (self._name, index, row.number, made)
                    for index, (row, made) in enumerate(zip(rows, entries, strict=True), old.size)
                ],
            )
            return len(rows)  # the commit point is the end of this block

    def _waiting(self, connection: Connection, limit: int) -> Sequence[Any]:
        """Return the rows of the next events that have no place."""
        events, leaves = tables.events.c, tables.leaves.c
        placed = select(leaves.event).where(leaves.log == self._name)
        last = connection.execute(
            placed.order_by(leaves.index.desc()).limit(1)
        ).scalar_one_or_none()
        query = select(tables.events).where(events.number > (last or 0))
        if self._kinds is not None:
            query = query.where(events.kind.in_(self._kinds))
        return connection.execute(query.order_by(events.number).limit(limit)).all()

    def _move(self, connection: Connection, old: Frontier, new: Frontier) -> None:
        """Move the log on, if it is where it is thought to be."""
        logs = tables.logs
        moved = connection.execute(
            update(logs)
            .where(
                logs.c.name == self._name, logs.c.size == old.size, logs.c.peaks == old.to_bytes()
            )
            .values(size=new.size, peaks=new.to_bytes())
        )
        if moved.rowcount != 1:
            raise Tampered(f"the log {self._name!r} was moved by somebody else")

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Return entries of the log by their indices, `stop` not included.

        Raises:
            Tampered: Some are missing.
        """
        leaves = tables.leaves.c
        query = (
            select(leaves.entry)
            .where(leaves.log == self._name, leaves.index >= start, leaves.index < stop)
            .order_by(leaves.index)
        )
        with reading(self._engine) as connection:
            found = [bytes(row) for row in connection.execute(query).scalars()]
        if len(found) != stop - start:
            raise Tampered(f"the catalogue lacks entries of the log {self._name!r}")
        return found

    def index_of(self, event: int) -> int | None:
        """Return an event's place in the log, or None while it has none."""
        leaves = tables.leaves.c
        query = select(leaves.index).where(leaves.log == self._name, leaves.event == event)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def those_of(self, kind: str, below: int) -> tuple[int, ...]:
        """Return the events of a kind below an index, by number."""
        leaves, events = tables.leaves.c, tables.events.c
        query = (
            select(leaves.event)
            .join(tables.events, events.number == leaves.event)
            .where(leaves.log == self._name, leaves.index < below, events.kind == kind)
            .order_by(leaves.index)
        )
        with reading(self._engine) as connection:
            return tuple(connection.execute(query).scalars())


def promises(connection: Connection, log: str) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield a log's entries as they were promised, each with what its event gives now.

    Args:
        connection: Where the catalogue is read.
        log: The log's name.

    Returns:
        Entry, and the entry that its event gives: None where that was erased, no bytes where it is
        missing or damaged.
    """
    leaves, events = tables.leaves, tables.events
    query = (
        select(leaves.c.index.label("place"), leaves.c.entry, events)
        .outerjoin(events, events.c.number == leaves.c.event)
        .where(leaves.c.log == log)
        .order_by(leaves.c.index)
        .limit(_PAGE)
    )
    next_index = 0
    while rows := connection.execute(query.where(leaves.c.index >= next_index)).all():
        for row in rows:
            yield bytes(row.entry), _made(row)
        next_index = rows[-1].place + 1


def _made(row: Any) -> bytes | None:  # a leaf beside its event; rows carry no column types
    if row.number is None:
        return b""
    if row.opening is None:
        return None
    try:
        return entry_of(row)
    except (AttributeError, LookupError, TypeError, ValueError):
        return b""  # a damaged event may be of any shape, and none of them is what was promised


def entry_of(row: Any) -> bytes:  # a row of `events`; rows carry no column types
    """Return the entry of an event.

    Raises:
        Tampered: It was erased, and had no place yet.
    """
    number, opening = row.number, row.opening
    kind, at, body = row.kind, row.at, row.body  # once each: a row looks its columns up by name
    if opening is None:
        raise Tampered(f"event {number} was erased before the log had a place for it")
    said = record(number=number, kind=kind, at=at, by=author_mac(opening, row.by), body=body)
    return entry(kind=kind, at=at, body=body, commitment=commitment(opening, said))
