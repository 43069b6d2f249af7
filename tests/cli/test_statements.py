"""What a holder says on the command line, and what it is said to come to."""

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.acts.accounts import find_account
from assent.acts.copies import declare_copy
from assent.acts.hold import hold
from assent.acts.holders import parse_share, set_holders
from assent.acts.house import House
from assent.acts.programs import suspend
from assent.acts.say import About, grant
from assent.bench import platform as bench
from assent.catalogue.events import head
from assent.catalogue.facts import FactReader
from assent.catalogue.words import recordings_of
from assent.cli.causes import MOST_EXPLAINED
from assent.cli.main import run
from assent.cli.outcome import Asked, look
from assent.permission.decide import Decision, decide
from assent.permission.presets import PRESETS, Preset
from assent.permission.uses import ALL, parse_uses
from assent.settings import Settings
from tests.cli.runs import PROGRAM, Cli, Ran
from tests.houses import RIVAL, add, add_program, platform

ADA = ("--artist", "Ada Quill")
FREE = "platform/search"


def decisions(house: House, asked: str | int, recording: str | None = None) -> dict[str, Decision]:
    """Decide about every recording of Ada Quill's, or one of them, one by one."""
    at = house.clock()
    program = house.gate.snapshot.program(asked) if isinstance(asked, str) else None
    with house.reading() as connection:
        reader = FactReader(connection)
        numbers = recordings_of(connection, find_account(connection, "Ada Quill").id, recording)
        question = asked if isinstance(asked, int) else program
        assert question is not None
        return {
            f"r{number}": decide(reader.facts(f"r{number}", program, at), question, at)
            for number in numbers
        }


def counts(ran: Ran) -> tuple[int, int]:
    return ran.object["open"], ran.object["closed"]


def yes_and_no(found: dict[str, Decision]) -> tuple[int, int]:
    yes = sum(decision.allowed for decision in found.values())
    return yes, len(found) - yes


def preset(name: Preset) -> tuple[str, int, int]:
    return f"--preset {name.value}", PRESETS[name].granted or PRESETS[name].refused or ALL, ALL


def uses(pattern: str, more: str = "") -> tuple[str, int, int]:
    word = parse_uses([pattern])
    return f"--use {pattern}{more}", word, word


SPOKEN: list[tuple[str, tuple[str, str | int, int]]] = [
    *((verb, (f"--program {PROGRAM}", PROGRAM, RIVAL)) for verb in ("grant", "refuse", "withdraw")),
    ("withdraw", (f"--refusal --program {PROGRAM}", PROGRAM, RIVAL)),
    ("grant", uses("*/train-rival", " --all-programs")),
    ("grant", uses("platform/search")),
    ("refuse", uses("partner/*")),
    ("withdraw", uses("*/*")),
    ("withdraw", uses("*/*", " --refusal")),
    ("grant", preset(Preset.ASK)),
    ("refuse", preset(Preset.NO_AI)),
]
"""A verb, what is typed after it, what is looked at, which uses are touched."""


TROUBLES = ("none", "two holders", "a hold", "a copy", "suspended")


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give platforms with two recordings of Ada Quill's and something in the way of one."""
    return {it: troubled_by(it, tmp_path_factory.mktemp("troubled")) for it in TROUBLES}


def troubled_by(trouble: str, folder: Path) -> Path:
    with platform(folder / "data") as house:
        first, second, other = (add(house, folder, it) for it in ("Ada Quill", "Ada Quill", "Bo"))
        add_program(house, PROGRAM)
        if trouble == "two holders":
            shares = [parse_share("Ada Quill=60%"), parse_share("Bo=40%")]
            set_holders(house, second, shares, "desk")
        elif trouble == "a hold":
            hold(house, first, ALL, "a dispute", "desk")
        elif trouble == "a copy":
            declare_copy(house, second, other, "desk")
        elif trouble == "suspended":
            suspend(house, PROGRAM, "Lee")
    return folder / "data"


