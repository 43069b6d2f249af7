import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import BadText
from assent.terms.clause import Status
from assent.terms.grid import CELLS, Cell, cell_at
from assent.terms.odrl import PROFILE, to_odrl
from assent.terms.odrl_import import from_odrl, parse_odrl
from assent.terms.shipped import SHIPPED, shipped
from assent.terms.text import MOST_CLAUSES, Text, parse_text
from tests.terms.random_texts import texts

TERMS = """
id = "house-1"
title = "Terms of the house"
effective = 2031-01-31
company = "Example Audio"

[[clause]]
id = "ask"
text = "We ask before we train, save with charts, and we mean models that aim to copy."
status = "opt_in"
uses = ["platform/train-*", "partner/supply"]
[[clause.qualifier]]
words = "that aim to copy"
uses = ["*/train-voice", "*/train-style"]
[[clause.exception]]
words = "save with charts"
material = ["activity"]
time = ["before"]

[[clause]]
id = "found"
text = "We show your recordings in search, unless you say no."
status = "opt_out"
uses = ["platform/search"]
material = ["audio"]

[[clause]]
id = "duty"
text = "We look for copies."
status = "granted"
uses = ["platform/identify"]

[[clause]]
id = "never"
text = "Nobody else trains."
status = "barred"
uses = ["public/train-*"]
without_prejudice = true
"""

Json = dict[str, Any]
POLICY = to_odrl(parse_text(TERMS))
AGREEMENT = to_odrl(parse_text(TERMS.replace("id =", 'party = "Nightjar Records"\nid =', 1)))


def rules(policy: Json) -> list[Json]:
    return [*policy.get("permission", []), *policy.get("prohibition", [])]


@given(texts)
def test_what_is_written_as_odrl_is_read_back_clause_by_clause(text: Text) -> None:
    back = from_odrl(to_odrl(text))
    assert back.clauses == text.clauses
    assert back.reading == text.reading
    assert (back.id, back.title, back.party, back.company, back.effective) == (
        (text.id, text.title, text.party, text.company, text.effective)
    )


@given(texts)
def test_the_way_through_json_changes_nothing(text: Text) -> None:
    policy = to_odrl(text)
    assert parse_odrl(json.dumps(policy)) == from_odrl(policy)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_real_wordings_go_there_and_back(name: str) -> None:
    text = shipped(name)
    back = parse_odrl(json.dumps(to_odrl(text)))
    assert back.clauses == tuple(replace(clause, line=0) for clause in text.clauses)
    assert back.reading == text.reading


def value_of(cell: Cell, left: str) -> str:
    """What a reader of ODRL who knows the profile puts in for a left operand."""
    name = left.removeprefix("assent:")
    if name == "use":
        return f"assent:use/{cell.actor.value}/{cell.activity.value}"
    return f"{left}/{getattr(cell, name).value}"


def satisfied(constraint: Json, cell: Cell) -> bool:
    for operand, rule in (("and", all), ("or", any)):
        if operand in constraint:
            return rule(satisfied(it, cell) for it in constraint[operand])
    if constraint["leftOperand"] == "assent:refused":
        return True  # nobody has said no
    named = {it["@id"] for it in constraint["rightOperand"]}
    among = value_of(cell, constraint["leftOperand"]) in named
    return among if constraint["operator"] == "isAnyOf" else not among


def applies(rule: Json, cell: Cell) -> bool:
    refined = rule["target"]["refinement"] if isinstance(rule["target"], dict) else []
    return f"assent:activity/{cell.activity.value}" in rule["action"] and all(
        satisfied(it, cell) for it in (*refined, *rule.get("constraint", []))
    )


def status_of(rule: Json, policy: Json) -> Status:
    if rule in policy.get("prohibition", []):
        return Status.BARRED
    if "duty" in rule:
        return Status.OPT_IN
    refusable = any(it.get("leftOperand") == "assent:refused" for it in rule.get("constraint", []))
    return Status.OPT_OUT if refusable else Status.GRANTED


