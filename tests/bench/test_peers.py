"""The peers are given the same facts, and answer as we do."""

import pytest

from assent.bench.decide_peers import agreement, our_answers
from assent.bench.peers import casbin_peer, cedar_peer
from assent.bench.questions import questions


def test_the_questions_are_worth_asking() -> None:
    answers = our_answers(questions(2000, seed=5))
    assert 400 < sum(answers) < 1600


def test_all_give_the_same_answers_on_two_thousand_questions() -> None:
    assert agreement(2000, seed=6) == {"cedarpy": 2000, "pycasbin": 2000}


@pytest.mark.slow
def test_all_give_the_same_answers_on_ten_thousand_questions() -> None:
    assert agreement(10_000) == {"cedarpy": 10_000, "pycasbin": 10_000}


def test_a_batch_answers_like_single_calls() -> None:
    asked = questions(200, seed=7)
    one_by_one, batch, casbin = cedar_peer(asked, batch=1), cedar_peer(asked), casbin_peer(asked)
    assert one_by_one is not None
    assert batch is not None
    assert casbin is not None
    assert one_by_one() == batch() == casbin() == our_answers(asked)


@pytest.mark.parametrize(("module", "peer"), [("cedarpy", cedar_peer), ("casbin", casbin_peer)])
def test_a_peer_that_is_not_installed_is_none(
    monkeypatch: pytest.MonkeyPatch, module: str, peer: object
) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    assert callable(peer)
    assert peer(questions(3)) is None
