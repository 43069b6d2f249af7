"""Drafts: terms that wait for their day, because they take something from those who hold rights.

They do where they leave open what those in force do not, or promise less notice of changes. What
they leave open is asked of all cells of the grid, silence being barred as everywhere: a use of
artwork or of earlier uploads that becomes more open is as much of a widening as one of audio.

A promise of notice outlives its text by as long as it promises, whatever text comes next.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import reduce
from operator import or_

from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.catalogue.events import read
from assent.clock import parse_instant
from assent.terms.clause import Status
from assent.terms.notice import Notice
from assent.terms.reading import Reading
from assent.terms.text import Text, parse_text

__all__ = [
    "LEAST_DAYS",
    "Change",
    "Draft",
    "change",
    "days_of",
    "days_promised",
    "find_draft",
    "first_day",
    "less_notice",
    "midnight",
    "objection",
    "pending",
    "text_in_force",
]

LEAST_DAYS = 14
"""The least notice of what is taken, where the text in force promises less, or none [days]."""

_STEPS = ((Status.GRANTED,), (Status.GRANTED, Status.OPT_OUT), tuple(Status)[:3])
"""How open a cell is, in three steps: even against a no, without a yes, after a yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one text takes from those who hold rights, beside another.

    Args:
        cells: For each step of openness, the cells that come to it.
        less_notice: In which ways it promises less notice of changes, as `less_notice` has them.
    """

    cells: tuple[int, ...]
    less_notice: tuple[str, ...] = ()

    @property
    def opened(self) -> int:
        """The cells that become more open [set of cells]."""
        return reduce(or_, self.cells)

    @property
    def waits(self) -> bool:
        """Whether holders have to be told before it is in force."""
        return bool(self.opened or self.less_notice)

    def is_within(self, other: "Change") -> bool:
        """Say whether whoever was told of the other was told of all of this."""
        return self.opens_within(other) and set(self.less_notice) <= set(other.less_notice)

    def opens_within(self, other: "Change") -> bool:
        """Say whether it opens nothing that the other does not."""
        pairs = zip(self.cells, other.cells, strict=True)
        return not any(mine & ~theirs for mine, theirs in pairs)


def change(before: Text | None, after: Text) -> Change:
    """Return what one text takes beside another; beside none, all that it opens."""
    if before is None:
        return Change(cells=_steps(after.reading))
    steps = zip(_steps(before.reading), _steps(after.reading), strict=True)
    return Change(
        cells=tuple(now & ~then for then, now in steps),
        less_notice=less_notice(before.notice, after.notice),
    )


def less_notice(before: Notice, after: Notice) -> tuple[str, ...]:
    """Return in which ways one promise is weaker than another: days, timing, channel, chance."""
    weaker = {
        "days": after.days < before.days,
        "timing": _rank(after.timing) > _rank(before.timing),
        "channel": _rank(after.channel) > _rank(before.channel),
        "chance": _rank(after.chance) > _rank(before.chance),
    }
    return tuple(way for way, is_weaker in weaker.items() if is_weaker)


def _rank(facet: Enum) -> int:
    # facets of notice are listed the best first
    return tuple(type(facet)).index(facet)


def _steps(reading: Reading) -> tuple[int, ...]:
    return tuple(reduce(or_, (reading.cells(it) for it in step)) for step in _STEPS)


def days_of(text: Text) -> int:
    """Return how long before its day a text that takes more has to be told [days]."""
    return max(text.notice.days, LEAST_DAYS)


def days_promised(connection: Connection, at: datetime) -> int:
    """Return what notice a text that takes more needs at an instant, by all promises [days]."""
    texts = tables.texts.c
    query = select(texts.source, texts.event).where(texts.kind == "terms").order_by(texts.event)
    days, replaced = LEAST_DAYS, at
    for source, number in reversed(connection.execute(query).all()):
        promised = days_of(parse_text(source, strict=False))
        if replaced + timedelta(days=promised) > at or replaced == at:
            days = max(days, promised)
        event = read(connection, number)
        replaced = event.at if event else replaced
    return days


def first_day(at: datetime, days: int) -> date:
    """Return the first day that begins at least so many days after an instant."""
    ends = at.astimezone(UTC) + timedelta(days=days)
    return ends.date() if ends.time() == time() else ends.date() + timedelta(days=1)


def midnight(day: date) -> datetime:
    """Return when a day begins [aware datetime, UTC]."""
    return datetime.combine(day, time(), UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Terms that were drafted.

    Args:
        id: Their name.
        source: Their file.
        against: The terms in force when they were drafted; None if there were none.
        at: When they were drafted, and holders told [aware datetime].
        in_force: From when they can be in force [aware datetime].
        state: `draft`, `published` or `withdrawn`.
    """

    id: str
    source: str
    against: str | None
    at: datetime
    in_force: datetime
    state: str


def pending(connection: Connection) -> Draft | None:
    """Return the draft that waits; None where there is none. There is never a second."""
    return _draft(connection, "state", "draft")


def find_draft(connection: Connection, name: str) -> Draft | None:
    """Return the draft of an id, whatever became of it."""
    return _draft(connection, "id", name)


def _draft(connection: Connection, column: str, value: str) -> Draft | None:
    drafts = tables.drafts
    row = connection.execute(select(drafts).where(drafts.c[column] == value)).one_or_none()
    if row is None:
        return None
    return Draft(
        id=row.id,
        source=row.source,
        against=row.against,
        at=parse_instant(row.at),
        in_force=parse_instant(row.in_force),
        state=row.state,
    )


def text_in_force(connection: Connection) -> Text | None:
    """Return the terms in force; None where there are none."""
    texts = tables.texts.c
    source = connection.execute(select(texts.source).where(texts.current)).scalar_one_or_none()
    return None if source is None else parse_text(source, strict=False)


def objection(connection: Connection, draft: Draft, at: datetime) -> str:
    """Return why a draft cannot be put in force now, as one clause; empty if it can."""
    name = f"the terms {draft.id!r}"
    if at < draft.in_force:
        return f"{name} can be in force from {draft.in_force.date()}; until then their notice runs"
    current = text_in_force(connection)
    if current is None or current.id == draft.against:
        return ""
    # others came between: it is held against those that are in force now
    text = parse_text(draft.source, strict=False)
    now = change(current, text)
    if not now.waits:
        return ""
    told = _told_of(connection, draft, text)
    if not now.is_within(told):
        takes = "promise less notice" if now.opens_within(told) else "open more"
        return (
            f"{name} {takes} beside {current.id!r}, which came in force after the notice, than"
            " holders were told; withdraw the draft and publish it under an id of its own"
        )
    days = days_promised(connection, at)
    earliest = first_day(draft.at, days)
    if at < midnight(earliest):
        return f"{name} can be in force from {earliest}; {days} days' notice is promised by now"
    return ""


def _told_of(connection: Connection, draft: Draft, text: Text) -> Change:
    texts = tables.texts.c
    query = select(texts.source).where(texts.id == draft.against)
    source = connection.execute(query).scalar_one_or_none()
    if source is None:
        return Change(cells=(0, 0, 0))
    return change(parse_text(source, strict=False), text)
