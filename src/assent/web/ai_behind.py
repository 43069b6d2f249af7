"""Who is behind a program, as those read it who are about to answer it."""

import json
from typing import Any

from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.catalogue.rows import program_of
from assent.errors import Unknown
from assent.permission.uses import ACTORS, labels
from assent.permission.wording import ACTOR_WORDS
from assent.studio.foresight_words import uses_told
from assent.web.view import View

__all__ = ["BehindView", "behind_fields", "behind_view"]


class BehindView(View):
    """A program and who is behind it.

    `uses` names exactly what it asks for, and `plain` says it in words.
    """

    program: str
    owner: str
    actor: str
    plain: list[str]
    uses: list[str]
    purpose: str
    models: list[str]
    territories: list[str]
    start: str | None
    end: str | None
    retention_days: int
    contact: str
    contract: str


def behind_view(connection: Connection, program: str) -> BehindView:
    """Return who is behind a program.

    Raises:
        Unknown: There is no such program.
    """
    return BehindView(**behind_fields(connection, program))


def behind_fields(connection: Connection, program: str) -> dict[str, Any]:
    """Return the same by the names of its fields.

    Raises:
        Unknown: There is no such program.
    """
    programs = tables.programs
    row = connection.execute(select(programs).where(programs.c.id == program)).one_or_none()
    if row is None:
        raise Unknown(f"there is no program {program!r}", program=program)
    uses = program_of(row).uses
    return {
        "program": row.id,
        "owner": row.owner,
        "actor": next(ACTOR_WORDS[it] for it in ACTORS if it.value == row.actor),
        "plain": list(uses_told(uses)),
        "uses": list(labels(uses)),
        "purpose": row.purpose,
        "models": json.loads(row.models),
        "territories": row.territories.split(),
        "start": row.start,
        "end": row.end,
        "retention_days": row.retention_days,
        "contact": row.contact,
        "contract": row.contract,
    }
