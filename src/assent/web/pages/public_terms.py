"""The terms, for everybody: what they leave open, what became of each version, what differs."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Query
from starlette.responses import PlainTextResponse, Response

from assent.acts.texts import STATUS_WORDS
from assent.acts.versions import history
from assent.permission.uses import labels
from assent.terms.grid import uses_in
from assent.terms.prose import sentence_of
from assent.terms.shipped import SHIPPED, source_of
from assent.web.face import Face
from assent.web.term_versions import Version, versions_of
from assent.web.view import View
from assent.web.visit import Visit
from assent.web.wordings import Found, Told, compared, find_wording, told, wording_of

__all__ = ["face"]

face = Face("terms")

_OWN = "assent-terms-1"
"""Ours among those that are shipped; once it is published it is no text of others."""


class Name(View):
    """A wording by its name.

    Args:
        id: Its name.
        title: How it is called.
    """

    id: str
    title: str


class TermsView(View):
    """The terms in force, and all there were and will be.

    Args:
        current: The name of the terms in force; None where there are none.
        report: What they leave open without consent (docs/terms.md tells its fields).
        html: The same as a fragment of a page.
        versions: All versions, the newest first; drafts too.
        others: Wordings of others, to compare with.
    """

    current: str | None
    report: dict[str, Any] | None
    html: str
    versions: list[Version]
    others: list[Name]


class Clause(View):
    """A clause of a wording.

    Args:
        id: Its name.
        says: What it says, in plain words.
        text: Its sentence.
        in_rules: The same in words made from the rules.
        uses: The uses that it decides.
    """

    id: str
    says: str
    text: str
    in_rules: str
    uses: list[str]


class Step(View):
    """Something that became of a wording.

    Args:
        event: Number of the event; None of what is counted from several.
        at: When.
        words: What.
    """

    event: int | None
    at: str | None
    words: str


class WordingView(View):
    """A wording, clause by clause, and what became of it.

    Args:
        id: Its name.
        title: How it is called.
        state: In force, replaced, draft, withdrawn, or of others.
        digest: SHA-256 of its file.
        clauses: Its clauses in order; a later one overrides an earlier one.
        prose: The whole wording, where the file has it.
        open_own: How many of 360 cells it leaves open without consent for own uploads.
        open_delivered: The same for what labels deliver.
        history: What became of it.
        versions: What it can be compared with.
    """

    id: str
    title: str
    state: str
    digest: str
    clauses: list[Clause]
    prose: str
    open_own: int
    open_delivered: int
    history: list[Step]
    versions: list[Name]


class OpenView(View):
    """What a wording leaves open without consent.

    Args:
        id: Its name.
        state: In force, replaced, draft, withdrawn, or of others.
        report: Everything that is told of it (docs/terms.md tells its fields).
        html: The same as a fragment of a page.
    """

    id: str
    state: str
    report: dict[str, Any]
    html: str


class CompareView(View):
    """What differs between two wordings.

    Args:
        a: The first; empty until both are chosen.
        b: The second.
        report: What differs (docs/terms.md tells its fields); None until both are chosen.
        html: The same as a fragment of a page.
        names: The wordings that can be chosen.
    """

    a: str
    b: str
    report: dict[str, Any] | None
    html: str
    names: list[Name]


@face.page("/terms", template="public/terms.html")
def terms(visit: Visit) -> TermsView:
    """Show the terms in force, what they leave open, and all versions."""
    versions = versions_of(visit.db)
    current = next((it.id for it in versions if it.state == "in force"), None)
    made = told(find_wording(visit.db, current).source) if current else None
    return TermsView(
        current=current,
        report=dict(made.report) if made else None,
        html=made.html if made else "",
        versions=versions,
        others=_others(versions),
    )


@face.page("/terms/compare", template="public/compare.html")
def compare(
    visit: Visit,
    a: Annotated[str, Query(max_length=200)] = "",
    b: Annotated[str, Query(max_length=200)] = "",
) -> CompareView:
    """Show what differs between two wordings: what opens, what closes, sentence by sentence."""
    versions = versions_of(visit.db)
    names = [Name(id=it.id, title=it.title) for it in versions] + _others(versions)
    if not a or not b:
        return CompareView(a=a, b=b, report=None, html="", names=names)
    made, html = compared(find_wording(visit.db, a).source, find_wording(visit.db, b).source)
    return CompareView(a=a, b=b, report=dict(made), html=html, names=names)


@face.raw("/terms/{name}.toml")
def source(visit: Visit, name: str) -> Response:
    """Give the file of a wording."""
    found = find_wording(visit.db, name)
    shown = f"attachment; filename*=UTF-8''{quote(found.id, safe='')}.toml"
    return PlainTextResponse(
        found.source, media_type="application/toml", headers={"content-disposition": shown}
    )


@face.page("/terms/{name}/open", template="public/open.html")
def left_open(visit: Visit, name: str) -> OpenView:
    """Show what a wording leaves open without consent, and why."""
    found = find_wording(visit.db, name)
    made = told(found.source)
    return OpenView(id=found.id, state=found.state, report=dict(made.report), html=made.html)


@face.page("/terms/{name}", template="public/wording.html")
def wording(visit: Visit, name: str) -> WordingView:
    """Show a wording clause by clause, and what became of it."""
    found = find_wording(visit.db, name)
    made = told(found.source)
    versions = versions_of(visit.db)
    return WordingView(
        id=found.id,
        title=made.text.title,
        state=found.state,
        digest=made.digest,
        clauses=_clauses(made),
        prose=made.text.prose,
        open_own=made.report["open"]["own"],
        open_delivered=made.report["open"]["delivered"],
        history=_history(visit, found),
        versions=[Name(id=it.id, title=it.title) for it in versions if it.id != found.id],
    )


def _clauses(made: Told) -> list[Clause]:
    return [
        Clause(
            id=clause.id,
            says=STATUS_WORDS[clause.status],
            text=clause.text,
            in_rules=sentence_of(clause, made.text.company),
            uses=list(labels(uses_in(clause.cells))),
        )
        for clause in made.text.clauses
    ]


def _history(visit: Visit, found: Found) -> list[Step]:
    if found.event is None:
        return []
    steps = []
    for fields, words in history(visit.db, found.id, names=False):
        number = fields.get("event")
        steps.append(
            Step(
                event=number if isinstance(number, int) else None,
                at=str(fields["at"]) if "at" in fields else None,
                # the number and the instant have fields of their own
                words=words.partition(": ")[2] if "event" in fields else words,
            )
        )
    return steps


def _others(versions: list[Version]) -> list[Name]:
    own = {it.id for it in versions} | {_OWN}
    others = [name for name in SHIPPED if name not in own]
    return [Name(id=name, title=wording_of(source_of(name)).title) for name in others]
