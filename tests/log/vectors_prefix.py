"""Vectors of the prefix tree: small trees, paths that prove something, and paths that do not."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from assent.log.prefix import PrefixTree
from tests.log.prefix_oracle import turned

__all__ = ["prefix"]

Json = dict[str, Any]
Pairs = Mapping[bytes, bytes]

ABOUT = (
    "`trees`: keys with their values, and the root over them. `cases`: whether a path proves that "
    "under `root` the key has the value (`present`), or that it has none (`absent`); `reason` is "
    "`ok`, `malformed` for what is no path of any tree, or `bad-prefix` for one that does not "
    "prove it. A path whose last sibling is missing is of no tree: a node without children is "
    "none, and a leaf beside nothing sits higher. All values are hexadecimal."
)


def _named(name: str) -> bytes:
    return sha256(f"assent prefix vectors: {name}".encode()).digest()


BASE = _named("base")


def _parting(*places: int) -> Pairs:
    """The base key and one that parts from it at each of these bits."""
    keys = [BASE, *(turned(BASE, place) for place in places)]
    return {key: _named(f"value {number}") for number, key in enumerate(keys)}


TREES: Mapping[str, Pairs] = {
    "no key": {},
    "one key": _parting(),
    "two keys that part at the first bit": _parting(0),
    "two keys that part at the eighth bit": _parting(7),
    "two keys that part at the ninth bit": _parting(8),
    "two keys that part at the last bit": _parting(255),
    "keys that part at every bit to the twelfth": _parting(*range(12)),
    "keys that part here and there": _parting(3, 4, 60, 61, 130),
    "twenty keys": {_named(f"key {n}"): _named(f"value {n}") for n in range(20)},
}


def _strangers(pairs: Pairs) -> Iterator[bytes]:
    """Keys that are not there, near and far."""
    first = min(pairs, default=BASE)
    if not pairs:
        yield first
    for place in (0, 2, 6, 9, 100, 254, 255):
        yield turned(first, place)
    for number in range(4):
        yield _named(f"elsewhere {number}")


def _case(name: str, pairs: Pairs, key: bytes, number: int) -> Json:
    tree = PrefixTree.build(pairs.items())
    case: Json = {"name": f"{name}: present {number}", "claim": "present"}
    case |= {"root": tree.root.hex(), "key": key.hex(), "value": pairs.get(key, b"").hex()}
    if key not in pairs:
        case |= {"name": f"{name}: absent {number}", "claim": "absent"}
        del case["value"]
    return {**case, "path": tree.path(key).as_json(), "valid": True, "reason": "ok"}


def _true(name: str, pairs: Pairs) -> list[Json]:
    asked = [*pairs, *(key for key in _strangers(pairs) if key not in pairs)]
    return [_case(name, pairs, key, number) for number, key in enumerate(asked)]


def _false(case: Json, name: str, reason: str = "bad-prefix", **changed: object) -> Json:
    said = f"{case['name']}: {name}"
    return {**case, "name": said, "valid": False, "reason": reason, **changed}


def _flipped(text: str, bit: int) -> str:
    return turned(bytes.fromhex(text), bit).hex()


def _path(siblings: Sequence[object], found: object) -> Json:
    return {"depth": len(siblings), "siblings": siblings, "found": found}


def _other_siblings(siblings: list[str]) -> Iterator[tuple[str, list[str]]]:
    foreign = _named("foreign").hex()
    for at, node in enumerate(siblings):
        if node == "" and siblings[at - 1 : at] == [""]:
            continue  # one of a row of missing ones will do
        before, after = siblings[:at], siblings[at + 1 :]
        changed = foreign if node == "" else _flipped(node, at)
        yield f"sibling {at} is another", [*before, changed, *after]
        yield f"sibling {at} is left out", [*before, *after]
        yield f"sibling {at} stands there twice", [*before, node, node, *after]
        if node and after:
            yield f"sibling {at} is missing", [*before, "", *after]
    yield "a sibling too many at the start", [foreign, *siblings]
    yield "a sibling too many at the end", [*siblings, foreign]
    yield "upside down", siblings[::-1]


def _unproved(case: Json, other: Json) -> Iterator[Json]:
    """Ways not to prove what a case proves, the other being of a key that is present."""
    siblings, found = case["path"]["siblings"], case["path"]["found"]
    for name, changed in _other_siblings(siblings):
        if changed != siblings and changed[-1:] != [""]:
            yield _false(case, name, path=_path(changed, found))
    for bit in (0, 77, 255):
        yield _false(case, f"bit {bit} of the root is turned", root=_flipped(case["root"], bit))
    yield _false(case, "under the root of nothing", root="00" * 32)
    yield _false(case, "by the path of another key", path=other["path"])
    yield _false(case, "by the path of nothing", path=_path([], None))
    yield _false(case, "it ends in another leaf", path=_path(siblings, other["path"]["found"]))
    yield _false(case, "of another key", key=_flipped(case["key"], 0))
    if found is None:
        return
    yield _false(case, "it ends in nothing", path=_path(siblings, None))
    swapped = {"key": found["value"], "value": found["key"]}
    yield _false(case, "key and value are swapped", path=_path(siblings, swapped))
    for field in ("key", "value"):
        leaf = {**found, field: _flipped(found[field], 255)}
        yield _false(case, f"a bit of its {field} is turned", path=_path(siblings, leaf))


def _contrary(present: Json, absent: Json) -> Iterator[Json]:
    """Claims of the opposite of what is so."""
    value = present["value"]
    without = {name: fact for name, fact in present.items() if name != "value"}
    yield _false(without, "said to be absent", claim="absent")
    nothing = _path(present["path"]["siblings"], None)
    yield _false(without, "said to be absent, its leaf left out", claim="absent", path=nothing)
    yield _false(present, "with another value", value=_flipped(value, 0))
    yield _false(absent, "said to be present", claim="present", value=value)
    here = {"key": absent["key"], "value": value}
    invented = _path(absent["path"]["siblings"], here)
    yield _false(absent, "its leaf made up", claim="present", value=value, path=invented)


def _astray(case: Json) -> Json:
    """A leaf where it cannot be, under a root made for it, in the place of a key."""
    key = bytes.fromhex(case["key"])
    astray, beside = {"key": turned(key, 0).hex(), "value": "11" * 32}, _named("foreign")
    leaf = sha256(b"\2" + bytes.fromhex(astray["key"] + astray["value"])).digest()
    both = beside + leaf if key[0] >> 7 else leaf + beside
    root = sha256(b"\3" + both).hexdigest()
    return _false(case, "a leaf gone astray", root=root, path=_path([beside.hex()], astray))


def _malformed(case: Json) -> Iterator[Json]:
    """What is no path."""
    path = case["path"]
    siblings, found = path["siblings"], path["found"]
    paths = {**_no_paths(path, siblings, found), **_no_leaves(siblings, found)}
    for name, text in _no_hashes(siblings[-1]).items():
        paths[f"a sibling {name}"] = _path([text, *siblings[1:]], found)
        for field in ("key", "value"):
            paths[f"a {field} {name}"] = _path(siblings, {**found, field: text})
    for name, wrong in paths.items():
        yield _false(case, name, "malformed", path=wrong)


def _no_paths(path: Json, siblings: list[object], found: Json) -> dict[str, object]:
    depth, node = len(siblings), siblings[-1]
    wrong: dict[str, object] = {
        "it is null": None,
        "it is a list": [depth, siblings, found],
        "it is text": "path",
        "it is empty": {},
        "it has one field too many": {**path, "note": ""},
        "257 siblings": _path([""] * 256 + [node], found),
        "the last sibling is missing": _path([*siblings[:-1], ""], found),
        "nothing beside nothing": _path([*siblings, ""], None),
        "a sibling is 32 zero bytes": _path(["00" * 32, *siblings[1:]], found),
        "a depth of true, for one sibling": {**_path([node], found), "depth": True},
    }
    for field in path:
        wrong[f"no {field}"] = {name: fact for name, fact in path.items() if name != field}
    for other in (depth - 1, depth + 1, -1, -depth, str(depth), None, [depth]):
        wrong[f"the depth is {other!r}"] = {**path, "depth": other}
    for no_list in (None, {}, node, depth):
        wrong[f"the siblings are {no_list!r}"] = {**path, "siblings": no_list}
    return wrong


def _no_leaves(siblings: list[object], found: Json) -> dict[str, object]:
    wrong: dict[str, object] = {}
    for field in ("key", "value"):
        only = {name: fact for name, fact in found.items() if name != field}
        wrong[f"a leaf without {field}"] = _path(siblings, only)
        wrong[f"a leaf with an empty {field}"] = _path(siblings, {**found, field: ""})
    for other in (False, "", 0, [], {}, [found["key"], found["value"]], {**found, "note": ""}):
        wrong[f"the leaf is {other!r}"] = _path(siblings, other)
    return wrong


def _no_hashes(node: str) -> dict[str, object]:
    return {
        "is short": node[:-2],
        "is half a byte short": node[:-1],
        "is long": node + "00",
        "is in capitals": "AB" * 32,
        "has a space": " " + node[1:],
        "has a line end": node + "\n",
        "has another letter": "g" + node[1:],
        "has other digits": "\uff10" * 64,
        "is base64": "q" * 43 + "=",
        "is a number": 7,
        "is null": None,
        "is a list": [node],
    }


def prefix() -> Json:
    """Return the trees and the cases, the same every time."""
    true = {name: _true(name, pairs) for name, pairs in TREES.items()}
    twenty = true["twenty keys"]
    present, other = twenty[0], twenty[1]
    nowhere = next(case for case in twenty if case["path"]["found"] is None)
    beside = next(case for case in twenty[20:] if case["path"]["found"] is not None)
    chain = true["keys that part here and there"][0]
    empty, one = true["no key"][0], true["one key"][0]
    false = [
        case
        for good, by in ((present, other), (nowhere, other), (beside, other), (chain, other))
        for case in _unproved(good, by)
    ]
    false += [*_contrary(present, nowhere), *_contrary(other, beside)]
    false += _malformed(present)
    false += [
        _false(empty, "said to be present", claim="present", value="00" * 32),
        _false(empty, "under another root", root=one["root"]),
        _false(one, "under the root of nothing", root="00" * 32),
        _astray(empty),
    ]
    trees = [
        {
            "name": name,
            "keys": [key.hex() for key in pairs],
            "values": [value.hex() for value in pairs.values()],
            "root": PrefixTree.build(pairs.items()).root.hex(),
        }
        for name, pairs in TREES.items()
    ]
    cases = [*(case for some in true.values() for case in some), *false]
    return {"about": ABOUT, "trees": trees, "cases": cases}
