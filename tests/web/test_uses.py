"""Who used my music: every use and set that is mine, nothing of others, with proof of each."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import update

from assent.acts.count_uses import count_uses
from assent.acts.say import About, grant, withdraw
from assent.catalogue import tables
from assent.log.receipt import Verdict, check_receipt
from assent.training.build import build
from tests.houses import RIVAL, add_program
from tests.web.conftest import Staged


@pytest.fixture
def used(staged: Staged) -> Staged:
    """Give a site on which a program has opened a recording of Wren's and one of Mara Fen's."""
    house = staged.house
    add_program(house)
    for name in ("Wren", "Mara Fen"):
        grant(house, About(holder=name, program="rival-train"), RIVAL)
    token = house.gate.token("rival-train")
    for name in ("Wren", "Mara Fen"):
        for _ in range(2):
            house.gate.open(token, staged.recordings[name][0]).close()
    staged.clock.turn(hours=2)
    count_uses(house)
    return staged


@pytest.fixture
def published(used: Staged) -> Staged:
    used.site.logs.publish()
    return used


def test_each_sees_the_uses_of_their_own_recordings_alone(used: Staged) -> None:
    for name in ("Wren", "Mara Fen"):
        page = used.client(name).get("/uses.json").json()
        assert [(it["recording"], it["program"], it["times"]) for it in page["uses"]] == [
            (used.recordings[name][0], "rival-train", 2)
        ]
        assert [(it["program"], it["times"]) for it in page["totals"]] == [("rival-train", 2)]
    assert used.client("Lio").get("/uses.json").json()["uses"] == []
    assert used.client().get("/uses").status_code == 303


def test_uses_can_be_narrowed_to_days_and_programs(used: Staged) -> None:
    client = used.client("Wren")
    day = client.get("/uses.json").json()["uses"][0]["day"]
    for query, found in (
        (f"since={day}&until={day}", 1),
        ("since=2031-12-01", 0),
        ("until=2031-02-01", 0),
        ("program=rival-train", 1),
        ("program=another", 0),
        (f"recording={used.recordings['Mara Fen'][0]}", 0),
    ):
        assert len(client.get(f"/uses.json?{query}").json()["uses"]) == found, query
    assert client.get("/uses?since=yesterday").status_code == 422


def test_the_table_to_download_says_the_same(used: Staged) -> None:
    client = used.client("Wren")
    answer = client.get("/uses.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(StringIO(answer.text))
    (shown,) = client.get("/uses.json").json()["uses"]
    assert {name: str(shown[name]) for name in row} == row


def test_a_receipt_of_a_use_holds_and_shows_nothing_of_others(published: Staged) -> None:
    client = published.client("Wren")
    (use,) = client.get("/uses.json").json()["uses"]
    answer = client.get(use["receipt"])
    assert answer.status_code == 200
    policy = published.site.logs.policy()
    found = check_receipt(answer.content, policy, at=published.clock.at)
    # nobody but the platform has seen this log, and the policy asks for nobody
    assert found.verdict is Verdict.VALID
    shown = str(found.shown)
    assert published.recordings["Wren"][0] in shown
    assert published.recordings["Mara Fen"][0] not in shown


def test_the_receipt_of_what_is_not_mine_is_not_there_for_me(published: Staged) -> None:
    event = grant(published.house, About(holder="Wren"), RIVAL, all_programs=True).number
    published.site.logs.publish()
    assert published.client("Wren").get(f"/receipts/{event}.tlog-proof").status_code == 200
    assert published.client("Mara Fen").get(f"/receipts/{event}.tlog-proof").status_code == 404
    assert published.client().get(f"/receipts/{event}.tlog-proof").status_code == 303
    assert published.client("Wren").get("/receipts/999999.tlog-proof").status_code == 404


def test_what_is_not_published_yet_has_no_receipt_and_says_so(used: Staged) -> None:
    client = used.client("Wren")
    (use,) = client.get("/uses.json").json()["uses"]
    assert use["receipt"] == ""
    answer = client.get(f"/receipts/{use['event']}.tlog-proof")
    assert answer.status_code == 404
    assert "once the log is published" in client.get("/uses").text


def test_a_training_set_says_which_of_mine_are_in_it_and_which_i_took_back(
    used: Staged, tmp_path: Path
) -> None:
    built = build(used.house, "rival-train", tmp_path / "set", by="Kim")
    used.site.logs.publish()
    client = used.client("Wren")
    (it,) = client.get("/uses.json").json()["sets"]
    assert (it["program"], it["count"], it["taken_back"]) == ("rival-train", 2, 0)
    withdraw(used.house, About(holder="Wren", program="rival-train"), RIVAL)
    (it,) = client.get("/uses.json").json()["sets"]
    assert it["taken_back"] == 2
    assert "taken back since" in client.get("/uses").text
    proof = client.get(it["recordings"][0]["proof"])
    found = check_receipt(proof.content, used.site.logs.policy(), at=used.clock.at)
    assert found.claim is not None
    assert (found.claim.kind, found.claim.recording) == ("member", used.recordings["Wren"][0])
    theirs = f"/proofs/{it['training_set']}/{used.recordings['Mara Fen'][0]}.tlog-proof"
    assert client.get(theirs).status_code == 404
    assert built is not None


def test_what_a_withdrawal_takes_out_of_a_set_is_told_before_it_is_said(
    used: Staged, tmp_path: Path
) -> None:
    build(used.house, "rival-train", tmp_path / "set", by="Kim")
    client = used.client("Wren")
    told = client.get("/ai/confirm.json?verb=take-back&program=rival-train").json()["foresight"]
    (it,) = told["sets"]
    assert (it["recordings"], it["days"]) == (2, 365)
    assert any(
        "2 recordings leave the training set" in line["text"] and "within 365 days" in line["text"]
        for line in told["told"]
    )


def test_the_page_that_checks_files_is_whole_and_says_whom_it_trusts(published: Staged) -> None:
    page = published.client().get("/verify")
    assert page.status_code == 200
    assert "Does this file hold?" in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    trust = published.client().get("/verify/trust.json").json()
    assert trust["sentences"]["ok"].startswith("It is in the log")


def test_before_anything_is_published_nothing_can_be_checked(staged: Staged) -> None:
    assert staged.client().get("/verify").status_code == 404
    assert staged.client("Wren").get("/uses").status_code == 200


def test_a_title_is_no_formula_in_a_spreadsheet(used: Staged) -> None:
    with used.house.writing() as connection:
        table = tables.recordings
        mine = table.c.id == used.recordings["Wren"][0]
        connection.execute(update(table).where(mine).values(title="=1+1"))
    (row,) = csv.DictReader(StringIO(used.client("Wren").get("/uses.csv").text))
    assert row["title"] == "'=1+1"
