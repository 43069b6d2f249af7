"""Figures of public pages that would take long to count at each view: kept, and brought up to date.

None of them is anybody's answer: the gate decides anew each time.
"""

from threading import Lock
from typing import TypeVar

from pyroaring import BitMap
from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.catalogue.events import head
from assent.catalogue.tallies import NOTHING, Tally, tallied
from assent.catalogue.words import stored_words
from assent.web.site import Site

__all__ = ["Figures"]

_MOST_KEPT = 10_000
_Value = TypeVar("_Value")


class Figures:
    """The figures of one site; made by `site.one(Figures)`.

    Args:
        site: The site.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = Lock()
        self._tally = NOTHING
        self._open: dict[str, tuple[int, int, int]] = {}
        self._taken_back: dict[str, tuple[int, int]] = {}

    def tally(self, connection: Connection) -> Tally:
        """Return how much happened in each month, as a connection sees it."""
        with self._lock:
            self._tally = tallied(connection, self._tally)
            return self._tally

    def open_to(self, program: str) -> tuple[int, int]:
        """Return how many recordings a program may use now, and how many there are.

        Raises:
            Stale: The catalogue could not be looked at.
        """
        snapshot = self._site.house.gate.snapshot
        snapshot.refresh()
        known = self._open.get(program)
        # what the clock alone changes is counted with the next event, or when the page asks later
        if known is None or known[0] != snapshot.head:
            found = snapshot.permitted(program)
            known = found.head, len(found.numbers), found.of
            self._keep(self._open, program, known)
        return known[1:]

    def taken_back(self, connection: Connection, training_set: str, members: BitMap) -> int:
        """Return how many recordings of a training set its program may use no more.

        Args:
            connection: Where the catalogue is read.
            training_set: Its id.
            members: The numbers of its recordings, without those that were erased.
        """
        newest = head(connection)
        known = self._taken_back.get(training_set)
        if known is None or known[0] != newest:
            known = newest, _taken_back(connection, training_set, members)
            self._keep(self._taken_back, training_set, known)
        return known[1]

    def _keep(self, kept: dict[str, _Value], name: str, value: _Value) -> None:
        with self._lock:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[name] = value


def _taken_back(connection: Connection, training_set: str, members: BitMap) -> int:
    sets, programs = tables.training_sets.c, tables.programs.c
    query = (
        select(programs.id, programs.uses)
        .join(tables.training_sets, sets.program == programs.id)
        .where(sets.id == training_set)
    )
    program = connection.execute(query).one()
    words = stored_words(connection, list(members), program.id)
    return sum(word & program.uses != program.uses for word in words.values())
