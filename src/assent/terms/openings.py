"""What a wording leaves open without consent, and the clauses that fail to cover it.

What is granted, what is granted unless somebody says no, and what the text is silent about are told
apart, each in the fewest sentences; together they are exactly the open cells.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from assent.terms.box import Box
from assent.terms.clause import Clause, Limit, Status
from assent.terms.cover import cover
from assent.terms.grid import EVERY_CELL, Provenance, Scope
from assent.terms.miss import Miss, near_misses
from assent.terms.prose import may
from assent.terms.reading import Reading, read
from assent.terms.text import Text, parse_text

__all__ = [
    "OPEN",
    "Count",
    "Effect",
    "Opening",
    "count",
    "limit_effects",
    "openings",
    "switch_effects",
]

OPEN: tuple[Status | None, ...] = (Status.GRANTED, Status.OPT_OUT, None)
"""The kinds of open cells, in the order in which they are told; None is silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Something left open.

    Args:
        box: What.
        status: Whether the text takes it, takes it unless refused, or (None) is silent about it.
        sentence: The same in words.
        granted_by: The clauses that take it; none where the text is silent.
        misses: The promises that come nearest and do not cover it.
    """

    box: Box
    status: Status | None
    sentence: str
    granted_by: tuple[Clause, ...]
    misses: tuple[Miss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many cells a text leaves open, of 360 each.

    Args:
        own: For own uploads; 0 of an agreement, which does not speak of them.
        delivered: For what labels deliver.
    """

    own: int
    delivered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What words or a judgement do to the count.

    Args:
        name: The words, or the name of the switch.
        text: The clause they stand in, or the judgement.
        before: The count as it is read.
        after: The count without the words, or with the switch turned.
    """

    name: str
    text: str
    before: Count
    after: Count


def openings(text: Text) -> tuple[Opening, ...]:
    """Return everything that a wording leaves open."""
    return tuple(
        _opening(text, box, status)
        for status in OPEN
        for box in cover(text.reading.cells(status) & text.about).boxes
    )


def _opening(text: Text, box: Box, status: Status | None) -> Opening:
    cells = box.cells
    return Opening(
        box=box,
        status=status,
        sentence=may(box, text.company),
        granted_by=tuple(
            clause
            for clause, decided in zip(text.clauses, text.reading.decided, strict=True)
            if decided & cells
        ),
        misses=near_misses(text, cells),
    )


_HALVES = {it: Scope(provenance=frozenset({it})).cells for it in Provenance}


def count(reading: Reading, about: int = EVERY_CELL) -> Count:
    """Return how many cells are open.

    Args:
        reading: What a text comes to.
        about: What it can speak of at all [set of cells].
    """
    own, delivered = ((reading.open & about & half).bit_count() for half in _HALVES.values())
    return Count(own=own, delivered=delivered)


def limit_effects(text: Text) -> tuple[Effect, ...]:
    """Return for each qualifying word, exception and definition what striking it would do."""
    before = count(text.reading, text.about)
    effects = []
    for place, clause in enumerate(text.clauses):
        for words, without in _struck(clause):
            clauses = (*text.clauses[:place], without, *text.clauses[place + 1 :])
            after = count(read(clauses), text.about)
            effects.append(Effect(name=words, text=clause.id, before=before, after=after))
    return tuple(effects)


def _struck(clause: Clause) -> Iterator[tuple[str, Clause]]:
    """Give a clause without each of its limits."""
    for it in clause.qualifiers:
        yield it.words, replace(clause, qualifiers=_but(clause.qualifiers, it))
    for it in clause.exceptions:
        yield it.words, replace(clause, exceptions=_but(clause.exceptions, it))
    for it in clause.definitions:
        yield it.words, replace(clause, definitions=_but(clause.definitions, it))


def _but(limits: tuple[Limit, ...], one: Limit) -> tuple[Limit, ...]:
    return tuple(it for it in limits if it is not one)


def switch_effects(text: Text, toml: str) -> tuple[Effect, ...]:
    """Return for each judgement in a text what the count would be if one judged otherwise.

    Args:
        text: The wording, as it is read, whichever way its switches stand.
        toml: Its file.
    """
    standing = parse_text(toml, strict=False).switches if text.switches else ()
    turned = {it.id for it, read_as in zip(standing, text.switches, strict=True) if it != read_as}
    before = count(text.reading, text.about)
    return tuple(
        Effect(
            name=switch.id,
            text=switch.text,
            before=before,
            after=count(
                parse_text(toml, flipped=frozenset(turned ^ {switch.id}), strict=False).reading,
                text.about,
            ),
        )
        for switch in text.switches
    )
