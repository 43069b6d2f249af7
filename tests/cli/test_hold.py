"""Holds on the command line: off at once, and back to what it was."""

import pytest

from assent.acts.house import House
from tests.cli.runs import PROGRAM, Cli


def may(cli: Cli, *asked: str) -> bool:
    return cli("may", "r0", *asked).code == 0


def test_a_hold_closes_and_its_release_opens_the_same(cli: Cli, stocked: House) -> None:
    placed = cli("hold", "r0", "--use", "*/*", "--cause", "a dispute", "--by", "Kim", "--json")
    assert placed.code == 0
    assert placed.object["programs"] == [PROGRAM]
    assert "platform/search" in placed.object["closed"]
    for use in placed.object["closed"]:
        assert not may(cli, "--use", use)
    assert not may(cli, "--program", PROGRAM)
    assert stocked.gate.snapshot.permitted(PROGRAM).numbers.tolist() == [1]
    number = placed.object["event"]
    assert f"assent release {number} lifts it.\n" in placed.err
    lifted = cli("release", str(number), "--by", "Lee", "--json").object
    assert (lifted["hold"], lifted["recording"], lifted["by"]) == (number, "r0", "Lee")
    assert lifted["opened"] == placed.object["closed"]
    assert lifted["programs"] == [PROGRAM]
    assert may(cli, "--program", PROGRAM)


def test_a_hold_is_told_in_words(cli: Cli) -> None:
    words = ("hold", "r0", "--use", "partner/train-rival", "--cause", " a dispute ")
    first, second = cli(*words), cli(*words)
    assert first.out.endswith(": 1 use of r0 is on hold: a dispute\n")
    assert first.err.startswith(f"That closes for r0: the program {PROGRAM}.\n")
    assert second.err.startswith(
        "That closes for r0: nothing, for other reasons keep it as it was.\n"
    )
    number = first.out.split(":")[0].removeprefix("event ")
    ran = cli("release", number)
    assert ran.out.endswith(f": the hold {number} on r0 is lifted\n")
    assert ran.err == "That opens for r0: nothing, for other reasons keep it as it was.\n"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("hold", "r0", "--cause", "x"), 2, "say which uses: --use ACTOR/ACTIVITY, or --use '*/*'"),
        (("hold", "r0", "--use", "*/*"), 2, "missing option '--cause'"),
        (("hold", "r0", "--use", "*/*", "--cause", " "), 2, "a hold needs a cause"),
        (("hold", "r0", "--use", "nap", "--cause", "x"), 2, "no use matches 'nap'"),
        (("hold", "nowhere", "--use", "*/*", "--cause", "x"), 3, "there is no recording 'nowhere'"),
        (("release", "1"), 3, "there is no hold 1 in force"),
        (("release", "soon"), 2, "invalid value for 'EVENT'"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    cli: Cli, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = cli(*words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"assent: {sentence}")
    assert ran.err.count("\n") == 1


def test_a_hold_is_lifted_once(cli: Cli) -> None:
    words = ("hold", "r0", "--use", "*/*", "--cause", "x", "--json")
    number = str(cli(*words).object["event"])
    assert cli("release", number).code == 0
    ran = cli("release", number)
    assert (ran.code, ran.err) == (3, f"assent: there is no hold {number} in force\n")


def test_there_must_be_a_platform(bare: Cli) -> None:
    assert bare("hold", "r0", "--use", "*/*", "--cause", "x").code == 4
    assert bare("release", "1").code == 4
