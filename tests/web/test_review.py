"""The review desk: who decides, what is shown, and that every act is told in the audit."""

import csv
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from assent.acts.claims import Plea, Says, make_claim
from assent.acts.copies import Found, Suspicion, suspect
from assent.acts.hold import hold
from assent.acts.programs import propose
from assent.acts.say import choose
from assent.catalogue import tables
from assent.catalogue.events import head
from assent.catalogue.words import stored_words
from assent.gate.snapshot import recording_number
from assent.identity.match import Kind, Match
from assent.identity.proof import Finding, Proof
from assent.identity.sighting import Sighting, evidence
from assent.log.leaf import erased_author
from assent.permission.presets import Preset
from assent.web.authors import author
from tests.houses import RIVAL, add, add_program, program_toml
from tests.web.conftest import Staged, submit

PAGES = (
    "/review",
    "/review/programs",
    "/review/holds",
    "/review/watched",
    "/audit",
)


def twin(client: TestClient, path: str) -> Any:
    page = client.get(path)
    assert page.status_code == 200, page.text
    assert page.text.count("<h1") == 1
    answer = client.get(f"{path}.json")
    assert answer.status_code == 200, answer.text
    return answer.json()


def events_of(staged: Staged) -> int:
    with staged.house.reading() as connection:
        return head(connection)


def suspected(staged: Staged) -> tuple[str, str]:
    """Have the machine find that a recording of Mara Fen is made of one of Wren's."""
    (copy,), original = staged.recordings["Mara Fen"], staged.recordings["Wren"][0]
    match = Match(
        recording=recording_number(original),
        kind=Kind.SAME,
        start_s=0.0,
        end_s=0.4,
        original_start_s=0.1,
        original_end_s=0.5,
        tempo=1.0,
        semitones=0.0,
        votes=40,
        chance=1e-30,
        repeated=0.0,
    )
    proof = Proof(
        finding=Finding.SAME, together=1.0, on_line=1.0, on_curve=1.0, likeness=1.0, by_chance=0.1
    )
    seen = evidence([Sighting(match=match, proof=proof)])
    with staged.house.act("house") as act:
        suspect(act, copy, [Suspicion(original=original, found=Found.FINGERPRINT, evidence=seen)])
    return copy, original


@pytest.mark.parametrize("path", PAGES)
def test_the_staff_reads_the_desk_and_nobody_else(staged: Staged, path: str) -> None:
    for name in ("Rhea", "Odd", "Auri"):
        twin(staged.client(name), path)
    for name in ("Wren", "Lio", "Quiet Harbour"):
        assert staged.client(name).get(path).status_code == 403
        assert staged.client(name).get(f"{path}.json").status_code == 403
    stranger = staged.client().get(path)
    assert stranger.status_code == 303
    assert stranger.headers["location"].startswith("/sign-in")


def test_whoever_proposed_a_program_cannot_approve_it(staged: Staged) -> None:
    rhea, odd = staged.client("Rhea"), staged.client("Odd")
    toml = program_toml("quiet-tagger")
    answer = submit(rhea, "/review/propose", toml=toml)
    assert answer.status_code == 303
    page = "/review/programs/quiet-tagger"
    assert answer.headers["location"] == page
    assert twin(rhea, page)["is_mine"] is True
    assert f"{page}/approve" not in rhea.get(page).text
    refused = submit(rhea, f"{page}/approve")
    assert refused.status_code == 403
    assert "somebody else must approve it" in refused.text
    assert twin(odd, page)["program"]["state"] == "waits for approval"
    assert submit(odd, f"{page}/approve").status_code == 303
    told = twin(odd, page)
    assert (told["program"]["state"], told["approved_by"]) == ("live", "Odd")


def test_a_program_file_that_breaks_a_rule_is_shown_again_with_what_is_wrong(
    staged: Staged,
) -> None:
    rhea = staged.client("Rhea")
    answer = submit(rhea, "/review/propose", toml='id = "half"\nowner = "Nobody')
    assert answer.status_code == 422
    assert "owner = &#34;Nobody" in answer.text
    assert "Nothing was changed" in answer.text
    unsaid = submit(rhea, "/review/propose", toml='id = "half"\nactor = "group"')
    assert "owner" in unsaid.text


def test_a_program_is_stopped_goes_on_and_ends_each_with_its_cause(staged: Staged) -> None:
    program = add_program(staged.house)
    page, rhea = f"/review/programs/{program}", staged.client("Rhea")
    for action, state in (("suspend", "suspended"), ("resume", "live"), ("end", "ended")):
        answer = submit(rhea, f"{page}/{action}", cause=f"because of {action}")
        assert answer.status_code == 303
        assert twin(rhea, page)["program"]["state"] == state
    causes = [it["cause"] for it in twin(rhea, "/audit")["acts"]]
    assert causes[:3] == ["because of end", "because of resume", "because of suspend"]


