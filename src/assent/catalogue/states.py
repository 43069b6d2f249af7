"""The latest word on each recording, as the tree of the latest words holds it (docs/log.md)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import Connection, select

from assent.catalogue import tables

__all__ = ["RecordingState", "openings", "states"]

_PAGE = 10_000


class RecordingState(NamedTuple):
    """What stands in the tree for a recording.

    Args:
        recording: Its id.
        event: Number of its `recording` event.
        opening: The opening of that event, from which its handle comes.
        said: The state, as canonical JSON.
    """

    recording: str
    event: int
    opening: bytes
    said: bytes


def states(connection: Connection, recording: str | None = None) -> Iterator[RecordingState]:
    """Yield the states of all recordings, or of one.

    Args:
        connection: Where the catalogue is read; one transaction, so all are of one head.
        recording: Which one; all if None.
    """
    recordings, events = tables.recordings, tables.events
    query = (
        select(*recordings.c["number", "id", "word", "word_event", "event"], events.c.opening)
        .join(events, events.c.number == recordings.c.event)
        .order_by(recordings.c.number)
    )
    if recording is not None:
        query = query.where(recordings.c.id == recording)
    low = -1
    while rows := connection.execute(query.where(recordings.c.number > low).limit(_PAGE)).all():
        own = _own(connection, rows)
        for row in rows:
            yield RecordingState(row.id, row.event, bytes(row.opening), _state(row, own))
        low = rows[-1].number


def _own(connection: Connection, rows: Sequence[Any]) -> dict[int, dict[str, tuple[int, int]]]:
    """Return the programs' own words and their events, by recording."""
    words = tables.program_words.c
    query = select(words.recording, words.program, words.word, words.event).where(
        words.recording.between(rows[0].number, rows[-1].number)
    )
    own: dict[int, dict[str, tuple[int, int]]] = {}
    for number, program, word, event in connection.execute(query):
        own.setdefault(number, {})[program] = (word, event)
    return own


def _state(row: Any, own: dict[int, dict[str, tuple[int, int]]]) -> bytes:
    programs = own.get(row.number, {})
    return rfc8785.dumps(
        {
            "event": max([row.word_event, *(event for _, event in programs.values())]),
            "programs": {name: f"{word:016x}" for name, (word, _) in programs.items()},
            "word": f"{row.word:016x}",
        }
    )


def openings(connection: Connection, numbers: Sequence[int]) -> dict[int, bytes]:
    """Return the openings of the registrations of some recordings, by number.

    Args:
        connection: Where the catalogue is read.
        numbers: Of which recordings; at most some thousand.
    """
    recordings, events = tables.recordings.c, tables.events.c
    query = (
        select(recordings.number, events.opening)
        .join(tables.events, events.number == recordings.event)
        .where(recordings.number.in_(numbers))
    )
    return {number: bytes(opening) for number, opening in connection.execute(query)}
