"""Which value a key has, or that it has none: one hash over a set, and a path for every key.

A tree over the bits of 32-byte keys, collapsed: a leaf sits at the least depth at which it is
alone, while nodes of one child are kept, so a key has one place only and nobody can prove it both
present and absent, whoever built the tree. Paths come from a tree held in memory; for sets that do
not fit there, `root_of` needs them in order and keeps one branch.

Touches nothing. Source: KEYTRANS protocol draft, prefix tree; docs/log.md, "Handles and the prefix
tree".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import overload

import numpy as np

from assent.errors import BadInput, BadProof, NotProved
from assent.log.prefix_rows import NO_FORK, SIZE, Rows, as_rows, hash_nodes, order

__all__ = [
    "EMPTY",
    "MOST_DEPTH",
    "Path",
    "PrefixTree",
    "Rows",
    "check_absent",
    "check_present",
    "parse_path",
    "root_of",
]

EMPTY = bytes(32)
"""The hash of a missing child, and the root of no keys."""

MOST_DEPTH = 256
"""How many siblings a path can have: one for each bit of a key."""

_MOST_KEYS = 2**31 - 1  # forks are numbered in 32 bits
_HEX = re.compile(r"[0-9a-f]{64}")


def _hash_leaf(key: bytes, value: bytes) -> bytes:
    return sha256(b"\x02" + key + value).digest()


def _hash_node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x03" + left + right).digest()


def _number(key: bytes) -> int:
    """Return a key as a number, its bits from the most significant.

    Raises:
        BadInput: It is not 32 bytes long.
    """
    if len(key) != SIZE:
        raise BadInput("a key of a prefix tree is 32 bytes long", size_bytes=len(key))
    return int.from_bytes(key)


def _bit(number: int, depth: int) -> int:
    """Return which child the key takes at a depth: 0 is left, 1 is right."""
    return number >> (MOST_DEPTH - 1 - depth) & 1


def _shared_bits(one: int, other: int) -> int:
    """Return how many bits two keys have in common from the most significant on."""
    return MOST_DEPTH - (one ^ other).bit_length()


def _lifted(node: bytes, number: int, low: int, high: int) -> bytes:
    """Return the hash at depth `high` of a node at depth `low` with nothing else on the way."""
    for depth in range(low - 1, high - 1, -1):
        node = _hash_node(EMPTY, node) if _bit(number, depth) else _hash_node(node, EMPTY)
    return node


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The way from the root to where a key is, or would be.

    Args:
        siblings: The hash beside the way at each depth, from the root down; None for a missing
            child. The last is never missing: a node without children is no node, and a leaf
            beside nothing would sit higher.
        found: Key and value of the leaf at the end, or None for a missing child there.

    Raises:
        BadProof: It cannot be a path of any tree; facts say reason="malformed".
    """

    siblings: tuple[bytes | None, ...]
    found: tuple[bytes, bytes] | None

    def __post_init__(self) -> None:
        if len(self.siblings) > MOST_DEPTH:
            raise _malformed("it is deeper than a key has bits")
        hashes = [node for node in self.siblings if node is not None]
        if any(len(node) != SIZE or node == EMPTY for node in hashes):
            raise _malformed("a sibling is no hash")
        if self.siblings and self.siblings[-1] is None:
            raise _malformed("its last node has no other child")
        if self.found is not None and [len(part) for part in self.found] != [SIZE, SIZE]:
            raise _malformed("its leaf is not a key and a value of 32 bytes")

    @property
    def depth(self) -> int:
        """How many nodes are above the place it leads to."""
        return len(self.siblings)

    def as_json(self) -> dict[str, object]:
        """Return it as JSON that `parse_path` reads."""
        found = None
        if self.found is not None:
            key, value = self.found
            found = {"key": key.hex(), "value": value.hex()}
        return {
            "depth": self.depth,
            "siblings": ["" if node is None else node.hex() for node in self.siblings],
            "found": found,
        }


def _malformed(why: str) -> BadProof:
    return BadProof(f"the prefix path is malformed: {why}", reason="malformed")


