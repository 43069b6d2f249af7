import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.bench.row import Row

figures = st.floats(min_value=1e-6, max_value=1e12)


@given(ours=figures, goal=figures)
def test_a_goal_is_at_least_or_at_most(ours: float, goal: float) -> None:
    up = Row(what="speed", unit="GB/s", ours=ours, goal=goal)
    down = Row(what="time", unit="ms", ours=ours, goal=goal, higher_is_better=False)
    assert up.met == (ours >= goal)
    assert down.met == (ours <= goal)
    assert up.met or down.met


@given(ours=figures, peer=figures)
def test_the_ratio_is_ours_over_the_peers(ours: float, peer: float) -> None:
    row = Row(what="speed", unit="GB/s", ours=ours, peer=peer, peer_name="peer")
    assert row.ratio == ours / peer


@pytest.mark.parametrize(("ours", "peer"), [(None, 1.0), (1.0, None), (1.0, 0.0), (None, None)])
def test_without_both_figures_there_is_no_ratio(ours: float | None, peer: float | None) -> None:
    assert Row(what="speed", unit="GB/s", ours=ours, peer=peer).ratio is None


def test_without_a_goal_nothing_is_met_or_missed() -> None:
    assert Row(what="speed", unit="GB/s", ours=1.0).met is None


@pytest.mark.parametrize("higher_is_better", [True, False])
def test_no_figure_reaches_no_goal(higher_is_better: bool) -> None:
    row = Row(what="speed", unit="GB/s", ours=None, goal=1.0, higher_is_better=higher_is_better)
    assert row.met is False


def test_as_a_dict_it_says_what_the_command_promises() -> None:
    row = Row(what="speed", unit="GB/s", ours=2.0, peer=4.0, peer_name="peer", goal=1.0)
    assert row.as_dict() == {
        "what": "speed",
        "unit": "GB/s",
        "ours": 2.0,
        "peer": 4.0,
        "peer_name": "peer",
        "ratio": 0.5,
        "goal": 1.0,
        "met": True,
    }
