"""What holders say, and what it comes to: a small state machine over their statements.

A statement has four verbs, each over its own uses, read in this order:

    lifts      takes an earlier refusal back, in the very place it was made
    withdraws  takes earlier grants back, wherever this statement reaches
    refuses    says no, and ends the grants wherever this statement reaches
    grants     says yes, in this place, from `since` until `until`

A place is a recording or the whole account, for one program or for every program. A statement
reaches its own place and every narrower one. What follows from that:

- An account-wide refusal clears earlier grants of single recordings and programs; lifting it does
  not bring them back.
- An account-wide grant never clears a recording's refusal, nor what was withdrawn for it.
- A recording's own word beats the account's, for the uses it speaks of.
- For a program, what names it is added to what is said for every program; a refusal wins.
- Only grants run out. An expired grant counts as never said, so an expiry never opens anything:
  every verb is monotone, and less granted before is never more open after.

Source: design, section 3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from assent.errors import BadStatement
from assent.permission.uses import ALL, CONSENT_ONLY

__all__ = ["Piece", "Said", "Statement", "Voice", "fold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One thing that one holder said.

    Args:
        event: Number of the event that records it; orders statements.
        holder: Who speaks.
        recording: About which recording; None for the whole account.
        program: For which program alone; None for every program.
        grants: Uses said yes to.
        refuses: Uses said no to.
        withdraws: Uses whose earlier grants end.
        lifts: Uses whose earlier refusals end.
        all_programs: The words "for every program" were used.
        since: From when the grant counts [aware datetime]; None for at once.
        until: When the grant ends, exclusive [aware datetime]; None for never.

    Raises:
        BadStatement: It says nothing, yes and no at once, has an `until` without a grant or not
            after `since`, or grants a use of `CONSENT_ONLY` to every program without saying so.
    """

    event: int
    holder: str
    recording: str | None = None
    program: str | None = None
    grants: int = 0
    refuses: int = 0
    withdraws: int = 0
    lifts: int = 0
    all_programs: bool = False
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        spoken = self.grants | self.refuses | self.withdraws | self.lifts
        if not spoken or spoken & ~ALL:
            raise BadStatement("a statement must speak of uses that the register has")
        if self.grants & self.refuses:
            raise BadStatement("a statement cannot grant and refuse one use at once")
        if not self.grants and (self.since or self.until):
            raise BadStatement("only a grant can start later or run out")
        if self.since and self.until and self.until <= self.since:
            raise BadStatement("a grant must end after it starts")
        blanket = self.program is None and not self.all_programs
        if blanket and self.grants & CONSENT_ONLY:
            raise BadStatement(
                "a generative use is granted to one program, or in so many words to all of them"
            )

    def counts(self, at: datetime) -> bool:
        """Say whether its grant is in force at an instant."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


class Piece(NamedTuple):
    """The uses that one statement stands for, after all later ones.

    Args:
        event: Number of the statement's event.
        uses: What is left of it.
    """

    event: int
    uses: int


class Said(NamedTuple):
    """What one holder says of one recording to one program.

    Args:
        granting: Statements that grant; two may grant one use.
        refusing: Statements that refuse; a use both granted and refused is refused.
    """

    granting: tuple[Piece, ...]
    refusing: tuple[Piece, ...]

    @property
    def refused(self) -> int:
        """The uses refused."""
        return _union(self.refusing)

    @property
    def granted(self) -> int:
        """The uses granted and not refused."""
        return _union(self.granting) & ~self.refused


def _union(pieces: Iterable[Piece]) -> int:
    uses = 0
    for piece in pieces:
        uses |= piece.uses
    return uses


Place = tuple[str | None, str | None]
"""Recording and program; None is "all of them"."""

_EVERYWHERE: Place = (None, None)


def _reaches(wide: Place, narrow: Place) -> bool:
    """Say whether a statement in one place speaks for another too."""
    return all(w is None or w == n for w, n in zip(wide, narrow, strict=True))


@dataclass(slots=True)
class _Slot:
    """What stands in one place: uses per event, the three kinds side by side."""

    granted: dict[int, int] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=dict)
    withdrawn: int = 0


def _clear(pieces: dict[int, int], uses: int) -> dict[int, int]:
    return {event: left for event, mask in pieces.items() if (left := mask & ~uses)}


def _add(pieces: dict[int, int], event: int, uses: int) -> None:
    # one event may record several statements: the later one of them must not hide the earlier
    pieces[event] = pieces.get(event, 0) | uses


def _pieces(standing: Mapping[int, int], uses: int = ALL) -> tuple[Piece, ...]:
    return tuple(Piece(event, mask & uses) for event, mask in standing.items() if mask & uses)


class Voice:
    """All that one holder has said, folded.

    Args:
        slots: What stands in each place.
        limits: Place, start and end of every grant that has one.
        at: The instant it was folded for [aware datetime].
    """

    def __init__(
        self, slots: Mapping[Place, _Slot], limits: Iterable[tuple[Place, datetime]], at: datetime
    ) -> None:
        self._slots = slots
        self._limits = tuple((place, limit) for place, limit in limits if limit > at)

    @property
    def is_timeless(self) -> bool:
        """Whether no grant will start or run out by itself any more."""
        return not self._limits

    @property
    def recordings(self) -> frozenset[str]:
        """The recordings that have words of their own."""
        return frozenset(recording for recording, _ in self._slots if recording is not None)

    @property
    def programs(self) -> frozenset[str]:
        """The programs that are named."""
        return frozenset(program for _, program in self._slots if program is not None)

    def names(self, program: str, recording: str) -> bool:
        """Say whether anything was said to a program by name that reaches a recording."""
        return (None, program) in self._slots or (recording, program) in self._slots

    def says(self, recording: str, program: str | None = None) -> Said:
        """Return what it comes to for one recording, and one program if it is named."""
        blanket = self._in_place(recording, None)
        if program is None:
            return blanket
        named = self._in_place(recording, program)
        return Said(blanket.granting + named.granting, blanket.refusing + named.refusing)

    def changes(self, recording: str, program: str | None = None) -> datetime | None:
        """Return when a grant that reaches them next starts or runs out by itself."""
        asked = (recording, program)
        return min((limit for place, limit in self._limits if _reaches(place, asked)), default=None)

    def _in_place(self, recording: str, program: str | None) -> Said:
        own = self._slots.get((recording, program), _NOTHING)
        account = self._slots.get((None, program), _NOTHING)
        withdrawn = own.withdrawn | self._slots.get((recording, None), _NOTHING).withdrawn
        own_granted = _union(_pieces(own.granted))
        return Said(
            # the recording's own refusals need not be taken out: a refusal wins anyway, and once
            # it is lifted the account's grant counts again
            _pieces(own.granted) + _pieces(account.granted, ~withdrawn),
            _pieces(own.refused) + _pieces(account.refused, ~own_granted),
        )


_NOTHING = _Slot()


def fold(statements: Iterable[Statement], at: datetime) -> Voice:
    """Return what one holder's statements come to at an instant.

    Args:
        statements: All of one holder's, in any order.
        at: The instant [aware datetime].
    """
    slots: dict[Place, _Slot] = {}
    nearby: dict[str | None, dict[Place, _Slot]] = {}
    limits: list[tuple[Place, datetime]] = []
    for statement in sorted(statements, key=lambda statement: statement.event):
        place = (statement.recording, statement.program)
        limits += [(place, limit) for limit in (statement.since, statement.until) if limit]
        here = slots.setdefault(place, _Slot())
        # one recording's statement reaches its own places alone: a catalogue folds in linear time
        of_recording = nearby.setdefault(statement.recording, {})
        of_recording[place] = here
        _speak(slots if statement.recording is None else of_recording, here, place, statement)
        if statement.grants and statement.counts(at):
            _grant(here, statement)
    return Voice(slots, limits, at)


def _speak(slots: dict[Place, _Slot], here: _Slot, place: Place, statement: Statement) -> None:
    """Apply the three verbs that never run out."""
    here.refused = _clear(here.refused, statement.lifts)
    ended = statement.withdraws | statement.refuses
    if ended:
        for other, slot in slots.items():
            if _reaches(place, other):
                slot.granted = _clear(slot.granted, ended)
    if place[0] is not None:
        # so that neither the account's grant nor a later one sweeps the recording in again
        here.withdrawn |= statement.withdraws
    if statement.refuses:
        here.refused = _clear(here.refused, statement.refuses)
        _add(here.refused, statement.event, statement.refuses)


def _grant(here: _Slot, statement: Statement) -> None:
    here.refused = _clear(here.refused, statement.grants)
    here.granted = _clear(here.granted, statement.grants)
    _add(here.granted, statement.event, statement.grants)
    here.withdrawn &= ~statement.grants
