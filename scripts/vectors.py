"""Writes the test vectors in tests/vectors: ours, for anyone who reads or checks what we write.

Run it as `python -m scripts.vectors`; it writes the same bytes each time, and a test compares them
with what is there. A file is a function in `FILES` that returns what is in it [JSON].
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assent.log.tile import TilePath, bundle_path, tile_path, tiles_of
from assent.log.tree import (
    EMPTY_ROOT,
    HashAt,
    hash_children,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    root,
    root_at,
)
from tests.log import vectors_notes, vectors_receipts
from tests.log.vectors_prefix import prefix

__all__ = ["FILES", "FOLDER", "main", "text_of"]

FOLDER = Path(__file__).parents[1] / "tests" / "vectors"

Json = dict[str, Any]


def _numbered(level: int, index: int) -> bytes:
    return root(str(leaf).encode() for leaf in range(index << level, (index + 1) << level))


def _empty(level: int, _index: int) -> bytes:
    node = hash_leaf(b"")
    for _ in range(level):
        node = hash_children(node, node)
    return node


LOGS: Mapping[str, HashAt] = {"numbered": _numbered, "empty": _empty}
ABOUT_LOGS = (
    "In the log `numbered`, leaf i is i in decimal. In the log `empty`, every leaf is the empty "
    "string, so there are trees of any size, here up to 2**53 - 1. "
)
FOREIGN = hash_leaf(b"from elsewhere")
# trees with one leaf, complete ones, their neighbours, and those that fill a tile
SMALL = ((0, 1), (0, 2), (1, 2), (2, 3), (0, 4), (3, 4), (0, 5), (4, 5), (5, 7), (6, 7), (6, 8))
LARGE = ((8, 9), (5, 13), (12, 13), (100, 255), (255, 256), (0, 257), (255, 257), (256, 257))
# whoever shifts 32 bits, or counts in floating point, is found out here
HUGE = (2**31 + 1, 2**32 + 5, 2**40 + 12_345, 2**53 - 1)


def _turned(node: bytes) -> bytes:
    return node[:-1] + bytes([node[-1] ^ 1])


def _lies(proof: Sequence[bytes]) -> Iterable[tuple[str, Sequence[bytes]]]:
    """Return a proof of at least two hashes in ways that do not hold, with a name for each."""
    for at, node in enumerate(proof):
        yield f"a bit of hash {at} is turned", [*proof[:at], _turned(node), *proof[at + 1 :]]
    yield "there is no hash", []
    yield "the first hash is missing", proof[1:]
    yield "the last hash is missing", proof[:-1]
    yield "there is a hash too many at the start", [FOREIGN, *proof]
    yield "there is a hash too many at the end", [*proof, FOREIGN]
    yield "the first hash stands there twice", [proof[0], *proof]
    yield "the first two hashes are swapped", [proof[1], proof[0], *proof[2:]]
    yield "a hash is too short", [proof[0][:-1], *proof[1:]]
    yield "a hash is too long", [proof[0] + b"\0", *proof[1:]]


def _included(log: str, index: int, size: int) -> Json:
    hash_at = LOGS[log]
    return {
        "name": f"leaf {index} of {size}",
        "log": log,
        "index": index,
        "size": size,
        "leaf_hash": hash_at(0, index).hex(),
        "root": root_at(size, hash_at).hex(),
        "proof": _hex(prove_inclusion(index, size, hash_at)),
        "valid": True,
    }


def _hex(hashes: Iterable[bytes]) -> list[str]:
    return [node.hex() for node in hashes]


def _lie(case: Json, name: str, **changed: object) -> Json:
    return {**case, "name": f"{case['name']}: {name}", "valid": False, **changed}


def inclusion() -> Json:
    """Return inclusion proofs, and some that prove nothing."""
    true = [_included("numbered", index, size) for index, size in (*SMALL, *LARGE)]
    true += [_included("empty", index, size) for size in HUGE for index in (0, size // 3, size - 1)]
    false = []
    for index, size in ((5, 13), (12, 13)):
        case = _included("numbered", index, size)
        proof = prove_inclusion(index, size, _numbered)
        false += [_lie(case, name, proof=_hex(lie)) for name, lie in _lies(proof)]
        false += [
            _lie(case, "of another leaf", leaf_hash=_numbered(0, index - 1).hex()),
            _lie(case, "at another place", index=index - 1),
            _lie(case, "after the last leaf", index=size),
            _lie(case, "before the first leaf", index=-1),
            _lie(case, "in no tree", size=0),
            _lie(case, "under another root", root=root_at(size - 1, _numbered).hex()),
            _lie(case, "under the root of nothing", root=EMPTY_ROOT.hex()),
        ]
    one, two = _included("numbered", 0, 1), _included("numbered", 0, 2)
    both = bytes.fromhex(two["leaf_hash"] + two["proof"][0])
    false += [
        _lie(one, "there is a hash too many", proof=[FOREIGN.hex()]),
        _lie(one, "of another leaf", leaf_hash=FOREIGN.hex()),
        _lie(
            two,
            "the border between two hashes is moved",
            leaf_hash=both[:33].hex(),
            proof=[both[33:].hex()],
        ),
    ]
    return {
        "about": ABOUT_LOGS + "A case is valid if RFC 9162, section 2.1.3.2, accepts it. All "
        "hashes are 32 bytes [hex] unless a case is about that.",
        "cases": true + false,
    }


def _consistent(log: str, old: int, new: int) -> Json:
    hash_at = LOGS[log]
    return {
        "name": f"{old} to {new}",
        "log": log,
        "old": old,
        "new": new,
        "old_root": root_at(old, hash_at).hex(),
        "new_root": root_at(new, hash_at).hex(),
        "proof": _hex(prove_consistency(old, new, hash_at)),
        "valid": old > 0,
        "witness": True,
    }


def _break(case: Json, name: str, **changed: object) -> Json:
    return _lie(case, name, **{"witness": False, **changed})


def consistency() -> Json:
    """Return consistency proofs, and some that prove nothing."""
    true = [_consistent("numbered", 0, new) for new in (0, 1, 2, 7)]
    true += [_consistent("numbered", index + 1, size) for index, size in (*SMALL, *LARGE)]
    true += [_consistent("numbered", old, 13) for old in (1, 4, 7, 8, 12)]
    true += [_consistent("empty", old, new) for new in HUGE for old in (new // 3, new - 1)]
    false = []
    for old, new in ((6, 13), (8, 13)):
        case = _consistent("numbered", old, new)
        proof = prove_consistency(old, new, _numbered)
        # of a complete old tree a single hash is the proof: then there are fewer ways to lie
        lies = _lies(proof) if len(proof) > 1 else [("a bit is turned", [_turned(proof[0])])]
        false += [_break(case, name, proof=_hex(lie)) for name, lie in lies]
        false += [
            _break(case, "from another size", old=old - 1),
            _break(
                case, "the roots are swapped", old_root=case["new_root"], new_root=case["old_root"]
            ),
            _break(case, "from another root", old_root=root_at(old - 1, _numbered).hex()),
            _break(case, "to another root", new_root=root_at(new - 1, _numbered).hex()),
            _break(case, "from a negative size", old=-1),
            _break(case, "the log shrank", old=new + 1),
        ]
    none, same = _consistent("numbered", 0, 7), _consistent("numbered", 7, 7)
    false += [
        _break(none, "there is a hash too many", proof=[FOREIGN.hex()]),
        _break(none, "from a root that is not of nothing", old_root=FOREIGN.hex()),
        _break(same, "there is a hash too many", proof=[FOREIGN.hex()]),
        _break(same, "the roots differ", new_root=FOREIGN.hex()),
    ]
    return {
        "about": ABOUT_LOGS + "A case is valid if RFC 9162, section 2.1.4.2, accepts it; `witness` "
        "says whether a witness accepts it, for whom every tree grows from nothing (C2SP "
        "tlog-witness). All hashes are 32 bytes [hex] unless a case is about that.",
        "cases": true + false,
    }


PATHS = (
    (0, 0, 256), (0, 0, 1), (0, 0, 255), (0, 9, 10), (0, 999, 256), (0, 1_000, 256), (0, 1_001, 99),
    (0, 1_234_067, 256), (0, 1_234_067, 12), (1, 0, 1), (1, 1, 17), (2, 0, 1), (7, 999_999, 256),
    (10, 1_000_000, 256), (63, 123, 45), (0, 2**32 + 1, 256), (0, 2**53 - 1, 7), (None, 0, 256),
    (None, 0, 1), (None, 273, 112), (None, 1_234_067, 256), (None, 1_000_000_000, 255),
)  # fmt: skip
NO_PATHS = (
    "", "tile", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile/0//000", "tile//000",
    "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/001/000", "tile/0/x001", "tile/0/x000/001",
    "tile/0/x01/000", "tile/0/X001/000", "tile/00/000", "tile/01/000", "tile/-1/000", "tile/+1/000",
    "tile/64/000", "tile/100/000", "tile/data/000", "tile/8/0/000", "tile/entries",
    "tile/entries/0", "tile/entries/0/000", "tile/Entries/000", "tile/0/000.p", "tile/0/000.p/",
    "tile/0/000.p/0", "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/000.p/257",
    "tile/0/000.p/1000", "tile/0/000.p/-1", "tile/0/000.p/1/1", "tile/0/000.p/1.p/1",
    "tile/0/x001.p/000", "tile/0/000\n", " tile/0/000", "tile/0/000 ", "tile/0/..", "tile/../0/000",
    "tile/0/../../checkpoint", "tile\\0\\000", "tile/0/000\0", "tile/0/%30%30%30",
    "tile/0/\u0660\u0660\u0660", "tile/0/000?x", "tile/0/000#x", "checkpoint",
    "tile/0/x999/x999/x999/x999/x999/999", "tile/0/x001/x000/x000/x000/x000/x000/000",
)  # fmt: skip


def tile_paths() -> Json:
    """Return paths of tiles and bundles, what is none, and which of them trees have."""
    cases: list[Json] = []
    for level, index, width in PATHS:
        path = str(TilePath(level=level, index=index, width=width))
        says = {"level": level, "index": index, "width": width}
        cases.append({"path": path, "valid": True, **says})
    cases += [{"path": path, "valid": False} for path in NO_PATHS]
    grown = ((0, 0), (0, 1), (0, 255), (0, 256), (0, 257), (255, 256), (256, 300), (300, 600))
    return {
        "about": "`cases`: each path of a tile (`level` is null for a bundle of entries), of which "
        "there is one way to write it, and what is none. `growth`: the files to write when the "
        "tree grows from size `old` to `new`. Source: C2SP tlog-tiles.",
        "cases": cases,
        "growth": [
            {"old": old, "new": new, "write": _written(old, new)}
            for old, new in (*grown, (65_279, 65_536), (69_999, 70_000))
        ],
    }


def _written(old: int, new: int) -> list[str]:
    tiles = list(tiles_of(old, new))
    bundles = [bundle_path(index, width) for level, index, width in tiles if level == 0]
    return [tile_path(*tile) for tile in tiles] + bundles


def notes() -> Json:
    """Return keys, notes, checkpoints, cosignatures, policies and proofs, and what is none."""
    return {
        "about": "Each list is about one format. A row has `name`, `valid`, `reason` (a code of "
        "docs/log.md) and, where it matters, `needs`: what a verifier must know to come to that. "
        "Bytes are base64 under names that end in `_b64`, hashes are hexadecimal, sizes and times "
        "[seconds since 1970] are decimal text.",
        "vkeys": vectors_notes.vkeys(),
        "notes": vectors_notes.notes(),
        "checkpoints": vectors_notes.checkpoints(),
        "cosignatures": vectors_notes.cosignatures(),
        "policies": vectors_notes.policies(),
        "policy_checks": vectors_notes.policy_checks(),
        "proofs": vectors_notes.proofs(),
    }


FILES: Mapping[str, Callable[[], Json]] = {
    "log/consistency.json": consistency,
    "log/entries.json": vectors_receipts.entries,
    "log/inclusion.json": inclusion,
    "log/notes.json": notes,
    "log/prefix.json": prefix,
    "log/receipts.json": vectors_receipts.receipts,
    "log/tile-paths.json": tile_paths,
}


def text_of(name: str) -> bytes:
    """Return what the file of that name below `FOLDER` holds."""
    return (json.dumps(FILES[name](), indent=1) + "\n").encode("ascii")


def main() -> None:
    """Write all files."""
    for name in FILES:
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text_of(name))


if __name__ == "__main__":
    main()
