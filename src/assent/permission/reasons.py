"""Why: the blockers of a no and the grounds of a yes, each naming the event it comes from.

A word is a conjunction: a program that is live, a holder for every territory, no hold, and for
each holder and use two texts that open it, no refusal where one would count, and a grant where one
is needed. A blocker is a condition that fails; the blockers are all that fail, so lifting all of
them opens and lifting fewer does not. A ground is a condition that stands on something said: take
it away and the conjunction fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from assent.permission.facts import Facts, Holder, Role, Standing
from assent.permission.programs import Program
from assent.permission.uses import CONSENT_ONLY

__all__ = ["Kind", "Reason", "blockers", "grounds"]


class Kind(Enum):
    """What a reason is about; the first part blocks, the second is a ground."""

    NOTHING_ASKED = "nothing-asked"
    NOT_APPROVED = "not-approved"
    SUSPENDED = "suspended"
    ENDED = "ended"
    NOT_STARTED = "not-started"
    OVER = "over"
    UNCLAIMED = "unclaimed"
    HELD = "held"
    NO_TEXT = "no-text"
    BARRED = "barred"
    REFUSED = "refused"
    NOT_GRANTED = "not-granted"

    APPROVED = "approved"
    TEXT_OPENS = "text-opens"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One blocker or one ground.

    Args:
        kind: What it is about.
        uses: For which uses it counts.
        events: Numbers of the events it comes from; for a ground, any one of them carries it,
            so it is taken away only with all of them. Empty where the trouble is that nothing
            was ever said.
        recording: Which recording it is about: the one asked about, or an original of it.
        holder: Which holder it is about, if any.
        name: How that holder is called.
        role: As what the text counts, if it is about one.
        detail: The text's name, the hold's cause, or the territories.
    """

    kind: Kind
    uses: int
    events: tuple[int, ...] = ()
    recording: str
    holder: str | None = None
    name: str | None = None
    role: Role | None = None
    detail: str = ""


def blockers(facts: Facts, program: Program | None, uses: int, at: datetime) -> tuple[Reason, ...]:
    """Return all that stands in the way of a program, or of uses alone."""
    found = list(_not_live(facts, program, uses, at)) if program else []
    if not uses:
        found.append(Reason(kind=Kind.NOTHING_ASKED, uses=0, recording=facts.recording))
    return (*found, *_blocked(facts, uses))


def grounds(facts: Facts, program: Program | None, uses: int) -> tuple[Reason, ...]:
    """Return what carries a yes."""
    found = tuple(_carried(facts, uses))
    if program is None or program.approved is None:
        return found
    approval = Reason(
        kind=Kind.APPROVED, uses=uses, events=(program.approved,), recording=facts.recording
    )
    return (approval, *found)


def _not_live(facts: Facts, program: Program, uses: int, at: datetime) -> Iterator[Reason]:
    def reason(kind: Kind, event: int) -> Reason:
        return Reason(
            kind=kind, uses=uses, events=(event,), recording=facts.recording, detail=program.id
        )

    if program.approved is None:
        yield reason(Kind.NOT_APPROVED, program.proposed)
    if program.suspended is not None:
        yield reason(Kind.SUSPENDED, program.suspended)
    if program.ended is not None:
        yield reason(Kind.ENDED, program.ended)
    if program.start is not None and at < program.start:
        yield reason(Kind.NOT_STARTED, program.proposed)
    if program.end is not None and at >= program.end:
        yield reason(Kind.OVER, program.proposed)


def _blocked(facts: Facts, uses: int) -> Iterator[Reason]:
    if facts.unclaimed or not facts.holders:
        yield Reason(
            kind=Kind.UNCLAIMED,
            uses=uses,
            recording=facts.recording,
            detail=" ".join(sorted(facts.unclaimed)) or "world",
        )
    for hold in facts.holds:
        if hold.uses & uses:
            yield Reason(
                kind=Kind.HELD,
                uses=hold.uses & uses,
                events=(hold.event,),
                recording=facts.recording,
                detail=hold.cause,
            )
    for holder in facts.holders:
        yield from _unopened(facts, holder, uses)
        yield from _unsaid(facts, holder, uses)
    if facts.original is not None:
        yield from _blocked(facts.original, uses)


def _texts(holder: Holder) -> tuple[Standing, ...]:
    """Return the texts that a holder stands under; an agreement counts once."""
    return (holder.first,) if holder.first == holder.second else (holder.first, holder.second)


def _published(standing: Standing) -> tuple[int, ...]:
    return () if standing.event is None else (standing.event,)


def _unopened(facts: Facts, holder: Holder, uses: int) -> Iterator[Reason]:
    """Name the texts that bar a use, or that are missing."""
    for standing in _texts(holder):
        spoken = standing.masks.granted | standing.masks.opt_out | standing.masks.opt_in
        if barred := uses & ~spoken:
            yield Reason(
                kind=Kind.NO_TEXT if standing.event is None else Kind.BARRED,
                uses=barred,
                events=_published(standing),
                recording=facts.recording,
                holder=holder.id,
                name=holder.name,
                role=standing.role,
                detail=standing.text,
            )


def _unsaid(facts: Facts, holder: Holder, uses: int) -> Iterator[Reason]:
    """Name the refusals that count and the grants that are missing."""
    opt_in, opt_out = CONSENT_ONLY, 0
    for standing in _texts(holder):
        # a text that takes a use in two ways takes it in the wider: granted beats opt_out
        opt_out |= standing.masks.opt_out & ~standing.masks.granted
        opt_in |= standing.masks.opt_in & ~standing.masks.opt_out & ~standing.masks.granted
    for piece in holder.said.refusing:
        if counting := piece.uses & uses & (opt_in | opt_out):
            yield Reason(
                kind=Kind.REFUSED,
                uses=counting,
                events=(piece.event,),
                recording=facts.recording,
                holder=holder.id,
                name=holder.name,
            )
    said_yes = 0
    for piece in holder.said.granting:
        said_yes |= piece.uses
    if wanting := uses & opt_in & ~said_yes:
        yield Reason(
            kind=Kind.NOT_GRANTED,
            uses=wanting,
            recording=facts.recording,
            holder=holder.id,
            name=holder.name,
        )


def _carried(facts: Facts, uses: int) -> Iterator[Reason]:
    for holder in facts.holders:
        for standing in _texts(holder):
            yield Reason(
                kind=Kind.TEXT_OPENS,
                uses=uses,
                events=_published(standing),
                recording=facts.recording,
                holder=holder.id,
                name=holder.name,
                role=standing.role,
                detail=standing.text,
            )
        yield from _granted(facts, holder, uses)
    if facts.original is not None:
        yield from _carried(facts.original, uses)


def _granted(facts: Facts, holder: Holder, uses: int) -> Iterator[Reason]:
    """Name the grants that a yes stands on, uses granted by the same statements together."""
    needed = CONSENT_ONLY
    for standing in _texts(holder):
        needed |= standing.masks.opt_in & ~standing.masks.opt_out & ~standing.masks.granted
    carried: dict[tuple[int, ...], int] = {}
    left = uses & needed
    while left:
        use = left & -left
        left &= ~use
        events = tuple(piece.event for piece in holder.said.granting if piece.uses & use)
        carried[events] = carried.get(events, 0) | use
    for events, mask in carried.items():
        yield Reason(
            kind=Kind.GRANTED,
            uses=mask,
            events=events,
            recording=facts.recording,
            holder=holder.id,
            name=holder.name,
        )
