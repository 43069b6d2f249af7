"""Stored words: what the answer is for each recording, kept beside it and mended by each event.

`recordings.word` holds what blanket statements come to, for the world. `program_words` holds the
word of a program wherever something else can come out for it: where a holder named it, or where
its territories leave a holder out. Both are computed by `permission.bulk`, so a stored word is the
algebra's answer and nothing else.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, bindparam, select, update

from assent.catalogue import tables
from assent.catalogue.events import Event
from assent.catalogue.rows import Texts, program_of
from assent.catalogue.voices import Voices
from assent.clock import format_instant
from assent.permission.bulk import Holdings, recompute
from assent.permission.programs import Program
from assent.permission.territories import (
    WORLD,
    format_territories,
    missing,
    overlap,
    parse_territories,
)

__all__ = [
    "Columns",
    "all_recordings",
    "due",
    "holding_rows",
    "mend",
    "recordings_of",
    "stored_words",
]

_BATCH = 20_000
"""Recordings mended at a time: bounds memory, not the result."""

_FEW = 500
"""Of so many recordings, what was said of others is left unread: one statement costs no more for
a holder who has spoken of thousands."""

_ORIGINALS = tables.recordings.alias("originals")

_Row = Any
"""A joined row of holding and recording; SQLAlchemy's rows carry no column types."""


def all_recordings(connection: Connection) -> list[int]:
    """Return the numbers of all recordings."""
    return list(connection.execute(select(tables.recordings.c.number)).scalars())


def recordings_of(connection: Connection, holder: str, recording: str | None = None) -> list[int]:
    """Return the numbers of the recordings in which somebody holds rights, or of one of them."""
    query = (
        select(tables.recordings.c.number)
        .join(tables.holdings, tables.holdings.c.recording == tables.recordings.c.id)
        .where(tables.holdings.c.holder == holder)
    )
    if recording is not None:
        query = query.where(tables.recordings.c.id == recording)
    return list(connection.execute(query).scalars())


def due(connection: Connection, at: datetime) -> list[int]:
    """Return the numbers of recordings with a word that time has changed."""
    instant = format_instant(at)
    blanket = select(tables.recordings.c.number).where(tables.recordings.c.good_until <= instant)
    named = select(tables.program_words.c.recording).where(
        tables.program_words.c.good_until <= instant
    )
    return sorted(connection.execute(blanket.union(named)).scalars())


def mend(connection: Connection, numbers: Iterable[int], event: Event) -> None:
    """Recompute the words of recordings, and of all copies of those, as of an event."""
    left = sorted(set(numbers))
    while left:
        for low in range(0, len(left), _BATCH):
            _Batch(connection, left[low : low + _BATCH], event).mend()
        # a copy that stood beside its original in a batch has read the old word: once more.
        # It ends because the acts let no recording be a copy of its own copy.
        left = _copies(connection, left)


def _copies(connection: Connection, numbers: Sequence[int]) -> list[int]:
    query = (
        select(tables.recordings.c.number)
        .join(_ORIGINALS, tables.recordings.c.original == _ORIGINALS.c.id)
        .distinct()
    )
    return [
        number
        for some in _pieces(numbers)
        for number in connection.execute(query.where(_ORIGINALS.c.number.in_(some))).scalars()
    ]


