"""What somebody has said so far, statement by statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.catalogue.rows import read_statements, statement_of
from assent.errors import Unknown
from assent.permission.presets import PRESETS, Preset
from assent.permission.statements import fold
from assent.web.ai_views import VerbView, verbs_view
from assent.web.receipt_links import path_of
from assent.web.view import View

__all__ = ["AnsweredView", "StatementView", "answered", "statement_of_event", "statements"]

_PAGE = 50


class StatementView(View):
    """One thing said.

    `preset` is a title, or empty. `notice` is the digest of what was on the screen. `receipt` is
    empty until it is published.
    """

    event: int
    at: str
    preset: str
    verbs: list[VerbView]
    recording: str | None
    title: str
    program: str | None
    until: str | None
    for_every_program: bool
    notice: str
    receipt: str


class AnsweredView(View):
    """A program that something was said to by name; `says` is yes, no or mixed."""

    program: str
    owner: str
    says: str
    since: str
    event: int


def statements(
    connection: Connection, account: str, published: int, before: int | None = None
) -> tuple[list[StatementView], int | None]:
    """Return what somebody has said, the newest first, and where the next page begins.

    Args:
        connection: Where the catalogue is read.
        account: The account's id.
        published: Up to which event receipts can be had.
        before: Only what was said before this event; the newest if None.
    """
    said = tables.statements.c
    query = _query().where(said.holder == account).order_by(said.event.desc()).limit(_PAGE + 1)
    if before is not None:
        query = query.where(said.event < before)
    rows = connection.execute(query).all()
    shown = [_view(row, published) for row in rows[:_PAGE]]
    return shown, shown[-1].event if len(rows) > _PAGE else None


def statement_of_event(
    connection: Connection, account: str, event: int, published: int
) -> StatementView:
    """Return one thing that somebody has said.

    Raises:
        Unknown: They have said nothing by that number.
    """
    said = tables.statements.c
    query = _query().where(said.holder == account, said.event == event)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Unknown(f"you have said nothing by the number {event}", event=event)
    return _view(row, published)


def _query() -> Any:  # rows carry no column types
    said, recordings = tables.statements, tables.recordings.c
    return select(said, recordings.title).outerjoin(
        tables.recordings, recordings.id == said.c.recording
    )


def _view(row: Any, published: int) -> StatementView:  # a row of `_query`
    return StatementView(
        event=row.event,
        at=row.at,
        preset=PRESETS[Preset(row.preset)].title if row.preset else "",
        verbs=verbs_view(statement_of(row), is_preset=bool(row.preset)),
        recording=row.recording,
        title=row.title or "",
        program=row.program,
        until=row.until,
        for_every_program=row.all_programs,
        notice=row.notice,
        receipt=path_of(row.event, published),
    )


def answered(connection: Connection, account: str, at: datetime) -> list[AnsweredView]:
    """Return what stands for programs by name, for the whole account, the newest first.

    Args:
        connection: Where the catalogue is read.
        account: The account's id.
        at: The instant to answer for [aware datetime].
    """
    statements = read_statements(connection, [account])[account]
    of = {it.event: it.program for it in statements if it.recording is None}
    voice = fold(statements, at)
    programs = tables.programs.c
    query = select(programs.id, programs.owner).where(programs.id.in_(sorted(voice.programs)))
    found = []
    for program, owner in connection.execute(query).all():
        said = voice.says("", program)
        yes, no = (
            [piece.event for piece in pieces if of.get(piece.event) == program]
            for pieces in (said.granting, said.refusing)
        )
        if yes or no:
            says = "mixed" if yes and no else "yes" if yes else "no"
            found.append((max([*yes, *no]), program, owner, says))
    times = _times(connection, [event for event, *_ in found])
    return [
        AnsweredView(program=program, owner=owner, says=says, since=times[event], event=event)
        for event, program, owner, says in sorted(found, reverse=True)
    ]


def _times(connection: Connection, events: Sequence[int]) -> dict[int, str]:
    said = tables.statements.c
    rows = connection.execute(select(said.event, said.at).where(said.event.in_(events)))
    return {row.event: row.at for row in rows}
