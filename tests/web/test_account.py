"""One's own account in a browser without scripts: what it shows, what it takes to change it."""

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from assent.acts.accounts import Role
from assent.signin import attempts, sessions, tokens
from assent.signin.credentials import change_password, proved
from assent.signin.members import invite, join
from assent.signin.scopes import Scope
from assent.web.visit import COOKIE
from tests.web.conftest import Staged
from tests.web.filling import fill, forms_of, plain

PASSWORD, NEW = "seven quiet herons", "nine loud magpies"
SENSITIVE = ("/account/password", "/account/passkeys", "/account/tokens")


@pytest.fixture
def wren(staged: Staged) -> TestClient:
    """Give Wren's browser; she has a password."""
    change_password(staged.house, staged.people["Wren"].account, PASSWORD)
    return staged.client("Wren")


def post(client: TestClient, action: str, **fields: str) -> Response:
    """Send what no form on the page would: with the number of the page, and no more."""
    csrf = client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    return client.post(action, data={"csrf": csrf, **fields})


def test_the_page_says_who_one_is_and_its_twin_says_the_same(
    staged: Staged, wren: TestClient
) -> None:
    shown, said = plain(wren.get("/account").text), wren.get("/account.json").json()
    assert (said["name"], said["role"], said["keeps_history"]) == ("Wren", "artist", False)
    assert said["proof"]["password"] is True
    for words in ("Wren", "an artist", "a password", "counted without your name"):
        assert words in shown
    assert "$argon2id$" not in str(said) + shown
    assert staged.client().get("/account").headers["location"].startswith("/sign-in")
    assert staged.client().get("/account.json").status_code == 401


def test_a_listener_becomes_an_artist_by_one_button(staged: Staged) -> None:
    lio = staged.client("Lio")
    answer = fill(lio, "/account", "/account/artist")
    assert (answer.status_code, answer.headers["location"]) == (303, "/studio")
    assert lio.get("/account.json").json()["role"] == "artist"
    assert not [it for it in forms_of(lio.get("/account").text) if it.action == "/account/artist"]
    assert post(staged.client("Quiet Harbour"), "/account/artist").status_code == 403


def test_who_was_let_in_by_others_accepts_the_terms_by_their_own_act(staged: Staged) -> None:
    odd = staged.client("Odd")
    page = odd.get("/account").text
    assert "You have accepted no terms yet" in plain(page)
    # one press here was a yes to all that the terms open, unseen; it leads to where that is told
    assert not [it for it in forms_of(page) if "terms" in it.action]
    assert 'href="/ai/terms"' in page
    assert odd.get("/account/terms").headers["location"] == "/ai/terms"
    accept = "/ai/terms/accept"
    assert fill(odd, "/ai/terms", accept).status_code == 422
    assert fill(odd, "/ai/terms", accept, {"text": "others", "agreed": "yes"}).status_code == 403
    assert fill(odd, "/ai/terms", accept, {"agreed": "yes"}).status_code == 303
    said = odd.get("/account.json").json()
    assert said["accepted"] == said["terms"]["id"]
    assert "the terms in force" in plain(odd.get("/account").text)


def test_a_name_that_looks_like_an_id_takes_nobody_s_yes(staged: Staged) -> None:
    odd = staged.client("Odd")
    join(staged.house, staged.people["Odd"].account, Role.LISTENER, None)
    agreed = {"agreed": "yes"}
    assert fill(odd, "/ai/terms", "/ai/terms/accept", agreed).status_code == 303
    assert odd.get("/account.json").json()["accepted"]


