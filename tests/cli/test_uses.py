"""`uses`: what the gate let through, counted before it is listed."""

import pytest

from assent.acts.house import House
from tests.cli.runs import PROGRAM, Cli


@pytest.fixture
def used(stocked: House) -> House:
    token = stocked.gate.token(PROGRAM)
    for recording in ("r0", "r0", "r1"):
        stocked.gate.open(token, recording).close()
    stocked.close()
    return stocked


def test_nothing_was_used_yet(cli: Cli) -> None:
    assert cli("uses") == (0, "", "")


def test_every_use_is_listed(cli: Cli, used: House) -> None:
    found = cli("uses", "--json").objects
    assert [(use["program"], use["recording"], use["count"]) for use in found] == [
        (PROGRAM, "r0", 2),
        (PROGRAM, "r1", 1),
    ]
    # counted once, listed as often as one likes
    lines = cli("uses").lines
    assert [line.split("\t")[1:3] for line in lines] == [[PROGRAM, "r0"], [PROGRAM, "r1"]]


@pytest.mark.parametrize(
    ("asked", "recordings"),
    [
        (("r1",), ["r1"]),
        (("--artist", "Ada Quill"), ["r0", "r1"]),
        (("--artist", "Bo Ferrum"), []),
        (("--program", PROGRAM), ["r0", "r1"]),
        (("--program", "only-proposed"), []),
        (("r0", "--artist", "Ada Quill", "--program", PROGRAM), ["r0"]),
    ],
)
def test_uses_are_narrowed_down(
    cli: Cli, used: House, asked: tuple[str, ...], recordings: list[str]
) -> None:
    assert [use["recording"] for use in cli("uses", *asked, "--json").objects] == recordings


@pytest.mark.parametrize("asked", [("r9",), ("--artist", "Nobody"), ("--program", "nothing")])
def test_what_is_not_there_is_unknown(cli: Cli, asked: tuple[str, ...]) -> None:
    assert cli("uses", *asked).code == 3