@contextmanager
def copied(data: Path) -> Iterator[House]:
    with TemporaryDirectory() as folder:
        house = House.open(Settings(data=Path(copytree(data, Path(folder) / "data"))))
        try:
            yield house
        finally:
            house.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(SPOKEN), st.sampled_from([None, "r0", "r1"])),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(TROUBLES),
)
def test_what_is_told_is_what_decisions_say(
    troubled: dict[str, Path],
    history: list[tuple[tuple[str, tuple[str, str | int, int]], str | None]],
    trouble: str,
) -> None:
    with copied(troubled[trouble]) as house:
        for (verb, (typed, asked, spoken)), place in history:
            about = place if "--preset" not in typed else None
            words = [verb, *ADA, *typed.split(), *(["--recording", about] if about else [])]
            looked = asked if isinstance(asked, str) else spoken
            before = decisions(house, looked, about), decisions(house, PROGRAM, about)
            with redirect_stdout(StringIO()) as printed, redirect_stderr(StringIO()):
                code = run(["--data", str(house.settings.data), *words, "--json"])
            if code:  # nothing that could be taken back
                assert (code, verb) == (2, "withdraw")
                continue
            now = decisions(house, looked, about), decisions(house, PROGRAM, about)
            told = Ran(code, printed.getvalue(), "").object
            assert (told["open"], told["closed"]) == yes_and_no(decisions(house, asked, about))
            assert told["changed"] == changes(before[0], now[0])
            (program,) = told["programs"] or [None]
            if program is not None:
                assert program["open"] == yes_and_no(now[1])[0]
                assert program["changed"] == changes(before[1], now[1])
            assert (program is not None) == bool(spoken & RIVAL)
            if verb == "grant":
                assert bool(told["why"]) == bool(told["closed"])


def changes(before: dict[str, Decision], now: dict[str, Decision]) -> int:
    """Count other answers: for a program a yes for a no; for uses, any other uses missing."""
    return sum(
        was.allowed != now[it].allowed if was.program else was.missing != now[it].missing
        for it, was in before.items()
    )


def test_a_yes_is_told_with_its_number_and_what_it_opens(cli: Cli, stocked: House) -> None:
    before = cli("withdraw", *ADA, "--program", PROGRAM, "--json")
    ran = cli("grant", *ADA, "--program", PROGRAM)
    assert ran.code == 0
    assert ran.out == (
        f"event {before.object['event'] + 1}: Ada Quill says yes to partner/train-rival"
        f" (all recordings, the program {PROGRAM})\n"
    )
    assert f"2 recordings: 2 open for the program {PROGRAM} now, 0 closed; 2 changed." in ran.err
    assert yes_and_no(decisions(stocked, PROGRAM)) == (2, 0)


def test_the_notice_shown_is_the_one_whose_digest_is_on_record(cli: Cli) -> None:
    for words in (
        ("grant", "--use", FREE, "--since", "2100-01-01", "--until", "2101-01-01T00:00Z"),
        ("refuse", "--use", "*/*", "--recording", "r1"),
        ("withdraw", "--refusal", "--use", "*/*", "--recording", "r1"),
        ("withdraw", "--program", PROGRAM),
        ("grant", "--use", "*/*", "--all-programs"),
        ("grant", "--preset", "found-not-trained"),
        ("refuse", "--preset", "no-ai"),
    ):
        ran = cli(words[0], *ADA, *words[1:], "--json")
        assert ran.code == 0
        lines = ran.err.splitlines()
        # the last line names the register since the notice is in plain words; it was the one before
        end = next(at for at, it in enumerate(lines) if it.startswith("The names in brackets"))
        assert lines[end - 1] == "You can take a yes back at any time."
        shown = "\n".join(lines[: end + 1])
        assert sha256(shown.encode()).hexdigest() == ran.object["notice"]


