"""The inbox: what programs ask, what was answered, and what else waits for an answer."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select

from assent.acts.asked import Answer, Asked, Says, answers_of, find_request, inbox
from assent.acts.meaning import About, meant, notice_digest, notice_of
from assent.acts.requests import answer, answer_words
from assent.catalogue import tables
from assent.clock import format_instant
from assent.errors import Unknown
from assent.permission.uses import CONSENT_ONLY
from assent.signin.scopes import Scope
from assent.studio.foresight import foresee
from assent.studio.foresight_reach import Reach, reaches
from assent.studio.foresight_remains import Because
from assent.studio.foresight_words import because_told, tell
from assent.web.ai_behind import BehindView, behind_fields
from assent.web.ai_views import ForesightView, VerbView, foresight_view, verbs_view
from assent.web.ai_wish import DIGEST, DIGEST_OR_NONE, check_read
from assent.web.face import MEMBERS, Done, Face
from assent.web.inbox_cases import ClaimView, CopyView, claims_waiting, copies_found
from assent.web.receipt_links import EventNumber
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("inbox")


class AskingView(BehindView):
    """A program that asks, and who is behind it.

    `until` is when a yes would end; null for the program's own end. `has` says how many recordings
    it may use as it is, and `why` by what; `gains` how many more a yes would open, of `recordings`.
    """

    request: int
    words: str
    pays: str
    until: str | None
    at: str
    recordings: int
    has: int
    why: list[str]
    gains: int


class AnswerView(View):
    """An answer that was given; `open` says whether it could be a yes by now."""

    request: int
    program: str
    owner: str
    says: str
    at: str
    event: int
    open: bool


class InboxView(View):
    """What waits for an answer, and what was answered. `asks` says that programs may ask at all."""

    asks: bool
    requests: list[AskingView]
    answers: list[AnswerView]
    claims: list[ClaimView]
    copies: list[CopyView]
    draft: str | None


@face.page("/inbox", template="inbox/inbox.html", who=MEMBERS, scope=Scope.CONSENT)
def inbox_page(visit: Visit) -> InboxView:
    """Show what programs ask you, and what else waits for your answer."""
    account, db = visit.me.account, visit.db
    asks = select(tables.accounts.c.asks).where(tables.accounts.c.id == account)
    drafts = tables.drafts.c
    waiting = inbox(db, account, visit.at)
    reach = _reaches(visit, waiting)
    return InboxView(
        asks=db.execute(asks).scalar_one(),
        requests=[_asking(visit, one, reach.get(one.program.id)) for one in waiting],
        answers=[_answer(visit, one) for one in answers_of(db, account)],
        claims=claims_waiting(visit),
        copies=copies_found(visit),
        draft=db.execute(select(drafts.id).where(drafts.state == "draft")).scalar_one_or_none(),
    )


def _asking(visit: Visit, asked: Asked, reach: Reach | None) -> AskingView:
    held = tables.holdings.c
    mine = select(func.count()).where(held.holder == visit.me.account)
    why = sorted(reach.because, key=list(Because).index) if reach else []
    return AskingView(
        **behind_fields(visit.db, asked.program.id),
        request=asked.event,
        words=asked.words,
        pays=asked.pays,
        until=format_instant(asked.until) if asked.until else None,
        at=format_instant(asked.at),
        recordings=visit.db.execute(mine).scalar_one(),
        has=reach.has if reach else 0,
        why=[because_told(it) for it in why],
        gains=reach.gains if reach else 0,
    )


def _reaches(visit: Visit, asked: Sequence[Asked]) -> dict[str, Reach]:
    """Return what each program may use, and could use after a yes."""
    said = [
        meant(
            visit.db,
            About(holder=visit.me.name, program=one.program.id),
            answer_words(one, Says.YES),
        )
        for one in asked
    ]
    return reaches(visit.db, said, visit.at) if said else {}


def _answer(visit: Visit, answered: Answer) -> AnswerView:
    return AnswerView(
        request=answered.asked.event,
        program=answered.asked.program.id,
        owner=answered.asked.owner,
        says=answered.says.value,
        at=format_instant(answered.at),
        event=answered.event,
        open=answered.asked.is_open(visit.at),
    )


class AnsweringView(View):
    """An answer before it is given: the request, the notice, and what it would do.

    `generative` says that it lets machines that make something learn from the music or be fed with
    it; the answer then takes the notice's digest once more, as `read`.
    """

    asking: AskingView
    says: str
    verbs: list[VerbView]
    notice: str
    digest: str
    until: str | None
    generative: bool
    foresight: ForesightView


@face.page("/inbox/{number}", template="inbox/answer.html", who=MEMBERS, scope=Scope.CONSENT)
def inbox_answer(
    visit: Visit, number: EventNumber, says: Annotated[Says, Query()] = Says.NO
) -> AnsweringView:
    """Show what an answer to a request would do, before it is given."""
    said = _typed(visit, says)
    asked = _mine(visit, number)
    about = About(holder=visit.me.name, program=asked.program.id)
    words = answer_words(asked, said)
    statement = meant(visit.db, about, words)
    foresight = foresee(visit.db, [statement], visit.at)
    return AnsweringView(
        asking=_asking(visit, asked, _reaches(visit, [asked]).get(asked.program.id)),
        says=said.value,
        verbs=verbs_view(statement),
        notice=notice_of(visit.db, statement),
        digest=notice_digest(visit.db, statement),
        until=words.until.date().isoformat() if words.until else None,
        generative=bool(words.grants & CONSENT_ONLY),
        foresight=foresight_view(foresight, tell(foresight)),
    )


def _typed(visit: Visit, says: Says) -> Says:
    """Return the answer of a refused form, or else the one that was asked for."""
    typed = visit.typed("says", says.value)
    return next((it for it in Says if it.value == typed), says)


def _mine(visit: Visit, request: int) -> Asked:
    """Return a request that was sent to this account, or that it has answered."""
    asked = find_request(visit.db, request)
    answers, accounts = tables.request_answers.c, tables.accounts.c
    queries: tuple[Any, ...] = (
        select(answers.event).where(
            answers.request == request, answers.account == visit.me.account
        ),
        select(accounts.id).where(accounts.id == visit.me.account, accounts.asks),
    )
    if not any(visit.db.execute(query).first() for query in queries):
        raise Unknown(f"there is no request {request} to you", request=request)
    return asked


class Answering(BaseModel):
    """An answer, and the digest of the notice that was on the screen.

    A yes to a generative use takes that digest once more as `read`: that the notice was read.
    """

    model_config = ConfigDict(extra="forbid")

    says: Says
    notice: str = Field(pattern=DIGEST)
    read: str = Field(default="", pattern=DIGEST_OR_NONE)


class Answered(Done):
    """What was answered: the number of the statement, and the notice that went on record."""

    answer: int
    statement: int
    notice: str


@face.act("/inbox/{number}/answer", who=MEMBERS, scope=Scope.CONSENT, shows=inbox_answer)
def inbox_say(visit: Visit, number: EventNumber, said: Answering) -> Answered:
    """Answer a request, or change an answer; it counts for that program alone."""
    says = said.says
    grants = answer_words(_mine(visit, number), says).grants
    check_read(grants, said.notice, said.read)
    event = answer(visit.site.house, visit.me.name, number, says, visit.by, shown=said.notice)
    told = {
        Says.YES: "You said yes, to this program alone.",
        Says.NO: "You said no to this program.",
        Says.NEVER: "You said no, and will not hear from this owner again unless you change that.",
    }
    return Answered(
        said=f"{told[says]} In force within one second.",
        next="/inbox",
        answer=event.number,
        statement=event.number - 1,
        notice=said.notice,
    )
