"""A folder as an index: every file that can be heard is in it, and of the others is said why."""

from pathlib import Path

import pytest

from assent.bench.attacks import SR
from assent.errors import BadAudio, Unknown
from assent.identity import archive
from assent.identity.archive import files_of, indexed
from assent.identity.fingerprint import fingerprint
from assent.identity.index import Index
from assent.identity.match import Kind, match
from assent.sound.encode import Format
from tests.identity.music import mono
from tests.sound.sounds import encoded


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give three recordings and two files that are none."""
    folder = tmp_path_factory.mktemp("archive")
    (folder / "in").mkdir()
    for number, name in enumerate(("b.wav", "in/a.wav", "c.wav")):
        (folder / name).write_bytes(encoded(mono(number)[None, : 12 * SR], Format.WAV_FLOAT))
    (folder / "bad.txt").write_text("no audio")
    (folder / "in" / "empty.wav").write_bytes(b"")
    (folder / ".hidden").write_text("hidden")
    return folder


def test_files_are_all_in_a_folder_and_those_in_it_but_hidden_ones(folder: Path) -> None:
    names = [str(path.relative_to(folder)) for path in files_of(folder)]
    assert names == ["b.wav", "bad.txt", "c.wav", "in/a.wav", "in/empty.wav"]


def test_a_folder_that_is_none_is_unknown(folder: Path) -> None:
    for path in (folder / "none", folder / "b.wav"):
        with pytest.raises(Unknown) as error:
            files_of(path)
        assert error.value.facts == {"folder": str(path)}


@pytest.mark.parametrize("at_once", [1, 2, 3, 64])
def test_what_can_be_heard_is_indexed_and_the_rest_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(archive, "_AT_ONCE", at_once)
    index, paths = Index(tmp_path), files_of(folder)
    filed = list(indexed(paths, index))
    assert [one.path for one in filed] == paths
    assert [one.number for one in filed] == list(range(5))
    assert [type(one.error) for one in filed if one.error] == [BadAudio, BadAudio]
    lengths_s = {one.number: one.duration_s for one in filed if one.error is None}
    assert set(lengths_s) == {0, 2, 3}
    assert all(one.duration_s == 0 for one in filed if one.error)
    for number, length_s in lengths_s.items():
        taken = fingerprint(paths[number])
        assert length_s == taken.duration_s > 8
        (found,) = match(taken, index, lengths_s=lengths_s)
        assert (found.recording, found.kind) == (number, Kind.SAME)


def test_of_no_files_nothing_is_indexed(tmp_path: Path) -> None:
    index = Index(tmp_path)
    assert list(indexed([], index)) == []
    assert index.postings == 0
