"""How the platform stands: one page for whoever runs it, and the terms that wait for their day."""

from typing import Annotated

from fastapi import Path
from sqlalchemy import ColumnElement, func, select

from assent.acts.accounts import Role
from assent.acts.drafts import objection, pending
from assent.acts.publish import put_in_force, withdraw_draft
from assent.acts.versions import history
from assent.catalogue import site_tables, tables
from assent.catalogue.events import head
from assent.catalogue.words import due
from assent.clock import format_instant
from assent.signin.scopes import Scope
from assent.web.face import OPERATORS, Done, Face
from assent.web.receipt_links import published_up_to
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("operator")

_READERS = OPERATORS | {Role.AUDITOR}
_Name = Annotated[str, Path(max_length=200)]


class Figure(View):
    """How many there are of something.

    Args:
        words: Of what.
        count: How many.
        path: Where they are; empty for nowhere.
    """

    words: str
    count: int
    path: str


class Draft(View):
    """Terms that wait for their day.

    Args:
        id: Their name.
        at: When they were drafted, and holders told.
        in_force: From when they can be in force.
        against: The terms that were in force then.
        objection: Why they cannot be put in force now; empty if they can.
        history: What became of them so far.
    """

    id: str
    at: str
    in_force: str
    against: str | None
    objection: str
    history: list[str]


class OperatorView(View):
    """How the platform stands.

    Args:
        at: When.
        head: Number of the last event.
        published: How many events the public log has.
        waiting: How many events are not published yet.
        due: How many recordings have a word that time has changed, and nobody mended.
        uploads: How many uploads are under way.
        figures: How many there are of what.
        terms: The terms in force; None where there are none.
        draft: The terms that wait for their day; None where none do.
        may_change: Whether who looks may change anything.
    """

    at: str
    head: int
    published: int
    waiting: int
    due: int
    uploads: int
    figures: list[Figure]
    terms: str | None
    draft: Draft | None
    may_change: bool


@face.page("/operator", template="review/operator.html", who=_READERS, scope=Scope.STAFF)
def operator(visit: Visit) -> OperatorView:
    """Show how the platform stands."""
    newest, published = head(visit.db), published_up_to(visit.site)
    texts, uploads = tables.texts.c, site_tables.uploads.c
    under_way = select(func.count()).where(uploads.recording.is_(None))
    return OperatorView(
        at=format_instant(visit.at),
        head=newest,
        published=published,
        waiting=max(newest - published, 0),
        due=len(due(visit.db, visit.at)),
        uploads=visit.db.execute(under_way).scalar_one(),
        figures=_figures(visit),
        terms=visit.db.execute(select(texts.id).where(texts.current)).scalar_one_or_none(),
        draft=_draft(visit),
        may_change=visit.is_one_of(OPERATORS),
    )


def _figures(visit: Visit) -> list[Figure]:
    counters = tables.counters.c
    rows = visit.db.execute(select(counters.kind, counters.last))
    last = {row.kind: row.last for row in rows}
    members, programs, holds = site_tables.members, tables.programs, tables.holds
    of = {
        ("recordings ever taken in", "/"): last.get("recording", 0),
        ("accounts ever opened", "/operator/members"): last.get("account", 0),
        ("people who can sign in", "/operator/members"): _count(visit, members.c.shut.is_(None)),
        ("programs", "/review/programs"): _count(visit, programs.c.ended.is_(None)),
        ("training sets", "/training-sets"): last.get("training-set", 0),
        ("holds in force", "/review/holds"): _count(visit, holds.c.lifted.is_(None)),
    }
    return [Figure(words=words, count=count, path=path) for (words, path), count in of.items()]


def _count(visit: Visit, condition: ColumnElement[bool]) -> int:
    return int(visit.db.execute(select(func.count()).where(condition)).scalar_one())


def _draft(visit: Visit) -> Draft | None:
    draft = pending(visit.db)
    if draft is None:
        return None
    return Draft(
        id=draft.id,
        at=format_instant(draft.at),
        in_force=format_instant(draft.in_force),
        against=draft.against,
        objection=objection(visit.db, draft, visit.at),
        history=[words for _, words in history(visit.db, draft.id, names=False)],
    )


@face.act("/operator/drafts/{name}/put", who=OPERATORS, scope=Scope.STAFF, shows=operator)
def put(visit: Visit, name: _Name) -> Done:
    """Put terms in force whose day has come."""
    put_in_force(visit.site.house, name, visit.by)
    return Done(
        said=f"{name} is in force; what is new in it opens nothing until each holder accepts.",
        next="/operator",
    )


@face.act("/operator/drafts/{name}/withdraw", who=OPERATORS, scope=Scope.STAFF, shows=operator)
def withdraw(visit: Visit, name: _Name) -> Done:
    """Take a draft of terms back; everything stays as it is."""
    withdraw_draft(visit.site.house, name, visit.by)
    return Done(said=f"{name} is withdrawn; everything stays as it is.", next="/operator")