def parse_path(value: object) -> Path:
    """Return the path that a JSON value stands for; `as_json` gives the same value back.

    Raises:
        BadProof: It is none; facts say reason="malformed".
    """
    if not isinstance(value, dict) or value.keys() != {"depth", "siblings", "found"}:
        raise _malformed("it does not have just the fields of a path")
    siblings, depth = value["siblings"], value["depth"]
    # the size first; a JSON `true` is an int to Python
    if not isinstance(siblings, list) or len(siblings) > MOST_DEPTH:
        raise _malformed("it has no list of at most 256 siblings")
    if type(depth) is not int or depth != len(siblings):
        raise _malformed("its depth is not the number of its siblings")
    return Path(
        siblings=tuple(None if node == "" else _parse_hash(node) for node in siblings),
        found=_parse_found(value["found"]),
    )


def _parse_found(value: object) -> tuple[bytes, bytes] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != {"key", "value"}:
        raise _malformed("what it found is not just a key and a value")
    return _parse_hash(value["key"]), _parse_hash(value["value"])


def _parse_hash(value: object) -> bytes:
    if not isinstance(value, str) or _HEX.fullmatch(value) is None:
        raise _malformed("a value is not 64 lower-case hexadecimal digits")
    return bytes.fromhex(value)


def check_present(root: bytes, key: bytes, value: bytes, path: Path) -> None:
    """Check that a tree holds a key with a value.

    Args:
        root: The root of the tree [32 bytes].
        key: The key [32 bytes].
        value: The value [32 bytes].
        path: The proof.

    Raises:
        BadInput: The key is not 32 bytes long.
        NotProved: The path does not show it; facts say reason="bad-prefix".
    """
    number = _number(key)
    if path.found != (key, value):
        raise NotProved("the path ends in another leaf", reason="bad-prefix")
    _check_root(root, number, path)


def check_absent(root: bytes, key: bytes, path: Path) -> None:
    """Check that a tree does not hold a key.

    Args:
        root: The root of the tree [32 bytes].
        key: The key [32 bytes].
        path: The proof.

    Raises:
        BadInput: The key is not 32 bytes long.
        NotProved: The path does not show it; facts say reason="bad-prefix".
    """
    number = _number(key)
    if path.found is not None:
        shared = _shared_bits(number, int.from_bytes(path.found[0]))
        if shared == MOST_DEPTH:
            raise NotProved("the path ends in the key itself", reason="bad-prefix")
        if shared < path.depth:
            raise NotProved("the path ends where the key would not be", reason="bad-prefix")
    _check_root(root, number, path)


def _check_root(root: bytes, number: int, path: Path) -> None:
    node = EMPTY if path.found is None else _hash_leaf(*path.found)
    for depth in range(path.depth - 1, -1, -1):
        sibling = path.siblings[depth] or EMPTY
        node = _hash_node(sibling, node) if _bit(number, depth) else _hash_node(node, sibling)
    if node != root:
        raise NotProved("the path does not lead to the root", reason="bad-prefix")


