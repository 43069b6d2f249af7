"""One-time codes: told once, good once, for a week, and only the newest."""

import pytest
from sqlalchemy import select

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.catalogue import site_tables, tables
from assent.errors import BadInput, NotAllowed, Unknown
from assent.signin import codes, sessions
from assent.signin.credentials import proved
from assent.signin.members import Member, invite, join
from assent.signin.roles import shut
from tests.houses import Clock

OLD, NEW = "seven quiet herons", "nine loud magpies"


@pytest.fixture
def wren(house: House) -> Member:
    return join(house, "Wren", Role.ARTIST, OLD)


def code_for(house: House, member: Member) -> str:
    return codes.code_of(house, codes.make(house, member.account, "Kim"))


def test_a_code_gives_a_new_password_once(either_house: House) -> None:
    wren = join(either_house, "Wren", Role.ARTIST, OLD)
    secret = sessions.begin(either_house, wren.account, "a browser", "password")
    code = code_for(either_house, wren)
    assert codes.redeem(either_house, code, NEW, accepts=False) == wren
    assert proved(either_house, "Wren", NEW) == wren
    assert proved(either_house, "Wren", OLD) is None
    with either_house.reading() as connection:
        assert sessions.found(connection, secret, either_house.clock()) is None
    with pytest.raises(Unknown):
        codes.redeem(either_house, code, OLD, accepts=False)


def test_it_can_be_typed_as_people_type(house: House, wren: Member) -> None:
    code = code_for(house, wren)
    assert len(code) == 24
    typed = f" {code.lower().replace('-', ' ')} "
    assert codes.redeem(house, typed, NEW, accepts=False) == wren


def test_it_is_in_no_table_and_made_again_from_its_seed_alone(house: House, wren: Member) -> None:
    seed = codes.make(house, wren.account, "Kim")
    code = codes.code_of(house, seed)
    with house.reading() as connection:
        rows = str(connection.execute(select(site_tables.challenges)).all())
        events = str(connection.execute(select(tables.events)).all())
    for said in (seed, code, code.replace("-", "")):
        assert said not in rows + events
    assert codes.code_of(house, seed) == code


def test_a_newer_code_replaces_the_older(house: House, wren: Member) -> None:
    older, newer = code_for(house, wren), code_for(house, wren)
    with pytest.raises(Unknown):
        codes.redeem(house, older, NEW, accepts=False)
    codes.redeem(house, newer, NEW, accepts=False)


def test_it_runs_out_after_a_week(house: House, wren: Member, clock: Clock) -> None:
    code = code_for(house, wren)
    clock.turn(days=7)
    with pytest.raises(Unknown):
        codes.redeem(house, code, NEW, accepts=False)


def test_a_password_that_is_refused_does_not_use_it_up(house: House, wren: Member) -> None:
    code = code_for(house, wren)
    with pytest.raises(BadInput):
        codes.redeem(house, code, "short", accepts=False)
    with pytest.raises(BadInput):
        codes.redeem(house, "  ", NEW, accepts=False)
    codes.redeem(house, code, NEW, accepts=False)


def test_who_never_accepted_terms_accepts_them_with_it_or_stays_out(house: House) -> None:
    lee = invite(house, "Lee", Role.REVIEWER, "Kim")
    code = code_for(house, lee)
    with pytest.raises(NotAllowed, match="accept the terms"):
        codes.redeem(house, code, NEW, accepts=False)
    assert proved(house, "Lee", NEW) is None
    codes.redeem(house, code, NEW, accepts=True)
    assert proved(house, "Lee", NEW) == lee
    with house.reading() as connection:
        assert codes.has_accepted(connection, lee.account)
        query = select(tables.events.c.by).where(tables.events.c.kind == "terms.accept")
        assert connection.execute(query).scalars().all() == ["Lee"]


def test_a_shut_member_has_no_code_and_uses_none(house: House, wren: Member) -> None:
    code = code_for(house, wren)
    shut(house, wren.account, "Kim")
    with pytest.raises(Unknown):
        codes.redeem(house, code, NEW, accepts=False)
    with pytest.raises(Unknown):
        codes.make(house, wren.account, "Kim")