@pytest.mark.parametrize("page", SENSITIVE)
def test_what_decides_who_gets_in_takes_a_proof_of_the_last_ten_minutes(
    staged: Staged, wren: TestClient, page: str
) -> None:
    staged.clock.turn(minutes=11)
    shown = wren.get(page).text
    assert "Show first that it is you" in shown
    own = [it.action for it in forms_of(shown) if it.action.startswith(page)]
    assert own == []  # nothing is offered that would be refused
    wrong = fill(wren, page, "/account/confirm", {"password": NEW})
    assert (wrong.status_code, "that is not your password" in wrong.text) == (403, True)
    right = fill(wren, page, "/account/confirm", {"password": PASSWORD})
    assert (right.status_code, right.headers["location"]) == (303, page)
    assert "Show first that it is you" not in wren.get(page).text
    staged.clock.turn(minutes=10)
    assert "Show first that it is you" in wren.get(page).text


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("/account/password", {"password": NEW}),
        ("/account/password/drop", {}),
        ("/account/passkeys/begin", {}),
        ("/account/passkeys/add", {"credential": "{}"}),
        ("/account/passkeys/rename", {"passkey": "x", "label": "y"}),
        ("/account/passkeys/remove", {"passkey": "x"}),
        ("/account/tokens", {"label": "x", "scopes": "read"}),
        ("/account/unlink", {}),
    ],
)
def test_an_open_browser_is_no_proof_and_a_token_is_none_either(
    staged: Staged, wren: TestClient, action: str, fields: dict[str, str]
) -> None:
    _, secret = tokens.make(
        staged.house, staged.people["Wren"].account, "all", frozenset(Scope) - {Scope.STAFF}
    )
    staged.clock.turn(minutes=11)
    answer = post(wren, action, **fields)
    assert answer.status_code == 403
    assert "show first that it is you" in answer.text
    bearer = {"authorization": f"Bearer {secret}"}
    by_token = staged.client().post(f"/api{action}", json=fields, headers=bearer)
    assert by_token.status_code == 403
    assert "not a token" in by_token.json()["error"]
    assert proved(staged.house, "Wren", PASSWORD) is not None


def test_a_proof_is_guessed_no_more_often_than_a_password(staged: Staged, wren: TestClient) -> None:
    for _ in range(10):
        assert post(wren, "/account/confirm", password=NEW).status_code == 403
    assert post(wren, "/account/confirm", password=PASSWORD).status_code == 429


def test_a_new_password_is_good_here_and_ends_every_other_session(
    staged: Staged, wren: TestClient
) -> None:
    other = staged.client("Wren")
    refused = fill(wren, "/account/password", "/account/password", {"password": NEW, "again": "x"})
    assert (refused.status_code, "are not the same" in refused.text) == (422, True)
    typed = {"password": NEW, "again": NEW}
    assert fill(wren, "/account/password", "/account/password", typed).status_code == 303
    assert wren.get("/account.json").status_code == 200
    assert other.get("/account.json").status_code == 401
    assert proved(staged.house, "Wren", NEW) is not None
    only = post(wren, "/account/password/drop")
    assert (only.status_code, "your only way" in only.text) == (403, True)


def test_every_session_is_seen_and_ended(staged: Staged, wren: TestClient) -> None:
    others = []
    for agent in ("Phone <b>", "Car"):
        account = staged.people["Wren"].account
        secret = sessions.begin(staged.house, account, agent, "passkey")
        client = staged.client()
        client.cookies.set(COOKIE, secret)
        others.append(client)
    lio = staged.client("Lio")
    shown = wren.get("/account/sessions").text
    assert "Phone &lt;b&gt;" in shown
    said = wren.get("/account/sessions.json").json()["sessions"]
    assert [it["here"] for it in said].count(True) == 1
    assert len(said) == 3
    phone = next(it["id"] for it in said if it["agent"] == "Phone <b>")
    assert post(lio, "/account/sessions/end", session=phone).status_code == 404
    assert others[0].get("/account.json").status_code == 200
    assert post(wren, "/account/sessions/end", session=phone).status_code == 303
    assert others[0].get("/account.json").status_code == 401
    assert fill(wren, "/account/sessions", "/account/sessions/end-others").status_code == 303
    assert [client.get("/account.json").status_code for client in (*others, wren, lio)] == [
        401,
        401,
        200,
        200,
    ]


def test_a_token_is_made_shown_once_used_and_ended(staged: Staged, wren: TestClient) -> None:
    typed: dict[str, str | list[str]] = {
        "label": "player on my phone",
        "scopes": ["read", "social"],
        "days": "30",
    }
    made = fill(wren, "/account/tokens", "/account/tokens", typed)
    there = made.headers["location"]
    assert made.status_code == 303
    shown = wren.get(there).text
    secret = shown.split("data-secret>")[1].split("<")[0]
    assert "data-secret" not in wren.get(there).text
    assert secret not in str(dict(wren.cookies)) + str(made.headers)
    bearer = {"authorization": f"Bearer {secret}"}
    program = staged.client()
    assert program.get("/account.json", headers=bearer).json()["name"] == "Wren"
    assert program.get("/account/tokens.json", headers=bearer).status_code == 403
    said = wren.get("/account/tokens.json").json()
    [token] = said["tokens"]
    assert [it["scope"] for it in token["scopes"]] == ["read", "social"]
    assert said["secret"] == ""
    assert "staff" not in [it["scope"] for it in said["offered"]]
    staged.clock.turn(days=30)
    late = program.get("/account.json", headers=bearer)
    assert (late.status_code, late.json()["error"]) == (
        401,
        "this token is not known here, or has run out",
    )


