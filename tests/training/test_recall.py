"""What of a set was taken back since it was cut, and by which event."""

from pathlib import Path

import pytest

from assent.acts.hold import hold, release
from assent.acts.house import House
from assent.acts.programs import suspend
from assent.acts.say import About, choose, grant, refuse
from assent.errors import Unknown
from assent.permission.presets import Preset
from assent.training.build import build
from assent.training.recall import recalled
from tests.houses import RIVAL, Clock, add_program
from tests.training.sets import PROGRAM, Stock, take_back


@pytest.fixture
def house(stocked: Stock, tmp_path: Path) -> House:
    build(stocked.house, PROGRAM, tmp_path / "set", by="Kim")
    return stocked.house


def found(house: House, training_set: str = "s0") -> dict[str, tuple[int, ...]]:
    return {each.recording: each.events for each in recalled(house, training_set)}


def test_nothing_is_recalled_while_nothing_was_taken_back(house: House) -> None:
    grant(house, About(holder="Cy Loom", program=PROGRAM), RIVAL)
    assert found(house) == {}


def test_what_was_taken_back_is_recalled_with_the_event_that_did_it(house: House) -> None:
    withdrawn = take_back(house, "r1").number
    refused = refuse(house, About(holder="Ada Quill", recording="r5"), RIVAL).number
    held = hold(house, "r2", RIVAL, "a dispute", "desk").number
    assert found(house) == {"r1": (withdrawn,), "r2": (held,), "r5": (refused,)}


def test_what_was_said_before_the_cut_recalls_nothing(stocked: Stock, tmp_path: Path) -> None:
    house = stocked.house
    about = About(holder="Ada Quill", recording="r1", program=PROGRAM)
    take_back(house, "r1")
    grant(house, about, RIVAL)
    placed = hold(house, "r1", RIVAL, "a dispute", "desk").number
    release(house, placed, "desk")
    build(house, PROGRAM, tmp_path / "set", by="Kim")
    assert found(house) == {}
    withdrawn = take_back(house, "r1").number
    assert found(house) == {"r1": (withdrawn,)}


def test_an_account_s_no_recalls_all_of_its_recordings(house: House, stocked: Stock) -> None:
    said = choose(house, "Ada Quill", Preset.NO_AI).number
    assert found(house) == dict.fromkeys(stocked.permitted, (said,))
    assert all(each.reasons for each in recalled(house, "s0"))


def test_what_others_or_other_programs_were_told_recalls_nothing(house: House) -> None:
    add_program(house, "other")
    refuse(house, About(holder="Ada Quill", program="other"), RIVAL)
    refuse(house, About(holder="Cy Loom"), RIVAL)
    assert found(house) == {}


def test_a_program_that_is_stopped_recalls_nothing_but_what_was_taken_back(house: House) -> None:
    suspend(house, PROGRAM, "Lee")
    assert found(house) == {}
    withdrawn = take_back(house, "r1").number
    assert found(house) == {"r1": (withdrawn,)}


def test_a_grant_that_ran_out_is_recalled_by_no_event(
    stocked: Stock, tmp_path: Path, clock: Clock
) -> None:
    house = stocked.house
    add_program(house, "brief")
    about = About(holder="Ada Quill", program="brief")
    grant(house, about, RIVAL, until=clock.at.replace(year=2032))
    build(house, "brief", tmp_path / "brief", by="Kim")
    assert found(house) == {}
    clock.turn(days=500)
    assert found(house) == dict.fromkeys(stocked.permitted, ())


def test_a_set_that_is_not_there_is_unknown(house: House) -> None:
    with pytest.raises(Unknown, match="there is no training set"):
        recalled(house, "s9")
