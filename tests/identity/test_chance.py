"""Chance: it falls with votes, grows with what is searched, and is one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.identity.chance import HOURS, SECONDS, Pass, chance
from assent.identity.design import DESIGN
from tests.identity.music import patient

_votes = st.integers(0, 2_000)
_hours = st.floats(0, 1e8)
_seconds = st.floats(0, 30)
_looks = st.sampled_from(Pass)


@patient
@given(_votes, _hours, _seconds, _looks)
def test_a_chance_is_between_none_and_all(
    votes: int, hours: float, seconds: float, look: Pass
) -> None:
    assert 0 <= chance(votes, hours, seconds, look) <= 1


@patient
@given(st.integers(0, 200), st.integers(1, 200), _hours, _seconds, _looks)
def test_more_votes_are_rarer(
    votes: int, more: int, hours: float, seconds: float, look: Pass
) -> None:
    few, many = (chance(count, hours, seconds, look) for count in (votes, votes + more))
    assert few >= many
    if many < few < 0.01:
        assert many == pytest.approx(few * math.exp(-more / look.scale), rel=0.02)


@patient
@given(_votes, _hours, st.floats(1, 1e6), _seconds, _looks)
def test_in_more_hours_and_more_seconds_the_same_is_likelier(
    votes: int, hours: float, times: float, seconds: float, look: Pass
) -> None:
    usual = chance(votes, hours, seconds, look)
    assert chance(votes, hours * times, seconds, look) >= usual
    assert chance(votes, hours, seconds * times, look) >= usual


@pytest.mark.parametrize("look", Pass)
def test_a_hundred_times_the_index_is_a_hundred_times_the_chance(look: Pass) -> None:
    small, large = (chance(60, hours, 10, look) for hours in (HOURS, 100 * HOURS))
    # for the narrow passes as before; for the wide one the fitted law falls more slowly
    assert 0 < small < (1e-16 if look is Pass.WIDE else 1e-20)
    assert large == pytest.approx(100 * small)


@patient
@given(_votes, _hours, _seconds)
def test_the_narrower_pass_finds_less_by_accident(votes: int, hours: float, seconds: float) -> None:
    narrow = chance(votes, hours, seconds, Pass.STRICT)
    assert narrow <= chance(votes, hours, seconds, Pass.WIDE)


def test_the_usual_votes_of_a_stranger_are_no_rarity_on_what_it_was_fitted_on() -> None:
    for look in Pass:
        assert chance(round(look.usual), HOURS, SECONDS, look) > 0.4
        # fifteen votes as before, where the law is not fitted flatter than it was guessed to be
        more = 20 if look is Pass.WIDE else 15
        assert chance(round(look.usual) + more, HOURS, SECONDS, look) < 1e-6
        for votes in range(100):  # and at every number of votes what Gumbel's law says, no less
            law = 1 - np.exp(-np.exp((look.usual - votes) / look.scale))
            assert chance(votes, HOURS, SECONDS, look) == pytest.approx(law, rel=1e-9, abs=1e-15)


def test_what_the_strict_pass_admits_the_wide_one_does_too() -> None:
    strict, wide = Pass.STRICT.window, Pass.WIDE.window
    assert strict.bands < wide.bands
    assert wide.least < strict.least < 1 < strict.most < wide.most
    assert DESIGN.asked_fan > DESIGN.quick_fan > DESIGN.fan
