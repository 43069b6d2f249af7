"""How long one answer takes, in process and with all reasons; how soon a withdrawal is everywhere.

The peers are policy engines given the same facts (`decide_peers`); their rate is of decisions with
facts prepared beforehand, so that no side is charged for a database.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from itertools import cycle
from multiprocessing.connection import Connection

from assent.acts.house import House
from assent.acts.say import About, withdraw
from assent.bench import decide_peers
from assent.bench.platform import PROGRAM, USE, platform
from assent.bench.row import Row
from assent.clock import monotonic_s
from assent.settings import Settings

__all__ = ["best_us", "rows"]

_PASSES = 5
_PROCESSES = 4
_US = 1e6


def rows(quick: bool = False) -> list[Row]:  # noqa: FBT001, FBT002  # the one switch all benches have
    """Measure.

    Args:
        quick: Fewer recordings and questions.
    """
    recordings, asked = (2_000, 2_000) if quick else (100_000, 100_000)
    peers = decide_peers.rows(quick=quick)
    with platform(recordings, artists=100) as house:
        names = [f"r{number * 7919 % recordings}" for number in range(asked)]
        allows, explain = house.gate.snapshot.allows, house.gate.explain
        some = names[: asked // 20]
        cold = best_us(lambda name: explain(PROGRAM, name), some, passes=1)
        own = [
            Row(
                what="one decision, with the snapshot",
                unit="µs",
                ours=best_us(lambda name: allows(PROGRAM, name), names),
                goal=2,
                higher_is_better=False,
            ),
            Row(
                what="one decision with full reasons, facts in memory",
                unit="µs",
                ours=best_us(lambda name: explain(PROGRAM, name), some),
                goal=200,
                higher_is_better=False,
            ),
            Row(
                what="one decision with full reasons, first time asked (reads the catalogue)",
                unit="µs",
                ours=cold,
            ),
            Row(
                what=f"withdrawal to no, slowest of {_PROCESSES} processes",
                unit="s",
                ours=_withdrawal_s(house),
                goal=1,
                higher_is_better=False,
            ),
        ]
    return [*own, *peers]


def best_us(ask: Callable[[str], object], names: list[str], passes: int = _PASSES) -> float:
    """Return the time of one question, the best of some passes over all of them [µs]."""
    best = float("inf")
    for _ in range(passes):
        since = monotonic_s()
        for name in names:
            ask(name)
        best = min(best, monotonic_s() - since)
    return best / len(names) * _US


def _withdrawal_s(house: House) -> float:
    """Return how long after a withdrawal the last process still said yes [s]."""
    processes = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    started = []
    for _ in range(_PROCESSES):
        ours, theirs = processes.Pipe()
        process = processes.Process(target=_ask_until_no, args=(house.settings, theirs))
        process.start()
        theirs.close()
        pipes.append(ours)
        started.append(process)
    for pipe in pipes:
        pipe.recv()
    withdraw(house, About(holder="Bench Artist 0"), USE)
    done = monotonic_s()
    last = max(pipe.recv() for pipe in pipes)
    for process in started:
        process.join()
    # monotonic clocks of processes on one machine are one clock (Linux: since boot)
    return max(0.0, float(last) - done)


def _ask_until_no(settings: Settings, pipe: Connection) -> None:
    house = House.open(settings)
    try:
        pipe.send("ready" if house.gate.snapshot.allows(PROGRAM, "r0") else "no")
        pipe.send(max(_yeses(house), default=0.0))
    finally:
        house.close()


def _yeses(house: House) -> Iterator[float]:
    """Give the time after each yes, until the first no."""
    for name in cycle(["r0"]):
        if not house.gate.snapshot.allows(PROGRAM, name):
            return
        yield monotonic_s()
