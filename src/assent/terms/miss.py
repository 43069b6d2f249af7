"""Near misses: of what is left open, the promise that comes nearest and why it does not cover it.

A promise misses a cell by each of its facets that does not speak of it, and by each of its limits
that takes it out. The nearest ones miss by the least; a limit is less than a facet, and what binds
outsiders alone is far from promising anything about the platform.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby

from assent.permission.uses import ALL, Activity, Actor
from assent.terms.box import boxes_of_word
from assent.terms.clause import PROMISES, Clause, Limit
from assent.terms.grid import ANYTHING, EVERY_CELL, Material, Provenance, Scope, Time, uses_by
from assent.terms.text import Text
from assent.terms.words import actor_words, deeds, listed

__all__ = ["Miss", "Why", "near_misses", "reasons"]

_FACET, _LIMIT, _OUTSIDERS, _MOST = 2, 1, 5, 3


class Why(Enum):
    """By what a promise misses."""

    ACTOR = "actor"
    ACTIVITY = "activity"
    MATERIAL = "material"
    PROVENANCE = "provenance"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A promise that comes near some cells and does not cover them.

    Args:
        clause: The promise.
        by: By which of its facets and limits it misses them.
        cells: The cells [set of cells].
        overridden_by: The later clause that takes it back, if it speaks of them.
    """

    clause: Clause
    by: tuple[Why | Limit, ...]
    cells: int
    overridden_by: Clause | None = None


def near_misses(text: Text, cells: int) -> tuple[Miss, ...]:
    """Return the promises nearest to each of some open cells, at most three of each.

    Args:
        text: The wording.
        cells: Open cells of it [set of cells].
    """
    missed = [
        (distance, place, miss)
        for place, clause in enumerate(text.clauses)
        if clause.status in PROMISES
        for distance, miss in _missed(text, clause, cells)
    ]
    missed.sort(key=lambda it: it[:2])
    found: list[Miss] = []
    told = [0] * _MOST  # the cells of which one promise is told, two, three
    left = cells
    for _, same in groupby(missed, key=lambda it: it[0]):
        reached = 0
        for _, _, miss in same:
            if mine := miss.cells & left & ~told[-1]:
                found.append(replace(miss, cells=mine))
                reached |= mine
                for times in range(_MOST - 1, 0, -1):
                    told[times] |= told[times - 1] & mine
                told[0] |= mine
        left &= ~reached  # whatever comes later is farther away
    return tuple(found)


def _missed(text: Text, clause: Clause, cells: int) -> Iterator[tuple[int, Miss]]:
    """Give the cells by what a promise misses them by."""
    groups: list[tuple[int, int, tuple[Why | Limit, ...]]] = [(cells, 0, ())]
    for why, weight, missing in _gaps(clause):
        split = []
        for some, distance, by in groups:
            if out := some & missing:
                split.append((out, distance + weight, (*by, why)))
            if rest := some & ~missing:
                split.append((rest, distance, by))
        groups = split
    for some, distance, by in groups:
        if by:
            yield distance, Miss(clause=clause, by=by, cells=some)
        else:
            yield from _overridden(text, clause, some)


def _overridden(text: Text, clause: Clause, cells: int) -> Iterator[tuple[int, Miss]]:
    """Give open cells that a promise does speak of, by the later clause that takes them back."""
    for later, decided in zip(text.clauses, text.reading.decided, strict=True):
        if taken := cells & decided:
            yield 0, Miss(clause=clause, by=(), cells=taken, overridden_by=later)


