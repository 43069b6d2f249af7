"""The prefix tree as docs/log.md has it, word for word, with no thought for speed or memory."""

from collections.abc import Mapping
from hashlib import sha256

__all__ = ["oracle_path", "oracle_root", "turned", "with_bits"]

Pairs = Mapping[bytes, bytes]


def bit(key: bytes, depth: int) -> int:
    return key[depth // 8] >> (7 - depth % 8) & 1


def with_bits(key: bytes, changed: Mapping[int, int]) -> bytes:
    """The key with these bits, by their place from the most significant."""
    text = [str(bit(key, place)) for place in range(8 * len(key))]
    for place, new in changed.items():
        text[place] = str(new)
    return int("".join(text), 2).to_bytes(len(key), "big")


def turned(key: bytes, place: int) -> bytes:
    """The key with one bit another way."""
    return with_bits(key, {place: 1 - bit(key, place)})


def halves(pairs: Pairs, depth: int) -> tuple[Pairs, Pairs]:
    sides: tuple[dict[bytes, bytes], dict[bytes, bytes]] = ({}, {})
    for key, value in pairs.items():
        sides[bit(key, depth)][key] = value
    return sides


def oracle_root(pairs: Pairs, depth: int = 0) -> bytes:
    """The hash of the node at a depth, below which these are."""
    if not pairs:
        return b"\0" * 32
    if len(pairs) == 1:
        ((key, value),) = pairs.items()
        return sha256(b"\2" + key + value).digest()
    left, right = halves(pairs, depth)
    below = oracle_root(left, depth + 1) + oracle_root(right, depth + 1)
    return sha256(b"\3" + below).digest()


def oracle_path(pairs: Pairs, key: bytes) -> dict[str, object]:
    """The JSON of the path to where a key is or would be."""
    siblings: list[str] = []
    here = pairs
    while len(here) > 1:
        sides = halves(here, len(siblings))
        side = bit(key, len(siblings))
        here, other = sides[side], sides[1 - side]
        siblings.append(oracle_root(other, len(siblings) + 1).hex() if other else "")
    found = None
    for there, value in here.items():
        found = {"key": there.hex(), "value": value.hex()}
    return {"depth": len(siblings), "siblings": siblings, "found": found}
