"""The studio: a creator's recordings, and all that can be said of each."""

from typing import Annotated, Any

from fastapi import Query

from assent.studio import uploads
from assent.studio.editing import own_recordings, state_of
from assent.web.ai_summary import Mark, Training, marks_of
from assent.web.face import CREATORS, Face
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

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
        training: Who may train on it: none, analysis or generative.
        mark: The same in words, as its own page says it.
        editable: Whether you may edit it; what a label delivered, the label alone may.
    """

    id: str
    title: str
    artist: str
    state: str
    plays: int
    duration_s: float
    loudness_lufs: float | None
    training: Training
    mark: str
    editable: bool


class StudioView(View):
    """Your recordings.

    Args:
        recordings: The newest first.
        next: What to ask for to see older ones; null if there are none.
        under_way: How many files are on their way, without those that cannot be taken in.
    """

    recordings: list[OwnRecording]
    next: int | None
    under_way: int


@face.page("/studio", template="studio/studio.html", who=CREATORS)
def studio(visit: Visit, after: Annotated[int | None, Query(ge=0)] = None) -> StudioView:
    """Show your recordings, and what is on its way."""
    rows = own_recordings(visit.db, visit.me.account, after=after, limit=_AT_ONCE + 1)
    house = visit.site.house
    marks = marks_of(visit, {row.number: row.word for row in rows[:_AT_ONCE]})
    return StudioView(
        recordings=[_own(row, marks[row.number]) for row in rows[:_AT_ONCE]],
        next=rows[_AT_ONCE - 1].number if len(rows) > _AT_ONCE else None,
        under_way=sum(not it.broken for it in uploads.under_way(house, visit.me.account)),
    )


def _own(row: Any, mark: Mark) -> OwnRecording:  # rows carry no column types
    return OwnRecording(
        id=row.id,
        title=row.title,
        artist=row.artist_name,
        state=state_of(waits=bool(row.waits), held=row.held, visibility=row.visibility),
        plays=int(row.plays),
        duration_s=row.frames / row.sr,
        loudness_lufs=row.loudness_lufs,
        training=mark.training,
        mark=mark.words,
        editable=bool(row.editable),
    )
