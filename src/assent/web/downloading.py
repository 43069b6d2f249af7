"""Keeping a recording: the file as it was uploaded, where its artist allows that."""

from sqlalchemy import select

from assent.catalogue import site_tables, tables
from assent.errors import NotPermitted
from assent.listening.audio import Audio, original
from assent.listening.hearing import Ground, Hearing
from assent.web.audio import attachment
from assent.web.visit import Visit

__all__ = ["downloaded"]


def downloaded(visit: Visit, hearing: Hearing) -> tuple[Audio, str]:
    """Return the file that may be kept, and the header that names it.

    Raises:
        NotPermitted: The artist has not allowed downloads.
    """
    recordings, artists = tables.recordings.c, tables.artists.c
    pages = site_tables.recording_pages.c
    query = (
        select(recordings.title, artists.name, pages.downloads)
        .join(tables.artists, artists.id == recordings.artist)
        .outerjoin(site_tables.recording_pages, pages.recording == recordings.id)
        .where(recordings.id == hearing.recording)
    )
    row = visit.db.execute(query).one()
    if not row.downloads and hearing.ground is not Ground.THEIRS:
        raise NotPermitted(f"{row.name} has not allowed to download this", decision=None)
    file = original(visit.db, hearing.recording)
    return file, attachment(f"{row.name} - {row.title}", file.ending)
