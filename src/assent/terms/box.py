"""A box: some actors, activities, materials, provenances and times, and every mix of them.

A box is what one sentence can say without a list of cases. Any set of cells is a union of boxes;
the prime ones, which cannot grow without leaving the set, are all that a shortest telling needs.

Source: prime implicants, as in W. V. Quine, "The problem of simplifying truth functions" (1952),
for facets of several values.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import TypeVar

from assent.permission.uses import ACTIVITIES, ACTORS, ALL, Activity, Actor
from assent.terms.grid import SLICES, Material, Provenance, Scope, Time, uses_by, word_at

__all__ = ["Box", "boxes_of_word", "commons", "primes", "subsets"]

T = TypeVar("T")
_ROW = (1 << len(ACTIVITIES)) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A product of facets.

    Args:
        actors: Who.
        activities: What for.
        material: Of what.
        provenance: However it came.
        time: Whenever it came.
    """

    actors: frozenset[Actor]
    activities: frozenset[Activity]
    material: frozenset[Material]
    provenance: frozenset[Provenance]
    time: frozenset[Time]

    @classmethod
    def of(cls, actors: frozenset[Actor], row: int, context: int) -> "Box":
        """Return the box of some actors, activities [15 bits] and a context as `commons` has it."""
        material, provenance, time = _contexts()[context]
        return cls(
            actors=actors,
            activities=_activities(row),
            material=material,
            provenance=provenance,
            time=time,
        )

    @property
    def scope(self) -> Scope:
        """The same as the scope of a clause."""
        return Scope(
            uses=uses_by(self.actors, self.activities),
            material=self.material,
            provenance=self.provenance,
            time=self.time,
        )

    @property
    def cells(self) -> int:
        """Its cells."""
        return self.scope.cells


def subsets(kind: tuple[T, ...]) -> tuple[frozenset[T], ...]:
    """Return all sets of some things but the empty one, the large ones first."""
    return tuple(
        frozenset(some) for size in range(len(kind), 0, -1) for some in combinations(kind, size)
    )


@cache
def _activities(row: int) -> frozenset[Activity]:
    return frozenset(it for place, it in enumerate(ACTIVITIES) if row >> place & 1)


def boxes_of_word(uses: int) -> tuple[tuple[frozenset[Actor], frozenset[Activity]], ...]:
    """Return uses as products of actors and activities: equal actors together."""
    by_row: dict[int, set[Actor]] = {}
    for place, actor in enumerate(ACTORS):
        if row := uses >> len(ACTIVITIES) * place & _ROW:
            by_row.setdefault(row, set()).add(actor)
    return tuple((frozenset(actors), _activities(row)) for row, actors in by_row.items())


@cache
def _contexts() -> tuple[tuple[frozenset[Material], frozenset[Provenance], frozenset[Time]], ...]:
    return tuple(
        product(subsets(tuple(Material)), subsets(tuple(Provenance)), subsets(tuple(Time)))
    )


@cache
def _places(context: int) -> tuple[int, ...]:
    """Return the slices of a context."""
    wanted = _contexts()[context]
    return tuple(
        place
        for place, facets in enumerate(SLICES)
        if all(facet in some for facet, some in zip(facets, wanted, strict=True))
    )


def commons(cells: int) -> Iterator[tuple[frozenset[Actor], int, int]]:
    """Give each choice of actors and context with the activities common to it [15 bits].

    A context is a choice of materials, provenances and times, by its number.
    """
    words = [word_at(cells, place) for place in range(len(SLICES))]
    for context in range(len(_contexts())):
        shared = ALL
        for place in _places(context):
            shared &= words[place]
        if not shared:
            continue
        rows = {a: shared >> len(ACTIVITIES) * n & _ROW for n, a in enumerate(ACTORS)}
        for actors in subsets(ACTORS):
            row = _ROW
            for actor in actors:
                row &= rows[actor]
            if row:
                yield actors, context, row


def primes(cells: int) -> tuple[Box, ...]:
    """Return the boxes within a set of cells that cannot grow without leaving it."""
    boxes = (Box.of(actors, row, context) for actors, context, row in commons(cells))
    found = [(box, box.cells) for box in boxes]
    found.sort(key=lambda it: -it[1].bit_count())
    kept: list[tuple[Box, int]] = []
    for box, mine in found:
        # a larger box comes earlier, and of a box that is not prime a prime one is larger
        if all(mine & ~other for _, other in kept):
            kept.append((box, mine))
    return tuple(box for box, _ in kept)
