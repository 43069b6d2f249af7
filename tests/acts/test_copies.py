"""Copies: what must hold in any dispute, and then what each step does."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from assent.acts.copies import SEVERAL
from assent.acts.house import House
from assent.acts.rebuild import differences
from assent.catalogue import tables
from assent.catalogue.cases import LIVE, State, sources, waiting, waits
from assent.catalogue.watched import WATCHED
from tests.acts.disputes import (
    ALL_OF_THEM,
    EARLIER,
    LATER,
    TESS,
    Step,
    alone,
    build,
    case_rows,
    deciding,
    histories,
    holds_for,
    meant,
    rows,
    step,
    tells,
    words,
)
from tests.houses import Clock, platform


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the platform: copy it, never change it."""
    folder = tmp_path_factory.mktemp("disputes")
    build(folder)
    return folder / "data"


@contextmanager
def disputed(template: Path, folder: Path, clock: Clock) -> Iterator[House]:
    shutil.copytree(template, folder)
    clock.turn(days=1)
    with platform(folder, clock) as house:
        yield house


def check(house: House, clock: Clock) -> None:
    """Check everything that must hold at any moment."""
    found, now, stored = case_rows(house), alone(house, clock.at), words(house)
    assert {name: word for name, (word, _) in now.items()} == stored, "point is as stored"
    bound = _bound(found)
    for name, others in bound.items():
        for other in others:
            assert stored[name] & ~stored[other] == 0, f"{name} gets no more than {other}"
        if len(others) > 1:
            assert stored[name] == 0, "what cannot follow all of its originals is closed"
        if not others:
            assert stored[name] == now[name][1], f"{name} is what it is alone"
    masks = {row.id: row.original for row in rows(house, tables.recordings)}
    assert all(
        (masks[it] in others) if others else masks[it] is None for it, others in bound.items()
    )
    assert holds_for(house, SEVERAL) == sorted(
        it for it, others in bound.items() if len(others) > 1
    )
    assert set(holds_for(house, WATCHED)) <= set(LATER)
    _check_waiting(house, found)
    with house.reading() as connection:
        assert {name: set(sources(connection, name)) for name in ALL_OF_THEM} == bound


def _bound(found: dict[tuple[str, str], str]) -> dict[str, set[str]]:
    """Return what each gets no more than, by the states of the cases."""
    bound: dict[str, set[str]] = {name: set() for name in ALL_OF_THEM}
    for (recording, original), state in found.items():
        if state in LIVE:
            bound[recording].add(original)
        if state == State.TRUE_ORIGINAL:
            bound[original].add(recording)
    return bound


def _check_waiting(house: House, found: dict[tuple[str, str], str]) -> None:
    wait = {r for (r, _), state in found.items() if state in {"suspected", "confirmed"}}
    wait |= {o for (_, o), state in found.items() if state == "true-original"}
    with house.reading() as connection:
        assert waiting(connection, ALL_OF_THEM) == wait
        assert {name for name in ALL_OF_THEM if waits(connection, name)} == wait


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_whatever_is_said_a_copy_never_gets_more_and_nobody_loses_unheard(
    template: Path, tmp_path_factory: pytest.TempPathFactory, history: list[Step]
) -> None:
    clock = Clock()
    with disputed(template, tmp_path_factory.mktemp("history") / "data", clock) as house:
        for drawn in history:
            what = meant(house, drawn)
            before, cases = words(house), case_rows(house)
            kind, details = what
            unheard = kind == "decide" and deciding(house, clock.at, *details)
            done = step(house, clock, what)
            if unheard:
                assert not done, "somebody would lose without being heard"
            if not done or tells(what, TESS):
                decided = _bound(cases)  # what was decided to be the copy follows the other
                for name in EARLIER:
                    assert decided[name] or words(house)[name] == before[name], f"harms {name}"
            if not done:
                assert (words(house), case_rows(house)) == (before, cases)
            check(house, clock)
        assert differences(house) == []
