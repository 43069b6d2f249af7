"""The terms for everybody: in force, left open, compared, announced."""

import tomllib

import pytest
from starlette.testclient import TestClient

from assent.acts.publish import DEFAULT_TERMS, make_agreement, publish_terms
from assent.terms.shipped import SHIPPED
from assent.terms.swatch import DARK
from assent.web.rendering import style
from tests.houses import agreement_toml
from tests.web.conftest import Staged


def titles(page: str) -> int:
    return page.count("<h1")


@pytest.fixture
def stranger(staged: Staged) -> TestClient:
    return staged.client()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_wording_has_its_pages(stranger: TestClient, name: str) -> None:
    for path in (f"/terms/{name}", f"/terms/{name}/open"):
        page = stranger.get(path)
        assert page.status_code == 200
        assert titles(page.text) == 1
        assert stranger.get(f"{path}.json").json()["id"] == name
    left_open = stranger.get(f"/terms/{name}/open.json").json()["report"]["open"]["own"]
    assert left_open == stranger.get(f"/terms/{name}.json").json()["open_own"]
    source = stranger.get(f"/terms/{name}.toml")
    assert tomllib.loads(source.text)["id"] == name


def test_the_terms_in_force_are_told_with_what_they_leave_open(stranger: TestClient) -> None:
    page = stranger.get("/terms")
    assert page.status_code == 200
    assert titles(page.text) == 1
    twin = stranger.get("/terms.json").json()
    assert twin["current"] == "assent-terms-1"
    for opening in twin["report"]["openings"]:
        assert opening["sentence"][:40] in page.text
    assert "soundcloud-2024-02" in {it["id"] for it in twin["others"]}
    # the picture brings its own style, which the policy lets in by its nonce alone
    nonce = page.headers["content-security-policy"].split("'nonce-", 1)[1].split("'", 1)[0]
    assert f'<style nonce="{nonce}">' in page.text
    assert "<style>" not in page.text


def test_the_picture_is_dark_on_dark_screens_also_where_its_own_style_is_kept_out() -> None:
    sheet = style()
    for look, colour in DARK.items():
        assert f".terms svg .assent-fill-{look} {{ fill: {colour}; }}" in sheet


def test_two_wordings_are_compared(stranger: TestClient) -> None:
    there = "/terms/compare?a=soundcloud-2024-02&b=soundcloud-2025-05"
    page = stranger.get(there)
    assert page.status_code == 200
    assert titles(page.text) == 1
    twin = stranger.get(there.replace("compare?", "compare.json?")).json()
    assert twin["report"]["before"]["id"] == "soundcloud-2024-02"
    assert twin["report"]["closed"]


def test_without_a_choice_the_page_asks_for_one(stranger: TestClient) -> None:
    page = stranger.get("/terms/compare")
    assert page.status_code == 200
    assert '<select id="a"' in page.text
    assert stranger.get("/terms/compare.json").json()["report"] is None


def test_a_draft_is_announced_with_its_day(staged: Staged, stranger: TestClient) -> None:
    wider = DEFAULT_TERMS.replace('id = "assent-terms-1"', 'id = "assent-terms-2"').replace(
        'status = "opt_out"', 'status = "granted"'
    )
    event = publish_terms(staged.house, wider, "Odd")
    assert event.kind == "terms.draft"
    twin = stranger.get("/terms.json").json()
    (draft,) = [it for it in twin["versions"] if it["state"] == "draft"]
    assert draft["id"] == "assent-terms-2"
    assert draft["in_force"] == event.body["in_force"]
    assert "in force from" in stranger.get("/terms").text
    steps = stranger.get("/terms/assent-terms-2.json").json()["history"]
    assert any("told" in it["words"] for it in steps)


@pytest.mark.parametrize(
    "path",
    [
        "/terms/nothing",
        "/terms/nothing.json",
        "/terms/nothing.toml",
        "/terms/nothing/open",
        "/terms/compare?a=nothing&b=assent-terms-1",
    ],
)
def test_a_wording_that_is_not_there_is_said_to_be_none(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 404


def test_an_agreement_is_nobody_elses_to_read(staged: Staged, stranger: TestClient) -> None:

    make_agreement(staged.house, agreement_toml("harbour-1", "Quiet Harbour"), "Odd")
    assert stranger.get("/terms/harbour-1").status_code == 404
    assert stranger.get("/terms/harbour-1.toml").status_code == 404
