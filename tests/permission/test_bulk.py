from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadStatement, BadTable
from assent.permission import bulk
from assent.permission.algebra import SILENT, Masks, ground, word
from assent.permission.bulk import Holdings, permitted, recompute
from assent.permission.decide import word_of
from assent.permission.uses import ALL
from tests.permission.cases import CASES, STATES, USES, Case, facts_of, masks_of

words = st.integers(0, ALL)
texts = st.builds(Masks, granted=words, opt_out=words, opt_in=words)


def columns(
    texts: Sequence[Masks[int]],
    recordings: Sequence[Sequence[tuple[int, int, int, int]]],
    held: Sequence[int],
    original: Sequence[int],
) -> Holdings:
    rows = [row for holdings in recordings for row in holdings]
    return Holdings(
        texts=texts,
        first=np.array([row[0] for row in rows], np.uint16),
        second=np.array([row[1] for row in rows], np.uint16),
        granted=np.array([row[2] for row in rows], np.uint64),
        refused=np.array([row[3] for row in rows], np.uint64),
        starts=np.cumsum([0, *map(len, recordings)], dtype=np.int64),
        held=np.array(held, np.uint64),
        original=np.array(original, np.int64),
    )


@st.composite
def catalogues(draw: st.DrawFn) -> Holdings:
    known = [SILENT, *draw(st.lists(texts, max_size=4))]
    number = st.integers(0, len(known) - 1)
    said = st.tuples(words, words).map(lambda pair: (pair[0] & ~pair[1], pair[1]))
    holding = st.tuples(number, number, said).map(lambda row: (row[0], row[1], *row[2]))
    recordings = draw(st.lists(st.lists(holding, max_size=4), max_size=12))
    n = len(recordings)
    held = draw(st.lists(st.sampled_from((0, 0, ALL, 5)) | words, min_size=n, max_size=n))
    original = draw(st.lists(st.integers(-1, n - 1), min_size=n, max_size=n))
    return columns(known, recordings, held, original)


def one_by_one(it: Holdings) -> list[int]:
    """Answer for each recording with the algebra on numbers, and follow originals one by one."""
    found = []
    for row, held in enumerate(it.held.tolist()):
        grounds = [
            ground(
                it.texts[it.first[at]],
                it.texts[it.second[at]],
                int(it.granted[at]),
                int(it.refused[at]),
            )
            for at in range(it.starts[row], it.starts[row + 1])
        ]
        found.append(word(grounds, held))
    chained = []
    for row in range(len(found)):
        seen, at = {row}, int(it.original[row])
        answer = found[row]
        while at >= 0 and at not in seen:
            answer &= found[at]
            seen.add(at)
            at = int(it.original[at])
        chained.append(answer)
    return chained


@given(catalogues())
def test_all_at_once_is_one_by_one(catalogue: Holdings) -> None:
    assert recompute(catalogue).tolist() == one_by_one(catalogue)


@given(catalogues(), st.integers(1, 5), st.sampled_from((0, 1 << 16)))
def test_neither_the_size_of_a_piece_nor_a_table_of_pairs_changes_a_word(
    catalogue: Holdings, piece: int, pairs: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk._pieces, "__defaults__", (piece,))
        patch.setattr(bulk, "_MOST_PAIRS", pairs)
        assert recompute(catalogue).tolist() == one_by_one(catalogue)


@pytest.fixture(scope="module")
def every_case() -> tuple[list[Case], Holdings]:
    """Every input of one bit as one catalogue; the two last rows are the originals."""
    cases = [case for case in CASES if all(h.said != "both" for h in case.holders)]
    names = [(use, state) for use in USES for state in STATES]
    known = [SILENT, *(masks_of(state, USES[use]) for use, state in names)]
    number = {name: at for at, name in enumerate(names, 1)}
    # from n to the fixed rows
    originals = {"no copy": -1, "of an open one": len(cases), "of a closed one": len(cases) + 1}
    rows = []
    for case in cases:
        use = USES[case.use]
        rows.append(
            [
                (
                    number[case.use, holder.terms.first],
                    number[case.use, holder.terms.second],
                    use * (holder.said == "granted"),
                    use * (holder.said == "refused"),
                )
                for holder in case.holders
            ]
        )
    known.append(Masks(ALL, 0, 0))
    open_one, closed_one = (len(known) - 1, len(known) - 1, ALL, 0), (0, 0, 0, 0)
    held = [USES[case.use] * case.held for case in cases]
    catalogue = columns(
        known,
        [*rows, [open_one], [closed_one]],
        [*held, 0, 0],
        [*(originals[case.copy] for case in cases), -1, -1],
    )
    return cases, catalogue


