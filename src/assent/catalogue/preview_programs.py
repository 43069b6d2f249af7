"""What new terms would come to for the programs that a holder has named.

A yes to one program is in no blanket word, so this asks the facts themselves, recording by
recording, with the new text in the place of the one in force. It is for one holder at a time: for a
whole platform it would take as long as there are yeses.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.catalogue.facts import FactReader
from assent.catalogue.rows import read_program
from assent.catalogue.words import recordings_of
from assent.permission.algebra import Masks
from assent.permission.decide import word_of
from assent.permission.facts import Facts, Holder, Role, Standing

__all__ = ["ProgramOutlook", "program_outlooks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramOutlook:
    """What a text would come to for a program, in the recordings of one holder.

    Args:
        program: Its id.
        before: In how many all of its uses are open as it is.
        after: In how many once the text is in force.
        accepted: In how many once this holder has accepted it.
    """

    program: str
    before: int
    after: int
    accepted: int


def program_outlooks(
    connection: Connection, masks: Masks[int], holder: str, at: datetime
) -> Iterator[ProgramOutlook]:
    """Give what a text would come to for each program that a holder has named.

    Args:
        connection: Where the catalogue is read.
        masks: What the text says.
        holder: The account's id.
        at: The instant to answer for [aware datetime].
    """
    said = tables.statements.c
    query = select(said.program).where(said.holder == holder, said.program.is_not(None)).distinct()
    named = sorted(connection.execute(query).scalars())
    reader = FactReader(connection)
    ids = select(tables.recordings.c.id)
    own = [
        connection.execute(ids.where(tables.recordings.c.number == number)).scalar_one()
        for number in sorted(recordings_of(connection, holder))
    ]
    text = Standing(role=Role.CURRENT, masks=masks)
    for name in named:
        program = read_program(connection, name)
        if program is None:
            continue  # named before it is there
        counts = [0, 0, 0]
        for recording in own:
            now = reader.facts(recording, program, at)
            for place, facts in enumerate((now, _under(now, text), _under(now, text, holder))):
                counts[place] += word_of(facts) & program.uses == program.uses
        before, after, accepted = counts
        yield ProgramOutlook(program=name, before=before, after=after, accepted=accepted)


def _under(facts: Facts, text: Standing, accepts: str | None = None) -> Facts:
    """Return facts as they will be under a new text, which one holder has accepted, or nobody."""
    return replace(
        facts,
        holders=tuple(_standing(holder, text, accepts) for holder in facts.holders),
        original=_under(facts.original, text, accepts) if facts.original else None,
    )


def _standing(holder: Holder, text: Standing, accepts: str | None) -> Holder:
    if holder.second.role is Role.AGREEMENT:
        return holder
    first = replace(text, role=Role.ACCEPTED) if holder.id == accepts else holder.first
    return replace(holder, first=first, second=text)
