"""Whoever drops one part of a rule fails a law: the laws are tight."""

from collections.abc import Callable

import pytest

from assent.permission import algebra
from tests.permission.laws import LAWS, TRUE, Algebra
from tests.permission.mutations import Namespace, mutants

ALGEBRA = dict(mutants(algebra, {"says", "ground", "opened", "word"}))


def test_every_operand_and_every_not_of_the_algebra_was_dropped_once() -> None:
    assert len(ALGEBRA) == 25


@pytest.mark.parametrize("what", ALGEBRA)
def test_an_algebra_that_lacks_one_part_breaks_a_law(what: str) -> None:
    assert not all(_kept(ALGEBRA[what])), what


def test_the_algebra_itself_breaks_none() -> None:
    assert all(law(TRUE) for law in LAWS)


def _kept(names: Namespace) -> list[bool]:
    mutant = Algebra(**{name: names[name] for name in Algebra._fields})  # type: ignore[arg-type]  # exec gives objects
    return [_holds(law, mutant) for law in LAWS]


def _holds(law: Callable[[Algebra], bool], mutant: Algebra) -> bool:
    try:
        return law(mutant)
    except TypeError:  # such as the AND over no holders: to crash is not to answer
        return False
