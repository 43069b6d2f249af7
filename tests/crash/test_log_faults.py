"""Every system call of an append fails, or is the last one, in a real process; and kill -9.

Then a platform is opened again, publishes, and everything is in order: nothing acknowledged is
lost, all that was ever signed is of one history, and the public files are whole.
"""

import random
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import copytree, rmtree, which
from typing import TYPE_CHECKING

import pytest

from assent.acts.audit import audit
from assent.acts.house import House
from assent.acts.logs import CONSENT, Logs
from assent.acts.rebuild import findings
from assent.acts.say import About, grant
from assent.catalogue.events import head, read
from assent.log.checkpoint import parse_body
from assent.log.tile import TILE_WIDTH
from assent.settings import Settings
from tests.crash.log_worker import ARTIST, append_once, append_until_killed
from tests.houses import RIVAL, add, platform
from tests.log.memory import check_one_history

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.crash.worker", "tests.crash.log_worker"])

CALLS = (
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "mkdir",
    "mkdirat",
    "close",
    "unlink",
    "unlinkat",
    "rmdir",
)
MOST_RUNS = 100
"""Of each kind of fault; where an append makes more calls, so many of them are drawn by lot."""

Said = list[tuple[str, int]]
Worker = Callable[[Path, Connection], None]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform whose log is one entry short of a full tile."""
    folder = tmp_path_factory.mktemp("base")
    with platform(folder / "data") as house:
        add(house, folder, ARTIST)
        logs = Logs(house)
        logs.publish()
        with house.reading() as connection:
            there = head(connection)
        for _ in range(TILE_WIDTH - 1 - there):
            grant(house, About(holder=ARTIST), RIVAL, all_programs=True)
        assert logs.publish()[CONSENT].checkpoint.size == TILE_WIDTH - 1
    return folder


@contextmanager
def at_work(worker: Worker, folder: Path) -> Iterator[tuple["ForkServerProcess", Connection]]:
    """Give a process that is ready, and our end of the pipe to it; it is gone at the end."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=worker, args=(folder, theirs))
    process.start()
    theirs.close()
    with ours:
        assert ours.recv() == ("ready", process.pid)
        yield process, ours
    process.join(60)
    assert process.exitcode is not None, "it hangs"


def heard(ours: Connection) -> Said:
    """All that a process acknowledged before it ended."""
    said: Said = []
    with suppress(EOFError, OSError):  # a line that was cut short acknowledges nothing
        while True:
            said.append(ours.recv())
    return said


def check(folder: Path, acknowledged: Said) -> None:
    """The next process finds everything in order, and publishes."""
    house = House.open(Settings(data=folder / "data"))
    try:
        logs = Logs(house)
        public = {log.name: log.head().checkpoint.size for log in (logs.consent, logs.index)}
        assert all(number <= public.get(kind, number) for kind, number in acknowledged)
        assert findings(house) == []
        done = logs.publish()
        with house.reading() as connection:
            assert done[CONSENT].checkpoint.size == head(connection)
            for kind, number in acknowledged:
                if kind == "statement":
                    event = read(connection, number)
                    assert event is not None
                    assert event.kind == "statement"
        assert list(audit(house, logs)) == []
        check_history(folder, logs)
    finally:
        house.close()


def check_history(folder: Path, logs: Logs) -> None:
    """No two of all checkpoints that were ever signed contradict each other."""
    text = (folder / "signed").read_text()
    texts = re.findall(r"[^\n]+/(?:consent|index)\n[0-9]+\n[^\n]+\n", text)
    signed = [parse_body(text.encode()) for text in texts]
    for log in (logs.consent, logs.index):
        public = log.head().checkpoint
        check_one_history([*(one for one in signed if one.origin == public.origin), public])


@contextmanager
def traced(process: "ForkServerProcess", trace: Path, *options: str) -> Iterator[None]:
    """Have strace look over a process's shoulder; skips, by name, where it may not."""
    strace = which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    calls = ",".join(f"?{call}" for call in CALLS)
    command = [strace, "-f", "-p", str(process.pid), "-o", str(trace), "-e", f"trace={calls}"]
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True) as looking:
        assert looking.stderr is not None
        line = looking.stderr.readline()
        if "attached" not in line:
            process.kill()
            pytest.skip(f"strace may not attach to a process here: {line.strip()}")
        yield


def append(folder: Path, *options: str) -> Said:
    """Have a process append once, under strace; return what it acknowledged."""
    trace = folder / "trace"
    with at_work(append_once, folder) as (process, ours), traced(process, trace, *options):
        ours.send("go")
        return heard(ours)


def copy(base: Path, folder: Path) -> Path:
    """A platform like the first one, in another place."""
    rmtree(folder, ignore_errors=True)
    copytree(base, folder)
    return folder


def calls_of(folder: Path) -> Counter[str]:
    """How often each call was made, as strace has seen it."""
    lines = (folder / "trace").read_text().splitlines()
    found = (re.match(r"[0-9]+ +([a-z0-9]+)\(", line) for line in lines)
    return Counter(line[1] for line in found if line is not None)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["error=EIO", "error=ENOSPC", "signal=KILL"])
def test_an_append_of_which_any_system_call_fails_or_is_the_last(
    base: Path, tmp_path: Path, how: str
) -> None:
    folder = copy(base, tmp_path / "platform")
    said = append(folder)
    assert [kind for kind, _ in said] == ["statement"] * 3 + ["consent", "index"]
    check(folder, said)
    cases = [(call, n) for call, most in calls_of(folder).items() for n in range(1, most + 1)]
    assert len(cases) > 100
    if len(cases) > MOST_RUNS:
        cases = random.Random(how).sample(cases, MOST_RUNS)
    acknowledged = 0
    for call, n in cases:
        copy(base, folder)
        said = append(folder, "-e", f"inject={call}:{how}:when={n}")
        check(folder, said)
        acknowledged += len(said)
    assert 0 < acknowledged < 5 * len(cases)


def kill_many(base: Path, folder: Path, times: int, seed: int) -> int:
    """Kill that many processes, each at a random moment; return how much they acknowledged."""
    chance = random.Random(seed)
    kept: Said = []
    copy(base, folder)
    for _ in range(times):
        with at_work(append_until_killed, folder) as (process, ours):
            time.sleep(chance.uniform(0, 0.6))
            process.kill()
            kept += heard(ours)
        check(folder, kept)
    return len(kept)


def test_a_few_kills_lose_nothing_of_the_log(base: Path, tmp_path: Path) -> None:
    kill_many(base, tmp_path / "platform", 3, seed=1)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_of_the_log(base: Path, tmp_path: Path) -> None:
    acknowledged = sum(kill_many(base, tmp_path / str(n), 20, seed=n + 2) for n in range(10))
    assert acknowledged > 200
