"""Agreements on the command line."""

from pathlib import Path

import pytest

from assent.acts.house import House
from tests.cli.runs import Cli
from tests.houses import add, agreement_toml


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "agreement.toml"
    path.write_text(agreement_toml())
    return path


def test_an_agreement_opens_the_labels_account(
    cli: Cli, stocked: House, file: Path, tmp_path: Path
) -> None:
    told = cli("agreement", "add", file, "--by", "Kim", "--json").object
    assert (told["kind"], told["id"], told["by"]) == ("agreement", "lantern-1", "Kim")
    assert told["name"] == "Lantern Row"
    add(stocked, tmp_path, "Dot Marrow", agreement="lantern-1")
    (listed,) = cli("agreement", "list", "--json").objects
    assert (listed["party"], listed["recordings"]) == ("Lantern Row", 1)
    assert cli("agreement", "list").out == (
        f"lantern-1\tLantern Row\t{told['event']}\t1\tDelivery agreement\n"
    )


def test_an_agreement_is_shown_clause_by_clause(cli: Cli, file: Path) -> None:
    ran = cli("agreement", "add", file)
    assert ran.out.endswith(": the agreement lantern-1 with Lantern Row is made\n")
    assert cli("agreement", "show", "lantern-1").lines[:4] == [
        "lantern-1: Delivery agreement, with Lantern Row",
        "found (allowed): The platform may show the recordings in search.",
        "  in rules: The platform may look for copies and run a search, with everything that a"
        " label delivers.",
        "  platform/identify, platform/search",
    ]
    shown = cli("agreement", "show", "lantern-1", "--json").object
    assert [clause["id"] for clause in shown["clauses"]] == ["found", "tools"]


def test_an_agreement_may_come_first_and_the_terms_are_in_force_all_the_same(
    bare: Cli, file: Path
) -> None:
    assert bare("agreement", "add", file).code == 0
    (terms,) = bare("terms", "list", "--json").objects
    assert terms["current"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            agreement_toml().replace('party = "Lantern Row"', ""),
            "agreement.toml: an agreement needs party",
        ),
        (
            agreement_toml(name="assent-terms-1"),
            "agreement.toml, line 2: a text 'assent-terms-1' was published before",
        ),
    ],
)
def test_one_that_breaks_a_rule_is_one_sentence(
    cli: Cli, tmp_path: Path, content: str, sentence: str
) -> None:
    path = tmp_path / "agreement.toml"
    path.write_text(content)
    ran = cli("agreement", "add", path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"assent: {sentence}")
    assert ran.err.count("\n") == 1


def test_what_is_not_there_is_unknown(cli: Cli, bare: Cli, file: Path, tmp_path: Path) -> None:
    ran = cli("agreement", "show", "assent-terms-1")
    assert (ran.code, ran.err) == (3, "assent: there is no agreement 'assent-terms-1'\n")
    assert cli("agreement", "add", tmp_path / "nowhere").code == 3
    assert bare("agreement", "list").code == 4
