"""Files that people write, and names that they type: what is meant, and what cannot be meant."""

from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadInput, BadStatement, BadText
from assent.permission.presets import PRESETS, Preset, parse_preset
from assent.permission.programs import Program, parse_proposal
from assent.permission.terms import Clause, Status, compile_clauses, parse_text
from assent.permission.territories import (
    WORLD,
    format_territories,
    missing,
    overlap,
    parse_territories,
)
from assent.permission.uses import (
    ACTIVITIES,
    ACTORS,
    ALL,
    CONSENT_ONLY,
    FREE,
    bit,
    label,
    labels,
    parse_use,
    parse_uses,
)

AT = datetime(2031, 5, 1, tzinfo=UTC)
PROGRAM = """
id = "p"
owner = "Nightjar Models"
actor = "partner"
activities = ["train-rival"]
purpose = "Music."
retention_days = 30
contact = "x@nightjar.example"
contract = "NM-1"
"""
CLAUSE = '[[clause]]\nid = "c{n}"\ntext = "Sentence."\nstatus = "{status}"\nuses = {uses}\n'


def text(*clauses: str, head: str = 'id = "t"\ntitle = "Terms"\n') -> str:
    return head + "".join(clauses)


def clause(n: int, status: str, uses: str) -> str:
    return CLAUSE.format(n=n, status=status, uses=uses)


def test_the_register_is_sixty_uses_of_which_28_need_a_grant() -> None:
    assert ALL == (1 << 60) - 1
    assert CONSENT_ONLY.bit_count() == 28
    assert FREE ^ CONSENT_ONLY == ALL
    assert [bit(actor, activity) for actor in ACTORS for activity in ACTIVITIES] == [
        1 << position for position in range(60)
    ]


@pytest.mark.parametrize("position", range(60))
def test_a_use_is_its_name(position: int) -> None:
    assert parse_use(label(position)) == 1 << position
    assert labels(1 << position) == (label(position),)


@given(st.integers(0, ALL))
def test_a_word_is_its_names(word: int) -> None:
    assert sum(parse_use(name) for name in labels(word)) == word


@pytest.mark.parametrize("word", [-1, 1 << 60, 1 << 63])
def test_a_word_of_another_register_has_no_names(word: int) -> None:
    with pytest.raises(BadStatement):
        labels(word)


def test_patterns_reach_one_side_each() -> None:
    assert parse_uses(["*/*"]) == ALL
    assert labels(parse_uses(["*/supply"])) == tuple(f"{actor.value}/supply" for actor in ACTORS)
    for wrong in ("*", "partner*", "partner/?earch", "partner/[s]earch", "zed/*", "*/*/*"):
        with pytest.raises(BadStatement):
            parse_uses([wrong])
    with pytest.raises(BadStatement, match="no use is named"):
        parse_uses([])


def test_a_later_clause_overrides_an_earlier_one() -> None:
    found = parse_text(
        text(clause(1, "opt_in", '["*/*"]'), clause(2, "granted", '["platform/search"]'))
    )
    search = parse_use("platform/search")
    assert found.masks == (search, 0, ALL & ~search)
    assert found.clause_for(search) == found.clauses[1]
    assert found.clause_for(1) == found.clauses[0]
    assert parse_text(text(clause(1, "barred", '["*/*"]'))).masks == (0, 0, 0)
    assert parse_text(text(clause(1, "opt_out", '["public/search"]'))).clause_for(1) is None


def test_the_default_terms_keep_what_the_house_promises() -> None:
    toml = files("assent.acts").joinpath("default-terms.toml").read_text("utf-8")
    masks = parse_text(toml).masks
    assert labels(masks.granted) == ("platform/identify", "platform/protect")
    assert labels(masks.opt_out) == (
        "platform/search",
        "platform/analyse",
        "platform/recommend",
        "platform/insight",
        "public/search",
    )
    assert not masks.opt_in & parse_uses(["public/*"])
    assert not (masks.granted | masks.opt_out) & CONSENT_ONLY


