"""A recording as whoever it belongs to may see and edit it."""

from typing import Any

from sqlalchemy import func, select

from assent.acts.edit import may_edit
from assent.catalogue import tables
from assent.catalogue.cases import waits
from assent.catalogue.site_tables import play_days
from assent.errors import Unknown
from assent.studio.editing import links_of, page_of, state_of
from assent.studio.levels import loudness_in_words
from assent.web.face import CREATORS
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["OwnerView", "owner_of", "theirs"]


def theirs(visit: Visit, recording: str) -> Any:  # a row; rows carry no column types
    """Return a recording that who is signed in may edit; nobody else is told that there is one."""
    recordings, artists = tables.recordings, tables.artists
    query = (
        select(
            recordings,
            artists.c.name.label("artist_name"),
            tables.disclosures.c.made_with,
        )
        .join(artists, artists.c.id == recordings.c.artist)
        .outerjoin(tables.disclosures, tables.disclosures.c.recording == recordings.c.id)
        .where(recordings.c.id == recording)
    )
    row = visit.db.execute(query).one_or_none()
    if row is None or not may_edit(visit.db, visit.me.account, recording):
        raise Unknown("there is no such recording of yours")
    return row


class OwnerView(View):
    """What whoever a recording belongs to sees on its page.

    Args:
        recording: Its id.
        state: public, private, waiting or held.
        plays: How often it was heard.
        loudness: What services would do about its loudness, in words.
        links: How many private links there are.
    """

    recording: str
    state: str
    plays: int
    loudness: str
    links: int


def owner_of(visit: Visit, recording: str) -> OwnerView | None:
    """Return what whoever a recording belongs to sees on its page; None for everybody else."""
    if not visit.is_one_of(CREATORS):
        return None
    try:
        row = theirs(visit, recording)
    except Unknown:
        return None
    plays = select(func.coalesce(func.sum(play_days.c.plays), 0)).where(
        play_days.c.recording == recording
    )
    page = page_of(visit.db, recording)
    waiting = waits(visit.db, recording)
    return OwnerView(
        recording=recording,
        state=state_of(waits=waiting, held=row.held, visibility=page.visibility),
        plays=int(visit.db.execute(plays).scalar_one()),
        loudness=loudness_in_words(row.loudness_lufs),
        links=len(links_of(visit.db, recording, visit.at)),
    )
