"""The index: in any history it says what one built at once says, and it outlives whoever dies."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadInput, StorageFailed, Tampered
from assent.identity import index as rules
from assent.identity.chance import Pass
from assent.identity.design import DESIGN, Design
from assent.identity.fingerprint import Fingerprint
from assent.identity.index import Index
from assent.identity.landmarks import MOST_FRAMES, Landmarks, landmarks
from assent.identity.match import match
from assent.identity.peaks import Peaks
from assent.identity.scan import Hits, crowds, within
from assent.identity.segment import Segment, merged
from tests.identity.music import made_up, thorough
from tests.identity.postings import GONE, index_of, said_at_once, said_in

_steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(st.integers(0, 12), max_size=3, unique=True)),
        st.tuples(st.just("remove"), st.lists(st.integers(0, 12), max_size=4)),
        st.tuples(st.just("refresh"), st.just([])),
        st.tuples(st.just("merge"), st.just([])),
    ),
    max_size=10,
)


def _looked(index: Index, asked: Landmarks, most: float = 1e12) -> list[Hits]:
    return index.look(asked, (Pass.STRICT.window, Pass.WIDE.window), most)


def _folders(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir()}


@thorough
@given(_steps)
def test_in_any_history_an_index_says_what_one_built_at_once_says(
    steps: list[tuple[str, list[int]]],
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        index, there = Index(folder), set[int]()
        for step, numbers in steps:
            if step == "add":
                new = [number for number in numbers if number not in there]
                index.add([(number, made_up(number, 2.0)) for number in new])
                there |= set(new)
            elif step == "remove":
                index.remove(numbers)
                there -= set(numbers)
            elif step == "merge":
                index.merge()
            else:
                index = Index(folder)
            assert index.postings == len(said_in(index))
        expected = said_at_once(there)
        assert said_in(index) == expected
        other = Index(folder)
        assert said_in(other) == expected
        assert other.size_bytes == index.size_bytes
        assert _folders(folder) == set(other._names)


def test_many_small_segments_are_merged(tmp_path: Path) -> None:
    index = index_of(tmp_path, range(11))
    index.merge()
    assert said_in(index) == said_at_once(range(11))
    assert len(index._segments) < 11 / 2
    assert _folders(tmp_path) == set(index._names)


def test_what_was_removed_is_in_no_file(tmp_path: Path) -> None:
    index = index_of(tmp_path, range(3))
    index.remove([1])
    assert said_in(index) == said_at_once([0, 2])
    assert {int(row[0]) for one in index._segments for row in one.tracks} == {0, 2, GONE}


def test_removing_what_is_not_there_changes_nothing(tmp_path: Path) -> None:
    index = index_of(tmp_path, range(2))
    before = index._names
    index.remove([7, 8])
    assert index._names == before


def test_an_index_of_nothing_says_nothing_and_makes_nothing(tmp_path: Path) -> None:
    index = Index(tmp_path / "none")
    asked = landmarks(made_up(1), DESIGN.fan, DESIGN)
    assert index.places(_looked(index, asked)) == []
    assert (index.postings, index.size_bytes) == (0, 0)
    assert not (tmp_path / "none").exists()


def test_the_size_is_that_of_the_files(tmp_path: Path) -> None:
    index = index_of(tmp_path, range(3))
    files = [path for path in tmp_path.rglob("*.u*") if path.is_file()]
    assert index.size_bytes == sum(path.stat().st_size for path in files)


def test_another_who_has_it_open_sees_it_as_it_was_until_told_to_look(tmp_path: Path) -> None:
    index = index_of(tmp_path, range(2))
    other = Index(tmp_path)
    index.remove([0])
    index.add([(5, made_up(5, 2.0))])
    assert said_in(other) == said_at_once([0, 1])
    other.refresh()
    assert said_in(other) == said_at_once([1, 5])


def test_another_adds_to_what_is_there_and_not_to_what_it_saw(tmp_path: Path) -> None:
    first, second = Index(tmp_path), Index(tmp_path)
    first.add([(1, made_up(1, 2.0))])
    second.add([(2, made_up(2, 2.0))])
    first.remove([2])
    second.add([(3, made_up(3, 2.0))])
    assert said_in(Index(tmp_path)) == said_at_once([1, 3])


def _asked(number: int) -> Fingerprint:
    """Some of a recording that is made up: from its second second on."""
    peaks = made_up(number, 8.0)
    peaks = peaks[peaks["frame"] > 60].copy()
    peaks["frame"] -= 60
    return Fingerprint(design=DESIGN, peaks=peaks, frames=440)


@thorough
@given(st.sets(st.integers(0, 6)), st.sets(st.integers(0, 6)), st.sets(st.integers(0, 6)))
def test_what_is_remembered_is_found_as_what_was_added_is(
    added: set[int], before: set[int], remembered: set[int]
) -> None:
    """However much is in both: votes count once. What was remembered before is let go."""
    lengths_s = dict.fromkeys(range(7), 8.0)

    def of(numbers: set[int]) -> list[tuple[int, Peaks]]:
        return [(number, made_up(number, 8.0)) for number in sorted(numbers)]

    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        index, once = Index(Path(first)), Index(Path(second))
        index.remember(of(before))
        index.add(of(added))
        index.remember(of(remembered))
        once.add(of(added | remembered))
        for number in range(7):
            asked = _asked(number)
            found = match(asked, index, lengths_s=lengths_s)
            assert found == match(asked, once, lengths_s=lengths_s)
            known = number in added | remembered
            assert [one.recording for one in found] == ([number] if known else [])
        # on the disk is what was added, and no more
        assert index.recordings == Index(Path(first)).recordings == added
        assert once.recordings == added | remembered
        assert said_in(Index(Path(first))) == said_in(index)


def test_what_is_there_is_not_added_again(tmp_path: Path) -> None:
    index = index_of(tmp_path, range(3))
    before = said_in(index)
    index.add([(1, made_up(99, 2.0)), (3, made_up(3, 2.0)), (0, made_up(0, 2.0))])
    assert said_in(index) == said_at_once(range(4))
    index.remove([3])
    assert said_in(index) == before
    assert index.recordings == {0, 1, 2}


def test_whoever_looks_is_told_whether_it_has_changed(tmp_path: Path) -> None:
    index = index_of(tmp_path, range(2))
    other = Index(tmp_path)
    assert not index.refresh()
    assert not other.refresh()
    index.remove([0])
    assert not index.refresh(), "it knows what it has done"
    assert other.refresh()
    assert not other.refresh()
    assert other.recordings == {1}
    shutil.rmtree(tmp_path)
    assert other.refresh()
    assert other.recordings == set()


class _Died(BaseException):
    """Nobody catches it, as nobody catches a kill."""


_CHANGES: dict[str, Callable[[Index], None]] = {
    "add": lambda index: index.add([(9, made_up(9, 2.0))]),
    "remove": lambda index: index.remove([0, 1]),
}


@pytest.mark.parametrize("change", _CHANGES)
@pytest.mark.parametrize("died", [_Died, OSError])
def test_whoever_dies_before_the_manifest_leaves_the_index_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, died: type[BaseException]
) -> None:
    index = index_of(tmp_path, range(3))
    before = _folders(tmp_path)

    def dies(path: Path, data: bytes) -> None:
        raise died(28, f"{path.name}, {len(data)} bytes")

    with monkeypatch.context() as patched:
        patched.setattr(rules, "replace_file", dies)
        with pytest.raises(StorageFailed if died is OSError else died):
            _CHANGES[change](index)
    assert said_in(index) == said_in(Index(tmp_path)) == said_at_once(range(3))
    assert before < _folders(tmp_path)
    again = Index(tmp_path)  # and whoever comes next sweeps, and is in nobody's way
    _CHANGES[change](again)
    left = {0, 1, 2, 9} if change == "add" else {2}
    assert said_in(again) == said_at_once(left)
    assert _folders(tmp_path) == set(again._names)


def test_whoever_dies_while_it_merges_has_lost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = index_of(tmp_path, range(4))

    def dies(path: Path, data: bytes) -> None:
        raise _Died(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(rules, "replace_file", dies)
        with pytest.raises(_Died):
            index.merge()
    assert said_in(Index(tmp_path)) == said_at_once(range(4))


@pytest.mark.parametrize("change", _CHANGES)
def test_what_is_changed_while_it_merges_stays_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    index = index_of(tmp_path, range(4))
    calls = []

    def meanwhile(segments: Sequence[Segment]) -> Segment:
        made = merged(segments)
        calls.append(len(segments))
        if len(calls) == 1:
            _CHANGES[change](Index(tmp_path))
        return made

    monkeypatch.setattr(rules, "merged", meanwhile)
    index.merge()
    left = {0, 1, 2, 3, 9} if change == "add" else {2, 3}
    assert said_in(index) == said_in(Index(tmp_path)) == said_at_once(left)
    assert _folders(tmp_path) == set(index._names)
    assert calls[0] == 4


@pytest.mark.parametrize(
    "said",
    [
        *(b"", b"{", b"[]", b"7", b"null", b"\xff", b"{}"),
        *(b'{"design": "quads-1"}', b'{"design": "quads-1", "segments": 5}'),
        *(b'{"design": "quads-1", "segments": [5]}', b'{"design": "quads-1", "segments": ["no"]}'),
    ],
)
def test_a_manifest_that_was_not_written_so_is_tampered_with(tmp_path: Path, said: bytes) -> None:
    index = index_of(tmp_path, [1])
    (tmp_path / "index.json").write_bytes(said)
    for look in (lambda: Index(tmp_path), index.refresh, lambda: index.add([])):
        with pytest.raises(Tampered):
            look()


@pytest.mark.parametrize("gone", [4, 8])
@pytest.mark.parametrize("name", ["starts.u32", "postings.u64", "tracks.u32", ""])
def test_a_segment_that_is_damaged_is_tampered_with(tmp_path: Path, name: str, gone: int) -> None:
    (segment,) = index_of(tmp_path, [1])._names
    path = tmp_path / segment / name
    if name:
        path.write_bytes(path.read_bytes()[:-gone])
    else:
        shutil.rmtree(path)
    with pytest.raises(Tampered) as error:
        Index(tmp_path)
    assert segment in error.value.text


def test_an_index_of_another_design_is_not_used(tmp_path: Path) -> None:
    index_of(tmp_path, [1])
    with pytest.raises(BadInput) as error:
        Index(tmp_path, Design(name="quads-2"))
    assert "quads-1" in error.value.text
    assert "quads-2" in error.value.text


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageFailed):
        index_of(tmp_path / "file", [1])


def test_a_manifest_names_the_design_and_the_segments(tmp_path: Path) -> None:
    index = index_of(tmp_path, range(2))
    said = json.loads((tmp_path / "index.json").read_bytes())
    assert said == {"design": DESIGN.name, "segments": list(index._names)}


@pytest.mark.parametrize("look", Pass)
def test_each_recording_is_the_best_place_of_itself(tmp_path: Path, look: Pass) -> None:
    index = index_of(tmp_path)
    index.add([(number, made_up(number, 20.0)) for number in (3, 7)])
    index.add([(11, made_up(11, 20.0))])
    for number in (3, 7, 11):
        asked = landmarks(made_up(number, 20.0), DESIGN.asked_fan, DESIGN)
        places = index.places([within(hits, look.window) for hits in _looked(index, asked)])
        best = places[0]
        assert best.recording == number
        assert best.ratio == pytest.approx(1, abs=0.002)
        assert best.offset == pytest.approx(0, abs=2)
        assert best.shift == pytest.approx(0, abs=0.5)
        assert best.votes > 300
        votes = [place.votes for place in places]
        assert votes == sorted(votes, reverse=True)


def test_a_place_after_seventy_minutes_is_counted_from_the_beginning(tmp_path: Path) -> None:
    late = made_up(3, 20.0, first=MOST_FRAMES + 5_000.0)
    index = Index(tmp_path)
    index.add([(3, late)])
    asked = landmarks(made_up(3, 20.0), DESIGN.fan, DESIGN)
    best = index.places(_looked(index, asked))[0]
    assert best.recording == 3
    assert best.offset == pytest.approx(MOST_FRAMES + 5_000, abs=2)


def test_segments_are_not_merged_into_one_that_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, most in (("MOST_TRACKS", 3), ("MOST_POSTINGS", 400)):
        with monkeypatch.context() as patched:
            patched.setattr(rules, name, most)
            index = index_of(tmp_path / name, range(5))
            index.merge()
        assert said_in(index) == said_at_once(range(5))
        assert len(index._segments) == 5
        index.add([(5, made_up(5, 2.0))])
        index.merge()
        assert len(index._segments) < 5
        assert said_in(index) == said_at_once(range(6))


def test_a_folder_in_the_manifests_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "index.json").mkdir()
    with pytest.raises(StorageFailed):
        Index(tmp_path)


def test_whoever_looks_while_another_changes_it_looks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Index(tmp_path)
    writer.add([(1, made_up(1))])
    load, once = Segment.load, [True]

    def late(folder: Path) -> Segment:
        if once.pop() if once else False:
            monkeypatch.setattr(Segment, "load", load)
            writer.remove([1])  # writes the segment anew, and sweeps the old one
        return load(folder)

    monkeypatch.setattr(Segment, "load", late)
    assert Index(tmp_path).postings == 0


def test_threads_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of(tmp_path, range(6))
    asked = landmarks(made_up(4, 20.0), DESIGN.asked_fan, DESIGN)
    alone = _looked(index, asked)
    monkeypatch.setattr(rules, "_LARGE", 0)
    monkeypatch.setattr(rules, "_WORKERS", 3)
    together = _looked(index, asked)
    assert len(together) == len(alone) == len(index._segments)
    for one, other in zip(alone, together, strict=True):
        assert {*zip(*map(list, one), strict=True)} == {*zip(*map(list, other), strict=True)}
        assert len(one.track) == len(other.track)


def test_crowded_landmarks_are_looked_for_in_the_narrow_window_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_LARGE", 0)
    index = index_of(tmp_path)
    index.add([(number, made_up(number, 60.0)) for number in range(8)])
    asked = landmarks(made_up(4, 20.0), DESIGN.asked_fan, DESIGN)
    crowd = np.sum([crowds(asked, one.starts, DESIGN) for one in index._segments], axis=0)
    counts = []
    for most in (0.0, crowd.sum() / 10, crowd.sum() / 2, float(crowd.sum())):
        hits = _looked(index, asked, most)
        # within the narrow window all are found, whatever the crowd
        narrow = [len(within(some, Pass.STRICT.window).track) for some in hits]
        assert narrow == [len(some.track) for some in _looked(index, asked, 0.0)]
        counts.append(sum(len(some.track) for some in hits))
    assert counts == sorted(counts)
    assert len(set(counts)) == len(counts)
    every = [len(some.track) for some in _looked(index, asked)]
    assert sum(every) == counts[-1]
