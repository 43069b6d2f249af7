"""What AI may do: nothing is said before it was seen, and what was seen is what is said."""

from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.acts.meaning import notice_digest
from assent.acts.say import About, grant, refuse
from assent.catalogue import tables
from assent.catalogue.rows import read_statements
from assent.permission.presets import Preset
from assent.permission.uses import CONSENT_ONLY, labels, parse_use, parse_uses
from assent.signin.members import join
from assent.signin.scopes import Scope
from assent.signin.tokens import make
from tests.houses import RIVAL, add_program, publish_at_last
from tests.web.conftest import Staged, submit

VERBS = ("grants", "refuses", "withdraws", "lifts")


class Inputs(HTMLParser):
    """The inputs of a page, and its forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"input", "button", "select", "option", "form"}:
            self.found.append({"tag": tag, **dict(attrs)})

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [it for it in self.found if it.get("name") == name]


def confirm(client: TestClient, **asked: object) -> dict[str, object]:
    answer = client.get(f"/ai/confirm.json?{urlencode(asked, doseq=True)}")
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert isinstance(said, dict)
    return said


def say(client: TestClient, **asked: object) -> Response:
    """Make a choice as the confirming page does: with the digest of the notice that it shows."""
    words = {name: value for name, value in asked.items() if name != "for_every_program"}
    shown = confirm(client, **words)
    ticked = {"read": shown["digest"]} if shown["generative"] else {}
    return submit(client, "/ai/say", notice=shown["digest"], **ticked, **asked)


@pytest.mark.parametrize("more", [{"recording": "r0"}, {"recording": "r999"}, {"verb": "grant"}])
def test_a_preset_is_for_the_whole_account_and_tells_nothing_of_a_recording(
    staged: Staged, more: dict[str, str]
) -> None:
    query = urlencode({"preset": "no-ai", **more})
    answer = staged.client("Lio").get(f"/ai/confirm.json?{query}")
    assert answer.status_code == 422
    assert "whole account" in answer.json()["error"]
    assert "Tone" not in answer.text


def test_whoever_ticked_nothing_is_led_back_to_the_table(staged: Staged) -> None:
    client = staged.client("Wren")
    answer = client.get("/ai/confirm?verb=grant")
    assert answer.status_code == 422
    assert "Choose at least one use." in answer.text
    assert 'href="/ai#all"' in answer.text
    assert 'href="/ai/r/r0"' in client.get("/ai/confirm?verb=grant&recording=r0").text


def statements(house: House, account: str) -> list[tuple[str, ...]]:
    with house.reading() as connection:
        said = read_statements(connection, [account])[account]
    return [
        tuple(labels(getattr(it, verb))[0] for verb in VERBS if getattr(it, verb)) for it in said
    ]


def words_of(staged: Staged, name: str) -> list[int]:
    table = tables.recordings.c
    with staged.house.reading() as connection:
        query = select(table.word).where(table.id.in_(staged.recordings[name]))
        return list(connection.execute(query.order_by(table.number)).scalars())


def notice_on_record(staged: Staged, event: int) -> str:
    said = tables.statements.c
    with staged.house.reading() as connection:
        return str(connection.execute(select(said.notice).where(said.event == event)).scalar_one())


PAGES = (
    "/ai",
    "/ai/history",
    "/ai/terms",
    "/ai/r/r0",
    "/ai/confirm?preset=no-ai",
    "/ai/confirm?verb=grant&use=partner/train-rival&use=public/supply",
    "/ai/confirm?verb=grant&use=partner/train-rival&recording=r0",
    "/ai/confirm?verb=refuse&use=platform/search",
)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_ticked_before_somebody_ticks_it(staged: Staged, path: str) -> None:
    grant(staged.house, About(holder="Wren"), RIVAL, all_programs=True)
    page = staged.client("Wren").get(path)
    assert page.status_code == 200
    boxes = [it for it in Inputs(page.text).found if it.get("type") in {"checkbox", "radio"}]
    assert not [it for it in boxes if "checked" in it]
    assert not [it for it in Inputs(page.text).found if "selected" in it]


def test_every_use_can_be_chosen_by_itself(staged: Staged) -> None:
    for path in ("/ai", "/ai/r/r0"):
        boxes = Inputs(staged.client("Wren").get(path).text).named("use")
        assert len({it["value"] for it in boxes}) == 60
        assert {it["type"] for it in boxes} == {"checkbox"}


def test_looking_at_a_choice_says_nothing(staged: Staged) -> None:
    client = staged.client("Wren")
    for preset in Preset:
        assert client.get(f"/ai/confirm?preset={preset.value}").status_code == 200
    assert statements(staged.house, staged.people["Wren"].account) == []


def test_a_preset_says_what_its_page_foresaw(staged: Staged) -> None:
    client = staged.client("Wren")
    told = confirm(client, preset="no-ai")["foresight"]
    assert isinstance(told, dict)
    assert told["closes"]["platform/search"] == 2
    before = words_of(staged, "Wren")
    answer = say(client, preset="no-ai")
    assert answer.status_code == 303
    closed = [was & ~now for was, now in zip(before, words_of(staged, "Wren"), strict=True)]
    assert [list(labels(it)) for it in closed] == [it["closes"] for it in told["changes"]]
    page = client.get("/ai.json").json()
    assert page["chosen"] == "no-ai"
    assert not page["changed"]


def test_the_digest_on_record_is_that_of_the_notice_that_was_shown(staged: Staged) -> None:
    client = staged.client("Wren")
    shown = confirm(client, verb="refuse", use=["partner/recommend"])
    page = client.get("/ai/confirm?verb=refuse&use=partner/recommend").text
    assert str(shown["notice"]) in page
    answer = submit(
        client, "/ai/say", verb="refuse", use=["partner/recommend"], notice=shown["digest"]
    )
    event = int(answer.headers["location"].rpartition("/")[2])
    assert notice_on_record(staged, event) == shown["digest"]
    with staged.house.reading() as connection:
        said = read_statements(connection, [staged.people["Wren"].account])
    assert notice_digest(connection, said[staged.people["Wren"].account][-1]) == shown["digest"]
    assert str(shown["digest"]) in client.get(f"/ai/said/{event}").text


def test_what_is_said_under_another_notice_is_refused(staged: Staged) -> None:
    client = staged.client("Wren")
    other = confirm(client, verb="refuse", use=["partner/recommend"])["digest"]
    answer = submit(client, "/ai/say", verb="grant", use=["partner/recommend"], notice=other)
    assert answer.status_code == 422
    assert "on the screen" in answer.text
    assert statements(staged.house, staged.people["Wren"].account) == []


def test_a_generative_use_is_opened_to_all_only_in_so_many_words(staged: Staged) -> None:
    client = staged.client("Wren")
    asked = {"verb": "grant", "use": ["partner/train-rival"]}
    page = client.get(f"/ai/confirm?{urlencode(asked, doseq=True)}").text
    (box,) = Inputs(page).named("for_every_program")
    assert "checked" not in box
    assert "for every program" in page
    refused = say(client, **asked)
    assert refused.status_code == 422
    assert "for every program" in refused.text
    assert not any(word & RIVAL for word in words_of(staged, "Wren"))
    assert say(client, **asked, for_every_program="yes").status_code == 303
    assert all(word & RIVAL for word in words_of(staged, "Wren"))


def test_a_use_that_makes_nothing_needs_no_such_words(staged: Staged) -> None:
    client = staged.client("Wren")
    asked = {"verb": "grant", "use": ["platform/train-analysis"]}
    page = client.get(f"/ai/confirm?{urlencode(asked, doseq=True)}").text
    assert not Inputs(page).named("for_every_program")
    assert say(client, **asked).status_code == 303
    assert all(w & parse_use("platform/train-analysis") for w in words_of(staged, "Wren"))


def test_no_preset_opens_a_generative_use(staged: Staged) -> None:
    client = staged.client("Wren")
    for preset in Preset:
        assert say(client, preset=preset.value).status_code == 303
        assert not any(word & CONSENT_ONLY for word in words_of(staged, "Wren"))


def test_a_form_that_is_sent_again_says_nothing_twice(staged: Staged) -> None:
    client = staged.client("Wren")
    page = client.get("/ai/confirm?preset=no-ai").text
    fields = {
        str(it["name"]): it.get("value") or ""
        for it in Inputs(page).found
        if it.get("name") and it["tag"] == "input" and it["name"] != "q"
    }
    first = client.post("/ai/say", data=fields)
    again = client.post("/ai/say", data=fields)
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    assert len(statements(staged.house, staged.people["Wren"].account)) == 1


def test_one_recording_can_be_closed_while_the_others_stay(staged: Staged) -> None:
    client = staged.client("Wren")
    mine, other = staged.recordings["Wren"]
    say(client, verb="refuse", use=["platform/search"], recording=mine)
    search = parse_use("platform/search")
    assert [bool(word & search) for word in words_of(staged, "Wren")] == [False, True]
    page = client.get("/ai.json").json()
    assert [it["recording"] for it in page["apart"]] == [mine]
    cell = next(
        cell
        for row in client.get(f"/ai/r/{mine}.json").json()["rows"]
        for cell in row["cells"]
        if cell["use"] == "platform/search"
    )
    assert (cell["now"], cell["own"], cell["open"]) == ("no", True, False)
    say(client, verb="take-back", use=["platform/search"], recording=mine)
    assert all(word & search for word in words_of(staged, "Wren"))
    assert client.get(f"/ai/r/{other}").status_code == 200


def test_taking_back_a_yes_for_one_recording_leaves_it_for_the_others(staged: Staged) -> None:
    client = staged.client("Wren")
    mine = staged.recordings["Wren"][0]
    say(client, verb="grant", use=["partner/train-rival"], for_every_program="yes")
    say(client, verb="take-back", use=["partner/train-rival"], recording=mine)
    assert [bool(word & RIVAL) for word in words_of(staged, "Wren")] == [False, True]


def test_a_recording_is_closed_to_all_training_in_one_go_and_opened_again(staged: Staged) -> None:
    client = staged.client("Wren")
    mine = staged.recordings["Wren"][0]
    say(client, verb="grant", use=["partner/train-rival"], for_every_program="yes")
    say(client, verb="refuse", use=["*/train-*", "*/input-*", "*/supply"], recording=mine)
    assert [bool(word & RIVAL) for word in words_of(staged, "Wren")] == [False, True]
    assert words_of(staged, "Wren")[0] & parse_use("platform/search")
    assert "Take back every no" in client.get(f"/ai/r/{mine}").text
    say(client, verb="lift", use=["*/*"], recording=mine)
    assert all(word & RIVAL for word in words_of(staged, "Wren"))
    assert "Take back every no" not in client.get(f"/ai/r/{mine}").text


def test_the_page_of_a_recording_has_the_switch_for_its_holders_alone(staged: Staged) -> None:
    mine = staged.recordings["Wren"][0]
    for name, has in (("Wren", True), ("Mara Fen", False), ("", False)):
        page = staged.client(name).get(f"/r/{mine}")
        assert page.status_code == 200
        assert ("Never train on it" in page.text) is has
        # whoever it belongs to is spoken to, and not of
        who = "You have" if has else "Wren has"
        told = f"No AI may learn to make music from this recording. {who} not allowed it."
        assert told in page.text
        assert f"{'You' if has else 'Wren'} could change that." in page.text
        twin = staged.client(name).get(f"/r/{mine}.json").json()["ai"]
        assert (twin["mine"], twin["trains"], twin["holders"]) == (has, False, ["Wren"])


def test_there_is_nothing_to_take_back_where_nothing_was_said(staged: Staged) -> None:
    answer = staged.client("Wren").get("/ai/confirm?verb=take-back&use=platform/search")
    assert answer.status_code == 422
    assert "nothing there" in answer.text


def test_nobody_speaks_of_recordings_that_are_not_theirs(staged: Staged) -> None:
    client = staged.client("Mara Fen")
    theirs = staged.recordings["Wren"][0]
    assert client.get(f"/ai/r/{theirs}").status_code == 404
    assert client.get(f"/ai/r/{theirs}.json").status_code == 404
    asked = {"verb": "refuse", "use": "platform/search", "recording": theirs}
    assert client.get(f"/ai/confirm?{urlencode(asked)}").status_code == 404
    refused = submit(client, "/ai/say", **asked, notice="0" * 64)
    assert refused.status_code == 404
    assert statements(staged.house, staged.people["Mara Fen"].account) == []


def test_nobody_reads_what_others_have_said(staged: Staged) -> None:
    event = refuse(staged.house, About(holder="Wren"), RIVAL).number
    assert staged.client("Wren").get(f"/ai/said/{event}").status_code == 200
    assert staged.client("Mara Fen").get(f"/ai/said/{event}").status_code == 404
    assert staged.client("Mara Fen").get("/ai/history.json").json()["statements"] == []
    assert staged.client().get("/ai").status_code == 303


def test_an_account_named_like_another_s_id_speaks_for_itself_alone(staged: Staged) -> None:
    wren = staged.people["Wren"].account
    staged.people["twin"] = join(staged.house, wren, Role.ARTIST, None)
    assert say(staged.client("twin"), preset="no-ai").status_code == 303
    assert statements(staged.house, wren) == []
    assert all(word & parse_use("platform/search") for word in words_of(staged, "Wren"))


def test_what_cannot_be_meant_is_told_in_one_clause(staged: Staged) -> None:
    client = staged.client("Wren")
    for query, told in (
        ("preset=everything", "no preset"),
        ("verb=grant", "choose at least one use"),
        ("verb=sing&use=platform/search", "say what you mean"),
        ("verb=grant&use=platform/sing", "no use"),
        ("verb=grant&use=platform/search&until=2031-02-31", "no date"),
        ("verb=grant&use=platform/search&until=2001-01-01", "run out"),
        ("verb=grant&use=platform/search&program=nobody", "no program"),
    ):
        answer = client.get(f"/ai/confirm.json?{query}")
        assert answer.status_code in {404, 422}, query
        assert told in answer.json()["error"], query


def test_a_yes_that_changes_nothing_is_told_with_who_could_change_it(staged: Staged) -> None:
    told = confirm(staged.client("Wren"), verb="grant", use=["public/train-style"])["foresight"]
    assert isinstance(told, dict)
    texts = [it["text"] for it in told["told"]]
    assert any("The terms in force (assent-terms-1) have no room for it" in it for it in texts)


def test_a_preset_that_was_changed_since_says_so(staged: Staged) -> None:
    client = staged.client("Wren")
    say(client, preset="found-not-trained")
    say(client, verb="refuse", use=["platform/insight"])
    page = client.get("/ai.json").json()
    assert (page["chosen"], page["changed"]) == ("found-not-trained", True)
    assert "with changes since" in client.get("/ai").text


def test_without_a_choice_the_page_says_what_the_terms_come_to(staged: Staged) -> None:
    page = staged.client("Wren").get("/ai.json").json()
    assert page["chosen"] is None
    assert [it["name"] for it in page["presets"] if it["like"]] == ["found-not-trained"]


def test_who_holds_nothing_is_told_what_to_do_next(staged: Staged) -> None:
    page = staged.client("Lio").get("/ai")
    assert page.status_code == 200
    assert "no recording yet" in page.text


def test_history_goes_on_page_by_page_without_repeating(staged: Staged) -> None:
    client = staged.client("Wren")
    for _ in range(60):
        refuse(staged.house, About(holder="Wren"), parse_uses(["partner/recommend"]))
    seen: list[int] = []
    path: str | None = "/ai/history.json"
    while path:
        page = client.get(path).json()
        seen += [it["event"] for it in page["statements"]]
        path = f"/ai/history.json?before={page['before']}" if page["before"] else None
    assert len(seen) == len(set(seen)) == 60
    assert seen == sorted(seen, reverse=True)


def test_a_word_for_a_program_can_be_taken_back_on_the_page(staged: Staged) -> None:
    add_program(staged.house)
    grant(staged.house, About(holder="Wren", program="rival-train"), RIVAL)
    client = staged.client("Wren")
    page = client.get("/ai.json").json()
    assert [(it["program"], it["says"]) for it in page["programs"]] == [("rival-train", "yes")]
    assert say(client, verb="take-back", program="rival-train").status_code == 303
    assert client.get("/ai.json").json()["programs"] == []


WIDER = """
id = "wider-1"
title = "Wider terms"

