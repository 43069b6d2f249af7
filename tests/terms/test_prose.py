"""The words say exactly what the rules say: different rules never have the same words."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from assent.permission.uses import ACTIVITIES, Activity, Actor
from assent.terms.box import Box, commons, subsets
from assent.terms.clause import Clause, Limit, Status
from assent.terms.grid import Material, Provenance, Scope, Time
from assent.terms.prose import may, said, sentence_of
from assent.terms.text import parse_text
from assent.terms.words import actor_words, deeds, objects, times
from tests.terms.random_texts import clauses


def test_no_two_sets_of_activities_have_the_same_words() -> None:
    told = {
        deeds(frozenset(it for place, it in enumerate(ACTIVITIES) if row >> place & 1))
        for row in range(1, 1 << len(ACTIVITIES))
    }
    assert len(told) == (1 << len(ACTIVITIES)) - 1


def test_no_two_choices_of_actors_materials_provenances_and_times_have_the_same_words() -> None:
    actors = subsets(tuple(Actor))
    assert len({actor_words(it, "Lantern") for it in actors}) == len(actors)
    things = list(product(subsets(tuple(Material)), subsets(tuple(Provenance))))
    assert len({objects(*it) for it in things}) == len(things)
    whenever = subsets(tuple(Time))
    assert len({times(it) for it in whenever}) == len(whenever)


boxes = st.builds(
    lambda place, row: Box.of(place[0], row, place[1]),
    st.sampled_from([(actors, context) for actors, context, _ in commons(Scope().cells)]),
    st.integers(1, (1 << len(ACTIVITIES)) - 1),
)


@given(boxes, boxes, st.sampled_from(Status), st.sampled_from(Status))
def test_two_rules_have_the_same_sentence_only_if_they_say_the_same(
    first: Box, second: Box, one: Status, other: Status
) -> None:
    same = (first, one) == (second, other)
    assert (said(first, one, "Lantern") == said(second, other, "Lantern")) == same
    assert (may(first, "Lantern") == may(second, "Lantern")) == (first == second)


@given(clauses("a"), clauses("a"))
def test_a_clause_told_from_its_rules_says_its_limits_too(first: Clause, second: Clause) -> None:
    if sentence_of(first, "Lantern") == sentence_of(second, "Lantern"):
        assert first.status is second.status or not first.narrowed.cells
        assert first.cells == second.cells


def test_a_generated_wording_is_told_from_its_rules() -> None:
    text = parse_text(
        """
id = "lantern-1"
title = "Terms of Lantern Row"
company = "Lantern Row"
wording = "generated"

[[clause]]
id = "promise"
status = "opt_in"
uses = ["platform/train-voice", "platform/train-style"]
material = ["audio"]
provenance = ["own"]

[[clause]]
id = "found"
status = "opt_out"
uses = ["platform/search"]
provenance = ["delivered"]
time = ["after"]

[[clause]]
id = "duty"
status = "granted"
uses = ["platform/identify"]

[[clause]]
id = "never"
status = "barred"
uses = ["*/supply"]
without_prejudice = true
"""
    )
    assert [clause.text for clause in text.clauses] == [
        "Lantern Row will not train generative models that copy a voice, a likeness or an artist's"
        " music, with your recordings, without your explicit consent.",
        "Lantern Row may run a search, with everything that a label delivers from now on, unless"
        " the rights holder says no.",
        "Lantern Row may look for copies, with everything, yours or a label's.",
        "Nobody may hand it on as part of a data set, with everything, yours or a label's, whoever"
        " says yes. It takes nothing from what is promised elsewhere.",
    ]


def test_what_limits_leave_and_take_is_in_the_sentence() -> None:
    clause = Clause(
        id="a",
        text="So.",
        status=Status.OPT_IN,
        scope=Scope(uses=0b11 << 8),
        qualifiers=(Limit(words="that copy", scope=Scope(uses=0b1 << 8)),),
        exceptions=(
            Limit(words="but", scope=Scope(uses=1 << 8, material=frozenset({Material.CONTENT}))),
        ),
    )
    told = sentence_of(clause, "Lantern Row")
    assert "copy a voice" in told
    assert "artist's music" not in told
    assert "This does not speak of: Lantern Row, who would train" in told
    nothing = Limit(words="of nobody", scope=Scope(uses=1 << ACTIVITIES.index(Activity.SUPPLY)))
    empty = Clause(
        id="a", text="So.", status=Status.OPT_IN, scope=Scope(uses=1), qualifiers=(nothing,)
    )
    assert sentence_of(empty, "Lantern Row") == "This speaks of nothing."