def test_a_program_asks_and_takes_its_request_back(staged: Staged) -> None:
    program = add_program(staged.house)
    choose(staged.house, "Wren", Preset.ASK)
    page, rhea = f"/review/programs/{program}", staged.client("Rhea")
    fields = {"words": "May we train on your music?", "pays": "a share", "until": "2031-06-01"}
    assert submit(rhea, f"{page}/ask", **fields).status_code == 303
    (request,) = twin(rhea, page)["requests"]
    assert request["until"].startswith("2031-06-01T00:00")
    assert request["stands"] is True
    number = request["request"]
    assert submit(rhea, f"{page}/asked/{number + 1}/withdraw").status_code == 404
    assert submit(rhea, f"{page}/asked/{number}/withdraw").status_code == 303
    assert twin(rhea, page)["requests"][0]["stands"] is False


def test_an_auditor_changes_nothing(staged: Staged) -> None:
    copy, original = suspected(staged)
    propose(staged.house, program_toml("quiet-tagger"), "Kim")
    number = hold(staged.house, original, RIVAL, "a dispute", "Odd").number
    auri, before = staged.client("Auri"), events_of(staged)
    case = f"/review/cases/{copy}/{original}"
    program = "/review/programs/quiet-tagger"
    for action, fields in (
        (f"{case}/decide", {"state": "rejected", "cause": "no"}),
        ("/review/watched/clear", {"account": "Mara Fen", "cause": "no"}),
        ("/review/holds/set", {"recording": copy, "what": "everything", "cause": "no"}),
        (f"/review/holds/{number}/release", {"cause": "no"}),
        ("/review/propose", {"toml": program_toml("another")}),
        (f"{program}/approve", {}),
        (f"{program}/suspend", {}),
        (f"{program}/resume", {}),
        (f"{program}/end", {}),
        (f"{program}/ask", {"words": "please"}),
        (f"{program}/asked/1/withdraw", {}),
    ):
        assert submit(auri, action, **fields).status_code == 403, action
        called = auri.post(f"/api{action}", json=fields, headers={"x-csrf": "x"})
        assert called.status_code == 403, action
    assert events_of(staged) == before
    for page in (case, program, "/review", "/review/holds"):
        shown = auri.get(page)
        assert shown.status_code == 200
        assert 'method="post"' not in shown.text, page


def test_a_case_is_shown_with_both_recordings_and_decided(staged: Staged) -> None:
    copy, original = suspected(staged)
    rhea, case = staged.client("Rhea"), f"/review/cases/{copy}/{original}"
    (line,) = twin(rhea, "/review")["cases"]
    assert (line["recording"], line["original"], line["state"]) == (copy, original, "suspected")
    told = twin(rhea, case)
    assert told["recording"]["brought_by"] == "Mara Fen"
    assert told["original"]["holders"] == ["Wren"]
    for side, name in (("recording", copy), ("original", original)):
        assert told[side]["player"]["sources"][0]["url"].startswith(f"/r/{name}/audio?k=")
        assert rhea.get(told[side]["player"]["sources"][0]["url"]).status_code == 200
    auri = twin(staged.client("Auri"), case)
    assert auri["recording"]["player"] is None
    picture = rhea.get(told["picture"])
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "script" not in picture.text
    answer = submit(rhea, f"{case}/decide", state="confirmed", cause="the samples agree")
    assert answer.status_code == 303
    told = twin(rhea, case)
    assert (told["case"]["state"], told["case"]["decided_by"]) == ("confirmed", "Rhea")
    assert twin(rhea, "/review")["cases"] == []
    everything = rhea.get("/review.json?everything=true").json()["cases"]
    assert everything[0]["cause"] == "the samples agree"
    assert twin(rhea, "/audit")["acts"][0]["kind"] == "copy.decide"


def test_a_decision_without_a_cause_changes_nothing(staged: Staged) -> None:
    copy, original = suspected(staged)
    rhea, case = staged.client("Rhea"), f"/review/cases/{copy}/{original}"
    before = events_of(staged)
    answer = submit(rhea, f"{case}/decide", state="rejected", cause="  ")
    assert answer.status_code == 422
    assert "needs a cause" in answer.text
    assert submit(rhea, f"{case}/decide", state="suspected", cause="x").status_code == 422
    assert submit(rhea, f"{case}/decide", state="nonsense", cause="x").status_code == 422
    assert events_of(staged) == before


def test_nothing_is_decided_against_whoever_may_still_answer(staged: Staged) -> None:
    copy, original = suspected(staged)
    plea = Plea(words="I made the melody first.")
    make_claim(staged.house, "Wren", (original, copy), Says.MINE, plea)
    rhea, case = staged.client("Rhea"), f"/review/cases/{copy}/{original}"
    (claim,) = twin(rhea, case)["claims"]
    assert (claim["name"], claim["state"]) == ("Wren", "open")
    assert "I made the melody first." in rhea.get(case).text
    refused = submit(rhea, f"{case}/decide", state="confirmed", cause="clear")
    assert refused.status_code == 403
    assert "may answer the claim" in refused.text
    staged.clock.at += timedelta(days=15)
    rhea = staged.client("Rhea")
    assert submit(rhea, f"{case}/decide", state="confirmed", cause="clear").status_code == 303


