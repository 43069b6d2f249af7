"""Facts for a decision, gathered from the tables for one recording and one question."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from assent.catalogue import tables
from assent.catalogue.events import head
from assent.catalogue.rows import Texts, read_statements
from assent.errors import Unknown
from assent.permission.facts import Facts, Hold, Holder, Role
from assent.permission.programs import Program
from assent.permission.statements import Voice, fold
from assent.permission.territories import WORLD, missing, overlap, parse_territories

__all__ = ["FactReader", "Memory"]

_MOST_VOICES = 10_000
"""Holders kept in mind; beyond that all are forgotten and read again."""

_Row = Any
"""A joined row of recording, holding and account; SQLAlchemy's rows carry no column types."""

_RECORDING = (
    select(
        tables.recordings.c.agreement,
        tables.recordings.c.original,
        tables.recordings.c.held,
        tables.holdings.c.holder,
        tables.holdings.c.territories,
        tables.accounts.c.name,
        tables.accounts.c.accepted,
        tables.accounts.c.accepted_event,
        select(func.max(tables.events.c.number)).scalar_subquery().label("head"),
    )
    .outerjoin(tables.holdings, tables.holdings.c.recording == tables.recordings.c.id)
    .outerjoin(tables.accounts, tables.accounts.c.id == tables.holdings.c.holder)
    .where(tables.recordings.c.id == bindparam("asked"))
    .order_by(tables.holdings.c.holder)
)
_HOLDS = (
    select(tables.holds)
    .where(tables.holds.c.recording == bindparam("asked"), tables.holds.c.lifted.is_(None))
    .order_by(tables.holds.c.event)
)


class Memory:
    """What many recordings share, at one head: the texts, and what each holder has said.

    Args:
        connection: Where the texts are read from.
    """

    def __init__(self, connection: Connection) -> None:
        self.head = head(connection)
        self.texts = Texts(connection)
        self._voices: dict[str, tuple[Voice, datetime]] = {}

    def voice(self, connection: Connection, holder: str, at: datetime) -> Voice:
        """Return all that a holder has said, folded for an instant."""
        kept = self._voices.get(holder)
        if kept is None or (kept[1] != at and not kept[0].is_timeless):
            kept = (fold(read_statements(connection, [holder])[holder], at), at)
            if len(self._voices) >= _MOST_VOICES:
                self._voices.clear()
            self._voices[holder] = kept
        return kept[0]


class FactReader:
    """Gathers facts, all of one state of the catalogue.

    Args:
        connection: Where to read; one transaction.
        memory: What is known already of that state; read anew if None or of another state.
    """

    def __init__(self, connection: Connection, memory: Memory | None = None) -> None:
        self._connection = connection
        self.memory = memory or Memory(connection)
        self.is_timeless = True
        """Whether nothing that was gathered changes by itself as time goes on."""

    def facts(self, recording: str, program: Program | None, at: datetime) -> Facts:
        """Return all that is known of a recording, as far as a question needs it.

        Args:
            recording: Its id.
            program: Who asks; None for a question about uses alone, in the whole world.
            at: The instant to answer for [aware datetime].

        Raises:
            Unknown: There is no such recording.
        """
        rows = self._connection.execute(_RECORDING, {"asked": recording}).all()
        if not rows:
            raise Unknown(f"there is no recording {recording!r}", recording=recording)
        if rows[0].head != self.memory.head:
            self.memory = Memory(self._connection)
        asked = program.territories if program else WORLD
        held = [row for row in rows if row.holder is not None]
        places = [parse_territories(row.territories.split()) for row in held]
        return Facts(
            recording=recording,
            holders=tuple(
                self._holder(row, recording, program, at)
                for row, place in zip(held, places, strict=True)
                if overlap(place, asked)
            ),
            unclaimed=missing(places, asked),
            holds=self._holds(recording) if rows[0].held else (),
            original=self.facts(rows[0].original, program, at) if rows[0].original else None,
            head=self.memory.head,
        )

    def _holder(self, row: _Row, recording: str, program: Program | None, at: datetime) -> Holder:
        if row.agreement:
            first = second = self.memory.texts.standing(Role.AGREEMENT, row.agreement)
        else:
            first = self.memory.texts.standing(Role.ACCEPTED, row.accepted, row.accepted_event)
            second = self.memory.texts.standing(Role.CURRENT, self.memory.texts.in_force)
        voice = self.memory.voice(self._connection, row.holder, at)
        self.is_timeless &= voice.is_timeless
        said = voice.says(recording, program.id if program else None)
        return Holder(id=row.holder, name=row.name, first=first, second=second, said=said)

    def _holds(self, recording: str) -> tuple[Hold, ...]:
        rows = self._connection.execute(_HOLDS, {"asked": recording})
        return tuple(Hold(event=row.event, uses=row.uses, cause=row.cause) for row in rows)
