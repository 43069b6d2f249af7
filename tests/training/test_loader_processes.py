"""A withdrawal stops a recording in every process that trains on it, within one second."""

import logging
import multiprocessing
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from assent.training.build import build
from assent.training.loader import Loader
from tests.training.elsewhere import Report, train
from tests.training.sets import PROGRAM, Stock, take_back

WORKERS = 4
SLOWEST_S = 120.0
"""How long a process may take to start on a busy machine."""
AFTER_S = 2.0
"""How long the workers go on after the withdrawal, so that a late one would show."""


def heard(parent: Connection) -> object:
    assert parent.poll(SLOWEST_S), "a worker is silent"
    said: object = parent.recv()
    return said


def test_a_withdrawal_stops_a_recording_in_four_processes_within_one_second(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])  # a spawned process finds this file
    build(stocked.house, PROGRAM, tmp_path / "set", by="Kim")
    loader = Loader(stocked.house.settings, "s0", seconds=0.1, seed=3)
    spawn = multiprocessing.get_context("spawn")
    stop, pipes, workers = spawn.Event(), [], []
    for _ in range(WORKERS):
        here, there = spawn.Pipe()
        pipes.append(here)
        workers.append(spawn.Process(target=train, args=(loader, there, stop), daemon=True))
        workers[-1].start()
        there.close()  # so that the death of a worker is heard
    try:
        for pipe in pipes:
            heard(pipe)
        take_back(stocked.house, "r1")
        committed_s = time.monotonic()
        time.sleep(AFTER_S)
    finally:
        stop.set()
    reports = [heard(pipe) for pipe in pipes]
    for worker in workers:
        worker.join(SLOWEST_S)
    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    slowest_s = float("-inf")
    for report in reports:
        assert isinstance(report, Report)
        after_s = {name: at - committed_s for name, at in report.last_s.items()}
        assert after_s.keys() == set(stocked.permitted)  # it was trained on before
        assert after_s["r1"] < 1.0
        assert all(after_s[other] > 1.0 for other in ("r0", "r2", "r5"))  # the others go on
        assert report.refused == {"r1"}
        slowest_s = max(slowest_s, after_s["r1"])
    logging.getLogger(__name__).info("given until %.3f s after the withdrawal", slowest_s)
