"""Segments: merged they say what one built at once says, and what is taken out is gone."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import StorageFailed, Tampered
from assent.identity.design import DESIGN
from assent.identity.landmarks import BUCKETS, MOST_FRAMES, landmarks
from assent.identity.peaks import PEAK, Peaks
from assent.identity.segment import Segment, merged, segment_of
from tests.identity.music import made_up, peaks_at, thorough
from tests.identity.postings import GONE, said

_numbers = st.lists(st.integers(0, 2**32 - 2), unique=True, max_size=6)
_FILES = ("starts.u32", "postings.u64", "tracks.u32")


def _segment(numbers: list[int]) -> Segment:
    return segment_of([(number, made_up(number, 1.5)) for number in numbers], DESIGN)


def _check_order(segment: Segment) -> None:
    """Each bucket's postings stand by rising value, and all of them are in one."""
    assert len(segment.starts) == BUCKETS + 1
    assert segment.starts[0] == 0
    assert segment.starts[-1] == len(segment.values)
    falls = np.flatnonzero(segment.values[1:] < segment.values[:-1]) + 1
    assert np.isin(falls, segment.starts).all()


@thorough
@given(_numbers)
def test_a_segment_says_every_landmark_of_every_recording(numbers: list[int]) -> None:
    segment = _segment(numbers)
    _check_order(segment)
    assert said(segment) == sorted(row for number in numbers for row in said(_segment([number])))
    many = sum(len(landmarks(made_up(number, 1.5), DESIGN.fan, DESIGN)) for number in numbers)
    assert len(segment.values) == many


@thorough
@given(_numbers, st.lists(st.integers(0, 5), min_size=6, max_size=6))
def test_merged_segments_say_what_one_built_at_once_says(
    numbers: list[int], parts: list[int]
) -> None:
    split = [
        _segment([number for number, of in zip(numbers, parts, strict=False) if of == part])
        for part in range(6)
    ]
    made, once = merged(split), _segment(numbers)
    _check_order(made)
    assert said(made) == said(once)
    np.testing.assert_array_equal(made.starts, once.starts)
    assert len(made.tracks) == len(once.tracks)


@thorough
@given(_numbers, st.sets(st.integers(0, 7)))
def test_what_is_taken_out_is_gone_and_all_else_is_as_it_was(
    numbers: list[int], places: set[int]
) -> None:
    gone = {numbers[at] for at in places if at < len(numbers)} | {5}
    segment = _segment(numbers)
    left = segment.without(gone)
    _check_order(left)
    assert said(left) == [row for row in said(segment) if row[0] not in gone]
    assert not np.isin(left.tracks[:, 0], list(gone)).any()
    again = merged([left])
    assert said(again) == said(left)
    assert GONE not in again.tracks[:, 0]


def test_a_segment_that_was_saved_is_loaded_as_it_was(tmp_path: Path) -> None:
    for name, numbers in (("some", [3, 1, 2]), ("none", [])):
        segment = _segment(numbers)
        segment.save(tmp_path / name)
        loaded = Segment.load(tmp_path / name)
        for mine, its in (
            (loaded.starts, segment.starts),
            (loaded.values, segment.values),
            (loaded.tracks, segment.tracks),
        ):
            np.testing.assert_array_equal(mine, its)
            assert mine.dtype == its.dtype
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == sorted(_FILES)


def test_what_is_taken_out_is_in_no_file(tmp_path: Path) -> None:
    segment = _segment([7, 8])
    segment.without([7]).save(tmp_path / "left")
    values = np.fromfile(tmp_path / "left" / "postings.u64", np.uint64)
    tracks = np.fromfile(tmp_path / "left" / "tracks.u32", np.uint32)
    assert len(values) == len(_segment([8]).values)
    assert tracks.tolist() == [GONE, GONE, 8, 0]


def test_a_recording_of_more_than_seventy_minutes_is_several_tracks() -> None:
    late = [made_up(at, 1.5, first=float(first)) for at, first in enumerate((0, MOST_FRAMES))]
    early_end = made_up(9, 1.5, first=MOST_FRAMES - 90.5)
    peaks = np.sort(np.concatenate([*late, early_end]), order=["frame", "band"])
    segment = segment_of([(4, peaks), (6, late[0])], DESIGN)
    assert segment.tracks.tolist() == [[4, 0], [4, MOST_FRAMES], [6, 0]]
    rows = said(segment)
    assert {row[:2] for row in rows} == {(4, 0), (4, MOST_FRAMES), (6, 0)}
    frames = sorted(row[1] + (row[3] >> 18 & (MOST_FRAMES - 1)) for row in rows if row[0] == 4)
    expected = np.sort(landmarks(peaks, DESIGN.fan, DESIGN)[:, 7])
    assert np.abs(np.array(frames) - expected).max() <= 1
    assert said(segment.without([4])) == said(segment_of([(6, late[0])], DESIGN))


@pytest.mark.parametrize("peaks", [np.empty(0, PEAK), peaks_at([1, 9, 20], [3, 9, 5])])
def test_a_recording_without_landmarks_has_no_track(peaks: Peaks) -> None:
    assert said(segment_of([(1, peaks)], DESIGN)) == []
    assert len(segment_of([(1, peaks), (2, made_up(2))], DESIGN).tracks) == 1


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        *((name, cut) for name in _FILES for cut in (3, 4, None)),
        *(("starts.u32", 8), ("postings.u64", 8)),
    ],
)
def test_a_segment_that_is_not_whole_is_tampered_with(
    tmp_path: Path, name: str, cut: int | None
) -> None:
    _segment([1, 2]).save(tmp_path / "one")
    path = tmp_path / "one" / name
    if cut is None:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(Tampered) as error:
        Segment.load(tmp_path / "one")
    assert "one" in error.value.text


def test_a_segment_with_too_much_in_it_is_tampered_with(tmp_path: Path) -> None:
    _segment([1]).save(tmp_path / "one")
    path = tmp_path / "one" / "postings.u64"
    path.write_bytes(path.read_bytes() + bytes(8))
    with pytest.raises(Tampered):
        Segment.load(tmp_path / "one")


def test_a_segment_that_is_not_there_is_tampered_with(tmp_path: Path) -> None:
    with pytest.raises(Tampered):
        Segment.load(tmp_path / "none")


def test_a_segment_is_not_saved_where_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises((OSError, StorageFailed)):
        _segment([1]).save(tmp_path / "file")
