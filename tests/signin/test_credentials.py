"""Who has proved who they are, and which ways in are left."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.catalogue.site_tables import members
from assent.errors import BadInput, NotAllowed, Unknown
from assent.signin import sessions
from assent.signin.confirmation import confirm, is_confirmed
from assent.signin.credentials import Ways, change_password, drop_password, proved, ways_of
from assent.signin.identities import link, linked_to, member_behind, unlink
from assent.signin.listeners import keep_history, keeps_history
from assent.signin.members import Member, invite, join
from assent.signin.passwords import is_outdated
from assent.signin.provider import Identity
from assent.signin.roles import shut
from assent.signin.sessions import Session
from tests.houses import Clock

OLD, NEW = "seven quiet herons", "nine loud magpies"
ELSEWHERE = Identity(issuer="https://id.example", subject="77")


@pytest.fixture
def wren(house: House) -> Member:
    return join(house, "Wren", Role.ARTIST, OLD)


def found(house: House, secret: str) -> Session | None:
    with house.reading() as connection:
        return sessions.found(connection, secret, house.clock())


def test_a_name_in_any_spelling_and_the_password_as_it_is(either_house: House) -> None:
    wren = join(either_house, "Wren", Role.ARTIST, OLD)
    assert proved(either_house, " wREN ", OLD) == wren
    for name, password in (
        ("Wren", OLD.upper()),
        ("Wrem", OLD),
        ("", OLD),
        ("Wren", ""),
        ("\0", ""),
    ):
        assert proved(either_house, name, password) is None
    lee = invite(either_house, "Lee", Role.REVIEWER, "Kim")  # who has no password yet
    assert proved(either_house, lee.name, "") is None
    shut(either_house, wren.account, "Kim")
    assert proved(either_house, "Wren", OLD) is None


def test_an_outdated_hash_is_made_again_at_the_next_right_password(
    house: House, wren: Member
) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(OLD)
    with house.writing() as connection:
        connection.execute(update(members).values(password=old))
    assert proved(house, "Wren", NEW) is None

    def kept() -> str:
        with house.reading() as connection:
            return str(connection.execute(select(members.c.password)).scalar_one())

    assert kept() == old
    assert proved(house, "Wren", OLD) == wren
    assert not is_outdated(kept())
    assert proved(house, "Wren", OLD) == wren


def test_another_password_ends_the_other_sessions(house: House, wren: Member) -> None:
    here, there = (sessions.begin(house, wren.account, "b", "password") for _ in range(2))
    session = found(house, here)
    assert session is not None
    with pytest.raises(BadInput):
        change_password(house, wren.account, "wren", session.id)
    assert found(house, there) is not None
    change_password(house, wren.account, NEW, session.id)
    assert found(house, here) is not None
    assert found(house, there) is None
    assert proved(house, "Wren", NEW) == wren
    with pytest.raises(Unknown):
        change_password(house, "a999", NEW)


def test_nobody_loses_their_last_way_in(house: House, wren: Member) -> None:
    with pytest.raises(NotAllowed, match="your only way"):
        drop_password(house, wren.account)
    link(house, wren.account, ELSEWHERE)
    drop_password(house, wren.account)
    with house.reading() as connection:
        assert ways_of(connection, wren.account) == Ways(password=False, passkeys=0, identities=1)
    with pytest.raises(NotAllowed, match="your only way"):
        unlink(house, wren.account, ELSEWHERE.issuer)
    with pytest.raises(BadInput):
        drop_password(house, wren.account)
    change_password(house, wren.account, NEW)
    unlink(house, wren.account, ELSEWHERE.issuer)
    with pytest.raises(Unknown):
        unlink(house, wren.account, ELSEWHERE.issuer)


def test_somebody_elsewhere_vouches_for_one_member(either_house: House) -> None:
    wren, bo = (join(either_house, name, Role.LISTENER, None) for name in ("Wren", "Bo"))
    with either_house.reading() as connection:
        assert member_behind(connection, ELSEWHERE) is None
    link(either_house, wren.account, ELSEWHERE)
    with either_house.reading() as connection:
        assert member_behind(connection, ELSEWHERE) == wren
        assert [one.subject for one in linked_to(connection, wren.account)] == ["77"]
    for member in (wren, bo):
        with pytest.raises(BadInput):
            link(either_house, member.account, ELSEWHERE)
    shut(either_house, wren.account, "Kim")
    with either_house.reading() as connection, pytest.raises(NotAllowed, match="shut"):
        member_behind(connection, ELSEWHERE)
    with pytest.raises(Unknown):
        link(either_house, wren.account, Identity(issuer="https://id.example", subject="78"))


def test_a_proof_is_good_for_ten_minutes_and_one_session(
    house: House, wren: Member, clock: Clock
) -> None:
    here, there = (
        found(house, sessions.begin(house, wren.account, "b", "password")) for _ in range(2)
    )
    assert here is not None
    assert there is not None

    def confirmed() -> tuple[bool, bool, bool]:
        with house.reading() as connection:
            one, other, nobody = (
                is_confirmed(connection, it, house.clock()) for it in (here, there, None)
            )
            return one, other, nobody

    assert confirmed() == (True, True, False)  # signing in is a proof
    clock.turn(minutes=10)
    assert confirmed() == (False, False, False)
    confirm(house, here)
    assert confirmed() == (True, False, False)
    clock.turn(minutes=10)
    assert confirmed() == (False, False, False)


def test_plays_bear_no_name_unless_their_listener_says_so(either_house: House) -> None:
    wren = join(either_house, "Wren", Role.LISTENER, None)

    def keeps() -> bool:
        with either_house.reading() as connection:
            return keeps_history(connection, wren.account)

    assert not keeps()
    keep_history(either_house, wren.account, keeps=True)
    assert keeps()
    keep_history(either_house, wren.account, keeps=False)
    assert not keeps()
