"""The programs, for everybody: who wants what for which purpose, and what they may use now."""

from typing import Annotated

from fastapi import Query
from sqlalchemy import select

from assent.catalogue import tables
from assent.web.face import Face
from assent.web.programs import ProgramFacts, find_program, program_facts, program_rows
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("programs")

_AT_ONCE = 25


class ProgramsView(View):
    """The programs, in the order of their names.

    Args:
        programs: Some of them.
        after: The name to go on after; None where these are the last.
    """

    programs: list[ProgramFacts]
    after: str | None


class Set(View):
    """A training set of a program.

    Args:
        id: Its id.
        items: How many recordings its manifest names.
        at: When it was cut.
    """

    id: str
    items: int
    at: str


class ProgramView(View):
    """A program.

    Args:
        program: What everybody may know of it.
        sets: Its training sets, the newest first; no more than fifty.
    """

    program: ProgramFacts
    sets: list[Set]


@face.page("/programs", template="public/programs.html")
def programs(visit: Visit, after: Annotated[str, Query(max_length=200)] = "") -> ProgramsView:
    """Show who uses recordings here for AI, or would like to."""
    rows = program_rows(visit, after, _AT_ONCE + 1)
    shown = rows[:_AT_ONCE]
    return ProgramsView(
        programs=[program_facts(visit, row) for row in shown],
        after=shown[-1].id if len(rows) > _AT_ONCE else None,
    )


@face.page("/programs/{program}", template="public/program.html")
def program(visit: Visit, program: str) -> ProgramView:
    """Show a program: what it asks for, who is behind it, and how much it used."""
    row = find_program(visit, program)
    sets, events = tables.training_sets.c, tables.events.c
    query = (
        select(sets.id, sets["items"], events.at)
        .join(tables.events, events.number == sets.event)
        .where(sets.program == program)
        .order_by(sets.event.desc())
        .limit(50)
    )
    return ProgramView(
        program=program_facts(visit, row),
        sets=[Set(id=it.id, items=it.items, at=it.at) for it in visit.db.execute(query)],
    )
