"""How often somebody may try, and how long they wait then."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue import site_tables
from assent.signin.attempts import (
    SIGN_IN_ADDRESS,
    SIGN_IN_HERE,
    SIGN_IN_NAME,
    Limit,
    forget,
    give_back,
    name_from,
    purge,
    take,
    wait_of,
)
from tests.houses import Clock

HOME = "192.0.2.7"
WREN = SIGN_IN_HERE, name_from("Wren", HOME)


def use_up(house: House, whose: tuple[Limit, str] = WREN) -> None:
    for _ in range(whose[0].tries):
        assert not take(house, whose)


def minutes(wait: timedelta) -> int:
    return round(wait.total_seconds() / 60)


def test_ten_tries_in_a_quarter_of_an_hour_and_then_one_waits(
    either_house: House, clock: Clock
) -> None:
    use_up(either_house)
    assert minutes(take(either_house, WREN)) == 15
    clock.turn(minutes=14)
    assert minutes(take(either_house, WREN)) == 1  # asking does not make it longer
    clock.turn(minutes=1)
    assert not take(either_house, WREN)


def test_each_further_wrong_try_doubles_the_wait_up_to_two_hours(
    house: House, clock: Clock
) -> None:
    use_up(house)
    waits = []
    for _ in range(6):
        wait = take(house, WREN)
        waits.append(minutes(wait))
        clock.turn(seconds=wait.total_seconds())
        assert not take(house, WREN)
    assert waits == [15, 30, 60, 120, 120, 120]


def test_a_right_one_starts_anew(house: House, clock: Clock) -> None:
    use_up(house)
    clock.turn(minutes=15)
    assert not take(house, WREN)
    forget(house, *WREN)
    use_up(house)
    assert minutes(take(house, WREN)) == 15


def test_slow_tries_are_never_too_many(house: House, clock: Clock) -> None:
    for _ in range(40):
        assert not take(house, WREN)
        clock.turn(minutes=2)


def test_a_day_later_all_is_forgotten(house: House, clock: Clock) -> None:
    use_up(house)
    clock.turn(days=1, minutes=1)
    assert not take(house, WREN)
    clock.turn(days=1, minutes=1)
    with house.writing() as connection:
        purge(connection, house.clock())
        assert connection.execute(select(site_tables.attempts)).all() == []


def test_a_try_that_one_limit_refuses_counts_for_no_other(house: House) -> None:
    address = SIGN_IN_ADDRESS, "192.0.2.7"
    use_up(house)
    for _ in range(50):
        assert take(house, WREN, address)
    with house.reading() as connection:
        assert not wait_of(house, connection, *address)


def test_a_right_one_gives_the_address_its_try_back(house: House) -> None:
    address = SIGN_IN_ADDRESS, "192.0.2.7"
    for _ in range(200):
        assert not take(house, address)
        give_back(house, *address)


def test_one_spelling_of_a_name_is_every_spelling(house: House) -> None:
    use_up(house)
    assert take(house, (SIGN_IN_HERE, name_from("  WREN ", HOME)))
    assert not take(house, (SIGN_IN_HERE, name_from("Wrenna", HOME)))


@pytest.mark.parametrize(
    ("home", "near", "far"),
    [
        ("192.0.2.7", "192.0.2.250", "192.0.3.7"),
        ("::ffff:192.0.2.7", "192.0.2.8", "198.51.100.7"),
        ("2001:db8:1:200::1", "2001:db8:1:2ff::9", "2001:db8:1:300::1"),
        ("testclient", "testclient", "another"),
    ],
)
def test_a_name_is_shut_for_the_network_it_was_tried_from_and_for_no_other(
    house: House, home: str, near: str, far: str
) -> None:
    use_up(house, (SIGN_IN_HERE, name_from("Wren", home)))
    assert take(house, (SIGN_IN_HERE, name_from("Wren", near)))
    assert not take(house, (SIGN_IN_HERE, name_from("Wren", far)))


def test_a_name_that_is_tried_from_everywhere_is_slowed_down_and_never_shut(
    house: House, clock: Clock
) -> None:
    name = SIGN_IN_NAME, "Wren"
    use_up(house, name)
    waits = []
    for _ in range(20):
        wait = take(house, name)
        waits.append(round(wait.total_seconds()))
        clock.turn(seconds=wait.total_seconds())
        assert not take(house, name)
    assert waits == [60] * 20
    assert SIGN_IN_NAME.tries >= 20 * SIGN_IN_HERE.tries


def test_an_address_is_what_one_customer_is_given(house: House) -> None:
    use_up(house, (SIGN_IN_ADDRESS, "2001:db8:1:2::1"))
    assert take(house, (SIGN_IN_ADDRESS, "2001:db8:1:2:ffff::9"))
    assert not take(house, (SIGN_IN_ADDRESS, "2001:db8:1:3::1"))
    use_up(house, (SIGN_IN_ADDRESS, "192.0.2.7"))
    assert take(house, (SIGN_IN_ADDRESS, "::ffff:192.0.2.7"))
    assert not take(house, (SIGN_IN_ADDRESS, "192.0.2.8"))


def test_neither_names_nor_addresses_are_in_the_table(house: House) -> None:
    take(house, WREN, (SIGN_IN_ADDRESS, "192.0.2.7"))
    with house.reading() as connection:
        rows = connection.execute(select(site_tables.attempts)).all()
    assert len(rows) == 2
    assert all(len(row.key) == 64 for row in rows)
    assert not any(said in str(row).lower() for row in rows for said in ("wren", "192.0"))


def test_many_at_once_are_no_more_than_one_after_the_other(either_house: House) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: take(either_house, WREN), range(30)))
    assert sum(not wait for wait in waits) == 10
