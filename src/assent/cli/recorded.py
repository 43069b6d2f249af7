"""Telling what was put on record: one line of data for each event."""

from assent.catalogue.events import Event
from assent.cli.output import put, put_json
from assent.clock import format_instant

__all__ = ["counted", "put_recorded"]

_TOO_LONG = frozenset({"source"})
"""What an event says that nobody wants on a line: a whole text."""


def put_recorded(event: Event, words: str, *, as_json: bool, **more: object) -> None:
    """Print an event: its number and what it is in words, or all of it as JSON.

    Args:
        event: What was put on record.
        words: The same in a few words.
        as_json: Print one object instead.
        more: Further fields of that object.

    Raises:
        StorageFailed: It cannot be written.
    """
    if not as_json:
        put(f"event {event.number}: {words}")
        return
    put_json(
        {
            "event": event.number,
            "kind": event.kind,
            "at": format_instant(event.at),
            "by": event.by,
            **{name: _plain(it) for name, it in event.body.items() if name not in _TOO_LONG},
            **more,
        }
    )


def _plain(value: object) -> object:
    """Return a value without the salts that keep others from guessing it in the log."""
    if not isinstance(value, list):
        return value
    return [
        {name: it for name, it in element.items() if name != "salt"}
        if isinstance(element, dict)
        else element
        for element in value
    ]


def counted(recordings: int) -> str:
    """Return a number of recordings in words.

    >>> counted(1), counted(2)
    ('1 recording', '2 recordings')
    """
    return "1 recording" if recordings == 1 else f"{recordings} recordings"
