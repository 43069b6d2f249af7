"""Processes that are killed at any moment, and what they had acknowledged by then."""

import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

__all__ = ["Line", "run_and_kill"]

Line = tuple[str, str]
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.crash.worker", "tests.crash.identity_worker"])


def run_and_kill(
    work: Callable[[Path, int, Connection], None], folder: Path, seed: int, after_s: float
) -> list[Line]:
    """Start a worker, kill it some time after it is ready; return what it acknowledged."""
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=work, args=(folder, seed, theirs))
    process.start()
    theirs.close()
    said: list[Line] = []
    with ours, suppress(EOFError):
        assert ours.recv() == ("ready", "")
        time.sleep(after_s)
        process.kill()
        while True:
            said.append(ours.recv())
    process.join()
    return said
