"""Erasing one recording: as with a person, for good, and every proof of others holds.

What holds for a person's erasure (`erase`) holds for it: the audio's key goes, events about it lose
what they say, copies of it are held. It costs as much, too: all tables are made again.
"""

from collections.abc import Callable

from sqlalchemy import Connection, select

from assent.acts.accounts import Account
from assent.acts.erase import Erased, Person, erase_found
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.catalogue import tables
from assent.catalogue.watched import uploader_of
from assent.errors import NotAllowed, Unknown

__all__ = ["erase_recording"]

_NO_ACCOUNT = "\x01"
"""No account has this id, and none can be called so."""


def erase_recording(
    house: House, logs: Logs, recording: str, by: Account, purge: Callable[[Person], None]
) -> Erased:
    """Erase one recording, for whoever brought it and holds it alone.

    Args:
        house: The platform.
        logs: Its logs.
        recording: Which.
        by: Whose act it is.
        purge: Removes what is kept of the recording beside the catalogue; called while nothing
            else can happen, and perhaps again if the erasure is.

    Raises:
        Busy: Another process is publishing.
        NotAllowed: They did not bring it, others hold rights in it, or it was delivered.
        Unknown: There is no such recording.
        Stale: It is still being spoken of faster than it can be published.
        StorageFailed: The disk refused; doing it again goes on where it stopped.
    """
    with house.reading() as connection:
        _alone(connection, recording, by)
    return erase_found(
        house, logs, lambda connection: _alone(connection, recording, by), by.name, purge
    )


def _alone(connection: Connection, recording: str, by: Account) -> Person:
    """Return a recording as what goes, and nobody with it."""
    recordings, holdings = tables.recordings.c, tables.holdings.c
    query = select(recordings.agreement).where(recordings.id == recording)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Unknown(f"there is no recording {recording!r}", recording=recording)
    held = select(holdings.holder).where(holdings.recording == recording)
    if row.agreement is not None or set(connection.execute(held).scalars()) - {by.id}:
        raise NotAllowed("others have rights in it, too; you can make it private")
    if uploader_of(connection, recording) != by.id:
        raise NotAllowed("whoever brought it here may delete it, and nobody else")
    return Person(
        account=_NO_ACCOUNT,
        name=_NO_ACCOUNT,
        recordings=frozenset({recording}),
        artists=frozenset(),
    )
