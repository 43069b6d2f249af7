"""Which events a training set stands on: those about a recording alone, and those that many share.

Everything that was said up to the head of the set and can reach an item is named, whether it speaks
for the item or against it: not only what the manifest's grounds name. Reads the catalogue and
changes nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from assent.catalogue import tables
from assent.training.evidence_files import LONGEST_CHAIN
from assent.training.item import Item

__all__ = ["Source", "Sources"]

Source = tuple[int, tuple[str, ...]]
"""Number of an event, and the holders that its receipt shows."""

_PAGE = 1_000


class Sources:
    """The events of one set.

    Args:
        connection: Where the catalogue is read.
        program: For which program the set is.
        head: Number of the last event that its selection knows of.
    """

    def __init__(self, connection: Connection, program: str, head: int) -> None:
        self._connection = connection
        self._program = program
        self._head = head
        self.shared: set[int] = set()
        """Numbers of the events that more than one item may stand on."""
        self._accepts: dict[str, int] = {}
        self._holdings: dict[str, int] = {}
        self._copies: dict[str, tuple[int, str | None]] = {}
        self._asked: set[str] = set()
        for number, kind, body in self._events(
            "terms.accept", "holding", "copy", "terms.publish", "program.%"
        ):
            self._note(number, kind, body)

    def _events(self, *kinds: str) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
        """Yield the events of some kinds up to the head, those that were erased left out."""
        events, low = tables.events.c, 0
        query = (
            select(events.number, events.kind, events.body)
            .where(
                or_(*map(events.kind.like, kinds)),
                events.number <= self._head,
                events.opening.is_not(None),
            )
            .order_by(events.number)
            .limit(_PAGE)
        )
        while rows := self._connection.execute(query.where(events.number > low)).all():
            for number, kind, body in rows:
                yield number, kind, json.loads(body)
            low = rows[-1].number

    def _note(self, number: int, kind: str, body: Mapping[str, Any]) -> None:
        """Keep the last word of each; every text that was ever in force is shown."""
        if kind == "terms.accept":
            self._accepts[body["account"]] = number
        elif kind == "holding":
            self._holdings[body["recording"]] = number
        elif kind == "copy":
            self._copies[body["recording"]] = (number, body["original"])
        elif kind == "terms.publish" or body["id"] == self._program:
            self.shared.add(number)

    def of(self, items: Sequence[Item]) -> Iterator[list[Source]]:
        """Yield, for each item, the events about it and its originals alone, by number."""
        chains = [self._chain(item.recording) for item in items]
        every = sorted({recording for chain in chains for recording in chain})
        registered = self._registered(every)
        held = {one: self._holdings.get(one, registered[one]) for one in every}
        bodies = self._bodies(list(held.values()))
        spoken = self._spoken(every)
        for item, chain in zip(items, chains, strict=True):
            own: list[Source] = []
            for recording in chain:
                own.append((held[recording], _names(bodies[held[recording]])))
                if held[recording] != registered[recording]:
                    own.append((registered[recording], ()))
                if recording in self._copies:
                    own.append((self._copies[recording][0], ()))
                own += [(number, ()) for number in spoken.get(recording, ())]
                self._share(bodies[held[recording]])
            numbers = {number for number, _ in own}
            named = {number for ground in item.grounds for number in ground.events}
            self.shared |= named - numbers
            yield sorted(own)

    def _chain(self, recording: str) -> list[str]:
        """Return a recording, what it is a copy of, and so on."""
        chain = [recording]
        while len(chain) < LONGEST_CHAIN:
            _, original = self._copies.get(chain[-1], (0, None))
            if original is None or original in chain:
                break
            chain.append(original)
        return chain

    def _registered(self, wanted: Sequence[str]) -> dict[str, int]:
        recordings = tables.recordings.c
        query = select(recordings.id, recordings.event)
        return dict(self._pairs(query, recordings.id, wanted))

    def _pairs(self, query: Select[Any], column: Any, wanted: Sequence[Any]) -> Iterator[Any]:
        for low in range(0, len(wanted), _PAGE):
            some = wanted[low : low + _PAGE]
            yield from self._connection.execute(query.where(column.in_(some)))

    def _bodies(self, numbers: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        events = tables.events.c
        query = select(events.number, events.body).where(events.opening.is_not(None))
        return {
            number: json.loads(body) for number, body in self._pairs(query, events.number, numbers)
        }

    def _spoken(self, wanted: Sequence[str]) -> dict[str, list[int]]:
        """Return what was said of some recordings to this program or to every one."""
        said = tables.statements.c
        query = select(said.recording, said.event).where(
            said.event <= self._head, (said.program == self._program) | said.program.is_(None)
        )
        spoken: dict[str, list[int]] = {}
        for recording, event in self._pairs(query, said.recording, wanted):
            spoken.setdefault(recording, []).append(event)
        return spoken

    def _share(self, body: Mapping[str, Any]) -> None:
        """Name what the holders of a recording have said for their whole accounts."""
        fresh = sorted(set(_names(body)) - self._asked)
        self._asked.update(fresh)
        self.shared.update(self._accepts[holder] for holder in fresh if holder in self._accepts)
        said = tables.statements.c
        query = select(said.event, said.holder).where(
            said.event <= self._head,
            said.recording.is_(None),
            (said.program == self._program) | said.program.is_(None),
        )
        self.shared.update(number for number, _ in self._pairs(query, said.holder, fresh))


def _names(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the holders that a list names; of those erased, only hashes are left."""
    return tuple(held["holder"] for held in body["holders"] if not isinstance(held, str))
