"""The closer: the shortest addition to a text that closes what somebody wants closed.

An addition is one or more promises, each a sentence that a person could sign: who, what for in
phrases that have a name (two at most), with what, from when; nothing without consent. It is without
prejudice, so it weakens no promise that is there, and it closes nothing that was not asked for.
Fewest sentences first, then fewest words; exact within that language.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

from assent.errors import BadText
from assent.permission.uses import (
    ACTIVITIES,
    ACTORS,
    ALL,
    CONSENT_ONLY,
    Activity,
    labels,
    parse_uses,
)
from assent.terms.box import Box, commons, subsets
from assent.terms.clause import Clause, Status
from assent.terms.cover import words_in
from assent.terms.grid import Scope
from assent.terms.prose import said
from assent.terms.reading import read
from assent.terms.set_cover import cheapest_cover
from assent.terms.text import Text
from assent.terms.words import PHRASES

__all__ = ["TARGETS", "Addition", "addition_toml", "close", "language", "target_uses"]

TARGETS = {
    "generative": CONSENT_ONLY,
    "training": parse_uses(["*/train-*"]),
    "input": parse_uses(["*/input-*"]),
    "supply": parse_uses(["*/supply"]),
    "everything": ALL,
}
"""What has a name of its own to be closed."""

_SENTENCE = 10_000
"""A sentence weighs more than any number of words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What closes a target.

    Args:
        clauses: The promises to add at the end; none if nothing is open.
        closes: The cells that they close [set of cells].
        proved: Whether it is proved that nothing shorter does.
    """

    clauses: tuple[Clause, ...]
    closes: int
    proved: bool


def target_uses(names: tuple[str, ...]) -> int:
    """Return the uses that targets name: by a name of `TARGETS`, or as actor/activity.

    Raises:
        BadStatement: One names no use.
    """
    uses = 0
    for name in names:
        uses |= TARGETS[name] if name in TARGETS else parse_uses([name])
    return uses


@cache
def language() -> tuple[int, ...]:
    """Return what one sentence can be about: a named phrase or two [sets of 15 activities]."""
    named = [_row(group) for group in PHRASES]
    pairs = [first | second for first, second in combinations(named, 2)]
    return tuple(dict.fromkeys((*named, *pairs)))


def _row(activities: frozenset[Activity]) -> int:
    return sum(1 << place for place, it in enumerate(ACTIVITIES) if it in activities)


def close(text: Text, target: Scope) -> Addition:
    """Return the shortest addition that closes a target.

    Args:
        text: The wording.
        target: What is to be closed.
    """
    wanted = text.reading.open & target.cells
    if not wanted:
        return Addition(clauses=(), closes=0, proved=True)
    allowed = target.cells | text.reading.closed
    boxes, costs = _candidates(wanted, allowed, text.company)
    taken, proved = cheapest_cover(wanted, [box.cells for box in boxes], costs)
    names = {clause.id for clause in text.clauses}
    clauses = tuple(
        _promise(boxes[it], _free_name(names, place), text.company)
        for place, it in enumerate(taken, 1)
    )
    _check(text, clauses, wanted)
    return Addition(clauses=clauses, closes=wanted, proved=proved)


def _candidates(wanted: int, allowed: int, company: str) -> tuple[list[Box], list[int]]:
    """Return the sentences that may be said, of those that close the same the shortest."""
    cheapest: dict[int, tuple[int, Box]] = {}
    for box in _sayable(allowed):
        closes = box.cells & wanted
        if not closes:
            continue
        cost = _SENTENCE + words_in(said(box, Status.OPT_IN, company))
        if closes not in cheapest or cost < cheapest[closes][0]:
            cheapest[closes] = cost, box
    return [box for _, box in cheapest.values()], [cost for cost, _ in cheapest.values()]


def _sayable(allowed: int) -> Iterator[Box]:
    """Give every box of the language within the cells that may be closed."""
    for actors, context, row in commons(allowed):
        for activities in language():
            if activities & ~row == 0:
                yield Box.of(actors, activities, context)


def _free_name(taken: set[str], place: int) -> str:
    name = f"addition-{place}"
    return name if name not in taken else _free_name(taken, place + len(taken))


def _promise(box: Box, name: str, company: str) -> Clause:
    return Clause(
        id=name,
        text=said(box, Status.OPT_IN, company),
        status=Status.OPT_IN,
        scope=box.scope,
        without_prejudice=True,
    )


def _check(text: Text, clauses: tuple[Clause, ...], wanted: int) -> None:
    """Read the text with the addition, and see that it closes just what was wanted."""
    after = read((*text.clauses, *clauses))
    if text.reading.open & ~after.open != wanted or after.barred != text.reading.barred:
        raise AssertionError("an addition does not close what it was made for")


def addition_toml(addition: Addition) -> str:
    """Return the promises as they stand in a file of terms."""
    return "\n".join(_clause_toml(clause) for clause in addition.clauses)


def _clause_toml(clause: Clause) -> str:
    from json import dumps

    scope = clause.scope
    lines = [
        "[[clause]]",
        f"id = {dumps(clause.id)}",
        f"text = {dumps(clause.text, ensure_ascii=False)}",
        f"status = {dumps(clause.status.value)}",
        f"uses = {dumps(list(labels(scope.uses)))}",
    ]
    for name in ("material", "provenance", "time"):
        facet = getattr(scope, name)
        every = type(next(iter(facet)))
        if len(facet) < len(every):
            lines.append(f"{name} = {dumps([it.value for it in every if it in facet])}")
    return "\n".join((*lines, "without_prejudice = true", ""))
