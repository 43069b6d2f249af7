"""`assent terms open | close | diff | lint | render | story`, as anybody runs them."""

import json
from pathlib import Path

import pytest

from assent.acts.publish import DEFAULT_TERMS
from assent.terms.shipped import SHIPPED, source_of
from tests.cli.runs import Cli

TERMS = """
id = "lantern-1"
title = "Terms of Lantern Row"
company = "Lantern Row"

[[clause]]
id = "promise"
text = "We will not train on it without your yes."
status = "opt_in"
uses = ["platform/train-*"]
"""


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    path = tmp_path / "lantern.toml"
    path.write_text(TERMS)
    return path


def test_anybody_reads_a_wording_without_a_platform(bare: Cli, terms: Path) -> None:
    ran = bare("terms", "open", terms)
    assert ran.code == 0
    assert ran.lines[0] == "Terms of Lantern Row (lantern-1)"
    assert "Open without consent: 330 of 360 cells for what one uploads oneself" in ran.out
    assert "not covered by promise: it only binds Lantern Row" in ran.out
    assert "legal advice" in ran.lines[-1]
    found = bare("terms", "open", terms, "--json").object
    assert found["open"] == {"own": 330, "delivered": 330}
    assert {it["status"] for it in found["openings"]} == {"silent"}


def test_the_texts_that_are_shipped_are_known_by_name_and_judged_otherwise(bare: Cli) -> None:
    as_read = bare("terms", "open", "soundcloud-2025-05", "--json").object
    other = bare("terms", "open", "soundcloud-2025-05", "--flip", "aim-limits", "--json").object
    assert as_read["open"]["own"] == other["open"]["own"] + 8
    ran = bare("terms", "open", "soundcloud-2025-05", "--flip", "nonsense")
    assert ran.code == 2
    assert "there is no switch 'nonsense' to flip in it" in ran.err


def test_the_terms_of_a_platform_are_known_by_their_id(cli: Cli) -> None:
    found = cli("terms", "open", "assent-terms-1", "--json").object
    # identify, protect; search, analyse, recommend, insight; the public's search: own, two times
    assert found["open"] == {"own": 7 * 3 * 2, "delivered": 0}
    assert found["cells_by_status"]["silent"] == {"own": 0, "delivered": 0}


def test_the_shortest_addition_is_told_and_closes(bare: Cli, terms: Path, tmp_path: Path) -> None:
    ran = bare("terms", "close", terms, "--target", "generative", "--provenance", "own")
    assert ran.lines == [
        "Nobody may train or feed generative AI of any kind, data sets included, with everything of"
        " yours, without your explicit consent."
    ]
    assert "Nothing shorter does." in ran.err
    as_toml = bare(
        "terms", "close", terms, "--target", "generative", "--provenance", "own", "--as", "toml"
    )
    assert as_toml.out.startswith('[[clause]]\nid = "addition-1"\n')
    told = bare(
        "terms", "close", terms, "--target", "generative", "--provenance", "own", "--json"
    ).object
    longer = tmp_path / "longer.toml"
    longer.write_text(TERMS + told["toml"])
    again = bare("terms", "close", longer, "--target", "generative", "--provenance", "own")
    assert (again.code, again.out) == (0, "")
    assert "no addition is needed" in again.err


def test_what_opened_and_closed_between_two_wordings_is_told(bare: Cli) -> None:
    ran = bare("terms", "diff", "soundcloud-2025-05", "critic-published")
    assert "for what one uploads oneself: 262 before, 254 now" in ran.out
    assert "Closed:" in ran.out
    assert "Opened:" not in ran.out
    html = bare("terms", "diff", "soundcloud-2025-05", "critic-published", "--as", "html").out
    assert "<h2>Closed</h2>" in html
    grid = bare("terms", "diff", "soundcloud-2025-05", "critic-published", "--as", "grid").out
    assert "*" in grid
    found = bare("terms", "diff", "critic-published", "soundcloud-2025-05", "--json").object
    assert len(found["opened"]) == 1
    assert found["closed"] == []


def test_lint_says_file_and_line_and_fails_only_on_errors(bare: Cli, terms: Path) -> None:
    ran = bare("terms", "lint", terms)
    assert ran.code == 0
    assert any(line.startswith(f"{terms}:6: warning: Clause 'promise' binds") for line in ran.lines)
    terms.write_text(TERMS + TERMS[TERMS.index("[[clause]]") :].replace('"promise"', '"again"'))
    ran = bare("terms", "lint", terms)
    assert ran.code == 1
    assert f"{terms}:6: error: clause 'promise' is wholly overridden by later ones." in ran.out
    kinds = [it["rule"] for it in bare("terms", "lint", terms, "--json").objects]
    assert kinds[0] == "overridden"


