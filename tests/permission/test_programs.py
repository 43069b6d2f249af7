from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given

from assent.errors import BadText
from assent.permission.programs import Program, parse_proposal
from assent.permission.territories import WORLD
from assent.permission.uses import Actor, parse_uses
from tests.permission.tables import bombs, spoilt, toml_tables

NOW = datetime(2031, 6, 1, tzinfo=UTC)
RIVAL = """
id = "rival-train"
owner = "Nightjar Models"
actor = "partner"
activities = ["train-rival", "input-*"]
purpose = "Train a model that makes background music."
models = ["nightjar-1"]
territories = ["DE", "FR"]
start = 2031-07-01
end = 2032-01-01T00:00:00+01:00
retention_days = 365
contact = "rights@nightjar.example"
contract = "NM-2031-04"
"""
LEAST = """
id = "search"
owner = "The house"
actor = "platform"
activities = ["search"]
purpose = "So that people find it."
retention_days = 1
contact = "rights@house.example"
"""


def test_every_field_of_a_proposal_is_read() -> None:
    read = parse_proposal(RIVAL, NOW)
    assert (read.id, read.owner, read.actor) == ("rival-train", "Nightjar Models", Actor.PARTNER)
    assert read.uses == parse_uses(["partner/train-rival", "partner/input-*"])
    assert read.purpose == "Train a model that makes background music."
    assert (read.models, read.territories) == (("nightjar-1",), frozenset({"DE", "FR"}))
    assert read.start == datetime(2031, 7, 1, tzinfo=UTC)
    assert read.end == datetime(2031, 12, 31, 23, tzinfo=UTC)
    assert (read.retention_days, read.contact) == (365, "rights@nightjar.example")
    assert read.contract == "NM-2031-04"


def test_what_may_be_left_out_has_the_careful_default() -> None:
    read = parse_proposal(LEAST, NOW)
    assert read.territories == WORLD  # so every holder is asked
    assert (read.models, read.start, read.end, read.contract) == ((), None, None, "")


REFUSED: Mapping[str, tuple[str, str, str]] = {
    "an unknown field": ("owner =", "uses = 1\nowner =", "a program has no field 'uses'"),
    "no id": ('id = "rival-train"\n', "", "a program needs id"),
    "no owner": ('owner = "Nightjar Models"\n', "", "a program needs owner"),
    "no actor": ('actor = "partner"\n', "", "a program needs actor: one of platform, group"),
    "an unknown actor": ('"partner"', '"Partner"', "a program needs actor"),
    "an actor of another kind": ('"partner"', "[]", "a program needs actor"),
    "no activities": (
        'activities = ["train-rival", "input-*"]\n',
        "",
        "a program needs activities",
    ),
    "an unknown activity": ('"train-rival"', '"train rival"', "activities: no use matches"),
    "an activity of another actor": ('"train-rival"', '"x/search"', "activities: no use matches"),
    "no purpose": ('purpose = "Train', 'purpose = " "\n# Train', "a program needs purpose"),
    "an empty list of models": ('["nightjar-1"]', "[]", "a program needs models"),
    "an unknown territory": ('"DE"', '"de"', "territories: 'de' is no territory"),
    "a territory of another kind": ('"DE"', "1", "a program needs territories"),
    "no territory": ('["DE", "FR"]', "[]", "a program needs territories"),
    "a start that is no date": ("2031-07-01", '"soon"', "a start that is no date"),
    "an end without a zone": ("+01:00", "", "an? end without a time zone"),
    "an end in the past": ("2032-01-01T00:00:00+01:00", "2031-05-31", "must end in the future"),
    "an end now": ("2032-01-01T00:00:00+01:00", "2031-06-01", "must end in the future"),
    "an end before its start": ("2032-01-01T00:00:00+01:00", "2031-06-15", "after it starts"),
    "an end at its start": ("2032-01-01T00:00:00+01:00", "2031-07-01", "after it starts"),
    "no retention": ("retention_days = 365\n", "", "a program needs retention_days"),
    "a retention of no day": ("= 365", "= 0", "a program needs retention_days"),
    "a retention of centuries": ("= 365", "= 36501", "a program needs retention_days"),
    "a retention that is true": ("= 365", "= true", "a program needs retention_days"),
    "a retention in text": ("= 365", '= "365"', "a program needs retention_days"),
    "no contact": ('contact = "rights@nightjar.example"\n', "", "a program needs contact"),
    "a partner without contract": ('contract = "NM-2031-04"\n', "", "needs contract, what it"),
    "an empty contract": ('"NM-2031-04"', '""', "a program needs contract"),
    "no TOML": ("id =", "id", "the program file is not TOML"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_program_is_refused_for(what: str) -> None:
    old, new, clause = REFUSED[what]
    assert old in RIVAL
    with pytest.raises(BadText, match=clause):
        parse_proposal(RIVAL.replace(old, new, 1), NOW)


@pytest.mark.parametrize("bomb", [*bombs.values(), "# " + "a" * (1 << 16)], ids=[*bombs, "size"])
def test_a_bomb_is_refused(bomb: str) -> None:
    with pytest.raises(BadText):
        parse_proposal(bomb, NOW)


@given(toml_tables | spoilt(RIVAL))
def test_whatever_is_written_is_a_program_or_bad_text(toml: str) -> None:
    with suppress(BadText):
        parse_proposal(toml, NOW)


def test_a_program_lives_from_its_start_until_just_before_its_end() -> None:
    june, july, august = (datetime(2031, month, 1, tzinfo=UTC) for month in (6, 7, 8))
    program = Program(id="a", uses=1, start=july, end=august, proposed=1, approved=2)
    assert [program.is_live(at) for at in (june, july, august)] == [False, True, False]
