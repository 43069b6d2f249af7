"""How fast a prefix tree is built, and how long its proofs of absence are.

On one core, over the same random keys as a tree of sorted leaves (RFC 6962) whose hashes are made
in the same way: that one has fewer, but its builder can lie about absence. Of its two neighbouring
leaves, hashes that both need are counted once.
"""

from collections.abc import Sequence
from hashlib import sha256
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from assent.bench.row import Row
from assent.clock import monotonic_s
from assent.log.prefix import Path, PrefixTree, Rows, check_absent

__all__ = ["neighbours_bytes", "rows", "sorted_root"]

_SIZES = (10**4, 10**5, 10**6, 10**7)
_QUICK_SIZES = (10**4, 10**5)
_ASKED = 10_000
_HASH_BYTES = 32
_BUILD_GOALS_S = {10**6: 2.5, 10**7: 22.0}
_ABSENCE_GOALS_BYTES = {10**7: 1024.0}
_HASHES_PER_KEY = 1 + 1 / log(2)  # a leaf, and the nodes above random keys
_BATCH = 4096
_PASSES = 20
_PEER = "sorted RFC 6962 leaves (its builder can lie about absence)"


class _Timed(NamedTuple):
    size: int
    ours_s: float
    peer_s: float


def rows(quick: bool = False) -> list[Row]:  # noqa: FBT001, FBT002 - every bench is called so
    """Measure and return the table.

    Args:
        quick: Up to a hundred thousand keys instead of ten million.
    """
    table, builds = [_limit()], []
    for size in _QUICK_SIZES if quick else _SIZES:
        built, measured = _measured(size)
        builds.append(built)
        table += measured
    return [*table, _slope(*builds[-2:])]


def _limit() -> Row:
    """Measure hashlib alone: what this machine allows."""
    some = [bytes(1 + 2 * _HASH_BYTES)] * _BATCH
    times = []
    for _ in range(_PASSES):
        start = monotonic_s()
        for row in some:
            sha256(row).digest()
        times.append(monotonic_s() - start)
    hashes = _HASHES_PER_KEY * 10**6
    return Row(
        what=f"this machine's limit: {hashes / 1e6:.2f} million hashes of hashlib, which a million "
        "keys need",
        unit="s",
        ours=min(times) / len(some) * hashes,
        higher_is_better=False,
    )


def _measured(size: int) -> tuple[_Timed, list[Row]]:
    """Build both trees over random keys, and ask for some that are absent."""
    rng = np.random.default_rng(size)
    keys, values = (rng.integers(0, 256, (size, _HASH_BYTES), dtype=np.uint8) for _ in range(2))
    asked = rng.integers(0, 256, (_ASKED, _HASH_BYTES), dtype=np.uint8)
    start = monotonic_s()
    sorted_root(keys, values)
    peer_s = monotonic_s() - start
    peers = _neighbours(keys, asked)
    start = monotonic_s()
    tree = PrefixTree.build(keys, values)
    ours_s = monotonic_s() - start
    made_us, checked_us, sizes = _absences(tree, [key.tobytes() for key in asked])
    table = [
        Row(
            what=f"building a prefix tree of {size:,} keys",
            unit="s",
            ours=ours_s,
            peer=peer_s,
            peer_name=_PEER,
            goal=_BUILD_GOALS_S.get(size),
            higher_is_better=False,
        ),
        Row(
            what=f"a proof of absence among {size:,} keys, on average",
            unit="bytes",
            ours=sum(sizes) / len(sizes),
            peer=sum(peers) / len(peers),
            peer_name=_PEER,
            goal=_ABSENCE_GOALS_BYTES.get(size),
            higher_is_better=False,
        ),
        Row(
            what=f"the longest of {_ASKED:,} such proofs",
            unit="bytes",
            ours=max(sizes),
            peer=max(peers),
            peer_name=_PEER,
            higher_is_better=False,
        ),
        Row(what="making one such proof", unit="µs", ours=made_us, higher_is_better=False),
        Row(what="checking one such proof", unit="µs", ours=checked_us, higher_is_better=False),
    ]
    return _Timed(size, ours_s, peer_s), table


