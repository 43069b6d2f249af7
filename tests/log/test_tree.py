"""The tree and its proofs: against RFC 6962's own recursive text, and against every small lie."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadProof, NotProved, Unknown
from assent.log.tree import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_growth,
    check_inclusion,
    hash_children,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    prove_range,
    root,
    root_at,
    root_of_hashes,
)
from tests.log.trees import Tree, leaf, same

Proof = tuple[bytes, ...]

# the leaves and roots that Certificate Transparency's implementations test with
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = range(301)
SMALL = range(1, 10)
HUGE = (2**31, 2**32 + 1, 2**40 + 12_345, 2**53 + 1, 2**63 - 1)
FOREIGN = sha256(b"from elsewhere").digest()

TREE = Tree([leaf(number) for number in range(300)])
HASHES = [hash_leaf(leaf(number)) for number in range(300)]


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_root_is_the_definition(leaves: list[bytes]) -> None:
    assert root(leaves) == Tree(leaves).root(len(leaves))


@pytest.mark.parametrize("size", range(1, 9))
def test_the_root_is_what_others_publish(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert root([]) == EMPTY_ROOT == sha256(b"").digest()
    assert root_at(0, TREE.hash_at) == EMPTY_ROOT


def test_leaf_by_leaf_hash_by_hash_or_from_subtrees_it_is_one_root() -> None:
    edge = Frontier()
    for size in SIZES:
        expected = TREE.root(size)
        assert edge.root() == expected
        assert root_at(size, TREE.hash_at) == expected
        assert root_of_hashes(HASHES[:size]) == expected
        edge = edge.extended(HASHES[size : size + 1])


@given(st.lists(st.integers(0, 80), max_size=6))
def test_an_edge_that_grew_in_steps_is_the_one_that_grew_at_once(steps: list[int]) -> None:
    edge, size = Frontier(), 0
    for step in steps:
        more = HASHES[size : size + step]
        edge, size = edge.extended(iter(more)), size + len(more)
    assert edge == Frontier().extended(HASHES[:size])
    assert edge.size == size
    assert Frontier.from_bytes(size, edge.to_bytes()) == edge


def test_an_edge_grows_past_what_is_held_at_once() -> None:
    hashes = [sha256(leaf(number)).digest() for number in range(2**17 + 3)]
    edge = Frontier().extended(hashes[:5]).extended(hashes[5:])
    level = hashes[: 2**17]
    while len(level) > 1:
        level = [hash_children(*level[at : at + 2]) for at in range(0, len(level), 2)]
    assert edge.peaks == (level[0], hash_children(*hashes[-3:-1]), hashes[-1])


@pytest.mark.parametrize("size", HUGE)
def test_an_edge_of_any_size_grows(size: int) -> None:
    hash_at = same(b"again")
    levels = [level for level in reversed(range(64)) if size >> level & 1]
    edge = Frontier(size=size, peaks=tuple(hash_at(level, 0) for level in levels))
    assert edge.root() == root_at(size, hash_at)
    grown = edge.extended([hash_leaf(b"again")] * 3)
    assert grown.size == size + 3
    assert grown.root() == root_at(size + 3, hash_at)


@pytest.mark.parametrize("size", range(9))
def test_an_edge_of_another_size_or_length_is_refused(size: int) -> None:
    data = Frontier().extended(HASHES[:size]).to_bytes()
    peaks = size.bit_count()
    wrong_sizes = [other for other in range(-5, 17) if other < 0 or other.bit_count() != peaks]
    wrong = [(other, data) for other in wrong_sizes]
    wrong += [(size, data + b"\0"), (size, data + FOREIGN), (size, data[:-1] if data else b"\0")]
    for other, there in wrong:
        with pytest.raises(BadProof) as caught:
            Frontier.from_bytes(other, there)
        assert caught.value.facts["reason"] == "malformed"


def test_every_leaf_of_every_size_is_proved() -> None:
    for size in SIZES:
        there = TREE.root(size)
        for index, proof in enumerate(prove_range(0, size, size, TREE.hash_at)):
            assert proof == TREE.path(index, 0, size)
            check_inclusion(HASHES[index], index, size, proof, there)


def test_one_proof_is_that_of_the_range() -> None:
    for size in range(1, 70):
        for index in range(size):
            assert prove_inclusion(index, size, TREE.hash_at) == TREE.path(index, 0, size)


@given(st.tuples(*[st.integers(0, 300)] * 3).map(sorted))
def test_a_range_may_begin_and_end_anywhere(edges: list[int]) -> None:
    start, stop, size = edges
    expected = [TREE.path(index, 0, size) for index in range(start, stop)]
    assert list(prove_range(start, stop, size, TREE.hash_at)) == expected


def test_a_range_asks_for_no_hash_twice_but_at_the_edge() -> None:
    asked = []

    def hash_at(level: int, index: int) -> bytes:
        asked.append((level, index))
        return TREE.hash_at(level, index)

    assert len(list(prove_range(0, 256, 256, hash_at))) == 256
    assert len(asked) == len(set(asked)) == 2 * 255


def test_a_range_is_made_as_it_is_asked_for() -> None:
    hash_at = same()
    size = 2**40
    proofs = prove_range(5, size, size, hash_at)
    for index in range(5, 5_000):  # of more than any memory holds
        check_inclusion(hash_at(0, 0), index, size, next(proofs), hash_at(40, 0))


def test_every_pair_of_sizes_is_proved_consistent() -> None:
    for new in SIZES[1:]:
        for old in range(1, new + 1):
            proof = prove_consistency(old, new, TREE.hash_at)
            assert proof == TREE.proof(old, new)
            check_consistency(old, TREE.root(old), new, TREE.root(new), proof)


@pytest.mark.parametrize("size", HUGE)
def test_proofs_hold_at_any_size(size: int) -> None:
    hash_at = same()
    there = root_at(size, hash_at)
    for index in (0, 1, size // 3, size - 2, size - 1):
        proof = prove_inclusion(index, size, hash_at)
        check_inclusion(hash_at(0, 0), index, size, proof, there)
        old = index + 1
        steps = prove_consistency(old, size, hash_at)
        assert len(steps) <= (size - 1).bit_length() + 1
        check_consistency(old, root_at(old, hash_at), size, there, steps)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 5), (5, 5), (6, 5), (0, -1)])
def test_what_is_not_in_the_tree_is_neither_proved_nor_believed(index: int, size: int) -> None:
    with pytest.raises(Unknown):
        prove_inclusion(index, size, TREE.hash_at)
    refuse_inclusion(HASHES[0], index, size, (), HASHES[0])
    refuse_inclusion(HASHES[0], index, size, (), EMPTY_ROOT)


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (0, 6), (6, 6)])
def test_a_range_outside_the_tree_is_not_proved(start: int, stop: int) -> None:
    with pytest.raises(Unknown):
        prove_range(start, stop, 5, TREE.hash_at)


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5), (1, 0)])
def test_no_tree_shrinks(old: int, new: int) -> None:
    with pytest.raises(Unknown):
        prove_consistency(old, new, TREE.hash_at)
    for proof in ((), (HASHES[0],)):
        refuse_consistency(old, HASHES[0], new, HASHES[0], proof)
        refuse_growth(old, HASHES[0], new, HASHES[0], proof)


def refuse_inclusion(end: bytes, index: int, size: int, proof: Proof, there: bytes) -> None:
    with pytest.raises(NotProved) as caught:
        check_inclusion(end, index, size, proof, there)
    assert caught.value.facts == {"reason": "bad-inclusion", "index": index, "size": size}


def refuse_consistency(old: int, before: bytes, new: int, now: bytes, proof: Proof) -> None:
    refuse_history(check_consistency, old, before, new, now, proof)


def refuse_growth(old: int, before: bytes, new: int, now: bytes, proof: Proof) -> None:
    refuse_history(check_growth, old, before, new, now, proof)


def refuse_history(
    check: Callable[[int, bytes, int, bytes, Proof], None],
    old: int,
    before: bytes,
    new: int,
    now: bytes,
    proof: Proof,
) -> None:
    with pytest.raises(NotProved) as caught:
        check(old, before, new, now, proof)
    assert caught.value.facts == {"reason": "bad-consistency", "old": old, "new": new}


def flipped(data: bytes) -> Iterator[bytes]:
    """The same with one bit turned, each in turn."""
    number = int.from_bytes(data, "big")
    for bit in range(8 * len(data)):
        yield (number ^ (1 << bit)).to_bytes(len(data), "big")


def reshaped(proof: Proof) -> Iterator[Proof]:
    """The same with a hash dropped, added, doubled, swapped with another, or of another length."""
    for at in range(len(proof)):
        yield proof[:at] + proof[at + 1 :]
        yield (*proof[:at], proof[at], *proof[at:])
        for other in range(at):
            swapped = list(proof)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            yield tuple(swapped)
        for wrong in (b"", proof[at][:-1], proof[at] + b"\0"):
            yield (*proof[:at], wrong, *proof[at + 1 :])
    for at in range(len(proof) + 1):
        for more in (FOREIGN, EMPTY_ROOT, b""):
            yield (*proof[:at], more, *proof[at:])


@pytest.mark.parametrize("size", SMALL)
def test_a_bit_turned_in_an_inclusion_proof_is_seen(size: int) -> None:
    there = TREE.root(size)
    for index in range(size):
        proof = TREE.path(index, 0, size)
        for at, node in enumerate(proof):
            for wrong in flipped(node):
                with pytest.raises(NotProved):
                    check_inclusion(
                        HASHES[index], index, size, (*proof[:at], wrong, *proof[at + 1 :]), there
                    )
        for wrong in flipped(there):
            refuse_inclusion(HASHES[index], index, size, proof, wrong)
        for wrong in flipped(HASHES[index]):
            refuse_inclusion(wrong, index, size, proof, there)


@pytest.mark.parametrize("size", range(1, 26))
def test_an_inclusion_proof_of_another_shape_is_refused(size: int) -> None:
    there = TREE.root(size)
    for index in range(size):
        for wrong in reshaped(TREE.path(index, 0, size)):
            refuse_inclusion(HASHES[index], index, size, wrong, there)


@pytest.mark.parametrize("size", range(1, 26))
def test_an_inclusion_proof_is_of_one_leaf_at_one_place(size: int) -> None:
    there = TREE.root(size)
    for index in range(size):
        proof = TREE.path(index, 0, size)
        for other in range(size + 2):
            if other != index:
                refuse_inclusion(HASHES[index], other, size, proof, there)
                refuse_inclusion(HASHES[other], index, size, proof, there)


@pytest.mark.parametrize("size", range(1, 26))
def test_a_way_up_beyond_the_tree_is_refused(size: int) -> None:
    """Else the right half of a larger tree would pass for a tree of its own size."""
    for index in range(size):
        proof = TREE.path(size + index, 0, 2 * size)
        refuse_inclusion(HASHES[size + index], index, size, proof, TREE.root(2 * size))


def test_a_shifted_border_between_two_hashes_is_refused() -> None:
    left, right = HASHES[:2]
    refuse_inclusion(left + right[:1], 0, 2, (right[1:],), TREE.root(2))
    refuse_inclusion(right[1:], 1, 2, (left + right[:1],), TREE.root(2))
    refuse_consistency(1, left + right[:1], 2, TREE.root(2), (right[1:],))


@pytest.mark.parametrize("new", range(1, 9))
def test_a_bit_turned_in_a_consistency_proof_is_seen(new: int) -> None:
    now = TREE.root(new)
    for old in range(1, new + 1):
        before, proof = TREE.root(old), TREE.proof(old, new)
        for at, node in enumerate(proof):
            for wrong in flipped(node):
                refuse_consistency(old, before, new, now, (*proof[:at], wrong, *proof[at + 1 :]))
        for wrong in flipped(before):
            refuse_consistency(old, wrong, new, now, proof)
        for wrong in flipped(now):
            refuse_consistency(old, before, new, wrong, proof)


@pytest.mark.parametrize("new", range(1, 33))
def test_a_consistency_proof_of_another_shape_is_refused(new: int) -> None:
    for old in range(1, new + 1):
        for wrong in reshaped(TREE.proof(old, new)):
            refuse_consistency(old, TREE.root(old), new, TREE.root(new), wrong)


@pytest.mark.parametrize("new", range(2, 33))
def test_a_consistency_proof_is_of_one_older_tree(new: int) -> None:
    for old in range(1, new):
        proof = TREE.proof(old, new)
        for other in range(new + 1):
            if other != old:
                refuse_consistency(old, TREE.root(other), new, TREE.root(new), proof)
                refuse_consistency(other, TREE.root(old), new, TREE.root(new), proof)


@pytest.mark.parametrize("old", range(1, 33))
def test_a_rewritten_history_is_seen(old: int) -> None:
    """Whatever the log now proves of itself, its older root does not follow."""
    for changed in range(old):
        entries = [leaf(number) for number in range(33)]
        entries[changed] = b"something else"
        forged = Tree(entries)
        proof = forged.proof(old, 33)
        check_consistency(old, forged.root(old), 33, forged.root(33), proof)
        refuse_consistency(old, TREE.root(old), 33, forged.root(33), proof)


def test_nothing_follows_from_an_empty_tree_but_growth() -> None:
    for new in range(20):
        assert prove_consistency(0, new, TREE.hash_at) == ()
        check_growth(0, EMPTY_ROOT, new, TREE.root(new), ())
        refuse_consistency(0, EMPTY_ROOT, new, TREE.root(new), ())
        refuse_growth(0, EMPTY_ROOT, new, TREE.root(new), (EMPTY_ROOT,))
        refuse_growth(0, TREE.root(1), new, TREE.root(new), ())
    refuse_growth(0, EMPTY_ROOT, 0, TREE.root(1), ())
    refuse_growth(0, EMPTY_ROOT, -1, EMPTY_ROOT, ())


def test_growth_from_what_was_seen_is_consistency() -> None:
    for new in range(1, 20):
        for old in range(1, new + 1):
            proof = TREE.proof(old, new)
            check_growth(old, TREE.root(old), new, TREE.root(new), proof)
            refuse_growth(old, TREE.root(old), new, FOREIGN, proof)


@given(st.integers(-2, 20), st.integers(-2, 20), st.lists(st.binary(max_size=33), max_size=6))
def test_whatever_is_handed_in_only_the_one_error_comes(
    first: int, second: int, hashes: list[bytes]
) -> None:
    end, there = [*hashes, b"", b""][:2]
    with suppress(NotProved):
        check_inclusion(end, first, second, hashes, there)
    with suppress(NotProved):
        check_consistency(first, end, second, there, hashes)
    with suppress(NotProved):
        check_growth(first, end, second, there, hashes)
