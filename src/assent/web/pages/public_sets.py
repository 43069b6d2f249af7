"""The training sets, for everybody: what was cut for whom, and what was taken back since."""

from base64 import b64decode
from typing import Annotated, Any

from fastapi import Query
from pyroaring import BitMap
from sqlalchemy import Select, select

from assent.catalogue import tables
from assent.errors import Unknown
from assent.web.face import Face
from assent.web.figures import Figures
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("training sets")

_AT_ONCE = 25
_COUNTED = 20_000
"""Of a larger set, what was taken back is counted on its own page alone."""


class TrainingSet(View):
    """A training set, as it was put on record before any audio of it was read.

    Args:
        id: Its id.
        program: The program that it was cut for.
        owner: Whose program that is.
        at: When it was cut.
        items: How many recordings its manifest names.
        taken_back: How many of these the program may use no more; None where a list does not count.
        erased: How many of these were erased since.
        manifest: SHA-256 of its manifest.
        root: Root of the prefix tree over its recordings; None for the oldest sets.
        head: Number of the last event that its selection knows of.
        event: Number of the event that put it on record.
    """

    id: str
    program: str
    owner: str
    at: str
    items: int
    taken_back: int | None
    erased: int
    manifest: str
    root: str | None
    head: int
    event: int


class SetsView(View):
    """The training sets, the newest first.

    Args:
        sets: Some of them.
        before: The event to go on before; None where these are the first.
    """

    sets: list[TrainingSet]
    before: int | None


class SetView(View):
    """A training set.

    Args:
        set: What everybody may know of it.
    """

    set: TrainingSet


@face.page("/training-sets", template="public/sets.html")
def sets(visit: Visit, before: Annotated[int | None, Query(ge=0, lt=1 << 53)] = None) -> SetsView:
    """Show what was cut for training, for whom, and what was taken back since."""
    found = tables.training_sets.c
    query = _query().order_by(found.event.desc()).limit(_AT_ONCE + 1)
    if before is not None:
        query = query.where(found.event < before)
    rows = visit.db.execute(query).all()
    shown = rows[:_AT_ONCE]
    return SetsView(
        sets=[_told(visit, row, most=_COUNTED) for row in shown],
        before=shown[-1].event if len(rows) > _AT_ONCE else None,
    )


@face.page("/training-sets/{name}", template="public/set.html")
def training_set(visit: Visit, name: str) -> SetView:
    """Show a training set, and how to prove what is in it."""
    row = visit.db.execute(_query().where(tables.training_sets.c.id == name)).one_or_none()
    if row is None:
        raise Unknown(f"there is no training set {name!r}", training_set=name)
    return SetView(set=_told(visit, row))


def _query() -> Select[Any]:
    sets, programs, events = tables.training_sets, tables.programs.c, tables.events.c
    return (
        select(sets, programs.owner, events.at)
        .join(tables.programs, programs.id == sets.c.program)
        .join(tables.events, events.number == sets.c.event)
    )


def _told(visit: Visit, row: Any, most: int | None = None) -> TrainingSet:
    members = BitMap.deserialize(b64decode(row.members))
    figures, counts = visit.site.one(Figures), most is None or len(members) <= most
    return TrainingSet(
        id=row.id,
        program=row.program,
        owner=row.owner,
        at=row.at,
        items=row.items,
        taken_back=figures.taken_back(visit.db, row.id, members) if counts else None,
        erased=row.items - len(members),
        manifest=row.manifest,
        root=row.root,
        head=row.head,
        event=row.event,
    )