def read_as_odrl(policy: Json, cell: Cell) -> Status | None:
    """The profile's conflict strategy, written a second way."""
    strictness = list(Status)
    found = None
    for rule in sorted(rules(policy), key=lambda it: int(it["assent:order"])):
        if not applies(rule, cell):
            continue
        said = status_of(rule, policy)
        weaker = found is None or strictness.index(found) < strictness.index(said)
        if weaker or not rule.get("assent:withoutPrejudice"):
            found = said
    return found


@settings(max_examples=15, deadline=None)  # each example reads all 720 cells, rule by rule
@given(texts)
def test_a_reader_of_odrl_who_knows_the_profile_reads_what_we_read(text: Text) -> None:
    policy = to_odrl(text)
    for position in range(CELLS):
        assert read_as_odrl(policy, cell_at(position)) is text.reading.status(position)


def check_constraint(constraint: Json) -> None:
    operands = [it for it in ("and", "or", "xone", "andSequence") if it in constraint]
    if operands:
        (operand,) = operands
        parts = constraint[operand]
        assert len(parts) > 1
        assert all(parts.count(it) == 1 for it in parts)
        for part in parts:
            check_constraint(part)
    else:
        assert {"leftOperand", "operator", "rightOperand"} <= set(constraint)
        assert constraint["rightOperand"] != []


@given(texts)
def test_a_policy_keeps_to_the_information_model(text: Text) -> None:
    policy = to_odrl(text)
    names = [policy["uid"], *(rule["uid"] for rule in rules(policy))]
    assert len(set(names)) == len(names) == len(text.clauses) + 1
    assert all(":" in name and " " not in name for name in names)
    assert policy["profile"] == PROFILE
    assert isinstance(policy["conflict"], str)
    assert {"assigner", "assignee"} <= set(policy) or policy["@type"] == "Set"
    for rule in rules(policy):
        assert rule["action"]
        assert len(set(rule["action"])) == len(rule["action"])
        if isinstance(rule["target"], dict):
            assert "source" in rule["target"]
            assert "uid" not in rule["target"]
            for part in rule["target"]["refinement"]:
                check_constraint(part)
        for part in rule.get("constraint", []):
            check_constraint(part)
        for duty in rule.get("duty", []):
            assert duty["action"] == "obtainConsent"
    for rule in policy.get("prohibition", []):
        assert "duty" not in rule


def test_terms_are_a_set_and_an_agreement_names_both_sides() -> None:
    assert POLICY["@type"] == "Set"
    assert AGREEMENT["@type"] == "Agreement"
    assert AGREEMENT["assigner"]["vcard:fn"] == "Nightjar Records"
    assert AGREEMENT["assignee"]["vcard:fn"] == "Example Audio"
    assert from_odrl(AGREEMENT).party == "Nightjar Records"


def test_each_status_is_the_rule_that_a_reader_of_odrl_expects() -> None:
    ask, found, duty = POLICY["permission"]
    (never,) = POLICY["prohibition"]
    assert ask["duty"] == [{"action": "obtainConsent", "consentingParty": "assent:holder"}]
    assert found["constraint"][-1]["leftOperand"] == "assent:refused"
    assert duty["constraint"] == [
        {
            "leftOperand": "assent:actor",
            "operator": "isAnyOf",
            "rightOperand": [{"@id": "assent:actor/platform"}],
        }
    ]
    assert never["assent:withoutPrejudice"] is True


def test_an_exception_is_what_must_not_all_be_so() -> None:
    *_, exception = POLICY["permission"][0]["constraint"]
    assert exception["assent:limit"] == "exception"
    assert exception["dct:description"] == "save with charts"
    assert [(it["leftOperand"], it["operator"]) for it in exception["or"]] == [
        ("assent:material", "isNoneOf"),
        ("assent:time", "isNoneOf"),
    ]