@pytest.mark.parametrize("choice", Preset)
@pytest.mark.parametrize("verb", ["grant", "refuse"])
def test_both_verbs_take_every_preset(cli: Cli, stocked: House, verb: str, choice: Preset) -> None:
    ran = cli(verb, *ADA, "--preset", choice.value, "--by", "Kim", "--json")
    assert ran.code == 0
    told, masks = ran.object, PRESETS[choice]
    assert (told["preset"], told["by"], told["asks"]) == (choice.value, "Kim", masks.asks)
    asked = masks.granted or masks.refused or ALL
    assert counts(ran) == yes_and_no(decisions(stocked, asked))
    assert told["programs"] == [
        {"program": PROGRAM, "open": 0, "changed": 2},
        {"program": "only-proposed", "open": 0, "changed": 0},
    ]


def test_a_recording_is_meant_by_its_id_or_its_title(cli: Cli, stocked: House) -> None:
    with stocked.reading() as connection:
        (title,) = connection.exec_driver_sql(
            "SELECT title FROM recordings WHERE id = 'r1'"
        ).scalars()
    told = cli("refuse", *ADA, "--recording", title, "--program", PROGRAM, "--json").object
    assert (told["recording"], told["recordings"], told["changed"]) == ("r1", 1, 1)
    assert yes_and_no(decisions(stocked, PROGRAM)) == (1, 1)


def test_with_a_program_a_pattern_is_narrowed_to_what_it_asks_for(cli: Cli) -> None:
    told = cli("grant", *ADA, "--use", "*/train-*", "--program", PROGRAM, "--json").object
    assert told["grants"] == ["partner/train-rival"]


@pytest.mark.parametrize("verb", ["grant", "refuse", "withdraw"])
@pytest.mark.parametrize("pattern", ["partner/train-tool", "platform/train-*", "partner/nap"])
def test_a_use_that_the_program_does_not_ask_for_is_an_error(
    cli: Cli, verb: str, pattern: str
) -> None:
    ran = cli(verb, *ADA, "--use", pattern, "--program", PROGRAM)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err in {
        f"assent: the program '{PROGRAM}' asks for partner/train-rival and nothing else\n",
        "assent: no use matches 'partner/nap'; write one as actor/activity, * allowed\n",
    }


def test_one_that_waits_for_another_holder_is_told_so(cli: Cli, stocked: House) -> None:
    shares = [parse_share("Ada Quill=50%"), parse_share("Bo Ferrum=50%")]
    for recording in ("r0", "r1"):
        set_holders(stocked, recording, shares, "desk")
    ran = cli("grant", *ADA, "--program", PROGRAM, "--json")
    (why,) = ran.object["why"]
    assert (why["recordings"], why["kind"], why["events"]) == (2, "not-granted", [])
    assert why["text"].startswith("2 recordings wait for another holder, such as r0: Bo Ferrum has")
    assert why["text"] in ran.err


def test_the_no_of_another_holder_is_told_apart(cli: Cli, stocked: House) -> None:
    set_holders(stocked, "r1", [parse_share("Ada Quill=50%"), parse_share("Cy Loom=50%")], "desk")
    (why, *_) = cli("grant", *ADA, "--program", PROGRAM, "--json").object["why"]
    assert why["text"].startswith("r1 has a no from another holder: Cy Loom said no to")


def test_an_earlier_no_of_ones_own_is_told_with_its_event(cli: Cli) -> None:
    refused = cli("refuse", *ADA, "--recording", "r1", "--program", PROGRAM, "--json").object
    (why,) = cli("grant", *ADA, "--program", PROGRAM, "--json").object["why"]
    assert (why["recordings"], why["example"], why["events"]) == (1, "r1", [refused["event"]])
    assert why["text"].startswith("r1 keeps an earlier no: Ada Quill said no to")
    assert why["text"].endswith(f"for r1 (event {refused['event']}).")


def test_a_copy_waits_for_its_original_and_a_hold_closes(cli: Cli, stocked: House) -> None:
    declare_copy(stocked, "r0", "r2", "desk")
    placed = hold(stocked, "r1", ALL, "a dispute", "desk").number
    told = cli("grant", *ADA, "--program", PROGRAM, "--json").object
    assert [why["text"].split(":")[0] for why in told["why"]] == [
        "r0 is a copy of what is closed",
        "r1 is closed",
    ]
    assert told["why"][1]["events"] == [placed]


