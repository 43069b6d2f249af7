"""Programs at the review desk: proposed by one person, approved by another, stopped at once."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from assent.acts.asked import requests_of
from assent.acts.programs import approve, end, propose, resume, suspend
from assent.acts.requests import ask as ask_all
from assent.acts.requests import withdraw_request
from assent.catalogue import tables
from assent.clock import format_instant
from assent.errors import BadText, Unknown
from assent.signin.scopes import Scope
from assent.web.authors import author
from assent.web.face import REVIEWERS, STAFF, Done, Face
from assent.web.programs import ProgramFacts, find_program, program_facts, program_rows
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("programs desk")

_AT_ONCE = 50
_MOST_TOML = 1 << 16
EXAMPLE = """id = "quiet-tagger"
owner = "Who it belongs to"
actor = "partner"                 # platform, group, partner or public
activities = ["train-analysis"]   # what it asks for
purpose = "What it is for, in words that a musician understands."
models = ["quiet-tagger-1"]
territories = ["world"]
retention_days = 365
contact = "rights@example.org"
contract = "Of a partner: what it stands on"
"""


class DeskView(View):
    """The programs, in the order of their names.

    Args:
        programs: Some of them.
        after: The name to go on after; None where these are the last.
        waiting: Those that wait for a second person.
        may_change: Whether who looks may propose and approve.
    """

    programs: list[ProgramFacts]
    after: str | None
    waiting: list[str]
    may_change: bool


class ProposeView(View):
    """A form to propose a program.

    Args:
        example: A file to begin with.
    """

    example: str


class Request(View):
    """What a program asks of all who may be asked.

    Args:
        request: Its number.
        words: What it says.
        pays: What it offers.
        until: When a yes would end.
        at: When it was sent.
        stands: Whether it still can be answered.
        answers: How many have answered what.
    """

    request: int
    words: str
    pays: str
    until: str | None
    at: str
    stands: bool
    answers: dict[str, int]


class DeskProgramView(View):
    """A program, with what the staff did and may do about it.

    Args:
        program: What everybody may know of it.
        proposed_by: Who proposed it.
        proposed: Number of the event by which they did.
        approved_by: Who approved it; None as long as nobody did.
        approved: Number of the event by which they did.
        is_mine: Whether who looks proposed it, and so may not approve it.
        may_be_asked: How many holders have said that programs may ask them.
        holders: How many there are who hold anything.
        requests: What it asked, the newest first.
        may_change: Whether who looks may change anything.
    """

    program: ProgramFacts
    proposed_by: str
    proposed: int
    approved_by: str | None
    approved: int | None
    is_mine: bool
    may_be_asked: int
    holders: int
    requests: list[Request]
    may_change: bool


class Proposal(BaseModel):
    """A program.

    Args:
        toml: Its file.
    """

    toml: str = Field(max_length=_MOST_TOML)


class Cause(BaseModel):
    """Why something is done.

    Args:
        cause: In a few words.
    """

    cause: str = Field(default="", max_length=2_000)


class Asking(BaseModel):
    """A request to all who let programs ask them.

    Args:
        words: What the program says to them.
        pays: What it offers for a yes; empty for nothing.
        until: When a yes would end; the program's own end if left out.
    """

    words: str = Field(max_length=5_000)
    pays: str = Field(default="", max_length=2_000)
    until: datetime | None = None


@face.page("/review/programs", template="review/programs.html", who=STAFF, scope=Scope.STAFF)
def programs(visit: Visit, after: Annotated[str, Query(max_length=200)] = "") -> DeskView:
    """Show all programs, and which of them wait for a second person."""
    rows = program_rows(visit, after, _AT_ONCE + 1)
    shown = rows[:_AT_ONCE]
    known = tables.programs.c
    waiting = select(known.id).where(known.approved.is_(None), known.ended.is_(None))
    return DeskView(
        programs=[program_facts(visit, row) for row in shown],
        after=shown[-1].id if len(rows) > _AT_ONCE else None,
        waiting=list(visit.db.execute(waiting.order_by(known.proposed).limit(_AT_ONCE)).scalars()),
        may_change=visit.is_one_of(REVIEWERS),
    )


@face.page("/review/propose", template="review/propose.html", who=REVIEWERS, scope=Scope.STAFF)
def proposing(visit: Visit) -> ProposeView:
    """Show a form to propose a program."""
    del visit
    return ProposeView(example=EXAMPLE)


@face.act("/review/propose", who=REVIEWERS, scope=Scope.STAFF, shows=proposing)
def propose_program(visit: Visit, said: Proposal) -> Done:
    """Propose a program; somebody else must approve it."""
    try:
        event = propose(visit.site.house, said.toml.replace("\r\n", "\n"), visit.by)
    except BadText as error:
        line = f"line {error.facts['line']}: " if "line" in error.facts else ""
        raise BadText(f"{line}{error.text}", **error.facts) from None
    name = event.body["id"]
    return Done(
        said=f"{name} is proposed; somebody else must approve it.", next=f"/review/programs/{name}"
    )


@face.page(
    "/review/programs/{program}", template="review/program.html", who=STAFF, scope=Scope.STAFF
)
def program(visit: Visit, program: str) -> DeskProgramView:
    """Show a program, with what the staff did and may do about it."""
    row = find_program(visit, program)
    accounts = tables.accounts.c
    holding = accounts.id.in_(select(tables.holdings.c.holder))
    count = select(func.count()).select_from(tables.accounts).where(holding)
    return DeskProgramView(
        program=program_facts(visit, row),
        proposed_by=author(row.proposed_by),
        proposed=row.proposed,
        approved_by=author(row.approved_by) if row.approved_by else None,
        approved=row.approved,
        is_mine=row.proposed_by == visit.by,
        may_be_asked=visit.db.execute(count.where(accounts.asks)).scalar_one(),
        holders=visit.db.execute(count).scalar_one(),
        requests=_requests(visit, program),
        may_change=visit.is_one_of(REVIEWERS),
    )


def _requests(visit: Visit, program: str) -> list[Request]:
    answers = tables.request_answers.c
    query = (
        select(answers.request, answers.says, func.count())
        .join(tables.requests, tables.requests.c.event == answers.request)
        .where(tables.requests.c.program == program)
        .group_by(answers.request, answers.says)
    )
    said: dict[int, dict[str, int]] = {}
    for request, says, n in visit.db.execute(query):
        said.setdefault(request, {})[says] = n
    return [
        Request(
            request=it.event,
            words=it.words,
            pays=it.pays,
            until=format_instant(it.until) if it.until else None,
            at=format_instant(it.at),
            stands=it.stands(visit.at),
            answers=said.get(it.event, {}),
        )
        for it in requests_of(visit.db, program)
    ]


def _done(program: str, words: str) -> Done:
    return Done(said=f"{program} {words}", next=f"/review/programs/{program}")


@face.act("/review/programs/{program}/approve", who=REVIEWERS, scope=Scope.STAFF, shows=program)
def approve_program(visit: Visit, program: str) -> Done:
    """Approve a program that somebody else proposed."""
    approve(visit.site.house, program, visit.by)
    return _done(program, "is approved: it may use what is open to it.")


@face.act("/review/programs/{program}/suspend", who=REVIEWERS, scope=Scope.STAFF, shows=program)
def suspend_program(visit: Visit, program: str, said: Cause) -> Done:
    """Stop a program at once."""
    suspend(visit.site.house, program, visit.by, said.cause)
    return _done(program, "is stopped in every process within one second.")


@face.act("/review/programs/{program}/resume", who=REVIEWERS, scope=Scope.STAFF, shows=program)
def resume_program(visit: Visit, program: str, said: Cause) -> Done:
    """Let a suspended program go on."""
    resume(visit.site.house, program, visit.by, said.cause)
    return _done(program, "goes on.")


@face.act("/review/programs/{program}/end", who=REVIEWERS, scope=Scope.STAFF, shows=program)
def end_program(visit: Visit, program: str, said: Cause) -> Done:
    """End a program for good."""
    end(visit.site.house, program, visit.by, said.cause)
    return _done(program, "has ended, for good.")


@face.act("/review/programs/{program}/ask", who=REVIEWERS, scope=Scope.STAFF, shows=program)
def ask(visit: Visit, program: str, said: Asking) -> Done:
    """Ask all who said that programs may ask them; that alone opens nothing."""
    until = said.until
    if until is not None and until.tzinfo is None:  # a day from a form, which counts as UTC
        until = until.replace(tzinfo=visit.at.tzinfo)
    ask_all(visit.site.house, program, said.words, pays=said.pays, until=until, by=visit.by)
    return _done(program, "asks everybody who lets programs ask them.")


@face.act(
    "/review/programs/{program}/asked/{asked}/withdraw",
    who=REVIEWERS,
    scope=Scope.STAFF,
    shows=program,
)
def unask(visit: Visit, program: str, asked: int) -> Done:
    """Take a request back; answers that were given stand."""
    if not any(it.event == asked for it in requests_of(visit.db, program)):
        raise Unknown(f"there is no request {asked} of {program}", request=asked)
    withdraw_request(visit.site.house, asked, visit.by)
    return _done(program, "asks no more.")
