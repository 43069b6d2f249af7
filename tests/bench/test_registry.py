"""Every bench runs, in small, and gives rows that say what they are."""

import pytest

from assent.bench.registry import BENCHES, run
from assent.errors import Unknown


@pytest.mark.parametrize("name", sorted(BENCHES))
def test_a_bench_gives_rows(name: str) -> None:
    rows = run(name, quick=True)
    assert rows
    for row in rows:
        said = row.as_dict()
        assert said["what"]
        assert said["unit"]
        assert row.ours is None or row.ours > 0 or row.unit == "s"


def test_an_unknown_bench_is_said_so() -> None:
    with pytest.raises(Unknown, match="decide"):
        run("nothing")
