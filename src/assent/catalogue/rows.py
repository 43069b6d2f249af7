"""Rows of the tables as the values that the rules understand."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.clock import parse_instant
from assent.permission.algebra import Masks
from assent.permission.facts import NO_TEXT, Role, Standing
from assent.permission.programs import Program
from assent.permission.statements import Statement
from assent.permission.territories import parse_territories

__all__ = ["Texts", "program_of", "read_program", "read_statements", "statement_of"]

Row = Any
"""A row of a table; SQLAlchemy's rows carry no column types."""

_MOST_VALUES = 5_000
"""How many values are listed in one statement of SQL; SQLite takes 32,766."""


def program_of(row: Row) -> Program:
    """Return what a decision needs to know of a program, from its row."""
    return Program(
        id=row.id,
        uses=row.uses,
        territories=parse_territories(row.territories.split()),
        start=parse_instant(row.start) if row.start else None,
        end=parse_instant(row.end) if row.end else None,
        proposed=row.proposed,
        approved=row.approved,
        suspended=row.suspended,
        ended=row.ended,
    )


def read_program(connection: Connection, program: str) -> Program | None:
    """Return a program by its id, or None where there is none."""
    query = select(tables.programs).where(tables.programs.c.id == program)
    row = connection.execute(query).one_or_none()
    return None if row is None else program_of(row)


def statement_of(row: Row) -> Statement:
    """Return a statement from its row."""
    return Statement(
        event=row.event,
        holder=row.holder,
        recording=row.recording,
        program=row.program,
        grants=row.grants,
        refuses=row.refuses,
        withdraws=row.withdraws,
        lifts=row.lifts,
        all_programs=row.all_programs,
        since=parse_instant(row.since) if row.since else None,
        until=parse_instant(row.until) if row.until else None,
    )


def read_statements(
    connection: Connection, holders: Iterable[str], about: Sequence[str] | None = None
) -> dict[str, list[Statement]]:
    """Return the statements of some holders, by holder.

    Args:
        connection: Where they are read.
        holders: Whose.
        about: Leave out what is about other recordings alone than these; None leaves nothing out.
    """
    wanted = sorted(set(holders))
    said_of = tables.statements.c.recording
    said: dict[str, list[Statement]] = {holder: [] for holder in wanted}
    for low in range(0, len(wanted), _MOST_VALUES):
        some = wanted[low : low + _MOST_VALUES]
        query = select(tables.statements).where(tables.statements.c.holder.in_(some))
        if about is not None:
            query = query.where(said_of.is_(None) | said_of.in_(about))
        for row in connection.execute(query):
            said[row.holder].append(statement_of(row))
    return said


class Texts:
    """Every text of the platform, and which terms are in force.

    Args:
        connection: Where they are read from, once.
    """

    def __init__(self, connection: Connection) -> None:
        rows = connection.execute(select(tables.texts)).all()
        self._masks = {row.id: Masks(row.granted, row.opt_out, row.opt_in) for row in rows}
        self._events = {row.id: row.event for row in rows}
        self._numbers = {row.id: row.number for row in rows}
        self.in_force = next((row.id for row in rows if row.current), None)

    def table(self) -> list[Masks[int]]:
        """Return all masks by number; 0 is the silent text."""
        masks = [NO_TEXT[Role.CURRENT].masks] * (len(self._numbers) + 1)
        for text, number in self._numbers.items():
            masks[number] = self._masks[text]
        return masks

    def number(self, text: str | None) -> int:
        """Return a text's number; 0 for no text and for an unknown one."""
        return self._numbers.get(text, 0) if text else 0

    def standing(self, role: Role, text: str | None, event: int | None = None) -> Standing:
        """Return a text as it counts for a holder.

        Args:
            role: As what it counts.
            text: Its id, or None.
            event: By which event it counts; its own publishing if None.
        """
        if text is None or text not in self._masks:
            return NO_TEXT[role]
        return Standing(
            role=role, text=text, masks=self._masks[text], event=event or self._events[text]
        )
