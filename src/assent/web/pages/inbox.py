"""The inbox: what programs ask, what was answered, and what else waits for an answer."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from assent.acts.asked import Answer, Asked, Says, answers_of, find_request, inbox
from assent.acts.meaning import About, meant, notice_digest, notice_of
from assent.acts.requests import answer, answer_words
from assent.catalogue import tables
from assent.clock import format_instant
from assent.errors import Unknown
from assent.permission.uses import ACTORS, labels
from assent.permission.wording import ACTOR_WORDS
from assent.signin.scopes import Scope
from assent.studio.foresight import foresee, gains
from assent.studio.foresight_words import tell, uses_told
from assent.web.face import MEMBERS, Done, Face
from assent.web.pages.ai_views import ForesightView, VerbView, foresight_view, verbs_view
from assent.web.pages.inbox_cases import ClaimView, CopyView, claims_waiting, copies_found
from assent.web.pages.receipt_links import EventNumber
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("inbox")


class AskingView(View):
    """A program that asks, and who is behind it.

    `until` is when a yes would end; null for the program's own end. `uses` names exactly what is
    asked for, and `plain` says it in words.
    """

    request: int
    program: str
    owner: str
    actor: str
    words: str
    pays: str
    until: str | None
    at: str
    plain: list[str]
    uses: list[str]
    purpose: str
    models: list[str]
    territories: list[str]
    start: str | None
    end: str | None
    retention_days: int
    contact: str
    contract: str
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
    more = _gains(visit, waiting)
    return InboxView(
        asks=db.execute(asks).scalar_one(),
        requests=[_asking(visit, one, more.get(one.program.id, 0)) for one in waiting],
        answers=[_answer(visit, one) for one in answers_of(db, account)],
        claims=claims_waiting(visit),
        copies=copies_found(visit),
        draft=db.execute(select(drafts.id).where(drafts.state == "draft")).scalar_one_or_none(),
    )


def _asking(visit: Visit, asked: Asked, opens: int) -> AskingView:
    programs = tables.programs
    row = visit.db.execute(select(programs).where(programs.c.id == asked.program.id)).one()
    return AskingView(
        request=asked.event,
        program=row.id,
        owner=row.owner,
        actor=next(ACTOR_WORDS[it] for it in ACTORS if it.value == row.actor),
        words=asked.words,
        pays=asked.pays,
        until=format_instant(asked.until) if asked.until else None,
        at=format_instant(asked.at),
        plain=list(uses_told(asked.program.uses)),
        uses=list(labels(asked.program.uses)),
        purpose=row.purpose,
        models=json.loads(row.models),
        territories=row.territories.split(),
        start=row.start,
        end=row.end,
        retention_days=row.retention_days,
        contact=row.contact,
        contract=row.contract,
        gains=opens,
    )


def _gains(visit: Visit, asked: Sequence[Asked]) -> dict[str, int]:
    """Return how many recordings each program could use after a yes that it cannot use now."""
    said = [
        meant(
            visit.db,
            About(holder=visit.me.name, program=one.program.id),
            answer_words(one, Says.YES),
        )
        for one in asked
    ]
    return gains(visit.db, said, visit.at) if said else {}


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
    """An answer before it is given: the request, the notice, and what it would do."""

    asking: AskingView
    says: str
    verbs: list[VerbView]
    notice: str
    digest: str
    until: str | None
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
        asking=_asking(visit, asked, _gains(visit, [asked]).get(asked.program.id, 0)),
        says=said.value,
        verbs=verbs_view(statement),
        notice=notice_of(visit.db, statement),
        digest=notice_digest(visit.db, statement),
        until=words.until.date().isoformat() if words.until else None,
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
    """An answer, and the digest of the notice that was on the screen."""

    model_config = ConfigDict(extra="forbid")

    says: Says
    notice: str = Field(pattern=r"^[0-9a-f]{64}$")


class Answered(Done):
    """What was answered: the number of the statement, and the notice that went on record."""

    answer: int
    statement: int
    notice: str


@face.act("/inbox/{number}/answer", who=MEMBERS, scope=Scope.CONSENT, shows=inbox_answer)
def inbox_say(visit: Visit, number: EventNumber, said: Answering) -> Answered:
    """Answer a request, or change an answer; it counts for that program alone."""
    says = said.says
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
