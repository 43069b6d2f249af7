"""Prose from rules: the sentence that says exactly what a box or a clause says, and no more."""

from assent.permission.uses import ACTORS, Actor
from assent.terms.box import Box, boxes_of_word
from assent.terms.clause import Clause, Limit, Status
from assent.terms.grid import Provenance, Scope
from assent.terms.words import actor_words, deeds, listed, objects, times

__all__ = ["may", "said", "sentence_of"]


def may(box: Box, company: str) -> str:
    """Return what is left open: who may do what, with what."""
    who = actor_words(box.actors, company)
    what = listed(deeds(box.activities))
    return f"{_first_up(who)} may {what}, with {_of_what(box)}."


def said(box: Box, status: Status, company: str) -> str:
    """Return what a clause says of a box."""
    yours = Provenance.DELIVERED not in box.provenance
    match status:
        case Status.GRANTED:
            return may(box, company)
        case Status.OPT_OUT:
            who_says = "you say" if yours else "the rights holder says"
            return f"{may(box, company)[:-1]}, unless {who_says} no."
        case Status.OPT_IN:
            whose = "your" if yours else "the rights holder's"
            return f"{_may_not(box, company)}, without {whose} explicit consent."
        case Status.BARRED:
            return f"{_may_not(box, company)}, whoever says yes."


def _may_not(box: Box, company: str) -> str:
    what = f"{listed(deeds(box.activities), 'or')}, with {_of_what(box)}"
    if len(box.actors) == len(ACTORS):
        return f"Nobody may {what}"
    who = _first_up(actor_words(box.actors, company))
    return f"{who} {'will not' if box.actors == {Actor.PLATFORM} else 'may not'} {what}"


def _of_what(box: Box) -> str:
    return f"{objects(box.material, box.provenance)}{times(box.time)}"


def sentence_of(clause: Clause, company: str) -> str:
    """Return a clause in words made from its rules alone, limits and all."""
    narrowed = clause.narrowed
    if not narrowed.cells:
        return "This speaks of nothing."
    told = " ".join(said(box, clause.status, company) for box in _boxes(narrowed))
    limits = (*clause.exceptions, *clause.definitions)
    if limits:
        told = f"{told} This does not speak of: {listed(_limit(it, company) for it in limits)}."
    if clause.without_prejudice:
        told = f"{told} It takes nothing from what is promised elsewhere."
    return told


def _limit(limit: Limit, company: str) -> str:
    return "; ".join(
        f"{actor_words(box.actors, company)}, who would {listed(deeds(box.activities))},"
        f" with {_of_what(box)}"
        for box in _boxes(limit.scope)
    )


def _boxes(scope: Scope) -> tuple[Box, ...]:
    return tuple(
        Box(
            actors=actors,
            activities=activities,
            material=scope.material,
            provenance=scope.provenance,
            time=scope.time,
        )
        for actors, activities in boxes_of_word(scope.uses)
    )


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]