SPATIAL = {"leftOperand": "spatial", "operator": "eq", "rightOperand": "DE"}
MISFITS: list[tuple[str, tuple[str | int, ...], object, str]] = [
    (
        "a constraint on the place",
        ("permission", 2, "constraint", 0),
        SPATIAL,
        "permission[2].constraint[0]: there is no leftOperand 'spatial' here; there is ",
    ),
    (
        "an operator that a facet lacks",
        ("permission", 2, "constraint", 0, "operator"),
        "gt",
        "permission[2].constraint[0]: there is no operator 'gt' here; there is isAnyOf",
    ),
    (
        "an action of the common vocabulary",
        ("permission", 0, "action", 1),
        "play",
        "permission[0].action[1]: there is no activity 'play'; there is assent:activity/identify, ",
    ),
    (
        "a payment",
        ("permission", 0, "duty", 0, "action"),
        "compensate",
        "permission[0].duty[0]: there is no action 'compensate' here; there is obtainConsent",
    ),
    ("an offer", ("@type",), "Offer", "the policy: there is no @type 'Offer' here"),
    ("another profile", ("profile",), "http://example.com/p", "the policy: there is no profile"),
    ("another strategy", ("conflict",), "perm", "the policy: there is no conflict 'perm' here"),
    ("an obligation", ("obligation",), [], "the policy: 'obligation' has no place here"),
    ("a remedy", ("prohibition", 0, "remedy"), [], "prohibition[0]: 'remedy' has no place here"),
    (
        "one asset",
        ("permission", 1, "target"),
        "http://example.com/song",
        "permission[1].target: it is no object",
    ),
    ("no target", ("permission", 1, "target"), None, "permission[1].target: it is missing"),
    (
        "who, said of the target",
        ("permission", 1, "target", "refinement", 0),
        POLICY["permission"][2]["constraint"][0],
        "permission[1].target.refinement[0]: who does what is no matter of the target",
    ),
    (
        "a name that the register lacks",
        ("permission", 2, "constraint", 0, "rightOperand", 0, "@id"),
        "assent:actor/robot",
        "permission[2].constraint[0].rightOperand[0]: there is no actor 'assent:actor/robot'",
    ),
    (
        "no values",
        ("permission", 2, "constraint", 0, "rightOperand"),
        [],
        "permission[2].constraint[0]: it needs rightOperand, a list with something in it",
    ),
    ("no order", ("permission", 0, "assent:order"), True, "permission[0]: it needs assent:order"),
    (
        "the same order twice",
        ("permission", 1, "assent:order"),
        1,
        "permission[1]: another rule has assent:order 1 too",
    ),
    (
        "the same name twice",
        ("permission", 1, "uid"),
        POLICY["permission"][0]["uid"],
        "permission[1]: another rule is called 'ask' too",
    ),
    (
        "a rule of another policy",
        ("permission", 1, "uid"),
        "http://example.com/#x",
        "permission[1]: it needs uid, https://assent.example/text/house-1# and a name",
    ),
    ("a name of its own", ("uid",), "https://assent.example/text/A b", "the policy: its uid ends"),
    ("no sentence", ("permission", 0, "dct:description"), " ", "permission[0]: it needs dct:desc"),
    (
        "a limit of another kind",
        ("permission", 0, "constraint", 1, "assent:limit"),
        "hope",
        "permission[0].constraint[1]: there is no assent:limit 'hope'; there is qualifier, ",
    ),
    (
        "a consent to what is barred",
        ("prohibition", 0, "duty"),
        POLICY["permission"][0]["duty"],
        "prohibition[0]: what is barred waits for no consent and no refusal",
    ),
    (
        "consent and refusal at once",
        ("permission", 1, "duty"),
        POLICY["permission"][0]["duty"],
        "permission[1]: it needs a yes and ends at a no",
    ),
    ("no day", ("dct:valid",), "soon", "the policy: it has a dct:valid that is no day"),
    ("parties of a Set", ("assigner",), {}, "assigner: a Set is with nobody"),
    (
        "half a truth",
        ("prohibition", 0, "assent:withoutPrejudice"),
        1,
        "prohibition[0]: its assent:withoutPrejudice is not true or false",
    ),
    (
        "too many rules",
        ("permission",),
        POLICY["permission"] * MOST_CLAUSES,
        "the policy: its permission has 1200 entries; more than 400 do not fit",
    ),
]


