"""Random facts and programs, and how to lift what a reason names or to take it away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import strategies as st

from assent.permission.algebra import SILENT, Masks
from assent.permission.facts import NO_TEXT, Facts, Hold, Holder, Role, Standing
from assent.permission.programs import Program
from assent.permission.reasons import Kind, Reason
from assent.permission.statements import Piece, Said
from assent.permission.uses import parse_use

__all__ = ["NOW", "USES", "facts", "lift", "programs", "take_away", "words"]

NOW = datetime(2031, 6, 1, tzinfo=UTC)
USES = tuple(map(parse_use, ("platform/search", "partner/analyse", "partner/train-rival")))
words = st.sets(st.sampled_from(USES)).map(sum)
asked = st.sets(st.sampled_from(USES), min_size=1).map(sum)
_giving = st.sampled_from(Masks._fields).map(lambda kind: SILENT._replace(**{kind: sum(USES)}))
_masks = st.builds(Masks, granted=words, opt_out=words, opt_in=words) | _giving


@st.composite
def _standing(draw: st.DrawFn, role: Role, events: Iterator[int]) -> Standing:
    if draw(st.integers(0, 5)) == 0:
        return NO_TEXT[role]
    event = next(events)
    return Standing(role=role, text=f"text-{event}", masks=draw(_masks), event=event)


def _said(draw: st.DrawFn, events: Iterator[int]) -> Said:
    return Said(
        tuple(Piece(next(events), draw(asked)) for _ in range(draw(st.integers(0, 3)))),
        tuple(
            Piece(next(events), draw(asked)) for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2))))
        ),
    )


def _holder(draw: st.DrawFn, events: Iterator[int]) -> Holder:
    if draw(st.booleans()):
        first = second = draw(_standing(Role.AGREEMENT, events))
    else:
        first = draw(_standing(Role.ACCEPTED, events))
        second = draw(_standing(Role.CURRENT, events))
    number = next(events)
    said = _said(draw, events)
    return Holder(id=f"h{number}", name=f"Holder {number}", first=first, second=second, said=said)


def _facts(draw: st.DrawFn, events: Iterator[int], depth: int) -> Facts:
    return Facts(
        recording=f"r{next(events)}",
        holders=tuple(
            _holder(draw, events) for _ in range(draw(st.sampled_from((0, 1, 1, 1, 2, 3))))
        ),
        unclaimed=draw(
            st.sampled_from((frozenset(), frozenset(), frozenset(), frozenset({"DE", "FR"})))
        ),
        holds=tuple(
            Hold(event=next(events), uses=draw(words), cause="dispute")
            for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2))))
        ),
        original=_facts(draw, events, depth - 1) if depth and draw(st.booleans()) else None,
        head=99,
    )


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Draw all that may be known of a recording; every event has a number of its own."""
    return _facts(draw, count(1), 2)


_instants = st.none() | st.integers(-2, 2).map(lambda days: NOW + timedelta(days=days))
_events = st.sampled_from((None, None, 203))


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Draw a program in any state."""
    return Program(
        id="nightjar",
        uses=draw(asked),
        start=draw(_instants),
        end=draw(_instants),
        proposed=200,
        approved=draw(st.sampled_from((None, 201, 201, 201))),
        suspended=draw(_events),
        ended=draw(_events),
    )


def lift(known: Facts, program: Program, reason: Reason) -> tuple[Facts, Program]:
    """Return the world in which the one thing that a blocker names is no longer so."""
    match reason.kind:
        case Kind.NOT_APPROVED:
            return known, replace(program, approved=900)
        case Kind.SUSPENDED:
            return known, replace(program, suspended=None)
        case Kind.ENDED:
            return known, replace(program, ended=None)
        case Kind.NOT_STARTED:
            return known, replace(program, start=NOW)
        case Kind.OVER:
            return known, replace(program, end=None)
        case _:
            return _lift(known, reason), program


def _lift(known: Facts, reason: Reason) -> Facts:
    if known.recording != reason.recording:
        assert known.original is not None, "a reason names a recording that is not in the facts"
        return replace(known, original=_lift(known.original, reason))
    match reason.kind:
        case Kind.UNCLAIMED:
            return replace(known, holders=known.holders or (_consenting(),), unclaimed=frozenset())
        case Kind.HELD:
            kept = tuple(hold for hold in known.holds if hold.event not in reason.events)
            return replace(known, holds=kept)
        case _:
            return replace(
                known,
                holders=tuple(
                    _persuade(holder, reason) if holder.id == reason.holder else holder
                    for holder in known.holders
                ),
            )


def _consenting() -> Holder:
    text = Standing(role=Role.AGREEMENT, text="new", masks=Masks(sum(USES), 0, 0), event=901)
    said = Said((Piece(902, sum(USES)),), ())
    return Holder(id="new", name="New", first=text, second=text, said=said)


def _persuade(holder: Holder, reason: Reason) -> Holder:
    said = holder.said
    match reason.kind:
        case Kind.NO_TEXT | Kind.BARRED:
            first, second = (
                _speak(text, reason.uses) if text.role is reason.role else text
                for text in (holder.first, holder.second)
            )
            return replace(holder, first=first, second=second)
        case Kind.REFUSED:
            refusing = tuple(
                piece._replace(uses=piece.uses & ~reason.uses)
                if piece.event in reason.events
                else piece
                for piece in said.refusing
            )
            return replace(holder, said=said._replace(refusing=refusing))
        case Kind.NOT_GRANTED:
            granting = (*said.granting, Piece(903, reason.uses))
            return replace(holder, said=said._replace(granting=granting))
        case _:
            raise AssertionError(f"{reason.kind} blocks nothing")


def _speak(text: Standing, uses: int) -> Standing:
    """Return a text that takes the uses it was silent on."""
    masks = text.masks._replace(granted=text.masks.granted | uses)
    return replace(text, masks=masks, event=text.event or 904)


def take_away(known: Facts, program: Program, events: tuple[int, ...]) -> tuple[Facts, Program]:
    """Return the world in which some events never were."""
    approved = None if program.approved in events else program.approved
    return _without(known, events), replace(program, approved=approved)


def _without(known: Facts, events: tuple[int, ...]) -> Facts:
    return replace(
        known,
        holders=tuple(_silenced(holder, events) for holder in known.holders),
        original=known.original and _without(known.original, events),
    )


def _silenced(holder: Holder, events: tuple[int, ...]) -> Holder:
    first, second = (
        NO_TEXT[text.role] if text.event in events else text
        for text in (holder.first, holder.second)
    )
    granting = tuple(piece for piece in holder.said.granting if piece.event not in events)
    return replace(holder, first=first, second=second, said=holder.said._replace(granting=granting))
