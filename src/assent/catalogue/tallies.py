"""How much happened in each month: counts from events and uses, brought up to date as they come.

Each event is counted once: what a tally knows is added to, from the event after its head. Only
where somebody was erased since is it counted from the start, for rows are gone then.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Column, ColumnElement, Connection, func, select

from assent.catalogue import tables
from assent.catalogue.events import head
from assent.catalogue.projection import KINDS

__all__ = ["NOTHING", "Monthly", "Tally", "tallied"]

Monthly = Mapping[tuple[str, str], int]
"""How many, by month (2031-03) and by what."""
_MONTH = len("2031-03")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What happened up to an event, counted.

    Args:
        head: Number of that event.
        kinds: Events by month and kind.
        presets: Choices of a preset by month and name.
        uses: What the gate let through, by month and program.
    """

    head: int
    kinds: Monthly
    presets: Monthly
    uses: Monthly

    @property
    def months(self) -> tuple[str, ...]:
        """The months in which anything happened, the newest first."""
        return tuple(sorted({month for month, _ in self.kinds}, reverse=True))


_NONE: Monthly = MappingProxyType({})
NOTHING = Tally(head=0, kinds=_NONE, presets=_NONE, uses=_NONE)
"""Of before the first event."""


def tallied(connection: Connection, before: Tally = NOTHING) -> Tally:
    """Return a tally brought up to what a connection sees.

    Args:
        connection: Where the catalogue is read; one transaction.
        before: What was counted so far.
    """
    newest = head(connection)
    if newest == before.head:
        return before
    if newest < before.head or _erased(connection, before.head):
        before = NOTHING
    return Tally(
        head=newest,
        kinds=_kinds(connection, before),
        presets=_presets(connection, before),
        uses=_uses(connection, before),
    )


def _erased(connection: Connection, since: int) -> bool:
    events = tables.events.c
    query = select(events.number).where(events.kind == "erasure", events.number > since).limit(1)
    return connection.execute(query).first() is not None


def _kinds(connection: Connection, before: Tally) -> Monthly:
    events = tables.events.c
    month = _month_of(events.at)
    counted = Counter(before.kinds)
    # kind by kind, as the index has them: nothing but what is new is looked at
    for kind in KINDS:
        query = (
            select(month, func.count())
            .where(events.kind == kind, events.number > before.head)
            .group_by(month)
        )
        for at, n in connection.execute(query):
            counted[at, kind] += n
    return counted


def _presets(connection: Connection, before: Tally) -> Monthly:
    said = tables.statements.c
    month = _month_of(said.at)
    query = (
        select(month, said.preset, func.count())
        .where(said.event > before.head, said.preset.is_not(None))
        .group_by(month, said.preset)
    )
    counted = Counter(before.presets)
    for at, preset, n in connection.execute(query):
        counted[at, preset] += n
    return counted


def _uses(connection: Connection, before: Tally) -> Monthly:
    uses = tables.uses.c
    month = _month_of(uses.hour)
    query = (
        select(month, uses.program, func.sum(uses.count))
        .where(uses.event > before.head)
        .group_by(month, uses.program)
    )
    counted = Counter(before.uses)
    for at, program, n in connection.execute(query):
        counted[at, program] += int(n)
    return counted


def _month_of(instant: Column[str]) -> ColumnElement[str]:
    return func.substr(instant, 1, _MONTH)