def test_a_token_is_ended_by_its_owner_alone(staged: Staged, wren: TestClient) -> None:
    name, secret = tokens.make(
        staged.house, staged.people["Wren"].account, "a player", frozenset({Scope.READ})
    )
    bearer = {"authorization": f"Bearer {secret}"}
    assert post(staged.client("Lio"), "/account/tokens/end", token=name).status_code == 404
    assert staged.client().get("/account.json", headers=bearer).status_code == 200
    assert fill(wren, "/account/tokens", "/account/tokens/end").status_code == 303
    assert staged.client().get("/account.json", headers=bearer).status_code == 401


def test_the_secret_of_a_new_token_is_shown_to_nobody_else(
    staged: Staged, wren: TestClient
) -> None:
    typed: dict[str, str | list[str]] = {"label": "x", "scopes": "read", "days": ""}
    there = fill(wren, "/account/tokens", "/account/tokens", typed).headers["location"]
    assert "data-secret" not in staged.client("Lio").get(there).text


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"label": "x", "scopes": []}, 422),
        ({"label": "", "scopes": "read"}, 422),
        ({"label": "x", "scopes": "everything"}, 422),
        ({"label": "x", "scopes": "staff"}, 403),
        ({"label": "x", "scopes": "read", "days": "0"}, 422),
        ({"label": "x", "scopes": "read", "days": "99999999999999999999"}, 422),
    ],
)
def test_a_token_that_cannot_be_meant_is_refused(
    staged: Staged, wren: TestClient, typed: dict[str, str | list[str]], status: int
) -> None:
    answer = fill(wren, "/account/tokens", "/account/tokens", typed)
    assert answer.status_code == status
    with staged.house.reading() as connection:
        account = staged.people["Wren"].account
        assert tokens.tokens_of(connection, account, staged.clock()) == []


def test_what_is_heard_bears_a_name_only_if_its_listener_says_so(
    staged: Staged, wren: TestClient
) -> None:
    page = "/account/listening"
    assert "checked" not in wren.get(page).text
    assert fill(wren, page, page, {"keeps_history": "yes"}).status_code == 303
    assert wren.get(f"{page}.json").json() == {"keeps_history": True}
    shown = wren.get(page).text
    assert "What you hear is kept with your name." in shown
    assert "checked" in shown
    off = next(it for it in forms_of(shown) if it.action == page).fields
    off.pop("keeps_history")  # the box is not ticked
    assert wren.post(page, data=off).status_code == 303
    assert wren.get(f"{page}.json").json() == {"keeps_history": False}


def test_whoever_tries_tokens_waits_and_whoever_has_one_does_not(
    staged: Staged, wren: TestClient
) -> None:
    account = staged.people["Wren"].account
    name, secret = tokens.make(staged.house, account, "a player", frozenset({Scope.READ}))
    program = staged.client()

    def tried(secret: str) -> Response:
        return program.get("/account.json", headers={"authorization": f"Bearer {secret}"})

    assert [tried(f"{name}.{guess}").status_code for guess in range(30)] == [401] * 30
    waits = tried(f"{name}.x")
    assert waits.status_code == 429
    assert 800 < int(waits.headers["retry-after"]) <= 900
    assert tried(secret).status_code == 200
    assert program.get("/account.json").status_code == 401  # a stranger is no guesser


# What operators do.


def test_an_operator_lets_somebody_in_by_a_code_that_is_shown_once(staged: Staged) -> None:
    odd, page = staged.client("Odd"), "/operator/members"
    made = fill(odd, page, f"{page}/invite", {"name": "Nia Vale", "role": "label"})
    assert made.status_code == 303
    there = made.headers["location"]
    code = odd.get(there).text.split("data-secret>")[1].split("<")[0]
    assert "data-secret" not in odd.get(there).text
    typed = {"code": code, "password": PASSWORD, "again": PASSWORD, "accepts": "yes"}
    nia = staged.client()
    assert fill(nia, "/sign-in/code", "/sign-in/code", typed).status_code == 303
    assert nia.get("/account.json").json()["role"] == "label"
    again = fill(odd, page, f"{page}/invite", {"name": "Nia Vale", "role": "label"})
    assert "can sign in already" in again.text


