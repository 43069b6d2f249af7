"""A command's visit: who does it, where, and what is brought up to date first."""

from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest

from assent.acts.house import House
from assent.acts.say import About, grant
from assent.catalogue.events import read
from assent.cli.main import run
from assent.cli.session import person
from assent.errors import BadInput
from assent.settings import Settings
from tests.cli.runs import PROGRAM, Cli
from tests.houses import RIVAL


def test_the_user_of_the_system_does_it_unless_somebody_is_named(cli: Cli) -> None:
    uses = ("--use", "partner/train-rival", "--program", PROGRAM)
    by = [
        cli("grant", "--artist", "Bo Ferrum", *uses, "--json", *said).object["by"]
        for said in ((), ("--by", " Kim "))
    ]
    assert by == ["desk", "Kim"]


def test_somebody_must_be_named_where_the_system_knows_nobody(stocked: House) -> None:
    assert stocked.settings.user == ""
    with pytest.raises(BadInput, match="--by NAME"):
        person(stocked, " ")


def test_a_number_without_a_name_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def unnamed() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("assent.settings.getuser", unnamed)
    assert Settings.read().user == ""


def test_the_option_beats_the_environment(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSENT_DATA", str(data))
    assert run(["recordings"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 5
    assert run(["--data", str(data / "none"), "recordings"]) == 4


def test_what_has_run_out_is_put_on_record_first(cli: Cli, stocked: House) -> None:
    until = stocked.clock() + timedelta(seconds=0.3)
    granted = grant(stocked, About(holder="Bo Ferrum", program=PROGRAM), RIVAL, until=until)
    sleep(0.35)
    assert cli("uses").code == 0
    with stocked.reading() as connection:
        event = read(connection, granted.number + 1)
    assert event is not None
    assert (event.kind, event.by) == ("statement.expire", "clock")