@pytest.mark.parametrize(
    ("toml", "clause_said"),
    [
        ("", "clause"),
        ("id = ", "not TOML"),
        ("x" * (1 << 21), "larger"),
        (text(), "clause"),
        (text("clause = 3\n"), "clause"),
        (text("clause = [3]\n"), "table"),
        (text(clause(1, "maybe", '["*/*"]')), "status"),
        (text(clause(1, "opt_in", "[]")), "no use"),
        (text(clause(1, "opt_in", '"*/*"')), "list"),
        (text(clause(1, "opt_in", "[3]")), "list"),
        (text(clause(1, "opt_in", '["zed/*"]')), "zed"),
        (text(clause(1, "opt_in", '["*/*"]'), clause(1, "opt_in", '["*/supply"]')), "called"),
        (text(clause(1, "opt_in", '["*/supply"]'), clause(2, "opt_in", '["*/*"]')), "overridden"),
        (text(clause(1, "opt_in", '["*/*"]') + 'more = "x"\n'), "no field 'more'"),
        (text(clause(1, "opt_in", '["*/*"]'), head='id = "t"\n'), "title"),
        (text(clause(1, "opt_in", '["*/*"]'), head='id = "T T"\ntitle = "x"\n'), "id"),
        (text(clause(1, "opt_in", '["*/*"]'), head='id = "t"\ntitle = "x"\nparty = ""\n'), "party"),
        (text(clause(1, "opt_in", '["*/*"]'), head='id = "t"\ntitle = 3\n'), "title"),
    ],
)
def test_a_text_that_breaks_a_rule_is_refused(toml: str, clause_said: str) -> None:
    with pytest.raises(BadText, match=clause_said):
        parse_text(toml)


def test_compiling_takes_the_last_word_for_each_use() -> None:
    said = [
        Clause(id="a", text="t", status=Status.GRANTED, uses=7),
        Clause(id="b", text="t", status=Status.BARRED, uses=2),
        Clause(id="c", text="t", status=Status.OPT_OUT, uses=4),
    ]
    assert compile_clauses(said) == (1, 4, 0)


def test_a_program_is_what_its_file_says() -> None:
    found = parse_proposal(
        PROGRAM + "start = 2031-06-01\nend = 2032-01-01T00:00:00Z\n"
        'models = ["one"]\nterritories = ["DE", "FR"]\n',
        AT,
    )
    assert (found.id, found.uses, found.models) == ("p", 1 << 40, ("one",))
    assert found.start == datetime(2031, 6, 1, tzinfo=UTC)
    assert found.end == datetime(2032, 1, 1, tzinfo=UTC)
    assert found.territories == {"DE", "FR"}
    assert parse_proposal(PROGRAM, AT).territories == WORLD
    own = PROGRAM.replace("partner", "platform").replace('contract = "NM-1"\n', "")
    assert parse_proposal(own, AT).contract == ""