def test_a_wording_is_rendered_in_every_form(bare: Cli, terms: Path, tmp_path: Path) -> None:
    prose = bare("terms", "render", terms).out
    assert "promise. Lantern Row will not train models of any kind" in prose
    assert "It stands on: “We will not train on it without your yes.”" in prose
    assert bare("terms", "render", terms, "--as", "svg").out.startswith("<svg")
    assert "<!doctype html>" in bare("terms", "render", terms, "--as", "html").out
    assert bare("terms", "render", terms, "--as", "fragment").out.startswith("<article")
    assert "Lantern Row" in bare("terms", "render", terms, "--as", "grid").out
    policy = tmp_path / "lantern.jsonld"
    policy.write_text(bare("terms", "render", terms, "--as", "odrl").out)
    assert json.loads(policy.read_text())["@type"] == "Set"
    again = bare("terms", "open", policy, "--json").object
    assert again["open"] == bare("terms", "open", terms, "--json").object["open"]
    file = tmp_path / "again.toml"
    file.write_text(bare("terms", "render", policy, "--as", "toml").out)
    assert bare("terms", "open", file, "--json").object["open"] == again["open"]


def test_the_story_is_told(bare: Cli) -> None:
    page = Path(__file__).parents[2] / "docs" / "the-loophole.md"
    assert bare("terms", "story").out.rstrip("\n") == page.read_text().rstrip("\n")


CONTRADICTION = TERMS + TERMS[TERMS.index("[[clause]]") :].replace("promise", "no").replace(
    "opt_in", "barred"
)
BAD = {
    "contradictory clauses": (CONTRADICTION, "line 6: clauses 'promise' and 'no' contradict each"),
    "an unknown facet": (
        TERMS.replace("uses =", 'material = ["vinyl"]\nuses ='),
        "line 6: clause 'promise': there is no material 'vinyl'; there is audio, content, activity",
    ),
    "an unknown use": (
        TERMS.replace("train-*", "sing"),
        "line 6: clause 'promise': no use matches",
    ),
    "no quote": (
        TERMS.replace('text = "We will not train on it without your yes."\n', ""),
        "line 6: clause 'promise' quotes no sentence",
    ),
    "no TOML": (TERMS.replace("[[clause]]", "[[clause"), "line 6: the text is not TOML"),
    "a bomb": (TERMS + "a = " + "[" * 100_000, "line 1: the text is nested too deeply"),
    "ten thousand clauses": (
        TERMS + '[[clause]]\nid = "a"\ntext = "b"\nstatus = "barred"\nuses = ["*/*"]\n' * 10_000,
        "line 1: the text has 10001 [[clause]] tables",
    ),
    "no day": (
        TERMS.replace("company =", 'effective = "soon"\ncompany ='),
        "line 1: a text needs effective, a day",
    ),
    "a qualifier that is not quoted": (
        TERMS + '[[clause.qualifier]]\nwords = "that sing"\nuses = ["*/train-voice"]\n',
        "line 6: clause 'promise': its limiting words 'that sing' are not in its text",
    ),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("command", ["open", "publish"])
def test_bad_input_is_one_sentence_with_file_and_line(
    cli: Cli, bare: Cli, terms: Path, what: str, command: str
) -> None:
    content, sentence = BAD[what]
    terms.write_text(content)
    before = cli("terms", "list").out
    ran = cli("terms", command, terms)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"assent: lantern.toml, {sentence}"), ran.err
    assert ran.err.count("\n") == 1
    assert cli("terms", "list").out == before


def test_what_has_no_such_name_is_unknown_and_what_is_shipped_is_said(bare: Cli) -> None:
    ran = bare("terms", "open", "nowhere")
    assert (ran.code, ran.out) == (3, "")
    assert all(name in ran.err for name in SHIPPED)
    assert bare("terms", "open", "nowhere.toml").code == 3
    assert bare("terms", "close", "bandcamp-2025-09", "--target", "sing").code == 2


def test_prose_is_not_read_as_rules(bare: Cli, tmp_path: Path) -> None:
    path = tmp_path / "terms.md"
    path.write_text("We do as we like.")
    ran = bare("terms", "open", path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("assent: terms.md is prose; a person has to lay it on the grid first")
    assert bare("terms", "open", "nowhere.md").code == 3


def test_a_shipped_text_is_a_file_like_any_other(bare: Cli, tmp_path: Path) -> None:
    path = tmp_path / "default.toml"
    path.write_text(DEFAULT_TERMS)
    assert bare("terms", "open", path, "--json").object["open"]["delivered"] == 0
    path.write_text(source_of("bandcamp-2025-09"))
    by_name = bare("terms", "open", "bandcamp-2025-09", "--json").object
    assert bare("terms", "open", path, "--json").object == by_name