def _pieces(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut a list to what one statement of SQL may hold."""
    for low in range(0, len(numbers), 5_000):
        yield numbers[low : low + 5_000]


@dataclass(frozen=True, slots=True)
class _Word:
    """A word and until when it can be trusted."""

    word: int
    good_until: str | None


_NOTHING = _Word(0, None)
_EVERYTHING = _Word((1 << 64) - 1, None)


class _Batch:
    """Some recordings, everything that their words stand on, and the event that changed it."""

    def __init__(self, connection: Connection, numbers: Sequence[int], event: Event) -> None:
        self.connection = connection
        self.numbers = numbers
        self.event = event
        self.texts = Texts(connection)
        self.rows: dict[int, list[_Row]] = {number: [] for number in numbers}
        for some in _pieces(numbers):
            for row in connection.execute(holding_rows(some)):
                self.rows[row.number].append(row)
        self.facts = {
            row.number: row for some in _pieces(numbers) for row in self._recordings(some)
        }
        holders = {row.holder for rows in self.rows.values() for row in rows}
        few = len(numbers) <= _FEW
        about = [row.id for row in self.facts.values()] if few else None
        self.voices = Voices(connection, holders, event.at, about)

    def _recordings(self, numbers: Sequence[int]) -> Sequence[_Row]:
        recordings = tables.recordings
        query = select(
            *recordings.c["number", "id", "held", "word", "good_until", "agreement", "original"],
            _ORIGINALS.c.number.label("original_number"),
        ).outerjoin(_ORIGINALS, recordings.c.original == _ORIGINALS.c.id)
        return self.connection.execute(query.where(recordings.c.number.in_(numbers))).all()

    def mend(self) -> None:
        """Write what has changed, and only that."""
        self._mend_holdings()
        blanket = self._words(self.numbers, None)
        self._write_blanket(blanket)
        self._write_named(blanket)

    def _mend_holdings(self) -> None:
        changed = []
        for rows in self.rows.values():
            for row in rows:
                said = self.voices.of(row.holder, row.id, None)
                if (said.granted, said.refused) != (row.granted, row.refused):
                    changed.append(
                        {
                            "of": row.id,
                            "by": row.holder,
                            "granted": said.granted,
                            "refused": said.refused,
                        }
                    )
        if changed:
            holdings = tables.holdings.c
            statement = update(tables.holdings).where(
                holdings.recording == bindparam("of"), holdings.holder == bindparam("by")
            )
            self.connection.execute(statement, changed)

    def _words(self, numbers: Sequence[int], program: Program | None) -> dict[int, _Word]:
        """Return the words of some of the recordings, blanket or for one program."""
        columns = Columns(self.texts, self.voices, program)
        for number in numbers:
            columns.add(self.facts[number], self.rows[number])
        originals = self._originals(numbers, program)
        words = recompute(columns.holdings()) & np.array([o.word for o in originals], np.uint64)
        return {
            number: _Word(int(word), self._good_until(number, program, original.good_until))
            for number, word, original in zip(numbers, words, originals, strict=True)
        }

    def _originals(self, numbers: Sequence[int], program: Program | None) -> list[_Word]:
        """Return what each is a copy of, as stored; every bit for what is no copy."""
        wanted = {self.facts[number].original_number for number in numbers} - {None}
        known = _read(self.connection, sorted(wanted), program.id if program else None)
        # what is a copy of what nobody knows is closed
        return [
            known.get(self.facts[number].original_number, _NOTHING)
            if self.facts[number].original is not None
            else _EVERYTHING
            for number in numbers
        ]

    def _good_until(self, number: int, program: Program | None, original: str | None) -> str | None:
        """Return when time changes a word: that of a holder's grant, or its original's."""
        name = program.id if program else None
        limits = [self.voices.of(row.holder, row.id, name).good_until for row in self.rows[number]]
        return min((limit for limit in (*limits, original) if limit), default=None)

    def _write_blanket(self, words: dict[int, _Word]) -> None:
        changed = [
            {"at": n, "word": w.word, "good_until": w.good_until, "word_event": self.event.number}
            for n, w in words.items()
            if (w.word, w.good_until) != (self.facts[n].word, self.facts[n].good_until)
        ]
        if changed:
            recordings = tables.recordings
            statement = update(recordings).where(recordings.c.number == bindparam("at"))
            self.connection.execute(statement, changed)

    def _write_named(self, blanket: dict[int, _Word]) -> None:
        """Keep a program's own word wherever its answer can differ from the blanket one."""
        own = self._own_words()
        for program in self._programs(own):
            stored = own.get(program.id, {})
            kept = {n: stored[n] for n in self.numbers if n in stored}
            apart = [n for n in self.numbers if self._differs(n, program, stored)]
            words = self._words(apart, program) if apart else {}
            gone = [n for n in kept if n not in words and kept[n] != blanket[n]]
            # a row that is no longer needed stays, as the blanket word: readers that follow
            # events would not see it vanish
            words |= {n: blanket[n] for n in gone}
            self._upsert(program.id, {n: w for n, w in words.items() if kept.get(n) != w}, kept)

    def _own_words(self) -> dict[str, dict[int, _Word]]:
        """Return what programs have of their own here, and in what these are copies of."""
        originals = {row.original_number for row in self.facts.values()} - {None}
        own: dict[str, dict[int, _Word]] = {}
        for some in _pieces(sorted({*self.numbers, *originals})):
            query = select(tables.program_words).where(tables.program_words.c.recording.in_(some))
            for row in self.connection.execute(query):
                own.setdefault(row.program, {})[row.recording] = _Word(row.word, row.good_until)
        return own

    def _programs(self, own: Container[str]) -> list[Program]:
        """Return the programs whose answer for any of these differs, or has differed."""
        named = self.voices.programs
        rows = self.connection.execute(select(tables.programs).order_by(tables.programs.c.id))
        return [
            program_of(row)
            for row in rows
            if row.id in named or row.id in own or row.territories != format_territories(WORLD)
        ]

    def _differs(self, number: int, program: Program, own: Container[int | None]) -> bool:
        """Say whether a program's answer can differ: here, or in what this is a copy of."""
        rows = self.rows[number]
        territorial = program.territories != WORLD and any(
            row.territories != format_territories(WORLD) for row in rows
        )
        return (
            territorial
            or self.facts[number].original_number in own
            or any(self.voices.names(row.holder, program.id, row.id) for row in rows)
        )

    def _upsert(self, program: str, words: dict[int, _Word], kept: dict[int, _Word]) -> None:
        stored = tables.program_words
        rows = [
            {
                "program": program,
                "recording": n,
                "word": w.word,
                "good_until": w.good_until,
                "event": self.event.number,
            }
            for n, w in words.items()
        ]
        known = [row["recording"] for row in rows if row["recording"] in kept]
        for some in _pieces(known):
            self.connection.execute(
                stored.delete().where(stored.c.program == program, stored.c.recording.in_(some))
            )
        if rows:
            self.connection.execute(stored.insert(), rows)


class Columns:
    """Holdings gathered as columns, for one program or for all."""

    def __init__(self, texts: Texts, voices: Voices, program: Program | None) -> None:
        self._texts, self._voices, self._program = texts, voices, program
        self._asked = program.territories if program else WORLD
        self._first: list[int] = []
        self._second: list[int] = []
        self._granted: list[int] = []
        self._refused: list[int] = []
        self._starts = [0]
        self._held: list[int] = []

    def add(self, recording: _Row, rows: Sequence[_Row]) -> None:
        """Take one recording in, with those of its holders who must agree."""
        places = [parse_territories(row.territories.split()) for row in rows]
        if not missing(places, self._asked):
            for row, place in zip(rows, places, strict=True):
                if overlap(place, self._asked):
                    self._add_holding(recording, row)
        # where somebody is missing no holding is taken in, and no holder means no
        self._starts.append(len(self._first))
        self._held.append(recording.held)

    def _add_holding(self, recording: _Row, row: _Row) -> None:
        agreement = recording.agreement
        first, second = (
            (agreement, agreement) if agreement else (row.accepted, self._texts.in_force)
        )
        said = self._voices.of(row.holder, row.id, self._program.id if self._program else None)
        self._first.append(self._texts.number(first))
        self._second.append(self._texts.number(second))
        self._granted.append(said.granted)
        self._refused.append(said.refused)

    def holdings(self) -> Holdings:
        """Return what was taken in."""
        return Holdings(
            texts=self._texts.table(),
            first=np.array(self._first, np.uint16),
            second=np.array(self._second, np.uint16),
            granted=np.array(self._granted, np.uint64),
            refused=np.array(self._refused, np.uint64),
            starts=np.array(self._starts, np.int64),
            held=np.array(self._held, np.uint64),
            original=np.full(len(self._held), -1, np.int64),
        )


def stored_words(
    connection: Connection, numbers: Sequence[int], program: str | None
) -> dict[int, int]:
    """Return stored words by recording: a program's own where it has one, else the blanket one."""
    return {number: it.word for number, it in _read(connection, numbers, program).items()}


def _read(connection: Connection, numbers: Sequence[int], program: str | None) -> dict[int, _Word]:
    recordings, own = tables.recordings.c, tables.program_words.c
    found: dict[int, _Word] = {}
    for some in _pieces(numbers):
        query = select(recordings.number, recordings.word, recordings.good_until)
        for number, word, limit in connection.execute(query.where(recordings.number.in_(some))):
            found[number] = _Word(word, limit)
        if program is not None:
            query = select(own.recording, own.word, own.good_until).where(own.program == program)
            for number, word, limit in connection.execute(query.where(own.recording.in_(some))):
                found[number] = _Word(word, limit)
    return found


def holding_rows(numbers: Sequence[int]) -> Select[Any]:  # the columns' types do not matter here
    """Return the query for who holds what of some recordings, and which terms they accepted."""
    recordings, holdings, accounts = tables.recordings, tables.holdings, tables.accounts
    return (
        select(
            *recordings.c["number", "id"],
            *holdings.c["holder", "territories", "granted", "refused"],
            accounts.c.accepted,
        )
        .join(holdings, holdings.c.recording == recordings.c.id)
        # a holder without an account has accepted nothing, but must be asked all the same
        .outerjoin(accounts, holdings.c.holder == accounts.c.id)
        .where(recordings.c.number.in_(numbers))
        .order_by(recordings.c.number, holdings.c.holder)
    )