def test_a_hold_is_set_and_released_with_a_cause(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    rhea, page = staged.client("Rhea"), "/review/holds"

    def word() -> int:
        with staged.house.reading() as connection:
            number = recording_number(recording)
            return stored_words(connection, [number], None)[number]

    open_before = word()
    fields = {"recording": recording, "what": "everything", "cause": "a court order"}
    assert submit(rhea, f"{page}/set", **fields).status_code == 303
    assert word() == 0
    (told,) = twin(rhea, page)["holds"]
    assert (told["by"], told["cause"], told["everything"]) == ("Rhea", "a court order", True)
    release = f"{page}/{told['hold']}/release"
    assert submit(rhea, release, cause="").status_code == 422
    assert submit(rhea, release, cause="it was lifted").status_code == 303
    assert word() == open_before
    assert twin(rhea, page)["holds"] == []
    audit = twin(rhea, "/audit")["acts"]
    assert [(it["kind"], it["cause"]) for it in audit[:2]] == [
        ("hold.lift", "it was lifted"),
        ("hold", "a court order"),
    ]


def test_only_named_uses_are_held_where_they_are_named(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    rhea, page = staged.client("Rhea"), "/review/holds"
    fields = {"recording": recording, "what": "these", "cause": "a dispute"}
    for uses in ("", "nobody/nothing"):
        assert submit(rhea, f"{page}/set", **fields, uses=uses).status_code == 422
    told = submit(rhea, f"{page}/set", **fields, uses="platform/search partner/train-*")
    assert told.status_code == 303
    (line,) = twin(rhea, page)["holds"]
    assert "platform/search" in line["uses"]
    assert "partner/train-rival" in line["uses"]
    elsewhere = {**fields, "recording": "r99", "uses": "platform/search"}
    assert submit(rhea, f"{page}/set", **elsewhere).status_code == 404


def test_a_watched_account_is_cleared_by_somebody_else(staged: Staged, tmp_path: Path) -> None:
    original = staged.recordings["Wren"][0]
    copies = [add(staged.house, tmp_path, "Mara Fen") for _ in range(5)]
    for copy in copies:
        with staged.house.act("house") as act:
            suspect(act, copy, [Suspicion(original=original, found=Found.PERSON)])
    rhea, page = staged.client("Rhea"), "/review/watched"
    (told,) = twin(rhea, page)["accounts"]
    assert (told["name"], told["brought"], told["cases"]) == ("Mara Fen", 6, 5)
    # what the machine did by itself is no act of staff
    assert [it for it in twin(rhea, "/audit")["acts"] if it["kind"] == "hold"] == []
    answer = submit(rhea, f"{page}/clear", account="Mara Fen", cause="a mistake of ours")
    assert answer.status_code == 303
    assert twin(rhea, page)["accounts"] == []


def test_the_audit_is_filtered_paged_and_a_table(staged: Staged) -> None:
    recording = staged.recordings["Wren"][0]
    for number in range(60):
        hold(staged.house, recording, RIVAL, f"cause {number}", "Odd" if number % 2 else "Rhea")
    auri = staged.client("Auri")
    seen: list[str] = []
    before: int | None = 1 << 50
    while before is not None:
        query = {"by": "odd", "kind": "hold", "before": str(before)}
        page = auri.get("/audit.json", params=query).json()
        seen += [it["cause"] for it in page["acts"]]
        before = page["before"]
    assert seen == [f"cause {number}" for number in range(59, 0, -2)]
    table = list(csv.DictReader(StringIO(auri.get("/audit.csv?kind=hold").text)))
    assert len(table) == 60
    assert auri.get("/audit?kind=nonsense").status_code == 422


def test_every_act_of_staff_has_its_receipt(staged: Staged) -> None:
    number = hold(staged.house, staged.recordings["Wren"][0], RIVAL, "a dispute", "Odd").number
    auri = staged.client("Auri")
    assert twin(auri, "/audit")["acts"][0]["receipt"] == ""
    assert auri.get(f"/audit/{number}/receipt").status_code == 404
    staged.site.logs.publish()
    there = twin(auri, "/audit")["acts"][0]["receipt"]
    proof = auri.get(there)
    assert proof.content.startswith(b"c2sp.org/tlog-proof@v1")
    # what is no act of staff has its receipt elsewhere, for whom it is about
    with staged.house.reading() as connection:
        upload = connection.execute(tables.recordings.select()).first()
    assert upload is not None
    assert auri.get(f"/audit/{upload.event}/receipt").status_code == 404
    assert staged.client("Wren").get(there).status_code == 403


def test_who_was_erased_is_not_named() -> None:
    assert author("Rhea") == "Rhea"
    assert author(erased_author(b"x" * 32, "Rhea")) == "somebody who was erased"
