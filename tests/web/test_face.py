"""The frame of the site: both ways of a page say the same, forms are ours and done once."""

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel, Field
from starlette.testclient import TestClient

from assent.acts.accounts import Role
from assent.errors import AssentError, BadInput
from assent.signin import tokens
from assent.signin.scopes import Scope
from assent.web import pages
from assent.web.app import assembled, routes
from assent.web.face import Done, Face
from assent.web.headers import LARGEST_BODY
from assent.web.refusals import STATUSES
from assent.web.view import View
from assent.web.visit import Visit
from tests.houses import publish_at_last
from tests.web.conftest import Staged, submit

DONE: list[str] = []


class Board(View):
    """What stands on a board.

    Args:
        notes: What was pinned to it.
    """

    notes: list[str]


class Note(BaseModel):
    """What to pin.

    Args:
        words: What it says.
        loud: Whether it shouts.
    """

    words: str = Field(min_length=1, max_length=20)
    loud: bool = False


face = Face("board")


@face.page("/board/{board}", template="developers.html")
def board(visit: Visit, board: str) -> Board:
    """Show a board."""
    return Board(notes=[f"{board}: {note}" for note in DONE])


@face.act("/board/{board}/pin", scope=Scope.SOCIAL)
def pin(visit: Visit, board: str, said: Note) -> Done:
    """Pin a note."""
    if said.words == "no":
        raise BadInput("nobody pins that here")
    DONE.append(f"{visit.by} {said.words}{'!' if said.loud else ''}")
    return Done(said="Pinned.", next=f"/board/{board}")


