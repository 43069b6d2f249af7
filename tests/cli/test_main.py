"""The command itself: what it offers, how it ends, how soon it answers."""

import os
import re
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from time import sleep
from typing import Any

import numpy as np
import pytest
from typer.main import get_command

from assent import __version__
from assent.cli import main
from assent.cli.exits import CODES, COULD_NOT, INTERRUPTED, NO, UNKNOWN, USAGE, YES, code_for
from assent.cli.main import app, run
from assent.errors import AssentError, Unknown
from tests.cli.runs import Cli
from tests.houses import write_wav

SCRIPT = Path(sys.executable).with_name("assent")
DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def commands(command: Any, name: str = "assent") -> Iterator[tuple[str, Any]]:
    """Give every command that does something, with its whole name."""
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for word, one in below.items():
        yield from commands(one, f"{name} {word}")


COMMANDS = dict(commands(get_command(app)))
"""Any: the classes of commands are no part of what typer publishes."""


def sections() -> dict[str, str]:
    """Return what the documentation says of each command, by its name."""
    parts = re.split(r"^### `(assent [^`]*)`$", DOCS.read_text(), flags=re.MULTILINE)
    named = {}
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        words = re.split(r" (?=[A-Z\[(-])", heading)[0]
        named[words] = heading + text
    return named


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    text = sections()[name]
    for parameter in COMMANDS[name].params:
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert re.search(rf"{option}\b", text), f"{name} {option}"


def test_nothing_is_documented_that_is_not_there() -> None:
    assert set(sections()) == set(COMMANDS)
    for name, text in sections().items():
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        own = re.findall(r"^- `(--[a-z-]+)", text, flags=re.MULTILINE)
        assert set(own) <= known, name


