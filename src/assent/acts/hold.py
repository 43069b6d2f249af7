"""Holds: uses of a recording switched off by a dispute, a court or moderation, and back on."""

from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.events import Event
from assent.errors import BadInput, Unknown
from assent.permission.uses import labels

__all__ = ["hold", "release"]


def hold(house: House, recording: str, uses: int, cause: str, by: str) -> Event:
    """Switch uses of a recording off.

    Raises:
        BadInput: No cause is given.
        Unknown: There is no such recording.
    """
    if not cause.strip():
        raise BadInput("a hold needs a cause, in a few words")
    with house.act(by) as act:
        query = select(tables.recordings.c.id).where(tables.recordings.c.id == recording)
        if act.connection.execute(query).first() is None:
            raise Unknown(f"there is no recording {recording!r}", recording=recording)
        body = {"recording": recording, "uses": list(labels(uses)), "cause": cause.strip()}
        return act.record("hold", body)


def release(house: House, number: int, by: str, cause: str = "") -> Event:
    """Lift a hold by the number of the event that placed it.

    Args:
        house: The platform.
        number: The number of that event.
        by: Who lifts it.
        cause: Why, in a few words.

    Raises:
        Unknown: There is no such hold in force.
    """
    with house.act(by) as act:
        holds = tables.holds.c
        query = select(holds.recording).where(holds.event == number, holds.lifted.is_(None))
        recording = act.connection.execute(query).scalar_one_or_none()
        if recording is None:
            raise Unknown(f"there is no hold {number} in force", hold=number)
        why = {"cause": cause.strip()} if cause.strip() else {}
        return act.record("hold.lift", {"hold": number, "recording": recording, **why})
