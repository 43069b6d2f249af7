"""Saying that one recording is a copy of another: it never gets more than its original."""

from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.events import Event
from assent.errors import BadInput, Unknown

__all__ = ["declare_copy", "original_of"]


def declare_copy(house: House, recording: str, original: str | None, by: str) -> Event:
    """Say what a recording is a copy of; None says that it is none.

    Raises:
        BadInput: It would be a copy of itself, directly or through others.
        Unknown: There is no such recording.
    """
    with house.act(by) as act:
        original_of(act.connection, recording)
        above = original
        while above is not None:
            if above == recording:
                raise BadInput(f"{recording} cannot be a copy of its own copy")
            above = original_of(act.connection, above)
        return act.record("copy", {"recording": recording, "original": original})


def original_of(connection: Connection, recording: str) -> str | None:
    """Return what a recording is a copy of.

    Raises:
        Unknown: There is no such recording.
    """
    recordings = tables.recordings.c
    query = select(recordings.original).where(recordings.id == recording)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Unknown(f"there is no recording {recording!r}", recording=recording)
    original: str | None = row.original
    return original
