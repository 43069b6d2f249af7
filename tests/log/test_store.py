"""The contract: what holds wherever a log lies. The S3 among them is a mock, and named so."""

import os
from collections.abc import Callable
from pathlib import Path

import obstore
import pytest
from obstore.exceptions import PermissionDeniedError
from obstore.store import MemoryStore as ObjectMemory

from assent.errors import StorageFailed
from assent.log import store as store_module
from assent.log.store import BucketStore, FolderStore, LogStore, open_store
from tests.vault.conftest import s3_mock, s3_url

__all__ = ["s3_mock", "s3_url"]  # fixtures, which pytest finds here

EVERY_BYTE = bytes(range(256))
NOWHERE = ["", ".", "..", "../x", "a/../b", "a//b", "/a", "a/", ".incoming/x", "a\0b"]


@pytest.fixture(params=["folder", "memory", "s3 mock"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> LogStore:
    match request.param:
        case "folder":
            return FolderStore(tmp_path / "deep" / "log")
        case "memory":
            return BucketStore(ObjectMemory(), "logs/consent/")
        case _:
            return open_store(request.getfixturevalue("s3_url"), "consent")


def test_what_was_put_is_there(store: LogStore) -> None:
    files = {
        "checkpoint": b"",
        "tile/0/000.p/1": EVERY_BYTE,
        "tile/0/x001/000": b"\n\r\n",
        "tile/entries/000": bytes(1 << 20),
    }
    store.put(files)
    assert {path: store.get(path) for path in files} == files
    assert sorted(store.names()) == sorted(files)


def test_nothing_is_there_before_anything_was_put(store: LogStore) -> None:
    assert store.get("checkpoint") is None
    assert list(store.names()) == []
    store.put({})
    store.delete_under("tile/0/000.p")
    assert list(store.names()) == []


def test_a_file_that_is_there_is_replaced_whole(store: LogStore) -> None:
    store.put({"checkpoint": b"a long first word"})
    store.put({"checkpoint": b"short"})
    assert store.get("checkpoint") == b"short"
    assert list(store.names()) == ["checkpoint"]


def test_what_is_beneath_or_above_a_file_is_no_file(store: LogStore) -> None:
    store.put({"tile/0/000": b"yes"})
    assert store.get("tile/0") is None
    assert store.get("tile/0/000/1") is None
    assert store.get("tile/0/00") is None


def test_a_folder_is_removed_and_its_neighbours_stay(store: LogStore) -> None:
    stays = ["tile/0/000", "tile/0/000.p2/1", "tile/0/001.p/1", "tile/1/000.p/1"]
    goes = [f"tile/0/000.p/{width}" for width in range(1, 256)]
    store.put(dict.fromkeys([*stays, *goes], b"yes"))
    store.delete_under("tile/0/000.p")
    store.delete_under("tile/0/000.p")
    assert sorted(store.names()) == stays
    store.put({goes[0]: b"again"})
    assert store.get(goes[0]) == b"again"


def test_a_file_larger_than_any_of_a_log_is_not_read(
    store: LogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_LARGEST_FILE", 1000)
    store.put({"checkpoint": bytes(1000)})
    assert store.get("checkpoint") == bytes(1000)
    store.put({"checkpoint": bytes(1001)})
    with pytest.raises(StorageFailed, match="checkpoint is larger than any file of a log"):
        store.get("checkpoint")


@pytest.mark.parametrize("path", NOWHERE)
def test_what_could_lie_elsewhere_is_refused(store: LogStore, path: str) -> None:
    def put(path: str) -> None:
        store.put({path: b"no"})

    acts: list[Callable[[str], object]] = [store.get, put, store.delete_under]
    for act in acts:
        with pytest.raises(StorageFailed, match="this is no path of a file of it"):
            act(path)
    assert list(store.names()) == []


def test_an_address_chooses_the_place(tmp_path: Path) -> None:
    folder = open_store(str(tmp_path / "log"), "consent")
    folder.put({"checkpoint": b"yes"})
    assert (tmp_path / "log" / "consent" / "checkpoint").read_bytes() == b"yes"
    assert isinstance(open_store("memory://", "consent"), BucketStore)
    assert isinstance(open_store("gs://bucket/folder", "consent"), BucketStore)


@pytest.mark.parametrize("address", ["ftp://host/folder", "nonsense://"])
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(StorageFailed, match="cannot reach the log's store"):
        open_store(address, "consent")


def test_two_logs_in_one_bucket_do_not_see_each_other() -> None:
    bucket = ObjectMemory()
    one, two = BucketStore(bucket, "log/consent"), BucketStore(bucket, "log/consent2")
    one.put({"checkpoint": b"one"})
    two.put({"checkpoint": b"two"})
    assert list(one.names()) == list(two.names()) == ["checkpoint"]
    assert one.get("checkpoint") == b"one"


def test_a_store_without_a_prefix_holds_the_log_itself() -> None:
    store = BucketStore(ObjectMemory())
    store.put({"checkpoint": b"yes", "tile/0/000": b"no"})
    assert sorted(store.names()) == ["checkpoint", "tile/0/000"]


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> BucketStore:
    def refuse(*_args: object, **_more: object) -> None:
        raise PermissionDeniedError("no")

    for name in ("get", "put", "list", "delete"):
        monkeypatch.setattr(obstore, name, refuse)
    return BucketStore(ObjectMemory(), "log")


def test_a_store_that_does_not_do_it_is_said(away: BucketStore) -> None:
    acts: list[tuple[str, Callable[[], object]]] = [
        ("read", lambda: away.get("checkpoint")),
        ("write", lambda: away.put({"checkpoint": b"no"})),
        ("list", lambda: away.delete_under("tile/0/000.p")),
        ("list", lambda: list(away.names())),
    ]
    for doing, act in acts:
        with pytest.raises(StorageFailed) as caught:
            act()
        assert caught.value.text == f"cannot {doing} the log: the object store did not do it"
        assert caught.value.facts["said"] == "no"


def test_a_folder_is_relative_to_where_the_process_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store("here", "consent")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    store.put({"checkpoint": b"yes"})
    assert (tmp_path / "here" / "consent" / "checkpoint").read_bytes() == b"yes"


def lasting(monkeypatch: pytest.MonkeyPatch, root: Path, act: Callable[[], object]) -> list[str]:
    """What a call does that makes files last, in order."""
    done: list[str] = []
    kept: dict[str, Callable[..., object]] = {
        name: getattr(os, name) for name in ("fsync", "replace", "write")
    }

    def named(path: Path | str) -> str:
        if Path(path) == root.parent:
            return ".."
        inner = Path(path).relative_to(root)
        return "arriving" if ".incoming" in inner.parts[:-1] else str(inner)

    def fsync(handle: int) -> None:
        done.append(f"fsync {named(Path(f'/proc/self/fd/{handle}').readlink())}")
        kept["fsync"](handle)

    def write(handle: int, data: bytes) -> object:
        done.append(f"write {named(Path(f'/proc/self/fd/{handle}').readlink())}")
        return kept["write"](handle, data)

    def replace(source: Path, target: Path) -> None:
        done.append(f"rename {named(source)} {named(target)}")
        kept["replace"](source, target)

    with monkeypatch.context() as patch:
        for name, call in (("fsync", fsync), ("write", write), ("replace", replace)):
            patch.setattr(os, name, call)
        act()
    return done


def test_bytes_are_synced_before_names_and_names_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path)
    store.put({"tile/0/000": b"0", "checkpoint": b"0"})  # makes the folders
    files = {"tile/0/000": b"yes", "tile/0/001": b"no", "checkpoint": b"x"}
    assert lasting(monkeypatch, tmp_path, lambda: store.put(files)) == [
        *["write arriving"] * 3,
        *["fsync arriving"] * 3,
        "rename arriving tile/0/000",
        "rename arriving tile/0/001",
        "rename arriving checkpoint",
        "fsync .",
        "fsync tile/0",
    ]


def test_each_new_folder_lasts_before_anything_is_named_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path / "log")
    done = lasting(monkeypatch, tmp_path, lambda: store.put({"tile/0/x001/000": b"yes"}))
    renamed = done.index("rename arriving log/tile/0/x001/000")
    for folder in (".", "log", "log/tile", "log/tile/0"):
        assert f"fsync {folder}" in done[:renamed]
    assert done[renamed + 1 :] == ["fsync log/tile/0/x001"]
    assert lasting(monkeypatch, tmp_path, lambda: store.put({"tile/0/x001/001": b"yes"})) == [
        "write arriving",
        "fsync arriving",
        "rename arriving log/tile/0/x001/001",
        "fsync log/tile/0/x001",
    ]


def test_what_a_killed_writer_left_is_no_file_and_is_swept_by_the_next(tmp_path: Path) -> None:
    FolderStore(tmp_path).put({"checkpoint": b"yes"})
    (tmp_path / ".incoming" / "0011").write_bytes(b"half of somethi")
    assert list(FolderStore(tmp_path).names()) == ["checkpoint"]
    FolderStore(tmp_path).put({"checkpoint": b"and"})
    assert list((tmp_path / ".incoming").iterdir()) == []


def test_a_put_that_fails_names_the_place_and_leaves_nothing_arriving(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put({"tile": b"in the way of a folder"})
    with pytest.raises(StorageFailed) as caught:
        store.put({"checkpoint": b"yes", "tile/0/000": b"no"})
    assert caught.value.text == "cannot write the log: a file is in the way of its folder"
    assert caught.value.facts["place"] == str(tmp_path)
    assert list((tmp_path / ".incoming").iterdir()) == []
    assert store.get("checkpoint") is None


def test_what_cannot_be_tidied_is_said(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put({"tile/0/000.p": b"a file, not a folder"})
    with pytest.raises(StorageFailed, match="cannot tidy the log"):
        store.delete_under("tile/0/000.p")
