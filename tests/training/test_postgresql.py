"""The story of a set once more, over PostgreSQL."""

from contextlib import closing
from pathlib import Path

from assent.acts.rebuild import findings
from assent.training.build import build
from assent.training.listing import all_sets, is_member
from assent.training.loader import Loader
from assent.training.recall import recalled
from assent.training.verify import verify
from tests.houses import Clock, platform
from tests.training.sets import PROGRAM, stock, take_back


def test_a_set_is_built_loaded_taken_back_from_and_recalled_on_postgresql(
    postgresql_url: str, tmp_path: Path
) -> None:
    with platform(tmp_path / "data", Clock(), postgresql_url) as house:
        stocked = stock(house, tmp_path / "music")
        built = build(house, PROGRAM, tmp_path / "set", by="Kim")
        assert verify(tmp_path / "set").findings == ()
        assert built.described.items == len(stocked.permitted)
        with closing(Loader(house.settings, tmp_path / "set")) as loader:
            assert [sample.recording for sample in loader] == list(stocked.permitted)
        assert recalled(house, "s0") == ()
        taken_back = take_back(house, "r1").number
        assert [(each.recording, each.events) for each in recalled(house, "s0")] == [
            ("r1", (taken_back,))
        ]
        with closing(Loader(house.settings, "s0")) as loader:
            assert [sample.recording for sample in loader] == ["r0", "r2", "r5"]
        build(house, PROGRAM, tmp_path / "again", by="Kim")
        assert [found.items for found in all_sets(house)] == [4, 3]
        assert not is_member(house, "s1", "r1")
        assert findings(house) == []
