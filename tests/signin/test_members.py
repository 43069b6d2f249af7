"""Who can sign in, as what, and who decides that."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.accounts import Role, open_account, open_artist
from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.site_tables import members
from assent.errors import BadInput, NotAllowed, Unknown
from assent.signin import sessions, tokens
from assent.signin.members import (
    Member,
    become_artist,
    invite,
    join,
    known,
    member_called,
    member_of,
    members_like,
    since_of,
)
from assent.signin.passwords import is_right
from assent.signin.roles import reopen, set_role, shut
from assent.signin.scopes import Scope
from tests.houses import add

PASSWORD = "seven quiet herons"


def staff_acts(house: House) -> list[tuple[str, str, str, str]]:
    with house.reading() as connection:
        query = select(tables.events).where(tables.events.c.kind == "staff")
        rows = connection.execute(query.order_by(tables.events.c.number)).all()
    bodies = [json.loads(row.body) for row in rows]
    return [
        (row.by, body["act"], body["what"], body["cause"])
        for row, body in zip(rows, bodies, strict=True)
    ]


def accepted(house: House, account: str) -> str | None:
    with house.reading() as connection:
        query = select(tables.accounts.c.accepted).where(tables.accounts.c.id == account)
        text: str | None = connection.execute(query).scalar_one()
    return text


def found(house: House, name: str) -> Member | None:
    with house.reading() as connection:
        return member_called(connection, name)


def test_who_joins_has_an_account_has_accepted_the_terms_and_can_sign_in(
    either_house: House,
) -> None:
    wren = join(either_house, " Wren  Ashby ", Role.ARTIST, PASSWORD)
    assert (wren.name, wren.role, wren.shut) == ("Wren Ashby", Role.ARTIST, False)
    assert found(either_house, "wren ASHBY") == wren
    assert accepted(either_house, wren.account) is not None
    with either_house.reading() as connection:
        assert member_of(connection, wren.account) == wren
        kept = connection.execute(select(members.c.password)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert is_right(kept, PASSWORD)


@pytest.mark.parametrize(
    "role", [role for role in Role if role.value not in {"listener", "artist"}]
)
def test_nobody_takes_a_role_that_an_operator_gives(house: House, role: Role) -> None:
    with pytest.raises(NotAllowed):
        join(house, "Wren", role, PASSWORD)
    assert found(house, "Wren") is None


@pytest.mark.parametrize("name", ["", "   ", "a\x00b", "x" * 201])
def test_a_name_that_cannot_be_written_is_refused(house: House, name: str) -> None:
    with pytest.raises(BadInput):
        join(house, name, Role.LISTENER, PASSWORD)


def test_a_name_is_taken_once_in_any_spelling(house: House) -> None:
    join(house, "Mara Fen", Role.LISTENER, PASSWORD)
    with pytest.raises(BadInput, match="there is an account called 'MARA fen' already"):
        join(house, "MARA fen", Role.ARTIST, PASSWORD)


def test_nobody_takes_the_name_of_an_account_or_an_artist_that_others_brought(
    house: House, tmp_path: Path
) -> None:
    add(house, tmp_path, "Ada Quill")
    with pytest.raises(BadInput, match="an account of that name here already, whom nobody signs"):
        join(house, "ada quill", Role.ARTIST, PASSWORD)
    with house.act("Lantern Row") as act:
        label = open_account(act, "Lantern Row", Role.LABEL)
        open_artist(act, "Bo Ferrum", label)
    with pytest.raises(BadInput, match="an artist of that name here already, whom nobody signs"):
        join(house, "BO FERRUM", Role.ARTIST, PASSWORD)
    assert found(house, "Ada Quill") is None


def test_an_operator_gives_a_way_in_to_an_account_that_is_there(
    house: House, tmp_path: Path
) -> None:
    add(house, tmp_path, "Ada Quill")
    ada = invite(house, "Ada Quill", Role.ARTIST, "Kim", PASSWORD)
    assert found(house, "Ada Quill") == ada
    assert accepted(house, ada.account) is not None  # by her upload, long before
    assert staff_acts(house) == [("Kim", "invite", "artist", "")]
    with pytest.raises(BadInput, match="Ada Quill can sign in already"):
        invite(house, "Ada Quill", Role.ARTIST, "Kim")


def test_who_is_invited_has_accepted_nothing_for_it_is_not_their_act(house: House) -> None:
    lee = invite(house, "Lee", Role.REVIEWER, "Kim")
    assert lee.role is Role.REVIEWER
    assert accepted(house, lee.account) is None
    with pytest.raises(BadInput):
        invite(house, "Nobody", Role.NOBODY, "Kim")


def test_a_listener_becomes_an_artist_by_themselves_and_others_do_not(house: House) -> None:
    wren = join(house, "Wren", Role.LISTENER, PASSWORD)
    assert become_artist(house, wren.account).role is Role.ARTIST
    lee = invite(house, "Lee", Role.AUDITOR, "Kim")
    with pytest.raises(NotAllowed):
        become_artist(house, lee.account)
    assert [member.role for member in (found(house, "Wren"), found(house, "Lee")) if member] == [
        Role.ARTIST,
        Role.AUDITOR,
    ]


def test_a_role_is_given_on_the_record(either_house: House) -> None:
    wren = join(either_house, "Wren", Role.LISTENER, PASSWORD)
    set_role(either_house, wren.account, Role.LABEL, "Kim", " signed  a contract ")
    now = found(either_house, "Wren")
    assert now is not None
    assert now.role is Role.LABEL
    assert staff_acts(either_house) == [("Kim", "role", "label", "signed a contract")]
    with pytest.raises(BadInput):
        set_role(either_house, wren.account, Role.NOBODY, "Kim")
    with pytest.raises(Unknown):
        set_role(either_house, "a999", Role.LABEL, "Kim")


def test_there_is_always_an_operator(house: House) -> None:
    kim = invite(house, "Kim", Role.OPERATOR, "desk")
    with pytest.raises(NotAllowed, match="the last operator"):
        shut(house, kim.account, "Kim")
    with pytest.raises(NotAllowed, match="the last operator"):
        set_role(house, kim.account, Role.AUDITOR, "Kim")
    lee = invite(house, "Lee", Role.OPERATOR, "desk")
    shut(house, kim.account, "Lee")
    with pytest.raises(NotAllowed, match="the last operator"):
        shut(house, lee.account, "Lee")  # one that is shut does not count
    reopen(house, kim.account, "Lee")
    assert set_role(house, lee.account, Role.LISTENER, "Kim").role is Role.LISTENER


def test_a_shut_member_is_out_at_once_and_everywhere(either_house: House) -> None:
    house = either_house
    wren = join(house, "Wren", Role.ARTIST, PASSWORD)
    secret = sessions.begin(house, wren.account, "a browser", "password")
    _, token = tokens.make(house, wren.account, "my player", frozenset({Scope.READ}))
    shut(house, wren.account, "Kim", "spam")

    def is_in() -> tuple[bool, bool, bool]:
        with house.reading() as connection:
            at, key = house.clock(), tokens.key_of(house)
            return (
                member_of(connection, wren.account) is not None,
                sessions.found(connection, secret, at) is not None,
                tokens.found(connection, token, key, at) is not None,
            )

    assert is_in() == (False, False, False)
    there = found(house, "Wren")
    assert there is not None
    assert there.shut
    reopen(house, wren.account, "Kim", "it was not")
    assert is_in() == (True, False, False)  # sessions and tokens are not handed back
    assert [act for _, act, _, _ in staff_acts(house)] == ["shut", "reopen"]


def test_a_member_is_looked_up_by_their_account(house: House) -> None:
    before = house.clock()
    wren = join(house, "Wren", Role.ARTIST, None)
    assert known(house, wren.account) == wren
    shut(house, wren.account, "Kim")
    assert known(house, wren.account).shut
    with pytest.raises(Unknown):
        known(house, "a999")
    with house.reading() as connection:
        assert before < since_of(connection, wren.account) < house.clock()


def test_members_are_found_by_how_their_names_begin(either_house: House) -> None:
    for name in ("Wren", "wrenna 100%", "Ada", "Wr_n"):
        invite(either_house, name, Role.LISTENER, "Kim")

    def names(prefix: str = "", **more: str | int) -> list[str]:
        with either_house.reading() as connection:
            return [m.name for m in members_like(connection, prefix, **more)]  # type: ignore[arg-type]  # by name

    assert sorted(names()) == ["Ada", "Wr_n", "Wren", "wrenna 100%"]
    assert names("WREN") == ["Wren", "wrenna 100%"]
    assert names("wr_") == ["Wr_n"]
    assert names("%") == []
    assert names("wren", most=1) == ["Wren"]
    assert names("wren", after="Wren") == ["wrenna 100%"]
