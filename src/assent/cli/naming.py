"""Finding what a person means by a name typed on the command line."""

from typing import TYPE_CHECKING

from assent.errors import BadInput, Unknown

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["find_recording"]

_MOST_LISTED = 8


def find_recording(connection: "Connection", name: str) -> str:
    """Return the id of the recording with that id or exact title; an id comes first.

    Raises:
        BadInput: Several recordings have that title; the text lists them.
        Unknown: None has.
    """
    from sqlalchemy import select

    from assent.catalogue import tables

    recordings = tables.recordings.c
    query = select(recordings.id).order_by(recordings.number)
    if connection.execute(query.where(recordings.id == name)).first() is not None:
        return name
    found = list(
        connection.execute(query.where(recordings.title == name).limit(_MOST_LISTED + 1)).scalars()
    )
    if not found:
        raise Unknown(f"there is no recording {name!r}", recording=name)
    if len(found) > 1:
        listed = ", ".join(found[:_MOST_LISTED]) + (", …" if len(found) > _MOST_LISTED else "")
        raise BadInput(f"several recordings are called {name!r}: {listed}; say which by its id")
    return str(found[0])
