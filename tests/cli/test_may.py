"""`may` and `explain`: the answer, every reason, now and as it was."""

import pytest

from assent.acts.copies import declare_copy
from assent.acts.hold import hold
from assent.acts.house import House
from assent.acts.say import About, withdraw
from assent.catalogue.events import head
from assent.permission.reasons import Kind
from assent.permission.uses import labels
from tests.cli.runs import PROGRAM, Cli
from tests.houses import RIVAL


@pytest.mark.parametrize("command", ["may", "explain"])
def test_a_yes_is_0_and_a_no_is_1_with_the_reason_in_words(cli: Cli, command: str) -> None:
    yes = cli(command, "r0", "--program", PROGRAM)
    no = cli(command, "r2", "--program", PROGRAM)
    assert (yes.code, no.code) == (0, 1)
    assert yes.lines[0] == "yes: the program rival-train, recording r0"
    assert any("Ada Quill said yes" in line for line in yes.lines)
    assert any("Bo Ferrum has not said yes" in line for line in no.lines)
    assert yes.err == no.err == ""


def test_a_recording_is_found_by_its_title(cli: Cli, stocked: House) -> None:
    title = cli("recordings", "--json").objects[0]["title"]
    assert cli("may", title, "--program", PROGRAM).code == 0


def test_uses_alone_are_asked_for_everybody(cli: Cli) -> None:
    assert cli("may", "r0", "--use", "platform/search").code == 0
    # the yes was for one program
    no = cli("may", "r0", "--use", "partner/train-rival", "--use", "platform/search", "--json")
    assert no.code == 1
    assert no.object["program"] is None
    assert no.object["uses"] == ["platform/search", "partner/train-rival"]
    assert no.object["missing"] == ["partner/train-rival"]


def test_json_has_all_that_a_program_needs(cli: Cli, stocked: House) -> None:
    found = cli("may", "r3", "--program", PROGRAM, "--json").object
    with stocked.reading() as connection:
        assert found["head"] == head(connection)
    assert set(found) == {
        *("allowed", "recording", "program", "uses", "missing", "reasons", "at", "head")
    }
    assert found["allowed"] is False
    assert {reason["kind"] for reason in found["reasons"]} == {"refused", "not-granted"}
    for reason in found["reasons"]:
        assert reason["kind"] in {kind.value for kind in Kind}
        assert reason["name"] == "Cy Loom"
        assert reason["text"].endswith(".")


def test_an_unheld_recording_says_so(cli: Cli) -> None:
    found = cli("explain", "r4", "--program", PROGRAM)
    assert found.code == 1
    assert "held by nobody: r4 in world" in found.lines
    facts = cli("explain", "r4", "--program", PROGRAM, "--json").object["facts"]
    assert facts["unclaimed"] == ["world"]
    assert facts["holders"] == facts["open"] == []


def test_explain_shows_every_holders_standing(cli: Cli) -> None:
    shown = cli("explain", "r0", "--program", PROGRAM).out
    assert "holder of r0: Ada Quill" in shown
    assert "accepted: assent-terms-1" in shown
    assert "current: assent-terms-1" in shown
    assert "said yes: partner/train-rival" in shown
    assert "said no: partner/train-rival" in cli("explain", "r3", "--program", PROGRAM).out
    facts = cli("explain", "r3", "--program", PROGRAM, "--json").object["facts"]
    (holder,) = facts["holders"]
    assert [text["role"] for text in holder["texts"]] == ["accepted", "current"]
    assert holder["granted"] == []
    assert [piece["uses"] for piece in holder["refused"]] == [["partner/train-rival"]]


def test_explain_shows_holds_and_originals(cli: Cli, stocked: House) -> None:
    declare_copy(stocked, "r0", "r3", "desk")
    hold(stocked, "r0", RIVAL, "a dispute", "desk")
    found = cli("explain", "r0", "--program", PROGRAM)
    assert found.code == 1
    assert "a copy of r3" in found.lines
    assert "holder of r3: Cy Loom" in found.out
    facts = cli("explain", "r0", "--program", PROGRAM, "--json").object["facts"]
    assert facts["holds"][0]["cause"] == "a dispute"
    assert facts["holds"][0]["uses"] == list(labels(RIVAL))
    assert facts["original"]["recording"] == "r3"


@pytest.mark.parametrize("command", ["may", "explain"])
def test_the_past_is_answered_as_it_was(cli: Cli, stocked: House, command: str) -> None:
    with stocked.reading() as connection:
        before = head(connection)
    after = withdraw(stocked, About(holder="Ada Quill", program=PROGRAM), RIVAL)
    asked = (command, "r0", "--program", PROGRAM)
    assert cli(*asked).code == 1
    assert cli(*asked, "--at", str(after.number)).code == 1
    then = cli(*asked, "--at", str(before), "--json")
    assert then.code == 0
    assert then.object["head"] == before
    # before its approval the program was there and might nothing; before that it was not there
    early = [cli(*asked, "--at", str(event)).code for event in range(1, before + 1)]
    assert early == sorted(early, reverse=True)
    assert set(early) == {3, 1, 0}


def test_an_event_that_has_not_happened_is_unknown(cli: Cli) -> None:
    found = cli("may", "r0", "--program", PROGRAM, "--at", "999")
    assert (found.code, found.err) == (3, "assent: there is no event 999\n")


@pytest.mark.parametrize("asked", [(), ("--program", PROGRAM, "--use", "platform/search")])
@pytest.mark.parametrize("command", ["may", "explain"])
def test_a_program_or_uses_are_asked_for_and_not_both(
    cli: Cli, command: str, asked: tuple[str, ...]
) -> None:
    found = cli(command, "r0", *asked)
    assert found.code == 2
    assert found.err.startswith("assent: ask for a program or for uses")
