"""Sessions: told once, seen, ended, and over when they are over."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.catalogue import site_tables
from assent.errors import BadInput
from assent.signin import sessions
from assent.signin.members import Member, invite
from assent.signin.sessions import Session
from tests.houses import Clock


@pytest.fixture
def wren(house: House) -> Member:
    return invite(house, "Wren", Role.ARTIST, "Kim")


def found(house: House, secret: str) -> Session | None:
    with house.reading() as connection:
        return sessions.found(connection, secret, house.clock())


def listed(house: House, member: Member) -> list[str]:
    with house.reading() as connection:
        return [s.agent for s in sessions.sessions_of(connection, member.account, house.clock())]


def test_a_session_is_found_by_its_secret_alone(either_house: House) -> None:
    wren = invite(either_house, "Wren", Role.ARTIST, "Kim")
    secret = sessions.begin(either_house, wren.account, "Browser\n9", "passkey")
    session = found(either_house, secret)
    assert session is not None
    assert (session.member, session.way, session.agent) == (wren, "passkey", "Browser9")
    assert session.until - session.at == timedelta(days=30)
    for other in ("", secret[:-1], secret + "x", session.id, "x" * 10_000):
        assert found(either_house, other) is None


def test_the_secret_is_nowhere_in_the_table(house: House, wren: Member) -> None:
    secret = sessions.begin(house, wren.account, "a browser", "password")
    with house.reading() as connection:
        row = connection.execute(select(site_tables.sessions)).one()
    assert secret not in map(str, row)
    assert sessions.begin(house, wren.account, "a browser", "password") != secret


def test_a_session_that_is_seen_goes_on_for_thirty_days_but_never_past_ninety(
    house: House, wren: Member, clock: Clock
) -> None:
    secret = sessions.begin(house, wren.account, "a browser", "password")
    for _ in range(4):
        clock.turn(days=20)
        session = found(house, secret)
        assert session is not None
        sessions.seen(house, session)
    clock.turn(days=9, hours=23)
    assert found(house, secret) is not None
    clock.turn(hours=1)
    assert found(house, secret) is None


def test_an_unseen_session_is_over_after_thirty_days(
    house: House, wren: Member, clock: Clock
) -> None:
    secret = sessions.begin(house, wren.account, "a browser", "password")
    clock.turn(days=30)
    assert found(house, secret) is None
    assert listed(house, wren) == []
    with house.writing() as connection:
        sessions.purge(connection, house.clock())
        assert connection.execute(select(site_tables.sessions)).all() == []


def test_being_seen_is_written_down_every_five_minutes_at_most(
    house: House, wren: Member, clock: Clock
) -> None:
    secret = sessions.begin(house, wren.account, "a browser", "password")
    first = found(house, secret)
    assert first is not None
    clock.turn(minutes=4)
    sessions.seen(house, first)
    assert found(house, secret) == first
    clock.turn(minutes=1)
    sessions.seen(house, first)
    again = found(house, secret)
    assert again is not None
    assert again.seen > first.seen


def test_sessions_are_ended_one_by_one_and_only_by_their_owner(house: House, wren: Member) -> None:
    bo = invite(house, "Bo", Role.LISTENER, "Kim")
    secrets = [sessions.begin(house, wren.account, f"browser {n}", "password") for n in range(3)]
    ids = [session.id for session in (found(house, s) for s in secrets) if session]
    assert not sessions.end(house, bo.account, ids[0])
    assert sessions.end(house, wren.account, ids[0])
    assert not sessions.end(house, wren.account, ids[0])
    assert sorted(listed(house, wren)) == ["browser 1", "browser 2"]
    sessions.begin(house, bo.account, "another", "password")
    assert sessions.end_others(house, wren.account, ids[2]) == 1
    assert listed(house, wren) == ["browser 2"]
    sessions.end_secret(house, secrets[2])
    sessions.end_secret(house, "no secret of ours")
    assert (listed(house, wren), listed(house, bo)) == ([], ["another"])
    assert sessions.end_all(house, bo.account) == 1


def test_no_name_of_a_session_breaks_anything(either_house: House) -> None:
    wren = invite(either_house, "Wren", Role.ARTIST, "Kim")
    secret = sessions.begin(either_house, wren.account, "a browser\0", "password")
    for nonsense in ("", "x", "a\0b", "\u202e", "x" * 100_000):
        with suppress(BadInput):  # PostgreSQL keeps no text with a zero byte
            assert not sessions.end(either_house, wren.account, nonsense)
    assert found(either_house, secret) is not None
