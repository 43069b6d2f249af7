"""Signing in by somebody elsewhere, over real HTTP: the way through, and every lie on it."""

import hmac
import json
import socket
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.errors import BadInput, CouldNot, NotAllowed
from assent.settings import Settings
from assent.signin import openid
from assent.signin.identities import linked_to, member_behind
from assent.signin.members import join
from assent.signin.openid import Answer, Purpose, Question
from assent.signin.provider import Identity, Provider
from assent.signin.registration import Registration
from tests.houses import Clock
from tests.signin.openid_provider import CLIENT, SECRET, Answering, provider_at
from tests.web.served import answering as answering_by

BACK = "http://testserver/sign-in/back"
BROWSER = "what only this browser holds"


@pytest.fixture
def answering(clock: Clock) -> Iterator[Answering]:
    with provider_at(clock) as answering:
        yield answering


@pytest.fixture
def provider(answering: Answering, house: House) -> Iterator[Provider]:
    registration = Registration(
        issuer=answering.issuer, client_id=CLIENT, client_secret=SECRET, name="Nest"
    )
    with closing(Provider(registration, house.clock)) as provider:
        yield provider


def asked(house: House, provider: Provider, purpose: Purpose = Purpose.SIGN_IN) -> str:
    question = Question(purpose=purpose, browser=BROWSER, redirect=BACK, account="a1", next="/x")
    return openid.ask(house, provider, question)


def back_from(address: str) -> dict[str, str]:
    """Go where the site sends a browser; return what the provider sends back with it."""
    answer = httpx.get(address)
    assert answer.status_code == 303
    there = urlsplit(answer.headers["location"])
    assert f"{there.scheme}://{there.netloc}{there.path}" == BACK
    return {name: value for name, [value] in parse_qs(there.query).items()}


def answered(
    house: House, provider: Provider, given: dict[str, str], browser: str = BROWSER
) -> Answer:
    return openid.answered(
        house,
        provider,
        browser=browser,
        state=given.get("state", ""),
        code=given.get("code", ""),
        issuer=given.get("iss"),
    )


def test_who_is_signed_in_there_is_known_by_it_here(
    house: House, provider: Provider, answering: Answering
) -> None:
    answer = answered(house, provider, back_from(asked(house, provider)))
    assert answer.identity == Identity(issuer=answering.issuer, subject="7001", name="wren.ashby")
    assert (answer.purpose, answer.account, answer.next) == (Purpose.SIGN_IN, "a1", "/x")


def test_what_is_asked_is_new_each_time_and_holds_no_secret(
    house: House, provider: Provider
) -> None:
    questions = [parse_qs(urlsplit(asked(house, provider)).query) for _ in range(3)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({question[name][0] for question in questions}) == 3
    for question in questions:
        assert question["scope"] == ["openid profile"]
        assert "prompt" not in question
        assert SECRET not in str(question)


def test_an_answer_is_taken_once_in_its_browser_and_in_time(
    house: House, provider: Provider, clock: Clock
) -> None:
    given = back_from(asked(house, provider))
    answered(house, provider, given)
    with pytest.raises(NotAllowed, match="begin again"):
        answered(house, provider, given)
    for browser in ("another browser", ""):
        with pytest.raises(NotAllowed, match="begun elsewhere"):
            answered(house, provider, back_from(asked(house, provider)), browser)
    given = back_from(asked(house, provider))
    clock.turn(minutes=10)
    with pytest.raises(NotAllowed, match="took too long"):
        answered(house, provider, given)
    for nonsense in ({}, {"state": "x"}, {"state": "x\0", "code": "y"}):
        with pytest.raises(NotAllowed):
            answered(house, provider, nonsense)


def test_a_code_is_no_good_without_the_secret_that_asked(house: House, provider: Provider) -> None:
    mine, theirs = (back_from(asked(house, provider)) for _ in range(2))
    with pytest.raises(NotAllowed, match="does not know this sign-in"):
        answered(house, provider, mine | {"code": theirs["code"]})  # a code that was injected
    with pytest.raises(NotAllowed, match="did not sign you in"):
        answered(house, provider, {k: v for k, v in theirs.items() if k != "code"})


@pytest.mark.parametrize("issuer", [None, "https://evil.example"])
def test_an_answer_that_another_provider_sent_is_refused(
    house: House, provider: Provider, answering: Answering, issuer: str | None
) -> None:
    given = back_from(asked(house, provider))
    given.pop("iss")
    with pytest.raises(NotAllowed, match="does not hold"):
        answered(house, provider, given | ({"iss": issuer} if issuer else {}))
    assert "token" not in answering.asked  # the code was not handed to anybody


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-site"},
        {"aud": ["another-site", "a-third"]},
        {"aud": [CLIENT, "another-site"], "azp": "another-site"},
        {"aud": [CLIENT, "another-site"]},  # without a word on who asked
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 7001},
        {"sub": "x" * 256},
        {"at_hash": "AAAA"},
    ],
)
def test_a_token_that_says_the_wrong_thing_is_refused(
    house: House, provider: Provider, answering: Answering, lie: dict[str, Any]
) -> None:
    answering.claims = lie
    with pytest.raises(NotAllowed, match="does not hold"):
        answered(house, provider, back_from(asked(house, provider)))
    answering.claims = {}
    answered(house, provider, back_from(asked(house, provider)))


