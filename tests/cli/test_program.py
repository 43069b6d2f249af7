"""Programs on the command line: two persons, one life, and what each may use at every point."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assent.acts.house import House
from assent.acts.say import choose
from assent.permission.presets import Preset
from tests.cli.runs import PROGRAM, Cli
from tests.houses import program_toml


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "program.toml"
    path.write_text(program_toml("tool-train", '"train-tool", "train-rival"'))
    return path


def may_use(house: House, program: str) -> int:
    return len(house.gate.snapshot.permitted(program).numbers)


def test_a_program_lives_through_all_its_states(cli: Cli, stocked: House, file: Path) -> None:
    ran = cli("program", "propose", file, "--by", "Kim")
    assert ran.code == 0
    assert ran.out.endswith("Kim proposes the program tool-train; somebody else must approve it\n")
    states = [cli("program", "show", "tool-train", "--json").object["state"]]
    assert cli("grant", "--artist", "Ada Quill", "--program", "tool-train").code == 0
    for act, open_now in (("approve", 2), ("suspend", 0), ("resume", 2), ("end", 0)):
        ran = cli("program", act, "tool-train", "--by", "Lee", "--json")
        assert ran.code == 0
        assert (ran.object["kind"], ran.object["by"]) == (f"program.{act}", "Lee")
        assert ran.object["open"] == open_now == may_use(stocked, "tool-train")
        assert ran.err == f"It may use {open_now} of 5 recordings now.\n"
        states.append(cli("program", "show", "tool-train", "--json").object["state"])
    assert states == ["waits for approval", "live", "suspended", "live", "ended"]


def test_who_acts_is_the_user_where_nobody_is_named(cli: Cli, file: Path) -> None:
    assert cli("program", "propose", file, "--json").object["by"] == "desk"


def test_showing_a_program_tells_it_in_plain_words(cli: Cli, stocked: House) -> None:
    choose(stocked, "Bo Ferrum", Preset.ASK)
    told = cli("program", "show", PROGRAM, "--json").object
    ran = cli("program", "show", PROGRAM)
    assert ran.lines == [
        f"{PROGRAM}: Train a model that makes background music.",
        "by Nightjar Models; to be reached at rights@nightjar.example",
        "it asks for",
        "  letting a partner train any other generative model (partner/train-rival)",
        "in world, from at once",
        "until it is ended; it keeps what it gets for 365 days",
        "under the contract NM-1",
        f"proposed by Kim (event {told['proposed']}), approved by Lee (event {told['approved']})",
        f"live; it may use {may_use(stocked, PROGRAM)} of 5 recordings now",
        "1 of 3 holders have said that programs may ask them",
    ]
    assert may_use(stocked, PROGRAM) == 2


def test_the_json_of_a_program_says_what_it_may_use(cli: Cli, stocked: House) -> None:
    told = cli("program", "show", PROGRAM, "--json").object
    assert told["open"] == may_use(stocked, PROGRAM)
    assert (told["of"], told["live"], told["uses"]) == (5, True, ["partner/train-rival"])
    listed = cli("program", "list", "--json").objects
    assert [it["program"] for it in listed] == [PROGRAM, "only-proposed"]
    assert listed[0] == told


def test_the_list_has_a_line_for_each(cli: Cli) -> None:
    assert [line.split("\t")[:3] for line in cli("program", "list").lines] == [
        [PROGRAM, "live", "2"],
        ["only-proposed", "waits for approval", "0"],
    ]


def test_one_without_a_contract_and_with_models_is_shown_so(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    text = program_toml("own-sorting", '"train-analysis"', 'models = ["sorter-1", "sorter-2"]')
    text = text.replace('actor = "partner"', 'actor = "platform"').replace('contract = "NM-1"', "")
    path.write_text(text)
    cli("program", "propose", path)
    ran = cli("program", "show", "own-sorting")
    assert "for the models sorter-1, sorter-2" in ran.lines
    assert "contract" not in ran.out
    assert "approved by" not in ran.out


def test_time_alone_starts_and_ends_a_program(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "dated.toml"
    path.write_text(program_toml("dated", extra="start = 2100-01-01\nend = 2101-01-01"))
    cli("program", "propose", path, "--by", "Kim")
    cli("program", "approve", "dated", "--by", "Lee")
    told = cli("program", "show", "dated", "--json").object
    assert (told["state"], told["live"]) == ("not started yet", False)


def test_one_that_is_past_its_end_says_so(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "dated.toml"
    path.write_text(program_toml("dated", extra="end = 2101-01-01"))
    cli("program", "propose", path, "--by", "Kim")
    monkeypatch.setattr(House.open.__func__, "__kwdefaults__", {"create": False, "clock": later})  # type: ignore[attr-defined]  # a class method's function
    assert cli("program", "show", "dated", "--json").object["state"] == "past its end"


def later() -> datetime:
    return datetime(2101, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("act", ["approve", "suspend", "resume", "end", "show"])
def test_a_program_that_is_not_there_is_unknown(cli: Cli, act: str) -> None:
    ran = cli("program", act, "nowhere")
    assert (ran.code, ran.out, ran.err) == (3, "", "assent: there is no program 'nowhere'\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("approve", "only-proposed", "--by", "kim"), "kim proposed the program 'only-proposed'; "),
        (("approve", PROGRAM, "--by", "Lee"), f"the program '{PROGRAM}' is approved already"),
        (("resume", PROGRAM), f"the program '{PROGRAM}' is not suspended"),
    ],
)
def test_what_a_person_may_not_do_is_a_no(cli: Cli, words: tuple[str, ...], sentence: str) -> None:
    ran = cli("program", *words)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"assent: {sentence}")
    assert ran.err.count("\n") == 1


def test_a_stopped_program_cannot_be_stopped_again(cli: Cli) -> None:
    cli("program", "end", PROGRAM)
    for act, sentence in (
        ("suspend", f"the program '{PROGRAM}' is stopped already"),
        ("end", f"the program '{PROGRAM}' has ended already"),
    ):
        ran = cli("program", act, PROGRAM)
        assert (ran.code, ran.err) == (1, f"assent: {sentence}\n")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("id = ", "the program file is no TOML"),
        (program_toml(PROGRAM), f"there is a program '{PROGRAM}' already"),
        (program_toml("old", extra="end = 2020-01-01"), "a program must end in the future"),
        (program_toml("odd", '"nap"'), "a program's activities: there is no use"),
        (program_toml("odd", extra='mood = "fine"'), "a program"),
    ],
)
def test_a_file_that_breaks_a_rule_is_one_sentence(
    cli: Cli, tmp_path: Path, content: str, sentence: str
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(content)
    ran = cli("program", "propose", path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("assent: ")
    assert ran.err.count("\n") == 1
    assert sentence[:12] in ran.err


def test_a_file_that_is_not_there_and_a_platform_that_is_not(
    cli: Cli, bare: Cli, file: Path, tmp_path: Path
) -> None:
    assert cli("program", "propose", tmp_path / "nowhere.toml").code == 3
    assert cli("program", "propose", tmp_path).code == 2
    assert bare("program", "propose", file).code == 4
    assert bare("program", "list").code == 4
    assert cli("program", "propose").code == 2
