"""What is compiled is the Python it was made of, and lets other threads run."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from assent.identity.compiled import compiled
from tests.identity.music import patient, plain


@compiled
def _steps(number: int) -> int:
    """How many steps of 3n + 1 it takes to come to 1."""
    count = 0
    while number > 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        count += 1
    return count


@patient
@given(st.integers(1, 10_000))
def test_a_compiled_function_is_the_python_it_was_made_of(number: int) -> None:
    assert _steps(number) == plain(_steps)(number)


@compiled
def _share(part: float, whole: float) -> float:
    return part / whole


def test_arithmetic_is_numpys_and_raises_nothing() -> None:
    assert _share(1.0, 0.0) == float("inf")


def test_a_compiled_function_is_one_for_all_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(_steps, [27] * 20)) == [111] * 20
