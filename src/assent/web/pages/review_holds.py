"""Holds at the review desk: uses switched off by a dispute, a court or moderation, and back on."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import select

from assent.acts.hold import hold, release
from assent.catalogue import tables
from assent.errors import BadInput
from assent.permission.uses import ALL, CONSENT_ONLY, labels, parse_uses
from assent.signin.scopes import Scope
from assent.studio.foresight_words import uses_told
from assent.web.authors import author
from assent.web.face import REVIEWERS, STAFF, Done, Face
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("holds")

_AT_ONCE = 50


class Hold(View):
    """A hold in force.

    Args:
        hold: Number of the event that placed it, by which it is called.
        recording: On which recording.
        title: How that is called.
        uses: What is switched off.
        plain: The same in words.
        everything: Whether that is every use there is.
        cause: Why.
        by: Who placed it.
        at: When.
    """

    hold: int
    recording: str
    title: str
    uses: list[str]
    plain: list[str]
    everything: bool
    cause: str
    by: str
    at: str


class HoldsView(View):
    """The holds in force, the newest first.

    Args:
        holds: Some of them.
        recording: Only those on this recording; empty for all.
        before: The number to go on before; None where these are the last.
        may_change: Whether who looks may set and release.
    """

    holds: list[Hold]
    recording: str
    before: int | None
    may_change: bool


class Setting(BaseModel):
    """Switching uses of a recording off.

    Args:
        recording: Which.
        what: `generative` for all that makes or feeds something generative, `everything`, or
            `these` for the uses that are named.
        uses: Patterns of uses, such as partner/train-*, with spaces between them.
        cause: Why, in a few words.
    """

    recording: str = Field(max_length=40)
    what: str = Field(default="these", pattern="generative|everything|these")
    uses: str = Field(default="", max_length=2_000)
    cause: str = Field(max_length=2_000)


class Cause(BaseModel):
    """Why a hold is released.

    Args:
        cause: In a few words.
    """

    cause: str = Field(max_length=2_000)


@face.page("/review/holds", template="review/holds.html", who=STAFF, scope=Scope.STAFF)
def holds(
    visit: Visit,
    recording: Annotated[str, Query(max_length=40)] = "",
    before: Annotated[int | None, Query(ge=0, lt=1 << 53)] = None,
) -> HoldsView:
    """Show the holds in force, and set or release one."""
    holds, events, recordings = tables.holds.c, tables.events.c, tables.recordings.c
    query = (
        select(*holds["event", "recording", "uses", "cause"], events.by, events.at)
        .add_columns(recordings.title)
        .join(tables.events, events.number == holds.event)
        .join(tables.recordings, recordings.id == holds.recording)
        .where(holds.lifted.is_(None))
        .order_by(holds.event.desc())
        .limit(_AT_ONCE + 1)
    )
    if recording:
        query = query.where(holds.recording == recording)
    if before is not None:
        query = query.where(holds.event < before)
    rows = visit.db.execute(query).all()
    shown = rows[:_AT_ONCE]
    return HoldsView(
        holds=[
            Hold(
                hold=row.event,
                recording=row.recording,
                title=row.title,
                uses=list(labels(row.uses)),
                plain=list(uses_told(row.uses)),
                everything=row.uses == ALL,
                cause=row.cause,
                by=author(row.by),
                at=row.at,
            )
            for row in shown
        ],
        recording=recording,
        before=shown[-1].event if len(rows) > _AT_ONCE else None,
        may_change=visit.is_one_of(REVIEWERS),
    )


@face.act("/review/holds/set", who=REVIEWERS, scope=Scope.STAFF, shows=holds)
def set_hold(visit: Visit, said: Setting) -> Done:
    """Switch uses of a recording off, at once and everywhere."""
    event = hold(visit.site.house, said.recording, _uses(said), said.cause, visit.by)
    return Done(
        said=f"Hold {event.number} on {said.recording} is in force within one second.",
        next="/review/holds",
    )


def _uses(said: Setting) -> int:
    match said.what:
        case "generative":
            return CONSENT_ONLY
        case "everything":
            return ALL
        case _:
            patterns = said.uses.replace(",", " ").split()
            if not patterns:
                raise BadInput("say which uses are switched off")
            return parse_uses(patterns)


@face.act("/review/holds/{number}/release", who=REVIEWERS, scope=Scope.STAFF, shows=holds)
def release_hold(visit: Visit, number: Annotated[int, Path(ge=0, lt=1 << 53)], said: Cause) -> Done:
    """Lift a hold; what words and terms say counts again."""
    if not said.cause.strip():
        raise BadInput("say why it is released, in a few words")
    release(visit.site.house, number, visit.by, said.cause)
    return Done(said=f"Hold {number} is released.", next="/review/holds")
