"""The inbox: a request waits, its answer is for it alone, and who answers has seen the notice."""

from urllib.parse import urlencode

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from assent.acts.house import House
from assent.acts.requests import ask, withdraw_request
from assent.acts.say import choose
from assent.permission.presets import Preset
from tests.houses import add_program
from tests.web.conftest import Staged, submit


@pytest.fixture
def asked(staged: Staged) -> int:
    """Give the number of a request that waits for Wren."""
    choose(staged.house, "Wren", Preset.ASK)
    add_program(staged.house)
    return ask(staged.house, "rival-train", "We make background music.", pays="5", by="Kim").number


def may(house: House, recording: str) -> bool:
    house.gate.snapshot.refresh()
    return house.gate.explain("rival-train", recording).allowed


def answer(client: TestClient, request: int, says: str) -> Response:
    shown = client.get(f"/inbox/{request}.json?{urlencode({'says': says})}").json()
    ticked = {"read": shown["digest"]} if shown["generative"] else {}
    return submit(client, f"/inbox/{request}/answer", says=says, notice=shown["digest"], **ticked)


def test_a_request_says_who_is_behind_it_and_what_a_yes_would_open(
    staged: Staged, asked: int
) -> None:
    client = staged.client("Wren")
    (it,) = client.get("/inbox.json").json()["requests"]
    assert (it["request"], it["program"], it["owner"]) == (asked, "rival-train", "Nightjar Models")
    assert (it["pays"], it["contact"], it["contract"]) == ("5", "rights@nightjar.example", "NM-1")
    assert (it["uses"], it["retention_days"], it["gains"]) == (["partner/train-rival"], 365, 2)
    page = client.get("/inbox").text
    for words in ("Nightjar Models", "We make background music.", "NM-1", "365 days"):
        assert words in page


def test_a_yes_opens_what_was_foreseen_and_the_request_waits_no_more(
    staged: Staged, asked: int
) -> None:
    client = staged.client("Wren")
    told = client.get(f"/inbox/{asked}.json?says=yes").json()["foresight"]
    assert [(it["program"], it["gains"]) for it in told["programs"]] == [("rival-train", 2)]
    assert answer(client, asked, "yes").status_code == 303
    assert all(may(staged.house, it) for it in staged.recordings["Wren"])
    page = client.get("/inbox.json").json()
    assert page["requests"] == []
    assert [(it["request"], it["says"]) for it in page["answers"]] == [(asked, "yes")]


def test_an_answer_can_be_changed_and_never_undone(staged: Staged, asked: int) -> None:
    client = staged.client("Wren")
    assert answer(client, asked, "never").status_code == 303
    add_program(staged.house, "another")
    later = ask(staged.house, "another", "Please.", by="Kim").number
    assert client.get("/inbox.json").json()["requests"] == []
    assert "Hear from them again" in client.get("/inbox").text
    assert answer(client, asked, "no").status_code == 303
    assert [it["request"] for it in client.get("/inbox.json").json()["requests"]] == [later]
    assert answer(client, asked, "yes").status_code == 303
    assert may(staged.house, staged.recordings["Wren"][0])


def test_no_answer_is_given_under_another_notice(staged: Staged, asked: int) -> None:
    client = staged.client("Wren")
    no = client.get(f"/inbox/{asked}.json?says=no").json()["digest"]
    refused = submit(client, f"/inbox/{asked}/answer", says="yes", notice=no, read=no)
    assert refused.status_code == 422
    assert "Say yes" in refused.text
    assert not may(staged.house, staged.recordings["Wren"][0])


def test_an_answer_that_is_sent_again_says_nothing_twice(staged: Staged, asked: int) -> None:
    client = staged.client("Wren")
    shown = client.get(f"/inbox/{asked}.json?says=yes").json()["digest"]
    fields = {"says": "yes", "notice": shown, "read": shown, "once": "a-number"}
    first = submit(client, f"/inbox/{asked}/answer", **fields)
    again = submit(client, f"/inbox/{asked}/answer", **fields)
    assert first.status_code == again.status_code == 303
    assert len(client.get("/ai/history.json").json()["statements"]) == 2  # the preset and the yes


def test_who_is_not_asked_neither_sees_nor_answers(staged: Staged, asked: int) -> None:
    client = staged.client("Mara Fen")
    assert client.get("/inbox.json").json()["requests"] == []
    assert client.get(f"/inbox/{asked}").status_code == 404
    refused = submit(client, f"/inbox/{asked}/answer", says="yes", notice="0" * 64, read="0" * 64)
    assert refused.status_code == 404
    assert "Programs may not ask you" in client.get("/inbox").text


def test_a_yes_to_what_was_taken_back_is_refused(staged: Staged, asked: int) -> None:
    client = staged.client("Wren")
    shown = client.get(f"/inbox/{asked}.json?says=yes").json()["digest"]
    withdraw_request(staged.house, asked, "Kim")
    refused = submit(client, f"/inbox/{asked}/answer", says="yes", notice=shown, read=shown)
    assert refused.status_code == 403
    assert "does not stand" in refused.text
    assert not may(staged.house, staged.recordings["Wren"][0])


def test_what_a_program_writes_is_shown_as_text(staged: Staged) -> None:
    choose(staged.house, "Wren", Preset.ASK)
    add_program(staged.house)
    ask(staged.house, "rival-train", "<script>alert(1)</script> שלום", by="Kim")
    page = staged.client("Wren").get("/inbox").text
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; שלום" in page


def test_an_empty_inbox_says_what_to_do_next(staged: Staged) -> None:
    choose(staged.house, "Wren", Preset.ASK)
    page = staged.client("Wren").get("/inbox").text
    assert "No program asks you anything" in page
    assert 'href="/ai"' in page
