"""Prefix trees on disk: kept whole or not at all, and read only if they are what was written."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import StorageFailed, Tampered, Unknown
from assent.log.prefix import PrefixTree, Rows
from assent.log.prefix_file import drop_trees, kept_trees, load_tree, save_tree
from tests.log.vectors_receipts import drawn


def rows(size: int, name: str = "key") -> Rows:
    data = b"".join(drawn(name, number) for number in range(size))
    return np.frombuffer(data, np.uint8).reshape(-1, 32)


def kept(path: Path, size: int) -> PrefixTree:
    keys, values = rows(size), rows(size, "value")
    save_tree(path, keys, values)
    return PrefixTree.build(keys, values)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 9, 10, 99, 1_000, 12_345])
def test_a_tree_comes_back_as_it_was_kept(tmp_path: Path, size: int) -> None:
    path = tmp_path / "deep" / "down" / "tree.npy"
    tree = kept(path, size)
    again = load_tree(path)
    assert (again.root, again.size) == (tree.root, size)
    for key in [*map(bytes, rows(min(size, 5))), drawn("nowhere")]:
        assert again.path(key) == tree.path(key)
    assert [found.name for found in path.parent.iterdir()] == ["tree.npy"]


def test_numpy_reads_the_file_too(tmp_path: Path) -> None:
    kept(tmp_path / "tree.npy", 5)
    pairs = np.load(tmp_path / "tree.npy", allow_pickle=False)
    assert np.array_equal(pairs[:, 0], rows(5))
    assert np.array_equal(pairs[:, 1], rows(5, "value"))


def test_a_tree_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    kept(tmp_path / "tree.npy", 9)
    tree = kept(tmp_path / "tree.npy", 3)
    assert load_tree(tmp_path / "tree.npy").root == tree.root


def test_what_was_never_kept_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="not kept"):
        load_tree(tmp_path / "tree.npy")


def test_what_cannot_be_read_is_no_tree(tmp_path: Path) -> None:
    (tmp_path / "tree.npy").mkdir()
    with pytest.raises(StorageFailed, match="cannot read"):
        load_tree(tmp_path / "tree.npy")


@pytest.mark.parametrize("size", [0, 1, 2, 10])
def test_no_byte_before_the_keys_can_be_another_and_none_is_missing(
    tmp_path: Path, size: int
) -> None:
    path = tmp_path / "tree.npy"
    root = kept(path, size).root
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at])
        with pytest.raises(Tampered):
            load_tree(path)
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        if at < len(whole) - 64 * size:
            with pytest.raises(Tampered):
                load_tree(path)
        else:  # which keys there are, the root says
            assert load_tree(path).root != root
    path.write_bytes(whole + b"\0")
    with pytest.raises(Tampered):
        load_tree(path)


HEADER = b"\x93NUMPY\x01\x00v\x00"


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\x80\x04", HEADER]))
def test_no_bytes_raise_anything_else(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, front: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.npy"
    path.write_bytes(front + data)
    with pytest.raises(Tampered):
        load_tree(path)


@pytest.mark.parametrize(
    "said",
    [
        b"{'descr': '|O', 'fortran_order': False, 'shape': (9, 2, 32), }",
        b"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999, 2, 32), }",
        b"{'descr': '|u1', 'fortran_order': True, 'shape': (0, 2, 32), }",
        b"{'descr': '|u1', 'shape': (0, 2, 32)",
        b"(",
        b"",
    ],
)
def test_no_header_of_numpy_raises_anything_else(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "tree.npy"
    path.write_bytes(HEADER + said.ljust(117) + b"\n")
    with pytest.raises(Tampered):
        load_tree(path)


def test_a_key_that_is_there_twice_was_not_written_here(tmp_path: Path) -> None:
    path = tmp_path / "tree.npy"
    np.save(path, np.zeros((2, 2, 32), np.uint8))
    with pytest.raises(Tampered, match="twice"):
        load_tree(path)


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tree.npy"
    root = kept(path, 9).root

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageFailed, match="disk is full"):
            kept(path, 3)
    assert load_tree(path).root == root
    assert [found.name for found in tmp_path.iterdir()] == ["tree.npy"]


def test_only_the_newest_stay(tmp_path: Path) -> None:
    for number in (100, 99, 9, 7):
        kept(tmp_path / f"{number}.npy", 1)
    for other in ("tree.npy", ".8.npy.0123", "8.txt", "-1.npy", "\u0662.npy"):
        (tmp_path / other).write_bytes(b"")
    trees = [path.stem for path in kept_trees(tmp_path)]
    assert trees == ["7", "9", "99", "100"]
    drop_trees(tmp_path, 3)
    assert [path.stem for path in kept_trees(tmp_path)] == ["9", "99", "100"]
    drop_trees(tmp_path, 3)
    assert [path.stem for path in kept_trees(tmp_path)] == ["9", "99", "100"]
    assert {path.name for path in tmp_path.iterdir()} >= {"tree.npy", "8.txt", ".8.npy.0123"}
    drop_trees(tmp_path / "nowhere", 3)


def test_a_disk_that_removes_nothing_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(tmp_path / "1.npy", 1)
    kept(tmp_path / "2.npy", 1)

    def refuse(self: Path, missing_ok: bool = False) -> None:  # noqa: FBT002  # as pathlib has it
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StorageFailed, match="cannot remove"):
        drop_trees(tmp_path, 1)