def _gaps(clause: Clause) -> Iterator[tuple[Why | Limit, int, int]]:
    """Give each thing that a promise can miss by, its weight, and the cells that it misses."""
    scope = clause.scope
    actors, _ = _sides(scope.uses)
    activity = EVERY_CELL & ~_whoever(scope, ANYTHING).cells
    outside = EVERY_CELL & ~replace(scope, uses=ALL).cells
    unbound = (
        EVERY_CELL & ~Scope(uses=uses_by(actors, frozenset(Activity))).cells
        # an activity that it names for somebody else is one that it speaks of
        | EVERY_CELL & ~Scope(uses=scope.uses).cells & ~activity
    )
    yield Why.ACTOR, _OUTSIDERS if actors == {Actor.PUBLIC} else _FACET, unbound
    yield Why.ACTIVITY, _FACET, activity
    yield Why.MATERIAL, _FACET, EVERY_CELL & ~Scope(material=scope.material).cells
    yield Why.PROVENANCE, _FACET, EVERY_CELL & ~Scope(provenance=scope.provenance).cells
    yield Why.TIME, _FACET, EVERY_CELL & ~Scope(time=scope.time).cells
    # a limit says nothing of what the sentence does not speak of in the first place
    spoken_of = EVERY_CELL & ~(activity | outside)
    for qualifier in clause.qualifiers:
        left = qualifier.scope
        out = EVERY_CELL & ~_whoever(left, left).cells | EVERY_CELL & ~left.cells & ~unbound
        yield qualifier, _LIMIT, spoken_of & out
    for taken in (*clause.exceptions, *clause.definitions):
        yield taken, _LIMIT, spoken_of & taken.scope.cells


def _sides(uses: int) -> tuple[frozenset[Actor], frozenset[Activity]]:
    """Return who and what is named in some uses."""
    boxes = boxes_of_word(uses)
    return (
        frozenset(actor for actors, _ in boxes for actor in actors),
        frozenset(activity for _, activities in boxes for activity in activities),
    )


def _whoever(scope: Scope, of: Scope) -> Scope:
    """Return a scope in which its activities are anybody's: who is bound is asked apart."""
    _, activities = _sides(scope.uses)
    return replace(of, uses=uses_by(frozenset(Actor), activities))


def reasons(miss: Miss, company: str) -> tuple[str, ...]:
    """Return why a promise does not cover its cells, in plain words."""
    if miss.overridden_by is not None:
        return (f"a later clause, {miss.overridden_by.id}, takes it back",)
    return tuple(_reason(why, miss.clause, company) for why in miss.by)


def _reason(why: Why | Limit, clause: Clause, company: str) -> str:
    if isinstance(why, Limit):
        verb = "leave" if why in clause.qualifiers else "take"
        return f"the words “{why.words}” {verb} this out"
    # told as it is narrowed: "generative models that ..." is not "models of any kind"
    return _missing(why, clause.narrowed if clause.narrowed.cells else clause.scope, company)


def _missing(why: Why, scope: Scope, company: str) -> str:
    actors, activities = _sides(scope.uses)
    match why:
        case Why.ACTOR:
            outsiders = actors == {Actor.PUBLIC}
            return f"it only binds {'outsiders' if outsiders else actor_words(actors, company)}"
        case Why.ACTIVITY:
            return f"it only speaks of how somebody would {listed(deeds(activities), 'or')}"
        case Why.MATERIAL:
            return f"it only protects {_MATERIALS[scope.material]}"
        case Why.PROVENANCE:
            return f"it only protects {_PROVENANCES[scope.provenance]}"
        case Why.TIME:
            return f"it only counts for {_TIMES[scope.time]}"


_A, _C, _D = Material.AUDIO, Material.CONTENT, Material.ACTIVITY
_MATERIALS = {
    frozenset({_A}): "recordings",
    frozenset({_C}): "other content",
    frozenset({_D}): "data about activity",
    frozenset({_A, _C}): "recordings and other content",
    frozenset({_A, _D}): "recordings and data about activity",
    frozenset({_C, _D}): "other content and data about activity",
}
_PROVENANCES = {
    frozenset({Provenance.OWN}): "what one uploads oneself",
    frozenset({Provenance.DELIVERED}): "what a label delivers",
}
_TIMES = {
    frozenset({Time.AFTER}): "what comes after it",
    frozenset({Time.BEFORE}): "what was there before it",
}
