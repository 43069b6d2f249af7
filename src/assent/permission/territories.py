"""Where rights are held and used: the whole world, or some countries by ISO 3166 code."""

import re
from collections.abc import Iterable

from assent.errors import BadInput

__all__ = ["WORLD", "Territories", "format_territories", "missing", "overlap", "parse_territories"]

Territories = frozenset[str]

WORLD: Territories = frozenset(["world"])
_CODE = re.compile(r"[A-Z]{2}")


def parse_territories(codes: Iterable[str]) -> Territories:
    """Return the territories named.

    Raises:
        BadInput: None is named, or one is neither `world` nor two capital letters.
    """
    named = frozenset(codes)
    if not named:
        raise BadInput("no territory is named; write world or country codes such as DE")
    if "world" in named:
        return WORLD
    for code in sorted(named):
        if not _CODE.fullmatch(code):
            raise BadInput(f"{code!r} is no territory; write world or country codes such as DE")
    return named


def format_territories(territories: Territories) -> str:
    """Return the territories as text that `parse_territories` reads, split at spaces."""
    return " ".join(sorted(territories))


def overlap(held: Territories, used: Territories) -> bool:
    """Say whether somebody who holds rights in `held` must be asked for a use in `used`."""
    return WORLD in {held, used} or bool(held & used)


def missing(held: Iterable[Territories], used: Territories) -> Territories:
    """Return the part of `used` in which nobody holds rights; of the world only the whole.

    Rights in some countries never add up to the world here: which countries there are is a
    question of the day, and a gap must close, not open.
    """
    every = tuple(held)
    if WORLD in every:
        return frozenset()
    return used.difference(*every)
