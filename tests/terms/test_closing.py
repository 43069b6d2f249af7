from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assent.permission.uses import ACTIVITIES, Activity, Actor
from assent.terms.box import Box, commons, subsets
from assent.terms.clause import Clause, Status
from assent.terms.closing import (
    _length,
    _row,
    addition_toml,
    close,
    language,
    target_uses,
)
from assent.terms.cover import words_in
from assent.terms.grid import Material, Provenance, Scope, Time, uses_by
from assent.terms.prose import said
from assent.terms.reading import read
from assent.terms.text import Text, parse_text
from tests.terms.random_texts import few, texts

ACTORS = (Actor.PLATFORM, Actor.PARTNER)
SMALL = (Activity.SEARCH, Activity.TRAIN_RIVAL, Activity.TRAIN_TOOL)
AUDIO, OWN, LATER = (
    frozenset({Material.AUDIO}),
    frozenset({Provenance.OWN}),
    frozenset({Time.AFTER}),
)
ROWS = [
    frozenset(it for place, it in enumerate(ACTIVITIES) if row >> place & 1) for row in language()
]


def text_of(*clauses: Clause) -> Text:
    return Text(id="a", title="A", clauses=clauses, reading=read(clauses), company="Lantern")


def grant(uses: int) -> Clause:
    scope = Scope(uses=uses, material=AUDIO, provenance=OWN, time=LATER)
    return Clause(id="taken", text="So it is.", status=Status.GRANTED, scope=scope)


def sayable() -> list[Box]:
    """Return every sentence about the small grid."""
    return [
        Box(actors=who, activities=what, material=AUDIO, provenance=OWN, time=LATER)
        for who, what in product(subsets(ACTORS), dict.fromkeys(ROWS))
        if what <= set(SMALL)
    ]


def length(box: Box) -> int:
    return words_in(said(box, Status.OPT_IN, "Lantern"))


def target_of(uses: int) -> Scope:
    return Scope(uses=uses, material=AUDIO, provenance=OWN, time=LATER)


USES = [uses_by(frozenset({a}), frozenset({b})) for a in ACTORS for b in SMALL]
EVERY_TARGET = [sum(some) for size in range(1, 7) for some in combinations(USES, size)]
PROMISED = [USES[0], USES[4], USES[0] | USES[1], USES[1] | USES[4], USES[2] | USES[3] | USES[5]]


@pytest.mark.parametrize("promised", PROMISED)
def test_no_smaller_addition_of_the_language_closes_it(promised: int) -> None:
    scope = target_of(promised)
    text = text_of(Clause(id="promise", text="So it is.", status=Status.OPT_IN, scope=scope))
    lengths = set()
    for target in EVERY_TARGET:
        wanted = target_of(target).cells & text.reading.open
        addition = close(text, target_of(target))
        assert addition.proved
        assert addition.closes == wanted
        found = (len(addition.clauses), sum(words_in(it.text) for it in addition.clauses))
        assert shortest(wanted, target_of(target).cells | text.reading.closed) == found
        lengths.add(found[0])
    assert lengths == {0, 1, 2}


def shortest(wanted: int, allowed: int) -> tuple[int, int]:
    """Return how many sentences are needed, and how many words, by trying every choice."""
    boxes = [it for it in sayable() if not it.cells & ~allowed]
    return min(
        (size, sum(length(it) for it in choice))
        for size in range(3)
        for choice in combinations(boxes, size)
        if not wanted & ~joined(choice)
    )


def joined(boxes: tuple[Box, ...]) -> int:
    cells = 0
    for box in boxes:
        cells |= box.cells
    return cells


@few
@given(texts, st.sampled_from([("generative",), ("training",), ("input",), ("supply",)]))
def test_an_addition_closes_its_target_and_nothing_else_and_weakens_nothing(
    text: Text, names: tuple[str, ...]
) -> None:
    target = Scope(uses=target_uses(names))
    addition = close(text, target)
    after = read((*text.clauses, *addition.clauses))
    assert text.reading.open & ~after.open == text.reading.open & target.cells & text.about
    assert not after.open & ~text.reading.open
    assert after.barred == text.reading.barred
    again = replace(text, clauses=(*text.clauses, *addition.clauses), reading=after)
    assert close(again, target).clauses == ()


@few
@given(texts)
def test_an_addition_as_written_in_a_file_is_the_addition(text: Text) -> None:
    addition = close(text, Scope(uses=target_uses(("generative",)), provenance=OWN))
    assume(addition.clauses)
    toml = f'id = "added"\ntitle = "Added"\n\n{addition_toml(addition)}'
    parsed = parse_text(toml)
    assert [(it.id, it.text, it.status, it.scope) for it in parsed.clauses] == [
        (it.id, it.text, it.status, it.scope) for it in addition.clauses
    ]
    assert all(it.without_prejudice for it in parsed.clauses)


def test_what_is_closed_already_needs_no_addition() -> None:
    closed = Clause(id="a", text="So.", status=Status.BARRED, scope=Scope())
    assert close(text_of(closed), Scope()).clauses == ()


def test_a_whole_target_is_one_sentence_that_a_person_could_sign() -> None:
    use = uses_by(frozenset({Actor.PLATFORM}), frozenset({Activity.TRAIN_RIVAL}))
    addition = close(text_of(grant(use)), Scope(uses=target_uses(("generative",)), provenance=OWN))
    assert [it.text for it in addition.clauses] == [
        "Nobody may train or feed generative AI of any kind, data sets included, with everything of"
        " yours, without your explicit consent."
    ]


@pytest.mark.parametrize("names", [("generative", "platform/search"), ("platform/train-*",)])
def test_a_target_is_a_name_or_uses(names: tuple[str, ...]) -> None:
    assert target_uses(names) == target_uses(tuple(reversed(names)))


@few
@given(st.sampled_from(ROWS), st.sampled_from(subsets(tuple(Actor))))
def test_the_words_of_who_what_and_of_what_add_up(
    what: frozenset[Activity], who: frozenset[Actor]
) -> None:
    for _, context, _ in list(commons(Scope().cells))[::60]:
        box = Box.of(who, _row(what), context)
        assert _length("The Lantern Row")((who, _row(what), context)) == words_in(
            said(box, Status.OPT_IN, "The Lantern Row")
        )


def test_a_name_that_is_taken_is_not_given_again() -> None:
    use = uses_by(frozenset({Actor.PLATFORM}), frozenset({Activity.TRAIN_RIVAL}))
    taken = Clause(id="addition-1", text="So it is.", status=Status.GRANTED, scope=target_of(use))
    addition = close(text_of(taken), target_of(use))
    assert [it.id for it in addition.clauses] == ["addition-2"]
