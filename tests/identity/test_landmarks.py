"""Landmarks: of four peaks, the same when all is higher or slower, and told apart in 85 bits."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.identity import landmarks as rules
from assent.identity.design import DESIGN
from assent.identity.landmarks import BUCKETS, MOST_FRAMES, Landmarks, landmarks, postings
from assent.identity.peaks import Peaks
from tests.identity.music import made_up, patient, peaks_at, plain, seeds


def _slowly(peaks: Peaks, fan: int) -> Landmarks:
    """Landmarks by what is said of them, a peak at a time."""
    made = []
    for at, first in enumerate(peaks):
        coming = []
        for other in peaks[at + 1 :]:
            away = other["frame"] - first["frame"]
            if DESIGN.nearest <= away <= DESIGN.farthest and (
                abs(other["band"] - first["band"]) <= DESIGN.reach
            ):
                coming.append(other)
        for three in combinations(coming[:fan], 3):
            span = three[2]["frame"] - first["frame"]
            if span >= 3 * DESIGN.nearest:
                distances = [one["band"] - first["band"] for one in three]
                ratios = [(one["frame"] - first["frame"]) / span for one in three[:2]]
                made.append([*distances, *ratios, first["band"], span, first["frame"]])
    return np.array(made, np.float32).reshape(-1, 8)


def _bins(made: Landmarks) -> npt.NDArray[np.int64]:
    """The bins of each landmark [shape=(n, 5)]."""
    buckets = postings(made, 0, 0, DESIGN).buckets.astype(np.int64)
    shifts, tops = np.array([16, 11, 6, 3, 0]), np.array([31, 31, 31, 7, 7])
    bins: npt.NDArray[np.int64] = (buckets[:, None] >> shifts) & tops
    return bins


@patient
@given(seeds, st.integers(3, 13), st.floats(0, 4))
def test_landmarks_are_a_peak_and_three_of_the_next(seed: int, fan: int, seconds: float) -> None:
    peaks = made_up(seed, seconds)
    np.testing.assert_allclose(landmarks(peaks, fan, DESIGN), _slowly(peaks, fan), rtol=1e-6)


@patient
@given(seeds)
def test_what_is_looked_for_holds_all_that_is_indexed(seed: int) -> None:
    peaks = made_up(seed)
    few, more, most = (
        {row.tobytes() for row in landmarks(peaks, fan, DESIGN)}
        for fan in (DESIGN.fan, DESIGN.quick_fan, DESIGN.asked_fan)
    )
    assert len(few) > 0
    assert few < more < most


@patient
@given(seeds)
def test_the_order_of_peaks_of_one_frame_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = np.sort(rng.integers(0, 60, 50))
    peaks = peaks_at(frames, rng.permutation(50) * 2)
    mixed = peaks[np.lexsort((rng.random(50), frames))]
    np.testing.assert_array_equal(
        landmarks(mixed, DESIGN.fan, DESIGN), landmarks(peaks, DESIGN.fan, DESIGN)
    )


@patient
@given(seeds, st.floats(-20, 20))
def test_a_landmark_is_the_same_when_all_is_higher(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    frames, bands = np.sort(rng.uniform(1, 200, 60)), rng.uniform(40, 110, 60)
    # what is just within reach may be just out of it, moved: all is in reach here
    bands = 60 + (bands - 75) / 2
    before = landmarks(peaks_at(frames, bands), DESIGN.fan, DESIGN)
    after = landmarks(peaks_at(frames, bands + shift), DESIGN.fan, DESIGN)
    assert len(before) == len(after) > 0
    expected = before.copy()
    expected[:, 5] += np.float32(shift)
    np.testing.assert_allclose(after, expected, atol=1e-4)
    assert np.abs(_bins(after) - _bins(before)).max() <= 1


@patient
@given(
    st.lists(st.floats(6, 18), min_size=3, max_size=3),
    st.lists(st.floats(60, 90), min_size=4, max_size=4),
    st.floats(0.76, 1.32),
)
def test_a_landmark_is_the_same_when_all_is_slower(
    gaps: list[float], bands: list[float], ratio: float
) -> None:
    frames = 10 + np.cumsum([0.0, *gaps])
    (before,) = landmarks(peaks_at(frames, bands), DESIGN.fan, DESIGN)
    (after,) = landmarks(peaks_at(frames * ratio, bands), DESIGN.fan, DESIGN)
    np.testing.assert_allclose(after[:6], before[:6], atol=1e-4)
    assert after[6] / before[6] == pytest.approx(ratio, abs=1e-4)
    assert np.abs(_bins(after[None]) - _bins(before[None])).max() <= 1


@patient
@given(seeds, st.integers(0, 5_000))
def test_a_landmark_is_the_same_later(seed: int, later: int) -> None:
    peaks = made_up(seed)
    peaks["frame"] = np.round(peaks["frame"] * 4) / 4  # exact, so that nothing is rounded
    moved = peaks.copy()
    moved["frame"] += later
    before, after = (landmarks(some, DESIGN.fan, DESIGN) for some in (peaks, moved))
    np.testing.assert_array_equal(after[:, :7], before[:, :7])
    np.testing.assert_array_equal(after[:, 7], before[:, 7] + later)


@patient
@given(seeds, st.integers(0, rules.MOST_TRACKS - 1), st.integers(0, 3))
def test_a_posting_says_what_its_landmark_is(seed: int, track: int, part: int) -> None:
    first = part * MOST_FRAMES
    made = landmarks(made_up(seed, first=float(first)), DESIGN.fan, DESIGN)
    kept = postings(made, track, first, DESIGN)
    assert len(made) > 0
    assert kept.buckets.max() < BUCKETS
    values = kept.values
    assert np.all((values >> np.uint64(36)) & np.uint64(rules.MOST_TRACKS - 1) == track)
    bands = (values >> np.uint64(56)).astype(np.float64)
    assert np.abs(bands - made[:, 5]).max() <= 0.5
    frames = ((values >> np.uint64(18)) & np.uint64(MOST_FRAMES - 1)).astype(np.float64)
    assert np.abs(frames - (made[:, 7].astype(np.float64) - first)).max() <= 0.5
    spans = [rules.span_of(int(code)) for code in (values >> np.uint64(10)) & np.uint64(255)]
    np.testing.assert_allclose(spans, made[:, 6], rtol=0.006)


@patient
@given(seeds)
def test_a_bin_and_the_quarter_left_of_it_are_where_the_landmark_is(seed: int) -> None:
    made = landmarks(made_up(seed), DESIGN.fan, DESIGN)
    values = postings(made, 0, 0, DESIGN).values.astype(np.int64)
    quarters = (values[:, None] >> np.array([8, 6, 4, 2, 0])) & 3
    place = _bins(made) + quarters / 4 + 0.125
    distances = (place[:, :3] - 16.5) * DESIGN.band_bin
    assert np.abs(distances - made[:, :3]).max() <= DESIGN.band_bin / 8 + 1e-4
    assert np.abs(place[:, 3:] / DESIGN.ratio_bins - made[:, 3:5]).max() <= (
        1 / DESIGN.ratio_bins / 8 + 1e-4
    )


@pytest.mark.parametrize("late", [0.0, 0.25, 0.5, 0.75])
def test_a_landmark_at_the_end_of_a_track_stays_in_it(late: float) -> None:
    made = np.array([[0, 5, -5, 0.3, 0.6, 70, 40, MOST_FRAMES - 1 + late]], np.float32)
    for into in (postings(made, 6, 0, DESIGN), _plainly(made, 6, 0)):
        (value,) = into.values.tolist()
        assert (value >> 36) & (rules.MOST_TRACKS - 1) == 6
        assert (value >> 18) & (MOST_FRAMES - 1) == MOST_FRAMES - 1


def _plainly(made: Landmarks, track: int, first: int) -> rules.Postings:
    buckets, values = np.zeros(len(made), np.uint32), np.zeros(len(made), np.uint64)
    bins = DESIGN.band_bin, DESIGN.ratio_bins
    plain(rules._postings)(made, track, first, bins, buckets, values)
    return rules.Postings(buckets, values)


@pytest.mark.parametrize("fan", [3, 4, 8])
def test_the_landmarks_that_are_compiled_are_the_python_they_were_made_of(fan: int) -> None:
    peaks = made_up(4, 2.0)
    frames, bands = (np.ascontiguousarray(peaks[name]) for name in ("frame", "band"))
    limits = DESIGN.nearest, DESIGN.farthest, DESIGN.reach
    room = np.zeros((len(peaks) * 56, 8), np.float32)
    count = plain(rules._landmarks)(frames, bands, fan, limits, room)
    quick = landmarks(peaks, fan, DESIGN)
    np.testing.assert_allclose(room[:count], quick, rtol=1e-6)
    near, same = np.zeros(fan, np.int64), np.zeros(fan, np.int64)
    for first in range(len(peaks)):
        many = rules._next(frames, bands, first, limits, near)
        assert many == plain(rules._next)(frames, bands, first, limits, same)
        np.testing.assert_array_equal(near[:many], same[:many])
    expected, slow = postings(quick, 3, 20, DESIGN), _plainly(quick, 3, 20)
    np.testing.assert_array_equal(slow.buckets, expected.buckets)
    np.testing.assert_array_equal(slow.values, expected.values)


def test_a_code_stands_for_the_span_that_it_is_the_code_of() -> None:
    spans = [rules.span_of(code) for code in range(256)]
    assert spans == sorted(set(spans))
    assert [rules.span_code(span) for span in spans] == list(range(256))
    assert [plain(rules.span_code)(span) for span in spans] == list(range(256))
    np.testing.assert_allclose([plain(rules.span_of)(code) for code in range(256)], spans)
    assert spans[0] <= 3 * DESIGN.nearest
    assert spans[-1] >= DESIGN.farthest


@patient
@given(st.floats(1, 1_000))
def test_a_span_out_of_range_has_the_nearest_code(span: float) -> None:
    code = rules.span_code(span)
    assert code == plain(rules.span_code)(span)
    nearest = min(range(256), key=lambda one: abs(np.log(rules.span_of(one) / span)))
    assert abs(code - nearest) <= (1 if 8 <= span <= 82 else 0)
