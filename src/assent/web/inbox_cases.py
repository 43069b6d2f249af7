"""What else waits in the inbox: claims about one's recordings, and copies found."""

from sqlalchemy import select

from assent.catalogue import tables
from assent.catalogue.cases import State
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["ClaimView", "CopyView", "claims_waiting", "copies_found"]


class ClaimView(View):
    """A claim about two recordings that waits for this account's answer."""

    claim: int
    recording: str
    original: str
    title: str
    says: str
    answer_by: str


class CopyView(View):
    """A recording that was found to be made of one of this account's."""

    recording: str
    original: str
    title: str
    state: str
    at: str


_MOST = 50


def claims_waiting(visit: Visit) -> list[ClaimView]:
    """Return the open claims about recordings of this account that it has neither made nor met."""
    claims, holdings, answers = tables.claims.c, tables.holdings.c, tables.answers.c
    mine = select(holdings.recording).where(holdings.holder == visit.me.account)
    met = select(answers.claim).where(answers.account == visit.me.account)
    query = (
        select(tables.claims)
        .where(
            claims.closed.is_(None),
            claims.account != visit.me.account,
            claims.recording.in_(mine) | claims.original.in_(mine),
            claims.event.not_in(met),
        )
        .order_by(claims.event.desc())
        .limit(_MOST)
    )
    rows = visit.db.execute(query).all()
    titles = _titles(visit, {row.recording for row in rows} | {row.original for row in rows})
    return [
        ClaimView(
            claim=row.event,
            recording=row.recording,
            original=row.original,
            title=titles.get(row.recording, row.recording),
            says=row.says,
            answer_by=row.answer_by,
        )
        for row in rows
    ]


def copies_found(visit: Visit) -> list[CopyView]:
    """Return what others brought and was found to be made of this account's recordings."""
    copies, holdings = tables.copies.c, tables.holdings.c
    mine = select(holdings.recording).where(holdings.holder == visit.me.account)
    query = (
        select(tables.copies)
        .where(
            copies.original.in_(mine),
            copies.recording.not_in(mine),
            copies.state != State.REJECTED.value,
        )
        .order_by(copies.suspected.desc())
        .limit(_MOST)
    )
    rows = visit.db.execute(query).all()
    titles = _titles(visit, {row.original for row in rows})
    return [
        CopyView(
            recording=row.recording,
            original=row.original,
            title=titles.get(row.original, row.original),
            state=row.state,
            at=row.at,
        )
        for row in rows
    ]


def _titles(visit: Visit, recordings: set[str]) -> dict[str, str]:
    table = tables.recordings.c
    rows = visit.db.execute(select(table.id, table.title).where(table.id.in_(recordings)))
    return {row.id: row.title for row in rows}
