"""The law that is fitted to strangers' votes is the one they were drawn from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.bench.gumbel import fitted
from assent.identity.chance import HOURS, SECONDS, Pass, chance


def drawn(usual: float, scale: float, count: int, seed: int) -> list[int]:
    """Whole votes whose chance of being at least v is the law's."""
    rng = np.random.default_rng(seed)
    most = usual - scale * np.log(-np.log(rng.random(count)))
    return [int(votes) for votes in np.maximum(np.floor(most), 0)]


@settings(deadline=None, max_examples=25)
@given(st.floats(1.5, 8), st.floats(0.6, 1.5), st.integers(0, 10_000))
def test_a_law_is_found_again(usual: float, scale: float, seed: int) -> None:
    found, wide = fitted(drawn(usual, scale, 4_000, seed))
    assert found == pytest.approx(usual, abs=0.25)
    assert wide == pytest.approx(scale, rel=0.15)


@pytest.mark.parametrize("look", Pass)
def test_the_law_that_is_fitted_is_the_one_that_is_asked(look: Pass) -> None:
    votes = np.array(drawn(look.usual, look.scale, 200_000, 1))
    for least in range(max(round(look.usual), 1), round(look.usual) + 5):
        expected = chance(least, HOURS, SECONDS, look)
        assert (votes >= least).mean() == pytest.approx(expected, rel=0.1)
