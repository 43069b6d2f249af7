"""A set of cells told in the fewest sentences: a smallest cover by prime boxes, and never more.

The sentences say exactly the cells: no box leaves the set, and every cell is in one. Of covers with
equally few sentences it is one with the fewest words, and always the same one.
"""

from typing import NamedTuple

from assent.permission.uses import ACTORS
from assent.terms.box import Box, primes
from assent.terms.prose import may
from assent.terms.set_cover import cheapest_cover

__all__ = ["Cover", "cover", "words_in"]

_SENTENCE = 10_000
"""A sentence weighs more than any number of words."""


class Cover(NamedTuple):
    """Boxes that hold exactly some cells.

    Args:
        boxes: The boxes, by who may.
        proved: Whether it is proved that fewer sentences cannot say it; false only for sets that no
            person has written.
    """

    boxes: tuple[Box, ...]
    proved: bool


def words_in(sentence: str) -> int:
    """Return how many words a sentence has."""
    return len(sentence.split())


def cover(cells: int) -> Cover:
    """Return the fewest boxes that hold exactly some cells, grouped by who may.

    Args:
        cells: The cells to tell [set of cells].
    """
    found = primes(cells)
    costs = [_SENTENCE + words_in(may(box, "x")) for box in found]
    taken, proved = cheapest_cover(cells, [box.cells for box in found], costs)
    return Cover(tuple(sorted((found[it] for it in taken), key=_order)), proved)


def _order(box: Box) -> tuple[tuple[int, ...], int]:
    actors = tuple(place for place, actor in enumerate(ACTORS) if actor in box.actors)
    return actors, (box.cells & -box.cells).bit_length()
