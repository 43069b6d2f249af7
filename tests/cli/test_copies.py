"""Cases on the command line: what waits, what is decided, and what that opens and closes."""

from pathlib import Path

import pytest

from assent.acts.copies import Found, Suspicion, suspect
from assent.acts.house import House
from tests.cli.runs import PROGRAM, Cli
from tests.houses import add

ALIGNED = {
    "start_s": 0,
    "end_s": 12.5,
    "original_start_s": 60,
    "original_end_s": 72.5,
    "semitones": 1,
    "tempo": 1.06,
    "votes": 80,
    "finding": "the samples agree",
}


@pytest.fixture
def suspected(stocked: House) -> House:
    """Give a platform on which Ada's r0 is suspected to be made of Cy's r3, who says no."""
    with stocked.act("machine") as act:
        found = Suspicion(original="r3", found=Found.FINGERPRINT, evidence=[ALIGNED])
        suspect(act, "r0", [found])
    return stocked


@pytest.mark.usefixtures("suspected")
def test_what_waits_is_listed_with_what_matches(cli: Cli) -> None:
    (line,) = cli("copies").lines
    assert cli("copies", "list").lines == [line]
    matches = (
        "0.0-12.5 s is 60.0-72.5 s of it, pitch +1.00 semitones, tempo x1.060, the samples agree"
    )
    assert line.split("\t") == ["r0", "r3", "suspected", "fingerprint", matches, "", ""]
    told = cli("copies", "--json").object
    assert (told["recording"], told["original"], told["state"]) == ("r0", "r3", "suspected")
    assert told["evidence"] == [ALIGNED]
    assert told["claims"] == []
    listed = {it["recording"]: it["waits"] for it in cli("recordings", "--json").objects}
    assert listed == {"r0": True, "r1": False, "r2": False, "r3": False, "r4": False}
    assert "(waits for a decision)" in cli("recordings").lines[0]
    assert "waits" not in cli("recordings").lines[1]


@pytest.mark.usefixtures("suspected")
def test_a_decision_says_what_it_opens_and_closes(cli: Cli) -> None:
    assert cli("may", "r0", "--program", PROGRAM).code == 1
    words = ("copies", "decide", "r0", "--original", "r3", "--by", "Kim", "--cause", "two takes")
    ran = cli(*words, "--state", "rejected")
    assert ran.out.endswith(": r0 as a copy of r3 is decided: rejected, two takes\n")
    assert ran.err == f"That opens for r0: the program {PROGRAM}.\n"
    assert cli("may", "r0", "--program", PROGRAM).code == 0
    assert cli("copies").out == ""
    (line,) = cli("copies", "--all").lines
    assert line.split("\t")[2] == "rejected"
    told = cli(*words, "--state", "true-original", "--json")
    assert told.err == "No use opens or closes by that.\n"
    assert told.object["changes"] == []
    assert told.object["state"] == "true-original"
    shown = cli("copies", "show", "r0").lines
    assert shown[0].startswith("r0 as a copy of r3: true-original, found by fingerprint (event ")
    assert shown[-1].startswith("  decided by Kim (event ")
    assert shown[-1].endswith("): two takes")


def test_what_nothing_speaks_of_is_said_so(cli: Cli) -> None:
    ran = cli("copies", "show", "r2")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "Nothing says that r2 is made of another, or another of it.\n"
    assert cli("copies", "show", "r2", "--json").out == ""
    assert cli("copies").out == ""


@pytest.mark.usefixtures("suspected")
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("r0", "r3", "maybe", "Kim", "x"), 2, "'maybe' is no decision; say confirmed, licensed"),
        (("r0", "r3", "suspected", "Kim", "x"), 2, "suspected is no decision"),
        (("r0", "r3", "rejected", "Kim", " "), 2, "a decision needs a cause"),
        (("r3", "r0", "rejected", "Kim", "x"), 3, "there is no case of r3 as a copy of r0"),
        (("r1", "r3", "rejected", "Kim", "x"), 3, "there is no case of r1 as a copy of r3"),
        (("nowhere", "r3", "rejected", "Kim", "x"), 3, "there is no recording 'nowhere'"),
        (("r0", "r3", "rejected", "ada QUILL", "x"), 1, "ada QUILL holds rights in r0"),
        (("r0", "r3", "rejected", "Cy Loom", "x"), 1, "Cy Loom holds rights in r3"),
        (("r0", "r3", "rejected", "", "x"), 1, "desk wrote the upload of r0 down; somebody"),
    ],
)
def test_what_cannot_be_decided_is_one_sentence(
    cli: Cli, words: tuple[str, ...], code: int, sentence: str
) -> None:
    recording, original, state, by, cause = words
    named = ("copies", "decide", recording, "--original", original, "--state", state)
    ran = cli(*named, "--cause", cause, "--by", by)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"assent: {sentence}")
    assert ran.err.count("\n") == 1


def test_whoever_brings_many_copies_is_watched_until_cleared(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    taken = [add(stocked, tmp_path, "Tess Vane") for _ in range(5)]
    for recording in taken:
        with stocked.act("machine") as act:
            suspect(act, recording, [Suspicion(original="r3", found=Found.DIGEST)])
    ran = cli("copies", "--json")
    assert [it["watched"] for it in ran.objects] == ["Tess Vane"] * 5
    said = "Tess Vane is watched: nothing trains on what they bring until assent copies clear.\n"
    assert ran.err == said
    ran = cli("copies", "clear", "Tess Vane", "--cause", "a label", "--by", "Kim")
    assert ran.out.endswith(": Tess Vane is cleared: a label\n")
    assert ran.err == "That opens something of 0 recordings.\n"
    assert cli("copies").err == ""
    for who, code, sentence in (
        ("Tess Vane", 1, "Tess Vane is not watched"),
        ("Nobody", 3, "nobody here is called 'Nobody'"),
    ):
        ran = cli("copies", "clear", who, "--cause", "a label", "--by", "Kim")
        assert (ran.code, ran.err) == (code, f"assent: {sentence}\n")


def test_there_must_be_a_platform(bare: Cli) -> None:
    for words in ((), ("list",), ("show", "r0"), ("clear", "Ada Quill", "--cause", "x")):
        assert bare("copies", *words).code == 4
