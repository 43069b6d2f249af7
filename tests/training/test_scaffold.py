"""The folder that something is built in: whole in its place, or not there."""

import errno
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from assent.errors import BadInput, StorageFailed, Unknown
from assent.training.scaffold import Scaffold, scaffold, storing


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_built_stands_in_its_place_at_once(tmp_path: Path) -> None:
    with scaffold(tmp_path / "set") as site:
        (site.folder / "file").write_text("whole")
        assert not (tmp_path / "set").exists()
        site.put_in_place()
        assert (tmp_path / "set" / "file").read_text() == "whole"
    assert names(tmp_path) == ["set"]


def test_an_empty_folder_in_its_place_is_taken(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    with scaffold(tmp_path / "set") as site:
        (site.folder / "file").touch()
        site.put_in_place()
    assert names(tmp_path / "set") == ["file"]


def _fail_building(place: Path) -> None:
    with scaffold(place) as site:
        (site.folder / "file").touch()
        raise ZeroDivisionError


def test_what_is_not_put_in_place_is_gone(tmp_path: Path) -> None:
    with scaffold(tmp_path / "set") as site:
        (site.folder / "file").touch()
    assert names(tmp_path) == []
    with pytest.raises(ZeroDivisionError):
        _fail_building(tmp_path / "set")
    assert names(tmp_path) == []


def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("full", "file"):
        with pytest.raises(BadInput, match="not empty"), scaffold(tmp_path / name):
            pass
    assert names(tmp_path) == ["file", "full"]
    assert (tmp_path / "full" / "mine").read_text() == "mine"


def test_what_comes_into_its_place_meanwhile_is_left_alone(tmp_path: Path) -> None:
    with scaffold(tmp_path / "set") as site:
        (tmp_path / "set").mkdir()
        (tmp_path / "set" / "theirs").touch()
        with pytest.raises(BadInput, match="not empty"):
            site.put_in_place()
    assert names(tmp_path) == ["set"]
    assert names(tmp_path / "set") == ["theirs"]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "set").symlink_to("real")
    with scaffold(tmp_path / "set") as site:
        (site.folder / "file").touch()
        site.put_in_place()
    assert (tmp_path / "set").is_symlink()
    assert names(tmp_path / "real") == ["file"]


def test_a_place_in_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="there is no folder"), scaffold(tmp_path / "no" / "set"):
        pass
    assert names(tmp_path) == []


def _die_building(place: Path) -> None:
    with scaffold(place) as site:
        (site.folder / "half").touch()
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_dead_build_left_is_cleared_away_and_a_living_one_s_is_not(tmp_path: Path) -> None:
    place = tmp_path / "s*t[1]"  # a name that a pattern would read otherwise
    killed = multiprocessing.get_context("fork").Process(target=_die_building, args=(place,))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    assert len(names(tmp_path)) == 1
    dead = names(tmp_path)[0]
    with scaffold(place) as first:
        assert names(tmp_path) == [first.folder.name]
        assert first.folder.name != dead
        with scaffold(place) as second:
            assert set(names(tmp_path)) == {first.folder.name, second.folder.name}


def test_a_folder_that_another_build_clears_away_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Path.mkdir
    taken: list[Path] = []

    def stolen(self: Path, mode: int = 0o777) -> None:
        made(self, mode)
        if len(taken) < 2:
            taken.append(self)
            self.rmdir()

    monkeypatch.setattr(Path, "mkdir", stolen)
    with scaffold(tmp_path / "set") as site:
        assert site.folder.is_dir()
        assert site.folder not in taken
    assert len(taken) == 2


def test_a_disk_on_which_no_folder_lasts_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "mkdir", lambda self: None)
    with pytest.raises(StorageFailed, match="cannot be written"), scaffold(tmp_path / "set"):
        pass


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only file system")],
)
def test_what_the_disk_says_becomes_a_clause(number: int, said: str) -> None:
    with (
        pytest.raises(StorageFailed, match=f"the set cannot be written: {said}"),
        storing("the set"),
    ):
        raise OSError(number, os.strerror(number))


def test_a_failed_rename_is_the_disk_s_to_answer_for(tmp_path: Path) -> None:
    with scaffold(tmp_path / "set") as site:
        gone = Scaffold(site.folder, tmp_path / "no" / "set")
        with pytest.raises(FileNotFoundError):
            gone.put_in_place()
    assert names(tmp_path) == []


def test_a_folder_that_another_build_holds_for_dead_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def held_at_first(handle: int, _: int) -> None:
        tries.append(handle)
        if len(tries) == 1:
            raise BlockingIOError

    monkeypatch.setattr("assent.training.scaffold.flock", held_at_first)
    with scaffold(tmp_path / "set") as site:
        assert site.folder.is_dir()
    assert len(tries) == 2