def root_of(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the root over keys and values that come in order, keeping at most 256 hashes.

    A node waits on the stack as the left child of its fork until a key comes that parts from the
    one before it above that fork: then nothing more can come to the right of it.

    Args:
        pairs: Keys and values [32 bytes each], keys ascending.

    Raises:
        BadInput: A size is not 32 bytes, or a key is not after the one before it.
    """
    waiting: list[tuple[int, bytes]] = []
    last, leaf = -1, EMPTY
    for key, value in pairs:
        number = _number(key)
        if len(value) != SIZE:
            raise BadInput("a value of a prefix tree is 32 bytes long", size_bytes=len(value))
        if number <= last:
            raise BadInput("keys must come in order, each once", key=key)
        if last >= 0:
            fork = _shared_bits(last, number)
            waiting.append((fork, _joined(waiting, leaf, last, fork)))
        last, leaf = number, _hash_leaf(key, value)
    return EMPTY if last < 0 else _joined(waiting, leaf, last, -1)


def _joined(waiting: list[tuple[int, bytes]], leaf: bytes, number: int, fork: int) -> bytes:
    """Return what ends with a leaf, as a child of a fork [depth; -1 is above the root].

    Takes from the stack all that belongs to it.
    """
    node, depth = leaf, fork + 1  # a leaf is right below a fork, so it need not be lifted
    while waiting and waiting[-1][0] > fork:
        above, left = waiting.pop()
        node, depth = _hash_node(left, _lifted(node, number, depth, above + 1)), above
    return _lifted(node, number, depth, fork + 1)


class PrefixTree:
    """A tree in memory: 140 bytes for each key.

    >>> tree = PrefixTree.build([(bytes(32), b"v" * 32)])
    >>> tree.size, tree.path(bytes(32)).depth
    (1, 0)
    """

    __slots__ = ("_keys", "_nodes", "_values", "root", "size")

    def __init__(self, keys: Rows, values: Rows) -> None:
        """Build from rows that are checked; `build` is the way in."""
        ascending = order(keys)
        self._keys, self._values = (rows.take(ascending, axis=0) for rows in (keys, values))
        self._nodes = hash_nodes(self._keys, self._values)
        self.size = len(keys)
        self.root = self._nodes.hashes[0].tobytes()

    @overload
    @classmethod
    def build(cls, keys: Rows, values: Rows) -> "PrefixTree": ...

    @overload
    @classmethod
    def build(cls, keys: Iterable[tuple[bytes, bytes]]) -> "PrefixTree": ...

    @classmethod
    def build(
        cls, keys: Rows | Iterable[tuple[bytes, bytes]], values: Rows | None = None
    ) -> "PrefixTree":
        """Return the tree over keys and their values, in any order.

        Args:
            keys: The keys [shape=(n, 32)], or pairs of a key and its value [32 bytes each].
            values: The values in the order of the keys [shape=(n, 32)]; left out with pairs.

        Raises:
            BadInput: A size is not 32 bytes, there are not as many values as keys, a key comes
                twice, or there are 2**31 keys or more.
        """
        if values is None:
            keys, values = _columns(keys)
        rows = np.asarray(keys), np.asarray(values)
        if any(column.dtype != np.uint8 or column.shape[1:] != (SIZE,) for column in rows):
            raise BadInput("keys and values of a prefix tree are rows of 32 bytes")
        if len(rows[0]) != len(rows[1]):
            raise BadInput("there must be one value for each key")
        if len(rows[0]) > _MOST_KEYS:
            raise BadInput("there are more keys than a tree in memory takes", most=_MOST_KEYS)
        return cls(*rows)

    def path(self, key: bytes) -> Path:
        """Return the proof of a key's value, or of its absence.

        Args:
            key: The key [32 bytes].

        Raises:
            BadInput: It is not 32 bytes long.
        """
        number = _number(key)
        if not self.size:
            return Path(siblings=(), found=None)
        siblings: list[bytes | None] = []
        leaf, at = 0, int(self._nodes.forks[0])
        while at != NO_FORK:
            depth, way = int(self._nodes.depth[at]), int.from_bytes(self._keys[at].tobytes())
            shared = _shared_bits(number, way)
            # between two forks there is one way only; what leaves it is missing
            siblings += [None] * (min(shared, depth) - len(siblings))
            left, right = self._nodes.left[at].tobytes(), self._nodes.hashes[at + 1].tobytes()
            if shared < depth:
                siblings.append(_lifted(_hash_node(left, right), way, depth, shared + 1))
                return Path(siblings=tuple(siblings), found=None)
            if _bit(number, depth):
                siblings.append(left)
                leaf, at = at + 1, int(self._nodes.forks[at + 1])
            else:
                siblings.append(right)
                leaf, at = at, int(self._nodes.left_fork[at])
        found = self._keys[leaf].tobytes(), self._values[leaf].tobytes()
        return Path(siblings=tuple(siblings), found=found)


def _columns(pairs: Iterable[tuple[bytes, bytes]]) -> tuple[Rows, Rows]:
    """Return keys and values as rows.

    Raises:
        BadInput: One of them is not 32 bytes long.
    """
    keys, values = bytearray(), bytearray()
    for key, value in pairs:
        if len(key) != SIZE or len(value) != SIZE:
            raise BadInput("keys and values of a prefix tree are 32 bytes long")
        keys += key
        values += value
    return as_rows(keys), as_rows(values)