def test_a_yes_to_what_nobody_approved_says_so(cli: Cli) -> None:
    told = cli("grant", *ADA, "--program", "only-proposed", "--json").object
    assert told["open"] == 0
    assert told["why"][0]["kind"] == "not-approved"
    assert told["why"][0]["recordings"] == 2


def test_a_yes_that_counts_later_opens_nothing_yet(cli: Cli) -> None:
    cli("withdraw", *ADA, "--program", PROGRAM)
    ran = cli("grant", *ADA, "--program", PROGRAM, "--since", "2100-01-01", "--json")
    assert ran.object["open"] == 0
    assert "It counts from 2100-01-01T00:00:00+00:00; until then nothing changes.\n" in ran.err


def test_a_yes_that_has_run_out_meanwhile_is_not_counted(cli: Cli, stocked: House) -> None:
    word = parse_uses(["partner/search"])
    cli("grant", *ADA, "--use", "partner/search", "--until", "2100-01-01")
    with stocked.reading() as connection:
        holder = find_account(connection, "Ada Quill").id
    asked = Asked(holder=holder, recording=None, program=None, uses=word, spoken=word)
    assert [it & word for it in look(stocked, asked).words.values()] == [word, word]
    # nobody has put on record yet that it ran out
    stocked.clock = lambda: datetime(2100, 2, 1, tzinfo=UTC)
    assert [it & word for it in look(stocked, asked).words.values()] == [0, 0]


def test_what_stays_open_after_a_no_is_told_with_what_carries_it(cli: Cli) -> None:
    told = cli("refuse", *ADA, "--use", "platform/*", "--json").object
    assert (told["open"], told["partly"], told["closed"]) == (0, 2, 2)
    (why,) = told["why"]
    assert (why["recordings"], why["kind"]) == (2, "text-opens")
    assert why["text"].startswith(
        "2 recordings stay open for platform/identify, platform/protect, such as r0: There is room"
    )


def test_a_yes_to_all_stands_when_the_one_to_a_program_is_taken_back(cli: Cli) -> None:
    event = cli("grant", *ADA, "--use", "partner/train-rival", "--all-programs", "--json").object
    told = cli("withdraw", *ADA, "--program", PROGRAM, "--json").object
    assert (told["open"], told["changed"]) == (2, 0)
    (why,) = told["why"]
    assert (why["kind"], why["events"]) == ("granted", [event["event"]])
    assert why["text"].startswith(f"2 recordings stay open for the program {PROGRAM}, such as r0:")


def test_taking_a_yes_back_for_all_tells_the_programs_it_reaches(cli: Cli) -> None:
    ran = cli("withdraw", *ADA, "--use", "*/train-rival")
    assert f"The program {PROGRAM} may use 0 of them now; 2 changed.\n" in ran.err
    assert "only-proposed" not in ran.err


