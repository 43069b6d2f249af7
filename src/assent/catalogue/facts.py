"""Facts for a decision, gathered from the tables for one recording and one question."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from assent.catalogue import tables
from assent.catalogue.events import head
from assent.catalogue.rows import Texts, read_statements
from assent.errors import Unknown
from assent.permission.facts import Facts, Hold, Holder, Role
from assent.permission.programs import Program
from assent.permission.statements import Voice, fold
from assent.permission.territories import WORLD, missing, overlap, parse_territories

__all__ = ["FactReader"]

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


class FactReader:
    """Gathers facts; keeps texts and voices, so it is good for one state of the catalogue.

    Args:
        connection: Where to read; one transaction, so that all facts are of one state.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.head = head(connection)
        self._texts = Texts(connection)
        self._voices: dict[str, tuple[Voice, datetime]] = {}

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
            head=self.head,
        )

    def _holder(self, row: _Row, recording: str, program: Program | None, at: datetime) -> Holder:
        if row.agreement:
            first = second = self._texts.standing(Role.AGREEMENT, row.agreement)
        else:
            first = self._texts.standing(Role.ACCEPTED, row.accepted, row.accepted_event)
            second = self._texts.standing(Role.CURRENT, self._texts.in_force)
        said = self._voice(row.holder, at).says(recording, program.id if program else None)
        return Holder(id=row.holder, name=row.name, first=first, second=second, said=said)

    def _voice(self, holder: str, at: datetime) -> Voice:
        kept = self._voices.get(holder)
        if kept is None or kept[1] != at:
            said = read_statements(self._connection, [holder])[holder]
            kept = (fold(said, at), at)
            self._voices[holder] = kept
        return kept[0]

    def _holds(self, recording: str) -> tuple[Hold, ...]:
        rows = self._connection.execute(_HOLDS, {"asked": recording})
        return tuple(Hold(event=row.event, uses=row.uses, cause=row.cause) for row in rows)
