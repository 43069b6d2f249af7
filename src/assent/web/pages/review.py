"""The review desk: copies and claims that wait for somebody to decide them, and who is watched."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy import func, select
from starlette.responses import Response

from assent.acts.accounts import account_of
from assent.acts.reviews import clear as clear_account
from assent.acts.reviews import decide as decide_case
from assent.acts.reviews import part_of
from assent.catalogue import tables
from assent.catalogue.cases import State
from assent.catalogue.queue import queue
from assent.catalogue.watched import brought_by, watched_accounts
from assent.errors import Unknown
from assent.signin.scopes import Scope
from assent.web.case_sides import Heard, case_picture, heard
from assent.web.case_views import (
    CaseLine,
    Claim,
    Evidence,
    case_line,
    claims_on,
    evidence_of,
    find_review,
)
from assent.web.face import REVIEWERS, STAFF, Done, Face
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("review")

_AT_ONCE = 25


class ReviewView(View):
    """What waits for somebody of the staff, what matters most first.

    Args:
        cases: Some of the cases.
        start: How many come before these.
        more: How many come after these.
        everything: Whether decided cases are in the list.
        watched: How many accounts are watched.
        programs: How many programs wait for approval.
        holds: How many holds are in force.
        may_decide: Whether who looks may decide.
    """

    cases: list[CaseLine]
    start: int
    more: int
    everything: bool
    watched: int
    programs: int
    holds: int
    may_decide: bool


class CaseView(View):
    """A case: two recordings side by side, what matches, who says what.

    Args:
        case: What is thought of it.
        recording: Which would be the copy.
        original: Of which.
        evidence: What matches.
        picture: Where a picture of that is; empty where there is none.
        claims: What was claimed, and answered.
        may_decide: Whether who looks may decide.
        why_not: Why who looks, who may decide others, may not decide this one; else empty.
    """

    case: CaseLine
    recording: Heard
    original: Heard
    evidence: list[Evidence]
    picture: str
    claims: list[Claim]
    may_decide: bool
    why_not: str


class Watched(View):
    """An account that brought many copies.

    Args:
        name: How it is called.
        brought: How many recordings it brought.
        cases: How many of them are thought, or were found, to be copies.
    """

    name: str
    brought: int
    cases: int


class WatchedView(View):
    """The accounts of which nothing trains until somebody has looked.

    Args:
        accounts: Which.
        may_decide: Whether who looks may clear them.
    """

    accounts: list[Watched]
    may_decide: bool


class Decision(BaseModel):
    """A decision.

    Args:
        state: confirmed, licensed, true-original or rejected.
        cause: Why, in a few words.
    """

    state: State
    cause: str = Field(max_length=2_000)


class Clearing(BaseModel):
    """Letting what a watched account brought be used again.

    Args:
        account: The account's name.
        cause: Why, in a few words.
    """

    account: str = Field(max_length=200)
    cause: str = Field(max_length=2_000)


@face.page("/review", template="review/queue.html", who=STAFF, scope=Scope.STAFF)
def review(
    visit: Visit,
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    everything: Annotated[bool, Query()] = False,  # noqa: FBT002  # by name in the address
) -> ReviewView:
    """Show what waits for a decision, what matters most first."""
    found = queue(visit.db, visit.at, everything=everything)
    shown = found[start : start + _AT_ONCE]
    programs, holds = tables.programs.c, tables.holds.c
    waiting = select(func.count()).where(programs.approved.is_(None), programs.ended.is_(None))
    held = select(func.count()).where(holds.lifted.is_(None))
    return ReviewView(
        cases=[case_line(visit.db, it, visit.at) for it in shown],
        start=start,
        more=max(len(found) - start - len(shown), 0),
        everything=everything,
        watched=len(watched_accounts(visit.db)),
        programs=visit.db.execute(waiting).scalar_one(),
        holds=visit.db.execute(held).scalar_one(),
        may_decide=visit.is_one_of(REVIEWERS),
    )


@face.raw("/review/cases/{recording}/{original}/picture.svg", who=STAFF, scope=Scope.STAFF)
def drawn(visit: Visit, recording: str, original: str) -> Response:
    """Give the picture of a case: which seconds are which."""
    made = case_picture(visit.db, find_review(visit.db, recording, original, visit.at))
    if not made:
        raise Unknown(f"no seconds of {recording} were found to be those of {original}")
    headers = {
        "cache-control": "private, no-store",
        # the picture brings its own style, and is all there is
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(made, media_type="image/svg+xml", headers=headers)


@face.page(
    "/review/cases/{recording}/{original}",
    template="review/case.html",
    who=STAFF,
    scope=Scope.STAFF,
)
def case(visit: Visit, recording: str, original: str) -> CaseView:
    """Show a case: both recordings, what matches, and what was claimed."""
    found = find_review(visit.db, recording, original, visit.at)
    there = f"/review/cases/{recording}/{original}/picture.svg"
    return CaseView(
        case=case_line(visit.db, found, visit.at),
        recording=heard(visit, recording),
        original=heard(visit, original),
        evidence=evidence_of(found),
        picture=there if case_picture(visit.db, found) else "",
        claims=claims_on(visit.db, recording, original, visit.at),
        may_decide=visit.is_one_of(REVIEWERS),
        why_not=_why_not(visit, recording, original),
    )


def _why_not(visit: Visit, recording: str, original: str) -> str:
    """Return why who looks cannot decide it now; empty if they can, or may not at all."""
    if not visit.is_one_of(REVIEWERS):
        return ""
    return part_of(visit.db, (recording, original), visit.by)


@face.act(
    "/review/cases/{recording}/{original}/decide", who=REVIEWERS, scope=Scope.STAFF, shows=case
)
def decide(visit: Visit, recording: str, original: str, said: Decision) -> Done:
    """Decide a case; who has a part in it may not."""
    decide_case(visit.site.house, (recording, original), said.state, said.cause, visit.by)
    return Done(
        said=f"Decided: {said.state.value}. Everybody who holds rights can see it, and appeal.",
        next=f"/review/cases/{recording}/{original}",
    )


@face.page("/review/watched", template="review/watched.html", who=STAFF, scope=Scope.STAFF)
def watched(visit: Visit) -> WatchedView:
    """Show the accounts of which nothing trains until somebody has looked."""
    copies = tables.copies.c
    found = []
    for account in watched_accounts(visit.db):
        brought = brought_by(visit.db, account)
        pairs = select(copies.recording).where(copies.recording.in_(brought[:5_000])).distinct()
        found.append(
            Watched(
                name=account_of(visit.db, account).name,
                brought=len(brought),
                cases=len(visit.db.execute(pairs).all()),
            )
        )
    return WatchedView(accounts=found, may_decide=visit.is_one_of(REVIEWERS))


@face.act("/review/watched/clear", who=REVIEWERS, scope=Scope.STAFF, shows=watched)
def clear(visit: Visit, said: Clearing) -> Done:
    """Let what a watched account brought be used again as far as words say."""
    clear_account(visit.site.house, said.account, said.cause, visit.by)
    return Done(said=f"{said.account} is cleared; counts start anew.", next="/review/watched")
