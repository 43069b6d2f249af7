"""Joining and signing in, as a browser without scripts does it, and as others try to."""

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from assent.acts.accounts import Role
from assent.catalogue import tables
from assent.signin import codes, sessions
from assent.signin.attempts import JOIN_ADDRESS
from assent.signin.credentials import change_password
from assent.signin.members import invite, member_called
from assent.signin.roles import shut
from assent.web.entrance import KNOWN
from assent.web.visit import COOKIE
from tests.web.conftest import Staged
from tests.web.filling import fill, plain

PASSWORD = "seven quiet herons"


def joined(client: TestClient, name: str = "Ada Quill", role: str = "artist") -> None:
    typed = {"name": name, "role": role, "password": PASSWORD, "again": PASSWORD}
    answer = fill(client, "/join", "/join", typed | {"accepts": "yes"})
    assert answer.status_code == 303, plain(answer.text)


def with_password(staged: Staged, name: str = "Wren") -> None:
    change_password(staged.house, staged.people[name].account, PASSWORD)


def sign_in(
    client: TestClient, name: str = "Wren", password: str = PASSWORD, **more: str
) -> Response:
    typed = {"name": name, "password": password} | more
    return fill(client, "/sign-in", "/sign-in", typed)


def test_who_joins_is_signed_in_and_has_accepted_what_the_page_showed(staged: Staged) -> None:
    client = staged.client()
    shown = client.get("/join")
    [terms] = [it["id"] for it in [client.get("/join.json").json()["terms"]]]
    assert f'href="/terms/{terms}"' in shown.text
    typed = {"name": "Ada Quill", "role": "artist", "password": PASSWORD, "again": PASSWORD}
    answer = fill(client, "/join", "/join", typed | {"accepts": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/studio")
    account = client.get("/account.json").json()
    assert (account["name"], account["role"]) == ("Ada Quill", "artist")
    assert account["accepted"] == terms
    assert "Welcome, Ada Quill." in client.get("/account").text
    with staged.house.reading() as connection:
        query = select(tables.events).where(tables.events.c.by == "Ada Quill")
        kinds = [row.kind for row in connection.execute(query)]
    assert kinds == ["account", "terms.accept"]


@pytest.mark.parametrize(
    ("typed", "status", "why"),
    [
        ({"accepts": ""}, 403, "read the terms and accept them to join"),
        ({"again": "seven quiet heron"}, 422, "the two passwords are not the same"),
        ({"password": "short", "again": "short"}, 422, "a password has 10 to 1000 characters"),
        ({"password": "ada quill 1", "again": "ada quill 1"}, 422, "hardly more than the name"),
        ({"name": "WREN"}, 422, "there is an account called"),
        ({"name": ""}, 422, "1 to 200 printable characters"),
        ({"role": "operator"}, 403, "an operator gives the role operator"),
        ({"role": "king"}, 422, "role"),
        ({"terms": "older-terms"}, 422, "the terms changed while this page was open"),
        ({"csrf": "AAAA"}, 403, "was not sent from a page of this site"),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed_but_the_password(
    staged: Staged, typed: dict[str, str], status: int, why: str
) -> None:
    client = staged.client()
    given = {
        "name": "Ada <Quill>",
        "role": "artist",
        "password": PASSWORD,
        "again": PASSWORD,
        "accepts": "yes",
    } | typed
    if typed.get("password") == "ada quill 1":
        given["name"] = "Ada Quill"
    answer = fill(client, "/join", "/join", given)
    assert answer.status_code == status
    assert why in plain(answer.text)
    assert COOKIE not in client.cookies
    assert given["password"] not in answer.text
    if given["name"] == "Ada <Quill>":
        assert 'value="Ada &lt;Quill&gt;"' in answer.text
    with staged.house.reading() as connection:
        assert member_called(connection, "Ada Quill") is None


def test_signing_in_goes_on_where_one_was_and_never_to_another_site(staged: Staged) -> None:
    with_password(staged)
    client = staged.client()
    sent = client.get("/account/tokens?x=1")
    assert (sent.status_code, sent.headers["location"]) == (
        303,
        "/sign-in?next=/account/tokens%3Fx%3D1",
    )
    there = sent.headers["location"]
    answer = fill(client, there, "/sign-in", {"name": " wren", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/tokens?x=1")
    assert client.get("/account.json").json()["name"] == "Wren"
    for away in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"):
        answer = sign_in(client, next=away)
        assert answer.headers["location"] == "/"


def test_a_wrong_password_and_a_wrong_name_are_one_answer(staged: Staged) -> None:
    with_password(staged)
    wrong = [sign_in(staged.client(), "Wren", "nine loud magpies")]
    wrong.append(sign_in(staged.client(), "Nobody At All", PASSWORD))
    wrong.append(sign_in(staged.client(), "Lio", PASSWORD))  # who has no password
    shut(staged.house, staged.people["Wren"].account, "Odd")
    wrong.append(sign_in(staged.client()))
    for answer in wrong:
        assert answer.status_code == 403
        assert "that name and password do not go together" in answer.text
        assert COOKIE not in answer.cookies


def test_after_ten_wrong_ones_one_waits_and_is_told_how_long(staged: Staged) -> None:
    with_password(staged)
    client = staged.client()
    for _ in range(10):
        assert sign_in(client, password="nine loud magpies").status_code == 403
    waits = sign_in(client)
    assert waits.status_code == 429
    assert "wait 15 minutes and try again" in waits.text
    staged.clock.turn(minutes=14, seconds=30)
    assert "wait a minute" in sign_in(client).text
    staged.clock.turn(minutes=1)
    assert sign_in(client).status_code == 303
    assert sign_in(staged.client()).status_code == 303  # and all is forgotten


def from_another(client: TestClient, address: str) -> TestClient:
    """Return a browser at another address; the test's transport says where it is."""
    transport = client._transport  # the only place where an address is told
    transport.client = (address, 50_000)  # type: ignore[attr-defined]  # of Starlette's transport
    return client


def test_nobody_keeps_somebody_else_out(staged: Staged) -> None:
    with_password(staged)
    for n in range(12):
        stranger = from_another(staged.client(), f"198.51.{n}.7")
        assert sign_in(stranger, password=f"a guess {n}").status_code == 403
    hers = from_another(staged.client(), "192.0.2.7")
    assert sign_in(hers).status_code == 303


def test_a_browser_that_was_here_before_is_shut_by_its_own_tries_alone(staged: Staged) -> None:
    with_password(staged)
    hers, stranger = staged.client(), staged.client()
    assert sign_in(hers).status_code == 303
    [cookie] = [it for it in hers.cookies.jar if it.name == KNOWN]
    assert cookie.has_nonstandard_attr("HttpOnly")
    fill(hers, "/account", "/sign-out", {})
    for n in range(10):
        assert sign_in(stranger, password=f"a guess {n}").status_code == 403
    assert sign_in(stranger).status_code == 429
    assert sign_in(staged.client()).status_code == 429  # a new browser in the same network
    assert sign_in(hers).status_code == 303
    fill(hers, "/account", "/sign-out", {})
    for n in range(10):
        assert sign_in(hers, password=f"a guess {n}").status_code == 403
    assert sign_in(hers).status_code == 429
    # it is known for that name alone
    with_password(staged, "Mara Fen")
    assert sign_in(hers, "Mara Fen", "a guess").status_code == 403


def test_a_name_that_is_shut_is_open_for_whoever_is_signed_in(staged: Staged) -> None:
    with_password(staged)
    wren, stranger = staged.client("Wren"), staged.client()
    for n in range(10):
        assert sign_in(stranger, password=f"a guess {n}").status_code == 403
    assert sign_in(stranger).status_code == 429
    staged.clock.turn(minutes=11)
    for n in range(30):
        sign_in(stranger, f"Nobody {n}", "a guess")  # the address is shut, too
    typed = {"password": PASSWORD}
    assert fill(wren, "/account/tokens", "/account/confirm", typed).status_code == 303
    typed = {"password": PASSWORD, "name": "Wren"}
    assert fill(wren, "/leave", "/leave", typed).status_code == 303


def test_who_tries_many_names_from_one_address_waits_too(staged: Staged) -> None:
    client = staged.client()
    for number in range(30):
        assert sign_in(client, f"name {number}").status_code == 403
    assert sign_in(client, "one more").status_code == 429


def test_who_opens_account_after_account_waits(staged: Staged) -> None:
    client = staged.client()
    for number in range(JOIN_ADDRESS.tries):
        joined(client, f"Artist {number}")
    typed = {"name": "One More", "password": PASSWORD, "again": PASSWORD, "accepts": "yes"}
    assert fill(client, "/join", "/join", typed).status_code == 429


def test_a_session_of_before_is_no_session_of_after(staged: Staged) -> None:
    with_password(staged)
    client, account = staged.client(), staged.people["Mara Fen"].account
    before = sessions.begin(staged.house, account, "a test", "password")
    client.cookies.set(COOKIE, before, domain="testserver.local")
    assert sign_in(client).status_code == 303
    assert client.cookies[COOKIE] != before
    with staged.house.reading() as connection:
        assert sessions.found(connection, before, staged.clock()) is None
    planted = staged.client()
    planted.cookies.set(COOKIE, "a secret that somebody else knows", domain="testserver.local")
    assert sign_in(planted).status_code == 303
    assert "somebody else" not in planted.cookies[COOKIE]


def test_the_cookie_is_for_this_site_and_no_script(staged: Staged) -> None:
    with_password(staged)
    answer = sign_in(staged.client())
    [cookie] = [it for it in answer.headers.get_list("set-cookie") if it.startswith(f"{COOKIE}=")]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    staged.site.url = "https://music.example"
    secure = staged.client()
    secure.base_url = "https://music.example"
    answer = sign_in(secure)
    [cookie] = [it for it in answer.headers.get_list("set-cookie") if it.startswith(f"{COOKIE}=")]
    assert "Secure" in cookie.split("; ")


def test_signing_out_ends_the_session_and_not_only_the_cookie(staged: Staged) -> None:
    client = staged.client("Wren")
    secret = client.cookies[COOKIE]
    assert fill(client, "/account", "/sign-out").status_code == 303
    again = staged.client()
    again.cookies.set(COOKIE, secret)
    assert again.get("/account.json").status_code == 401
    assert client.get("/sign-out").status_code == 405  # a picture in a page signs nobody out


def test_a_code_lets_in_who_has_no_password(staged: Staged) -> None:
    lee = invite(staged.house, "Lee", Role.REVIEWER, "Odd")
    code = codes.code_of(staged.house, codes.make(staged.house, lee.account, "Odd"))
    client = staged.client()
    typed = {"code": code.lower(), "password": PASSWORD, "again": PASSWORD}
    refused = fill(client, "/sign-in/code", "/sign-in/code", typed)
    assert (refused.status_code, "accept the terms" in refused.text) == (403, True)
    assert code.lower() in refused.text  # what was typed stays
    answer = fill(client, "/sign-in/code", "/sign-in/code", typed | {"accepts": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/account.json").json()["role"] == "reviewer"
    again = fill(staged.client(), "/sign-in/code", "/sign-in/code", typed | {"accepts": "yes"})
    assert (again.status_code, "ask for a new one" in again.text) == (404, True)
    assert sign_in(staged.client(), "lee").status_code == 303


def test_codes_are_not_guessed(staged: Staged) -> None:
    client = staged.client()
    typed = {"password": PASSWORD, "again": PASSWORD, "accepts": "yes"}
    for number in range(10):
        answer = fill(client, "/sign-in/code", "/sign-in/code", typed | {"code": f"{number}"})
        assert answer.status_code == 404
    answer = fill(client, "/sign-in/code", "/sign-in/code", typed | {"code": "11"})
    assert answer.status_code == 429


def test_programs_sign_in_by_the_same_rules(staged: Staged) -> None:
    with_password(staged)
    client = staged.client()
    body = {"name": "Wren", "password": PASSWORD}
    assert client.post("/api/sign-in", json=body).status_code == 403  # from no page of ours
    csrf = client.get("/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    answer = client.post("/api/sign-in", json=body, headers={"x-csrf": csrf})
    assert (answer.status_code, answer.json()["said"]) == (200, "Welcome back, Wren.")
    wrong = client.post(
        "/api/sign-in",
        json=body | {"password": "x"},
        headers={"x-csrf": csrf, "cookie": f"assent-visitor={client.cookies['assent-visitor']}"},
    )
    assert wrong.json()["ok"] is False


@pytest.mark.parametrize("name", ["\u202eWren", "Wren\u0000", "a\ud800b"])
def test_a_name_that_hides_something_is_refused(staged: Staged, name: str) -> None:
    client = staged.client()
    csrf = client.get("/join").text.split('name="csrf" value="')[1].split('"')[0]
    body = '{"name": %s, "password": "seven quiet herons", "accepts": true}'
    said = body % ('"' + name.encode("unicode_escape").decode().replace("\\x", "\\u00") + '"')
    answer = client.post(
        "/api/join", content=said, headers={"x-csrf": csrf, "content-type": "application/json"}
    )
    assert answer.status_code == 422, answer.text


def test_whoever_is_there_already_is_told_so(staged: Staged) -> None:
    client = staged.client("Wren")
    for page in ("/join", "/sign-in"):
        assert "You are signed in as Wren" in plain(client.get(page).text)
