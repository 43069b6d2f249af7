from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.terms.set_cover import cheapest_cover

priced = st.lists(st.tuples(st.integers(1, 255), st.integers(1, 9)), min_size=1, max_size=9)


@given(priced)
def test_no_cheaper_choice_covers_it(some: list[tuple[int, int]]) -> None:
    sets, costs = [it for it, _ in some], [cost for _, cost in some]
    wanted = 0
    for it in sets:
        wanted |= it
    taken, proved = cheapest_cover(wanted, sets, costs)
    assert proved
    assert joined(sets, taken) & wanted == wanted
    cheapest = min(
        sum(costs[it] for it in choice)
        for size in range(len(sets) + 1)
        for choice in combinations(range(len(sets)), size)
        if joined(sets, choice) & wanted == wanted
    )
    assert sum(costs[it] for it in taken) == cheapest


def joined(sets: list[int], places: tuple[int, ...]) -> int:
    covered = 0
    for it in places:
        covered |= sets[it]
    return covered


def test_nothing_wanted_takes_nothing_and_what_cannot_be_covered_is_an_error() -> None:
    assert cheapest_cover(0, [1, 2], [1, 1]) == ((), True)
    with pytest.raises(ValueError, match="do not cover"):
        cheapest_cover(0b101, [0b001, 0b010], [1, 1])


@settings(max_examples=3, deadline=None)  # it is made to take its time
@given(st.integers(0, 1 << 30))
def test_a_search_that_was_not_through_says_so_and_covers_all_the_same(seed: int) -> None:
    generator = np.random.default_rng(seed)
    sets = [
        int.from_bytes(generator.bytes(30)) & int.from_bytes(generator.bytes(30))
        for _ in range(300)
    ]
    wanted = 0
    for it in sets:
        wanted |= it
    taken, proved = cheapest_cover(wanted, sets, [1] * len(sets))
    assert joined(sets, taken) == wanted
    assert not proved
