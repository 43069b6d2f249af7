"""Who holds a recording, on the command line."""

from pathlib import Path

import pytest

from assent.acts.house import House
from assent.acts.publish import make_agreement
from tests.cli.runs import PROGRAM, Cli
from tests.houses import add, agreement_toml


def test_holders_are_set_and_shown_and_all_must_say_yes(cli: Cli, stocked: House) -> None:
    ran = cli(
        *("holders", "set", "r0", "--by", "Kim"),
        *("--holder", "Bo Ferrum=12.5%,performer,DE FR", "--holder", "Ada Quill=60%,composer"),
    )
    assert ran.code == 0
    assert ran.out.endswith(": r0 is held by Ada Quill, Bo Ferrum\n")
    assert ran.err == (
        "Every use of r0 that needs a yes now needs that of Ada Quill and of Bo Ferrum.\n"
    )
    assert cli("holders", "show", "r0").lines == [
        "Ada Quill\t60%\tcomposer\tworld",
        "Bo Ferrum\t12.5%\tperformer\tDE FR",
    ]
    assert stocked.gate.snapshot.permitted(PROGRAM).numbers.tolist() == [1]


def test_the_json_says_shares_in_millionths(cli: Cli) -> None:
    told = cli("holders", "set", "r0", "--holder", "Ada Quill=12.5%", "--json").object
    assert (told["kind"], told["names"], told["unclaimed"]) == ("holding", ["Ada Quill"], [])
    assert cli("holders", "show", "r0", "--json").object == {
        "recording": "r0",
        "holders": [
            {
                "holder": "a0",
                "name": "Ada Quill",
                "share_ppm": 125_000,
                "role": "owner",
                "territories": ["world"],
            }
        ],
        "unclaimed": [],
    }


def test_where_nobody_holds_it_is_told(cli: Cli) -> None:
    ran = cli("holders", "set", "r0", "--holder", "Ada Quill=100%,owner,DE")
    assert ran.err.splitlines()[1:] == [
        "Nobody is known to hold the rights for world; so it is closed."
    ]
    assert cli("may", "r0", "--use", "platform/search").code == 1
    ran = cli("holders", "show", "r4")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "Nobody is known to hold the rights for world.\n"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("set", "r0"), 2, "name at least one holder"),
        (("set", "r0", "--holder", "Ada"), 2, "'Ada' is no holder; write NAME=SHARE%,ROLE,"),
        (("set", "r0", "--holder", "Ada=0%"), 2, "'0%' is no share; it is more than 0% and"),
        (
            ("set", "r0", "--holder", "Ada=60%", "--holder", "Bo=60%"),
            2,
            "the shares come to more than 100% in world",
        ),
        (("set", "nowhere", "--holder", "Ada=60%"), 3, "there is no recording 'nowhere'"),
        (("show", "nowhere"), 3, "there is no recording 'nowhere'"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    cli: Cli, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = cli("holders", *words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"assent: {sentence}")
    assert ran.err.count("\n") == 1


def test_an_agreement_says_who_holds_and_nobody_else_does(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    make_agreement(stocked, agreement_toml(), "desk")
    recording = add(stocked, tmp_path, "Dot Marrow", agreement="lantern-1")
    ran = cli("holders", "set", recording, "--holder", "Dot Marrow=100%")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"assent: {recording} stands under the agreement 'lantern-1'\n"
    assert cli("holders", "show", recording).out == "Lantern Row\t100%\towner\tworld\n"


def test_there_must_be_a_platform(bare: Cli) -> None:
    assert bare("holders", "show", "r0").code == 4
