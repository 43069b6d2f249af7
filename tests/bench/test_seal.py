import sys

import pytest

from assent.bench import seal
from assent.bench.row import Row

MIB = 1 << 20


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One pass over as little audio as fills several segments: speeds mean nothing in tests."""
    monkeypatch.setattr(seal, "_PASSES", 1)
    monkeypatch.setattr(seal, "_MIB", MIB // 16)


def by_unit(rows: list[Row], unit: str) -> list[Row]:
    return [row for row in rows if row.unit == unit]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("quick", [True, False])
def test_every_figure_is_there_beside_its_peer(quick: bool) -> None:
    if seal.tink_streams(bytes(32)) is None:
        pytest.skip("tink, the peer, is not installed: it is in the extra `bench`")
    limit, *beside = seal.rows(quick)
    assert limit.ours is not None
    assert limit.ours > 0
    assert [row.unit for row in beside] == ["GB/s", "GB/s", "ms", "bytes"]
    for row in beside:
        assert row.ours is not None
        assert row.peer is not None
        assert row.ours > 0
        assert row.peer > 0
        assert row.peer_name is not None
        assert row.peer_name.startswith("tink")


@pytest.mark.usefixtures("small")
def test_a_range_fetches_one_segment_and_the_header() -> None:
    (fetched,) = by_unit(seal.rows(quick=True), "bytes")
    assert (fetched.ours, fetched.met) == (MIB + 40, True)


@pytest.mark.usefixtures("small")
def test_without_tink_its_columns_are_empty_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tink", None)
    _, *beside = seal.rows(quick=True)
    assert {row.peer_name for row in beside} == {"tink (not installed)"}
    for row in beside:
        assert row.ours is not None
        assert (row.peer, row.ratio) == (None, None)
