"""Terms on the command line: published without widening anything, accepted, shown."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.hold import hold
from assent.acts.house import House
from assent.acts.publish import DEFAULT_TERMS, put_in_force
from assent.catalogue import tables
from assent.catalogue.events import head
from assent.clock import now
from assent.permission.uses import ALL, labels, parse_uses
from assent.terms.prose import sentence_of
from assent.terms.text import parse_text
from tests.cli.runs import PROGRAM, Cli
from tests.houses import agreement_toml

NOTICE = """
[notice]
timing = "before"
days = 30
channel = "inbox"
chance = "accept"
text = "We tell you."
"""
WIDE = f"""
id = "wide-2"
title = "Wider terms"
{NOTICE}
[[clause]]
id = "everything"
text = "Everybody may do everything."
status = "granted"
uses = ["*/*"]
"""
ASKING = WIDE.replace("wide-2", "asking-3").replace('"granted"', '"opt_in"')
NARROW = WIDE.replace("wide-2", "narrow-2").replace('"granted"', '"barred"')


def later() -> datetime:
    """Return an instant at which every notice has run."""
    return now() + timedelta(days=40)


def let_days_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn the clock of every command that comes after."""
    defaults = {"create": False, "clock": later}
    monkeypatch.setattr(House.open.__func__, "__kwdefaults__", defaults)  # type: ignore[attr-defined]  # a class method's function


def in_force(house: House, name: str = "wide-2") -> None:
    """Put a draft in force as its day comes."""
    house.clock = later
    put_in_force(house, name, "Kim")


def written(folder: Path, text: str) -> Path:
    path = folder / "terms.toml"
    path.write_text(text)
    return path


def words(house: House) -> dict[str, int]:
    recordings = tables.recordings.c
    with house.reading() as connection:
        rows = connection.execute(select(recordings.id, recordings.word)).all()
    return {row.id: row.word for row in rows}


def may_use(house: House) -> list[int]:
    found: list[int] = house.gate.snapshot.permitted(PROGRAM).numbers.tolist()
    return found


def test_wider_terms_widen_nothing_and_it_is_said(cli: Cli, stocked: House, tmp_path: Path) -> None:
    before = words(stocked), may_use(stocked)
    ran = cli("terms", "publish", written(tmp_path, WIDE), "--by", "Kim", "--json")
    assert (ran.code, ran.object["id"], ran.object["by"]) == (0, "wide-2", "Kim")
    # that nothing changed and nothing widened is said when they come in force, below
    assert (ran.object["kind"], ran.object["told"], ran.object["days"]) == ("terms.draft", 3, 30)
    assert "source" not in ran.object
    day = ran.object["in_force"][:10]
    assert day == (now() + timedelta(days=31)).date().isoformat()
    assert "They open more than those in force:\n" in ran.err
    assert "So they need 30 days' notice.\n" in ran.err
    assert "less notice" not in ran.err
    assert "Told of them: 3 of those who hold rights.\n" in ran.err
    assert "something closes in 0 recordings of 0 holders.\n" in ran.err
    assert "If all accept, something opens in 4 recordings.\n" in ran.err
    assert f"From {day} on, assent terms publish wide-2 puts them in force.\n" in ran.err
    assert (words(stocked), may_use(stocked)) == before
    early = cli("terms", "publish", "wide-2")
    assert (early.code, early.out) == (1, "")
    assert f"the terms 'wide-2' can be in force from {day}; until then" in early.err
    stocked.clock = later
    hold(stocked, "r4", 1, "a dispute", "Kim")  # so that the platform has come to that day
    ran = cli("terms", "publish", "wide-2", "--by", "Kim")
    assert ran.out == f"event {events(stocked)}: the terms wide-2 are in force\n"
    assert "They change the words of 0 recordings; none of them widen.\n" in ran.err
    assert "What is new in them waits until each holder accepts them.\n" in ran.err
    assert (words(stocked), may_use(stocked)) == before
    again = cli("terms", "publish", "wide-2")
    assert (again.code, again.err) == (1, "assent: the terms 'wide-2' are in force already\n")


