"""A build that is killed at any moment leaves nothing half-done, and the next one clears up."""

import multiprocessing
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from assent.acts.rebuild import findings
from assent.training.build import build
from assent.training.listing import all_sets
from assent.training.shard import Form
from assent.training.verify import verify
from tests.training.elsewhere import build_one
from tests.training.sets import PROGRAM, Stock

SLOWEST_S = 120.0


class Killer:
    """Starts builds and kills them."""

    def __init__(self, stock: Stock, folder: Path) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.training.elsewhere"])
        self._stock = stock
        self._folder = folder
        folder.mkdir()

    def kill(self, out: Path, form: Form, after_s: float) -> bool:
        """Kill a build some time after it begins; return whether it had said that it is there."""
        here, there = self._context.Pipe()
        arguments = (self._stock.house.settings, PROGRAM, out, form.value, there)
        process = self._context.Process(target=build_one, args=arguments)
        process.start()
        there.close()
        assert here.poll(SLOWEST_S)
        assert here.recv() == "begins"
        time.sleep(after_s)
        process.kill()
        process.join()
        try:
            return here.poll() and here.recv() == "is there"
        except EOFError:
            return False

    def left(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.name.startswith(".")]


def check(killer: Killer, stock: Stock, out: Path, form: Form, after_s: float) -> str:
    """Kill one build; check that all is well; return how far it had come."""
    before = len(all_sets(stock.house))
    acknowledged = killer.kill(out, form, after_s)
    recorded = len(all_sets(stock.house)) > before
    assert findings(stock.house) == []
    whole = out.exists()
    assert whole >= acknowledged
    if not whole:
        build(stock.house, PROGRAM, out, form=form, by="Kim")
    assert killer.left() == []  # cleared away by that build, or by none having been left
    assert verify(out, deep=False).findings == ()
    return "whole" if whole else "on record" if recorded else "not begun"


def run(stock: Stock, folder: Path, kills: int) -> Counter[str]:
    killer = Killer(stock, folder)
    rng = np.random.default_rng(20310301)
    longest_s = 0.25
    reached: Counter[str] = Counter()
    for number in range(kills):
        form = Form.PARQUET if number % 2 else Form.WEBDATASET
        after_s = float(rng.uniform(0, longest_s))
        came = check(killer, stock, folder / f"set-{number}", form, after_s)
        reached[came] += 1
        # keep the kills spread over the whole of a build, however fast the machine is just now
        longest_s *= 0.9 if came == "whole" else 1.1
    return reached


def test_a_build_killed_at_some_moments_leaves_nothing_half_done(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])  # another process finds these files
    assert sum(run(stocked, tmp_path / "out", 8).values()) == 8


@pytest.mark.slow
def test_a_build_killed_at_two_hundred_moments_leaves_nothing_half_done(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    reached = run(stocked, tmp_path / "out", 200)
    assert set(reached) == {"not begun", "on record", "whole"}