[[clause]]
id = "all"
text = "We may show, describe and recommend what you upload."
status = "opt_out"
uses = ["platform/search", "platform/analyse", "platform/recommend", "partner/recommend"]
"""


def test_new_terms_wait_for_a_yes_that_says_what_it_opens(staged: Staged) -> None:
    publish_at_last(staged.house, WIDER)
    client = staged.client("Wren")
    wider = parse_use("partner/recommend")
    assert not any(word & wider for word in words_of(staged, "Wren"))
    page = client.get("/ai/terms.json").json()
    assert [(it["words"], it["recordings"]) for it in page["opens"]] == [
        ("a partner may recommend it to listeners", 2)
    ]
    assert page["notices"]
    assert submit(client, "/ai/terms/accept", text="assent-terms-1").status_code == 403
    # it was one press; now what the terms open has to be accepted in so many words
    assert submit(client, "/ai/terms/accept", text="wider-1").status_code == 422
    assert not any(word & wider for word in words_of(staged, "Wren"))
    answer = submit(client, "/ai/terms/accept", text="wider-1", agreed="yes")
    assert answer.status_code == 303
    assert all(word & wider for word in words_of(staged, "Wren"))
    assert not words_of(staged, "Mara Fen")[0] & wider
    assert "wider-1" in client.get("/ai/terms").text


def test_a_choice_can_be_made_by_a_program_with_a_token_that_may(staged: Staged) -> None:
    account = staged.people["Wren"].account
    _, secret = make(staged.house, account, "a desk", frozenset({Scope.CONSENT}))
    client = staged.client(authorization=f"Bearer {secret}")
    digest = client.get("/ai/confirm.json?preset=no-ai").json()["digest"]
    answer = client.post("/api/ai/say", json={"preset": "no-ai", "notice": digest})
    assert answer.status_code == 200, answer.text
    assert answer.json()["notice"] == digest
