"""Events: append-only, numbered from 1 without gaps, canonical JSON (RFC 8785).

An event says what happened in names that outlive the program: uses by their names, instants as
text. Tables follow from events alone. Beside each event stands its opening, under which the log
commits to it; an erased event has lost opening, author and body, and keeps number, kind and hour.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes, token_hex
from typing import Any

import rfc8785
from sqlalchemy import Connection, func, select

from assent.catalogue.tables import events
from assent.clock import format_instant, parse_instant
from assent.log.leaf import OPENING_BYTES, parse_json, salted

__all__ = ["Body", "Event", "append", "head", "new_opening", "read", "replay"]

_PAGE = 1000
_SALT_BYTES = 16
Body = Mapping[str, Any]
"""JSON: what an event says, by field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened.

    Args:
        number: Its place among all events, from 1.
        kind: What happened, such as `statement` or `program.approve`.
        at: When [aware datetime, whole milliseconds].
        by: Who did it.
        body: What it says.
        erased: Whether what it said is gone.
    """

    number: int
    kind: str
    at: datetime
    by: str
    body: Body
    erased: bool = False

    def canonical(self) -> bytes:
        """Return the event as canonical JSON; equal events give equal bytes (RFC 8785)."""
        return rfc8785.dumps(
            {
                "number": self.number,
                "kind": self.kind,
                "at": format_instant(self.at),
                "by": self.by,
                "body": dict(self.body),
            }
        )


def head(connection: Connection) -> int:
    """Return the number of the last event; 0 where nothing has happened yet."""
    return int(connection.execute(select(func.coalesce(func.max(events.c.number), 0))).scalar_one())


def append(connection: Connection, kind: str, at: datetime, by: str, body: Body) -> Event:
    """Write the next event; the connection must be the one that writes.

    Returns:
        The event as it will be read: whole milliseconds, numbers as JSON keeps them, lists. So
        what follows from it now is what follows from it when the tables are rebuilt.
    """
    number, instant = head(connection) + 1, format_instant(at)
    text = rfc8785.dumps(salted(body, _new_salt)).decode()
    connection.execute(
        events.insert().values(
            number=number, kind=kind, at=instant, by=by, body=text, opening=new_opening()
        )
    )
    return Event(number=number, kind=kind, at=parse_instant(instant), by=by, body=parse_json(text))


def new_opening() -> bytes:
    """Return the secret under which the log commits to one event [32 bytes]."""
    return token_bytes(OPENING_BYTES)


def _new_salt() -> str:
    return token_hex(_SALT_BYTES)


def read(connection: Connection, number: int) -> Event | None:
    """Return one event, or None where there is none of that number."""
    row = connection.execute(select(events).where(events.c.number == number)).one_or_none()
    return None if row is None else _event(row)


def replay(connection: Connection, until: int | None = None) -> Iterator[Event]:
    """Give all events in order, up to and with number `until`."""
    last = until if until is not None else head(connection)
    for low in range(1, last + 1, _PAGE):
        page = events.c.number.between(low, min(low + _PAGE - 1, last))
        query = select(events).where(page).order_by(events.c.number)
        # a page at a time: what is done with an event may use the same connection
        for row in connection.execute(query).all():
            yield _event(row)


def _event(row: Any) -> Event:  # a row of `events`; SQLAlchemy's rows carry no column types
    return Event(
        number=row.number,
        kind=row.kind,
        at=parse_instant(row.at),
        by=row.by,
        body=parse_json(row.body) if row.opening is not None else {},
        erased=row.opening is None,
    )
