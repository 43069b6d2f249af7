"""The prefix tree against its definition, and its paths against whoever would lie with them."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import BadInput, BadProof
from assent.log.prefix import (
    EMPTY,
    Path,
    PrefixTree,
    check_absent,
    check_present,
    parse_path,
    root_of,
)
from tests.log.made import by_name, every_flip, outcome
from tests.log.prefix_oracle import oracle_path, oracle_root, turned, with_bits
from tests.log.vectors_prefix import prefix

KEY, VALUE = b"\xa5" * 32, b"\x5a" * 32
# which bits the keys of a space differ in: at the root, across a byte, far apart, at the end
SPACES = [(0, 1, 2), (6, 7, 8), (0, 63, 64), (1, 64, 127), (254, 255)]

patient = settings(deadline=None)

keys = st.binary(min_size=32, max_size=32)
# a key that leaves another at a chosen bit: prefixes as long as one likes
Fork = tuple[int, int, bytes]
forks = st.tuples(st.integers(0, 255), st.integers(0, 2**16), keys)


def parted(start: bytes, leaving: Sequence[Fork]) -> list[bytes]:
    """Keys each of which shares a prefix of some length with one before it."""
    grown = [start]
    for place, which, tail in leaving:
        shared = int.from_bytes(grown[which % len(grown)])
        low = (1 << (255 - place)) - 1
        left = shared ^ (1 << (255 - place))
        grown.append((left & ~low | int.from_bytes(tail) & low).to_bytes(32))
    return grown


def valued(some: Sequence[bytes]) -> dict[bytes, bytes]:
    return {key: sha256(b"value" + key).digest() for key in some}


close_sets = st.builds(parted, keys, st.lists(forks, max_size=14)).map(valued)
far_sets = st.dictionaries(keys, keys, max_size=24)
sets = st.one_of(close_sets, far_sets)


def built(pairs: Mapping[bytes, bytes]) -> PrefixTree:
    return PrefixTree.build(pairs.items())


def shows(check: Callable[..., None], *claim: object) -> bool:
    came = outcome(lambda: check(*claim))
    assert came in {"ok", "bad-prefix"}
    return came == "ok"


def space(places: tuple[int, ...]) -> list[bytes]:
    return [
        with_bits(KEY, dict(zip(places, chosen, strict=True)))
        for chosen in product((0, 1), repeat=len(places))
    ]


@pytest.mark.parametrize("places", SPACES)
def test_every_set_over_a_small_space_is_the_definition(places: tuple[int, ...]) -> None:
    here = space(places)
    asked = {*here, *(turned(KEY, place) for place in (3, 61))}
    for size in range(len(here) + 1):
        for chosen in combinations(here, size):
            pairs = valued(chosen)
            tree = built(pairs)
            assert tree.root == oracle_root(pairs) == root_of(sorted(pairs.items()))
            for key in asked:
                path = tree.path(key)
                assert path.as_json() == oracle_path(pairs, key)
                present = key in pairs and shows(check_present, tree.root, key, pairs[key], path)
                assert present == (key in pairs)
                assert shows(check_absent, tree.root, key, path) == (key not in pairs)


@patient
@given(sets, keys, st.randoms(use_true_random=False))
def test_any_set_in_any_order_is_the_definition(
    pairs: dict[bytes, bytes], stranger: bytes, chance: Any
) -> None:
    shuffled = list(pairs.items())
    chance.shuffle(shuffled)
    tree = PrefixTree.build(shuffled)
    assert (tree.size, tree.root) == (len(pairs), oracle_root(pairs))
    assert root_of(sorted(shuffled)) == tree.root
    for key in [*pairs, stranger]:
        path = tree.path(key)
        assert path.as_json() == oracle_path(pairs, key)
        assert path.depth == len(path.siblings)
        assert parse_path(json.loads(json.dumps(path.as_json()))) == path


@patient
@given(close_sets, st.integers(0, 255), st.integers(0, 2**16), keys)
def test_a_key_that_leaves_another_anywhere_is_shown_to_be_absent(
    pairs: dict[bytes, bytes], place: int, which: int, tail: bytes
) -> None:
    near = list(pairs)[which % len(pairs)]
    key = parted(near, [(place, 0, tail)])[-1]
    tree = built(pairs)
    path = tree.path(key)
    assert path.as_json() == oracle_path(pairs, key)
    assert shows(check_absent, tree.root, key, path) == (key not in pairs)


def test_rows_and_pairs_make_the_same_tree_and_leave_what_they_came_from_alone() -> None:
    rng = np.random.default_rng(7)
    rows, values = rng.integers(0, 256, (2, 9_000, 32), dtype=np.uint8)
    before = rows.copy(), values.copy()
    tree = PrefixTree.build(rows, values)
    pairs = {key.tobytes(): value.tobytes() for key, value in zip(rows, values, strict=True)}
    assert tree.size == 9_000
    assert tree.root == built(pairs).root == root_of(sorted(pairs.items()))
    assert np.array_equal(rows, before[0])
    assert np.array_equal(values, before[1])
    rows[:], values[:] = 0, 0  # and it does not look at them any more
    for key in [*list(pairs)[:50], *(sha256(bytes([n])).digest() for n in range(50))]:
        path = tree.path(key)
        if key in pairs:
            check_present(tree.root, key, pairs[key], path)
        else:
            check_absent(tree.root, key, path)


def test_many_keys_that_share_their_first_nine_bytes_are_still_put_in_order() -> None:
    rng = np.random.default_rng(8)
    rows = rng.integers(0, 256, (9_000, 32), dtype=np.uint8)
    rows[:, :9] = 0xA5
    tree = PrefixTree.build(rows, rows)
    assert tree.root == root_of(sorted((row.tobytes(), row.tobytes()) for row in rows))
    for row in rows[:50]:
        path = tree.path(row.tobytes())
        assert path.siblings[:72] == (None,) * 72
        check_present(tree.root, row.tobytes(), row.tobytes(), path)


def test_the_root_of_none_is_zero_and_of_one_its_leaf() -> None:
    none, one = built({}), built({KEY: VALUE})
    assert none.root == root_of([]) == EMPTY == b"\0" * 32
    assert one.root == root_of([(KEY, VALUE)]) == sha256(b"\2" + KEY + VALUE).digest()
    assert none.path(KEY) == Path(siblings=(), found=None)
    assert one.path(VALUE) == Path(siblings=(), found=(KEY, VALUE))


# --- paths that lie


def every_lie(path: Path) -> Iterator[Path]:
    for at, node in enumerate(path.siblings):
        for lie in every_flip(node or b""):
            siblings = (*path.siblings[:at], lie, *path.siblings[at + 1 :])
            yield Path(siblings=siblings, found=path.found)
    if path.found is not None:
        key, value = path.found
        for lie in every_flip(key):
            yield Path(siblings=path.siblings, found=(lie, value))
        for lie in every_flip(value):
            yield Path(siblings=path.siblings, found=(key, lie))


PARTED = valued([KEY, *(turned(KEY, place) for place in (2, 3, 9, 10))])
NOWHERE = turned(KEY, 6)
BESIDE = turned(KEY, 255)


@pytest.mark.parametrize("key", [NOWHERE, BESIDE, *PARTED])
def test_no_bit_of_a_path_its_root_or_its_value_can_be_turned(key: bytes) -> None:
    tree = built(PARTED)
    claim = (PARTED[key],) if key in PARTED else ()
    check = check_present if claim else check_absent
    path = tree.path(key)
    assert shows(check, tree.root, key, *claim, path)
    assert not any(shows(check, tree.root, key, *claim, lie) for lie in every_lie(path))
    assert not any(shows(check, root, key, *claim, path) for root in every_flip(tree.root))
    for value in claim:
        assert not any(shows(check, tree.root, key, lie, path) for lie in every_flip(value))


def test_the_keys_that_are_absent_above_end_in_nothing_and_in_another_leaf() -> None:
    tree = built(PARTED)
    assert tree.path(NOWHERE).found is None
    assert tree.path(BESIDE).found == (KEY, PARTED[KEY])


@st.composite
def lies(draw: st.DrawFn) -> tuple[dict[bytes, bytes], bytes, Path]:
    """A set, a key, and a path put together from what the tree has, in any wrong way."""
    pairs = draw(st.one_of(close_sets, st.dictionaries(keys, keys, min_size=1, max_size=12)))
    tree = built(pairs)
    near = st.sampled_from(list(pairs))
    leaving = st.builds(lambda one, fork: parted(one, [fork])[-1], near, forks)
    anyone = st.one_of(near, leaving, keys)
    key = draw(anyone)
    honest, other = tree.path(key), tree.path(draw(anyone))
    pieces = [*honest.siblings, *other.siblings, None, tree.root]
    node = st.one_of(st.sampled_from(pieces), keys.filter(lambda some: some != EMPTY))
    siblings = list(honest.siblings)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(siblings)))
        gone = draw(st.integers(0, 2))
        siblings[at : at + gone] = draw(st.lists(node, max_size=2))
    del siblings[256:]
    while siblings and siblings[-1] is None:
        siblings.pop()
    leaf = st.tuples(st.one_of(st.just(key), anyone), keys)
    real = st.sampled_from([honest.found, other.found, None, *pairs.items()])
    swapped = real.map(lambda found: found[::-1] if found else None)
    found = draw(st.one_of(st.just(honest.found), real, swapped, leaf))
    return pairs, key, Path(siblings=tuple(siblings), found=found)


@settings(patient, max_examples=200)
@given(lies())
def test_whatever_a_path_is_made_of_it_proves_nothing_but_the_truth(
    case: tuple[dict[bytes, bytes], bytes, Path],
) -> None:
    pairs, key, path = case
    root = oracle_root(pairs)
    value = path.found[1] if path.found else VALUE
    present = shows(check_present, root, key, value, path)
    absent = shows(check_absent, root, key, path)
    assert not (present and absent)
    if present:
        assert pairs.get(key) == value
    if absent:
        assert key not in pairs


@patient
@given(sets, keys, st.lists(st.one_of(st.none(), keys), max_size=20), st.tuples(keys, keys))
def test_even_who_chooses_the_root_cannot_prove_both(
    pairs: dict[bytes, bytes],
    key: bytes,
    siblings: list[bytes | None],
    other: tuple[bytes, bytes],
) -> None:
    # the root that makes a made-up path true: under it the key is present, by this path alone
    siblings = [None if node == EMPTY else node for node in [*siblings, other[0]]]
    siblings[-1] = siblings[-1] or VALUE
    made_up = Path(siblings=tuple(siblings), found=(key, VALUE))
    root = folded(key, sha256(b"\2" + key + VALUE).digest(), made_up.siblings)
    assert shows(check_present, root, key, VALUE, made_up)
    for found in (None, other, *pairs.items()):
        for depth in range(1, len(siblings) + 1):
            if siblings[depth - 1] is not None:
                lie = Path(siblings=tuple(siblings[:depth]), found=found)
                assert not shows(check_absent, root, key, lie)


def folded(key: bytes, node: bytes, siblings: Sequence[bytes | None]) -> bytes:
    for depth, sibling in reversed(list(enumerate(siblings))):
        beside = sibling or EMPTY
        to_right = key[depth // 8] >> (7 - depth % 8) & 1
        node = sha256(b"\3" + (beside + node if to_right else node + beside)).digest()
    return node


@pytest.mark.parametrize("depth", [1, 2, 9, 256])
def test_a_leaf_where_it_cannot_be_shows_no_absence_even_under_a_root_made_for_it(
    depth: int,
) -> None:
    siblings = (*[None] * (depth - 1), VALUE)
    astray = turned(KEY, depth - 1)
    node = sha256(b"\2" + astray + VALUE).digest()
    root = folded(KEY, node, siblings)
    assert not shows(check_absent, root, KEY, Path(siblings=siblings, found=(astray, VALUE)))
    nothing = Path(siblings=siblings, found=None)
    assert shows(check_absent, folded(KEY, EMPTY, siblings), KEY, nothing)


# --- what is refused


def no_key_of(size: int) -> bytes:
    return b"k" * size


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_size_is_refused_everywhere(size: int) -> None:
    tree, key = built(PARTED), no_key_of(size)
    path = tree.path(NOWHERE)
    attempts: list[Callable[[], object]] = [
        lambda: tree.path(key),
        lambda: check_present(tree.root, key, VALUE, path),
        lambda: check_absent(tree.root, key, path),
        lambda: root_of([(key, VALUE)]),
        lambda: root_of([(KEY, key)]),
        lambda: PrefixTree.build([(key, VALUE)]),
        lambda: PrefixTree.build([(KEY, key)]),
        # together of the right size
        lambda: PrefixTree.build([(key, VALUE), (no_key_of(64 - size), VALUE)]),
    ]
    for attempt in attempts:
        with pytest.raises(BadInput, match="32 bytes"):
            attempt()


@pytest.mark.parametrize("at", [0, 1, 4_094, 4_095, 4_096, 8_998])
def test_a_key_that_comes_twice_is_refused_wherever_it_is(at: int) -> None:
    rng = np.random.default_rng(9)
    rows = rng.integers(0, 256, (9_000, 32), dtype=np.uint8)
    twice = sorted(row.tobytes() for row in rows)[at]
    rows = np.concatenate((rows, np.frombuffer(twice, np.uint8).reshape(1, 32)))
    with pytest.raises(BadInput, match="twice") as caught:
        PrefixTree.build(rows, rows)
    assert caught.value.facts == {"key": twice}


def test_rows_that_are_no_keys_are_refused() -> None:
    good = np.zeros((1, 32), dtype=np.uint8)
    bad = [
        np.zeros((1, 31), dtype=np.uint8),
        np.zeros((1, 32), dtype=np.int8),
        np.zeros(32, dtype=np.uint8),
        np.zeros((1, 32, 1), dtype=np.uint8),
    ]
    for rows in bad:
        for keys_, values in ((rows, good), (good, rows)):
            with pytest.raises(BadInput, match="rows of 32 bytes"):
                PrefixTree.build(keys_, values)  # type: ignore[arg-type] # what it must refuse
    with pytest.raises(BadInput, match="one value for each key"):
        PrefixTree.build(good, np.zeros((2, 32), dtype=np.uint8))


def test_more_keys_than_forks_have_numbers_are_refused() -> None:
    many = np.broadcast_to(np.zeros((1, 32), dtype=np.uint8), (2**31, 32))  # takes no memory
    with pytest.raises(BadInput, match="more keys") as caught:
        PrefixTree.build(many, many)
    assert caught.value.facts == {"most": 2**31 - 1}


def test_keys_out_of_order_or_twice_have_no_streamed_root() -> None:
    for pairs in ([(VALUE, KEY), (EMPTY, KEY)], [(EMPTY, KEY), (EMPTY, VALUE)]):
        with pytest.raises(BadInput, match="in order") as caught:
            root_of(pairs)
        assert caught.value.facts == {"key": EMPTY}


def test_a_streamed_root_takes_pairs_as_they_come() -> None:
    alive = 0

    def coming() -> Iterator[tuple[bytes, bytes]]:
        nonlocal alive
        for number in range(1000):
            alive = number
            yield number.to_bytes(32), VALUE

    pairs = {number.to_bytes(32): VALUE for number in range(1000)}
    assert root_of(coming()) == built(pairs).root
    assert alive == 999


@pytest.mark.parametrize(
    ("siblings", "found"),
    [
        ((VALUE,) * 257, None),
        ((b"",), None),
        ((VALUE[:-1],), None),
        ((VALUE + b"\0",), None),
        ((EMPTY,), None),
        ((EMPTY, VALUE), None),
        ((None,), (KEY, VALUE)),
        ((VALUE, None), None),
        ((), (KEY[:-1], VALUE)),
        ((), (KEY, VALUE + b"\0")),
        ((), (KEY[:-1], VALUE + b"\0")),
    ],
)
def test_what_no_tree_has_is_no_path(
    siblings: tuple[bytes | None, ...], found: tuple[bytes, bytes] | None
) -> None:
    with pytest.raises(BadProof) as caught:
        Path(siblings=siblings, found=found)
    assert caught.value.facts == {"reason": "malformed"}


json_leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), keys.map(bytes.hex)
)
any_json = st.recursive(
    json_leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
nodes = st.one_of(st.just(""), keys.map(bytes.hex), any_json)
nearly = st.fixed_dictionaries(
    {
        "depth": st.one_of(st.integers(0, 3), any_json),
        "siblings": st.one_of(st.lists(nodes, max_size=3), any_json),
        "found": st.one_of(
            st.none(), st.fixed_dictionaries({"key": nodes, "value": nodes}), any_json
        ),
    }
)


@patient
@given(st.one_of(any_json, nearly))
def test_a_json_value_is_a_path_word_for_word_or_it_is_refused(value: object) -> None:
    came = outcome(lambda: parse_path(value))
    assert came in {"ok", "malformed"}
    if came == "ok":
        assert parse_path(value).as_json() == value


# --- what is published

PUBLISHED = prefix()


def test_the_vectors_are_the_same_every_time_and_plain_json() -> None:
    assert json.loads(json.dumps(PUBLISHED)) == prefix()
    names = [case["name"] for case in PUBLISHED["cases"]]
    assert len(set(names)) == len(names)


def test_the_vectors_have_cases_of_every_kind() -> None:
    kinds = Counter((case["claim"], case["reason"]) for case in PUBLISHED["cases"])
    assert kinds["present", "ok"] > 20
    assert kinds["absent", "ok"] > 20
    assert kinds["present", "bad-prefix"] > 20
    assert kinds["absent", "bad-prefix"] > 20
    assert kinds["present", "malformed"] > 40


@pytest.mark.parametrize("tree", PUBLISHED["trees"], ids=by_name)
def test_a_published_root_is_the_definition(tree: dict[str, Any]) -> None:
    there = zip(*(map(bytes.fromhex, tree[column]) for column in ("keys", "values")), strict=True)
    assert oracle_root(dict(there)).hex() == tree["root"]


@pytest.mark.parametrize("case", PUBLISHED["cases"], ids=by_name)
def test_a_published_case_is_as_it_says(case: dict[str, Any]) -> None:
    claim = [bytes.fromhex(case[name]) for name in ("root", "key", "value") if name in case]
    check: Callable[..., None] = check_present if case["claim"] == "present" else check_absent
    reason = outcome(lambda: check(*claim, parse_path(case["path"])))
    assert reason == case["reason"]
    assert case["valid"] == (reason == "ok")
