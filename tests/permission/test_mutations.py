"""Whoever drops one part of a rule fails a law: the laws are tight."""

from collections.abc import Callable, Sequence
from itertools import product
from random import Random
from typing import Any

import pytest

from assent.permission import algebra, programs, statements
from assent.permission.statements import Statement
from tests.permission.histories import DAYS, PLACES, QUESTIONS, USES, answer, day, read
from tests.permission.laws import LAWS, TRUE, Algebra
from tests.permission.mutations import Namespace, mutants

ALGEBRA = dict(mutants(algebra, {"says", "ground", "opened", "word"}))
FOLD = dict(
    mutants(
        statements, {"_speak", "_grant", "_clear", "_reaches", "_in_place", "granted", "counts"}
    )
)
LIVE = dict(mutants(programs, {"is_live"}))

SAME = {
    "ended": "with nothing ended the loop clears nothing",
    "place[0] is not None": "what is withdrawn for the account is never asked for",
    "statement.refuses": "an empty refusal is left out of the pieces",
}
"""Conditions that only save work: to take them as met changes no answer."""


def test_every_operand_and_every_not_of_the_algebra_was_dropped_once() -> None:
    assert len(ALGEBRA) == 25


@pytest.mark.parametrize("what", ALGEBRA)
def test_an_algebra_that_lacks_one_part_breaks_a_law(what: str) -> None:
    mutant = ALGEBRA[what]
    lacking = Algebra(**{name: mutant[name] for name in Algebra._fields})  # type: ignore[arg-type]  # exec gives objects
    assert not all(_holds(law, lacking) for law in LAWS)


def test_the_algebra_itself_breaks_none() -> None:
    assert all(law(TRUE) for law in LAWS)


def _holds(law: Callable[[Algebra], bool], mutant: Algebra) -> bool:
    try:
        return law(mutant)
    except TypeError:  # such as the AND over no holders: to crash is not to answer
        return False


def _words(chance: Random) -> int:
    return sum(use for use in USES if chance.random() < 0.3)


def _history(chance: Random) -> list[dict[str, Any]]:
    history: list[dict[str, Any]] = []
    for event in range(1, chance.randint(2, 8)):
        recording, program = chance.choice(PLACES)
        grants = _words(chance)
        verbs = {"withdraws": _words(chance), "lifts": _words(chance), "grants": grants}
        refuses = _words(chance) & ~grants or (0 if any(verbs.values()) else USES[0])
        begin = chance.randint(-1, DAYS)
        limits = {"since": day(begin), "until": day(begin + chance.randint(1, 4))}
        for name in [name for name in limits if not grants or chance.random() < 0.6]:
            del limits[name]
        place = {"recording": recording, "program": program, "all_programs": True}
        history.append(
            {"event": event, "holder": "ada", "refuses": refuses} | place | verbs | limits
        )
    return history


HISTORIES = [_history(Random(seed)) for seed in range(300)]


def _agrees(module: Namespace, history: Sequence[dict[str, Any]]) -> bool:
    made: Any = module  # what exec gives has no types
    at = day(DAYS // 2)
    voice = made["fold"]([made["Statement"](**fields) for fields in history], at)
    true = [Statement(**fields) for fields in history]
    for question, use in product(QUESTIONS, USES):
        said, expected = voice.says(*question), answer(true, at, question, use)
        open_ = bool(expected.yes) and not expected.no
        if read(said, use) != expected or bool(said.granted & use) != open_:
            return False
    return True


@pytest.mark.parametrize("what", FOLD)
def test_a_fold_that_lacks_one_part_differs_from_the_prose(what: str) -> None:
    same = any(f"if {condition}:" in what and "if True:" in what for condition in SAME)
    try:
        assert all(_agrees(FOLD[what], history) for history in HISTORIES) == same
    except TypeError:  # it compares an instant with None: to crash is not to answer
        assert "is None" in what


def test_the_fold_itself_differs_nowhere() -> None:
    assert all(_agrees(vars(statements), history) for history in HISTORIES)


def _lives_right(module: Namespace) -> bool:
    made: Any = module
    for approved, suspended, ended in product((None, 2), repeat=3):
        for start, end in product((None, 1, 2), (None, 2, 3)):
            program = made["Program"](
                id="nightjar",
                uses=USES[0],
                proposed=1,
                approved=approved,
                suspended=suspended,
                ended=ended,
                start=None if start is None else day(start),
                end=None if end is None else day(end),
            )
            for now in range(5):
                runs = (0 if start is None else start) <= now < (9 if end is None else end)
                right = (approved, suspended, ended) == (2, None, None) and runs
                if program.is_live(day(now)) != right:
                    return False
    return True


@pytest.mark.parametrize("what", LIVE)
def test_a_program_that_lacks_one_condition_runs_when_it_may_not(what: str) -> None:
    try:
        assert not _lives_right(LIVE[what])
    except TypeError:  # it compares an instant with None: to crash is not to answer
        assert "is None" in what


def test_a_program_runs_only_approved_not_stopped_and_in_its_time() -> None:
    assert _lives_right(vars(programs))
