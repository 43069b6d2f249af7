"""The Merkle tree of a log: its root, its growing edge, and the two proofs about it.

Inclusion: this leaf is in the tree of that root. Consistency: the tree of this root begins with
the tree of that root, so nothing was taken out or rewritten. Whoever proves needs hashes of
complete subtrees only (`HashAt`), wherever they are kept; whoever checks needs the proof alone.

Every hash is 32 bytes. A proof is a tuple of hashes in the order in which a checker takes them.

Source: RFC 6962, section 2.1 (the tree, what a proof holds), SHA-256; RFC 9162, sections 2.1.3.2
and 2.1.4.2 (how a proof is checked).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from assent.errors import BadProof, NotProved, Unknown

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "HashAt",
    "check_consistency",
    "check_growth",
    "check_inclusion",
    "hash_children",
    "hash_leaf",
    "prove_consistency",
    "prove_inclusion",
    "prove_range",
    "root",
    "root_at",
    "root_of_hashes",
]

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

# (level, index) -> hash of the complete subtree of 2**level leaves that starts at leaf
# index * 2**level; only asked for subtrees that the tree at hand holds completely
HashAt = Callable[[int, int], bytes]

_AT_ONCE = 1 << 16  # hashes held while a frontier grows: 6 MB
_BLOCK = 1 << 12  # leaves whose proofs are made together


def hash_leaf(leaf: bytes) -> bytes:
    """Return the hash of a leaf [32 bytes]; its prefix keeps it apart from every node's."""
    return sha256(b"\x00" + leaf).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node from those of its two children [32 bytes]."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the hash of a tree [32 bytes]; of an empty one, the hash of nothing."""
    return root_of_hashes(map(hash_leaf, leaves))


