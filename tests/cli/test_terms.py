"""Terms on the command line: published without widening anything, accepted, shown."""

from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.house import House
from assent.acts.publish import DEFAULT_TERMS
from assent.catalogue import tables
from assent.catalogue.events import head
from assent.permission.uses import ALL, labels
from assent.terms.text import parse_text
from tests.cli.runs import PROGRAM, Cli

WIDE = """
id = "wide-2"
title = "Wider terms"

[[clause]]
id = "everything"
text = "Everybody may do everything."
status = "granted"
uses = ["*/*"]
"""
ASKING = WIDE.replace("wide-2", "asking-3").replace('"granted"', '"opt_in"')
NARROW = WIDE.replace("wide-2", "narrow-2").replace('"granted"', '"barred"')


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
    assert (ran.object["changed"], ran.object["widened"]) == (0, 0)
    assert "source" not in ran.object
    assert "They change the words of 0 recordings; none of them widen.\n" in ran.err
    assert (words(stocked), may_use(stocked)) == before


def test_narrower_terms_close_at_once_and_it_is_counted(
    cli: Cli, stocked: House, tmp_path: Path
) -> None:
    before = words(stocked)
    ran = cli("terms", "publish", written(tmp_path, NARROW))
    changed = sum(word != before[it] for it, word in words(stocked).items())
    assert changed == 4
    assert ran.out == f"event {events(stocked)}: the terms narrow-2 are in force\n"
    assert f"They change the words of {changed} recordings; none of them widen.\n" in ran.err
    assert may_use(stocked) == []


def test_accepting_opens_for_the_one_who_accepts(cli: Cli, stocked: House, tmp_path: Path) -> None:
    cli("terms", "publish", written(tmp_path, WIDE))
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
    ran = cli("terms", "publish", written(tmp_path, WIDE), "--json")
    assert (ran.object["changed"], ran.object["widened"]) == (4, 4)
    assert "No word widens further than the terms that its holders have accepted.\n" in ran.err
    assert (words(stocked), may_use(stocked)) == accepted


def test_the_list_says_which_are_in_force_and_who_accepted(cli: Cli, tmp_path: Path) -> None:
    cli("terms", "publish", written(tmp_path, WIDE))
    cli("terms", "accept", "--artist", "Ada Quill")
    assert [line.split("\t")[:2] for line in cli("terms", "list").lines] == [
        ["assent-terms-1", "replaced"],
        ["wide-2", "in force"],
    ]
    old, new = cli("terms", "list", "--json").objects
    assert (old["current"], new["current"]) == (False, True)
    assert (old["accepted"], new["accepted"], new["recordings"]) == (2, 1, 0)


def test_terms_are_shown_clause_by_clause(cli: Cli, tmp_path: Path) -> None:
    text = parse_text(DEFAULT_TERMS)
    ran = cli("terms", "show", "assent-terms-1")
    for clause in text.clauses:
        assert clause.text in ran.out
    cli("terms", "publish", written(tmp_path, NARROW))
    assert cli("terms", "show", "narrow-2").lines == [
        "narrow-2: Wider terms",
        "everything (barred for everybody): Everybody may do everything.",
        f"  {', '.join(labels(ALL))}",
        "What no clause speaks of is barred; a later clause overrides an earlier one.",
    ]
    shown = cli("terms", "show", "assent-terms-1", "--json").object["clauses"]
    assert [(it["id"], it["status"], it["text"], tuple(it["uses"])) for it in shown] == [
        (it.id, it.status.value, it.text, labels(it.scope.uses)) for it in text.clauses
    ]


def test_terms_may_come_before_everything_else(bare: Cli, tmp_path: Path) -> None:
    assert bare("terms", "publish", written(tmp_path, WIDE)).code == 0
    assert len(bare("terms", "list").lines) == 1


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
            "terms.toml: terms bind everybody; a text with a party is an",
        ),
        (DEFAULT_TERMS, "terms.toml: a text 'assent-terms-1' was published before"),
        (
            WIDE.replace('"granted"', '"maybe"'),
            "terms.toml, line 5: clause 'everything' needs status: one of",
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


def test_there_must_be_a_platform_and_a_file(cli: Cli, bare: Cli) -> None:
    assert bare("terms", "list").code == 4
    assert cli("terms", "publish").code == 2


def events(house: House) -> int:
    with house.reading() as connection:
        return head(connection)
