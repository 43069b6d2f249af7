"""The doctor's part: fingerprints that can be read, and an index made of them and no more."""

import shutil

from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.engine import writing
from assent.disk import storage
from assent.errors import Tampered
from assent.identity.recogniser import FOLDER, Recogniser
from assent.identity.store import unpack

__all__ = ["mend"]

_TABLE = tables.fingerprints


def mend(house: House) -> list[str]:
    """Make the index anew from the fingerprints; return what was wrong with these, as clauses.

    One that is damaged is removed, so that its recording can be looked at again.

    Raises:
        StorageFailed: The disk refused.
    """
    folder = house.settings.data / FOLDER
    with house.reading() as connection:
        query = select(_TABLE.c.recording, _TABLE.c.peaks).order_by(_TABLE.c.recording)
        damaged = [row.recording for row in connection.execute(query) if not _is_whole(row.peaks)]
        is_empty = connection.execute(select(_TABLE.c.recording).limit(1)).first() is None
    if damaged:
        with writing(house.engine) as connection:
            connection.execute(_TABLE.delete().where(_TABLE.c.recording.in_(damaged)))
    if folder.exists():
        with storage("make the index anew", folder):
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    if not is_empty:
        Recogniser(house)
    return [
        f"the fingerprint of r{number} was damaged and is gone; assent copies scan takes it anew"
        for number in damaged
    ]


def _is_whole(data: bytes) -> bool:
    try:
        unpack(data)
    except Tampered:
        return False
    return True