def _absences(tree: PrefixTree, asked: Sequence[bytes]) -> tuple[float, float, list[int]]:
    """Return how long making and checking takes [µs each], and the sizes of the proofs [bytes]."""
    start = monotonic_s()
    paths = [tree.path(key) for key in asked]
    made = monotonic_s()
    for key, path in zip(asked, paths, strict=True):
        check_absent(tree.root, key, path)
    checked = monotonic_s()
    each = 1e6 / len(asked)
    return (made - start) * each, (checked - made) * each, [_path_bytes(path) for path in paths]


def _path_bytes(path: Path) -> int:
    """Return what a path holds: its siblings that are there, key and value [bytes]."""
    siblings = sum(node is not None for node in path.siblings)
    return (siblings + (0 if path.found is None else 2)) * _HASH_BYTES


def _slope(low: _Timed, high: _Timed) -> Row:
    more = (high.size - low.size) / 1e6
    return Row(
        what=f"a million keys more, between {low.size:,} and {high.size:,}",
        unit="s",
        ours=(high.ours_s - low.ours_s) / more,
        peer=(high.peer_s - low.peer_s) / more,
        peer_name=_PEER,
        higher_is_better=False,
    )


def sorted_root(keys: Rows, values: Rows) -> bytes:
    """Return the RFC 6962 root over `key || value`, in the order of the keys.

    Args:
        keys: At least one [shape=(n, 32)].
        values: In the same order [shape=(n, 32)].
    """
    order = np.argsort(_heads(keys))
    level: Rows = _hash_rows(0, keys.take(order, axis=0), values.take(order, axis=0))
    while len(level) > 1:
        pairs = len(level) // 2 * 2
        # an odd one out is a complete subtree already and waits for the next level
        joined = _hash_rows(1, level[0:pairs:2], level[1:pairs:2])
        level = np.concatenate((joined, level[pairs:]))
    return level.tobytes()


def _heads(keys: Rows) -> npt.NDArray[np.uint64]:
    """Return the first eight bytes of each key, which tell random ones apart."""
    return np.ascontiguousarray(keys[:, :8]).view(">u8")[:, 0].astype(np.uint64)


def _hash_rows(tag: int, left: Rows, right: Rows) -> Rows:
    hashes = np.empty((len(left), _HASH_BYTES), dtype=np.uint8)
    for low in range(0, len(left), _BATCH):
        some = slice(low, min(low + _BATCH, len(left)))
        block = np.empty((some.stop - low, 1 + 2 * _HASH_BYTES), dtype=np.uint8)
        block[:, 0], block[:, 1:33], block[:, 33:] = tag, left[some], right[some]
        items = block.reshape(-1).view(f"V{block.shape[1]}").tolist()
        digests = b"".join([sha256(item).digest() for item in items])
        hashes[some] = np.frombuffer(digests, dtype=np.uint8).reshape(-1, _HASH_BYTES)
    return hashes


def _neighbours(keys: Rows, asked: Rows) -> list[int]:
    """Return the size of the peer's proof of absence of each key [bytes]."""
    places = np.searchsorted(np.sort(_heads(keys)), _heads(asked))
    return [neighbours_bytes(int(place), len(keys)) for place in places]


def neighbours_bytes(place: int, size: int) -> int:
    """Return how long the proof is that two leaves are neighbours: theirs and all hashes beside.

    Args:
        place: How many of the keys come before the absent one; at an end there is one neighbour.
        size: How many keys there are, at least one.
    """
    low, high = max(place - 1, 0), min(place + 1, size)
    return ((high - low) * 2 + _beside(0, size, low, high)) * _HASH_BYTES


def _beside(start: int, stop: int, low: int, high: int) -> int:
    """Return how many hashes stand for the leaves of a subtree but those from low to high."""
    if stop <= low or start >= high:
        return 1
    if stop - start == 1:
        return 0
    middle = start + (1 << (stop - start - 1).bit_length() - 1)
    return _beside(start, middle, low, high) + _beside(middle, stop, low, high)
