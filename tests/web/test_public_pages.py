"""The pages for everybody: programs, training sets, transparency, the log, who runs this."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from assent.acts.accounts import Account
from assent.acts.programs import propose, suspend
from assent.acts.say import About, choose, grant, withdraw
from assent.permission.presets import Preset
from assent.studio.leaving import leave
from assent.training.build import build
from tests.houses import RIVAL, add_program, program_toml
from tests.web.conftest import Staged

PAGES = ("/programs", "/training-sets", "/transparency", "/log", "/about")


@pytest.fixture
def stranger(staged: Staged) -> TestClient:
    return staged.client()


def twin(client: TestClient, path: str) -> Any:
    page = client.get(path)
    assert page.status_code == 200, page.text
    assert page.text.count("<h1") == 1
    answer = client.get(f"{path}.json")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_platform_says_what_is_not_there_and_what_comes_next(
    stranger: TestClient, path: str
) -> None:
    twin(stranger, path)
    page = stranger.get(path).text
    if path in {"/programs", "/training-sets", "/log"}:
        assert 'class="empty"' in page


def test_a_program_is_told_in_plain_words(staged: Staged, stranger: TestClient) -> None:
    program = add_program(staged.house)
    wren = staged.recordings["Wren"]
    grant(staged.house, About(holder="Wren", recording=wren[0], program=program), RIVAL)
    told = twin(stranger, f"/programs/{program}")["program"]
    assert told["state"] == "live"
    assert (told["open"], told["of"]) == (1, 3)
    assert told["uses"] == [
        {
            "name": "partner/train-rival",
            "words": "letting a partner train any other generative model",
        }
    ]
    # nobody of the staff stands on a page for everybody
    assert "Kim" not in stranger.get(f"/programs/{program}").text
    suspend(staged.house, program, "Rhea")
    (listed,) = twin(stranger, "/programs")["programs"]
    assert (listed["state"], listed["open"]) == ("suspended", 0)


def test_programs_are_paged_without_leaving_one_out(staged: Staged, stranger: TestClient) -> None:
    names = sorted(f"program-{number:02}" for number in range(30))
    for name in names:
        propose(staged.house, program_toml(name), "Kim")
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = stranger.get("/programs.json", params={"after": after}).json()
        seen += [it["id"] for it in page["programs"]]
        after = page["after"]
    assert seen == names


def test_a_training_set_tells_what_was_taken_back(
    staged: Staged, stranger: TestClient, tmp_path: Path
) -> None:
    program = add_program(staged.house)
    about = About(holder="Wren", program=program)
    grant(staged.house, about, RIVAL)
    built = build(staged.house, program, tmp_path / "set", by="Odd")
    name = built.described.id
    told = twin(stranger, f"/training-sets/{name}")["set"]
    assert (told["items"], told["taken_back"], told["erased"]) == (2, 0, 0)
    assert len(told["manifest"]) == 64
    withdraw(staged.house, about, RIVAL)
    (listed,) = twin(stranger, "/training-sets")["sets"]
    assert listed["taken_back"] == 2
    assert twin(stranger, f"/programs/{program}")["sets"][0]["id"] == name


def test_months_are_counted_and_small_choices_name_nobody(
    staged: Staged, stranger: TestClient
) -> None:
    choose(staged.house, "Wren", Preset.NO_AI)
    for _ in range(6):
        choose(staged.house, "Mara Fen", Preset.ASK)
    (month,) = twin(stranger, "/transparency")["months"]
    presets = {it["name"]: it["count"] for it in month["presets"]}
    assert presets == {"no-ai": None, "found-not-trained": 0, "ask-me": 6, "my-own-choice": 0}
    assert {it["name"]: it["count"] for it in month["counts"]}["recording"] == 3
    table = list(csv.DictReader(StringIO(stranger.get("/transparency.csv").text)))
    assert table[0]["recording"] == "3"
    assert table[0]["preset no-ai"] == "fewer than 5"


def test_who_left_is_not_counted_where_they_are_few(staged: Staged, stranger: TestClient) -> None:
    lio = staged.people["Lio"]
    account = Account(id=lio.account, name=lio.name)
    leave(staged.house, staged.site.logs, account, lio.name)
    told = twin(stranger, "/transparency")
    for counts in (told["totals"], told["months"][0]["counts"]):
        assert {it["name"]: it["count"] for it in counts}["erasure"] is None
    page = stranger.get("/transparency").text
    assert page.count("<dd>fewer than 5</dd>") == 2
    assert "name nobody" in page
    (row,) = csv.DictReader(StringIO(stranger.get("/transparency.csv").text))
    assert (row["erasure"], row["hold"], row["recording"]) == ("fewer than 5", "0", "3")


def test_the_log_is_shown_once_it_is_published(staged: Staged, stranger: TestClient) -> None:
    staged.site.logs.publish()
    told = twin(stranger, "/log")
    consent, index = told["logs"]
    assert consent["size"] == told["head"]
    assert told["waiting"] == 0
    assert index["name"] == "index"
    checkpoint = stranger.get("/log/consent/checkpoint").text.splitlines()
    assert checkpoint[:3] == [consent["origin"], str(consent["size"]), consent["root"]]
    assert consent["key"] in stranger.get("/log/policy").text
    choose(staged.house, "Wren", Preset.NO_AI)
    assert twin(stranger, "/log")["waiting"] == 1


@pytest.mark.parametrize("path", ["/programs/ghost", "/training-sets/s99"])
def test_what_is_not_there_is_said_not_to_be_there(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}.json").json()["ok"] is False
