from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given

from assent.errors import BadText
from assent.permission.uses import (
    ALL,
    CONSENT_ONLY,
    labels,
    parse_use,
    parse_uses,
)
from assent.terms.grid import Scope
from assent.terms.shipped import source_of
from assent.terms.text import parse_text
from tests.permission.tables import bombs, spoilt, toml_tables

HOUSE = """
id = "house-1"
title = "Terms of the house"

[[clause]]
id = "all"
text = "We ask before anything else."
status = "opt_in"
uses = ["*/*"]

[[clause]]
id = "found"
text = "We show your recordings in search, unless you say no."
status = "opt_out"
uses = ["platform/search", "public/search"]

[[clause]]
id = "duty"
text = "We look for copies."
status = "granted"
uses = ["platform/identify"]

[[clause]]
id = "never"
text = "Strangers never train on it."
status = "barred"
uses = ["public/train-*"]
"""
SEARCH = parse_uses(["platform/search", "public/search"])
COPIES = parse_use("platform/identify")
NEVER = parse_uses(["public/train-*"])


def test_a_later_clause_overrides_an_earlier_one_on_what_they_share() -> None:
    text = parse_text(HOUSE)
    assert (text.id, text.title, text.party) == ("house-1", "Terms of the house", "")
    assert text.masks.granted == COPIES
    assert text.masks.opt_out == SEARCH
    assert text.masks.opt_in == ALL & ~COPIES & ~SEARCH & ~NEVER


# That each use has one status, that of its last clause, and that masks share nothing, was tested
# here of masks; tests/terms/test_reading.py proves it of all 720 cells, and of the masks with them.
def test_the_clause_that_decides_a_cell_is_the_last_that_speaks_of_it() -> None:
    text = parse_text(HOUSE)
    decided = {it.id: cells for it, cells in zip(text.clauses, text.reading.decided, strict=True)}
    assert decided["found"] & Scope(uses=parse_use("platform/search")).cells
    assert not decided["all"] & Scope(uses=parse_use("platform/search")).cells
    assert decided["all"] & Scope(uses=parse_use("group/search")).cells
    silent = parse_text(HOUSE.replace('"*/*"', '"partner/*"'))
    assert not any(
        it & Scope(uses=parse_use("group/search")).cells for it in silent.reading.decided
    )


def test_an_agreement_names_its_party() -> None:
    assert parse_text(HOUSE.replace("id =", 'party = "Nightjar Records"\nid =', 1)).party == (
        "Nightjar Records"
    )


TWO = """
id = "two"
title = "Two clauses"

[[clause]]
id = "a"
text = "So it is."
status = "{0}"
uses = {1}

[[clause]]
id = "b"
text = "Or so."
status = "{2}"
uses = {3}
"""
ONE, BOTH = '["platform/search"]', '["platform/search", "group/search"]'


@pytest.mark.parametrize(
    ("first", "uses", "second", "others", "sentence"),
    [
        ("granted", ONE, "barred", BOTH, "clause 'a' is wholly overridden by later ones"),
        ("granted", ONE, "granted", ONE, "clause 'a' is wholly overridden by later ones"),
        ("granted", BOTH, "barred", BOTH, "clauses 'a' and 'b' contradict each other"),
    ],
)
def test_clauses_that_promise_what_is_not_so_are_refused(
    first: str, uses: str, second: str, others: str, sentence: str
) -> None:
    toml = TWO.format(first, uses, second, others)
    with pytest.raises(BadText, match=sentence) as caught:
        parse_text(toml)
    assert caught.value.facts == {"id": "a", "line": 5}  # the line is new
    assert [clause.id for clause in parse_text(toml, strict=False).clauses] == ["a", "b"]


def test_the_default_terms_keep_what_the_house_promises() -> None:
    toml = source_of("assent-terms-1")
    masks = parse_text(toml).masks
    assert labels(masks.granted) == ("platform/identify", "platform/protect")
    found = ("search", "analyse", "recommend", "insight")
    assert labels(masks.opt_out) == (*(f"platform/{name}" for name in found), "public/search")
    assert not masks.opt_in & parse_uses(["public/*"])
    assert not (masks.granted | masks.opt_out) & CONSENT_ONLY


REFUSED: Mapping[str, tuple[str, str, str]] = {
    "no id": ('id = "house-1"\n', "", "a text needs id"),
    "an id with a space": ('"house-1"', '"House 1"', "a text needs id"),
    "no title": ('title = "Terms of the house"\n', "", "a text needs title"),
    "an unknown field": ("title =", 'titel = "x"\ntitle =', "no field 'titel'"),
    "an empty party": ("title =", 'party = ""\ntitle =', "a text needs party"),
    "an unknown clause field": (
        'id = "all"',
        'id = "all"\nwhen = 1',
        "a clause has no field 'when'",
    ),
    "a clause without id": ('id = "all"\n', "", "a clause needs id"),
    "a clause twice": ('"found"', '"all"', "two clauses are called 'all'"),
    "a clause without text": (
        'text = "We look for copies."\n',
        "",
        "clause 'duty' quotes no sentence",
    ),
    "a clause without uses": ('uses = ["*/*"]\n', "", "clause 'all' needs uses"),
    "uses that are no list": ('["*/*"]', '"*/*"', "clause 'all' needs uses"),
    "uses that are no texts": ('["*/*"]', "[1]", "clause 'all' needs uses"),
    "no uses": ('["*/*"]', "[]", "clause 'all': no use is named"),
    "an unknown use": ('"*/*"', '"*/sing"', "clause 'all': no use matches '\\*/sing'"),
    "no status": ('status = "opt_in"\n', "", "needs status: one of granted, opt_out"),
    "an unknown status": ('"opt_in"', '"opt-in"', "needs status"),
    "a status of another kind": ('"opt_in"', "[1]", "needs status"),
    "a shadowed clause": ('"public/train-*"', '"platform/*"', "clause 'duty' is wholly overridden"),
    "no TOML": ("[[clause]]", "[[clause", "the text is not TOML"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_text_is_refused_for(what: str) -> None:
    old, new, clause_of_error = REFUSED[what]
    assert old in HOUSE
    with pytest.raises(BadText, match=clause_of_error):
        parse_text(HOUSE.replace(old, new, 1))


@pytest.mark.parametrize("clauses", ["", "clause = []", "clause = 1", '[clause]\nid = "a"'])
def test_a_text_without_clauses_is_refused(clauses: str) -> None:
    with pytest.raises(BadText, match=r"the text has no \[\[clause\]\]"):
        parse_text(f'id = "a"\ntitle = "A"\n{clauses}')


def test_a_clause_that_is_no_table_is_refused() -> None:
    with pytest.raises(BadText, match=r"a clause is a \[\[clause\]\] table"):
        parse_text('id = "a"\ntitle = "A"\nclause = [1]')


@pytest.mark.parametrize("bomb", [*bombs.values(), "# " + "a" * (1 << 20)], ids=[*bombs, "size"])
def test_a_bomb_is_refused(bomb: str) -> None:
    with pytest.raises(BadText):
        parse_text(bomb)


@given(toml_tables | spoilt(HOUSE))
def test_whatever_is_written_is_a_text_or_bad_text(toml: str) -> None:
    with suppress(BadText):
        parse_text(toml)
