import numpy as np
import pytest

from assent.bench import prefix
from assent.bench.prefix import neighbours_bytes, sorted_root
from assent.bench.row import Row
from assent.log.tree import root


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few keys: speeds mean nothing in tests."""
    monkeypatch.setattr(prefix, "_ASKED", 50)
    monkeypatch.setattr(prefix, "_SIZES", (100, 1000))
    monkeypatch.setattr(prefix, "_QUICK_SIZES", (10, 20))


def by_unit(rows: list[Row], unit: str) -> list[Row]:
    return [row for row in rows if row.unit == unit]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("quick", [True, False])
def test_every_size_has_its_rows_and_the_peer_beside_them(quick: bool) -> None:
    rows = prefix.rows(quick)
    assert [row.unit for row in rows] == ["s", *["s", "bytes", "bytes", "µs", "µs"] * 2, "s"]
    assert not any(row.higher_is_better for row in rows)
    for row in rows[:-1]:  # with so few keys, more of them need not take longer
        assert row.ours is not None
        assert row.ours > 0
    for row in [*rows[1:4], *rows[6:9], rows[-1]]:
        assert row.peer is not None
        assert row.peer_name == "sorted RFC 6962 leaves (its builder can lie about absence)"


@pytest.mark.usefixtures("small")
def test_proofs_grow_by_about_one_hash_for_twice_the_keys() -> None:
    mean, _, tenfold, _ = by_unit(prefix.rows(quick=False), "bytes")
    assert mean.ours is not None
    assert tenfold.ours is not None
    assert 2 * 32 < tenfold.ours - mean.ours < 5 * 32


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 1000])
def test_the_peer_builds_the_tree_that_logs_have(size: int) -> None:
    rng = np.random.default_rng(size)
    keys, values = rng.integers(0, 256, (2, size, 32), dtype=np.uint8)
    leaves = sorted(k.tobytes() + v.tobytes() for k, v in zip(keys, values, strict=True))
    assert sorted_root(keys, values) == root(leaves)


def test_the_peers_proof_has_both_neighbours_and_what_is_beside_them() -> None:
    assert neighbours_bytes(0, 1) == neighbours_bytes(1, 1) == 2 * 32
    assert neighbours_bytes(1, 2) == 4 * 32
    assert neighbours_bytes(0, 8) == neighbours_bytes(8, 8) == (2 + 3) * 32
    assert neighbours_bytes(1, 8) == (4 + 2) * 32  # under one node
    assert neighbours_bytes(4, 8) == (4 + 4) * 32  # on both sides of the middle
    assert neighbours_bytes(5, 5) == (2 + 1) * 32  # a leaf that sits right under the root
