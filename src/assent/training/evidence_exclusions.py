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
from assent.training.listing import TrainingSet

__all__ = ["MOST_EVENTS", "MOST_SAMPLED", "Exclusions", "exclusions"]

MOST_EVENTS = 200_000
"""Beyond so many events the catalogue is not made anew for this."""
MOST_SAMPLED = 10
ERASED, UNCLEAR, NOT_RECOMPUTED = "erased", "unclear", "not-recomputed"
"""Reasons beside those of a decision: somebody was erased since; it would be permitted now, because
somebody who said no was erased, or the instant was another; there are too many to look."""


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
    with house.reading() as connection:
        every, erased = _registered(connection, found.head)
    left = Exclusions(every=every, recomputed=found.head <= MOST_EVENTS)
    gone = found.items - len(found.members)  # members that were erased
    left.counts[ERASED] = erased - gone
    if not left.recomputed:
        left.counts[NOT_RECOMPUTED] = every - found.items - left.counts[ERASED]
        return left
    with as_of(house, found.head) as connection:
        program = read_program(connection, found.program)
        recordings = tables.recordings.c
        query = select(recordings.id, recordings.number).order_by(recordings.number)
        reader = FactReader(connection)
        for recording, number in connection.execute(query).all():
            if number not in found.members:
                left.add(_reason(reader, recording, program, at), recording)
    return left


def _registered(connection: Connection, head: int) -> tuple[int, int]:
    """Return how many recordings were registered up to the head, and how many of them erased."""
    events = tables.events.c
    query = select(func.count(), func.count(events.opening)).where(
        events.kind == "recording", events.number <= head
    )
    every, left = connection.execute(query).one()
    return every, every - left


def _reason(reader: FactReader, recording: str, program: Program | None, at: datetime) -> str:
    if program is None:
        return UNCLEAR
    decision = decide(reader.facts(recording, program, at), program, at)
    return UNCLEAR if decision.allowed else decision.reasons[0].kind.value