def _part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _none(claims: dict[str, Any]) -> str:
    return f"{_part({'alg': 'none', 'kid': 'one'})}.{_part(claims)}."


def _another_key(claims: dict[str, Any]) -> str:
    return jwt.encode(
        {"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048, {"kid": "one"})
    )


@pytest.mark.parametrize("sign", [_none, _another_key, lambda _: "x.y", lambda _: "", lambda _: 7])
def test_a_token_that_is_not_signed_by_its_provider_is_refused(
    house: House, provider: Provider, answering: Answering, sign: Any
) -> None:
    answering.sign = sign
    with pytest.raises(NotAllowed, match="does not hold"):
        answered(house, provider, back_from(asked(house, provider)))


def test_the_public_key_is_no_shared_secret(
    house: House, provider: Provider, answering: Answering
) -> None:
    """The oldest trick: HS256 under the text of the provider's public key."""
    pem = answering.key.as_pem(private=False)

    def forged(claims: dict[str, Any]) -> str:
        said = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims)}"
        mac = hmac.digest(pem, said.encode(), "sha256")
        return f"{said}.{urlsafe_b64encode(mac).decode().rstrip('=')}"

    answering.sign = forged
    with pytest.raises(NotAllowed, match="does not hold"):
        answered(house, provider, back_from(asked(house, provider)))


def test_keys_are_kept_and_looked_for_again_when_they_have_changed(
    house: House, provider: Provider, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("assent.signin.provider.monotonic_s", lambda: now[0])
    for _ in range(3):
        answered(house, provider, back_from(asked(house, provider)))
    assert answering.asked.count("keys") == answering.asked.count("described") == 1
    answering.key = RSAKey.generate_key(2048, {"kid": "two"})
    answering.sign = lambda claims: answering.signed(claims, kid="two")
    now[0] += 61
    answered(house, provider, back_from(asked(house, provider)))
    assert answering.asked.count("keys") == 2
    answering.sign = _another_key  # whoever makes up keys does not make us ask without end
    for _ in range(3):
        with pytest.raises(NotAllowed):
            answered(house, provider, back_from(asked(house, provider)))
    assert answering.asked.count("keys") == 2


def test_to_show_that_it_is_you_it_must_be_asked_anew(
    house: House, provider: Provider, answering: Answering, clock: Clock
) -> None:
    address = asked(house, provider, Purpose.CONFIRM)
    question = parse_qs(urlsplit(address).query)
    assert (question["prompt"], question["max_age"]) == (["login"], ["0"])
    assert answered(house, provider, back_from(address)).purpose is Purpose.CONFIRM
    for when in (None, int(clock().timestamp()) - 3600, "now"):
        answering.claims = {"auth_time": when}
        with pytest.raises(NotAllowed, match=r"did not ask you anew|does not hold"):
            answered(house, provider, back_from(asked(house, provider, Purpose.CONFIRM)))


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://plain.example/authorize"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": ["https://a.example"]},
    ],
)
def test_a_provider_that_describes_another_is_not_asked(
    house: House, provider: Provider, answering: Answering, metadata: dict[str, Any]
) -> None:
    answering.metadata = metadata
    with pytest.raises(CouldNot, match="Nest cannot be asked at the moment"):
        asked(house, provider)


def test_a_provider_that_is_away_or_broken_is_said_to_be(
    house: House, answering: Answering
) -> None:
    answering.status = 500
    for issuer in (answering.issuer, "http://127.0.0.1:1", answering.issuer + "/elsewhere"):
        registration = Registration(
            issuer=issuer, client_id=CLIENT, client_secret=SECRET, name="Nest"
        )
        with (
            closing(Provider(registration, house.clock)) as provider,
            pytest.raises(CouldNot, match="cannot be asked"),
        ):
            asked(house, provider)


