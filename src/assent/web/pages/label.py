"""The label desk: the agreements of a label, what each permits, and what was delivered under it."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query

from assent.acts.texts import STATUS_WORDS
from assent.catalogue.cases import waiting
from assent.catalogue.deliveries import Agreement, Delivery, agreements_of, deliveries
from assent.errors import Unknown
from assent.permission.uses import CONSENT_ONLY, labels
from assent.terms.prose import sentence_of
from assent.terms.text import parse_text
from assent.web.face import LABELS, Face
from assent.web.programs import Use, plain_use
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face", "find_agreement"]

face = Face("label")

_AT_ONCE = 50


class Permits(View):
    """What an agreement lets anybody do.

    Args:
        taken: Without asking.
        unless_no: Unless the label says no.
        until_yes: Only if the label says yes.
    """

    taken: list[Use]
    unless_no: list[Use]
    until_yes: list[Use]


class Deal(View):
    """An agreement.

    Args:
        id: Its name.
        title: How it is called.
        since: When it was made.
        event: Number of the event by which it was made.
        recordings: How many were delivered under it.
        permits: What it lets anybody do with them; everything else is barred.
    """

    id: str
    title: str
    since: str
    event: int
    recordings: int
    permits: Permits


class LabelView(View):
    """The agreements of a label, the earliest first.

    Args:
        agreements: Which.
        recordings: How many were delivered under all of them.
    """

    agreements: list[Deal]
    recordings: int


class Clause(View):
    """A clause of an agreement.

    Args:
        id: Its name.
        says: What it says, in plain words.
        text: Its sentence.
        in_rules: The same in words made from the rules.
    """

    id: str
    says: str
    text: str
    in_rules: str


class Delivered(View):
    """A recording that was delivered.

    Args:
        recording: Its id.
        title: How it is called.
        artist: Under whose name it appears.
        isrc: Its ISRC.
        open: How many of the 60 uses are open.
        generative: How many of these make or feed something generative.
        held: Whether a hold switches any use off.
        waits: Whether it waits for somebody to decide whether it is a copy.
    """

    recording: str
    title: str
    artist: str
    isrc: str | None
    open: int
    generative: int
    held: bool
    waits: bool


class AgreementView(View):
    """An agreement, clause by clause, and what was delivered under it.

    Args:
        agreement: What it permits.
        clauses: Its clauses in order; a later one overrides an earlier one.
        deliveries: Some of what was delivered, the newest first.
        before: The number to go on before; None where these are the last.
    """

    agreement: Deal
    clauses: list[Clause]
    deliveries: list[Delivered]
    before: int | None


@face.page("/label", template="label/label.html", who=LABELS)
def label(visit: Visit) -> LabelView:
    """Show the agreements that a label stands on, and what each permits."""
    found = agreements_of(visit.db, visit.me.account)
    return LabelView(
        agreements=[_deal(it) for it in found], recordings=sum(it.recordings for it in found)
    )


@face.page("/label/agreements/{agreement}", template="label/agreement.html", who=LABELS)
def agreement(
    visit: Visit, agreement: str, before: Annotated[int | None, Query(ge=0, lt=1 << 53)] = None
) -> AgreementView:
    """Show an agreement, clause by clause, and what was delivered under it."""
    found = find_agreement(visit, agreement)
    rows = deliveries(visit.db, found.id, _AT_ONCE + 1, before)
    shown = rows[:_AT_ONCE]
    text = parse_text(found.source, strict=False)
    return AgreementView(
        agreement=_deal(found),
        clauses=[
            Clause(
                id=it.id,
                says=STATUS_WORDS[it.status],
                text=it.text,
                in_rules=sentence_of(it, text.company),
            )
            for it in text.clauses
        ],
        deliveries=_delivered(visit, shown),
        before=shown[-1].number if len(rows) > _AT_ONCE else None,
    )


def find_agreement(visit: Visit, agreement: str) -> Agreement:
    """Return an agreement of who is signed in.

    Raises:
        Unknown: They have none of that name; what others have is not told.
    """
    own = agreements_of(visit.db, visit.me.account)
    found = next((it for it in own if it.id == agreement), None)
    if found is None:
        raise Unknown(f"you have no agreement {agreement!r}", agreement=agreement)
    return found


def _deal(found: Agreement) -> Deal:
    return Deal(
        id=found.id,
        title=found.title,
        since=found.at,
        event=found.event,
        recordings=found.recordings,
        permits=Permits(
            taken=_uses(found.masks.granted),
            unless_no=_uses(found.masks.opt_out),
            until_yes=_uses(found.masks.opt_in),
        ),
    )


def _uses(word: int) -> list[Use]:
    return [Use(name=it, words=plain_use(it)) for it in labels(word)]


def _delivered(visit: Visit, rows: Sequence[Delivery]) -> list[Delivered]:
    waits = waiting(visit.db, [it.recording for it in rows])
    return [
        Delivered(
            recording=it.recording,
            title=it.title,
            artist=it.artist,
            isrc=it.isrc,
            open=it.word.bit_count(),
            generative=(it.word & CONSENT_ONLY).bit_count(),
            held=bool(it.held),
            waits=it.recording in waits,
        )
        for it in rows
    ]