def root_of_hashes(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the hash of a tree [32 bytes] from those of its leaves [32 bytes each]."""
    return Frontier().extended(leaf_hashes).root()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The right edge of a tree: all that is needed to go on, at most 64 hashes.

    Args:
        size: How many leaves the tree has.
        peaks: Roots of its largest complete subtrees from left to right, so from the largest to
            the smallest: one for each bit of `size` that is set [32 bytes each].

    Raises:
        BadProof: Number or length of the peaks does not go with the size.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count() or not _whole(self.peaks):
            raise BadProof(
                "the edge of the tree does not go with its size", reason="malformed", size=self.size
            )

    def extended(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """Return the edge after these leaves as well.

        Args:
            leaf_hashes: The hashes of the new leaves, in order [32 bytes each].
        """
        size, peaks = self.size, list(self.peaks)
        hashes = iter(leaf_hashes)
        while nodes := list(islice(hashes, _AT_ONCE)):
            added = len(nodes)
            peaks = _merged(size, peaks, nodes)
            size += added
        return Frontier(size=size, peaks=tuple(peaks))

    def root(self) -> bytes:
        """Return the root of the tree [32 bytes]."""
        return _folded(self.peaks)

    def to_bytes(self) -> bytes:
        """Return the peaks, one after the other; the size is kept beside them."""
        return b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        """Return the edge that `to_bytes` wrote of a tree of `size` leaves.

        Raises:
            BadProof: The length does not go with the size.
        """
        starts = range(0, len(data), HASH_BYTES)
        return cls(size=size, peaks=tuple(data[start : start + HASH_BYTES] for start in starts))


def _merged(size: int, peaks: list[bytes], nodes: list[bytes]) -> list[bytes]:
    """Return the peaks after `nodes` were added to a tree of `size` leaves; uses up both lists.

    Level by level instead of leaf by leaf: each level is one pass over a list, and a node without
    a twin is the new peak of its level. Once no node is left, the higher peaks stay as they were.
    """
    smallest_first = []
    while nodes:
        if size & 1:  # the old peak of this level stands before the new nodes
            nodes.insert(0, peaks.pop())
        if len(nodes) & 1:
            smallest_first.append(nodes.pop())
        twins = iter(nodes)
        # `hash_children`, without the call: this line is where a log's time goes
        nodes = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(twins, twins, strict=True)
        ]
        size >>= 1
    return peaks + smallest_first[::-1]


def _folded(peaks: Sequence[bytes]) -> bytes:
    """Return the root over peaks: joined from the right, so the left part is always complete."""
    if not peaks:
        return EMPTY_ROOT
    node = peaks[-1]
    for peak in peaks[-2::-1]:
        node = hash_children(peak, node)
    return node


def _whole(hashes: Iterable[bytes]) -> bool:
    return all(len(node) == HASH_BYTES for node in hashes)


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def root_at(size: int, hash_at: HashAt) -> bytes:
    """Return the root [32 bytes] of the tree of the first `size` leaves.

    Args:
        size: At least 0.
        hash_at: Hashes of complete subtrees of this tree or of one that it grew into.
    """
    return _root_between(0, size, hash_at)


def _root_between(start: int, end: int, hash_at: HashAt) -> bytes:
    """Return the root over the leaves [start, end); `start` is aligned to their power of two."""
    peaks = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(hash_at(level, start >> level))
        start += 1 << level
    return _folded(peaks)


def prove_inclusion(index: int, size: int, hash_at: HashAt) -> tuple[bytes, ...]:
    """Return the proof that leaf `index` is in the tree of the first `size` leaves.

    Args:
        index: Which leaf, from 0.
        size: Of which tree.
        hash_at: Hashes of complete subtrees of this tree or of one that it grew into.

    Raises:
        Unknown: The tree has no such leaf.

    Source: RFC 6962, section 2.1.1.
    """
    if not 0 <= index < size:
        raise Unknown("the log has no entry of that number", index=index, size=size)
    return _path(0, index, size, hash_at)


def prove_consistency(old: int, new: int, hash_at: HashAt) -> tuple[bytes, ...]:
    """Return the proof that the tree of `new` leaves begins with that of `old` leaves.

    It is empty for `old` = 0, which needs none (see `check_growth`), and for `old` = `new`.

    Args:
        old: Size of the smaller tree.
        new: Size of the larger tree.
        hash_at: Hashes of complete subtrees of the larger tree or of one that it grew into.

    Raises:
        Unknown: There is no such pair of trees: `old` is larger, or negative.

    Source: RFC 6962, section 2.1.2.
    """
    if not 0 <= old <= new:
        raise Unknown("the log never grew from that size to this", old=old, new=new)
    if old in {0, new}:
        return ()
    # the last complete subtree of the old tree is in the new one: prove its inclusion; the
    # hashes to its left make the old root, and all of them the new one
    level = _trailing_zeros(old)
    index = (old >> level) - 1
    path = _path(level, index, new, hash_at)
    # of a complete old tree that subtree is all of it, and a checker has its root
    return path if index == 0 else (hash_at(level, index), *path)


def prove_range(start: int, stop: int, size: int, hash_at: HashAt) -> Iterator[tuple[bytes, ...]]:
    """Return the inclusion proofs of the leaves [start, stop), in order, at a small cost for each.

    Neighbours share most of their proofs: these are made from the top of the tree down, a few
    thousand together, so that each hash is asked for once (at the right edge now and then twice).

    Args:
        start: The first leaf.
        stop: The leaf after the last.
        size: Of which tree.
        hash_at: Hashes of complete subtrees of this tree or of one that it grew into.

    Raises:
        Unknown: The tree has no such leaves.
    """
    if not 0 <= start <= stop <= size:
        raise Unknown("the log has no entries of those numbers", start=start, stop=stop, size=size)
    blocks = range(start, stop, _BLOCK)
    return (
        proof
        for first in blocks
        for proof in _paths(first, min(first + _BLOCK, stop), size, hash_at)
    )


def _paths(start: int, stop: int, size: int, hash_at: HashAt) -> list[tuple[bytes, ...]]:
    """Return the proofs of the leaves [start, stop), of which there is at least one."""
    paths: list[tuple[bytes, ...]] = [()]  # of the nodes of one level: the root at first
    first_above = 0
    for level in reversed(range((size - 1).bit_length())):
        first = start >> level
        paths = [
            _beside(level, index, size, hash_at) + paths[(index >> 1) - first_above]
            for index in range(first, ((stop - 1) >> level) + 1)
        ]
        first_above = first
    return paths


def _path(level: int, index: int, size: int, hash_at: HashAt) -> tuple[bytes, ...]:
    """Return what leads from the complete subtree (level, index) up to the root."""
    return tuple(
        node
        for up in range(level, (size - 1).bit_length())
        for node in _beside(up, index >> (up - level), size, hash_at)
    )


def _beside(level: int, index: int, size: int, hash_at: HashAt) -> tuple[bytes, ...]:
    """Return the hash beside the node (level, index), or nothing where it stands alone."""
    beside = index ^ 1
    start = beside << level
    if start >= size:
        return ()
    if start + (1 << level) <= size:
        return (hash_at(level, beside),)
    return (_root_between(start, size, hash_at),)


def check_inclusion(
    leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf is in a tree.

    What it shows is as true as `size` and `root`, which come from one signed checkpoint.

    Args:
        leaf_hash: The hash of the leaf [32 bytes].
        index: Which leaf it is said to be, from 0.
        size: How many leaves the tree has.
        proof: The hashes beside the way up.
        root: The root of the tree.

    Raises:
        NotProved: It does not follow from the proof; `facts["reason"]` is "bad-inclusion".

    Source: RFC 9162, section 2.1.3.2; the steps bear its numbers.
    """
    # a hash of another length could move the border between left and right in what is hashed
    if not (0 <= index < size and _whole((leaf_hash, *proof))):  # 1
        raise _not_included(index, size)
    node, last, end = index, size - 1, leaf_hash  # 2, 3: fn, sn, r
    for beside in proof:  # 4
        if last == 0:
            raise _not_included(index, size)
        if node & 1 or node == last:
            end = hash_children(beside, end)
            shift = _trailing_zeros(node)  # over the levels at which it has no neighbour
        else:
            end = hash_children(end, beside)
            shift = 0
        node, last = node >> (shift + 1), last >> (shift + 1)
    if last != 0 or end != root:  # 5
        raise _not_included(index, size)


def _not_included(index: int, size: int) -> NotProved:
    return NotProved(
        "the proof does not lead from this entry to the log's root",
        reason="bad-inclusion",
        index=index,
        size=size,
    )


def check_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that a tree begins with an older one that has at least one leaf.

    An `old` of 0 is refused: nothing follows from an empty tree, and who has seen a log's tree
    never has reason to ask. A witness, whose first view of a log is size 0, calls `check_growth`.

    Args:
        old: Size of the older tree.
        old_root: Its root.
        new: Size of the newer tree.
        new_root: Its root.
        proof: The hashes; none if the sizes are equal.

    Raises:
        NotProved: It does not follow from the proof; `facts["reason"]` is "bad-consistency".

    Source: RFC 9162, section 2.1.4.2; the steps bear its numbers.
    """
    if not 0 < old <= new:
        raise _not_consistent(old, new)
    if old == new:
        if proof or old_root != new_root:
            raise _not_consistent(old, new)
        return
    complete = old & (old - 1) == 0
    path = (old_root, *proof) if complete else tuple(proof)  # 2
    if not (proof and _whole(path)):  # 1
        raise _not_consistent(old, new)
    if _ends(old, new, path) != (old_root, new_root):  # 7
        raise _not_consistent(old, new)


def _ends(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the two roots that a consistency path leads to, or None if it has another length."""
    shift = _trailing_zeros(old)
    node, last = (old - 1) >> shift, (new - 1) >> shift  # 3, 4: fn, sn
    old_end = new_end = path[0]  # 5: fr, sr
    for beside in path[1:]:  # 6
        if last == 0:
            return None
        if node & 1 or node == last:
            old_end = hash_children(beside, old_end)
            new_end = hash_children(beside, new_end)
            shift = _trailing_zeros(node)  # over the levels at which it has no neighbour
        else:
            new_end = hash_children(new_end, beside)
            shift = 0
        node, last = node >> (shift + 1), last >> (shift + 1)
    return (old_end, new_end) if last == 0 else None


def _not_consistent(old: int, new: int) -> NotProved:
    return NotProved(
        "the proof does not show that the log only grew", reason="bad-consistency", old=old, new=new
    )


def check_growth(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check, as a witness does, that a log only grew since it was last seen.

    Like `check_consistency`, and an `old` of 0 is the log never seen: every tree grows from
    nothing, so the proof must be empty, and the root of an empty tree that of nothing.

    Args:
        old: Size that was seen last, 0 if none was.
        old_root: Its root; `EMPTY_ROOT` if none was seen.
        new: Size of the newer tree.
        new_root: Its root.
        proof: The hashes; none if `old` is 0 or the sizes are equal.

    Raises:
        NotProved: It does not follow from the proof; `facts["reason"]` is "bad-consistency".

    Source: C2SP tlog-witness, add-checkpoint.
    """
    if old != 0:
        check_consistency(old, old_root, new, new_root, proof)
    elif proof or old_root != EMPTY_ROOT or new < 0 or (new == 0 and new_root != EMPTY_ROOT):
        raise _not_consistent(old, new)
