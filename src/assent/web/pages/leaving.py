"""Leaving: everything in one archive, then the deletion, and its receipt to take along."""

from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.responses import Response, StreamingResponse

from assent.acts.receipts import receipt
from assent.catalogue import tables
from assent.catalogue.events import Event, read
from assent.clock import format_instant
from assent.errors import Unknown
from assent.studio.archive import archive
from assent.studio.archive_zip import file_name
from assent.studio.leaving import foresee, leave
from assent.web.audio import attachment
from assent.web.entrance import KNOWN, check_confirmed, confirmed, prove
from assent.web.face import MEMBERS, Done, Face
from assent.web.proof import Proof, proof_of
from assent.web.receipt_links import EventNumber, published_up_to
from assent.web.upload_views import account_of
from assent.web.view import View
from assent.web.visit import COOKIE, Visit

__all__ = ["face"]

face = Face("leaving")

_SHOWN = 20


class LeaveView(View):
    """Leaving.

    Args:
        name: Who you are here.
        recordings: How many recordings would go with you.
        held: How many recordings of others would be held, as nobody can say yes in your place.
        names: The artists' names that would go.
        proof: How you show that it is you.
    """

    name: str
    recordings: int
    held: int
    names: list[str]
    proof: Proof


@face.page("/leave", template="leaving/leave.html", who=MEMBERS)
def leave_page(visit: Visit) -> LeaveView:
    """Show how to take everything along, and what would be deleted."""
    foreseen = foresee(visit.site.house, account_of(visit))
    return LeaveView(
        name=visit.me.name,
        recordings=foreseen.recordings,
        held=foreseen.held,
        names=list(foreseen.names),
        proof=proof_of(visit, confirmed=confirmed(visit)),
    )


@face.raw("/leave/archive.zip", methods=("GET",), who=MEMBERS, scope=None)
def archive_file(visit: Visit) -> Response:
    """Give everything of yours: original audio, records, receipts.

    No token takes that away, and an open browser is no proof.
    """
    check_confirmed(visit)
    site, account = visit.site, account_of(visit)
    visit.let_go()
    name = f"{file_name(account.name)} {format_instant(visit.at)[:10]}"
    return StreamingResponse(
        archive(site.house, site.logs, account),
        media_type="application/zip",
        headers={
            "content-disposition": attachment(name, "zip"),
            "cache-control": "private, no-store",
        },
    )


class LeaveSaid(BaseModel):
    """That you leave.

    Args:
        name: Your name, as you typed it.
        password: Your password, if you have one.
    """

    name: Annotated[str, Field(max_length=300)]
    password: Annotated[str, Field(max_length=1000)] = ""


@face.act("/leave", who=MEMBERS, scope=None, shows=leave_page, api=False)
def leave_act(visit: Visit, said: LeaveSaid) -> Done:
    """Delete your account and everything of yours, for good."""
    _prove(visit, said.password)
    account, site = account_of(visit), visit.site
    visit.let_go()
    erased = leave(site.house, site.logs, account, said.name)
    visit.drop_cookie(COOKIE)
    visit.drop_cookie(KNOWN)
    gone = "1 recording is" if erased.recordings == 1 else f"{erased.recordings} recordings are"
    return Done(
        said=f"You have left. {gone} gone.",
        next=f"/left/{erased.event.number}",
    )


def _prove(visit: Visit, password: str) -> None:
    """Refuse whoever does not show that it is them; an open browser is no proof."""
    if not proof_of(visit, confirmed=False).password:
        check_confirmed(visit)
        return
    prove(visit, password)


class LeftView(View):
    """Somebody has left; nobody can tell who.

    Args:
        event: The number under which that is on record.
        at: In which hour, as the public log says.
        events: How many events lost what they said.
        published: Whether its receipt can be had by now.
    """

    event: int
    at: str
    events: int
    published: bool


class RecentView(View):
    """Who has left lately, without a name.

    Args:
        erasures: The latest first.
    """

    erasures: list[LeftView]


@face.page("/left", template="leaving/recent.html")
def recent(visit: Visit) -> RecentView:
    """Show the latest deletions, for whoever has lost the number of theirs."""
    events = tables.events.c
    query = select(events.number).where(events.kind == "erasure")
    numbers = visit.db.execute(query.order_by(events.number.desc()).limit(_SHOWN)).scalars().all()
    return RecentView(erasures=[_left(visit, number) for number in numbers])


@face.page("/left/{event}", template="leaving/left.html")
def left(visit: Visit, event: EventNumber) -> LeftView:
    """Show a deletion, and its receipt to take along."""
    return _left(visit, event)


@face.raw("/left/{event}/receipt.tlog-proof", methods=("GET",))
def left_receipt(visit: Visit, event: EventNumber) -> Response:
    """Give the receipt of a deletion."""
    _erasure(visit, event)
    made = receipt(visit.site.house, visit.site.logs.consent, event, show=())
    return Response(
        made,
        media_type="text/plain; charset=utf-8",
        headers={
            "content-disposition": f'attachment; filename="deletion-{event}.tlog-proof"',
            "cache-control": "no-store",
        },
    )


def _erasure(visit: Visit, number: int) -> Event:
    event = read(visit.db, number)
    if event is None or event.kind != "erasure":
        raise Unknown("no deletion has this number")
    return event


def _left(visit: Visit, number: int) -> LeftView:
    event = _erasure(visit, number)
    return LeftView(
        event=number,
        at=format_instant(event.at.replace(minute=0, second=0, microsecond=0)),
        events=int(event.body["events"]),
        published=number <= published_up_to(visit.site),
    )
