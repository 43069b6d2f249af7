"""API tokens: stored nowhere, made again from the master key, and no more than what they say."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.catalogue import site_tables
from assent.errors import BadInput, NotAllowed
from assent.signin import tokens
from assent.signin.members import Member, invite
from assent.signin.roles import set_role
from assent.signin.scopes import Scope, sentence
from assent.signin.tokens import Token
from tests.houses import Clock

READ = frozenset({Scope.READ})


@pytest.fixture
def wren(house: House) -> Member:
    return invite(house, "Wren", Role.ARTIST, "Kim")


def found(house: House, secret: str) -> Token | None:
    with house.reading() as connection:
        return tokens.found(connection, secret, tokens.key_of(house), house.clock())


def test_a_token_speaks_for_its_member_within_its_scopes(either_house: House) -> None:
    wren = invite(either_house, "Wren", Role.ARTIST, "Kim")
    scopes = frozenset({Scope.UPLOAD, Scope.READ})
    name, secret = tokens.make(either_house, wren.account, " my  script ", scopes)
    token = found(either_house, secret)
    assert token is not None
    assert (token.id, token.member, token.label) == (name, wren, "my script")
    assert token.scopes == scopes
    set_role(either_house, wren.account, Role.LABEL, "Kim")
    again = found(either_house, secret)
    assert again is not None
    assert again.member.role is Role.LABEL  # as it is now, not as it was then


def test_the_secret_is_stored_nowhere_and_can_be_made_again(house: House, wren: Member) -> None:
    name, secret = tokens.make(house, wren.account, "a player", READ)
    with house.reading() as connection:
        row = connection.execute(select(site_tables.api_tokens)).one()
    mac = secret.partition(".")[2]
    assert not any(mac in str(cell) for cell in row)
    assert tokens.secret_of(house, name) == secret
    assert tokens.secret_of(house, "f" * 24) != secret


@given(st.text(max_size=200))
def test_no_text_is_a_token_unless_its_mac_is_right(said: str) -> None:
    key = b"k" * 32
    # the connection is not reached before the mac is right
    assert tokens.found(None, said, key, None) is None  # type: ignore[arg-type]  # on purpose


def test_a_token_of_another_platform_is_none_here(house: House, wren: Member) -> None:
    name, secret = tokens.make(house, wren.account, "a player", READ)
    with house.reading() as connection:
        assert tokens.found(connection, secret, b"k" * 32, house.clock()) is None
    for forged in (name, name + ".", secret[:-1], secret + "=", secret.upper(), "x." + secret):
        assert found(house, forged) is None


def test_a_token_runs_out_and_is_ended(house: House, wren: Member, clock: Clock) -> None:
    until = clock() + timedelta(days=7)
    _, secret = tokens.make(house, wren.account, "a week", READ, until)
    name, other = tokens.make(house, wren.account, "for good", READ)
    clock.turn(days=7)
    assert found(house, secret) is None
    assert found(house, other) is not None
    bo = invite(house, "Bo", Role.LISTENER, "Kim")
    assert not tokens.end(house, bo.account, name)
    assert tokens.end(house, wren.account, name)
    assert not tokens.end(house, wren.account, name)
    assert found(house, other) is None
    with house.reading() as connection:
        assert tokens.tokens_of(connection, wren.account, house.clock()) == []


def test_use_is_noted_once_an_hour(house: House, wren: Member, clock: Clock) -> None:
    _, secret = tokens.make(house, wren.account, "a player", READ)

    def use() -> Token:
        token = found(house, secret)
        assert token is not None
        tokens.used(house, token)
        again = found(house, secret)
        assert again is not None
        return again

    first = use().used
    assert first is not None
    clock.turn(minutes=59)
    assert use().used == first
    clock.turn(minutes=1)
    then = use().used
    assert then is not None
    assert then > first


def test_only_the_staff_makes_tokens_that_act_for_the_site(house: House, wren: Member) -> None:
    staff = frozenset({Scope.STAFF})
    with pytest.raises(NotAllowed):
        tokens.make(house, wren.account, "all of it", staff)
    lee = invite(house, "Lee", Role.REVIEWER, "Kim")
    _, secret = tokens.make(house, lee.account, "desk", staff)
    assert found(house, secret) is not None


@pytest.mark.parametrize("label", ["", "  ", "a\tb\x00", "x" * 101])
def test_a_token_has_a_label_that_can_be_read(house: House, wren: Member, label: str) -> None:
    with pytest.raises(BadInput):
        tokens.make(house, wren.account, label, READ)


def test_a_token_can_do_something_and_its_end_is_to_come(house: House, wren: Member) -> None:
    with pytest.raises(BadInput):
        tokens.make(house, wren.account, "nothing", frozenset())
    with pytest.raises(BadInput):
        tokens.make(house, wren.account, "late", READ, house.clock())
    for _ in range(50):
        tokens.make(house, wren.account, "another", READ)
    with pytest.raises(BadInput, match="you have 50 tokens"):
        tokens.make(house, wren.account, "one more", READ)


def test_every_scope_is_a_sentence_of_its_own() -> None:
    assert len({sentence(scope) for scope in Scope}) == len(Scope)
