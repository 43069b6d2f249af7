"""Copies on the command line: a copy never gets more than its original."""

import pytest

from tests.cli.runs import PROGRAM, Cli


def test_a_copy_waits_for_its_original_until_it_is_none(cli: Cli) -> None:
    ran = cli("copy", "r0", "--of", "r2", "--by", "Kim")
    assert ran.out.endswith(": r0 is a copy of r2\n")
    assert ran.err == "Nothing opens for r0 that is closed for r2.\n"
    assert cli("may", "r0", "--program", PROGRAM).code == 1
    ran = cli("copy", "r0", "--none", "--by", "Lee", "--json")
    assert ran.err == ""
    told = ran.object
    assert (told["kind"], told["recording"], told["original"], told["by"]) == (
        "copy",
        "r0",
        None,
        "Lee",
    )
    assert cli("may", "r0", "--program", PROGRAM).code == 0


def test_titles_are_understood(cli: Cli) -> None:
    titles = {it["recording"]: it["title"] for it in cli("recordings", "--json").objects}
    told = cli("copy", titles["r0"], "--of", titles["r2"], "--json").object
    assert (told["recording"], told["original"]) == ("r0", "r2")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("r0",), 2, "say --of RECORDING, or --none if it is no copy"),
        (("r0", "--of", "r1", "--none"), 2, "say --of RECORDING, or --none if it is no copy"),
        (("r0", "--of", "r0"), 2, "r0 cannot be a copy of its own copy"),
        (("nowhere", "--none"), 3, "there is no recording 'nowhere'"),
        (("r0", "--of", "nowhere"), 3, "there is no recording 'nowhere'"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    cli: Cli, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = cli("copy", *words)
    assert (ran.code, ran.out, ran.err) == (code, "", f"assent: {sentence}\n")


def test_there_must_be_a_platform(bare: Cli) -> None:
    assert bare("copy", "r0", "--none").code == 4
