"""Why the other recordings are not in a set: decided once more, as of the set's head.

A statement of the platform: the reasons stand on words of people who are not in the set, so no
receipts of them are handed out. Changes nothing.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from assent.acts.house import House
from assent.acts.rebuild import as_of
from assent.catalogue import tables
from assent.catalogue.facts import FactReader
from assent.catalogue.rows import read_program
from assent.permission.decide import decide
from assent.permission.programs import Program
from assent.training.evidence_words import ERASED, MOST_SAMPLED, NOT_RECOMPUTED, UNCLEAR
from assent.training.listing import TrainingSet

__all__ = ["MOST_EVENTS", "Exclusions", "exclusions"]

MOST_EVENTS = 20_000
"""Beyond so many events the catalogue is not made anew for this, where it has moved on since."""
_MOST_DECIDED = 200_000
_QUIET = ("index.root", "key.retire", "key.rotate", "training-set", "use", "use.journals")
"""Kinds of events that change nothing about any recording."""


@dataclass(slots=True)
class Exclusions:
    """What was left out.

    Args:
        every: How many recordings there were at the head.
        recomputed: Whether the reasons were decided anew.
        counts: How many were left out, by primary reason.
        samples: Up to ten of them, by reason.
    """

    every: int
    recomputed: bool
    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, recording: str) -> None:
        """Count one."""
        self.counts[reason] += 1
        sample = self.samples.setdefault(reason, [])
        if len(sample) < MOST_SAMPLED:
            sample.append(recording)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the reasons, the most frequent first."""
        return [
            {"count": count, "reason": reason, "sample": self.samples.get(reason, [])}
            for reason, count in sorted(self.counts.items(), key=lambda one: (-one[1], one[0]))
            if count
        ]


def exclusions(house: House, found: TrainingSet, at: datetime) -> Exclusions:
    """Return what was left out of a set, and why.

    Args:
        house: The platform.
        found: The set.
        at: When it was put on record [aware datetime].
    """
    gone = found.items - len(found.members)  # members that were erased
    with house.reading() as connection:
        every, erased = _registered(connection, found.head)
        out = every - erased - len(found.members)
        left = Exclusions(every=every, recomputed=out <= _MOST_DECIDED)
        left.counts[ERASED] = erased - gone
        if left.recomputed and _is_quiet_since(connection, found.head):
            _decide(connection, found, at, left)
            return left
    if left.recomputed and found.head <= MOST_EVENTS:
        with as_of(house, found.head) as connection:
            _decide(connection, found, at, left)
        return left
    left.recomputed = False
    left.counts[NOT_RECOMPUTED] = out
    return left


def _is_quiet_since(connection: Connection, head: int) -> bool:
    """Say whether nothing about any recording has changed since."""
    events = tables.events.c
    query = select(events.number).where(events.number > head, events.kind.not_in(_QUIET))
    return connection.execute(query.limit(1)).first() is None


def _decide(connection: Connection, found: TrainingSet, at: datetime, left: Exclusions) -> None:
    """Decide on every recording that is no member."""
    program = read_program(connection, found.program)
    assert program is not None  # noqa: S101  # it was proposed before the head of its set
    recordings = tables.recordings.c
    query = select(recordings.id, recordings.number).order_by(recordings.number)
    reader = FactReader(connection)
    for recording, number in connection.execute(query).all():
        if number not in found.members:
            left.add(_reason(reader, recording, program, at), recording)


def _registered(connection: Connection, head: int) -> tuple[int, int]:
    """Return how many recordings were registered up to the head, and how many of them erased."""
    events = tables.events.c
    query = select(func.count(), func.count(events.opening)).where(
        events.kind == "recording", events.number <= head
    )
    every, left = connection.execute(query).one()
    return every, every - left


def _reason(reader: FactReader, recording: str, program: Program, at: datetime) -> str:
    decision = decide(reader.facts(recording, program, at), program, at)
    return UNCLEAR if decision.allowed else decision.reasons[0].kind.value
