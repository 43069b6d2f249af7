"""The tree hash against RFC 6962's own recursive definition, and its published examples."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.log.tree import hash_children, hash_leaf, root

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


def defined(leaves: list[bytes]) -> bytes:
    """Section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return hash_leaf(leaves[0])
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hash_children(defined(leaves[:k]), defined(leaves[k:]))


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_it_is_the_definition(leaves: list[bytes]) -> None:
    assert root(leaves) == defined(leaves)


@pytest.mark.parametrize("size", range(1, 9))
def test_it_is_what_others_publish(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert root([]) == sha256(b"").digest()
