"""Cases: one recording may be made of another, who found that, and what was decided.

A case is a pair: the recording that would be the copy, mostly the later upload, and its original.
What follows for the words is done by masks and holds, which `acts/copies` sets; this reads only.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from assent.catalogue import tables

__all__ = [
    "LIVE",
    "WAITING",
    "Case",
    "Found",
    "State",
    "case_of",
    "cases",
    "cases_of",
    "sources",
    "waiting",
    "waits",
]


class State(StrEnum):
    """What is thought of a case."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    LICENSED = "licensed"
    TRUE_ORIGINAL = "true-original"
    """The recording is the true original, and what was taken for the original is the copy."""
    REJECTED = "rejected"


class Found(StrEnum):
    """Who or what found it, the surest first."""

    DIGEST = "digest"
    PERSON = "person"
    CLAIM = "claim"
    FINGERPRINT = "fingerprint"


LIVE = (State.SUSPECTED, State.CONFIRMED, State.LICENSED)
"""The states in which the recording gets no more than its original."""
WAITING = (State.SUSPECTED, State.CONFIRMED)
"""The states in which the recording is not public."""

_MOST_VALUES = 5_000
"""How many values are listed in one statement of SQL; SQLite takes 32,766."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A recording that may be made of another.

    Args:
        recording: Which would be the copy.
        original: Of which.
        state: What is thought of it.
        found: Who or what found it last.
        evidence: What speaks for it, as whoever found it wrote it; JSON objects.
        suspected: Number of the event that opened it.
        at: When that was, as text.
        decided: Number of the event that decided it; None as long as nobody did.
        decided_by: Who decided.
        cause: Why.
    """

    recording: str
    original: str
    state: State
    found: Found
    evidence: tuple[dict[str, Any], ...]
    suspected: int
    at: str
    decided: int | None
    decided_by: str | None
    cause: str | None

    def binds(self, recording: str) -> bool:
        """Say whether a recording gets no more than the other by this case."""
        if recording == self.recording:
            return self.state in LIVE
        return recording == self.original and self.state is State.TRUE_ORIGINAL

    def other(self, recording: str) -> str:
        """Return the other one of the two."""
        return self.original if recording == self.recording else self.recording

    @property
    def votes(self) -> int:
        """Return the most votes of any alignment; 0 where none has any."""
        return max((int(it.get("votes") or 0) for it in self.evidence), default=0)


def _case(row: Any) -> Case:  # a row of `copies`; rows carry no column types
    return Case(
        recording=row.recording,
        original=row.original,
        state=State(row.state),
        found=Found(row.found),
        evidence=tuple(json.loads(row.evidence)),
        suspected=row.suspected,
        at=row.at,
        decided=row.decided,
        decided_by=row.decided_by,
        cause=row.cause,
    )


def cases(connection: Connection, *conditions: ColumnElement[bool]) -> list[Case]:
    """Return the cases for which all conditions hold, the earliest first."""
    copies = tables.copies
    query = select(copies).where(*conditions).order_by(copies.c.suspected)
    return [_case(row) for row in connection.execute(query)]


def cases_of(connection: Connection, recording: str) -> list[Case]:
    """Return the cases in which a recording is either of the two, the earliest first."""
    copies = tables.copies.c
    return cases(connection, or_(copies.recording == recording, copies.original == recording))


def case_of(connection: Connection, one: str, other: str) -> Case | None:
    """Return the case of two recordings, whichever is the copy; a pair has one at most."""
    copies = tables.copies.c
    pair = or_(
        and_(copies.recording == one, copies.original == other),
        and_(copies.recording == other, copies.original == one),
    )
    return next(iter(cases(connection, pair)), None)


def sources(connection: Connection, recording: str) -> list[str]:
    """Return what a recording gets no more than, the earliest found first.

    These are the originals of its live cases; the later one where that is the true original; and
    before all an original that it was given without a case.
    """
    about = cases_of(connection, recording)
    found = [case.other(recording) for case in about if case.binds(recording)]
    recordings = tables.recordings.c
    mask = connection.execute(
        select(recordings.original).where(recordings.id == recording)
    ).scalar_one_or_none()
    met = {case.other(recording) for case in about}
    first = [mask] if mask is not None and mask not in met else []
    return first + found


def waits(connection: Connection, recording: str) -> bool:
    """Say whether a recording waits for a decision, so that it is not public."""
    return recording in waiting(connection, [recording])


def waiting(connection: Connection, recordings: Sequence[str]) -> frozenset[str]:
    """Return those of some recordings that wait for a decision."""
    return frozenset(
        name
        for low in range(0, len(recordings), _MOST_VALUES)
        for name in _waiting(connection, recordings[low : low + _MOST_VALUES])
    )


def _waiting(connection: Connection, some: Sequence[str]) -> Iterator[str]:
    copies = tables.copies.c
    copied = select(copies.recording).where(copies.state.in_(WAITING), copies.recording.in_(some))
    taken = select(copies.original).where(
        copies.state == State.TRUE_ORIGINAL, copies.original.in_(some)
    )
    yield from connection.execute(copied.union(taken)).scalars()
