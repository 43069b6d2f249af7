"""Programs as pages tell them: who, what for, with which uses, and what they may use now."""

import json
from typing import Any

from sqlalchemy import select

from assent.catalogue import tables
from assent.catalogue.program_states import state_of
from assent.errors import Unknown
from assent.permission.uses import Actor, labels, parse_use
from assent.permission.wording import ACTOR_WORDS, uses_in_words
from assent.web.figures import Figures
from assent.web.view import View
from assent.web.visit import Visit

__all__ = [
    "Month",
    "ProgramFacts",
    "Use",
    "find_program",
    "plain_use",
    "program_facts",
    "program_rows",
]

_MANY_MONTHS = 24


class Use(View):
    """A use, by its name and in plain words.

    Args:
        name: Actor and activity, such as partner/train-rival.
        words: The same in plain words.
    """

    name: str
    words: str


class Month(View):
    """How often a program used anything in a month.

    Args:
        month: Which, such as 2031-03.
        uses: How often the gate let it read a recording.
    """

    month: str
    uses: int


class ProgramFacts(View):
    """A program: a registered use by AI.

    Args:
        id: Its name.
        owner: Whose it is.
        actor: Who that is to the platform: platform, group, partner or public.
        actor_words: The same in plain words.
        purpose: What it is for, in its owner's words.
        uses: The uses that it asks for; all of them must be open to it.
        models: The models that come of it.
        territories: Where it uses what it gets.
        start: From when it may run; None for at once.
        end: When it must have stopped; None for never.
        retention_days: How long it keeps what it gets.
        contact: Where its owner is reached.
        contract: The contract that it stands on; empty for none.
        state: Live, waits for approval, suspended, ended, past its end, or not started yet.
        since: When it was approved; None as long as nobody did.
        open: How many recordings it may use now.
        of: How many recordings there are.
        used: How often it used anything, by month, the newest first.
    """

    id: str
    owner: str
    actor: str
    actor_words: str
    purpose: str
    uses: list[Use]
    models: list[str]
    territories: list[str]
    start: str | None
    end: str | None
    retention_days: int
    contact: str
    contract: str
    state: str
    since: str | None
    open: int
    of: int
    used: list[Month]


def program_rows(visit: Visit, after: str, most: int) -> list[Any]:
    """Return rows of `programs` in the order of their ids."""
    programs = tables.programs
    query = select(programs).where(programs.c.id > after).order_by(programs.c.id).limit(most)
    return list(visit.db.execute(query))


def find_program(visit: Visit, program: str) -> Any:  # a row of `programs`
    """Return the row of a program.

    Raises:
        Unknown: There is none.
    """
    programs = tables.programs
    row = visit.db.execute(select(programs).where(programs.c.id == program)).one_or_none()
    if row is None:
        raise Unknown(f"there is no program {program!r}", program=program)
    return row


def program_facts(visit: Visit, row: Any) -> ProgramFacts:  # a row of `programs`
    """Return what everybody may know of a program."""
    figures = visit.site.one(Figures)
    may_use, total = figures.open_to(row.id)
    events = tables.events.c
    approved = select(events.at).where(events.number == row.approved)
    used = figures.tally(visit.db).uses
    months = sorted(((month, n) for (month, it), n in used.items() if it == row.id), reverse=True)
    return ProgramFacts(
        id=row.id,
        owner=row.owner,
        actor=row.actor,
        actor_words=ACTOR_WORDS[Actor(row.actor)],
        purpose=row.purpose,
        uses=[Use(name=it, words=plain_use(it)) for it in labels(row.uses)],
        models=json.loads(row.models),
        territories=row.territories.split(),
        start=row.start,
        end=row.end,
        retention_days=row.retention_days,
        contact=row.contact,
        contract=row.contract,
        state=state_of(row, visit.at),
        since=visit.db.execute(approved).scalar_one_or_none() if row.approved else None,
        open=may_use,
        of=total,
        used=[Month(month=month, uses=n) for month, n in months[:_MANY_MONTHS]],
    )


def plain_use(name: str) -> str:
    """Return a use in plain words, without its name."""
    return uses_in_words(parse_use(name)).removesuffix(f" ({name})")
