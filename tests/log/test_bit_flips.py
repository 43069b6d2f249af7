"""Every single bit of every public file of a log, flipped: fsck finds each.

What is hashed and verified over and over is remembered, so that only the damage is computed.
"""

from collections.abc import Iterator
from functools import lru_cache

import pytest

from assent.log import fsck as fsck_module
from assent.log.fsck import fsck
from assent.log.policy import Policy
from tests.log.memory import SIGNER, MemoryStore, policy_of, published_log

SIZE = 300


@pytest.fixture(scope="module")
def whole() -> MemoryStore:
    """A log of two bundles, with entries of the size that real ones have."""
    code = "c29tZXRoaW5nIHRoYXQgaXMgbm90IGEgY29tbWl0bWU="
    entries = [
        f'{{"c":"{code}","k":"statement","t":"2031-03-01T{number % 24:02}Z","v":1}}'.encode()
        for number in range(SIZE)
    ]
    return published_log(SIZE, events=entries)


POLICY = policy_of(SIGNER.vkey)
REMEMBERED = ("hash_leaf", "parse_bundle", "parse_signed", "split_hashes", "tile_root")


@pytest.fixture(autouse=True)
def _remember(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in REMEMBERED:
        monkeypatch.setattr(fsck_module, name, lru_cache(2_000)(getattr(fsck_module, name)))
    monkeypatch.setattr(Policy, "check", lru_cache(2_000)(Policy.check))


def is_found(store: MemoryStore) -> bool:
    return next(fsck(store.get, POLICY, names=store.names), None) is not None


def unfound(whole: MemoryStore, bits: range, *, each: int = 1) -> Iterator[tuple[str, int, int]]:
    """Yield path, byte and bit of every flip that is not found."""
    store = MemoryStore(whole.files)
    for path, data in whole.files.items():
        for at in range(0, len(data), each):
            for bit in bits:
                flipped = bytearray(data)
                flipped[at] ^= 1 << (bit if len(bits) > 1 else at % 8)
                store.files[path] = bytes(flipped)
                if not is_found(store):
                    yield path, at, bit
        store.files[path] = data


def test_the_log_is_whole_to_begin_with(whole: MemoryStore) -> None:
    assert not is_found(whole)
    assert sorted(whole.files) == [
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    ]


def test_a_flipped_bit_in_any_byte_is_found(whole: MemoryStore) -> None:
    assert list(unfound(whole, range(1))) == []


@pytest.mark.slow
def test_every_flipped_bit_is_found(whole: MemoryStore) -> None:
    assert list(unfound(whole, range(8))) == []