@face.page("/desk", template="developers.html", who=frozenset({Role.REVIEWER}))
def desk(visit: Visit) -> Board:
    """Show a desk."""
    return Board(notes=[])


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve the board beside the pages that there are."""
    known = list(pages.faces())
    monkeypatch.setattr("assent.web.app.faces", lambda: iter([*known, face]))
    assembled.cache_clear()
    DONE.clear()
    yield
    DONE.clear()
    assembled.cache_clear()  # other tests have no board


def pinned(client: TestClient, **fields: str) -> int:
    return submit(client, "/board/b/pin", **fields).status_code


def test_every_error_has_its_status() -> None:
    def leaves(kind: type[AssentError]) -> Iterator[type[AssentError]]:
        yield kind
        for below in kind.__subclasses__():
            yield from leaves(below)

    ours = {
        it
        for it in leaves(AssentError)
        if it.__module__ in {"assent.errors", "assent.web.refusals"}
    }
    assert ours <= set(STATUSES)


def test_a_page_and_its_twin_are_both_served_and_described(staged: Staged) -> None:
    client = staged.client()
    assert client.get("/board/b.json").json() == {"notes": []}
    described = client.get("/openapi.json").json()["paths"]
    assert "/board/{board}.json" in described
    assert "/board/{board}" not in described
    assert "/api/board/{board}/pin" in described


def test_a_form_is_done_and_the_next_page_says_so_once(staged: Staged) -> None:
    client = staged.client("Lio")
    assert pinned(client, words="hello", loud="yes") == 303
    assert DONE == ["Lio hello!"]
    assert "Pinned." in client.get("/developers").text
    assert "Pinned." not in client.get("/developers").text


def test_a_form_without_what_our_page_carries_does_nothing(staged: Staged) -> None:
    client, other = staged.client("Lio"), staged.client("Wren")
    foreign = other.get("/developers").text.split('name="csrf" content="', 1)[1].split('"', 1)[0]
    for token in ("", "guess", foreign):
        answer = client.post("/board/b/pin", data={"csrf": token, "words": "x"})
        assert answer.status_code == 403
    assert DONE == []


def test_a_form_from_another_origin_does_nothing(staged: Staged) -> None:
    client = staged.client("Lio")
    token = client.get("/developers").text.split('name="csrf" content="', 1)[1].split('"', 1)[0]
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = client.post("/board/b/pin", data={"csrf": token, "words": "x"}, headers=headers)
        assert answer.status_code == 403
    assert DONE == []


def test_a_form_sent_twice_does_it_once(staged: Staged) -> None:
    client = staged.client("Lio")
    assert pinned(client, words="once", once="n1") == 303
    assert pinned(client, words="once", once="n1") == 303
    assert DONE == ["Lio once"]
    assert "nothing was done twice" in client.get("/developers").text


def test_a_form_that_was_refused_may_be_sent_again(staged: Staged) -> None:
    client = staged.client("Lio")
    assert pinned(client, words="no", once="n2") == 422
    assert pinned(client, words="yes", once="n2") == 303
    assert DONE == ["Lio yes"]


def test_what_is_wrong_with_a_field_is_said_by_its_name(staged: Staged) -> None:
    client = staged.client("Lio")
    token = client.get("/developers").text.split('name="csrf" content="', 1)[1].split('"', 1)[0]
    answer = client.post("/board/b/pin", data={"csrf": token, "words": "x" * 30})
    assert answer.status_code == 422
    assert "Words: it should have at most 20 characters" in answer.text


def test_a_call_does_what_the_form_does_with_a_token_that_may(staged: Staged) -> None:
    lio = staged.people["Lio"].account
    _, may = tokens.make(staged.house, lio, "may", frozenset({Scope.SOCIAL}))
    _, reads = tokens.make(staged.house, lio, "reads", frozenset({Scope.READ}))
    client = staged.client()
    said = {"words": "hello"}

    def call(token: str) -> int:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return client.post("/api/board/b/pin", json=said, headers=headers).status_code

    assert [call(may), call(reads), call("x"), call("")] == [200, 403, 401, 401]
    assert DONE == ["Lio hello"]


def test_a_session_calls_only_with_what_its_own_page_carries(staged: Staged) -> None:
    client = staged.client("Lio")
    assert client.post("/api/board/b/pin", json={"words": "x"}).status_code == 403
    token = client.get("/developers").text.split('name="csrf" content="', 1)[1].split('"', 1)[0]
    answer = client.post("/api/board/b/pin", json={"words": "x"}, headers={"x-csrf": token})
    assert answer.json() == {"ok": True, "said": "Pinned.", "next": "/board/b"}


def test_a_role_that_may_not_is_refused_and_a_stranger_is_led_to_the_door(staged: Staged) -> None:
    assert staged.client("Lio").get("/desk").status_code == 403
    assert staged.client("Lio").get("/desk.json").json()["status"] == 403
    stranger = staged.client().get("/desk?x=1")
    assert (stranger.status_code, stranger.headers["location"]) == (
        303,
        "/sign-in?next=/desk%3Fx%3D1",
    )
    assert staged.client("Rhea").get("/desk.json").status_code == 200


def test_every_answer_says_what_a_page_may_load(staged: Staged) -> None:
    client = staged.client()
    for path in ("/developers", "/nowhere", "/board/b.json", "/log/policy"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    page = client.get("/developers").text
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", page)


def test_a_body_that_is_too_large_is_refused(staged: Staged) -> None:
    client = staged.client("Lio")
    large = b"words=" + b"x" * (LARGEST_BODY + 1)
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/board/b/pin", content=large, headers=form).status_code == 413


def test_an_error_page_is_a_page_and_a_twin_is_json(staged: Staged) -> None:
    client = staged.client()
    assert "There is nothing here" in client.get("/nowhere").text
    assert client.get("/nowhere.json").json() == {
        "ok": False,
        "error": "there is no such page",
        "status": 404,
    }


def test_the_routes_of_the_site_have_names_of_their_own() -> None:
    named = [(route.name, route.kind) for route in routes()]
    assert len(named) == len(set(named))


def test_who_is_refused_is_told_who_could_change_it(staged: Staged) -> None:
    assert "say that you make music, too" in staged.client("Lio").get("/studio").text
    refused = staged.client("Lio").get("/desk").text
    assert "Whoever runs this place gives that role" in refused
    assert "say that you make music, too" not in refused


def test_the_foot_of_a_page_is_true_under_terms_that_do_not_ask(staged: Staged) -> None:
    assert "Nothing trains without a yes." in staged.client().get("/developers").text
    text = """id = "wide"
title = "Wide"
[[clause]]
id = "all"
text = "We train models that sort and score on your recordings."
status = "granted"
uses = ["platform/train-analysis", "platform/identify"]
"""
    publish_at_last(staged.house, text, "Odd")
    staged.site.close()  # what it remembered for a few seconds
    foot = staged.client().get("/developers").text
    assert "Nothing trains without a yes." not in foot
    assert "/terms/wide/open" in foot
