"""How much happened in each month: a tally that is added to comes to what one made anew says."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.acts.erase import erase
from assent.acts.hold import hold
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.say import About, choose, refuse
from assent.catalogue.tallies import NOTHING, Tally, tallied
from assent.permission.presets import Preset
from tests.houses import RIVAL, Clock, add, add_program, platform


def now(house: House, before: Tally = NOTHING) -> Tally:
    with house.reading() as connection:
        return tallied(connection, before)


def test_what_happened_is_counted_by_month(
    either_house: House, clock: Clock, tmp_path: Path
) -> None:
    house = either_house
    wren = add(house, tmp_path, "Wren")
    choose(house, "Wren", Preset.NO_AI)
    clock.turn(days=31)
    add(house, tmp_path, "Mara Fen")
    hold(house, wren, RIVAL, "a dispute", "Rhea")
    made = now(house)
    assert made.months == ("2031-04", "2031-03")
    assert made.kinds["2031-03", "recording"] == made.kinds["2031-04", "recording"] == 1
    assert made.kinds["2031-04", "hold"] == 1
    assert dict(made.presets) == {("2031-03", "no-ai"): 1}


def test_uses_are_counted_by_program(house: House, tmp_path: Path) -> None:
    program = add_program(house)
    wren = add(house, tmp_path, "Wren")
    with house.act("gate") as act:
        counts = [[wren, 3]]
        body = {"program": program, "hour": "2031-03-01T12Z", "counts": counts}
        act.record("use", {**body, "n": 1, "journals": []})
    assert dict(now(house).uses) == {("2031-03", program): 3}


STEPS = ("upload", "refuse", "choose", "hold", "month", "look", "erase")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=8))
def test_adding_what_is_new_comes_to_the_same_as_counting_all_again(
    steps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, clock = tmp_path_factory.mktemp("tally"), Clock()
    with platform(folder / "data", clock) as house:
        last = add(house, folder, "Wren")
        add(house, folder, "Ada Quill")
        kept, erased = NOTHING, False
        for step in steps:
            match step:
                case "upload":
                    last = add(house, folder, "Wren")
                case "refuse":
                    refuse(house, About(holder="Wren", recording=last), RIVAL)
                case "choose":
                    choose(house, "Wren", Preset.ASK)
                case "hold":
                    hold(house, last, RIVAL, "a dispute", "Rhea")
                case "month":
                    clock.turn(days=31)
                case "erase" if not erased:
                    erase(house, Logs(house), "Ada Quill", "Ada Quill", lambda _: None)
                    erased = True
                case _:
                    kept = now(house, kept)
        assert now(house, kept) == now(house)
