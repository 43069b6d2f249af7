"""Texts to measure on: as many clauses as one likes, drawn from a seed, as a file of terms.

As people write them, the broad rules come first and their exceptions later, so clauses speak of
less and less. Each is a box: some actors, some groups of activities that have a name, materials,
provenances and times. One in four has qualifying words, one in five an exception, a third of the
promises come without prejudice. No clause is wholly overridden: such texts are refused.
"""

from collections.abc import Sequence
from enum import Enum
from json import dumps
from typing import TypeVar

import numpy as np

from assent.permission.uses import ACTIVITIES, ACTORS, labels
from assent.terms.clause import PROMISES, Clause, Limit, Status
from assent.terms.grid import Material, Provenance, Scope, Time, uses_by
from assent.terms.prose import sentence_of
from assent.terms.reading import read
from assent.terms.words import PHRASES

__all__ = ["drawn_text"]

_T = TypeVar("_T")
_STATUSES = (Status.GRANTED, Status.OPT_OUT, Status.OPT_IN, Status.BARRED)
_SHARES = (0.3, 0.2, 0.3, 0.2)
_QUALIFIED, _EXCEPTED, _WITHOUT_PREJUDICE = 0.25, 0.2, 0.35
_GROUPS = PHRASES[: -len(ACTIVITIES)]
_MOST_TRIES = 200_000


def drawn_text(clauses: int, seed: int) -> str:
    """Return a text as TOML: prose, and so many clauses that stand in it.

    Args:
        clauses: How many.
        seed: Of what is drawn; the same seed gives the same text.

    Raises:
        ValueError: So many clauses, none of them wholly overridden, could not be found.
    """
    chance = np.random.default_rng(seed)
    kept: list[Clause] = []
    decided: tuple[int, ...] = ()
    for _ in range(_MOST_TRIES):
        if len(kept) == clauses:
            return _toml(kept, seed)
        more = [*kept, _clause(chance, len(kept), 1 - len(kept) / clauses)]
        # quick to see without reading all of it again, except where a clause defers to others
        now = read(more).decided if more[-1].without_prejudice else _after(decided, more[-1].cells)
        if all(now):
            kept, decided = more, now
    raise ValueError(f"{clauses} clauses could not be drawn, only {len(kept)}")


def _after(decided: tuple[int, ...], cells: int) -> tuple[int, ...]:
    return (*(some & ~cells for some in decided), cells)


def _clause(chance: np.random.Generator, place: int, breadth: float) -> Clause:
    """Draw a clause.

    Args:
        chance: What is drawn from.
        place: How many there are before it.
        breadth: How broad it may be: 1 for the first, near 0 for the last.
    """
    status = _STATUSES[int(chance.choice(len(_STATUSES), p=_SHARES))]
    scope = Scope(
        uses=_uses(chance, breadth),
        material=_some(chance, Material, breadth),
        provenance=_some(chance, Provenance, breadth),
        time=_some(chance, Time, breadth),
    )
    qualifiers, exceptions = [], []
    if chance.random() < _QUALIFIED:
        qualifiers.append(_limit(chance, f"as far as rule {place + 1} reaches"))
    if chance.random() < _EXCEPTED:
        exceptions.append(_limit(chance, f"Rule {place + 1} leaves this out."))
    bare = Clause(id=f"clause-{place + 1}", text="", status=status, scope=scope)
    told = f"{place + 1}. {sentence_of(bare, 'Nightjar')}"
    return Clause(
        id=bare.id,
        text=f"{told[:-1]}, {qualifiers[0].words}." if qualifiers else told,
        status=status,
        scope=scope,
        qualifiers=tuple(qualifiers),
        exceptions=tuple(exceptions),
        without_prejudice=status in PROMISES and chance.random() < _WITHOUT_PREJUDICE,
    )


def _uses(chance: np.random.Generator, breadth: float) -> int:
    """Draw actors and groups of activities; towards the end of a text, single activities."""
    actors = _few(chance, ACTORS, breadth)
    if chance.random() < breadth:
        groups = _few(chance, _GROUPS, breadth / 2)
        return uses_by(actors, frozenset().union(*groups))
    return uses_by(actors, _few(chance, ACTIVITIES, breadth))


def _some(chance: np.random.Generator, kind: type[_T], breadth: float) -> frozenset[_T]:
    """Draw values of a facet; more often than not it is not limited at all."""
    values = tuple(kind) if issubclass(kind, Enum) else ()
    if chance.random() < breadth:
        return frozenset(values)
    return _few(chance, values, breadth)


def _few(chance: np.random.Generator, kind: Sequence[_T], breadth: float) -> frozenset[_T]:
    """Draw at least one of some things, the more the broader."""
    size = 1 + int(chance.binomial(len(kind) - 1, breadth / 2))
    return frozenset(kind[int(it)] for it in chance.permutation(len(kind))[:size])


def _limit(chance: np.random.Generator, words: str) -> Limit:
    if chance.random() < 1 / 2:
        return Limit(words=words, scope=Scope(uses=_uses(chance, 1.0)))
    return Limit(
        words=words,
        scope=Scope(
            material=_some(chance, Material, 0.5),
            provenance=_some(chance, Provenance, 0.5),
            time=_some(chance, Time, 0.5),
        ),
    )


def _toml(clauses: Sequence[Clause], seed: int) -> str:
    told = [" ".join((it.text, *(limit.words for limit in it.exceptions))) for it in clauses]
    head = (
        f'id = "drawn-{len(clauses)}.{seed}"\n'
        f'title = "A text drawn from seed {seed}"\n'
        'company = "Nightjar"\n'
        # a line each: a line with hundreds of dots is refused
        'prose = """\n' + "\n".join(told) + '\n"""\n'
    )
    return "\n".join((head, *(_clause_toml(it) for it in clauses)))


def _clause_toml(clause: Clause) -> str:
    lines = [
        "[[clause]]",
        f"id = {_quoted(clause.id)}",
        f"text = {_quoted(clause.text)}",
        f"status = {_quoted(clause.status.value)}",
        *_facets(clause.scope),
        *(["without_prejudice = true"] if clause.without_prejudice else []),
    ]
    for name, limits in (("qualifier", clause.qualifiers), ("exception", clause.exceptions)):
        for it in limits:
            lines += [f"[[clause.{name}]]", f"words = {_quoted(it.words)}", *_facets(it.scope)]
    return "\n".join((*lines, ""))


def _facets(scope: Scope) -> tuple[str, ...]:
    return (
        f"uses = {dumps(list(labels(scope.uses)))}",
        f"material = {dumps([it.value for it in Material if it in scope.material])}",
        f"provenance = {dumps([it.value for it in Provenance if it in scope.provenance])}",
        f"time = {dumps([it.value for it in Time if it in scope.time])}",
    )


def _quoted(words: str) -> str:
    return dumps(words, ensure_ascii=False)  # a string of JSON is one of TOML
