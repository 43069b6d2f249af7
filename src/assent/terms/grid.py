"""The grid: every use of every material of every provenance, before and after, one bit each.

60 uses times 3 materials times 2 provenances times 2 times are 720 cells. A set of cells is an
`int` of 720 bits: twelve words of the register of uses side by side, one a slice. So what holds for
words holds here: sets are joined by `|`, met by `&`, and a scope is a word times its slices.

Source: design, section 2; docs/adr/0010-a-wording-is-a-set-of-cells.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache, reduce
from itertools import product
from operator import or_

from assent.permission.uses import ACTIVITIES, ACTORS, ALL, Activity, Actor, bit

__all__ = [
    "ANYTHING",
    "CELLS",
    "EVERY_CELL",
    "SLICES",
    "Cell",
    "Material",
    "Provenance",
    "Scope",
    "Time",
    "cell_at",
    "cells_in",
    "slice_of",
    "uses_by",
    "uses_in",
    "word_at",
]


class Material(Enum):
    """What is used."""

    AUDIO = "audio"
    CONTENT = "content"
    ACTIVITY = "activity"


class Provenance(Enum):
    """How it came to the platform."""

    OWN = "own"
    DELIVERED = "delivered"


class Time(Enum):
    """Whether it came after the clause or had been there before."""

    AFTER = "after"
    BEFORE = "before"


_WIDTH = ALL.bit_length()
SLICES = tuple(product(Material, Provenance, Time))
"""What the twelve words of the grid are about, in their order."""

CELLS = _WIDTH * len(SLICES)
EVERY_CELL = (1 << CELLS) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A product of facets: these uses of these materials, so delivered, from these times.

    Args:
        uses: Who does what [60-bit word].
        material: Of what.
        provenance: However it came.
        time: Whenever it came.
    """

    uses: int = ALL
    material: frozenset[Material] = frozenset(Material)
    provenance: frozenset[Provenance] = frozenset(Provenance)
    time: frozenset[Time] = frozenset(Time)

    @property
    def cells(self) -> int:
        """Its cells."""
        # a word is shorter than a slice is wide, so the product carries nothing over
        return self.uses * _lanes(self.material, self.provenance, self.time)

    def within(self, other: "Scope") -> "Scope":
        """Return what both speak of; it may be nothing."""
        return Scope(**{it.name: getattr(self, it.name) & getattr(other, it.name) for it in _PARTS})


_PARTS = fields(Scope)
ANYTHING = Scope()


@cache
def _lanes(
    material: frozenset[Material], provenance: frozenset[Provenance], time: frozenset[Time]
) -> int:
    wanted = (material, provenance, time)
    return sum(
        1 << _WIDTH * place
        for place, facets in enumerate(SLICES)
        if all(facet in some for facet, some in zip(facets, wanted, strict=True))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell, by its facets."""

    actor: Actor
    activity: Activity
    material: Material
    provenance: Provenance
    time: Time


def cell_at(position: int) -> Cell:
    """Return the cell of a bit position from 0 to 719."""
    place, use = divmod(position, _WIDTH)
    actor, activity = divmod(use, len(ACTIVITIES))
    material, provenance, time = SLICES[place]
    return Cell(
        actor=ACTORS[actor],
        activity=ACTIVITIES[activity],
        material=material,
        provenance=provenance,
        time=time,
    )


def cells_in(cells: int) -> Iterator[int]:
    """Give the bit positions of a set of cells, in order."""
    while cells:
        lowest = cells & -cells
        yield lowest.bit_length() - 1
        cells ^= lowest


def slice_of(material: Material, provenance: Provenance, time: Time) -> int:
    """Return a slice's number, from 0 to 11."""
    return SLICES.index((material, provenance, time))


def word_at(cells: int, place: int) -> int:
    """Return the uses that a set of cells has in one slice [60-bit word]."""
    return cells >> _WIDTH * place & ALL


def uses_in(cells: int) -> int:
    """Return the uses that have any of some cells [60-bit word]."""
    return reduce(or_, (word_at(cells, place) for place in range(len(SLICES))))


def uses_by(actors: frozenset[Actor], activities: frozenset[Activity]) -> int:
    """Return the uses of some actors and activities [60-bit word]."""
    return sum(bit(actor, activity) for actor in actors for activity in activities)
