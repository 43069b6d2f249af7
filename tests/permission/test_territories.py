import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadInput
from assent.permission.territories import (
    WORLD,
    Territories,
    format_territories,
    missing,
    overlap,
    parse_territories,
)

countries = st.sets(st.sampled_from(("DE", "FR", "JP", "US")), min_size=1).map(frozenset)
territories = countries | st.just(WORLD)


@given(territories)
def test_what_is_written_is_read_back(some: Territories) -> None:
    assert parse_territories(format_territories(some).split()) == some


@pytest.mark.parametrize("code", ["de", "DEU", "D", "", "World", "WORLD", "D1", "DE ", "ÄÖ"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(BadInput, match="is no territory; write world or country codes"):
        parse_territories([code, "FR"])


def test_no_territory_is_refused() -> None:
    with pytest.raises(BadInput, match="no territory is named"):
        parse_territories([])


def test_the_world_takes_the_countries_in() -> None:
    assert parse_territories(["DE", "world"]) == WORLD


@given(territories, territories)
def test_who_holds_where_it_is_used_must_be_asked(held: Territories, used: Territories) -> None:
    assert overlap(held, used) == overlap(used, held)
    assert overlap(held, WORLD)
    assert overlap(held, held)
    if WORLD not in {held, used}:
        assert overlap(held, used) == any(code in used for code in held)


@given(st.lists(territories), territories)
def test_a_place_is_missing_where_nobody_holds(held: list[Territories], used: Territories) -> None:
    gap = missing(held, used)
    assert gap <= used
    for place in used:
        covered = any(place in some or some == WORLD for some in held)
        assert (place in gap) == (not covered)


@given(st.lists(territories), territories, territories)
def test_one_holder_more_never_widens_a_gap(
    held: list[Territories], more: Territories, used: Territories
) -> None:
    assert missing([*held, more], used) <= missing(held, used)


def test_countries_never_add_up_to_the_world() -> None:
    assert missing([frozenset({"DE", "FR"}), frozenset({"US"})], WORLD) == WORLD
    assert missing([], WORLD) == WORLD