@pytest.mark.parametrize(
    ("change", "clause_said"),
    [
        (("NM-1", ""), "contract"),
        (('contract = "NM-1"\n', ""), "contract"),
        (('"partner"', '"zed"'), "actor"),
        (('"partner"', "3"), "actor"),
        (('["train-rival"]', "[]"), "activities"),
        (('["train-rival"]', '["zed"]'), "zed"),
        (('["train-rival"]', '[""]'), "activities"),
        (("30", "0"), "retention_days"),
        (("30", "true"), "retention_days"),
        (("30", '"30"'), "retention_days"),
        (("30", "30\nend = 2031-04-30"), "future"),
        (("30", "30\nstart = 2033-01-01\nend = 2032-01-01"), "after it starts"),
        (("30", "30\nend = 2032-01-01T10:00:00"), "time zone"),
        (("30", '30\nend = "soon"'), "no date"),
        (("30", "30\nend = 0001-01-01T00:00:00+14:00"), "years"),
        (("30", '30\nterritories = ["Germany"]'), "Germany"),
        (("30", "30\nterritories = []"), "territories"),
        (("30", "30\ncolour = 3"), "no field 'colour'"),
        (('"Music."', '"' + "m" * 10_001 + '"'), "10000"),
        (('id = "p"', 'id = "P p"'), "id"),
        (("id", "="), "TOML"),
        (("30", "30\nx = " + "[" * 5000), "nested|TOML"),
        (("30", "30\nx = 1" + "0" * 5000), "TOML|no field"),
        (("30", "30\n" + "a." * 300 + "b = 1"), "dots"),
    ],
)
def test_a_program_file_that_breaks_a_rule_is_refused(
    change: tuple[str, str], clause_said: str
) -> None:
    with pytest.raises(BadText, match=clause_said):
        parse_proposal(PROGRAM.replace(*change, 1), AT)


def test_a_program_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(BadText, match="larger"):
        parse_proposal("# " + "x" * (1 << 17), AT)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "id",
                "owner",
                "actor",
                "activities",
                "purpose",
                "end",
                "retention_days",
                "contact",
                "territories",
                "clause",
            ]
        ),
        st.sampled_from(
            [
                "3",
                '"x"',
                "[]",
                '["x"]',
                "true",
                "1.5",
                "2030-01-01",
                "{}",
                "[[1]]",
                "12:00:00",
                "nan",
            ]
        ),
    )
)
def test_no_file_is_more_than_refused(table: dict[str, str]) -> None:
    toml = "\n".join(f"{name} = {value}" for name, value in table.items())
    for parse in (parse_text, lambda written: parse_proposal(written, AT)):
        with pytest.raises(BadText):
            parse(toml)


@pytest.mark.parametrize(
    ("changes", "live"),
    [
        ({}, False),
        ({"approved": 2}, True),
        ({"approved": 2, "suspended": 3}, False),
        ({"approved": 2, "ended": 3}, False),
        ({"approved": 2, "start": AT}, True),
        ({"approved": 2, "end": AT}, False),
    ],
)
def test_a_program_runs_approved_and_in_its_time(changes: dict[str, object], live: bool) -> None:
    program = Program(id="p", uses=1, proposed=1, **changes)  # type: ignore[arg-type]  # fields by name
    assert program.is_live(AT) is live


def test_territories() -> None:
    assert parse_territories(["DE", "world"]) == WORLD
    assert format_territories(parse_territories(["FR", "DE"])) == "DE FR"
    for wrong in ([], ["de"], ["Germany"], [""], ["D1"]):
        with pytest.raises(BadInput):
            parse_territories(wrong)


codes = st.frozensets(st.sampled_from(["DE", "FR", "IT"]), min_size=1)
places = codes | st.just(WORLD)


@given(places, places)
def test_the_world_overlaps_everything_and_overlap_has_no_sides(
    one: frozenset[str], two: frozenset[str]
) -> None:
    assert overlap(WORLD, one)
    assert overlap(one, two) == overlap(two, one)


@given(st.lists(places, max_size=4), places)
def test_what_is_missing_is_held_by_nobody(
    held: list[frozenset[str]], used: frozenset[str]
) -> None:
    gap = missing(held, used)
    assert gap <= used
    assert (WORLD in held) <= (not gap)
    assert not any(gap & place for place in held)
    if not held:
        assert gap == used


def test_presets_are_what_their_names_say() -> None:
    for preset in Preset:
        masks = PRESETS[preset]
        assert parse_preset(preset.value) is preset
        assert not masks.granted & masks.refused
        assert not masks.granted & CONSENT_ONLY
    assert CONSENT_ONLY & ~PRESETS[Preset.NO_AI].refused == 0
    with pytest.raises(BadStatement, match="no-ai"):
        parse_preset("maybe")
