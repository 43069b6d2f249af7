import sqlite3
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.permission.algebra import SILENT, Bits, Masks, ground, opened, says, word
from assent.permission.uses import ALL, CONSENT_ONLY, FREE
from tests.permission.laws import LAWS, TRUE, Algebra

words = st.integers(0, ALL)
texts = st.builds(Masks, granted=words, opt_out=words, opt_in=words)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_algebra_keeps_the_law_that(law: Callable[[Algebra], bool]) -> None:
    assert law(TRUE)


@given(texts, texts, st.lists(st.tuples(words, words, words, words), min_size=1))
def test_an_array_answers_like_each_of_its_words(
    first: Masks[int], second: Masks[int], rows: list[tuple[int, int, int, int]]
) -> None:
    granted, refused, held, original = (
        np.array(column, np.uint64) for column in zip(*rows, strict=True)
    )
    columns = [Masks(*(np.full(len(rows), mask, np.uint64) for mask in t)) for t in (first, second)]
    agreed = ground(columns[0], columns[1], granted, refused)
    assert agreed.tolist() == [ground(first, second, yes, no) for yes, no, *_ in rows]
    assert opened(agreed, held, original).tolist() == [
        word([ground(first, second, yes, no)], off, above) for yes, no, off, above in rows
    ]


@given(texts, texts, words, words, words, words)
def test_the_database_answers_like_the_algebra(
    first: Masks[int], second: Masks[int], granted: int, refused: int, held: int, original: int
) -> None:
    names = [Bits(name) for name in "abcdefghij"]
    one, two = Masks(*names[:3]), Masks(*names[3:6])
    agreed = ground(one, two, names[6], names[7])
    expression = opened(agreed, names[8], names[9]).sql
    database = sqlite3.connect(":memory:")
    try:
        database.execute(f"CREATE TABLE t ({', '.join('abcdefghij')})")
        row = (*first, *second, granted, refused, held, original)
        database.execute(f"INSERT INTO t VALUES ({', '.join('?' * 10)})", row)
        (answer,) = database.execute(f"SELECT {expression} FROM t").fetchone()
    finally:
        database.close()
    assert answer == word([ground(first, second, granted, refused)], held, original)


def test_an_expression_takes_numbers_on_either_side() -> None:
    assert (Bits("a") & 5).sql == "(a & 5)"
    assert (Bits("a") | 5).sql == "(a | 5)"
    assert (5 | Bits("a")).sql == "(5 | a)"
    assert (~Bits("a") & Bits("b")).sql == "((~a) & b)"


@given(words, words)
def test_the_silent_text_opens_nothing(granted: int, refused: int) -> None:
    assert says(SILENT, granted, refused) == 0
    assert ground(SILENT, Masks(ALL, ALL, ALL), granted, refused) == 0


@given(texts, texts, words, words)
def test_what_is_open_is_free_or_granted(
    first: Masks[int], second: Masks[int], granted: int, refused: int
) -> None:
    assert ground(first, second, granted, refused) & ~(FREE | granted) == 0


def test_free_and_consent_only_share_the_register() -> None:
    assert FREE | CONSENT_ONLY == ALL
    assert FREE & CONSENT_ONLY == 0


@given(texts, texts, words, words)
def test_each_bit_stands_for_itself(
    first: Masks[int], second: Masks[int], granted: int, refused: int
) -> None:
    whole = ground(first, second, granted, refused)
    for place in range(0, 60, 7):
        use = 1 << place
        one, two = (Masks(*(mask & use for mask in text)) for text in (first, second))
        assert ground(one, two, granted & use, refused & use) == whole & use


def test_a_pair_of_texts_is_one_text() -> None:
    """What bulk builds its table on: for disjoint words a pair says what one text could say."""
    states = [Masks(*(ALL * (at == state) for at in range(3))) for state in range(4)]
    for first, second in product(states, states):
        pair = Masks(
            ground(first, second, 0, ALL),
            ground(first, second, 0, 0),
            ground(first, second, ALL, 0),
        )
        for granted, refused in ((0, 0), (ALL, 0), (0, ALL)):
            assert says(pair, granted, refused) == ground(first, second, granted, refused)