def test_bulk_equals_point_for_every_input_of_one_bit(
    every_case: tuple[list[Case], Holdings],
) -> None:
    cases, catalogue = every_case
    expected = [word_of(facts_of(case)) & USES[case.use] for case in cases]
    mine = np.array([USES[case.use] for case in cases], np.uint64)
    assert (recompute(catalogue)[: len(cases)] & mine).tolist() == expected


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 1000])
@pytest.mark.parametrize("piece", [8, 1 << 18])
def test_the_permitted_are_those_that_open_every_use(
    n: int, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_SCAN", piece)
    some = np.random.default_rng(n).integers(0, 8, n, np.uint64)
    packed = permitted(some, 5)
    assert packed.dtype == np.uint8
    assert packed.shape == ((n + 7) // 8,)
    unpacked = np.unpackbits(packed, bitorder="little").astype(bool).tolist()
    assert unpacked[:n] == [value & 5 == 5 for value in some.tolist()]
    assert not any(unpacked[n:])


@pytest.mark.parametrize("uses", [0, -1, ALL + 1, 1 << 63])
def test_a_question_for_no_use_or_an_unknown_one_is_an_error(uses: int) -> None:
    with pytest.raises(BadStatement, match="at least one use"):
        permitted(np.full(3, ALL, np.uint64), uses)


SMALL = columns([SILENT, Masks(ALL, 0, 0)], [[(1, 1, 0, 0)], [(1, 0, 1, 2)]], [0, 0], [-1, 0])
SPOILT: dict[str, Callable[[], dict[str, Any]]] = {
    "no text at all": lambda: {"texts": []},
    "a first text that speaks": lambda: {"texts": [Masks(1, 0, 0), SILENT]},
    "no end": lambda: {"starts": np.empty(0, np.int64)},
    "one text short": lambda: {"second": SMALL.second[:-1]},
    "one grant short": lambda: {"granted": SMALL.granted[:-1]},
    "one refusal too many": lambda: {"refused": np.zeros(3, np.uint64)},
    "one hold short": lambda: {"held": SMALL.held[:-1]},
    "one original short": lambda: {"original": SMALL.original[:-1]},
    "one recording short": lambda: {"starts": SMALL.starts[:-1]},
    "signed words": lambda: {"granted": SMALL.granted.astype(np.int64)},
    "words in two columns": lambda: {"held": np.zeros((2, 1), np.uint64)},
    "a start after the first": lambda: {"starts": np.array([1, 1, 2])},
    "an end before the last": lambda: {"starts": np.array([0, 1, 1])},
    "starts that fall": lambda: {
        "starts": np.array([0, 3, 2]),
    },
    "an original that is no row": lambda: {"original": np.array([-1, 2])},
    "an original before the first": lambda: {"original": np.array([-1, -2])},
    "an accepted text that is unknown": lambda: {"first": np.array([1, 2], np.uint16)},
    "a current text that is unknown": lambda: {"second": np.array([2, 1], np.uint16)},
    "a use granted and refused": lambda: {"refused": np.array([0, 1], np.uint64)},
}


@pytest.mark.parametrize("what", SPOILT)
def test_columns_that_do_not_belong_together_are_an_error(what: str) -> None:
    with pytest.raises(BadTable):
        replace(SMALL, **SPOILT[what]())


def test_an_unknown_bit_in_any_column_opens_nothing() -> None:
    every = (1 << 64) - 1
    known = [SILENT, Masks(every, every, every)]
    catalogue = columns(known, [[(1, 1, every, 0)], [(0, 1, every, 0)]], [0, 0], [-1, -1])
    assert recompute(catalogue).tolist() == [ALL, 0]
