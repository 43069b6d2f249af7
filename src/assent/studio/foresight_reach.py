"""What programs may use of one holder's recordings, and what a yes to each would add."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assent.permission.statements import Statement
from assent.studio.foresight_reading import permitted, running_programs, supposed, words_to
from assent.studio.foresight_remains import Because, remains

__all__ = ["Reach", "reaches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a program may use of one holder's recordings.

    Args:
        has: How many it may use as it is.
        gains: How many more it could use.
        because: Why it may use those that it may use.
    """

    has: int
    gains: int
    because: frozenset[Because]


def reaches(
    connection: Connection, statements: Sequence[Statement], at: datetime
) -> dict[str, Reach]:
    """Return what each program that is spoken to may use, and could use after.

    Args:
        connection: Where the catalogue is read; one transaction.
        statements: What would be said, all by one holder, each to one program; at least one.
        at: The instant to answer for [aware datetime].
    """
    _, reading = supposed(connection, statements, at)
    blanket = (reading.words(reading.before, None), reading.words(reading.after, None))
    named = {it.program for it in statements}
    found = {}
    for program, _owner, _days in running_programs(connection, at):
        if program.id in named:
            words, then = words_to(reading, blanket, program)
            has, could = (permitted(reading, it, program.uses) for it in (words, then))
            why = remains(reading, reading.before, words, program, sorted(has))
            found[program.id] = Reach(
                has=len(has),
                gains=len(could - has),
                because=frozenset(it.because for it in why),
            )
    return found
