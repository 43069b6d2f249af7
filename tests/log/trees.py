"""The tree a second time, recursive and word for word as RFC 6962 defines it: the oracle.

Nothing here comes from `assent.log`.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import pytest

VECTORS = Path(__file__).parents[2].parent / "shared" / "vectors"


def needs(folder: str) -> pytest.MarkDecorator:
    """Skip, by name, what needs published vectors that are not there."""
    return pytest.mark.skipif(  # others' vectors, not copied in; the laws are tested without
        not (VECTORS / folder).is_dir(),
        reason=f"the vectors are not in `shared/vectors/{folder}` beside the project",
    )


def leaf(number: int) -> bytes:
    """An entry like no other."""
    return str(number).encode()


class Tree:
    """MTH, PATH and PROOF of section 2.1; D[first:last] is `first, last`."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = entries
        self.known: dict[tuple[int, int], bytes] = {}

    def mth(self, first: int, last: int) -> bytes:
        if (first, last) not in self.known:
            self.known[first, last] = self._mth(first, last)
        return self.known[first, last]

    def _mth(self, first: int, last: int) -> bytes:
        n = last - first
        if n == 0:
            return sha256().digest()
        if n == 1:
            return sha256(b"\x00" + self.entries[first]).digest()
        k = split(n)
        left, right = self.mth(first, first + k), self.mth(first + k, last)
        return sha256(b"\x01" + left + right).digest()

    def root(self, size: int) -> bytes:
        return self.mth(0, size)

    def hash_at(self, level: int, index: int) -> bytes:
        first, last = index << level, (index + 1) << level
        assert 0 <= first < last <= len(self.entries), "not a complete subtree of this tree"
        return self.mth(first, last)

    def path(self, m: int, first: int, last: int) -> tuple[bytes, ...]:
        n = last - first
        if n == 1:
            return ()
        k = split(n)
        if m < k:
            return (*self.path(m, first, first + k), self.mth(first + k, last))
        return (*self.path(m - k, first + k, last), self.mth(first, first + k))

    def proof(self, m: int, n: int) -> tuple[bytes, ...]:
        return self.subproof(m, 0, n, whole=True)

    def subproof(self, m: int, first: int, last: int, *, whole: bool) -> tuple[bytes, ...]:
        n = last - first
        if m == n:
            return () if whole else (self.mth(first, last),)
        k = split(n)
        if m <= k:
            left = self.subproof(m, first, first + k, whole=whole)
            return (*left, self.mth(first + k, last))
        right = self.subproof(m - k, first + k, last, whole=False)
        return (*right, self.mth(first, first + k))


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def same(entry: bytes = b"") -> Callable[[int, int], bytes]:
    """The hashes of an endless log that says the same over and over, so of trees of any size."""
    hashes = [sha256(b"\x00" + entry).digest()]
    for _ in range(64):
        hashes.append(sha256(b"\x01" + hashes[-1] * 2).digest())
    return lambda level, _: hashes[level]
