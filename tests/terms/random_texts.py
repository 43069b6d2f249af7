"""Texts at random: any clauses with any limits, contradictions and all."""

from datetime import date

from hypothesis import settings
from hypothesis import strategies as st

from assent.permission.uses import ACTIVITIES, ACTORS, ALL
from assent.terms.clause import Clause, Limit, Status
from assent.terms.grid import Material, Provenance, Scope, Time, uses_by
from assent.terms.reading import read
from assent.terms.text import Text

__all__ = ["clauses", "few", "scopes", "texts"]

few = settings(max_examples=25, deadline=None)
"""For laws that are asked of each of the 720 cells of an example."""


def some(kind: type[Material | Provenance | Time]) -> st.SearchStrategy[frozenset]:  # type: ignore[type-arg]  # of whichever kind
    return st.frozensets(st.sampled_from(tuple(kind)), min_size=1)


words = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)
boxed_uses = st.builds(
    uses_by,
    st.frozensets(st.sampled_from(ACTORS), min_size=1),
    st.frozensets(st.sampled_from(ACTIVITIES), min_size=1),
)
scopes = st.builds(
    Scope,
    uses=st.one_of(st.just(ALL), boxed_uses, st.integers(1, ALL)),
    material=some(Material),
    provenance=some(Provenance),
    time=some(Time),
)
limits = st.lists(st.builds(Limit, words=words, scope=scopes), max_size=2).map(tuple)


def clauses(name: str) -> st.SearchStrategy[Clause]:
    return st.builds(
        Clause,
        id=st.just(name),
        text=words,
        status=st.sampled_from(Status),
        scope=scopes,
        qualifiers=limits,
        exceptions=limits,
        definitions=limits,
        without_prejudice=st.booleans(),
    )


def _text(some_clauses: list[Clause], title: str, party: str, effective: date | None) -> Text:
    return Text(
        id="at-random.1",
        title=title,
        clauses=tuple(some_clauses),
        reading=read(some_clauses),
        party=party,
        company="Example & Sons",
        effective=effective,
    )


texts = st.integers(1, 6).flatmap(
    lambda size: st.builds(
        _text,
        st.tuples(*(clauses(f"clause-{number}") for number in range(size))).map(list),
        words,
        st.one_of(st.just(""), words),
        st.one_of(st.none(), st.dates()),
    )
)