def changed(policy: Json, path: tuple[str | int, ...], value: object) -> Json:
    found: Any = deepcopy(policy)
    at = found
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("path", "value", "clause"), [it[1:] for it in MISFITS], ids=[it[0] for it in MISFITS]
)
def test_what_does_not_fit_is_refused_with_its_place(
    path: tuple[str | int, ...], value: object, clause: str
) -> None:
    with pytest.raises(BadText) as refused:
        from_odrl(changed(POLICY, path, value))
    assert refused.value.text.startswith(clause)
    assert refused.value.facts["path"] == clause.partition(":")[0]


def test_an_agreement_is_with_the_one_who_speaks() -> None:
    for path, value, clause in (
        (("assignee", "vcard:fn"), "Somebody", "assignee: it is not the dct:creator"),
        (("assignee", "uid"), "urn:x", "assignee: there is no uid 'urn:x' here"),
        (("assigner",), None, "assigner: it is missing"),
        (("assigner", "@type"), "Party", "assigner: there is no @type 'Party' here"),
    ):
        with pytest.raises(BadText) as refused:
            from_odrl(changed(AGREEMENT, path, value))
        assert refused.value.text.startswith(clause)


def test_facets_that_share_nothing_speak_of_nothing() -> None:
    one = POLICY["permission"][2]["constraint"][0]
    other = changed(one, ("rightOperand", 0, "@id"), "assent:actor/partner")
    with pytest.raises(BadText, match=r"^permission\[2\]: its action, target and constraints"):
        from_odrl(changed(POLICY, ("permission", 2, "constraint"), [one, other]))
    told = {"dct:description": "but", "assent:limit": "exception"}
    both = [changed(it, ("operator",), "isNoneOf") for it in (one, other)]
    with pytest.raises(BadText, match=r"constraint\[0\]: no use is in all that it names"):
        from_odrl(changed(POLICY, ("permission", 2, "constraint"), [{"or": both, **told}]))


@pytest.mark.parametrize(
    ("document", "clause"),
    [
        ("[" * 100_000, "the policy is nested too deeply"),
        ('{"uid": 1, "uid": 2}', "the policy has an object that says the same thing twice"),
        ("{", "the policy is not JSON"),
        ("9" * 10_000, "the policy has a number of thousands of digits"),
        ("[]", "the policy: it is no object"),
        ("null", "the policy: it is missing"),
        (" " * (1 << 23) + "{}", "the policy is larger than"),
        ("\ud800", "the policy is not JSON"),
    ],
    ids=["deep", "twice", "no-json", "number", "list", "null", "large", "half"],
)
def test_a_document_that_is_no_policy_is_refused(document: str, clause: str) -> None:
    with pytest.raises(BadText) as refused:
        parse_odrl(document)
    assert refused.value.text.startswith(clause)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def places(value: object) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        steps: list[tuple[str | int, object]] = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    else:
        return []
    return [(step, *rest) for step, inner in steps for rest in [(), *places(inner)]]


@given(st.sampled_from(places(AGREEMENT)), anything)
def test_a_spoilt_policy_is_read_or_refused_and_nothing_else(
    path: tuple[str | int, ...], value: object
) -> None:
    spoilt = changed(AGREEMENT, path, value)
    with suppress(BadText):
        text = from_odrl(spoilt)
        assert from_odrl(to_odrl(text)) == text


def test_a_number_of_any_length_is_refused_like_any_other() -> None:
    with pytest.raises(BadText, match="of type int"):
        from_odrl(changed(POLICY, ("conflict",), 10**5_000))
