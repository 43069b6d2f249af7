import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadStatement
from assent.permission.uses import (
    ACTIVITIES,
    ACTORS,
    ALL,
    CONSENT_ONLY,
    GENERATIVE,
    Activity,
    Actor,
    bit,
    label,
    labels,
    parse_use,
    parse_uses,
)


def test_the_register_has_four_actors_and_fifteen_activities_one_bit_each() -> None:
    assert (len(ACTORS), len(ACTIVITIES)) == (4, 15)
    every = [bit(actor, activity) for actor in ACTORS for activity in ACTIVITIES]
    assert every == [1 << position for position in range(60)]
    assert sum(every) == ALL


def test_a_bit_never_changes_its_meaning() -> None:
    frozen = {
        "platform/identify": 0,
        "platform/protect": 1,
        "platform/search": 2,
        "platform/supply": 14,
        "group/identify": 15,
        "partner/train-voice": 38,
        "partner/train-style": 39,
        "partner/train-rival": 40,
        "partner/train-tool": 41,
        "public/input-imitate": 57,
        "public/input-other": 58,
        "public/supply": 59,
    }
    assert {name: parse_use(name).bit_length() - 1 for name in frozen} == frozen


def test_the_charter_is_every_generative_use_of_everyone() -> None:
    assert len(GENERATIVE) == 7
    assert CONSENT_ONLY.bit_count() == 28
    for actor in ACTORS:
        for activity in ACTIVITIES:
            generative = activity.value.startswith(("train-", "input-", "supply"))
            charter = generative and activity is not Activity.TRAIN_ANALYSIS
            assert bool(bit(actor, activity) & CONSENT_ONLY) == charter


@given(st.integers(0, 59))
def test_a_name_and_its_bit_are_a_pair(position: int) -> None:
    assert parse_use(label(position)) == 1 << position
    assert labels(1 << position) == (label(position),)


@given(st.integers(1, ALL))
def test_the_names_of_a_word_are_that_word(uses: int) -> None:
    assert parse_uses(labels(uses)) == uses


def test_no_use_has_no_name() -> None:
    assert labels(0) == ()


@pytest.mark.parametrize("uses", [-1, ALL + 1, 1 << 63])
def test_a_word_with_an_unknown_bit_has_no_names(uses: int) -> None:
    with pytest.raises(BadStatement, match="register 1 lacks"):
        labels(uses)


def test_a_star_stays_on_its_side_of_the_slash() -> None:
    assert parse_uses(["*/search"]) == sum(bit(actor, Activity.SEARCH) for actor in ACTORS)
    assert parse_uses(["partner/*"]) == sum(bit(Actor.PARTNER, activity) for activity in ACTIVITIES)
    assert parse_uses(["*/*"]) == ALL
    assert parse_uses(["p*/train-*al"]) == sum(
        bit(actor, Activity.TRAIN_RIVAL) for actor in (Actor.PLATFORM, Actor.PARTNER, Actor.PUBLIC)
    )
    with pytest.raises(BadStatement):
        parse_uses(["*"])


@pytest.mark.parametrize("pattern", ["platform/[s]earch", "[!p]*/search", "?latform/search"])
def test_the_star_is_the_only_sign(pattern: str) -> None:
    with pytest.raises(BadStatement, match="no use matches"):
        parse_uses([pattern])


def test_no_pattern_is_no_use() -> None:
    with pytest.raises(BadStatement, match="no use is named"):
        parse_uses([])


def test_one_pattern_without_a_use_spoils_the_rest() -> None:
    with pytest.raises(BadStatement, match="'platform/sing'") as caught:
        parse_uses(["platform/search", "platform/sing"])
    assert caught.value.facts == {"use": "platform/sing"}