def test_an_operator_changes_roles_keeps_out_and_lets_in_again(
    staged: Staged, wren: TestClient
) -> None:
    odd, page, account = staged.client("Odd"), "/operator/members", staged.people["Wren"].account
    given = {"account": account, "role": "reviewer", "cause": "she asked"}
    assert post(odd, f"{page}/role", **given).status_code == 303
    assert wren.get("/account.json").json()["role"] == "reviewer"
    assert post(odd, f"{page}/shut", account=account, cause="spam").status_code == 303
    assert wren.get("/account.json").status_code == 401
    [shown] = odd.get(f"{page}.json?q=wr").json()["members"]
    assert (shown["name"], shown["shut"]) == ("Wren", True)
    assert "kept out" in odd.get(f"{page}?q=wr").text
    assert post(odd, f"{page}/reopen", account=account).status_code == 303
    last = post(odd, f"{page}/shut", account=staged.people["Odd"].account)
    assert (last.status_code, "the last operator" in last.text) == (403, True)


def test_an_auditor_reads_and_changes_nothing_and_others_see_nothing(staged: Staged) -> None:
    page = "/operator/members"
    auri = staged.client("Auri")
    shown = auri.get(page)
    assert shown.status_code == 200
    assert not [it for it in forms_of(shown.text) if it.action.startswith(f"{page}/")]
    for name in ("Auri", "Rhea", "Wren", "Lio"):
        client = staged.client(name)
        for act in ("invite", "role", "code", "shut", "reopen"):
            fields = {"account": staged.people["Wren"].account, "role": "artist", "name": "X"}
            assert post(client, f"{page}/{act}", **fields).status_code == 403
    for name in ("Rhea", "Wren", "Lio"):
        assert staged.client(name).get(page).status_code == 403


def test_an_operator_shows_that_it_is_them_before_giving_ways_in(staged: Staged) -> None:
    odd, page = staged.client("Odd"), "/operator/members"
    staged.clock.turn(minutes=11)
    account = staged.people["Wren"].account
    for act, fields in (
        ("invite", {"name": "X", "role": "operator"}),
        ("code", {"account": account}),
        ("role", {"account": account, "role": "operator"}),
    ):
        answer = post(odd, f"{page}/{act}", **fields)
        assert (answer.status_code, "show first" in answer.text) == (403, True)
    assert post(odd, f"{page}/shut", account=account).status_code == 303  # this cannot wait


def test_many_members_are_shown_a_page_at_a_time(staged: Staged) -> None:
    for number in range(60):
        invite(staged.house, f"Z artist {number:02}", Role.LISTENER, "Odd")
    odd = staged.client("Odd")
    first = odd.get("/operator/members.json?q=z%20").json()
    assert len(first["members"]) == 50
    rest = odd.get(first["next"].replace("/operator/members", "/operator/members.json")).json()
    assert [it["name"] for it in rest["members"]] == [f"Z artist {n}" for n in range(50, 60)]
    assert rest["next"] == ""
    nobody = plain(odd.get("/operator/members?q=qq").text)
    assert "Nobody's name begins with that" in nobody


def test_names_of_people_are_text_and_never_markup(staged: Staged) -> None:
    name = "<script>alert(1)</script> “Ω”"
    invite(staged.house, name, Role.ARTIST, "Odd")
    shown = staged.client("Odd").get("/operator/members").text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_a_session_ends_for_the_page_as_for_the_table(staged: Staged, wren: TestClient) -> None:
    staged.clock.turn(days=30)
    assert wren.get("/account.json").status_code == 401


@pytest.mark.parametrize("path", ["/studio.json", "/api/playlists", "/api/account/sessions/end"])
def test_a_wrong_token_counts_once_however_it_is_told(staged: Staged, path: str) -> None:
    client = staged.client(authorization="Bearer nothing-that-is-known")
    ask = client.get if path.endswith(".json") else client.post
    tries = attempts.TOKEN_ADDRESS.tries
    assert {ask(path).status_code for _ in range(tries)} == {401}
    assert ask(path).status_code == 429
