"""`train-set` and `verify`: built, on record, checked again, taken back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assent.acts.cut import Cut, cut
from assent.acts.house import House
from assent.acts.say import About, withdraw
from assent.catalogue.events import Event, head
from assent.training.set_file import read_set
from tests.cli.runs import PROGRAM, Cli
from tests.houses import RIVAL

BUILD = ("train-set", "build", PROGRAM, "--out")


@pytest.mark.parametrize("form", ["webdataset", "parquet"])
def test_a_set_is_built_and_verified(cli: Cli, tmp_path: Path, form: str) -> None:
    folder = tmp_path / "set"
    built = cli(*BUILD, folder, "--form", form, "--json")
    assert built.code == 0
    assert built.object["items"] == built.object["permitted"] == 2
    assert built.object["form"] == form
    assert built.object["manifest"] == read_set(folder).manifest
    for how in ((), ("--quick",)):
        verified = cli("verify", folder, *how, "--json")
        assert verified.code == 0
        assert verified.object["holds"] is True
        assert verified.object["items"] == 2
        assert verified.object["deep"] is (how == ())
    assert cli("verify", folder).lines == ["s0 for rival-train: all 2 recordings hold"]


def test_building_prints_the_id_and_says_where(cli: Cli, tmp_path: Path, stocked: House) -> None:
    built = cli(*BUILD, tmp_path / "set", "--by", "Kim")
    assert (built.code, built.out) == (0, "s0\n")
    assert built.err == f"2 recordings for {PROGRAM} are in {tmp_path / 'set'}\n"


def test_what_is_taken_back_during_the_build_is_said(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    def cut_and_withdraw(
        house: House, record: Cut, by: str, keep: Callable[[], None]
    ) -> tuple[str, Event]:
        done = cut(house, record, by, keep)
        withdraw(house, About(holder="Ada Quill", program=PROGRAM, recording="r1"), RIVAL)
        return done

    # somebody takes a yes back just after the set was put on record
    monkeypatch.setattr("assent.training.build.cut", cut_and_withdraw)
    built = cli(*BUILD, tmp_path / "set")
    assert built.code == 0
    assert built.err.endswith("taken back during the build, and left out: r1\n")


def test_a_program_to_which_nothing_is_permitted_gets_no_set(
    cli: Cli, tmp_path: Path, stocked: House
) -> None:
    with stocked.reading() as connection:
        before = head(connection)
    refused = cli("train-set", "build", "only-proposed", "--out", tmp_path / "set")
    assert refused.code == 1
    assert refused.err.startswith("assent: ")
    assert not (tmp_path / "set").exists()
    with stocked.reading() as connection:
        assert head(connection) == before


def test_sets_on_record_are_listed_and_shown(cli: Cli, tmp_path: Path) -> None:
    assert cli("train-set", "list").out == ""
    cli(*BUILD, tmp_path / "first")
    cli(*BUILD, tmp_path / "second")
    listed = cli("train-set", "list", "--json").objects
    assert [(found["set"], found["items"]) for found in listed] == [("s0", 2), ("s1", 2)]
    assert [line.split("\t")[0] for line in cli("train-set", "list").lines] == ["s0", "s1"]
    assert cli("train-set", "list", "--program", "only-proposed").out == ""
    shown = cli("train-set", "show", "s1", "--json").object
    assert shown["recordings"] == ["r0", "r1"]
    assert {**shown, "recordings": None} == {**listed[1], "recordings": None}
    assert cli("train-set", "show", "s1").lines[-2:] == ["r0", "r1"]


def test_a_recording_is_in_a_set_or_not(cli: Cli, tmp_path: Path) -> None:
    cli(*BUILD, tmp_path / "set")
    yes, no = cli("train-set", "contains", "s0", "r1"), cli("train-set", "contains", "s0", "r2")
    assert (yes.code, yes.out) == (0, "yes: r1 is in s0\n")
    assert (no.code, no.out) == (1, "no: r2 is not in s0\n")
    asked = cli("train-set", "contains", "s0", "r2", "--json")
    assert (asked.code, asked.object["contains"]) == (1, False)


def test_what_was_taken_back_since_is_recalled(cli: Cli, tmp_path: Path, stocked: House) -> None:
    cli(*BUILD, tmp_path / "set")
    nothing = cli("train-set", "recall", "s0")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "nothing of s0 was taken back\n")
    assert cli("train-set", "recall", "s0", "--json").out == ""
    event = withdraw(stocked, About(holder="Ada Quill", recording="r1"), RIVAL)
    assert cli("train-set", "recall", "s0").lines[0] == "r1"
    recalled = cli("train-set", "recall", "s0", "--json").object
    assert recalled["recording"] == "r1"
    assert recalled["events"] == [event.number]
    assert "Ada Quill has not said yes" in recalled["reasons"][0]
    # what was permitted when it was built still verifies; the recall says what to take out
    assert cli("verify", tmp_path / "set").code == 0


def test_a_set_that_is_not_there_is_unknown(cli: Cli) -> None:
    for asked in (("show", "s9"), ("contains", "s9", "r0"), ("recall", "s9")):
        found = cli("train-set", *asked)
        assert (found.code, found.err) == (3, "assent: there is no training set 's9'\n")
