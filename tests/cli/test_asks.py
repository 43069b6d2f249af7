"""What a program asks on the command line, and what became of it."""

from assent.acts.asked import Says
from assent.acts.house import House
from assent.acts.requests import answer
from assent.acts.say import choose
from assent.permission.presets import Preset
from tests.cli.runs import PROGRAM, Cli


def test_a_program_asks_and_the_answers_are_counted(cli: Cli, stocked: House) -> None:
    choose(stocked, "Bo Ferrum", Preset.ASK)
    asked = cli("program", "ask", PROGRAM, "--words", "Please.", "--pays", "5", "--json")
    assert asked.code == 0
    assert (asked.object["kind"], asked.object["by"]) == ("request", "desk")
    answer(stocked, "Bo Ferrum", int(str(asked.object["event"])), Says.NEVER, "Bo Ferrum")
    told = cli("program", "asks", PROGRAM, "--json").object
    assert (told["state"], told["yes"], told["no"], told["never"]) == ("open", 0, 0, 1)
    assert PROGRAM in cli("program", "asks").out


def test_what_is_asked_can_be_taken_back_once(cli: Cli, stocked: House) -> None:
    cli("program", "ask", PROGRAM, "--words", "Please.")
    ran = cli("program", "unask", PROGRAM)
    assert ran.code == 0
    assert ran.out.endswith(f"the program {PROGRAM} asks no more\n")
    assert cli("program", "asks", "--json").object["state"] == "withdrawn"
    assert cli("program", "unask", PROGRAM).code == 3


def test_what_cannot_be_asked_is_told_in_one_clause(cli: Cli, stocked: House) -> None:
    assert cli("program", "ask", "nobody", "--words", "Please.").code == 3
    assert cli("program", "ask", PROGRAM, "--words", " ").code == 2
    assert cli("program", "ask", PROGRAM, "--words", "Please.", "--until", "soon").code == 2
    assert cli("program", "asks", "nobody").code == 3
