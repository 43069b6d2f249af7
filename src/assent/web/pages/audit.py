"""Who of the staff did what, when and why: for the staff to read, with a receipt of each act."""

import csv
from io import StringIO
from typing import Annotated

from fastapi import Path, Query
from starlette.responses import PlainTextResponse, Response

from assent.acts.receipts import NoReceiptYet, receipt
from assent.acts.staff_trail import KINDS, Trace, staff_trail, trace_of
from assent.errors import BadInput, Unknown
from assent.signin.scopes import Scope
from assent.web.authors import author
from assent.web.face import STAFF, Face
from assent.web.receipt_links import published_up_to
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("audit")

_AT_ONCE = 50
_MOST_ROWS = 2_000

_Before = Annotated[int | None, Query(ge=0, lt=1 << 53)]
_By = Annotated[str, Query(max_length=200)]
_Kind = Annotated[str, Query(max_length=40)]


class Act(View):
    """What somebody of the staff did.

    Args:
        event: Number of the event.
        at: When.
        by: Who.
        role: As what they sign in; empty on the command line.
        kind: The kind of the event.
        words: What they did.
        about: About whom or what.
        cause: Why; empty where nothing was said.
        receipt: Where its receipt is; empty as long as it is not published.
    """

    event: int
    at: str
    by: str
    role: str
    kind: str
    words: str
    about: str
    cause: str
    receipt: str


class Kind(View):
    """A kind of act.

    Args:
        kind: Its name.
        words: What it is, in words.
    """

    kind: str
    words: str


class AuditView(View):
    """What the staff did, the newest first.

    Args:
        acts: Some of it.
        by: Only of this person; empty for everybody.
        kind: Only of this kind; empty for every kind.
        before: The event to go on before; None where these are the first.
        kinds: The kinds that can be asked for.
    """

    acts: list[Act]
    by: str
    kind: str
    before: int | None
    kinds: list[Kind]


@face.page("/audit", template="review/audit.html", who=STAFF, scope=Scope.STAFF)
def audit(visit: Visit, by: _By = "", kind: _Kind = "", before: _Before = None) -> AuditView:
    """Show who of the staff did what, when and why."""
    found = staff_trail(visit.db, _AT_ONCE + 1, before=before, by=by, kind=_known(kind))
    shown = found[:_AT_ONCE]
    published = published_up_to(visit.site)
    return AuditView(
        acts=[_told(it, published) for it in shown],
        by=by,
        kind=kind,
        before=shown[-1].event if len(found) > _AT_ONCE else None,
        kinds=[Kind(kind=name, words=words) for name, words in KINDS.items()],
    )


@face.raw("/audit.csv", who=STAFF, scope=Scope.STAFF)
def table(visit: Visit, by: _By = "", kind: _Kind = "") -> Response:
    """Give the same as a table: the newest two thousand acts."""
    file = StringIO(newline="")
    written = csv.writer(file)
    columns = ("event", "at", "by", "role", "kind", "words", "about", "cause")
    written.writerow(columns)
    for it in staff_trail(visit.db, _MOST_ROWS, by=by, kind=_known(kind)):
        written.writerow([_cell(getattr(it, name)) for name in columns])
    headers = {
        "content-disposition": 'attachment; filename="audit.csv"',
        "cache-control": "private, no-store",
    }
    return PlainTextResponse(file.getvalue(), media_type="text/csv", headers=headers)


@face.raw("/audit/{event}/receipt", who=STAFF, scope=Scope.STAFF)
def proof(visit: Visit, event: Annotated[int, Path(ge=0, lt=1 << 53)]) -> Response:
    """Give the receipt of an act of staff."""
    if trace_of(visit.db, event) is None:
        raise Unknown(f"event {event} is no act of staff", event=event)
    try:
        made = receipt(visit.site.house, visit.site.logs.consent, event)
    except NoReceiptYet:
        raise Unknown("it was not published yet; try again in a few minutes") from None
    headers = {
        "content-disposition": f'attachment; filename="event-{event}.tlog-proof"',
        "cache-control": "private, no-store",
    }
    return Response(made, media_type="application/octet-stream", headers=headers)


def _known(kind: str) -> str:
    if kind and kind not in KINDS:
        raise BadInput(f"there is no kind of act {kind!r}", kind=kind)
    return kind


def _told(trace: Trace, published: int) -> Act:
    return Act(
        event=trace.event,
        at=trace.at,
        by=author(trace.by),
        role=trace.role,
        kind=trace.kind,
        words=trace.words,
        about=trace.about,
        cause=trace.cause,
        receipt=f"/audit/{trace.event}/receipt" if trace.event <= published else "",
    )


def _cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
