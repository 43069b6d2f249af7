"""What is good for one use: used once, for a while, and for what it was made."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue import site_tables
from assent.signin import challenges
from tests.houses import Clock

MINUTE = timedelta(minutes=1)


def test_it_is_taken_once_and_only_for_what_it_was_made(either_house: House) -> None:
    challenges.put(either_house, "a kind", "x", {"who": "a1"}, MINUTE)
    assert challenges.take(either_house, "another kind", "x") is None
    assert challenges.take(either_house, "a kind", "y") is None
    assert challenges.take(either_house, "a kind", "x") == {"who": "a1"}
    assert challenges.take(either_house, "a kind", "x") is None


def test_it_runs_out(house: House, clock: Clock) -> None:
    challenges.put(house, "a kind", "x", {}, MINUTE)
    with house.reading() as connection:
        assert challenges.peek(connection, "a kind", "x", house.clock()) == {}
    clock.turn(minutes=1)
    assert challenges.take(house, "a kind", "x") is None
    challenges.put(house, "a kind", "y", {}, MINUTE)  # what has run out goes when others come
    with house.reading() as connection:
        rows = connection.execute(select(site_tables.challenges)).all()
    assert [row.id for row in rows] == ["a kind:y"]


@pytest.mark.parametrize("id", ["", "x" * 201, "x\0"])
def test_what_cannot_be_an_id_is_none(either_house: House, id: str) -> None:  # noqa: A002  # as the column is called
    assert challenges.take(either_house, "a kind", id) is None


def test_of_many_that_come_at_once_one_takes_it(either_house: House) -> None:
    challenges.put(either_house, "a kind", "x", {"who": "a1"}, MINUTE)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: challenges.take(either_house, "a kind", "x"), range(16)))
    assert [one for one in taken if one is not None] == [{"who": "a1"}]


def test_all_that_keep_the_same_are_dropped_together(house: House) -> None:
    for name, who in (("x", "a1"), ("y", "a1"), ("z", "a2")):
        challenges.put(house, "a kind", name, {"who": who}, MINUTE)
    with house.writing() as connection:
        challenges.drop_about(connection, "a kind", {"who": "a1"})
    assert challenges.take(house, "a kind", "x") is None
    assert challenges.take(house, "a kind", "z") == {"who": "a2"}
