"""Prefix trees kept on disk: their keys and values, from which every path can be made again.

Neither gives anything away: a key can be connected with a recording only by who has its handle.
"""

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from secrets import token_hex

import numpy as np

from assent.disk import make_folder, storage, sync_folder
from assent.errors import BadInput, StorageFailed, Tampered, Unknown
from assent.log.prefix import PrefixTree, Rows

__all__ = ["drop_trees", "kept_trees", "load_tree", "save_tree"]

_ENDING = ".npy"
_PAIR = 64
"""Bytes of a key and its value."""


def _header(size: int) -> bytes:
    """Return what NumPy writes before so many pairs."""
    said = {"descr": "|u1", "fortran_order": False, "shape": (size, 2, _PAIR // 2)}
    header = BytesIO()
    np.lib.format.write_array_header_1_0(header, said)
    return header.getvalue()


def save_tree(path: Path, keys: Rows, values: Rows) -> None:
    """Keep a tree, so that it lasts.

    Args:
        path: Its file.
        keys: Its keys [shape=(n, 32), uint8].
        values: Their values [shape=(n, 32), uint8].

    Raises:
        StorageFailed: The disk refused.
    """
    arriving = path.with_name(f".{path.name}.{token_hex(8)}")
    with storage("keep what proofs are made from", path):
        make_folder(path.parent)
        try:
            with arriving.open("xb") as file:
                np.save(file, np.stack([keys, values], 1))
                file.flush()
                os.fsync(file.fileno())
            arriving.replace(path)
            sync_folder(path.parent)
        finally:
            arriving.unlink(missing_ok=True)


def load_tree(path: Path) -> PrefixTree:
    """Return a tree that was kept.

    Raises:
        Unknown: It was not kept, or not for so long.
        Tampered: The file is not what was written.
        StorageFailed: The disk refused.
    """
    with storage("read what proofs are made from", path):
        try:
            data = np.fromfile(path, np.uint8)
        except FileNotFoundError:
            raise Unknown("what this proof is made from is not kept any more") from None
    # NumPy's own reader raises whatever comes; a file that was written here begins in one way only
    header = _header(max(len(data) - len(_header(0)), 0) // _PAIR)
    if data[: len(header)].tobytes() != header or (len(data) - len(header)) % _PAIR:
        raise Tampered("what proofs are made from cannot be read")
    pairs = data[len(header) :].reshape(-1, 2, _PAIR // 2)
    try:
        return PrefixTree.build(
            np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
        )
    except BadInput as error:
        raise Tampered("what proofs are made from has a key twice") from error


def kept_trees(folder: Path) -> Iterator[Path]:
    """Yield the trees in a folder that are named by numbers, the newest last."""
    found = [path for path in folder.glob(f"*{_ENDING}") if re.fullmatch("[0-9]+", path.stem)]
    yield from sorted(found, key=lambda path: int(path.stem))


def drop_trees(folder: Path, keep: int) -> None:
    """Remove all but the newest trees of a folder.

    Raises:
        StorageFailed: The disk refused.
    """
    try:
        for path in list(kept_trees(folder))[:-keep]:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageFailed("cannot remove what proofs were made from") from error