@pytest.mark.parametrize(
    ("secret", "metadata"),
    [
        (SECRET, {"token_endpoint_auth_methods_supported": ["client_secret_post"]}),
        ("", {}),
    ],
)
def test_a_secret_is_shown_as_the_provider_takes_it_or_there_is_none(
    house: House, answering: Answering, secret: str, metadata: dict[str, Any]
) -> None:
    answering.secret, answering.metadata = secret, metadata
    registration = Registration(
        issuer=answering.issuer, client_id=CLIENT, client_secret=secret, name="Nest"
    )
    with closing(Provider(registration, house.clock)) as provider:
        answer = answered(house, provider, back_from(asked(house, provider)))
    assert answer.identity.subject == "7001"


@pytest.mark.parametrize(
    "said",
    [b"", b"<html>", b"[]", b"null", b"[" * 100_000, b'{"issuer": 1}', b" " * (2 << 20), b"\xff"],
)
def test_a_provider_that_says_nonsense_is_said_to_be_away(house: House, said: bytes) -> None:
    def answer(connection: socket.socket, _asked: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + said)

    with answering_by(answer) as issuer:
        registration = Registration(
            issuer=issuer, client_id=CLIENT, client_secret=SECRET, name="Nest"
        )
        with (
            closing(Provider(registration, house.clock)) as provider,
            pytest.raises(CouldNot, match="cannot be asked"),
        ):
            asked(house, provider)


def test_keys_that_cannot_be_read_open_nothing(
    house: House, provider: Provider, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = back_from(asked(house, provider))
    monkeypatch.setattr(KeySet, "as_dict", lambda *_, **__: {"keys": [{"kty": "RSA"}]})
    with pytest.raises(CouldNot, match="cannot be asked"):
        answered(house, provider, given)


def test_somebody_new_says_a_name_and_is_known_from_then_on(
    house: House, provider: Provider
) -> None:
    identity = answered(house, provider, back_from(asked(house, provider))).identity
    ticket = openid.newcomer(house, identity, BROWSER, "/x")
    with house.reading() as connection:
        assert openid.newcomer_of(connection, ticket, BROWSER, house.clock()) == (identity, "/x")
        with pytest.raises(NotAllowed):
            openid.newcomer_of(connection, ticket, "another browser", house.clock())
    join(house, "Taken", Role.LISTENER, None)
    with pytest.raises(BadInput):
        openid.welcome(house, ticket, BROWSER, "taken", Role.ARTIST)
    with pytest.raises(NotAllowed):
        openid.welcome(house, ticket, BROWSER, "Wren", Role.OPERATOR)
    member, there = openid.welcome(house, ticket, BROWSER, "Wren", Role.ARTIST)
    assert (member.name, member.role, there) == ("Wren", Role.ARTIST, "/x")
    with pytest.raises(NotAllowed):
        openid.welcome(house, ticket, BROWSER, "Wren again", Role.ARTIST)
    with house.reading() as connection:
        assert member_behind(connection, identity) == member
        assert len(linked_to(connection, member.account)) == 1


def test_two_tickets_of_one_person_make_one_account(house: House) -> None:
    identity = Identity(issuer="https://id.example", subject="7")
    one, other = (openid.newcomer(house, identity, BROWSER, "") for _ in range(2))
    openid.welcome(house, one, BROWSER, "Wren", Role.ARTIST)
    with pytest.raises(BadInput, match="somebody else here"):
        openid.welcome(house, other, BROWSER, "Wren again", Role.ARTIST)
    with pytest.raises(BadInput, match="an account called"):
        openid.welcome(house, other, BROWSER, "Wren", Role.ARTIST)


def test_the_settings_name_a_provider_or_none(tmp_path: Path) -> None:
    def of(**settings: str) -> Registration | None:
        return Registration.of(Settings(data=tmp_path, **settings))  # type: ignore[arg-type]  # by name

    assert of() is None
    made = of(
        oidc_issuer="https://id.example/a", oidc_client_id=CLIENT, oidc_client_secret="very secret"
    )
    assert made is not None
    assert made.name == "id.example"
    assert "very secret" not in repr(made)
    assert "very secret" not in repr(Settings(data=tmp_path, oidc_client_secret="very secret"))
    for issuer in ("http://id.example", "id.example", "ftp://id.example", "https://[", "https://"):
        with pytest.raises(BadInput, match="https"):
            of(oidc_issuer=issuer, oidc_client_id=CLIENT)
    with pytest.raises(BadInput, match="ASSENT_OIDC_CLIENT_ID"):
        of(oidc_issuer="https://id.example")
