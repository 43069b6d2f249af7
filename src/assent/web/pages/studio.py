"""The studio: a creator's recordings, and all that can be said of each."""

from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import func, select

from assent.catalogue.cases import waits
from assent.catalogue.site_tables import play_days
from assent.errors import Unknown
from assent.permission.uses import CONSENT_ONLY
from assent.studio import uploads
from assent.studio.editing import links_of, own_recordings, page_of, state_of
from assent.studio.levels import loudness_in_words
from assent.web.face import CREATORS, Face
from assent.web.pages.editing import theirs
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["OwnerView", "face", "owner_of"]

face = Face("studio")

_AT_ONCE = 50


class OwnRecording(View):
    """A recording of yours.

    Args:
        id: Its id.
        title: Its title.
        artist: Under which name.
        state: public, private, waiting for a person's look at a copy, or held.
        plays: How often it was heard.
        duration_s: How long it sounds [seconds].
        loudness_lufs: How loud it is [LUFS]; null if it could not be measured.
        generative: How many generative uses all holders have opened for every program.
        editable: Whether you may edit it; what a label delivered, the label alone may.
    """

    id: str
    title: str
    artist: str
    state: str
    plays: int
    duration_s: float
    loudness_lufs: float | None
    generative: int
    editable: bool


class StudioView(View):
    """Your recordings.

    Args:
        recordings: The newest first.
        next: What to ask for to see older ones; null if there are none.
        under_way: How many files are on their way.
    """

    recordings: list[OwnRecording]
    next: int | None
    under_way: int


@face.page("/studio", template="studio/studio.html", who=CREATORS)
def studio(visit: Visit, after: Annotated[int | None, Query(ge=0)] = None) -> StudioView:
    """Show your recordings, and what is on its way."""
    rows = own_recordings(visit.db, visit.me.account, after=after, limit=_AT_ONCE + 1)
    return StudioView(
        recordings=[_own(row) for row in rows[:_AT_ONCE]],
        next=rows[_AT_ONCE - 1].number if len(rows) > _AT_ONCE else None,
        under_way=len(uploads.under_way(visit.site.house, visit.me.account)),
    )


def _own(row: Any) -> OwnRecording:  # a row of `own_recordings`; rows carry no column types
    return OwnRecording(
        id=row.id,
        title=row.title,
        artist=row.artist_name,
        state=state_of(waits=bool(row.waits), held=row.held, visibility=row.visibility),
        plays=int(row.plays),
        duration_s=row.frames / row.sr,
        loudness_lufs=row.loudness_lufs,
        generative=(row.word & CONSENT_ONLY).bit_count(),
        editable=bool(row.editable),
    )


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
