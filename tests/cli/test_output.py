"""What is printed: data for programs, words for people, and never a terminal's own orders."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assent.cli import output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_names_cannot_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.put("tide\x1b[2J\r\nnext")
    output.say("\u202eevil\x07")
    shown = capsys.readouterr()
    assert shown.out == "tide\\x1b[2J\\r\\nnext\n"
    assert shown.err == "\\u202eevil\\x07\n"


def test_json_is_one_line_of_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    output.put_json({"title": "Grün\n\x1b"})
    shown = capsys.readouterr().out
    assert shown.isascii()
    assert shown.count("\n") == 1
    assert json.loads(shown) == {"title": "Grün\n\x1b"}


def test_a_pipe_gets_tabs_and_no_head(capsys: pytest.CaptureFixture[str]) -> None:
    output.put_table(("name", "count"), [("one\ttab", 1), (None, 22)])
    assert capsys.readouterr().out == "one\\ttab\t1\n\t22\n"


def test_a_terminal_gets_columns_under_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    output.put_table(("name", "count"), [("longer", 1), (None, 22)])
    assert terminal.getvalue() == "name    count\nlonger  1\n        22\n"
    output.put_table(("name", "count"), [])
    assert terminal.getvalue().count("\n") == 3, "nothing at all: no head either"


def run_printing(what: str, stdout: int, stderr: int = subprocess.PIPE) -> tuple[int, str]:
    program = (
        "import sys; from assent.cli import output; from assent.errors import StorageFailed\n"
        f"try:\n    {what}; output.finish()\n"
        "except StorageFailed as error:\n    output.say(error.text); sys.exit(4)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=stdout, stderr=stderr, text=True, check=False
    )
    return done.returncode, done.stderr or ""


@pytest.mark.parametrize("count", [1, 100_000], ids=["at the end", "in the middle"])
def test_a_reader_that_has_gone_is_no_error(count: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert run_printing(f"[output.put('data') for _ in range({count})]", writing) == (0, "")
    finally:
        os.close(writing)


@pytest.mark.parametrize("count", [1, 100_000], ids=["at the end", "in the middle"])
def test_a_full_disk_is_an_error(count: int) -> None:
    with Path("/dev/full").open("wb") as full:
        code, said = run_printing(f"[output.put('data') for _ in range({count})]", full.fileno())
    assert (code, said) == (4, "the output cannot be written: No space left on device\n")


def test_where_nobody_listens_nothing_is_said() -> None:
    with Path("/dev/full").open("wb") as full:
        assert run_printing("output.say('hello')", subprocess.DEVNULL, full.fileno()) == (0, "")
