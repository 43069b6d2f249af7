"""Claims on the command line: made, answered, shown; what they close is said."""

from hashlib import sha256
from pathlib import Path

import pytest

from assent.acts.house import House
from tests.cli.runs import PROGRAM, Cli
from tests.houses import add

ADA, CY = ("--artist", "Ada Quill"), ("--artist", "Cy Loom")
MINE = ("claim", "make", "r0", "--against", "r3", "--says", "mine", "--words", "my own take")


def test_the_earlier_one_claims_and_the_later_one_is_closed_until_it_is_decided(
    cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "stems.zip"
    file.write_bytes(b"stems")
    ran = cli(*MINE, *ADA, "--file", file)
    assert ran.out.endswith(": Ada Quill claims of r3 and r0: mine\n")
    number = ran.out.split(":")[0].removeprefix("event ")
    until = cli("claim", "show", number, "--json").object["answer_by"]
    assert ran.err.endswith(f"It can be answered until {until}: assent claim answer {number}.\n")
    assert cli("claim", "list").lines == [
        f"{number}\tr3\tr0\tmine\tAda Quill\topen\t{until}",
    ]
    shown = cli("claim", "show", number).lines
    assert shown == [
        "of r3 as a copy of r0",
        f"claim {number} by Ada Quill: r3 is made of theirs; open, to be answered by {until}",
        "  in their words: my own take",
        f"  file stems.zip, 5 bytes, SHA-256 {sha256(b'stems').hexdigest()}",
    ]
    assert cli("may", "r0", "--program", PROGRAM).code == 0, "the earlier one is as it was"
    decide = ("copies", "decide", "r3", "--original", "r0", "--state", "confirmed")
    reviewer = ("--cause", "x", "--by", "Kim")
    ran = cli(*decide, *reviewer)
    assert ran.code == 1
    assert ran.err == (
        f"assent: whoever holds r3 may answer the claim {number} until {until}; nothing is decided"
        " against them before\n"
    )
    ran = cli("claim", "answer", number, *CY, "--disagree", "--words", "it is not")
    assert ran.out.endswith(f": Cy Loom does not agree to the claim {number}\n")
    assert ran.err == "No use opens or closes by that.\n"
    assert "\tanswered\t" in cli("claim", "list").out
    assert f"{number} mine by Ada Quill, answered, answer by {until}" in cli("copies").out
    assert cli(*decide, *reviewer).code == 0
    assert cli("claim", "list").out == ""
    assert "\tdecided\t" in cli("claim", "list", "--all").out
    (case,) = cli("copies", "show", "r0", "--json").objects
    assert (case["state"], case["waits"], case["found"]) == ("confirmed", False, "claim")
    assert [it["name"] for it in case["claims"][0]["answers"]] == ["Cy Loom"]
    lines = cli("copies", "show", "r3").lines
    assert f"    Cy Loom does not agree (event {case['claims'][0]['answers'][0]['event']})" in lines


def test_whoever_agrees_decides(cli: Cli) -> None:
    number = str(cli(*MINE, *ADA, "--json").object["event"])
    told = cli("claim", "answer", number, *CY, "--agree", "--words", "sorry", "--json")
    assert told.object["decided"] == told.object["event"] + 1
    assert told.err.endswith(f"The claim is decided by that: event {told.object['decided']}.\n")
    assert cli("copies", "show", "r3", "--json").object["state"] == "confirmed"
    ran = cli("claim", "answer", number, *CY, "--agree", "--words", "sorry")
    assert ran.code == 1
    assert "was decided by event" in ran.err


def test_a_claim_that_closes_says_so(cli: Cli, stocked: House, tmp_path: Path) -> None:
    later = add(stocked, tmp_path, "Ada Quill")
    assert cli("may", later, "--program", PROGRAM).code == 0
    ran = cli("claim", "make", "r3", "--against", later, "--says", "mine", "--words", "mine", *CY)
    assert ran.err.startswith(
        f"That closes for {later}: the program {PROGRAM}.\nIt can be answered"
    )
    number = ran.out.split(":")[0].removeprefix("event ")
    assert cli("may", later, "--program", PROGRAM).code == 1
    ran = cli(
        *("copies", "decide", later, "--original", "r3", "--state", "rejected", "--by", "Kim"),
        *("--cause", "two takes", "--json"),
    )
    assert ran.object["changes"] == [
        {
            "recording": later,
            "opened": [],
            "closed": [],
            "programs_opened": [PROGRAM],
            "programs_closed": [],
        }
    ]
    assert cli("claim", "show", number, "--json").object["state"] == "decided"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("r0", "r3", "perhaps", "Ada Quill"), 2, "'perhaps' is no claim; say mine, licensed"),
        (("r0", "r3", "mine", "Bo Ferrum"), 1, "Bo Ferrum holds rights in neither r0 nor r3"),
        (("r0", "r0", "mine", "Ada Quill"), 2, "a claim is about two recordings"),
        (("r0", "r3", "licensed", "Ada Quill"), 2, "nobody says that r3 is a copy of r0"),
        (("r0", "r9", "mine", "Ada Quill"), 3, "there is no recording 'r9'"),
        (("r0", "r3", "mine", "Nobody"), 3, "nobody here is called 'Nobody'"),
    ],
)
def test_what_cannot_be_claimed_is_one_sentence(
    cli: Cli, words: tuple[str, ...], code: int, sentence: str
) -> None:
    recording, other, says, artist = words
    named = ("claim", "make", recording, "--against", other, "--says", says, "--words", "it is so")
    ran = cli(*named, "--artist", artist)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"assent: {sentence}")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("1", *CY, "--words", "x"), 2, "say --agree or --disagree"),
        (("1", *CY, "--words", "x", "--agree", "--disagree"), 2, "say --agree or --disagree"),
        (("1", *CY, "--words", "x", "--agree"), 3, "there is no claim 1"),
        (("1", *CY, "--words", " ", "--agree"), 2, "say in words what speaks for it"),
        (("1", *CY, "--words", "x", "--agree", "--file", "no.zip"), 4, "'no.zip' cannot be read"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(
    cli: Cli, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = cli("claim", "answer", *words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"assent: {sentence}")


def test_there_is_no_claim_to_show(cli: Cli, bare: Cli) -> None:
    assert cli("claim", "show", "7").err == "assent: there is no claim 7\n"
    assert cli("claim", "list", "--json").out == ""
    assert bare("claim", "list").code == 4