def test_taking_a_no_back_can_open(cli: Cli, stocked: House) -> None:
    cli("refuse", *ADA, "--use", FREE)
    assert yes_and_no(decisions(stocked, parse_uses([FREE]))) == (0, 2)
    ran = cli("withdraw", *ADA, "--refusal", "--use", FREE)
    assert ran.code == 0
    assert "2 recordings: 2 open for these uses now, 0 closed; 2 changed." in ran.err
    assert yes_and_no(decisions(stocked, parse_uses([FREE]))) == (2, 0)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("grant",), 2, "say which uses: --use ACTOR/ACTIVITY, or --program PROGRAM"),
        (
            ("grant", "--use", "*/*"),
            2,
            "a generative use is granted to one program, or in so many words to all of them",
        ),
        (
            ("grant", "--program", PROGRAM, "--all-programs"),
            2,
            "say --program or --all-programs, not both",
        ),
        (
            ("refuse", "--program", PROGRAM, "--all-programs"),
            2,
            "say --program or --all-programs, not both",
        ),
        (("grant", "--program", "nowhere"), 3, "there is no program 'nowhere'"),
        (
            ("grant", "--use", FREE, "--recording", "nowhere"),
            3,
            "there is no recording 'nowhere'",
        ),
        (
            ("grant", "--use", FREE, "--until", "soon"),
            2,
            "'soon' is no date; write 2031-01-31 or 2031-01-31T09:00Z",
        ),
        (("refuse", "--preset", "maybe"), 2, "there is no preset 'maybe'; there are no-ai,"),
        (
            ("grant", "--preset", "no-ai", "--until", "2100-01-01"),
            2,
            "a preset says it all: beside --preset only --artist and --by are said",
        ),
        (
            ("refuse", "--preset", "no-ai", "--use", FREE),
            2,
            "a preset says it all: beside --preset only --artist and --by are said",
        ),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_changes_nothing(
    cli: Cli, stocked: House, words: tuple[str, ...], code: int, sentence: str
) -> None:
    before = events(stocked)
    ran = cli(words[0], *ADA, *words[1:])
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(f"assent: {sentence}")
    assert ran.err.count("\n") == 1
    assert events(stocked) == before


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (
            ("grant", "--use", FREE, "--until", "2020-01-01"),
            2,
            "the grant would have run out before it starts",
        ),
        (
            ("grant", "--use", FREE, "--since", "2020-01-01"),
            2,
            "a grant cannot start in the past",
        ),
        (
            ("withdraw", "--use", "group/supply"),
            2,
            "Ada Quill has granted nothing there that could be taken back",
        ),
        (
            ("withdraw", "--refusal", "--use", "group/supply"),
            2,
            "Ada Quill has refused nothing there that could be taken back",
        ),
        (
            ("refuse", "--use", FREE, "--recording", "r2"),
            3,
            "Ada Quill holds no rights in a recording 'r2'",
        ),
    ],
)
def test_what_the_act_refuses_is_told_after_the_notice_and_changes_nothing(
    cli: Cli, stocked: House, words: tuple[str, ...], code: int, sentence: str
) -> None:
    before = events(stocked)
    ran = cli(words[0], *ADA, *words[1:])
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.splitlines()[-1] == f"assent: {sentence}"
    assert ran.err.count("assent: ") == 1
    assert events(stocked) == before


def test_a_no_is_on_record_even_where_it_cannot_be_counted(cli: Cli, data: Path) -> None:
    rmtree(data / "snapshot")
    (data / "snapshot").write_text("no folder")
    ran = cli("refuse", *ADA, "--program", PROGRAM, "--json")
    assert ran.code == 0
    assert "What it comes to was not counted: " in ran.err
    assert "open" not in ran.object
    (data / "snapshot").unlink()
    assert cli("may", "r0", "--program", PROGRAM).code == 1


def test_nobody_of_that_name_and_no_platform(cli: Cli, bare: Cli) -> None:
    ran = cli("grant", "--artist", "Nobody", "--use", FREE)
    assert (ran.code, ran.err) == (3, "assent: nobody here is called 'Nobody'\n")
    assert bare("grant", *ADA, "--use", FREE).code == 4


def test_of_very_many_recordings_all_are_counted_and_the_first_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    closed = MOST_EXPLAINED + 10
    with bench.platform(closed, 1) as house:
        grant(house, About(holder="Bench Artist 0", program=bench.PROGRAM), bench.USE)
        suspend(house, bench.PROGRAM, "Lee")
        words = ("grant", "--artist", "Bench Artist 0", "--program", bench.PROGRAM)
        assert run(["--data", str(house.settings.data), *words]) == 0
        told = capsys.readouterr().err
    assert f"{closed} recordings: 0 open for the program" in told
    assert f"Of the first {MOST_EXPLAINED} that are closed:" in told
    assert f"{MOST_EXPLAINED} recordings are closed, such as r0: The program" in told


def events(house: House) -> int:
    with house.reading() as connection:
        return head(connection)
