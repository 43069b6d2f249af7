"""Which recordings of a training set were taken back since it was cut. Reports; acts on nothing.

A program that is merely stopped recalls nothing: what counts is the word of a recording, not
whether the program happens to run.
"""

from dataclasses import dataclass

import numpy as np
from pyroaring import BitMap
from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue import tables
from assent.permission.decide import Decision
from assent.permission.reasons import Kind, Reason
from assent.training.listing import TrainingSet, find_set

__all__ = ["Recalled", "erased_members", "recalled"]

_OF_THE_PROGRAM = {Kind.NOT_APPROVED, Kind.SUSPENDED, Kind.ENDED, Kind.NOT_STARTED, Kind.OVER}
"""Reasons that are about the program, and no word of anybody on a recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A recording that a set was permitted to hold and no longer is.

    Args:
        recording: Its id.
        events: Numbers of the events since the cut that took it back; empty where a grant has
            simply run out.
        reasons: All that stands in the way now.
    """

    recording: str
    events: tuple[int, ...]
    reasons: tuple[Reason, ...]


def erased_members(house: House, training_set: str) -> int:
    """Return how many recordings of a set were erased since: nobody is left to say yes to them.

    Raises:
        Unknown: There is no such set.
    """
    found = find_set(house, training_set)
    return found.items - len(found.members)


def recalled(house: House, training_set: str) -> tuple[Recalled, ...]:
    """Return the recordings of a set that its program may no longer use, by number.

    Raises:
        Unknown: There is no such set.
    """
    found = find_set(house, training_set)
    permitted = house.gate.snapshot.permitted(found.program).numbers
    doubtful = found.members - BitMap(permitted.astype(np.uint32))
    decisions = (house.gate.explain(found.program, f"r{number}") for number in doubtful)
    return tuple(
        Recalled(
            recording=decision.recording,
            events=_since(house, found, decision),
            reasons=decision.reasons,
        )
        for decision in decisions
        if decision.missing
    )


def _since(house: House, found: TrainingSet, decision: Decision) -> tuple[int, ...]:
    """Return the events since the cut by which a recording was taken back."""
    said = tables.statements.c
    spoken_by = {reason.holder for reason in decision.reasons if reason.holder is not None}
    about = {reason.recording for reason in decision.reasons}
    query = select(said.event).where(
        said.event > found.head,
        said.holder.in_(sorted(spoken_by)),
        said.recording.in_(sorted(about)) | said.recording.is_(None),
        (said.program == found.program) | said.program.is_(None),
        said.withdraws.bitwise_or(said.refuses).bitwise_and(decision.missing) != 0,
    )
    with house.reading() as connection:
        events = set(connection.execute(query).scalars())
    events |= {
        event
        for reason in decision.reasons
        if reason.kind not in _OF_THE_PROGRAM
        for event in reason.events
        if event > found.head
    }
    return tuple(sorted(events))
