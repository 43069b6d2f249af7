"""Signing in by somebody elsewhere, from page to page, with a provider over real HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from assent.signin.credentials import change_password
from assent.signin.identities import linked_to
from assent.signin.members import member_called
from assent.signin.roles import shut
from assent.web.visit import COOKIE
from tests.signin.openid_provider import CLIENT, SECRET, Answering, provider_at
from tests.web.conftest import Staged
from tests.web.filling import fill, plain

PASSWORD = "seven quiet herons"


@pytest.fixture
def nest(staged: Staged) -> Iterator[Answering]:
    """Give a provider that the site has agreed with."""
    with provider_at(staged.clock) as answering:
        staged.house.settings = replace(
            staged.house.settings,
            oidc_issuer=answering.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_name="Nest",
        )
        yield answering


def there_and_back(client: TestClient, start: str = "/sign-in/with") -> Response:
    """Follow a browser to the provider and back."""
    sent = client.get(start)
    assert sent.status_code == 303, plain(sent.text)
    assert sent.headers["cache-control"] == "no-store"
    back = httpx.get(sent.headers["location"]).headers["location"]
    assert back.startswith("http://testserver/sign-in/back?")
    return client.get(back)


def joined(client: TestClient, name: str = "Ada Quill") -> None:
    page = there_and_back(client).headers["location"]
    typed = {"name": name, "role": "artist", "accepts": "yes"}
    assert fill(client, page, "/sign-in/new", typed).status_code == 303


def test_somebody_new_is_asked_for_a_name_and_known_the_next_time(
    staged: Staged, nest: Answering
) -> None:
    client = staged.client()
    assert "Sign in with Nest" in plain(client.get("/sign-in").text)
    assert "Join with Nest" in plain(client.get("/join").text)
    page = there_and_back(client, "/sign-in/with?next=/library").headers["location"]
    shown = client.get(page)
    assert 'value="wren.ashby"' in shown.text
    assert client.get("/account.json").status_code == 401  # not before they have joined
    refused = fill(client, page, "/sign-in/new", {"name": "Ada Quill", "role": "artist"})
    assert (refused.status_code, "accept them to join" in refused.text) == (403, True)
    taken = fill(client, page, "/sign-in/new", {"name": "wren", "accepts": "yes"})
    assert (taken.status_code, "an account called" in plain(taken.text)) == (422, True)
    typed = {"name": "Ada Quill", "role": "artist", "accepts": "yes"}
    made = fill(client, page, "/sign-in/new", typed)
    assert (made.status_code, made.headers["location"]) == (303, "/library")
    said = client.get("/account.json").json()
    assert (said["name"], said["role"], said["proof"]["password"]) == ("Ada Quill", "artist", False)
    assert said["accepted"]
    again = staged.client()
    assert there_and_back(again, "/sign-in/with?next=/library").headers["location"] == "/library"
    assert again.get("/account.json").json()["name"] == "Ada Quill"


def test_an_answer_is_no_good_twice_nor_in_another_browser(staged: Staged, nest: Answering) -> None:
    client, other = staged.client(), staged.client()
    joined(client)
    back = httpx.get(other.get("/sign-in/with").headers["location"]).headers["location"]
    lured = staged.client()  # somebody is led to end a sign-in that an attacker began
    assert lured.get(back).status_code == 403
    assert COOKIE not in lured.cookies
    back = httpx.get(other.get("/sign-in/with").headers["location"]).headers["location"]
    assert other.get(back).status_code == 303
    assert other.get(back).status_code == 403


def test_the_answer_is_asked_of_no_page_that_a_stranger_names(
    staged: Staged, nest: Answering
) -> None:
    client = staged.client()
    joined(client)
    for away in ("https://evil.example", "//evil.example", "javascript:x"):
        assert there_and_back(client, f"/sign-in/with?next={away}").headers["location"] == "/"
    sent = client.get("/sign-in/with", headers={"host": "evil.example"})
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    assert asked["redirect_uri"] == ["http://testserver/sign-in/back"]


def test_a_member_links_shows_that_it_is_them_and_unlinks(staged: Staged, nest: Answering) -> None:
    account = staged.people["Wren"].account
    change_password(staged.house, account, PASSWORD)
    wren = staged.client("Wren")
    assert there_and_back(wren, "/account/link/with").headers["location"] == "/account"
    assert "Nest can sign you in" in plain(wren.get("/account").text)
    fresh = staged.client()
    there_and_back(fresh)
    assert fresh.get("/account.json").json()["name"] == "Wren"
    staged.clock.turn(minutes=11)
    assert wren.get("/account/link/with").status_code == 403
    shown = plain(wren.get("/account/tokens").text)
    assert "Show it with Nest" in shown
    confirmed = there_and_back(wren, "/account/confirm/with?next=/account/tokens")
    assert confirmed.headers["location"] == "/account/tokens"
    assert "Make a token" in plain(wren.get("/account/tokens").text)
    assert fill(wren, "/account", "/account/unlink").status_code == 303
    with staged.house.reading() as connection:
        assert linked_to(connection, account) == []


def test_nobody_takes_another_by_linking_or_showing(staged: Staged, nest: Answering) -> None:
    ada, wren = staged.client(), staged.client("Wren")
    joined(ada)
    refused = there_and_back(wren, "/account/link/with")  # the same person there
    assert (refused.status_code, "somebody else here" in refused.text) == (422, True)
    staged.clock.turn(minutes=11)
    refused = there_and_back(wren, "/account/confirm/with")
    assert (refused.status_code, "is somebody else" in refused.text) == (403, True)
    assert "Show first" in plain(wren.get("/account/tokens").text)
    # who has signed in as somebody else meanwhile links nothing to them
    lio = staged.client("Lio")
    back = httpx.get(lio.get("/account/link/with").headers["location"]).headers["location"]
    lio.cookies.set(COOKIE, str(staged.client("Mara Fen").cookies[COOKIE]))
    nest.subject = "7002"
    assert lio.get(back).status_code == 403


def test_no_other_site_begins_a_link(staged: Staged, nest: Answering) -> None:
    """Else it could sign a member in there as the attacker, and then link the two."""
    wren = staged.client("Wren")
    for page in ("/account/link/with", "/account/confirm/with"):
        for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 303)):
            assert wren.get(page, headers={"sec-fetch-site": site}).status_code == status


def test_whoever_is_shut_stays_out_and_the_last_way_in_stays(
    staged: Staged, nest: Answering
) -> None:
    ada = staged.client()
    joined(ada)
    only = fill(ada, "/account", "/account/unlink")
    assert (only.status_code, "your only way" in only.text) == (403, True)
    account = ada.get("/account.json").json()
    assert account["linked"]
    with staged.house.reading() as connection:
        member = member_called(connection, "Ada Quill")
    assert member is not None
    shut(staged.house, member.account, "Odd")
    refused = there_and_back(staged.client())
    assert (refused.status_code, "account is shut" in refused.text) == (403, True)


def test_a_provider_that_is_away_is_said_to_be_and_the_rest_works(
    staged: Staged, nest: Answering
) -> None:
    nest.status = 500
    away = staged.client().get("/sign-in/with")
    assert (away.status_code, "Nest cannot be asked" in away.text) == (503, True)
    assert staged.client().get("/sign-in").status_code == 200


def test_without_a_provider_nobody_is_sent_anywhere(staged: Staged) -> None:
    client = staged.client()
    assert client.get("/sign-in/with").status_code == 404
    assert client.get("/sign-in/back?state=x&code=y").status_code == 404
    assert "/sign-in/with" not in client.get("/sign-in").text
    shown = plain(client.get("/sign-in/new").text)
    assert "comes after signing in with an account that you have elsewhere" in shown
    assert client.get("/sign-in/new?ticket=made-up").status_code == 403
