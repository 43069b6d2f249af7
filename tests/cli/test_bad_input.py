"""Whatever is handed in, and whatever the world does: one sentence, the right code, no change."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from resource import RLIMIT_FSIZE, setrlimit
from shutil import copytree
from typing import NamedTuple, Protocol

import pytest
from sqlalchemy import func, select

from assent.catalogue import tables
from assent.catalogue.engine import connect, reading
from assent.catalogue.events import head
from assent.cli.main import run
from assent.vault.keys import MasterKey
from tests.cli.runs import PROGRAM, Cli, Ran
from tests.houses import program_toml, write_wav

SCRIPT = Path(sys.executable).with_name("assent")
HOSTILE = "tide\x1b[31m\nrm -rf.wav"


class On(Protocol):
    def __call__(self, data: Path, /, *arguments: str | Path) -> Ran: ...


class State(NamedTuple):
    """What a command must leave as it was.

    Args:
        head: Number of the last event.
        keys: How many data keys there are.
        files: The digest of every file of the platform but the database's own.
    """

    head: int
    keys: int
    files: dict[str, str]


def state(data: Path) -> State:
    engine = connect(f"sqlite:///{data / 'catalogue.sqlite'}")
    with reading(engine) as connection:
        keys = connection.execute(select(func.count()).select_from(tables.data_keys)).scalar_one()
        last = head(connection)
    engine.dispose()
    return State(last, keys, listing(data))


def listing(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "catalogue.sqlite" not in path.name
    }


def one_sentence(found: Ran) -> str:
    """Check that all that was said is one sentence, and return it."""
    assert found.out == ""
    assert found.err.startswith("assent: ")
    assert found.err.endswith("\n")
    assert found.err.count("\n") == 1, found.err
    assert "Traceback" not in found.err
    assert "a bug in Assent" not in found.err
    assert found.err.isprintable() or found.err[:-1].isprintable()
    return found.err[len("assent: ") : -1]


def in_a_shell(data: Path, *arguments: str | Path) -> Ran:
    command = [SCRIPT, "--data", data, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def on(capsys: pytest.CaptureFixture[str]) -> On:
    """Give what runs a command on any platform, in this process."""

    def ran(data: Path, *arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = run(["--data", str(data), *map(str, arguments)])
        return Ran(code, *capsys.readouterr())

    return ran


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """Give a folder of things that nobody should hand in."""
    folder = tmp_path / "bad"
    whole = write_wav(folder / "fine.wav", 7000, sr=16_000)
    (folder / "notes.wav").write_text("Dear label,\nthis is no audio.\n" * 100)
    (folder / "noise.ogg").write_bytes(sha256(b"noise").digest() * 1000)
    (folder / "empty.wav").touch()
    (folder / "truncated.wav").write_bytes(whole.read_bytes()[:-4001])
    (folder / "header.wav").write_bytes(whole.read_bytes()[:20])
    write_wav(folder / "silent.wav", 440, seconds=0)
    (folder / "text.csv").write_bytes(b"\xff\xfe\x00binary")
    (folder / "columns.csv").write_text("name,who\nfine.wav,Dee Marl\n")
    (folder / "ragged.csv").write_text("file,artist,title\nfine.wav,Dee Marl\n")
    (folder / "quotes.csv").write_text('file,artist,title\n"fine.wav,Dee Marl,One\n')
    (folder / "P.toml").write_text('id = "half"\n')
    (folder / "B.toml").write_bytes(b"\xff")
    return folder


BAD_FILES = {
    "not audio": "notes.wav",
    "noise": "noise.ogg",
    "empty": "empty.wav",
    "truncated": "truncated.wav",
    "nothing but a header": "header.wav",
    "zero-length": "silent.wav",
}


@pytest.mark.parametrize("file", BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_not_taken_in(cli: Cli, data: Path, bad: Path, file: str) -> None:
    before = state(data)
    found = cli("upload", bad / file, "--artist", "Dee Marl")
    assert found.code == 2
    assert one_sentence(found)
    assert state(data) == before


USES = ("--use", "partner/train-rival")
BAD_WORDS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "no file": (("upload", "BAD/none.wav", "--artist", "X"), 3, "there is no file"),
    "a name too long for a disk": (("upload", "BAD/" + "a" * 300, "--artist", "X"), 4, "too long"),
    "a folder too long for a disk": (("import", "BAD/" + "a" * 300), 4, "too long"),
    "a folder": (("upload", "BAD", "--artist", "X"), 2, "is a folder"),
    "no folder": (("import", "BAD/none", "--artist", "X"), 3, "there is no folder"),
    "no index": (("import", "BAD", "--index", "BAD/none.csv"), 3, "there is no index"),
    "an index that is no text": (("import", "BAD", "--index", "BAD/text.csv"), 2, "not text"),
    "wrong columns": (("import", "BAD", "--index", "BAD/columns.csv"), 2, "no column 'file'"),
    "ragged rows": (("import", "BAD", "--index", "BAD/ragged.csv"), 2, "as many fields"),
    "open quotes": (("import", "BAD", "--index", "BAD/quotes.csv"), 2, "is no CSV"),
    "nameless": (
        ("upload", "BAD/fine.wav", "--artist", "\x1b\n"),
        2,
        "U+001B",
    ),  # the sign is named now
    "no agreement": (
        ("upload", "BAD/fine.wav", "--artist", "X", "--agreement", "none"),
        3,
        "there is no agreement 'none'",
    ),
    "no holder": (("upload", "BAD/fine.wav", "--artist", "X", "--holder", "Y"), 2, "no holder"),
    "more than all": (
        ("upload", "BAD/fine.wav", "--artist", "X", "--holder", "Y=60%", "--holder", "Z=60%"),
        2,
        "more than 100%",
    ),
    "an artist that is not there": (
        ("grant", "--artist", "Nobody", *USES, "--program", PROGRAM),
        3,
        "nobody here is called 'Nobody'",
    ),
    "a program that is not there": (
        ("grant", "--artist", "Bo Ferrum", *USES, "--program", "none"),
        3,
        "there is no program 'none'",
    ),
    "a recording that is not there": (
        ("grant", "--artist", "Bo Ferrum", "--recording", "r9", *USES, "--program", PROGRAM),
        3,
        "there is no recording 'r9'",
    ),
    "may, no recording": (("may", "r9", "--program", PROGRAM), 3, "there is no recording"),
    "may, no program": (("may", "r0", "--program", "none"), 3, "there is no program"),
    "may, no use": (("may", "r0", "--use", "partner/sing"), 2, "no use matches"),
    "permitted, no program": (("permitted", "none"), 3, "there is no program"),
    "build, no program": (
        ("train-set", "build", "none", "--out", "BAD/set"),
        3,
        "there is no program",
    ),
    "build, no folder around it": (
        ("train-set", "build", PROGRAM, "--out", "BAD/none/set"),
        3,
        "there is no folder",
    ),
    "build, something is there": (
        ("train-set", "build", PROGRAM, "--out", "BAD"),
        2,
        "not empty",
    ),
    "build, no such form": (
        ("train-set", "build", PROGRAM, "--out", "BAD/set", "--form", "zip"),
        2,
        "no form 'zip'",
    ),
    "no date": (
        ("grant", "--artist", "Bo Ferrum", *USES, "--program", PROGRAM, "--until", "someday"),
        2,
        "is no date",
    ),
    "a yes to anybody": (("grant", "--artist", "Bo Ferrum", *USES), 2, ""),
    "half a program": (("program", "propose", "BAD/P.toml"), 2, "a program needs"),
    "a program that is no text": (("program", "propose", "BAD/B.toml"), 2, "not text"),
    "a program file that is not there": (("program", "propose", "BAD/none"), 3, "no file"),
    "approving one's own": (("program", "approve", "only-proposed", "--by", "kim"), 1, "somebody"),
    "an event to come": (("may", "r0", "--program", PROGRAM, "--at", "99"), 3, "no event 99"),
    "event nought": (("may", "r0", "--program", PROGRAM, "--at", "0"), 2, "--at"),
}


@pytest.mark.parametrize(("arguments", "code", "said"), BAD_WORDS.values(), ids=BAD_WORDS)
def test_what_cannot_be_meant_changes_nothing(
    cli: Cli, data: Path, bad: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before, around = state(data), listing(bad)
    found = cli(*(argument.replace("BAD", str(bad)) for argument in arguments))
    assert said in one_sentence(found)
    assert found.code == code
    assert state(data) == before
    assert listing(bad) == around


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--recording", "r0"), 3, "Bo Ferrum holds no rights in a recording 'r0'"),
        (("--until", "2001-01-01"), 2, "the grant would have run out before it starts"),
    ],
    ids=["somebody else's recording", "a date in the past"],
)
def test_a_statement_that_cannot_be_meant_changes_nothing(
    cli: Cli, data: Path, more: tuple[str, ...], code: int, said: str
) -> None:
    before = state(data)
    found = cli("grant", "--artist", "Bo Ferrum", *USES, "--program", PROGRAM, *more)
    assert (found.code, found.out) == (code, "")
    # what would have been said is shown before it is refused
    assert found.err.splitlines()[-1] == f"assent: {said}"
    assert found.err.count("assent: ") == 1
    assert state(data) == before


def test_an_import_goes_on_past_bad_files_and_lists_each(cli: Cli, data: Path, bad: Path) -> None:
    for path in [*bad.glob("*.csv"), *bad.glob("*.toml")]:
        path.unlink()
    write_wav(bad / HOSTILE, 7100, sr=16_000)
    found = cli("import", bad, "--artist", "Dee Marl")
    assert found.code == 2
    assert found.lines[0] == f"taken in: 2, here already: 0, left out: {len(BAD_FILES)}"
    assert sorted(line.split(": ")[1] for line in found.err.splitlines()) == sorted(
        BAD_FILES.values()
    )
    assert state(data).keys == 7
    assert cli("doctor").code == 0


def test_hostile_names_are_shown_and_do_nothing(cli: Cli, data: Path, bad: Path) -> None:
    write_wav(bad / HOSTILE, 7100, sr=16_000)
    (bad / f"bad-{HOSTILE}").write_text("no audio")
    uploaded = cli("upload", bad / HOSTILE, "--artist", "Dee Marl")
    assert uploaded.code == 0
    (title,) = (row["title"] for row in cli("recordings", "--json").objects[5:])
    assert title.isprintable()
    before = state(data)
    refused = cli("upload", bad / f"bad-{HOSTILE}", "--artist", "Dee Marl")
    assert refused.code == 2
    assert "\x1b" not in one_sentence(refused)
    assert state(data) == before


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.wav", "/etc/hostname", "", "x\x00y"),
        "a" * 5000,
    ],
    ids=["above", "elsewhere", "nothing", "nought", "too long"],
)
def test_an_index_reaches_nothing_outside_its_folder(
    cli: Cli, data: Path, bad: Path, name: str
) -> None:
    write_wav(bad.parent / "secret.wav", 7200, sr=16_000)
    (bad / "sly.csv").write_text(f"file,artist,title\n{name},Dee Marl,One\n")
    before = state(data)
    found = cli("import", bad, "--index", bad / "sly.csv")
    assert found.code == 2
    assert found.err.startswith("assent: ")
    assert found.err.count("\n") == 1
    assert state(data) == before


# What the world does.

Command = Callable[[Path], tuple[str | Path, ...]]
WRITING: dict[str, Command] = {
    "upload": lambda bad: ("upload", bad / "fine.wav", "--artist", "Ada Quill"),
    "build": lambda bad: ("train-set", "build", PROGRAM, "--out", bad / "set"),
}


@pytest.mark.parametrize("command", WRITING.values(), ids=WRITING)
def test_a_missing_master_key_is_said(on: On, data: Path, bad: Path, command: Command) -> None:
    (data / "master.key").unlink()
    before = state(data)
    found = on(data, *command(bad))
    assert found.code == 4
    assert "the master key master.key is missing" in one_sentence(found)
    assert state(data) == before
    assert not (bad / "set").exists()


@pytest.mark.parametrize("command", WRITING.values(), ids=WRITING)
def test_a_wrong_master_key_is_said(on: On, data: Path, bad: Path, command: Command) -> None:
    (data / "master.key").unlink()
    MasterKey.create(data / "master.key")
    before = state(data)
    found = on(data, *command(bad))
    assert found.code == 4
    assert "sealed under master key" in one_sentence(found)
    assert state(data) == before
    assert not (bad / "set").exists()


@pytest.mark.parametrize("text", ["", "a key, surely", "assent master key 1\nid 00\nkey 00\n"])
def test_a_master_key_that_is_none_is_said(cli: Cli, data: Path, bad: Path, text: str) -> None:
    (data / "master.key").write_text(text)
    before = state(data)
    found = cli("upload", bad / "fine.wav", "--artist", "Ada Quill")
    assert found.code == 4
    assert "not a whole master key file" in one_sentence(found)
    assert state(data) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("may", "r0", "--program", PROGRAM),
        ("grant", "--artist", "Ada Quill", *USES, "--program", PROGRAM),
        ("upload", __file__, "--artist", "Ada Quill"),
        ("doctor",),
        ("recordings",),
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_where_there_is_no_platform_none_is_made(
    on: On, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    data = tmp_path / "nothing"
    found = on(data, *arguments)
    assert found.code == 4
    assert "there is no platform in" in one_sentence(found)
    assert not data.exists()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://nobody@127.0.0.1:1/none", 4),
        ("postgresql://nobody@no-such-host.invalid/none?connect_timeout=2", 4),
        ("oracle://somewhere", 2),
        ("not a url", 2),
    ],
)
def test_a_database_that_is_away_is_said(
    on: On, data: Path, monkeypatch: pytest.MonkeyPatch, url: str, code: int
) -> None:
    before = state(data)
    monkeypatch.setenv("ASSENT_DATABASE_URL", url)
    found = on(data, "may", "r0", "--program", PROGRAM)
    assert found.code == code
    assert one_sentence(found)
    assert state(data) == before


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Give a real disk of a size in a folder; needs the right to mount one."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> None:
    """Fill a disk to its last byte."""
    with (folder / "ballast").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 12)):
                pass
        except OSError:
            return


DISK_COMMANDS: dict[str, Command] = {
    **WRITING,
    "grant": lambda _: ("grant", "--artist", "Bo Ferrum", *USES, "--program", PROGRAM),
    "withdraw": lambda _: ("withdraw", "--artist", "Ada Quill", *USES),
    "propose": lambda bad: ("program", "propose", bad / "whole.toml"),
}


@pytest.mark.parametrize("command", DISK_COMMANDS.values(), ids=DISK_COMMANDS)
def test_a_full_disk_is_said(
    on: On, tmp_path: Path, template: Path, bad: Path, command: Command
) -> None:
    _write_program(bad)
    disk = tmp_path / "disk"
    with small_disk(disk, "8m"):
        data = Path(copytree(template, disk / "data"))
        before = state(data)
        fill(disk)
        found = on(data, *command(bad))
        (disk / "ballast").unlink()
        assert found.code == 4
        assert one_sentence(found)
        assert state(data) == before
        assert not (bad / "set").exists()
        assert on(data, "doctor").code == 0
        # with room again, the same command does what it was asked for
        assert on(data, *command(bad)).code == 0


def test_a_set_does_not_fit_a_full_disk(on: On, tmp_path: Path, data: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "1m"):
        fill(disk)
        found = on(data, "train-set", "build", PROGRAM, "--out", disk / "set")
        assert found.code == 4
        assert one_sentence(found)
        assert [path.name for path in disk.iterdir()] == ["ballast"]


@pytest.mark.parametrize("command", DISK_COMMANDS.values(), ids=DISK_COMMANDS)
def test_a_read_only_disk_is_said(
    on: On, tmp_path: Path, template: Path, bad: Path, command: Command
) -> None:
    _write_program(bad)
    disk = tmp_path / "disk"
    with small_disk(disk, "8m"):
        data = Path(copytree(template, disk / "data"))
        before = state(data)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        found = on(data, *command(bad))
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        assert found.code == 4
        assert one_sentence(found)
        assert state(data) == before
        assert not (bad / "set").exists()


def test_a_limit_on_files_is_a_full_disk_too(data: Path, tmp_path: Path) -> None:
    """Needs no right to mount: every system has this limit."""
    long = write_wav(tmp_path / "long.wav", 900, seconds=60, sr=16_000)
    before = state(data)
    done = subprocess.run(
        [SCRIPT, "--data", data, "upload", long, "--artist", "Ada Quill"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: setrlimit(RLIMIT_FSIZE, (1 << 20, 1 << 20)),  # one thread
    )
    assert done.returncode == 4
    assert one_sentence(Ran(done.returncode, done.stdout, done.stderr))
    assert state(data) == before


def test_exit_codes_are_those_of_the_process(data: Path, bad: Path) -> None:
    codes = [
        in_a_shell(data, *arguments).code
        for arguments in (
            ("may", "r0", "--program", PROGRAM),
            ("may", "r2", "--program", PROGRAM),
            ("upload", bad / "notes.wav", "--artist", "X"),
            ("may", "r9", "--program", PROGRAM),
        )
    ]
    (data / "master.key").unlink()
    last = in_a_shell(data, "upload", bad / "fine.wav", "--artist", "X")
    assert [*codes, last.code] == [0, 1, 2, 3, 4]
    assert one_sentence(last)


def _write_program(folder: Path) -> None:
    (folder / "whole.toml").write_text(program_toml("another"))
