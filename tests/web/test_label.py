"""The label desk: its own agreements and nobody else's, and the same said of many recordings."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from assent.acts.accounts import Role
from assent.acts.publish import make_agreement
from assent.catalogue import tables
from assent.catalogue.events import head
from assent.catalogue.words import stored_words
from assent.gate.snapshot import recording_number
from assent.permission.uses import parse_uses
from assent.signin.members import invite
from tests.houses import add, add_program, agreement_toml
from tests.web.conftest import Staged, submit

TOOL = parse_uses(["partner/train-tool"])
SEARCH = parse_uses(["platform/search"])


@pytest.fixture
def label(staged: Staged, tmp_path: Path) -> TestClient:
    """Give a label with an agreement and three deliveries, and another label with its own."""
    house = staged.house
    make_agreement(house, agreement_toml("harbour-1", "Quiet Harbour"), "Odd")
    make_agreement(house, agreement_toml("lantern-1", "Lantern Row"), "Odd")
    staged.people["Lantern Row"] = invite(house, "Lantern Row", Role.LABEL, "setup")
    for party, agreement in (("Quiet Harbour", "harbour-1"), ("Lantern Row", "lantern-1")):
        staged.recordings[party] = [
            add(house, tmp_path, "Ada Quill", agreement=agreement) for _ in range(3)
        ]
    return staged.client("Quiet Harbour")


def twin(client: TestClient, path: str) -> Any:
    page = client.get(path)
    assert page.status_code == 200, page.text
    assert page.text.count("<h1") == 1
    where, _, query = path.partition("?")
    answer = client.get(f"{where}.json?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def words(staged: Staged, recordings: list[str]) -> list[int]:
    with staged.house.reading() as connection:
        numbers = [recording_number(it) for it in recordings]
        found = stored_words(connection, numbers, None)
    return [found[number] for number in numbers]


def events_of(staged: Staged) -> int:
    with staged.house.reading() as connection:
        return head(connection)


def test_a_label_without_an_agreement_is_told_whom_to_ask(staged: Staged) -> None:
    client = staged.client("Quiet Harbour")
    assert twin(client, "/label")["agreements"] == []
    assert 'class="empty"' in client.get("/label").text


def test_a_label_sees_what_its_agreement_permits(label: TestClient) -> None:
    (deal,) = twin(label, "/label")["agreements"]
    assert (deal["id"], deal["recordings"]) == ("harbour-1", 3)
    permits = {name: [it["name"] for it in uses] for name, uses in deal["permits"].items()}
    assert permits == {
        "taken": ["platform/identify", "platform/search"],
        "unless_no": [],
        "until_yes": ["partner/train-tool"],
    }
    page = label.get("/label").text
    assert "letting a partner train a tool that helps make music" in page
    assert "/studio/upload?agreement=harbour-1" in page


def test_a_label_cannot_see_the_agreement_of_another(label: TestClient) -> None:
    told = twin(label, "/label/agreements/harbour-1")
    assert len(told["deliveries"]) == 3
    assert [it["id"] for it in told["clauses"]] == ["found", "tools"]
    for path in ("/label/agreements/lantern-1", "/label/agreements/nothing"):
        for way in (path, f"{path}.json"):
            assert label.get(way).status_code == 404
    # and what it is answered does not tell the two apart
    there = label.get("/label/agreements/lantern-1.json").json()["error"]
    gone = label.get("/label/agreements/nothing.json").json()["error"]
    assert there.replace("lantern-1", "nothing") == gone
    refused = submit(label, "/label/say", which="agreement", agreement="lantern-1", verb="refuse")
    assert refused.status_code in {404, 422}


def test_the_desk_is_for_labels(staged: Staged, label: TestClient) -> None:
    del label
    for name in ("Wren", "Lio", "Rhea", "Auri"):
        for path in ("/label", "/label/agreements/harbour-1", "/label/say"):
            assert staged.client(name).get(path).status_code == 403
    assert staged.client().get("/label").status_code == 303


def test_a_foreign_recording_in_a_list_is_refused_and_all_others_are_said(
    staged: Staged, label: TestClient
) -> None:
    own, foreign = staged.recordings["Quiet Harbour"], staged.recordings["Lantern Row"][0]
    names = "\n".join(["id", *own[:2], foreign, "r999", "QZABC2400017", "a song"])
    before = events_of(staged)
    looked = submit(
        label, "/label/say", which="list", names=names, verb="refuse", what="everything"
    )
    assert looked.status_code == 303, looked.text
    there = looked.headers["location"]
    seen = twin(label, there)
    assert events_of(staged) == before
    assert (seen["count"], seen["recordings"]) == (2, own[:2])
    why = {it["name"]: it["why"] for it in seen["troubles"]}
    assert why == {
        foreign: f"Quiet Harbour holds no rights in a recording '{foreign}'",
        "r999": "Quiet Harbour holds no rights in a recording 'r999'",
        "QZABC2400017": "no recording of yours has this ISRC",
        "a song": "this is neither the id of a recording nor an ISRC",
    }
    assert seen["foresight"] is not None
    foreign_before = words(staged, [foreign])
    done = submit(label, there)
    assert done.status_code == 303
    told = twin(label, done.headers["location"])
    assert told["count"] == 2
    assert {it["name"] for it in told["troubles"]} == set(why)
    assert events_of(staged) == before + 2
    assert words(staged, [foreign]) == foreign_before


def test_isrcs_of_their_own_are_found(staged: Staged, label: TestClient, tmp_path: Path) -> None:
    one = add(staged.house, tmp_path, "Ada Quill", agreement="harbour-1", isrc="QZ-ABC-24-00017")
    looked = submit(
        label, "/label/say", which="list", names="qz-abc-24-00017", verb="refuse", what="everything"
    )
    assert twin(label, looked.headers["location"])["recordings"] == [one]


def test_a_file_of_ids_is_read(staged: Staged, label: TestClient) -> None:
    own = staged.recordings["Quiet Harbour"]
    text = label.get("/label/say").text
    token = text.split('name="csrf" value="', 1)[1].split('"', 1)[0]
    looked = label.post(
        "/label/say",
        data={"csrf": token, "which": "list", "verb": "refuse", "what": "everything"},
        files={"file": ("list.csv", "isrc\r\n" + "\r\n".join(own), "text/csv")},
    )
    assert looked.status_code == 303, looked.text
    assert twin(label, looked.headers["location"])["recordings"] == own


def test_a_yes_to_a_generative_use_needs_the_words(staged: Staged, label: TestClient) -> None:
    own = staged.recordings["Quiet Harbour"]
    wish = {"which": "agreement", "agreement": "harbour-1", "verb": "grant", "what": "uses"}
    looked = submit(label, "/label/say", **wish, uses="partner/train-tool")
    there = looked.headers["location"]
    seen = twin(label, there)
    assert seen["needs_words"] is True
    # nothing generative is ticked before anybody has
    assert " checked" not in label.get(there).text
    before = events_of(staged)
    shown = {"notice": seen["digest"], "read": seen["digest"]}
    assert submit(label, there).status_code == 422
    assert submit(label, there, **shown).status_code == 422
    assert events_of(staged) == before
    assert submit(label, there, **shown, for_every_program="yes").status_code == 303
    assert all(word & TOOL for word in words(staged, own))


def test_a_yes_never_reaches_beyond_the_agreement_and_the_page_says_so(
    staged: Staged, label: TestClient
) -> None:
    program = add_program(staged.house)  # it asks for partner/train-rival
    own = staged.recordings["Quiet Harbour"]
    wish = {"which": "agreement", "agreement": "harbour-1", "verb": "grant", "what": "program"}
    there = submit(label, "/label/say", **wish, program=program).headers["location"]
    seen = twin(label, there)
    assert [it["name"] for it in seen["beyond"]] == ["partner/train-rival"]
    assert "only another agreement can open it" in label.get(there).text
    assert submit(label, there, notice=seen["digest"], read=seen["digest"]).status_code == 303
    with staged.house.reading() as connection:
        numbers = [recording_number(it) for it in own]
        found = stored_words(connection, numbers, program)
    assert not any(word & parse_uses(["partner/train-rival"]) for word in found.values())


def test_a_no_for_the_whole_account_is_one_statement(staged: Staged, label: TestClient) -> None:
    before = events_of(staged)
    looked = submit(label, "/label/say", which="all", verb="refuse", what="everything")
    there = looked.headers["location"]
    assert twin(label, there)["whole"] is True
    submit(label, there)
    assert events_of(staged) == before + 1
    # what the agreement takes without asking is not the label's to refuse
    assert all(word & SEARCH for word in words(staged, staged.recordings["Quiet Harbour"]))


def test_what_was_said_is_not_said_again_by_going_back(staged: Staged, label: TestClient) -> None:
    there = submit(label, "/label/say", which="all", verb="refuse", what="everything").headers[
        "location"
    ]
    said = submit(label, there, once="a-number")
    before = events_of(staged)
    again = submit(label, there, once="a-number")
    assert again.headers["location"] == said.headers["location"]
    assert submit(label, there).status_code == 404
    assert events_of(staged) == before


def test_what_cannot_be_meant_is_shown_again(staged: Staged, label: TestClient) -> None:
    before = events_of(staged)
    for wish, words_ in (
        ({"which": "list", "verb": "refuse", "what": "everything"}, "at least one recording"),
        ({"which": "all", "verb": "grant", "what": "everything"}, "cannot be meant"),
        ({"which": "all", "verb": "grant", "what": "program"}, "choose a program"),
        ({"which": "all", "verb": "grant", "what": "uses"}, "tick at least one use"),
        ({"which": "all", "what": "uses", "uses": "partner/train-tool"}, "verb is missing"),
    ):
        answer = submit(label, "/label/say", **wish)
        assert answer.status_code == 422, wish
        assert words_ in answer.text, wish
    assert events_of(staged) == before


def test_what_one_label_looks_at_no_other_finds(staged: Staged, label: TestClient) -> None:
    there = submit(label, "/label/say", which="all", verb="refuse", what="everything").headers[
        "location"
    ]
    other = staged.client("Lantern Row")
    assert other.get(there).status_code == 404
    before = events_of(staged)
    assert submit(other, there).status_code == 404
    assert events_of(staged) == before


def test_the_same_by_the_api(staged: Staged, label: TestClient) -> None:
    own = staged.recordings["Quiet Harbour"]
    token = label.get("/developers").text.split('name="csrf" content="', 1)[1].split('"', 1)[0]
    headers = {"x-csrf": token}
    wish = {"which": "list", "recordings": own, "verb": "refuse", "what": "everything"}
    there = label.post("/api/label/say", json=wish, headers=headers).json()["next"]
    told = label.post(f"/api{there}", json={}, headers=headers).json()
    assert told["count"] == 3
    assert len(told["events"]) == 3
    assert told["troubles"] == []


ASKS_RIVAL = {"verb": "grant", "what": "program"}
OF = [{"which": "all"}, {"which": "agreement", "agreement": "harbour-1"}]


@pytest.mark.parametrize("of", OF, ids=["all", "agreement"])
def test_no_yes_to_a_generative_use_without_the_notice_that_was_shown(
    staged: Staged, label: TestClient, of: dict[str, str]
) -> None:
    program = add_program(staged.house)
    wish = {**ASKS_RIVAL, **of}
    there = submit(label, "/label/say", **wish, program=program).headers["location"]
    seen = twin(label, there)
    digest, other = seen["digest"], "0" * 64
    page = label.get(there).text
    assert f'name="notice" value="{digest}"' in page
    assert f'name="read" value="{digest}" required' in page
    before = events_of(staged)
    wrong: list[dict[str, str]] = [
        {},
        {"read": digest},
        {"notice": digest},
        {"notice": digest, "read": other},
        {"notice": other, "read": other},
        {"notice": "x" + digest, "read": digest},
    ]
    token = page.split('name="csrf" content="', 1)[1].split('"', 1)[0]
    for said in wrong:
        assert submit(label, there, **said).status_code == 422, said
        answer = label.post(f"/api{there}", json=said, headers={"x-csrf": token})
        assert (answer.status_code, bool(answer.json()["error"])) == (422, True), said
    assert events_of(staged) == before
    said = {"notice": digest, "read": digest}
    told = label.post(f"/api{there}", json=said, headers={"x-csrf": token})
    assert told.status_code == 200, told.text
    assert events_of(staged) == before + len(told.json()["events"])


@pytest.mark.parametrize("of", OF, ids=["all", "agreement"])
def test_what_changed_since_it_was_shown_is_looked_at_once_more(
    staged: Staged, label: TestClient, of: dict[str, str]
) -> None:
    program = add_program(staged.house)
    there = submit(label, "/label/say", **ASKS_RIVAL, **of, program=program).headers["location"]
    digest = twin(label, there)["digest"]
    with staged.house.writing() as connection:
        row = tables.programs.update().where(tables.programs.c.id == program)
        connection.execute(row.values(purpose="Something else altogether."))
    before = events_of(staged)
    answer = submit(label, there, notice=digest, read=digest)
    assert (answer.status_code, "not what was on the screen" in answer.text) == (422, True)
    assert events_of(staged) == before
    again = twin(label, there)["digest"]
    assert again != digest
    assert submit(label, there, notice=again, read=again).status_code == 303


def test_a_wish_is_taken_as_it_is_written(staged: Staged, label: TestClient) -> None:
    wish = {"which": "all", "verb": "refuse", "what": "everything"}
    before = events_of(staged)
    for wrong in ({"which": "xxallxx"}, {"what": "nonsense-everything-x"}):
        assert submit(label, "/label/say", **{**wish, **wrong}).status_code == 422
    assert events_of(staged) == before
