"""How often a creator's recordings were heard, by day and by recording; counts alone."""

from datetime import timedelta
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from assent.studio.stats import by_day, by_recording, plays_csv
from assent.web.face import CREATORS, Face
from assent.web.owner import theirs
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("plays")


class DayView(View):
    """A day.

    Args:
        day: Which.
        plays: How often something was heard.
        heard_s: For how long together [seconds].
    """

    day: str
    plays: int
    heard_s: int


class HeardView(View):
    """A recording, and how often it was heard.

    Args:
        recording: Its id.
        title: Its title.
        plays: How often it was heard.
        heard_s: For how long together [seconds].
    """

    recording: str
    title: str
    plays: int
    heard_s: int


class PlaysView(View):
    """How often your recordings were heard.

    Args:
        days: How many days are shown.
        recording: Of which recording alone; empty for all.
        title: Its title; empty for all.
        by_day: Every day, the earliest first.
        by_recording: The recordings, the most heard first.
        plays: How often together.
        heard_s: For how long together [seconds].
    """

    days: int
    recording: str
    title: str
    by_day: list[DayView]
    by_recording: list[HeardView]
    plays: int
    heard_s: int


@face.page("/studio/plays", template="studio/plays.html", who=CREATORS)
def plays(
    visit: Visit,
    days: Annotated[int, Query(ge=7, le=366)] = 30,
    recording: Annotated[str, Query(max_length=50)] = "",
) -> PlaysView:
    """Show how often your recordings were heard, by day and by recording."""
    title = theirs(visit, recording).title if recording else ""
    last = visit.at.date()
    first = last - timedelta(days=days - 1)
    me = visit.me.account
    each = by_day(visit.db, me, first, last, recording)
    return PlaysView(
        days=days,
        recording=recording,
        title=title,
        by_day=[DayView(day=it.day.isoformat(), plays=it.plays, heard_s=it.heard_s) for it in each],
        by_recording=[
            HeardView(recording=it.recording, title=it.title, plays=it.plays, heard_s=it.heard_s)
            for it in by_recording(visit.db, me, first, last)
            if recording in {"", it.recording}
        ],
        plays=sum(it.plays for it in each),
        heard_s=sum(it.heard_s for it in each),
    )


@face.raw("/studio/plays.csv", methods=("GET",), who=CREATORS)
def plays_table(visit: Visit) -> Response:
    """Give all counts of your recordings, day by day, for a spreadsheet."""
    # a mark at the beginning tells spreadsheets that it is UTF-8
    text = "\N{ZERO WIDTH NO-BREAK SPACE}" + "".join(plays_csv(visit.db, visit.me.account))
    return Response(
        text,
        media_type="text/csv; charset=utf-8",
        headers={
            "content-disposition": 'attachment; filename="plays.csv"',
            "cache-control": "no-store",
        },
    )
