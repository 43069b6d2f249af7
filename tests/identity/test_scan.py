"""Scanning: all postings within the tolerances, and no others."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.identity import scan as rules
from assent.identity.design import DESIGN
from assent.identity.landmarks import BUCKETS, Landmarks, landmarks, span_of
from assent.identity.scan import Hits, Window, scan
from assent.identity.segment import Segment, segment_of
from tests.identity.music import made_up, patient, plain, seeds, thorough

_STRICT, _WIDE = Window(1.1, 0.96, 1.04), Window(13.0, 0.76, 1.32)
_windows = st.builds(Window, st.floats(0, 20), st.floats(0.5, 1), st.floats(1, 1.6))
_NONE = np.empty((0, 8), np.float32)


def _segment(*seeds_of: int) -> Segment:
    return segment_of([(10 + seed, made_up(seed, 3.0)) for seed in seeds_of], DESIGN)


def _buckets(segment: Segment) -> npt.NDArray[np.int64]:
    return np.repeat(np.arange(BUCKETS), segment.starts[1:] - segment.starts[:-1])


def _rows(hits: Hits) -> list[tuple[float, ...]]:
    return sorted(zip(*(column.tolist() for column in hits), strict=True))


def _slowly(asked: Landmarks, segment: Segment, window: Window) -> list[tuple[float, ...]]:
    """Hold every landmark against every posting, by what is said of the tolerances."""
    values = segment.values.astype(np.uint64)
    bits = values.astype(object)  # whole numbers without an end
    left = np.array([int(one) & 1023 for one in bits], np.int64)
    spans = np.array([span_of(int(one) >> 10 & 255) for one in bits])
    frames = np.array([int(one) >> 18 & 0x3FFFF for one in bits])
    tracks = np.array([int(one) >> 36 & 0xFFFFF for one in bits])
    bands = np.array([int(one) >> 56 for one in bits])
    bins = (_buckets(segment)[:, None] >> np.array([16, 11, 6, 3, 0])) & [31, 31, 31, 7, 7]
    places = bins + ((left[:, None] >> np.array([8, 6, 4, 2, 0])) & 3) * 0.25 + 0.125
    slack = np.array(
        [rules._BAND_SLACK / DESIGN.band_bin] * 3 + [rules._RATIO_SLACK * DESIGN.ratio_bins] * 2
    )
    found: list[tuple[float, ...]] = []
    for one in asked:
        place = one[:5].astype(np.float64)
        place = np.append(place[:3] / DESIGN.band_bin + 16.5, place[3:] * DESIGN.ratio_bins)
        ratios = spans / np.float64(one[6])
        near = np.all(np.abs(places - place) <= slack + 0.125, axis=1)
        near &= (ratios >= window.least) & (ratios <= window.most)
        near &= np.abs(bands - np.float64(one[5])) <= window.bands
        for at in np.flatnonzero(near):
            shift = float(np.float32(one[5] - np.float32(bands[at])))
            row = float(frames[at]), float(np.float32(ratios[at])), shift
            found.append((int(tracks[at]), float(one[7]), *row))
    return sorted(found)


@thorough
@given(seeds, st.floats(-10, 10), st.floats(0.8, 1.25), _windows)
def test_what_is_found_is_all_within_the_tolerances_and_nothing_else(
    seed: int, shift: float, ratio: float, window: Window
) -> None:
    segment = _segment(seed, seed + 1)
    peaks = made_up(seed, 3.0)
    peaks["frame"] /= np.float32(ratio)
    peaks["band"] += np.float32(shift)
    asked = landmarks(peaks, DESIGN.fan, DESIGN)
    found = _rows(scan(asked, segment.starts, segment.values, window, DESIGN))
    expected = _slowly(asked, segment, window)
    assert len(found) == len(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@patient
@given(seeds, st.sampled_from([_STRICT, _WIDE]))
def test_every_landmark_of_a_recording_is_found_at_its_place(seed: int, window: Window) -> None:
    segment = _segment(seed)
    asked = landmarks(made_up(seed, 3.0), DESIGN.fan, DESIGN)
    hits = scan(asked, segment.starts, segment.values, window, DESIGN)
    for one in asked:
        mine = (hits.asked == one[7]) & (np.abs(hits.frame - one[7]) <= 0.5)
        mine &= (np.abs(hits.ratio - 1) < 0.006) & (np.abs(hits.shift) <= 0.5)
        assert mine.any()


@patient
@given(seeds, _windows)
def test_a_wider_window_loses_nothing(seed: int, window: Window) -> None:
    segment = _segment(seed, seed + 1)
    asked = landmarks(made_up(seed + 1, 3.0), DESIGN.fan, DESIGN)
    wider = Window(window.bands + 1, window.least - 0.1, window.most + 0.1)
    few, many = (
        set(_rows(scan(asked, segment.starts, segment.values, some, DESIGN)))
        for some in (window, wider)
    )
    assert few <= many


def test_what_there_is_no_room_for_at_first_is_found_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    segment = _segment(1, 2)
    asked = landmarks(made_up(1, 3.0), DESIGN.asked_fan, DESIGN)
    there = scan(asked, segment.starts, segment.values, _WIDE, DESIGN)
    monkeypatch.setattr(rules, "_ROOM", 1)
    again = scan(asked, segment.starts, segment.values, _WIDE, DESIGN)
    assert len(there.track) > 100
    assert _rows(again) == _rows(there)
    assert again.track.dtype == np.uint32


def test_nothing_is_found_in_nothing_and_of_nothing() -> None:
    full, empty = _segment(1), _segment()
    asked = landmarks(made_up(1, 3.0), DESIGN.fan, DESIGN)
    for some, segment in ((asked, empty), (_NONE, full), (_NONE, empty)):
        assert not len(scan(some, segment.starts, segment.values, _WIDE, DESIGN).track)


def test_the_scan_that_is_compiled_is_the_python_it_was_made_of() -> None:
    segment = _segment(1, 2)
    asked = landmarks(made_up(1, 3.0), DESIGN.fan, DESIGN)
    slack, thin = rules._BAND_SLACK / DESIGN.band_bin, rules._RATIO_SLACK * DESIGN.ratio_bins
    for window in (_STRICT, _WIDE):
        limits = (*window, DESIGN.band_bin, float(DESIGN.ratio_bins), slack, thin)
        quick, slow = np.zeros((50_000, 5), np.float32), np.zeros((50_000, 5), np.float32)
        count = rules._scan(asked, segment.starts, segment.values, limits, quick)
        values = np.asarray(segment.values)
        assert count == plain(rules._scan)(asked, segment.starts, values, limits, slow)
        assert 0 < count < len(quick)
        np.testing.assert_array_equal(quick[:count], slow[:count])


def test_the_run_that_is_compiled_is_the_python_it_was_made_of() -> None:
    segment = _segment(1, 2, 3)
    limits = (5.0, 0.8, 1.2, DESIGN.band_bin, float(DESIGN.ratio_bins), 0.34, 0.24)
    starts = segment.starts.astype(np.int64)
    counts = set()
    for one in landmarks(made_up(1, 3.0), DESIGN.fan, DESIGN)[:60]:
        place = np.append(one[:3] / DESIGN.band_bin + 16.5, one[3:5] * 8).astype(np.float64)
        b = np.floor(place).astype(int).tolist()
        bucket = (((b[0] << 5 | b[1]) << 5 | b[2]) << 3 | b[3]) << 3 | b[4]
        own = segment.values[starts[bucket] : starts[bucket + 1]]
        # its own, and others that are near in some ways and far in others
        values = np.sort(np.concatenate([own, own ^ np.uint64(128 << 10), segment.values]))
        for some, room in ((own, 50), (values, 1), (values, 50)):
            quick, slow = np.zeros((room, 5), np.float32), np.zeros((room, 5), np.float32)
            arguments = one, place - b, some, limits
            count = rules._run(*arguments, quick, 0)
            assert count == plain(rules._run)(*arguments, slow, 0)
            np.testing.assert_allclose(quick, slow, rtol=1e-6)
            counts.add(count)
    assert max(counts) > 1


@patient
@given(
    st.lists(st.floats(-3, 35), min_size=3, max_size=3),
    st.lists(st.floats(-1, 9), min_size=2, max_size=2),
)
def test_probes_are_the_bins_near_a_place(distances: list[float], ratios: list[float]) -> None:
    place = np.array([*distances, *ratios])
    made = []
    for probes_of in (rules._probes, plain(rules._probes)):
        probes = np.zeros((rules._MOST_PROBES, 5), np.int64)
        many = probes_of(place, 0.34, 0.24, 8, probes)
        made.append({tuple(row) for row in probes[:many].tolist()})
        assert len(made[-1]) == many
    near = np.array([0.34, 0.34, 0.34, 0.24, 0.24])
    lows = np.floor(place - near).astype(int)
    highs = np.floor(place + near).astype(int)
    tops = [31, 31, 31, 7, 7]
    axes = [
        np.arange(max(low, 0), min(high, top) + 1)
        for low, high, top in zip(lows, highs, tops, strict=True)
    ]
    expected = {tuple(row) for row in np.stack(np.meshgrid(*axes), -1).reshape(-1, 5).tolist()}
    assert made == [expected, expected]


@patient
@given(st.integers(0, 1023), st.lists(st.floats(-0.5, 1.5), min_size=5, max_size=5))
def test_what_is_near_is_near_on_every_axis(left: int, place: list[float]) -> None:
    within = np.array(place)
    quarters = np.array([left >> by & 3 for by in (8, 6, 4, 2, 0)]) / 4 + 0.125
    near = bool(np.all(np.abs(quarters - within) <= [0.4, 0.4, 0.4, 0.3, 0.3]))
    assert rules._is_near(left, within, 0.4, 0.3) is near
    assert plain(rules._is_near)(left, within, 0.4, 0.3) is near
    assert rules._is_near(left, quarters, 0.0, 0.0)
