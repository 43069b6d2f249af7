"""`serve`: it makes a platform, answers, keeps the clock, and ends in order, all of it."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from assent.acts.house import House
from assent.acts.say import choose
from assent.acts.upload import Work, upload
from assent.cli.chores import Chore, Chores
from assent.cli.workers import Workers
from assent.errors import StorageFailed
from assent.permission.presets import Preset
from assent.settings import Settings
from assent.web.serve import listen
from tests.houses import write_wav

ASSENT = str(Path(sys.executable).with_name("assent"))
PATIENCE_S = 60


def until(holds: object, what: str) -> None:
    """Wait until something holds."""
    assert callable(holds)
    since = monotonic()
    while not holds():
        assert monotonic() - since < PATIENCE_S, what
        sleep(0.05)


@contextmanager
def served(folder: Path, *more: str) -> Iterator[tuple["subprocess.Popen[str]", str, Path]]:
    said = folder / "said.txt"
    with said.open("w") as errors:
        command = [ASSENT, "--data", str(folder / "data"), "serve", "--port", "0", *more]
        process = subprocess.Popen(command, stderr=errors, stdout=errors, text=True)
    try:
        until(lambda: "The platform is at" in said.read_text(), "it says where it is")
        found = re.search(r"is at (\S+)/;", said.read_text())
        assert found
        until(lambda: answer(found[1], "/about") == 200, "it answers")
        yield process, found[1], said
    finally:
        process.kill()
        process.wait()


def answer(url: str, path: str) -> int:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def published(url: str) -> int:
    """Return how many entries the public log has."""
    with urlopen(f"{url}/log/consent/checkpoint") as note:
        return int(note.read().splitlines()[1])


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children")
    return [int(name) for name in found.read_text().split()]


def test_it_makes_a_platform_answers_and_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    with served(tmp_path) as (process, url, said):
        assert "make the first operator: assent --data" in said.read_text()
        assert answer(url, "/") == 200
        assert answer(url, "/terms.json") == 200
        assert answer(url, "/log/policy") == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0


def test_what_happens_is_published_and_seen_while_it_serves(tmp_path: Path) -> None:
    with served(tmp_path) as (process, url, _):
        house = House.open(Settings(data=tmp_path / "data"))
        tone = write_wav(tmp_path / "tone.wav")
        recording = upload(house, tone, Work(artist="Wren", title="Tone"), "Wren").recording
        number = choose(house, "Wren", Preset.NO_AI).number
        house.close()
        until(lambda: published(url) >= number, "it is in the log")
        assert answer(url, f"/r/{recording}") == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0


def test_several_processes_answer_and_none_outlives_the_first(tmp_path: Path) -> None:
    with served(tmp_path, "--workers", "3") as (process, url, said):
        until(lambda: len(children(process.pid)) >= 2, "there are three")
        assert answer(url, "/about") == 200
        doomed = children(process.pid)
        for one in doomed:
            Path(f"/proc/{one}").exists()
        process.kill()  # not even time to say goodbye
        process.wait()
        until(lambda: not any(is_serving(one) for one in doomed), "they end by themselves")
        assert "Traceback" not in said.read_text()


def is_serving(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_process_that_dies_is_begun_again(tmp_path: Path) -> None:
    with served(tmp_path, "--workers", "2") as (process, _, said):
        workers = [one for one in children(process.pid) if "spawn_main" in line_of(one)]
        [doomed] = workers
        subprocess.run(["kill", "-9", str(doomed)], check=True)
        until(lambda: "another begins" in said.read_text(), "it is told")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0


def line_of(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_text()


def test_a_port_that_is_taken_is_said_and_ends_with_4(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        command = [ASSENT, "--data", str(tmp_path / "data"), "serve", "--port", port]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 4
    assert f"cannot listen at 127.0.0.1:{port}" in ran.stderr


def test_a_chore_that_fails_is_told_once_tried_again_and_told_when_it_is_well(
    capsys: pytest.CaptureFixture[str], house: House
) -> None:
    tries = []

    def count() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise StorageFailed("the disk is full")

    with Chores(house, (Chore("counting", 0, count),)):
        until(lambda: len(tries) > 3, "it is tried again")
    told = capsys.readouterr().err
    assert told.count("While counting: the disk is full.") == 1
    assert told.count("While counting: it is well again.") == 1


def test_without_others_there_is_nothing_to_keep(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as socket, Workers(Settings(data=tmp_path), "", socket, 0):
        pass
