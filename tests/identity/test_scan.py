"""Scanning: all postings within the tolerances, and no others."""

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.identity import scan as rules
from assent.identity.design import DESIGN
from assent.identity.landmarks import BUCKETS, Landmarks, landmarks, span_of
from assent.identity.scan import Hits, Window, crowds, scan, within
from assent.identity.segment import Segment, segment_of
from tests.identity.music import made_up, patient, plain, seeds, thorough

_STRICT, _WIDE = Window(1.1, 0.96, 1.04), Window(13.0, 0.76, 1.32)
_windows = st.builds(Window, st.floats(0, 20), st.floats(0.5, 1), st.floats(1, 1.6))
_NONE = np.empty((0, 8), np.float32)


def _scan(asked: Landmarks, segment: Segment, window: Window) -> Hits:
    """Scan in one window, which half of the landmarks take for the wide one."""
    far = np.arange(len(asked)) % 2 == 0
    return scan(asked, segment.starts, segment.values, (window, window), far, DESIGN)


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
    found = _rows(_scan(asked, segment, window))
    expected = _slowly(asked, segment, window)
    assert len(found) == len(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@patient
@given(seeds, st.sampled_from([_STRICT, _WIDE]))
def test_every_landmark_of_a_recording_is_found_at_its_place(seed: int, window: Window) -> None:
    segment = _segment(seed)
    asked = landmarks(made_up(seed, 3.0), DESIGN.fan, DESIGN)
    hits = _scan(asked, segment, window)
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
    few, many = (set(_rows(_scan(asked, segment, some))) for some in (window, wider))
    assert few <= many


def test_what_there_is_no_room_for_at_first_is_found_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    segment = _segment(1, 2)
    asked = landmarks(made_up(1, 3.0), DESIGN.asked_fan, DESIGN)
    there = _scan(asked, segment, _WIDE)
    monkeypatch.setattr(rules, "_ROOM", 1)
    again = _scan(asked, segment, _WIDE)
    assert len(there.track) > 100
    assert _rows(again) == _rows(there)
    assert again.track.dtype == np.uint32


def test_nothing_is_found_in_nothing_and_of_nothing() -> None:
    full, empty = _segment(1), _segment()
    asked = landmarks(made_up(1, 3.0), DESIGN.fan, DESIGN)
    for some, segment in ((asked, empty), (_NONE, full), (_NONE, empty)):
        assert not len(_scan(some, segment, _WIDE).track)


def test_what_is_looked_for_in_the_narrow_window_is_found_in_it_alone() -> None:
    segment = segment_of([(seed, made_up(seed, 60.0)) for seed in range(4)], DESIGN)
    asked = landmarks(made_up(1, 60.0), DESIGN.asked_fan, DESIGN)
    far = np.arange(len(asked)) % 3 == 0
    both = scan(asked, segment.starts, segment.values, (_STRICT, _WIDE), far, DESIGN)
    expected = [
        *_rows(_scan(asked[far], segment, _WIDE)),
        *_rows(_scan(asked[~far], segment, _STRICT)),
    ]
    assert _rows(both) == sorted(expected)
    narrow = _rows(within(both, _STRICT))
    assert narrow == _rows(_scan(asked, segment, _STRICT))
    assert 0 < len(narrow) < len(expected)


def test_the_scan_that_is_compiled_is_the_python_it_was_made_of() -> None:
    segment = _segment(1, 2)
    asked = landmarks(made_up(1, 3.0), DESIGN.fan, DESIGN)
    far, share = np.arange(len(asked)) % 2 == 0, np.linspace(0, 1, 256)
    quick, slow = np.zeros((50_000, 5), np.float32), np.zeros((50_000, 5), np.float32)
    values = np.asarray(segment.values)
    limits = np.array([_STRICT, _WIDE])
    arguments = asked, far, segment.starts, values, limits, rules._sizes(DESIGN), share
    count = rules._scan(*arguments, quick)
    assert count == plain(rules._scan)(*arguments, slow)
    assert 0 < count < len(quick)
    np.testing.assert_array_equal(quick[:count], slow[:count])


@patient
@given(seeds, st.integers(0, 255), st.floats(0, 1))
def test_wherever_the_guess_a_run_is_found(seed: int, band: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    values = np.sort(rng.integers(0, 1 << 63, rng.integers(1, 200), np.uint64))
    key = np.uint64(band) << np.uint64(56)
    guess = min(int(share * len(values)), len(values) - 1)
    expected = int(np.searchsorted(values, key))
    for rising, falling in (
        (rules._rising, rules._falling),
        (plain(rules._rising), plain(rules._falling)),
    ):
        if values[guess] < key:
            assert rising(values, guess, len(values), key) == expected
        else:
            assert falling(values, 0, guess, key) == expected
        assert rising(values, 0, len(values), key) == expected


@patient
@given(
    st.lists(st.floats(-50, 50), min_size=3, max_size=3),
    st.lists(st.floats(-0.2, 1.2), min_size=2, max_size=2),
)
def test_probes_are_the_bins_near_a_place(distances: list[float], ratios: list[float]) -> None:
    one = np.array([*distances, *ratios, 0, 0, 0], np.float32)
    place = np.append(one[:3].astype(float) / 2.5 + 16.5, one[3:5].astype(float) * 8)
    near = np.array([0.34, 0.34, 0.34, 0.24, 0.24])
    tops = [31, 31, 31, 7, 7]
    axes = [
        range(max(int(np.floor(at - by)), 0), min(int(np.floor(at + by)), top) + 1)
        for at, by, top in zip(place, near, tops, strict=True)
    ]
    expected = {}
    for bins in product(*axes):
        bucket = (((bins[0] << 5 | bins[1]) << 5 | bins[2]) << 3 | bins[3]) << 3 | bins[4]
        quarters = place - np.array(bins), np.arange(4)[:, None] * 0.25 + 0.125
        allowed = np.abs(quarters[1] - quarters[0]) <= near + 0.125
        expected[bucket] = sum(1 << at for at, is_so in enumerate(allowed.T.reshape(-1)) if is_so)
    for probes_of in (rules._probes, plain(rules._probes)):
        buckets, masks = np.zeros((2, rules._MOST_PROBES), np.int64)
        many = probes_of(one, (2.5, 8.0, 0.34, 0.24), buckets, masks)
        made = dict(zip(buckets[:many].tolist(), masks[:many].tolist(), strict=True))
        assert len(made) == many
        assert made == expected


def test_a_crowd_is_all_that_is_in_the_buckets_of_a_landmark() -> None:
    segment = _segment(1, 2, 3)
    asked = landmarks(made_up(1, 3.0), DESIGN.asked_fan, DESIGN)
    sizes = rules._sizes(DESIGN)
    buckets, masks = np.zeros((2, rules._MOST_PROBES), np.int64)
    expected = []
    for one in asked:
        of = buckets[: rules._probes(one, sizes, buckets, masks)]
        expected.append(int((segment.starts[of + 1].astype(int) - segment.starts[of]).sum()))
    assert crowds(asked, segment.starts, DESIGN).tolist() == expected
    assert max(expected) > 1


@patient
@given(st.integers(0, (1 << 20) - 1), st.integers(0, 1023), st.integers(0, 255))
def test_what_is_near_is_near_on_every_axis(mask: int, left: int, span: int) -> None:
    value = np.array([(77 << 56) | (span << 10) | left], np.uint64)
    near = all(mask >> (4 * axis + (left >> (8 - 2 * axis) & 3)) & 1 for axis in range(5))
    for compare in (rules._compare, plain(rules._compare)):
        for codes, is_within in (
            ((0, 256), True),
            ((100, 200), 100 <= span < 200),
            ((9, 9), False),
        ):
            said = np.full(1, 7, np.uint8)
            compare(value, (0, 1), mask, codes, said)
            assert said.tolist() == [near and is_within]


def test_what_is_written_down_is_what_is_near_as_far_as_there_is_room() -> None:
    segment = _segment(1, 2, 3)
    values = np.asarray(segment.values)
    spans = np.array([span_of(code) for code in range(256)])
    counts = set()
    for at, one in enumerate(landmarks(made_up(1, 3.0), DESIGN.fan, DESIGN)[:60]):
        near = (np.arange(len(values)) % (at + 1) == 0).astype(np.uint8)
        for room in (0, 1, 50):
            made = []
            for write in (rules._write, plain(rules._write)):
                found = np.zeros((room, 5), np.float32)
                some = 3, min(3 + 200, len(values))
                tracks = found.view(np.uint32)
                counts.add(write(values, some, near, one, spans, tracks, found, 0))
                made.append(found)
            np.testing.assert_array_equal(made[0], made[1])
    assert len(counts) > 10