def test_narrower_terms_close_at_once_and_it_is_counted(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    before = words(stocked)
    ran = cli("terms", "publish", written(tmp_path, NARROW))
    changed = sum(word != before[it] for it, word in words(stocked).items())
    assert changed == 4
    # the last event tells those who hold rights
    assert ran.out == f"event {events(stocked) - 1}: the terms narrow-2 are in force\n"
    assert "Told of them: 3 of those who hold rights.\n" in ran.err
    assert f"They change the words of {changed} recordings; none of them widen.\n" in ran.err
    assert "What is new in them" not in ran.err
    assert may_use(stocked) == []


def test_accepting_opens_for_the_one_who_accepts(cli: Cli, stocked: House, tmp_path: Path) -> None:
    cli("terms", "publish", written(tmp_path, WIDE))
    in_force(stocked)
    before = words(stocked)
    ran = cli("terms", "accept", "--artist", "Bo Ferrum", "--by", "Lee")
    assert ran.out == f"event {events(stocked)}: Bo Ferrum accepts the terms wide-2\n"
    assert ran.err == "That changes the words of 1 recording; 1 of them widen.\n"
    changed = {it for it, word in words(stocked).items() if word != before[it]}
    assert changed == {"r2"}
    old = cli(
        "terms", "accept", "--artist", "Bo Ferrum", "--version", "assent-terms-1", "--json"
    ).object
    assert (old["changed"], old["widened"], old["text"]) == (1, 0, "assent-terms-1")
    assert words(stocked) == before


def test_what_a_program_alone_gains_counts_as_wider(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    cli("terms", "publish", written(tmp_path, NARROW))
    assert cli("terms", "accept", "--artist", "Ada Quill").code == 0
    published = written(tmp_path, ASKING)
    cli("terms", "publish", published)
    in_force(stocked, "asking-3")
    assert may_use(stocked) == []
    told = cli("terms", "accept", "--artist", "Ada Quill", "--json").object
    # the use is open to no one but the program, which was named
    assert (told["changed"], told["widened"]) == (2, 2)
    assert may_use(stocked) == [0, 1]


def test_terms_after_narrower_ones_open_again_what_was_accepted_and_no_more(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    accepted = words(stocked), may_use(stocked)
    cli("terms", "publish", written(tmp_path, NARROW))
    drafted = cli("terms", "publish", written(tmp_path, WIDE))
    assert "In 4 recordings something opens again that their holders had accepted" in drafted.err
    stocked.clock = later
    hold(stocked, "r4", 1, "a dispute", "Kim")
    ran = cli("terms", "publish", "wide-2", "--json")
    assert (ran.object["changed"], ran.object["widened"]) == (4, 4)
    assert "No word widens further than the terms that its holders have accepted.\n" in ran.err
    assert (words(stocked), may_use(stocked)) == accepted


def test_the_list_says_which_are_in_force_and_who_was_told_and_accepted(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    cli("terms", "publish", written(tmp_path, NARROW))
    cli("terms", "publish", written(tmp_path, WIDE))
    # a wider text waits, so three texts tell what two did: replaced, in force, and a draft
    listed = [line.split("\t")[:2] for line in cli("terms", "list").lines]
    assert listed == [
        ["assent-terms-1", "replaced"],
        ["narrow-2", "in force"],
        ["wide-2", "draft"],
    ]
    in_force(stocked)
    cli("terms", "accept", "--artist", "Ada Quill")
    old, narrow, new = cli("terms", "list", "--json").objects
    assert [it["current"] for it in (old, narrow, new)] == [False, False, True]
    assert [it["accepted"] for it in (old, narrow, new)] == [2, 0, 1]
    assert new["recordings"] == 0
    assert [it["told"] for it in (old, narrow, new)] == [0, 3, 3]
    assert [it["state"] for it in (old, narrow, new)] == ["replaced", "replaced", "in force"]
    assert new["in_force"] == later().date().isoformat()


def test_somebody_reads_what_they_were_told(cli: Cli, tmp_path: Path) -> None:
    cli("terms", "publish", written(tmp_path, WIDE), "--channel", "mail", "--channel", "banner")
    rows = [line.split("\t") for line in cli("terms", "list", "--artist", "Bo Ferrum").lines]
    assert [(row[0], row[1], row[4], row[5]) for row in rows] == [
        ("wide-2", "draft", "mail", "no"),
        ("wide-2", "draft", "inbox", "no"),
    ]
    (mail, _) = cli("terms", "list", "--artist", "Bo Ferrum", "--json").objects
    assert (mail["timing"], mail["channel"], mail["chance"]) == ("before", "mail", "accept")
    assert cli("terms", "list", "--artist", "Nobody").code == 3


def test_a_withdrawn_draft_is_said_to_be_one_and_changes_nothing(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    before = words(stocked), may_use(stocked)
    cli("terms", "publish", written(tmp_path, WIDE))
    ran = cli("terms", "withdraw", "wide-2", "--by", "Kim")
    assert ran.out == f"event {events(stocked)}: the draft wide-2 is withdrawn\n"
    assert (words(stocked), may_use(stocked)) == before
    assert cli("terms", "list").lines[-1].split("\t")[:3] == ["wide-2", "withdrawn", ""]
    again = cli("terms", "withdraw", "wide-2")
    assert (again.code, again.err) == (1, "assent: the draft 'wide-2' was withdrawn\n")


def test_the_history_of_a_text_is_shown_and_names_only_when_asked(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    cli("terms", "publish", written(tmp_path, WIDE), "--by", "Kim")
    in_force(stocked)
    cli("terms", "accept", "--artist", "Bo Ferrum")
    shown = cli("terms", "show", "wide-2")
    kinds = [step["kind"] for step in cli("terms", "show", "wide-2", "--json").object["history"]]
    assert kinds == ["terms.draft", "terms.notice", "terms.publish", "terms.accept"]
    assert "drafted by Kim, to be in force from " in shown.out
    assert "3 told in their inbox, before the day; nothing widens until they accept\n" in shown.out
    assert "accepted last by 1\n" in shown.out
    assert "Ferrum" not in shown.out
    named = cli("terms", "show", "wide-2", "--told").out
    assert "they accept: Ada Quill, Bo Ferrum, Cy Loom\n" in named
    assert "accepted last by 1: Bo Ferrum\n" in named


def test_a_preview_names_holders_and_counts_and_changes_nothing(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    before = events(stocked)
    ran = cli("terms", "preview", written(tmp_path, NARROW))
    assert [line.split("\t") for line in ran.lines] == [
        ["Ada Quill", "2", "0"],
        ["Bo Ferrum", "1", "0"],
        ["Cy Loom", "1", "0"],
    ]
    assert "When they take effect, something closes in 4 recordings of 3 holders.\n" in ran.err
    every, *holders = cli("terms", "preview", written(tmp_path, NARROW), "--json").objects
    assert (every["recordings"], every["closes"], every["would_open"]) == (5, 4, 0)
    assert every["uses_closes"]["platform/search"] == 4
    assert [(it["name"], it["closes"]) for it in holders] == [
        ("Ada Quill", 2),
        ("Bo Ferrum", 1),
        ("Cy Loom", 1),
    ]
    assert events(stocked) == before


def test_a_preview_for_one_goes_recording_by_recording(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    cli("terms", "publish", written(tmp_path, WIDE))
    ran = cli("terms", "preview", "wide-2", "--artist", "Bo Ferrum")
    (row,) = [line.split("\t") for line in ran.lines]
    assert (row[0], row[2], row[3], row[5]) == ("r2", "", "", "")
    assert "anyone else may" in row[4]
    assert "Nothing new opens by itself. 0 recordings stay as they are" in ran.err
    text, told = cli("terms", "preview", "wide-2", "--artist", "Bo Ferrum", "--json").objects
    assert (text["text"], text["less_notice"]) == ("wide-2", [])
    assert text["widens_cells"] > 0
    before = words(stocked)["r2"]
    in_force(stocked)
    cli("terms", "accept", "--artist", "Bo Ferrum")
    opened = words(stocked)["r2"] & ~before
    assert told["opens_if_you_accept"] == list(labels(opened))
    assert told["closes"] == told["reopens"] == told["opens_if_all_accept"] == []


def test_a_preview_for_one_names_the_programs_that_one_has_named(cli: Cli, tmp_path: Path) -> None:
    *_, program = cli(
        "terms", "preview", written(tmp_path, NARROW), "--artist", "Ada Quill", "--json"
    ).objects
    assert program == {"program": PROGRAM, "before": 2, "after": 0, "accepted": 0}
    said = cli("terms", "preview", written(tmp_path, NARROW), "--artist", "Ada Quill").err
    assert f"The program {PROGRAM}, which you named, may use 2 recordings of yours now, 0" in said


def test_terms_are_shown_clause_by_clause(cli: Cli, tmp_path: Path) -> None:
    text = parse_text(DEFAULT_TERMS)
    ran = cli("terms", "show", "assent-terms-1")
    for clause in text.clauses:
        assert clause.text in ran.out
    cli("terms", "publish", written(tmp_path, NARROW))
    told = cli("terms", "show", "narrow-2").lines
    # what became of the text comes after the five lines that there were, the rules among them
    assert told[:5] == [
        "narrow-2: Wider terms",
        "everything (barred for everybody): Everybody may do everything.",
        "  in rules: Nobody may do anything with AI, with everything, yours or a label's, whoever"
        " says yes.",
        f"  {', '.join(labels(ALL))}",
        "What no clause speaks of is barred; a later clause overrides an earlier one.",
    ]
    shown = cli("terms", "show", "assent-terms-1", "--json").object["clauses"]
    assert [(it["id"], it["status"], it["text"], tuple(it["uses"])) for it in shown] == [
        (it.id, it.status.value, it.text, labels(it.scope.uses)) for it in text.clauses
    ]
    assert [it["cells"] for it in shown] == [it.cells.bit_count() for it in text.clauses]
    assert [it["in_rules"] for it in shown] == [
        sentence_of(it, text.company) for it in text.clauses
    ]


def test_a_clause_is_shown_with_what_its_limits_leave(cli: Cli, tmp_path: Path) -> None:
    limited = (
        ASKING
        + """
[[clause.qualifier]]
words = "Everybody"
material = ["content", "activity"]
time = ["before"]

[[clause.exception]]
words = "everything"
uses = ["partner/*", "group/*", "public/*"]
"""
    )
    assert cli("terms", "publish", written(tmp_path, limited)).code == 0
    (clause,) = cli("terms", "show", "asking-3", "--json").object["clauses"]
    assert clause["uses"] == list(labels(parse_uses(["platform/*"])))
    assert clause["material"] == ["content", "activity"]
    assert (clause["provenance"], clause["time"]) == (["own", "delivered"], ["before"])
    assert clause["cells"] == 15 * 2 * 2
    shown = cli("terms", "show", "asking-3").lines
    assert shown[2] == f"  in rules: {clause['in_rules']}"
    assert "This does not speak of: " in clause["in_rules"]
    assert "partner/" not in shown[3]


def test_terms_may_come_before_everything_else(bare: Cli, tmp_path: Path) -> None:
    ran = bare("terms", "publish", written(tmp_path, WIDE))
    assert ran.code == 0
    assert "What is new in them" not in ran.err
    assert len(bare("terms", "list").lines) == 1


@pytest.mark.parametrize(
    ("content", "arguments"),
    [
        (WIDE.replace('"granted"', '"maybe"'), ()),
        (f'party = "Lantern Row"{WIDE}', ()),
        (f"effective = 2020-01-01{WIDE}", ()),
        (WIDE, ("--in-force", "2020-01-01")),
        (WIDE, ("--channel", "none")),
    ],
)
def test_terms_that_are_refused_make_no_platform(
    bare: Cli, tmp_path: Path, content: str, arguments: tuple[str, ...]
) -> None:
    ran = bare("terms", "publish", written(tmp_path, content), *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert bare("terms", "list").code == 4


def test_terms_that_promise_less_notice_wait_and_it_is_said(cli: Cli, tmp_path: Path) -> None:
    less = NARROW.replace("days = 30", "days = 14").replace('"inbox"', '"page"')
    said = (
        "They promise less notice of changes: 14 days instead of 30 and on a page instead of in"
        " their inbox.\n"
    )
    file = written(tmp_path, less)
    for arguments in ((), ("--artist", "Ada Quill")):
        assert said in cli("terms", "preview", file, *arguments).err
        first, *_ = cli("terms", "preview", file, *arguments, "--json").objects
        assert first["less_notice"] == ["days", "channel"]
        assert (first["widens"], first["widens_cells"]) == ([], 0)
    ran = cli("terms", "publish", file, "--json")
    assert (ran.object["kind"], ran.object["days"]) == ("terms.draft", 30)
    assert ran.object["less_notice"] == ["days", "channel"]
    assert said in ran.err
    assert "So they need 30 days' notice.\n" in ran.err
    assert "They open more" not in ran.err
    none = written(tmp_path, NARROW.replace(NOTICE, ""))
    assert "They promise no notice of changes any more.\n" in cli("terms", "preview", none).err


def test_what_opens_of_no_recording_is_said_all_the_same(cli: Cli, tmp_path: Path) -> None:
    cli("terms", "publish", written(tmp_path, NARROW))
    artwork = WIDE.replace('["*/*"]', '["platform/search"]\nmaterial = ["content"]')
    file = written(tmp_path, artwork)
    said = (
        "  The platform may run a search, with artwork, lyrics and comments, yours or a label's,"
        " without asking.\n"
    )
    for ran in (
        cli("terms", "preview", file),
        cli("terms", "preview", file, "--artist", "Ada Quill"),
        cli("terms", "publish", file),
    ):
        assert f"They open more than those in force:\n{said}" in ran.err
    first, *_ = cli("terms", "preview", file, "--json").objects
    assert (first["widens"], first["widens_cells"]) == (["platform/search"], 4)


@pytest.mark.parametrize(
    "question",
    [
        ("may", "r0", "--program", PROGRAM),
        ("may", "r0", "--use", "platform/search"),
        ("explain", "r0", "--use", "platform/search"),
        ("permitted", PROGRAM),
    ],
)
def test_terms_whose_day_has_come_hold_for_whoever_asks(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: tuple[str, ...]
) -> None:
    day = (now() + timedelta(days=3)).date().isoformat()
    drafted = cli("terms", "publish", written(tmp_path, NARROW), "--in-force", day, "--json").object
    assert (drafted["kind"], drafted["days"]) == ("terms.draft", 0)
    before = cli(*question)
    assert before.code == 0
    assert before.out
    let_days_pass(monkeypatch)
    ran = cli(*question)
    if question[0] == "permitted":
        assert (ran.code, ran.out) == (0, "")
    else:
        assert ran.code == 1
        assert "narrow-2" in ran.out
    (terms,) = [it for it in cli("terms", "list", "--json").objects if it["current"]]
    assert terms["id"] == "narrow-2"


def test_what_was_so_before_an_event_is_asked_without_the_clock(
    cli: Cli, stocked: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = (now() + timedelta(days=3)).date().isoformat()
    cli("terms", "publish", written(tmp_path, NARROW), "--in-force", day)
    before = asked = events(stocked)
    let_days_pass(monkeypatch)
    assert cli("may", "r0", "--program", PROGRAM, "--at", str(asked)).code == 0
    assert events(stocked) == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "nowhere"), "there are no terms 'nowhere'"),
        (("accept", "--artist", "Nobody"), "nobody here is called 'Nobody'"),
        (
            ("accept", "--artist", "Ada Quill", "--version", "nowhere"),
            "there are no terms 'nowhere'",
        ),
        (("publish", "nowhere.toml"), "there is no file 'nowhere.toml'"),
        (("preview", "nowhere"), "there is no file 'nowhere'"),
        (("withdraw", "nowhere"), "there is no draft 'nowhere'"),
    ],
)
def test_what_is_not_there_is_unknown(cli: Cli, words: tuple[str, ...], sentence: str) -> None:
    ran = cli("terms", *words)
    assert (ran.code, ran.out, ran.err) == (3, "", f"assent: {sentence}\n")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "terms.toml, line 1: the text has no [[clause]]"),
        (
            f'party = "Lantern Row"{WIDE}',
            "terms.toml, line 1: terms bind everybody; a text with a party is an",
        ),
        (DEFAULT_TERMS, "terms.toml, line 1: a text 'assent-terms-1' was published before"),
        (
            WIDE.replace("title", "effective = 2020-01-01\ntitle"),
            "terms.toml, line 3: the text says that it takes effect on 2020-01-01, which is past",
        ),
        (
            WIDE.replace('"granted"', '"maybe"'),
            "terms.toml, line 12: clause 'everything' needs status: one of",
        ),
    ],
)
def test_terms_that_break_a_rule_are_one_sentence_and_change_nothing(
    cli: Cli, stocked: House, tmp_path: Path, content: str, sentence: str
) -> None:
    before = events(stocked)
    ran = cli("terms", "publish", written(tmp_path, content))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"assent: {sentence}")
    assert ran.err.count("\n") == 1
    assert events(stocked) == before


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--in-force", "2020-01-01"), 2, "2020-01-01 is past; nothing can be in force from then"),
        (("--in-force", now().date().isoformat()), 2, "it widens what AI may do, and that needs"),
        (("--in-force", "soon"), 2, ""),
        (("--channel", "pigeon"), 2, ""),
        (("--channel", "none"), 2, ""),
    ],
)
def test_a_day_that_cannot_be_publishes_nothing(
    cli: Cli, stocked: House, tmp_path: Path, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    before = events(stocked)
    ran = cli("terms", "publish", written(tmp_path, WIDE), *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert sentence in ran.err
    assert events(stocked) == before


def test_a_second_draft_and_an_agreement_are_refused(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    cli("terms", "publish", written(tmp_path, WIDE))
    cli("agreement", "add", written(tmp_path, agreement_toml()))
    before = events(stocked)
    second = cli("terms", "publish", written(tmp_path, ASKING))
    assert (second.code, second.err) == (
        1,
        "assent: the draft 'wide-2' waits for its day; withdraw it first\n",
    )
    for command in ("publish", "preview"):
        ran = cli("terms", command, "lantern-1")
        assert (ran.code, ran.err) == (
            2,
            "assent: 'lantern-1' is an agreement, and binds only whom it is with\n",
        )
    late = cli("terms", "publish", "wide-2", "--in-force", "2099-01-01")
    assert (late.code, late.out) == (2, "")
    assert events(stocked) == before


def test_there_must_be_a_platform_and_a_file(cli: Cli, bare: Cli) -> None:
    assert bare("terms", "list").code == 4
    assert cli("terms", "publish").code == 2


def events(house: House) -> int:
    with house.reading() as connection:
        return head(connection)
