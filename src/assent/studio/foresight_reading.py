"""The words of one holder's recordings as they are, and as they would be after something is said.

The reading is that of the stored words (catalogue/words.py): the same columns, the same algebra.
Nothing is written.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.catalogue.events import head
from assent.catalogue.rows import Texts, program_of
from assent.catalogue.voices import Voices
from assent.catalogue.words import Columns, holding_rows, recordings_of
from assent.permission.bulk import recompute
from assent.permission.programs import Program
from assent.permission.statements import Statement
from assent.permission.territories import WORLD, format_territories
from assent.permission.uses import ALL

__all__ = ["Reading", "permitted", "running_programs", "supposed", "words_to"]

_PIECE = 5_000
"""How many values one statement of SQL names."""
_ORIGINALS = tables.recordings.alias("originals")

_Row = Any
"""A joined row; SQLAlchemy's rows carry no column types."""


class Reading:
    """One holder's recordings, what they are copies of, and everything their words stand on.

    Args:
        connection: Where the catalogue is read; one transaction.
        holder: The account's id.
        more: What is not said yet and shall count as if it were, with events after all others.
        at: The instant to answer for [aware datetime].
        recording: Only this one of the holder's recordings; all if None.
    """

    def __init__(
        self,
        connection: Connection,
        holder: str,
        more: Sequence[Statement],
        at: datetime,
        recording: str | None = None,
    ) -> None:
        self.connection, self.holder = connection, holder
        self.own = sorted(recordings_of(connection, holder, recording))
        self.facts: dict[int, _Row] = {}
        self._read(self.own)
        self.numbers = sorted(self.facts)
        self.rows: dict[int, list[_Row]] = {number: [] for number in self.numbers}
        for some in _pieces(self.numbers):
            for row in connection.execute(holding_rows(some)):
                self.rows[row.number].append(row)
        holders = {row.holder for rows in self.rows.values() for row in rows} | {holder}
        self.texts = Texts(connection)
        self.before = Voices(connection, holders, at)
        self.after = Voices(connection, holders, at, more=more)

    def _read(self, numbers: Iterable[int]) -> None:
        """Read recordings and, as no chain of copies comes back to its start, all above them."""
        left = set(numbers)
        recordings = tables.recordings
        query = select(
            *recordings.c["number", "id", "title", "held", "agreement", "original"],
            _ORIGINALS.c.number.label("original_number"),
        ).outerjoin(_ORIGINALS, recordings.c.original == _ORIGINALS.c.id)
        while left:
            for some in _pieces(sorted(left)):
                for row in self.connection.execute(query.where(recordings.c.number.in_(some))):
                    self.facts[row.number] = row
            above = {self.facts[number].original_number for number in left} - {None}
            left = above - self.facts.keys()

    def words(self, voices: Voices, program: Program | None) -> dict[int, int]:
        """Return the words of all recordings, blanket or for one program.

        Args:
            voices: `before` or `after`.
            program: The program; None for what every one may.
        """
        columns = Columns(self.texts, voices, program)
        for number in self.numbers:
            columns.add(self.facts[number], self.rows[number])
        place = {number: at for at, number in enumerate(self.numbers)}
        original = [place.get(self.facts[number].original_number, -1) for number in self.numbers]
        # what is a copy of what nobody knows is closed
        lost = [
            self.facts[number].original is not None and above < 0
            for number, above in zip(self.numbers, original, strict=True)
        ]
        gathered = columns.holdings()
        closed = np.where(lost, np.uint64(ALL), np.uint64(0)).astype(np.uint64)
        words = recompute(
            replace(
                gathered,
                held=gathered.held | closed,
                original=np.array(original, np.int64).reshape(len(self.numbers)),
            )
        )
        return dict(zip(self.numbers, words.tolist(), strict=True))

    def is_apart(self, program: Program) -> bool:
        """Say whether a program's answer can differ from the blanket one anywhere here."""
        if program.id in self.before.programs | self.after.programs:
            return True
        return program.territories != WORLD and any(
            row.territories != format_territories(WORLD)
            for rows in self.rows.values()
            for row in rows
        )

    def kind_of(self, number: int) -> tuple[object, ...]:
        """Return what recordings have in common whose words are the same for the same reasons."""
        row, holders = self.facts[number], self.rows[number]
        alone = (
            row.held or row.original or any(self._has_own_words(it.holder, row) for it in holders)
        )
        shared = tuple((it.holder, it.territories, it.accepted) for it in holders)
        return (row.id if alone else None, row.agreement, shared)

    def _has_own_words(self, holder: str, row: _Row) -> bool:
        return self.before.has_own(holder, row.id) or self.after.has_own(holder, row.id)


def running_programs(connection: Connection, at: datetime) -> Iterator[tuple[Program, str, int]]:
    """Give each program that has not ended, with its owner and how long it keeps things [days]."""
    query = select(tables.programs).order_by(tables.programs.c.id)
    for row in connection.execute(query.where(tables.programs.c.ended.is_(None))):
        program = program_of(row)
        if program.end is None or at < program.end:
            yield program, row.owner, row.retention_days


def supposed(
    connection: Connection, statements: Sequence[Statement], at: datetime
) -> tuple[list[Statement], Reading]:
    """Return statements as if they were the next events, and all that they speak of.

    Args:
        connection: Where the catalogue is read; one transaction.
        statements: What would be said, all by one holder; at least one.
        at: The instant to answer for [aware datetime].
    """
    last = head(connection)
    more = [replace(it, event=last + place) for place, it in enumerate(statements, 1)]
    about = {it.recording for it in more}
    alone = next(iter(about)) if len(about) == 1 else None
    return more, Reading(connection, more[0].holder, more, at, alone)


def words_to(
    reading: Reading, blanket: tuple[dict[int, int], dict[int, int]], program: Program
) -> tuple[dict[int, int], dict[int, int]]:
    """Return the words before and after for one program.

    Args:
        reading: The holder's recordings.
        blanket: Those for every program.
        program: The program.
    """
    if not reading.is_apart(program):
        return blanket
    return reading.words(reading.before, program), reading.words(reading.after, program)


def permitted(reading: Reading, words: dict[int, int], uses: int) -> set[int]:
    """Return the numbers of the holder's recordings whose words open all of some uses."""
    return {number for number in reading.own if words[number] & uses == uses}


def _pieces(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for low in range(0, len(numbers), _PIECE):
        yield numbers[low : low + _PIECE]
