"""Whoever runs the platform: how it stands, and terms that are looked at before anybody is told."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from assent.acts.publish import DEFAULT_TERMS
from assent.catalogue.events import head
from tests.web.conftest import Staged, submit

WIDER = DEFAULT_TERMS.replace('id = "assent-terms-1"', 'id = "assent-terms-2"').replace(
    'status = "opt_out"', 'status = "granted"'
)
TIGHTER = DEFAULT_TERMS.replace('id = "assent-terms-1"', 'id = "assent-terms-3"').replace(
    'status = "opt_out"', 'status = "opt_in"'
)


@pytest.fixture
def odd(staged: Staged) -> TestClient:
    return staged.client("Odd")


def state(client: TestClient) -> Any:
    page = client.get("/operator")
    assert page.status_code == 200, page.text
    assert page.text.count("<h1") == 1
    return client.get("/operator.json").json()


def events_of(staged: Staged) -> int:
    with staged.house.reading() as connection:
        return head(connection)


def test_the_operator_sees_how_it_stands_and_an_auditor_reads_it(
    staged: Staged, odd: TestClient
) -> None:
    told = state(odd)
    assert (told["head"], told["published"]) == (events_of(staged), 0)
    assert told["terms"] == "assent-terms-1"
    staged.site.logs.publish()
    assert state(odd)["waiting"] == 0
    assert state(staged.client("Auri"))["may_change"] is False
    for name in ("Rhea", "Wren", "Lio"):
        assert staged.client(name).get("/operator").status_code == 403


def test_wider_terms_are_looked_at_announced_and_put_in_force(
    staged: Staged, odd: TestClient
) -> None:
    before = events_of(staged)
    looked = submit(odd, "/operator/terms", toml=WIDER, channels="mail")
    assert looked.status_code == 303
    there = looked.headers["location"]
    assert events_of(staged) == before
    seen = odd.get(f"{there}.json").json()
    assert seen["waits"] is True
    assert seen["told"] == 2
    assert "platform/search" in {it["name"] for it in seen["takes"]}
    page = odd.get(there)
    assert page.text.count("<h1") == 1
    assert "Announce it" in page.text
    assert submit(odd, f"{there}/publish").headers["location"] == "/operator"
    draft = state(odd)["draft"]
    assert draft["id"] == "assent-terms-2"
    assert "until then their notice runs" in draft["objection"]
    refused = submit(odd, "/operator/drafts/assent-terms-2/put")
    assert refused.status_code == 403
    staged.clock.at += timedelta(days=60)
    odd = staged.client("Odd")
    assert submit(odd, "/operator/drafts/assent-terms-2/put").status_code == 303
    assert state(odd)["terms"] == "assent-terms-2"
    audit = odd.get("/audit.json").json()["acts"]
    assert [it["kind"] for it in audit[:2]] == ["terms.publish", "terms.draft"]


def test_tighter_terms_are_in_force_at_once(odd: TestClient) -> None:
    there = submit(odd, "/operator/terms", toml=TIGHTER).headers["location"]
    seen = odd.get(f"{there}.json").json()
    assert (seen["waits"], seen["would_open"]) == (False, 0)
    submit(odd, f"{there}/publish")
    assert state(odd)["terms"] == "assent-terms-3"


def test_a_draft_is_withdrawn(odd: TestClient) -> None:
    there = submit(odd, "/operator/terms", toml=WIDER, channels="mail").headers["location"]
    submit(odd, f"{there}/publish")
    assert submit(odd, "/operator/drafts/assent-terms-2/withdraw").status_code == 303
    told = state(odd)
    assert (told["draft"], told["terms"]) == (None, "assent-terms-1")


def test_terms_that_break_a_rule_are_shown_again_with_the_line(
    staged: Staged, odd: TestClient
) -> None:
    before = events_of(staged)
    answer = submit(odd, "/operator/terms", toml=WIDER + '\nnonsense = "x"\n')
    assert answer.status_code == 422
    assert "line " in answer.text
    assert "nonsense" in answer.text
    past = submit(odd, "/operator/terms", toml=WIDER, in_force="2020-01-01")
    assert past.status_code == 422
    assert "past" in past.text
    assert events_of(staged) == before


def test_what_one_operator_put_aside_no_other_finds(staged: Staged, odd: TestClient) -> None:
    there = submit(odd, "/operator/terms", toml=WIDER, channels="mail").headers["location"]
    assert staged.client("Rhea").get(there).status_code == 403
    staged.clock.at += timedelta(hours=2)
    assert odd.get(there).status_code == 404
