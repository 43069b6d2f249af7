"""A reading: what the clauses of a text come to, cell by cell.

Each cell has exactly one status, or no clause speaks of it. A later clause overrides an earlier one
on the cells they share: first the rule, then its exceptions. A clause without prejudice takes only
cells that are less protected so far.

Laws (tests/terms/test_reading.py): the five sets fill the grid and share nothing; joining opens
only what both leave open; order matters only where clauses share cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assent.permission.algebra import Masks
from assent.terms.clause import Clause, Status
from assent.terms.grid import EVERY_CELL, Material, Provenance, Time, slice_of, word_at

__all__ = ["Reading", "masks_of", "read"]

_ORDER = tuple(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which cells have which status.

    Args:
        granted: Taken without asking.
        opt_out: Taken unless refused.
        opt_in: Taken only after a yes.
        barred: Not taken at all.
        decided: Of each clause, in order, the cells that it decides in the end.
    """

    granted: int
    opt_out: int
    opt_in: int
    barred: int
    decided: tuple[int, ...] = ()

    @property
    def silent(self) -> int:
        """The cells of which nothing is said."""
        return EVERY_CELL & ~(self.granted | self.opt_out | self.closed)

    @property
    def closed(self) -> int:
        """The cells where nothing happens without consent."""
        return self.opt_in | self.barred

    @property
    def open(self) -> int:
        """The cells left open without consent: granted, granted unless refused, or silent."""
        return EVERY_CELL & ~self.closed

    def cells(self, status: Status | None) -> int:
        """Return the cells of a status; the silent ones for None."""
        return self.silent if status is None else int(getattr(self, status.value))

    def status(self, position: int) -> Status | None:
        """Return the status of one cell; None where the text is silent."""
        return next((it for it in Status if self.cells(it) >> position & 1), None)


def read(clauses: Sequence[Clause]) -> Reading:
    """Return what clauses come to."""
    held = dict.fromkeys(Status, 0)
    decided: list[int] = []
    for clause in clauses:
        cells = clause.cells
        if clause.without_prejudice:
            for stricter in _ORDER[_ORDER.index(clause.status) :]:
                cells &= ~held[stricter]
        held = {status: some & ~cells for status, some in held.items()}
        held[clause.status] |= cells
        decided = [*(some & ~cells for some in decided), cells]
    return _reading(held, tuple(decided))


def _reading(held: Mapping[Status, int], decided: tuple[int, ...] = ()) -> Reading:
    return Reading(
        granted=held[Status.GRANTED],
        opt_out=held[Status.OPT_OUT],
        opt_in=held[Status.OPT_IN],
        barred=held[Status.BARRED],
        decided=decided,
    )


def masks_of(reading: Reading, provenance: Provenance) -> Masks[int]:
    """Return a reading as the words that decide about recordings.

    Words know no time: where a text says different things of earlier and of later uploads, the
    stricter counts for both. What it does not speak of is barred.

    Args:
        reading: What the text comes to.
        provenance: Own uploads stand on terms, deliveries on their agreement.
    """
    after, before = (slice_of(Material.AUDIO, provenance, time) for time in Time)
    silent, *words = (
        word_at(reading.cells(status), after) | word_at(reading.cells(status), before)
        for status in (None, Status.BARRED, Status.OPT_IN, Status.OPT_OUT, Status.GRANTED)
    )
    taken = silent
    strictest = []
    for said in words:
        strictest.append(said & ~taken)
        taken |= said
    _barred, opt_in, opt_out, granted = strictest
    return Masks(granted, opt_out, opt_in)
