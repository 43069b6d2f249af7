"""Votes: a line among hits that are strewn about is found, with what it says of the copy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.identity import votes as rules
from assent.identity.scan import Hits
from assent.identity.votes import Line, lines
from tests.identity.music import patient, plain, seeds

_LONG = 1_250.0
"""A window of twenty seconds [frames]."""


def _strewn(rng: np.random.Generator, many: int, tracks: int = 40) -> Hits:
    return Hits(
        track=rng.integers(0, tracks, many).astype(np.uint32),
        asked=rng.uniform(0, _LONG, many).astype(np.float32),
        frame=rng.integers(0, 20_000, many).astype(np.float32),
        ratio=rng.uniform(0.76, 1.32, many).astype(np.float32),
        shift=rng.uniform(-13, 13, many).astype(np.float32),
    )


def _planted(
    rng: np.random.Generator, many: int, track: int, ratio: float, offset: float, shift: float
) -> Hits:
    """Hits of a true copy, as exact as the index holds them."""
    asked = np.sort(rng.choice(int(_LONG), many, replace=False))
    return Hits(
        track=np.full(many, track, np.uint32),
        asked=asked.astype(np.float32),
        frame=np.round(ratio * asked + offset).astype(np.float32),
        ratio=(ratio * rng.normal(1, 0.004, many)).astype(np.float32),
        shift=(shift + rng.uniform(-0.5, 0.5, many)).astype(np.float32),
    )


def _together(rng: np.random.Generator, *some: Hits) -> Hits:
    order = rng.permutation(sum(len(hits.track) for hits in some))
    return Hits(*(np.concatenate(columns)[order] for columns in zip(*some, strict=True)))


@patient
@given(
    seeds, st.floats(0.78, 1.3), st.floats(0, 200_000), st.floats(-12, 12), st.integers(0, 9_999)
)
def test_a_planted_line_is_found_among_strewn_hits(
    seed: int, ratio: float, offset: float, shift: float, track: int
) -> None:
    rng = np.random.default_rng(seed)
    planted = _planted(rng, 60, track, ratio, offset, shift)
    best, *others = lines(_together(rng, planted, _strewn(rng, 3_000)))
    assert best.track == track
    assert best.ratio == pytest.approx(ratio, abs=0.005)
    assert best.ratio * _LONG / 2 + best.offset == pytest.approx(
        ratio * _LONG / 2 + offset, abs=2.5
    )
    assert best.shift == pytest.approx(shift, abs=0.5)
    assert best.votes >= 30
    assert 0 <= best.start < best.end <= _LONG
    assert all(other.votes <= best.votes for other in others)


@patient
@given(seeds)
def test_two_recordings_are_two_lines(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = _planted(rng, 80, 3, 1.1, 500, 2), _planted(rng, 50, 7, 0.9, 9_000, -4)
    first, second = lines(_together(rng, one, other, _strewn(rng, 500)))[:2]
    assert (first.track, second.track) == (3, 7)
    assert first.votes > second.votes >= 25


@patient
@given(seeds, st.integers(0, 2_000))
def test_the_order_of_hits_does_not_matter(seed: int, many: int) -> None:
    rng = np.random.default_rng(seed)
    hits = _together(rng, _planted(rng, 40, 3, 1.0, 500, 0), _strewn(rng, many))
    first, again = lines(hits)[0], lines(_together(rng, hits))[0]
    assert first[:2] == again[:2]
    np.testing.assert_allclose(first, again, rtol=1e-6, atol=1e-6)


@patient
@given(seeds, st.integers(0, 400), st.integers(1, 5), st.integers(1, 20))
def test_lines_are_as_many_as_asked_for_with_the_most_votes_first(
    seed: int, many: int, tracks: int, most: int
) -> None:
    found = lines(_strewn(np.random.default_rng(seed), many, tracks), most)
    assert len(found) <= most
    assert [line.votes for line in found] == sorted((line.votes for line in found), reverse=True)
    assert all(line.votes >= 1 and line.start <= line.end for line in found)


@patient
@given(seeds)
def test_hits_of_one_frame_are_one_vote(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hits = _planted(rng, 40, 3, 1.0, 500, 0)
    thrice = _together(rng, hits, hits, hits)
    assert lines(thrice)[0].votes == lines(hits)[0].votes


def test_no_hits_are_no_lines() -> None:
    assert lines(_strewn(np.random.default_rng(0), 0)) == []


def test_one_hit_is_no_line() -> None:
    assert lines(_strewn(np.random.default_rng(0), 1)) == []


def test_two_hits_are_no_line() -> None:
    rng = np.random.default_rng(0)
    assert lines(_planted(rng, 2, 0, 1.0, 0, 0)) == []


def test_a_line_that_is_another_one_once_more_is_dropped() -> None:
    line = Line(1, 50, 1.0, 100.0, 0.0, 0.0, 500.0)
    apart = [
        line._replace(track=2),
        line._replace(shift=2.0),
        line._replace(offset=200.0),
    ]
    same = [line._replace(votes=9, offset=130.0), line._replace(votes=8, shift=0.4)]
    assert rules._distinct([line, *apart, *same]) == [line, *apart]


@pytest.mark.parametrize("many", [3, 40, 700])
def test_the_votes_that_are_compiled_are_the_python_they_were_made_of(many: int) -> None:
    rng = np.random.default_rng(many)
    hits = _together(rng, _planted(rng, 30, 3, 1.05, 500, 2), _strewn(rng, many, 2))
    cells = rules._best_cells(*hits, 8)
    np.testing.assert_array_equal(np.sort(plain(rules._best_cells)(*hits, 8)), np.sort(cells))
    cells = np.append(cells, np.int64(999) << 20)  # a cell that nothing is in
    quick, slow = np.zeros((len(cells), 7)), np.zeros((len(cells), 7))
    count = rules._fit(*hits, cells, quick)
    assert count == plain(rules._fit)(*hits, cells, slow)
    assert 0 < count < len(cells)
    np.testing.assert_allclose(quick[:count], slow[:count], rtol=1e-5, atol=1e-5)


@patient
@given(seeds, st.integers(1, 30))
def test_the_slopes_that_are_compiled_are_the_python_they_were_made_of(
    seed: int, many: int
) -> None:
    rng = np.random.default_rng(seed)
    hits = _planted(rng, many, 3, 1.05, 500, 2)
    some = hits.asked, hits.frame, hits.ratio
    best = rules._best_slope(*some)
    assert best == pytest.approx(plain(rules._best_slope)(*some), rel=1e-5)
    for slope, offset in (best, (1.05, 500.0), (1.3, 0.0)):
        fitted = rules._straight(*some[:2], slope, offset)
        assert fitted == pytest.approx(plain(rules._straight)(*some[:2], slope, offset), rel=1e-5)
        assert abs(fitted[0] / slope - 1) <= rules._BENT + 1e-9


def test_a_line_through_one_moment_has_no_slope_of_its_own() -> None:
    asked, frame = np.full(5, 70, np.float32), np.full(5, 170, np.float32)
    for straight in (rules._straight, plain(rules._straight)):
        assert straight(asked, frame, 1.1, 93.0) == (1.1, 93.0)


def test_a_line_that_would_bend_too_much_stays() -> None:
    asked = np.arange(0, 100, 10, dtype=np.float32)
    frame = asked * 1.04 + 100  # within three frames of the line below, on the whole
    for straight in (rules._straight, plain(rules._straight)):
        assert straight(asked, frame, 1.0, 101.5) == (1.0, 101.5)
        assert straight(asked, frame, 1.03, 100.0) == pytest.approx((1.04, 100.0), abs=1e-4)


def test_a_table_has_each_key_at_one_place() -> None:
    slow = plain(rules._slot)
    keys = np.full(64, -1, np.int64)
    counts = np.zeros(64, np.int32)
    rng = np.random.default_rng(3)
    for key in rng.integers(0, 1 << 40, 40):
        at = int(rules._slot(keys, key))
        with np.errstate(over="ignore"):  # as it is meant, and as it is compiled
            assert slow(keys, key) == at
        assert keys[at] == -1
        keys[at], counts[at] = key, 1
        assert rules._slot(keys, key) == at
    assert np.count_nonzero(keys >= 0) == 40


def test_hits_around_a_cell_are_in_the_nine_cells() -> None:
    keys, counts = np.full(1_024, -1, np.int64), np.zeros(1_024, np.int32)
    middle = np.int64(5 << 20 | 64 << 13 | 4_100)
    for up in range(-2, 3):
        for on in range(-2, 3):
            key = middle + (up << 13) + on
            at = rules._slot(keys, key)
            keys[at], counts[at] = key, 1 if max(abs(up), abs(on)) < 2 else 100
    for around in (rules._around, plain(rules._around)):
        assert around(keys, counts, middle) == 9
        assert around(keys, counts, middle + (100 << 13)) == 0
