"""Random histories of what one holder says, and what they come to by a naive second reading.

The reading goes use by use and looks back: which statement was the last to say yes here, and has
anything since ended it? It shares nothing with the fold, which goes forward over whole words.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from assent.permission.statements import Said, Statement
from assent.permission.uses import CONSENT_ONLY, parse_use

__all__ = [
    "DAYS",
    "PLACES",
    "PROGRAMS",
    "QUESTIONS",
    "RECORDINGS",
    "USES",
    "Answer",
    "answer",
    "day",
    "histories",
    "read",
    "statements",
]

USES = tuple(map(parse_use, ("platform/search", "partner/supply", "partner/train-rival")))
RECORDINGS = ("song", "tune")
PROGRAMS = ("nightjar", "wren")
PLACES = tuple((r, p) for r in (None, *RECORDINGS) for p in (None, *PROGRAMS))
QUESTIONS = tuple((r, p) for r in RECORDINGS for p in (None, *PROGRAMS))
DAYS = 6


def day(number: int) -> datetime:
    """Return an instant that many days into the history's time."""
    return datetime(2031, 1, 1, tzinfo=UTC) + timedelta(days=number)


_words = st.sets(st.sampled_from(USES)).map(sum)
_limits = st.none() | st.integers(0, DAYS).map(day)


@st.composite
def statements(draw: st.DrawFn, event: int) -> Statement:
    """Draw any statement that can be made."""
    recording, program = draw(st.sampled_from(PLACES))
    grants, withdraws, lifts = draw(_words), draw(_words), draw(_words)
    refuses = draw(_words) & ~grants
    since = draw(_limits) if grants else None
    until = draw(_limits) if grants else None
    if since and until and until <= since:
        until = None
    if not grants | refuses | withdraws | lifts:
        refuses = USES[0]
    blanket = program is None and bool(grants & CONSENT_ONLY)
    return Statement(
        event=event,
        holder="ada",
        recording=recording,
        program=program,
        grants=grants,
        refuses=refuses,
        withdraws=withdraws,
        lifts=lifts,
        all_programs=blanket or draw(st.booleans()),
        since=since,
        until=until,
    )


@st.composite
def histories(draw: st.DrawFn, most: int = 9) -> list[Statement]:
    """Draw a history, in the order of its events, which leave gaps between them."""
    return [draw(statements(10 * number)) for number in range(1, draw(st.integers(0, most)) + 1)]


class Answer(NamedTuple):
    """What is said of one use: the events that say yes, and those that say no."""

    yes: frozenset[int]
    no: frozenset[int]


def read(voice_said: Said, use: int) -> Answer:
    """Return what the fold says of one use, in the same form."""
    return Answer(
        frozenset(piece.event for piece in voice_said.granting if piece.uses & use),
        frozenset(piece.event for piece in voice_said.refusing if piece.uses & use),
    )


class _Reading(NamedTuple):
    """A history as it stands for one use at one instant."""

    history: Sequence[Statement]
    use: int
    at: datetime

    def _grants(self, statement: Statement) -> bool:
        begun = statement.since is None or self.at >= statement.since
        over = statement.until is not None and self.at >= statement.until
        return bool(statement.grants & self.use) and begun and not over

    def granted(self, place: tuple[str | None, str | None]) -> frozenset[int]:
        yes = [s.event for s in self.history if _place(s) == place and self._grants(s)]
        ends = [
            s.event
            for s in self.history
            if (s.refuses | s.withdraws) & self.use and _is_for(_place(s), place)
        ]
        # a statement that withdraws and grants ends what was before it, and grants anew
        return frozenset(yes[-1:]) if yes and yes[-1] >= max(ends, default=0) else frozenset()

    def refused(self, place: tuple[str | None, str | None]) -> frozenset[int]:
        here = [s for s in self.history if _place(s) == place]
        no = [s.event for s in here if s.refuses & self.use]
        # a statement that lifts and refuses refuses: lifting comes first
        ends = [s.event for s in here if s.lifts & self.use or self._grants(s)]
        return frozenset(no[-1:]) if no and no[-1] >= max(ends, default=0) else frozenset()

    def withdrawn(self, place: tuple[str | None, str | None]) -> bool:
        here = [s for s in self.history if _place(s) == place]
        taken = [s.event for s in here if s.withdraws & self.use]
        given = [s.event for s in here if self._grants(s)]
        return bool(taken) and taken[-1] > max(given, default=0)

    def spoken(self, recording: str, program: str | None) -> Answer:
        own, account = (recording, program), (None, program)
        swept = not self.withdrawn(own) and not self.withdrawn((recording, None))
        yes = self.granted(own) | (self.granted(account) if swept else frozenset())
        no = self.refused(own) | (frozenset() if self.granted(own) else self.refused(account))
        return Answer(yes, no)


def _place(statement: Statement) -> tuple[str | None, str | None]:
    return statement.recording, statement.program


def _is_for(wide: tuple[str | None, str | None], narrow: tuple[str | None, str | None]) -> bool:
    recording, program = wide
    return recording in {None, narrow[0]} and program in {None, narrow[1]}


def answer(
    history: Sequence[Statement], at: datetime, question: tuple[str, str | None], use: int
) -> Answer:
    """Return what a history says of one use of one recording, to one program or to every."""
    recording, program = question
    reading = _Reading(history, use, at)
    blanket = reading.spoken(recording, None)
    if program is None:
        return blanket
    named = reading.spoken(recording, program)
    return Answer(blanket.yes | named.yes, blanket.no | named.no)
