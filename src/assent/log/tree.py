"""The hash of a list of leaves, as transparency logs have it.

Source: RFC 6962, section 2.1 (Merkle hash trees), SHA-256.
"""

from collections.abc import Sequence
from hashlib import sha256

__all__ = ["hash_children", "hash_leaf", "root"]


def hash_leaf(leaf: bytes) -> bytes:
    """Return the hash of a leaf [32 bytes]; its prefix keeps it apart from every node's."""
    return sha256(b"\x00" + leaf).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node from those of its two children [32 bytes]."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the hash of a tree [32 bytes]; of an empty one, the hash of nothing.

    Each complete subtree waits on a stack until its twin is complete; what is left at the end is
    joined from the right, so the left part of every node is the largest power of two below it.
    """
    waiting: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, node = 1, hash_leaf(leaf)
        while waiting and waiting[-1][0] == size:
            node = hash_children(waiting.pop()[1], node)
            size *= 2
        waiting.append((size, node))
    if not waiting:
        return sha256(b"").digest()
    node = waiting.pop()[1]
    while waiting:
        node = hash_children(waiting.pop()[1], node)
    return node
