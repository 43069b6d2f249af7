"""Members on the command line: how the first operator comes to be, and who may come in."""

import getpass
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from assent.acts.house import House
from assent.signin.codes import redeem
from assent.signin.credentials import proved
from tests.cli.runs import Cli

PASSWORD = "seven quiet herons"


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\nand a second line\n")
    return file


def test_the_first_operator_is_made_and_can_sign_in(
    cli: Cli, stocked: House, password_file: Path
) -> None:
    words = ("member", "add", "Kim", "--role", "operator", "--password-file", password_file)
    assert cli(*words) == (0, "Kim can sign in as operator\n", "")
    member = proved(stocked, "Kim", PASSWORD)
    assert member is not None
    assert member.role.value == "operator"
    again = cli(*words)
    assert (again.code, again.err) == (2, "assent: Kim can sign in already\n")


def test_an_account_that_is_there_gets_a_way_in(cli: Cli, stocked: House) -> None:
    made = cli("member", "add", "ada quill", "--role", "artist", "--code", "--json").object
    assert (made["name"], made["role"], made["shut"]) == ("Ada Quill", "artist", False)
    member = redeem(stocked, str(made["code"]), PASSWORD, accepts=False)
    assert member.account == made["account"]


def test_a_code_is_printed_for_a_person_to_hand_over(cli: Cli, stocked: House) -> None:
    cli("member", "add", "Kim", "--role", "operator", "--code")
    ran = cli("member", "code", "KIM")
    assert ran.code == 0
    assert "It is good once, for 7 days" in ran.err
    redeem(stocked, ran.out.strip(), PASSWORD, accepts=True)
    assert proved(stocked, "Kim", PASSWORD) is not None


def test_members_are_listed_kept_out_and_let_in_again(cli: Cli) -> None:
    for name, role in (("Kim", "operator"), ("Bo", "listener"), ("Wren", "artist")):
        assert cli("member", "add", name, "--role", role, "--code").code == 0
    assert cli("member", "shut", "bo", "--cause", "spam").out == "Bo is kept out\n"
    assert cli("member", "role", "Wren", "label").out == "Wren has the role label\n"
    assert cli("member", "list").lines == [
        "Bo\tlistener\tkept out",
        "Kim\toperator\t",
        "Wren\tlabel\t",
    ]
    assert cli("member", "reopen", "Bo", "--json").object["shut"] is False
    assert [it["name"] for it in cli("member", "list", "--json").objects] == ["Bo", "Kim", "Wren"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("add", "Kim", "--role", "king", "--code"), 2, "there is no role 'king'"),
        (("add", "Kim", "--role", "nobody", "--code"), 2, "nobody signs in as nobody"),
        (("add", " ", "--role", "artist", "--code"), 2, "a name has 1 to 200"),
        (("add", "Kim"), 2, "missing option '--role'"),
        (("add", "Kim", "--role", "artist"), 2, "a password is asked for on a terminal alone"),
        (("add", "Kim", "--role", "artist", "--password-file", "none"), 3, "there is no file"),
        (("role", "Kim", "king"), 2, "there is no role 'king'"),
        (("role", "Kim", "label"), 3, "there is no member 'Kim'"),
        (("shut", "Ada Quill"), 3, "there is no member 'Ada Quill'"),
        (("code", "Nobody"), 3, "there is no member 'Nobody'"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    cli: Cli, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = cli("member", *words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"assent: {sentence}")
    assert ran.err.count("\n") == 1


def test_the_last_operator_stays(cli: Cli, password_file: Path) -> None:
    cli("member", "add", "Kim", "--role", "operator", "--code")
    for words in (("shut", "Kim"), ("role", "Kim", "artist")):
        ran = cli("member", *words)
        assert (ran.code, "the last operator" in ran.err) == (1, True)
    weak = password_file.with_name("weak")
    weak.write_text("password123\n")
    ran = cli("member", "add", "Lee", "--role", "operator", "--password-file", weak)
    assert (ran.code, "one of the first" in ran.err) == (2, True)
    both = ("member", "add", "Lee", "--role", "operator", "--password-file", weak, "--code")
    assert cli(*both).code == 2


def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    data: Path, stocked: House
) -> None:
    """A real terminal, as a person has one."""
    ours, theirs = pty.openpty()
    script = Path(sys.executable).with_name("assent")
    command = [str(script), "--data", str(data), "member", "add", "Kim", "--role", "operator"]
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={"PATH": os.environ["PATH"], "LOGNAME": "desk"},
    ) as process:
        os.close(theirs)
        shown = b""
        for asked in (b"Password: ", b"once more: "):
            while asked not in shown:
                shown += os.read(ours, 1024)
            os.write(ours, f"{PASSWORD}\n".encode())
        while b"can sign in" not in shown:
            shown += os.read(ours, 1024)
        assert process.wait() == 0
    os.close(ours)
    assert PASSWORD.encode() not in shown
    assert proved(stocked, "Kim", PASSWORD) is not None


@pytest.mark.parametrize("typed", [[PASSWORD, "another one here"], []])
def test_a_slip_of_the_finger_makes_no_member(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, typed: list[str]
) -> None:
    answers = iter(typed)

    def ask(_prompt: str) -> str:
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr(getpass, "getpass", ask)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    ran = cli("member", "add", "Kim", "--role", "operator")
    assert ran.code == 2
    assert cli("member", "list").out == ""
