"""Peaks: what a slow filter finds, the same however the frames are cut, and the loudest of them."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import maximum_filter

from assent.identity import peaks as rules
from assent.identity.design import DESIGN
from assent.identity.peaks import PEAK, PeakFinder, Peaks, loudest
from assent.identity.spectrum import Floats
from tests.identity.music import made_up, patient, plain, seeds

_SMALL = dataclasses.replace(DESIGN, name="small", bands=40)


def _powers(seed: int, frames: int, levels: int, share: float = 1.0) -> Floats:
    """Powers on so many levels: the fewer, the more are equal; all but a share of them are 0."""
    rng = np.random.default_rng(seed)
    powers = np.exp(rng.integers(0, levels, (frames, 40)) / levels * 10).astype(np.float32)
    powers[rng.random(powers.shape) >= share] = 0
    return powers


def _found(powers: Floats) -> Peaks:
    finder = PeakFinder(_SMALL)
    return np.concatenate([finder.add(powers), finder.finish()])


def _loudest_in(powers: Floats, frames: int, bands: int) -> set[tuple[int, int]]:
    """The places that no other within reach is louder than, the first of equals."""
    size = (2 * frames + 1, 2 * bands + 1)
    top = maximum_filter(powers, size=size, mode="constant", cval=0)
    found = set()
    for frame, band in zip(*np.nonzero(powers == top), strict=True):
        part = powers[max(frame - frames, 0) : frame + frames + 1]
        part = part[:, max(band - bands, 0) : band + bands + 1]
        mine = min(frame, frames) * part.shape[1] + min(band, bands)
        if powers[frame, band] > 0 and int(np.argmax(part)) == mine:  # the first of equals
            found.add((int(frame), int(band)))
    return found


def _inside(powers: Floats) -> set[tuple[int, int]]:
    frames, bands = powers.shape
    return {(frame, band) for frame in range(1, frames - 1) for band in range(1, bands - 1)}


@patient
@given(seeds, st.integers(0, 60), st.sampled_from([2, 20, 10_000]), st.sampled_from([0.03, 1]))
def test_the_peaks_are_those_that_a_slow_filter_finds(
    seed: int, frames: int, levels: int, share: float
) -> None:
    powers = _powers(seed, frames, levels, share)
    found = _found(powers)
    near = _loudest_in(powers, _SMALL.asked_frames, _SMALL.asked_bands) & _inside(powers)
    far = _loudest_in(powers, _SMALL.peak_frames, _SMALL.peak_bands) & near
    # a peak lies within half a frame and half a band of the middle of its place
    places = {}
    for place in near:
        mine = found[
            (np.abs(found["frame"] - place[0]) <= 0.5) & (np.abs(found["band"] - place[1]) <= 0.5)
        ]
        mine = mine[np.isclose(mine["level"], np.log(powers[place]), atol=1e-5)]
        places[place] = mine
    assert all(len(mine) == 1 for mine in places.values())
    assert len(found) == len(near)
    assert {place for place, mine in places.items() if mine["dominant"][0]} == far


@patient
@given(seeds, st.integers(0, 90), st.lists(st.integers(0, 12), min_size=1, max_size=9))
def test_the_peaks_are_the_same_however_the_frames_are_cut(
    seed: int, frames: int, sizes: list[int]
) -> None:
    powers = _powers(seed, frames, 30)
    finder = PeakFinder(_SMALL)
    cut = np.split(powers, np.minimum(np.cumsum(sizes), frames))
    found = np.concatenate([*map(finder.add, cut), finder.finish()])
    np.testing.assert_array_equal(found, _found(powers))


def test_no_more_frames_are_held_than_a_neighbourhood() -> None:
    finder = PeakFinder(_SMALL)
    for seed in range(50):
        finder.add(_powers(seed, 20, 1_000))
        assert len(finder._held) <= 2 * _SMALL.peak_frames


@patient
@given(seeds, st.floats(1e-3, 1e3))
def test_a_peak_stays_where_it_is_when_all_is_louder(seed: int, gain: float) -> None:
    powers = _powers(seed, 50, 10_000)
    before, after = _found(powers), _found(powers * np.float32(gain))
    assert len(before) == len(after) > 0
    np.testing.assert_allclose(after["frame"], before["frame"], atol=1e-2)
    np.testing.assert_allclose(after["band"], before["band"], atol=1e-2)
    np.testing.assert_allclose(after["level"], before["level"] + np.log(gain), atol=1e-3)
    np.testing.assert_array_equal(after["dominant"], before["dominant"])


def test_what_is_at_the_floor_is_nothing() -> None:
    powers = np.zeros((30, 40), np.float32)
    powers[15, 20] = DESIGN.floor
    assert len(_found(powers)) == 0
    powers[15, 20] = 2 * DESIGN.floor
    (peak,) = _found(powers)
    assert (peak["frame"], peak["band"], peak["dominant"]) == (15, 20, True)


@patient
@given(st.floats(-0.45, 0.45), st.floats(-0.45, 0.45))
def test_a_peak_between_frames_and_bands_is_found_between_them(late: float, high: float) -> None:
    frame, band = np.mgrid[:30, :40]
    powers = np.exp(-((frame - 15 - late) ** 2) / 4 - (band - 20 - high) ** 2 / 6)
    (peak,) = _found(powers.astype(np.float32))
    assert peak["frame"] == pytest.approx(15 + late, abs=1e-3)
    assert peak["band"] == pytest.approx(20 + high, abs=1e-3)


@patient
@given(seeds, st.integers(1, 40), st.floats(0.2, 8))
def test_the_loudest_are_the_loudest_of_each_second(seed: int, per_s: int, seconds: float) -> None:
    made = made_up(seed, seconds)
    kept = loudest(made, per_s, DESIGN)
    assert np.all(np.diff(kept["frame"]) >= 0)
    expected = 0
    for second in range(10):
        of = made[(made["frame"] / DESIGN.frames_per_s).astype(int) == second]
        mine = kept[(kept["frame"] / DESIGN.frames_per_s).astype(int) == second]
        top = np.sort(of["level"])[::-1][:per_s]
        np.testing.assert_array_equal(np.sort(mine["level"])[::-1], top)
        expected += len(top)
    assert len(kept) == expected
    np.testing.assert_array_equal(loudest(kept, per_s, DESIGN), kept)


def test_of_no_peaks_none_are_the_loudest() -> None:
    assert len(loudest(np.empty(0, PEAK), 30, DESIGN)) == 0


_REACH = (DESIGN.asked_frames, DESIGN.asked_bands, DESIGN.peak_frames, DESIGN.peak_bands)


@pytest.mark.parametrize(("levels", "share"), [(2, 0.03), (5, 0.1), (10_000, 1)])
def test_the_finding_that_is_compiled_is_the_python_it_was_made_of(
    levels: int, share: float
) -> None:
    powers = _powers(3, 40, levels, share)
    quick, slow = np.zeros((100, 4)), np.zeros((100, 4))
    arguments = (powers, 0, len(powers), _REACH, np.float32(DESIGN.floor))
    count = rules._find(*arguments, quick)
    assert count == plain(rules._find)(*arguments, slow)
    assert count > 5
    np.testing.assert_allclose(quick[:count], slow[:count], atol=1e-4)
    for frame in range(0, 40, 3):
        for band in range(0, 40, 3):
            place = (powers, frame, band, 2, 3)
            assert rules._is_loudest(*place) == plain(rules._is_loudest)(*place)


def test_peaks_without_room_are_left_out() -> None:
    arguments = (_powers(3, 40, 10_000), 0, 40, _REACH, np.float32(DESIGN.floor))
    for find in (rules._find, plain(rules._find)):
        assert find(*arguments, np.empty((3, 4))) == 3


@patient
@given(*[st.floats(-50, 50)] * 3)
def test_a_vertex_is_within_half_a_step(before: float, middle: float, after: float) -> None:
    vertex = rules._vertex(before, middle, after)
    assert -0.5 <= vertex <= 0.5
    assert vertex == pytest.approx(plain(rules._vertex)(before, middle, after), abs=1e-9)
    assert rules._vertex(after, middle, before) == pytest.approx(-vertex, abs=1e-9)


def test_what_bends_the_other_way_has_no_vertex() -> None:
    for vertex in (rules._vertex, plain(rules._vertex)):
        assert vertex(1.0, 1.0, 1.0) == vertex(3.0, 1.0, 2.0) == 0
