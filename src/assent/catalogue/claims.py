"""Claims: what one side of a case says, who has to be heard, and what was answered.

Nobody loses before being heard: as long as a claim is open, nothing is decided as it wants until
every holder of the recording that would lose has answered, or the time to answer is over.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from assent.catalogue import tables
from assent.catalogue.cases import State
from assent.clock import format_instant

__all__ = [
    "WANTS",
    "Answer",
    "Claim",
    "Says",
    "claim_of",
    "claims",
    "holders_of",
    "loser",
    "open_claims",
]


class Says(StrEnum):
    """What a claim says."""

    MINE = "mine"
    """The recording is made of the original."""
    LICENSED = "licensed"
    """It is, and the original's holders allowed it."""
    TRUE_ORIGINAL = "true-original"
    """The original is made of the recording."""
    DIFFERENT = "different"
    """Neither is made of the other."""


WANTS: Mapping[Says, State] = {
    Says.MINE: State.CONFIRMED,
    Says.LICENSED: State.LICENSED,
    Says.TRUE_ORIGINAL: State.TRUE_ORIGINAL,
    Says.DIFFERENT: State.REJECTED,
}
"""What is decided if a claim is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody answered to a claim.

    Args:
        event: Number of the event.
        account: Who answered.
        agrees: Whether they agree.
        words: What they say of it.
        files: Their evidence, each with `name`, `sha256`, `size_bytes`.
    """

    event: int
    account: str
    agrees: bool
    words: str
    files: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What somebody claims of two recordings.

    Args:
        event: Number of the event, by which it is called.
        recording: Which would be the copy.
        original: Of which.
        account: Who claims.
        says: What.
        words: In their words.
        files: Their evidence, each with `name`, `sha256`, `size_bytes`.
        answer_by: Until when others may answer before anything is decided, as text.
        closed: Number of the event that decided it; None as long as it is open.
        answers: What was answered, in order.
    """

    event: int
    recording: str
    original: str
    account: str
    says: Says
    words: str
    files: tuple[dict[str, Any], ...]
    answer_by: str
    closed: int | None
    answers: tuple[Answer, ...]

    @property
    def loser(self) -> str:
        """Return the recording whose holders lose if the claim is right."""
        return loser(self.recording, self.original, WANTS[self.says])

    def unheard(self, holders: frozenset[str], at: datetime) -> frozenset[str] | None:
        """Return which holders of the loser have not been heard; None if that stops nothing.

        Args:
            holders: All holders of the loser.
            at: The instant [aware datetime].
        """
        left = holders - {self.account} - {answer.account for answer in self.answers}
        # where nobody holds anything nobody can be heard: that is waited for as well
        heard = bool(holders) and not left
        return None if heard or format_instant(at) >= self.answer_by else left

    def agreed(self, holders: frozenset[str]) -> bool:
        """Say whether all holders of the loser agree; nobody is not all."""
        yes = {self.account} | {answer.account for answer in self.answers if answer.agrees}
        return bool(holders) and holders <= yes


def loser(recording: str, original: str, state: State) -> str:
    """Return the recording against whose holders a decision goes."""
    return recording if state is State.CONFIRMED else original


def holders_of(connection: Connection, recording: str) -> frozenset[str]:
    """Return the accounts that hold rights in a recording."""
    holdings = tables.holdings.c
    query = select(holdings.holder).where(holdings.recording == recording)
    return frozenset(connection.execute(query).scalars())


def claims(connection: Connection, *conditions: ColumnElement[bool]) -> list[Claim]:
    """Return the claims for which all conditions hold, with their answers, the earliest first."""
    claim, answer = tables.claims, tables.answers
    rows = connection.execute(select(claim).where(*conditions).order_by(claim.c.event)).all()
    joined = (
        select(answer)
        .join(claim, claim.c.event == answer.c.claim)
        .where(*conditions)
        .order_by(answer.c.event)
    )
    answers: dict[int, list[Answer]] = {}
    for row in connection.execute(joined):
        answers.setdefault(row.claim, []).append(
            Answer(
                event=row.event,
                account=row.account,
                agrees=row.agrees,
                words=row.words,
                files=tuple(json.loads(row.files)),
            )
        )
    return [
        Claim(
            event=row.event,
            recording=row.recording,
            original=row.original,
            account=row.account,
            says=Says(row.says),
            words=row.words,
            files=tuple(json.loads(row.files)),
            answer_by=row.answer_by,
            closed=row.closed,
            answers=tuple(answers.get(row.event, ())),
        )
        for row in rows
    ]


def claim_of(connection: Connection, number: int) -> Claim | None:
    """Return a claim by its number, or None where there is none."""
    return next(iter(claims(connection, tables.claims.c.event == number)), None)


def open_claims(connection: Connection, recording: str, original: str) -> list[Claim]:
    """Return the claims on a case that are not decided, the earliest first."""
    claim = tables.claims.c
    pair = claim.recording == recording, claim.original == original
    return claims(connection, *pair, claim.closed.is_(None))
