"""All hashes of a prefix tree, level by level from the deepest, over NumPy rows.

A hash costs the same in every library that Python has, so what counts is that little else happens:
the shape of a tree follows from how many bits neighbouring keys share, for a whole level at once,
and each hash is written over the one it needs no more.

Touches nothing. Source: docs/log.md, "Handles and the prefix tree".
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assent.errors import BadInput

__all__ = ["NO_FORK", "SIZE", "Nodes", "Rows", "as_rows", "hash_nodes", "order"]

Rows = npt.NDArray[np.uint8]
"""Keys, values or hashes [shape=(n, 32)]."""

_Indices = npt.NDArray[np.int64]

SIZE = 32
"""Bytes of a key, a value or a hash."""

NO_FORK = -1
"""Stands for a leaf where forks are numbered."""

_BATCH = 4096  # rows hashed at once: they stay in the cache
_LEADING_ZEROS = np.array([8 - byte.bit_length() for byte in range(256)], dtype=np.uint8)


class Nodes(NamedTuple):
    """The hashes of a tree whose keys are sorted, each in the row of the first key below it.

    Fork `i` is where the keys `i` and `i + 1` part. A node's hash is written over its left
    child's, which is noted beside the fork; its right child's row is never written again. So both
    stay as the fork sees them, nodes of one child on top.

    Args:
        depth: At which bit a fork is [shape=(n - 1,)].
        left: The hash of a fork's left child [shape=(n - 1, 32)].
        left_fork: The fork that a fork's left child is or leads to; -1 for a leaf, which is key
            `i` [shape=(n - 1,)].
        hashes: In row `i + 1` the hash of the right child of fork `i`, in row 0 the root, and at
            the end a missing child's [shape=(n + 1, 32)].
        forks: The forks that they are or lead to; -1 for a leaf [shape=(n,)].
    """

    depth: npt.NDArray[np.uint8]
    left: Rows
    left_fork: npt.NDArray[np.int32]
    hashes: Rows
    forks: npt.NDArray[np.int32]


def as_rows(data: bytes | bytearray) -> Rows:
    """Return bytes as rows [shape=(n, 32)]."""
    return np.frombuffer(data, dtype=np.uint8).reshape(-1, SIZE)


def order(keys: Rows) -> _Indices:
    """Return the order in which the keys ascend."""
    head = _word(keys, 0)
    ascending = np.argsort(head)
    head = head[ascending]
    if (head[1:] == head[:-1]).any():  # hardly ever for HMACs; then all four words decide
        return np.lexsort([_word(keys, place) for place in (3, 2, 1, 0)])
    return ascending


def _word(keys: Rows, place: int) -> npt.NDArray[np.uint64]:
    """Return eight bytes of each key as a number that sorts as they do."""
    some = np.ascontiguousarray(keys[:, 8 * place : 8 * place + 8])
    return some.view(">u8")[:, 0].astype(np.uint64)


def _shared_by_neighbours(keys: Rows) -> npt.NDArray[np.uint8]:
    """Return how many bits each sorted key shares with the next [shape=(n - 1,)].

    Raises:
        BadInput: Two keys are the same.
    """
    shared = np.empty(max(len(keys) - 1, 0), dtype=np.uint8)
    for some in _batches(len(shared)):
        differing = keys[some] ^ keys[1:][some]
        place = (differing != 0).argmax(axis=1)
        byte = differing[np.arange(len(place)), place]
        if not byte.all():
            raise BadInput("a key comes twice", key=keys[some][byte.argmin()].tobytes())
        shared[some] = place * 8 + _LEADING_ZEROS[byte]
    return shared


def hash_nodes(keys: Rows, values: Rows) -> Nodes:
    """Return the nodes over sorted keys, hashed from the deepest level up.

    Raises:
        BadInput: Two keys are the same.
    """
    size = len(keys)
    shared = _shared_by_neighbours(keys)
    nodes = Nodes(
        depth=shared,
        left=np.empty((len(shared), SIZE), dtype=np.uint8),
        left_fork=np.empty(len(shared), dtype=np.int32),
        hashes=np.empty((size + 1, SIZE), dtype=np.uint8),
        forks=np.full(size, NO_FORK, dtype=np.int32),
    )
    nodes.hashes[size] = 0
    for some in _batches(size):
        nodes.hashes[some] = _hash_rows(2, keys[some], values[some])
    leaves = _leaves_by_depth(shared) if size else []
    level = np.empty(0, dtype=np.int64)  # the first key below each node of one depth, in order
    for depth in range(len(leaves) - 1, -1, -1):
        if len(level):
            level = _hash_parents(level, keys, nodes, depth)
        if len(leaves[depth]):
            level = np.sort(np.concatenate((level, leaves[depth])))
    return nodes


def _leaves_by_depth(shared: npt.NDArray[np.uint8]) -> list[_Indices]:
    """Return which leaves sit at each depth, to the deepest: just below where they part."""
    edges = np.full(len(shared) + 2, -1, dtype=np.int16)
    edges[1:-1] = shared
    depths = np.maximum(edges[:-1], edges[1:]) + 1
    by_depth = np.argsort(depths, kind="stable")
    return np.split(by_depth, np.cumsum(np.bincount(depths))[:-1])


def _hash_parents(level: _Indices, keys: Rows, nodes: Nodes, depth: int) -> _Indices:
    """Hash the parents, at a depth, of the nodes just below it; return the level they make.

    Two nodes are children of one fork where their neighbouring keys part at just this depth; the
    others are an only child, on the side of their bit.
    """
    is_right = np.zeros(len(level) + 1, dtype=np.bool_)
    np.equal(nodes.depth[level[1:] - 1], depth, out=is_right[1:-1])
    parents = np.flatnonzero(~is_right[:-1])
    first, paired = level[parents], is_right[parents + 1]
    to_right = ~paired & ((keys[first, depth // 8] >> (7 - depth % 8) & 1) == 1)
    missing = len(keys)
    left, right = first.copy(), np.full(len(first), missing)
    left[to_right], right[to_right] = missing, first[to_right]
    right[paired] = level[parents[paired] + 1]

    lefts, forks = left[paired], right[paired] - 1
    nodes.left_fork[forks], nodes.forks[lefts] = nodes.forks[lefts], forks
    for some in _batches(len(forks)):
        nodes.left[forks[some]] = nodes.hashes.take(lefts[some], axis=0)
    for some in _batches(len(first)):
        children = (nodes.hashes.take(side[some], axis=0) for side in (left, right))
        nodes.hashes[first[some]] = _hash_rows(3, *children)
    return first


def _batches(size: int) -> Iterator[slice]:
    return (slice(low, min(low + _BATCH, size)) for low in range(0, size, _BATCH))


def _hash_rows(tag: int, left: Rows, right: Rows) -> Rows:
    """Return the hashes of a tag byte and two rows each [at most one batch]."""
    block = np.empty((len(left), 1 + 2 * SIZE), dtype=np.uint8)
    block[:, 0], block[:, 1 : 1 + SIZE], block[:, 1 + SIZE :] = tag, left, right
    # a row as one item of 65 bytes: `tolist` then makes bytes of each, at no other cost
    items = block.reshape(-1).view(f"V{1 + 2 * SIZE}").tolist()
    return as_rows(b"".join([sha256(item).digest() for item in items]))
