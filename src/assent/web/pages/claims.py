"""Claims between those who hold rights: saying what is true of two recordings, and answering."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from assent.acts.claims import Plea, answer_claim, make_claim
from assent.catalogue import tables
from assent.catalogue.claims import Claim, Says, claim_of, holders_of
from assent.errors import Unknown
from assent.listening.hearing import may_hear
from assent.signin.scopes import Scope
from assent.web.face import MEMBERS, Done, Face
from assent.web.receipt_links import EventNumber, path_of, published_up_to
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("claims")

_MOST_CHARACTERS = 5_000
SAYS = {
    Says.MINE: "the first is made of the second",
    Says.LICENSED: "the first is made of the second, and was allowed to be",
    Says.TRUE_ORIGINAL: "the second is made of the first",
    Says.DIFFERENT: "neither is made of the other",
}
"""What a claim says, in words."""


class PairView(View):
    """Two recordings: the one that would be made of the other, and that other one.

    Args:
        recording: The one.
        recording_title: Its title.
        original: The other.
        original_title: Its title.
        heard: Which of them you may hear; the page of no other is shown to you.
    """

    recording: str
    recording_title: str
    original: str
    original_title: str
    heard: list[str]


class WordView(View):
    """What somebody says of it."""

    name: str
    agrees: bool | None
    words: str


class ClaimPage(View):
    """A claim; `may_answer` says that it waits for this account's answer."""

    claim: int
    pair: PairView
    says: str
    by: WordView
    answers: list[WordView]
    answer_by: str
    decided: bool
    may_answer: bool
    receipt: str


@face.page("/claims/{number}", template="inbox/claim.html", who=MEMBERS, scope=Scope.CONSENT)
def claim_page(visit: Visit, number: EventNumber) -> ClaimPage:
    """Show a claim about a recording of yours, and what was answered."""
    claim = _mine(visit, number)
    me = visit.me.account
    answered = any(it.account == me for it in claim.answers)
    return ClaimPage(
        claim=claim.event,
        pair=_pair(visit, claim.recording, claim.original),
        says=SAYS[claim.says],
        by=WordView(name=_name(visit, claim.account), agrees=None, words=claim.words),
        answers=[
            WordView(name=_name(visit, it.account), agrees=it.agrees, words=it.words)
            for it in claim.answers
        ],
        answer_by=claim.answer_by,
        decided=claim.closed is not None,
        may_answer=claim.closed is None and claim.account != me and not answered,
        receipt=path_of(claim.event, published_up_to(visit.site)) if claim.account == me else "",
    )


def _mine(visit: Visit, number: int) -> Claim:
    claim = claim_of(visit.db, number)
    sides = (claim.recording, claim.original) if claim else ()
    if claim is None or not any(visit.me.account in holders_of(visit.db, it) for it in sides):
        raise Unknown(f"there is no claim {number} about recordings of yours", claim=number)
    return claim


def _pair(visit: Visit, recording: str, original: str) -> PairView:
    table = tables.recordings.c
    query = select(table.id, table.title).where(table.id.in_([recording, original]))
    titles = {row.id: row.title for row in visit.db.execute(query)}
    return PairView(
        recording=recording,
        recording_title=titles.get(recording, recording),
        original=original,
        original_title=titles.get(original, original),
        heard=[it for it in titles if may_hear(visit.db, it, visit.member, at=visit.at).allowed],
    )


def _name(visit: Visit, account: str) -> str:
    query = select(tables.accounts.c.name).where(tables.accounts.c.id == account)
    return str(visit.db.execute(query).scalar_one_or_none() or account)


class Reply(BaseModel):
    """An answer to a claim."""

    model_config = ConfigDict(extra="forbid")

    agrees: Literal["yes", "no"]
    words: str = Field(min_length=1, max_length=_MOST_CHARACTERS)


@face.act("/claims/{number}/answer", who=MEMBERS, scope=Scope.CONSENT, shows=claim_page)
def claim_reply(visit: Visit, number: EventNumber, said: Reply) -> Done:
    """Answer a claim about a recording of yours."""
    _mine(visit, number)
    plea = Plea(words=said.words)
    answer_claim(visit.site.house, visit.me.name, number, plea, agrees=said.agrees == "yes")
    return Done(said="Your answer is on record.", next=f"/claims/{number}")


class NewClaimView(View):
    """Two recordings, of which something is to be claimed; what can be said of them."""

    pair: PairView
    says: dict[str, str]


@face.page("/claims/new/{recording}/{original}", template="inbox/new_claim.html", who=MEMBERS)
def claim_new(visit: Visit, recording: str, original: str) -> NewClaimView:
    """Show what you can claim of a recording of yours and another."""
    _check_side(visit, recording, original)
    return NewClaimView(
        pair=_pair(visit, recording, original), says={it.value: SAYS[it] for it in Says}
    )


def _check_side(visit: Visit, *recordings: str) -> None:
    if not any(visit.me.account in holders_of(visit.db, it) for it in recordings):
        raise Unknown("you hold rights in neither of these")


class NewClaim(BaseModel):
    """A claim, and what speaks for it."""

    model_config = ConfigDict(extra="forbid")

    says: Says
    words: str = Field(min_length=1, max_length=_MOST_CHARACTERS)


@face.act("/claims/new/{recording}/{original}", who=MEMBERS, scope=Scope.CONSENT, shows=claim_new)
def claim_make(visit: Visit, recording: str, original: str, said: NewClaim) -> Done:
    """Claim something of a recording of yours and another; the others have two weeks to answer."""
    _check_side(visit, recording, original)
    pair = (recording, original)
    plea = Plea(words=said.words)
    event = make_claim(visit.site.house, visit.me.name, pair, said.says, plea)
    return Done(said="Your claim is on record.", next=f"/claims/{event.number}")
