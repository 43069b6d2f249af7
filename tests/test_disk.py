import errno
import os
from pathlib import Path

import pytest

from assent.disk import make_folder, storage, write_all
from assent.errors import StorageFailed


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "this account may not do that there"),
        (errno.ENAMETOOLONG, "file name too long"),
    ],
)
def test_a_refusal_is_one_clause_with_its_facts(number: int, why: str) -> None:
    with (
        pytest.raises(StorageFailed) as caught,
        storage("keep it", Path("/there")),
    ):
        raise OSError(number, os.strerror(number))
    assert caught.value.text == f"cannot keep it: {why}"
    assert caught.value.facts == {"place": "/there", "errno": number}


def test_a_refusal_without_a_number_keeps_its_own_words() -> None:
    with (
        pytest.raises(StorageFailed, match="cannot keep it: gone away"),
        storage("keep it", Path()),
    ):
        raise OSError("Gone away")


def test_what_is_not_the_disks_fault_passes() -> None:
    with pytest.raises(ZeroDivisionError), storage("keep it", Path()):
        raise ZeroDivisionError


def test_a_folder_is_made_with_all_that_leads_to_it(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_each_new_folders_name_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = list[Path]()
    monkeypatch.setattr("assent.disk.sync_folder", synced.append)
    make_folder(tmp_path / "a" / "b")
    assert synced == [tmp_path.parent, tmp_path, tmp_path / "a"]


def test_the_name_of_a_folder_that_is_there_is_synced_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = list[Path]()
    monkeypatch.setattr("assent.disk.sync_folder", synced.append)
    make_folder(tmp_path)
    assert synced == [tmp_path.parent]

    def may_not(_folder: Path) -> None:
        raise PermissionError

    monkeypatch.setattr("assent.disk.sync_folder", may_not)
    make_folder(tmp_path)
    with pytest.raises(PermissionError):
        make_folder(tmp_path / "a")


def test_a_folder_made_meanwhile_by_another_is_as_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir = Path.mkdir

    def twice(folder: Path) -> None:
        mkdir(folder)
        mkdir(folder)

    monkeypatch.setattr(Path, "mkdir", twice)
    make_folder(tmp_path / "a")
    assert (tmp_path / "a").is_dir()


def test_every_byte_is_written_through_a_pipe_that_sips() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        with pytest.raises(BlockingIOError):
            write_all(write, memoryview(bytes(1 << 20)))
        got = len(os.read(read, 1 << 21))
        os.set_blocking(write, True)
        write_all(write, b"yes")
        assert got > 0
        assert os.read(read, 9) == b"yes"
    finally:
        os.close(read)
        os.close(write)