def test_every_exit_code_is_documented() -> None:
    text = DOCS.read_text()
    for code in (YES, NO, USAGE, UNKNOWN, COULD_NOT, INTERRUPTED):
        assert re.search(rf"^\| {code} \|", text, flags=re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*name.split()[1:], "--help"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "--help" in shown.out
    assert COMMANDS[name].help, "what a command does is said"
    for parameter in COMMANDS[name].params:
        assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_the_version_is_printed(bare: Cli) -> None:
    assert bare("--version") == (0, f"{__version__}\n", "")


@pytest.mark.parametrize("arguments", [[], ["train-set"], ["program"]])
def test_naming_no_command_shows_which_there_are(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("Usage: assent")
    assert len(shown.err.splitlines()) > 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sing"], "assent: no such command 'sing'\n"),
        (["train-set", "sing"], "assent: no such command 'sing'\n"),
        (["may"], "assent: missing argument 'RECORDING'\n"),
        (["may", "r0", "--sing"], "assent: no such option: --sing (Possible options: --json)\n"),
        (["doctor", "r0"], "assent: got unexpected extra argument(s) (r0)\n"),
        (
            ["doctor", "--data", "d"],
            "assent: --data stands before the command: assent --data DIR COMMAND …\n",
        ),
        (["verify", "\x1b[31mred\nline", "more"], None),
        (["--\nx"], None),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    arguments: list[str], said: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("assent: ")
    assert shown.err.count("\n") == 1
    assert "\x1b" not in shown.err
    if said is not None:
        assert shown.err == said


@pytest.fixture
def _struck(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def strike(*_arguments: object, **_named: object) -> None:
        raise request.param

    monkeypatch.setattr(main, "app", strike)


@pytest.mark.parametrize(
    ("_struck", "code"),
    [(kind("a clause"), code) for kind, code in CODES.items()],
    indirect=["_struck"],
)
@pytest.mark.usefixtures("_struck")
def test_every_error_is_one_sentence_and_has_its_code(
    code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([]) == code
    assert capsys.readouterr() == ("", "assent: a clause\n")


@pytest.mark.parametrize(
    ("_struck", "said"),
    [
        (OSError(36, "File name too long", "x\n"), "File name too long: x\\n"),
        (OSError("odd"), "odd"),
    ],
    indirect=["_struck"],
)
@pytest.mark.usefixtures("_struck")
def test_what_the_system_says_is_no_bug(
    said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run([]) == 4
    assert capsys.readouterr().err == f"assent: the system says: {said}\n"
    monkeypatch.setenv("ASSENT_TRACEBACK", "1")
    with pytest.raises(OSError, match=said[:3]):
        run([])


@pytest.mark.parametrize("_struck", [ValueError("oh"), AssertionError("oh")], indirect=True)
@pytest.mark.usefixtures("_struck")
def test_a_bug_is_told_as_one_and_shows_where_if_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run([]) == 4
    said = capsys.readouterr().err
    assert re.fullmatch(
        r"assent: a bug in Assent: \w+Error: oh; ASSENT_TRACEBACK=1 shows where\n", said
    )
    monkeypatch.setenv("ASSENT_TRACEBACK", "1")
    with pytest.raises(Exception, match="oh"):
        run([])


@pytest.mark.parametrize("_struck", [KeyboardInterrupt()], indirect=True)
@pytest.mark.usefixtures("_struck")
def test_being_stopped_before_a_command_began_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 130
    assert capsys.readouterr().err == "assent: stopped; what was done before is kept\n"


def test_being_stopped_in_a_command_is_said(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def strike(_house: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assent.acts.rebuild.findings", strike)
    assert cli("doctor") == (130, "", "assent: stopped; what was done before is kept\n")


def test_an_error_of_a_class_without_a_row_has_its_parents_code() -> None:
    class Lost(Unknown):
        pass

    assert code_for(Lost("x")) == UNKNOWN
    assert code_for(AssentError("x")) == COULD_NOT


def in_a_shell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_terminal_of_few_letters_shows_every_name(data: Path, tmp_path: Path) -> None:
    file = write_wav(tmp_path / "one.wav", 5000)
    base, narrow = ("--data", str(data)), {"PYTHONIOENCODING": "ascii"}
    taken = in_a_shell(*base, "upload", str(file), "--artist", "Zoë", "--title", "♫", **narrow)
    assert (taken.returncode, taken.stderr) == (0, "")
    listed = in_a_shell(*base, "recordings", "--artist", "Zoë", **narrow)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout.split("\t")[1:3] == [r"Zo\xeb", r"\u266b"]


def test_nothing_heavy_is_imported_for_the_help() -> None:
    heavy = ["numpy", "sqlalchemy", "pyarrow", "av", "scipy", "rich", "cryptography", "obstore"]
    program = (
        "import sys; from assent.cli.main import run; run(['--help']);"
        f"sys.exit(' '.join(sorted(set({heavy}) & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


needs_bash = pytest.mark.skipif(  # bash runs it; people without it do not have it either
    which("bash") is None, reason="there is no bash to complete in"
)


def in_bash(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody who sits at bash, whatever the login shell is."""
    # the last word keeps bash there: it would hand its place over to a single command
    return subprocess.run(
        ["bash", "-c", f"{command}; exit $?"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SHELL": "/bin/false", **environment},
    )


@needs_bash
def test_bash_completes_commands_and_uses() -> None:
    script = in_bash(f"{SCRIPT} --show-completion")
    assert script.returncode == 0, script.stderr
    assert "complete -o default -F _assent_completion assent" in script.stdout
    words = {"_ASSENT_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
    assert "permitted" in in_a_shell(COMP_WORDS="assent per", **words).stdout.split()
    words["COMP_CWORD"] = "4"
    found = in_a_shell(COMP_WORDS="assent may r0 --use partner/train-r", **words)
    assert found.stdout.split() == ["partner/train-rival"]


@needs_bash
def test_completion_is_installed(tmp_path: Path) -> None:
    done = in_bash(f"{SCRIPT} --install-completion", HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert any("_assent_completion" in path.read_text() for path in tmp_path.rglob("*assent*"))


def write_hours(path: Path) -> None:
    """Write an hour of one second's noise, over and over."""
    second = np.random.default_rng(7).integers(-9000, 9000, 8000, dtype=np.int16).tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(second * 3600)


def test_ctrl_c_stops_an_import_and_what_was_taken_in_stays(tmp_path: Path) -> None:
    write_wav(tmp_path / "music" / "1-short.wav", 300)
    write_hours(tmp_path / "music" / "2-long.wav")
    data = ["--data", str(tmp_path / "data")]
    importing = subprocess.Popen(
        [SCRIPT, *data, "import", str(tmp_path / "music"), "--artist", "Ada Quill", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert importing.stdout is not None
    first = importing.stdout.readline()  # one is in, and told; the other takes seconds
    sleep(0.2)
    importing.send_signal(signal.SIGINT)
    out, err = importing.communicate(timeout=60)
    assert importing.returncode == 130
    assert '"r0"' in first
    assert out == ""
    assert err == "assent: stopped; what was done before is kept\n"
    kept = in_a_shell(*data, "recordings").stdout.splitlines()
    assert [line.split("\t")[0] for line in kept] == ["r0"]
    assert in_a_shell(*data, "doctor").returncode == 0
