"""How much happened here, month by month; nobody can be made out in it."""

import csv
from io import StringIO

from starlette.responses import PlainTextResponse, Response

from assent.catalogue.tallies import Tally
from assent.permission.presets import PRESETS, Preset
from assent.web.face import Face
from assent.web.figures import Figures
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["COLUMNS", "LEAST", "face"]

face = Face("transparency")

LEAST = 5
"""A choice that fewer have made is told as fewer than this: nobody is to be made out by it."""

_GUARDED = {"erasure"}
"""Told as choices are: who was here and is not could be made out by it. All else is an act of this
place or of its staff, or an event without a name; their small numbers are told as they are."""

COLUMNS = {
    "recording": "recordings came in",
    "statement": "things said about AI",
    "request": "requests of programs",
    "program.propose": "programs proposed",
    "program.approve": "programs approved",
    "program.suspend": "programs suspended",
    "program.end": "programs ended",
    "training-set": "training sets cut",
    "hold": "holds set",
    "hold.lift": "holds lifted",
    "copy.suspect": "copies suspected",
    "copy.decide": "copies decided",
    "claim": "claims made",
    "terms.publish": "terms put in force",
    "staff": "other acts of staff",
    "erasure": "people erased",
}
"""What is counted of events, by kind, and how it is called."""


class Count(View):
    """How many of something there were.

    Args:
        name: What.
        words: The same in plain words.
        count: How many; None where there were some, but too few to tell.
    """

    name: str
    words: str
    count: int | None


class MonthView(View):
    """A month.

    Args:
        month: Which, such as 2031-03.
        counts: What happened.
        uses: How often the gate let any program read a recording.
        presets: Which choices were made for whole accounts.
    """

    month: str
    counts: list[Count]
    uses: int
    presets: list[Count]


class TransparencyView(View):
    """How much happened, month by month, the newest first.

    Args:
        head: Number of the last event that is counted.
        least: Choices and people erased are not told by number where they are fewer than this.
        totals: All months together.
        uses: How often the gate let any program read a recording, in all months together.
        months: The months.
    """

    head: int
    least: int
    totals: list[Count]
    uses: int
    months: list[MonthView]


@face.page("/transparency", template="public/transparency.html")
def transparency(visit: Visit) -> TransparencyView:
    """Show how much happened here, month by month."""
    tally = visit.site.one(Figures).tally(visit.db)
    return TransparencyView(
        head=tally.head,
        least=LEAST,
        totals=[
            Count(
                name=kind,
                words=words,
                count=_told(kind, sum(_of(tally, month, kind) for month in tally.months)),
            )
            for kind, words in COLUMNS.items()
        ],
        uses=sum(tally.uses.values()),
        months=[_month(tally, month) for month in tally.months],
    )


@face.raw("/transparency.csv")
def table(visit: Visit) -> Response:
    """Give the same as a table."""
    tally = visit.site.one(Figures).tally(visit.db)
    file = StringIO(newline="")
    written = csv.writer(file)
    names = [preset.value for preset in Preset]
    written.writerow(["month", *COLUMNS, "uses", *(f"preset {name}" for name in names)])
    for month in tally.months:
        made = _month(tally, month)
        written.writerow(
            [
                month,
                *map(_written, made.counts),
                made.uses,
                *map(_written, made.presets),
            ]
        )
    return PlainTextResponse(
        file.getvalue(),
        media_type="text/csv",
        headers={"content-disposition": 'attachment; filename="transparency.csv"'},
    )


def _of(tally: Tally, month: str, kind: str) -> int:
    return tally.kinds.get((month, kind), 0)


def _month(tally: Tally, month: str) -> MonthView:
    return MonthView(
        month=month,
        counts=[
            Count(name=kind, words=words, count=_told(kind, _of(tally, month, kind)))
            for kind, words in COLUMNS.items()
        ],
        uses=sum(n for (at, _), n in tally.uses.items() if at == month),
        presets=[
            Count(
                name=preset.value,
                words=masks.title,
                count=_enough(tally.presets.get((month, preset.value), 0)),
            )
            for preset, masks in PRESETS.items()
        ],
    )


def _written(counted: Count) -> str:
    return f"fewer than {LEAST}" if counted.count is None else str(counted.count)


def _told(kind: str, count: int) -> int | None:
    return _enough(count) if kind in _GUARDED else count


def _enough(count: int) -> int | None:
    """Return a count that names nobody; None where it is too small to tell."""
    return None if 0 < count < LEAST else count
