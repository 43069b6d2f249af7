"""Who used my music: every use, the training sets, and the receipts and proofs of both."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Path, Query
from sqlalchemy import select
from starlette.responses import Response, StreamingResponse

from assent.acts.receipts import NoReceiptYet, receipt
from assent.catalogue import tables
from assent.errors import Unknown
from assent.signin.scopes import Scope
from assent.studio.uses_of import Filter, Held, Use, held_in, programs_of, totals, uses
from assent.training.members import prove_member
from assent.web.face import MEMBERS, Face
from assent.web.receipt_links import EventNumber, path_of, published_up_to, shown_to
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("who used my music")

_PAGE = 100
_CSV_PAGE = 1_000
_MOST_ROWS = 200_000
_DAY = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"

Program = Annotated[str, Query(max_length=100)]
Recording = Annotated[str, Query(max_length=40)]
Day = Annotated[str, Query(pattern=_DAY)]


class UseView(View):
    """What one program did with one recording within one hour, and how often."""

    hour: str
    day: str
    program: str
    owner: str
    recording: str
    title: str
    times: int
    event: int
    receipt: str


class TotalView(View):
    """What one program did in all."""

    program: str
    owner: str
    times: int
    recordings: int


class MemberView(View):
    """A recording in a training set, and the proof that it is."""

    recording: str
    title: str
    proof: str


class SetView(View):
    """A training set that holds recordings of this account.

    `taken_back` counts those that its program may no longer use: its loader gives them out no more.
    """

    training_set: str
    program: str
    owner: str
    recordings: list[MemberView]
    count: int
    taken_back: int
    receipt: str


class FilterView(View):
    """Which uses are shown; what is empty narrows nothing."""

    program: str
    recording: str
    since: str
    until: str


class UsesView(View):
    """Every use of the account's recordings, the newest first; `next` is where it goes on."""

    uses: list[UseView]
    totals: list[TotalView]
    sets: list[SetView]
    programs: list[str]
    wanted: FilterView
    next: str
    csv: str


@face.page("/uses", template="uses/uses.html", who=MEMBERS, scope=Scope.READ)
def uses_page(
    visit: Visit,
    program: Program = "",
    recording: Recording = "",
    since: Day = "",
    until: Day = "",
    after: Annotated[str, Query(pattern=r"^([0-9]{1,18}-[0-9]{1,18})?$")] = "",
) -> UsesView:
    """Show every use that AI programs made of your recordings, each with its receipt."""
    account, wanted = visit.me.account, Filter(program, recording, since, until)
    published = published_up_to(visit.site)
    rows = uses(visit.db, account, wanted, after=_place(after), most=_PAGE + 1)
    shown = rows[:_PAGE]
    return UsesView(
        uses=[_use(it, published) for it in shown],
        totals=[
            TotalView(program=it[0], owner=it[1], times=it[2], recordings=it[3])
            for it in totals(visit.db, account, wanted)
        ],
        sets=[_set(it, published) for it in held_in(visit.db, account)],
        programs=programs_of(visit.db, account),
        wanted=FilterView(**wanted._asdict()),
        next=_query(wanted, after=_mark(shown[-1])) if len(rows) > _PAGE else "",
        csv=_query(wanted, path="/uses.csv"),
    )


def _place(after: str) -> tuple[int, int] | None:
    event, _, number = after.partition("-")
    return (int(event), int(number)) if number else None


def _mark(use: Use) -> str:
    return f"{use.event}-{use.number}"


def _query(wanted: Filter, *, path: str = "/uses", after: str = "") -> str:
    given = {**wanted._asdict(), "after": after}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{path}?{query}" if query else path


def _use(use: Use, published: int) -> UseView:
    return UseView(
        hour=use.hour,
        day=use.hour[:10],
        program=use.program,
        owner=use.owner,
        recording=use.recording,
        title=use.title,
        times=use.times,
        event=use.event,
        receipt=path_of(use.event, published),
    )


def _set(held: Held, published: int) -> SetView:
    one = held.training_set
    return SetView(
        training_set=one.id,
        program=one.program,
        owner=held.owner,
        recordings=[
            MemberView(recording=name, title=title, proof=_proof(one.id, name))
            for name, title in held.recordings
        ],
        count=held.count,
        taken_back=held.taken_back,
        receipt=path_of(one.event, published),
    )


def _proof(training_set: str, recording: str) -> str:
    return f"/proofs/{training_set}/{recording}.tlog-proof"


@face.raw("/uses.csv", who=MEMBERS, scope=Scope.READ, media="text/csv")
def uses_csv(
    visit: Visit,
    program: Program = "",
    recording: Recording = "",
    since: Day = "",
    until: Day = "",
) -> Response:
    """Give every use of your recordings as a table, the newest first."""
    wanted = Filter(program, recording, since, until)
    headers = {"content-disposition": 'attachment; filename="uses.csv"'}
    lines = list(_lines(visit, wanted))  # read before the visit ends, and its connection with it
    return StreamingResponse(iter(lines), media_type="text/csv", headers=headers)


def _lines(visit: Visit, wanted: Filter) -> Iterator[str]:
    yield _line(["hour", "program", "owner", "recording", "title", "times", "event"])
    after = None
    for _ in range(0, _MOST_ROWS, _CSV_PAGE):
        rows = uses(visit.db, visit.me.account, wanted, after=after, most=_CSV_PAGE)
        yield "".join(
            _line([it.hour, it.program, it.owner, it.recording, it.title, it.times, it.event])
            for it in rows
        )
        if len(rows) < _CSV_PAGE:
            return
        after = (rows[-1].event, rows[-1].number)


def _line(values: list[object]) -> str:
    written = StringIO()
    csv.writer(written).writerow([_plain(value) for value in values])
    return written.getvalue()


def _plain(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula."""
    is_formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if is_formula else value


@face.raw(
    "/receipts/{event}.tlog-proof",
    who=MEMBERS,
    scope=Scope.READ,
    media="text/plain",
)
def one_receipt(visit: Visit, event: EventNumber) -> Response:
    """Give the receipt of an event that is about you; of what it says of others, nothing."""
    show = shown_to(visit.db, visit.me.account, event)
    try:
        proof = receipt(visit.site.house, visit.site.logs.consent, event, show=show)
    except NoReceiptYet as error:
        raise Unknown(
            f"event {event} is not in the published log yet; its receipt can be had in a minute"
        ) from error
    return _file(proof, f"receipt-{event}.tlog-proof")


@face.raw(
    "/proofs/{training_set}/{recording}.tlog-proof",
    who=MEMBERS,
    scope=Scope.READ,
    media="text/plain",
)
def one_proof(
    visit: Visit,
    training_set: Annotated[str, Path(max_length=100)],
    recording: Annotated[str, Path(max_length=40)],
) -> Response:
    """Give the proof that a recording of yours is, or is not, in a training set."""
    holdings = tables.holdings.c
    query = select(holdings.recording).where(
        holdings.recording == recording, holdings.holder == visit.me.account
    )
    if visit.db.execute(query).first() is None:
        raise Unknown(f"there is no recording {recording!r} of yours", recording=recording)
    proof = prove_member(visit.site.house, visit.site.logs, training_set, recording)
    return _file(proof, f"{training_set}-{recording}.tlog-proof")


def _file(proof: bytes, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(proof, media_type="text/plain", headers=headers)
