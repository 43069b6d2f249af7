"""Prefix trees kept on disk: their keys and values, from which every path can be made again.

Neither gives anything away: a key can be connected with a recording only by who has its handle.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import numpy as np

from assent.disk import make_folder, storage, sync_folder
from assent.errors import StorageFailed, Tampered, Unknown
from assent.log.prefix import PrefixTree, Rows

__all__ = ["drop_trees", "kept_trees", "load_tree", "save_tree"]

_ENDING = ".npy"


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
            pairs = np.load(path, allow_pickle=False)
        except FileNotFoundError:
            raise Unknown("what this proof is made from is not kept any more") from None
        except (ValueError, EOFError) as error:
            raise Tampered("what proofs are made from cannot be read") from error
    if pairs.dtype != np.uint8 or pairs.ndim != 3 or pairs.shape[1:] != (2, 32):  # noqa: PLR2004
        raise Tampered("what proofs are made from cannot be read")
    return PrefixTree.build(np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1]))


def kept_trees(folder: Path) -> Iterator[Path]:
    """Yield the trees in a folder that are named by numbers, the newest last."""
    found = [path for path in folder.glob(f"*{_ENDING}") if path.stem.isdecimal()]
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
