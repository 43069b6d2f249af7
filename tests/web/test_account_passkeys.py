"""Passkeys in a real browser with a device of its own, and in one whose scripts are off."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from assent.signin import passkeys
from assent.signin.ceremony import Asker, start_proof
from assent.signin.credentials import change_password
from assent.signin.passkeys import Passkey
from assent.web.app import platform_app
from tests.signin.authenticator import Device
from tests.web.conftest import Staged
from tests.web.filling import fill, forms_of, plain
from tests.web.served import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PASSWORD = "seven quiet herons"
DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Here(NamedTuple):
    staged: Staged
    context: "BrowserContext"
    url: str
    troubles: list[str]


@pytest.fixture
def here(staged: Staged, browser: "Browser") -> Iterator[Here]:
    """Give a browser before the served site, in which Wren has a password."""
    change_password(staged.house, staged.people["Wren"].account, PASSWORD)
    with served(platform_app(staged.site)) as address:
        # passkeys are bound to a name, and an address is none
        url = staged.site.url = address.replace("127.0.0.1", "localhost")
        context = browser.new_context(base_url=url)
        context.set_default_timeout(20_000)
        troubles: list[str] = []
        yield Here(staged, context, url, troubles)
        context.close()
    assert troubles == []


def page_of(here: Here) -> "Page":
    page = here.context.new_page()
    page.on("pageerror", lambda error: here.troubles.append(str(error)))
    page.on(
        "console",
        lambda said: (
            here.troubles.append(said.text)
            if said.type == "error" and "the server responded" not in said.text
            else None
        ),
    )
    return page


def with_device(page: "Page", **more: object) -> tuple[Any, str]:
    """Give the page's browser a device; return how to speak of it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, **more}})
    return session, made["authenticatorId"]


def keys(here: Here) -> list[Passkey]:
    with here.staged.house.reading() as connection:
        return passkeys.passkeys_of(connection, here.staged.people["Wren"].account)


def sign_in(page: "Page") -> None:
    page.goto("/sign-in?next=/account/passkeys")
    page.get_by_label("Name").fill("Wren")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Your passkeys").wait_for()
    # what scripts of the page show is of this session, and of nobody's
    assert page.locator('meta[name="csrf"]').get_attribute("content")


def test_a_passkey_is_added_signs_in_is_named_and_removed(here: Here) -> None:
    page = page_of(here)
    session, device = with_device(page)
    sign_in(page)
    page.get_by_label("Name of this passkey").fill("my <phone>")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("can sign you in from now on").wait_for()
    assert [key.label for key in keys(here)] == ["my <phone>"]
    held = session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert len(held) == 1
    assert held[0]["isResidentCredential"]

    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out").wait_for()
    assert page.locator('meta[name="csrf"]').get_attribute("content") == ""
    page.goto("/sign-in?next=/account/listening")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Your listening").wait_for()
    page.get_by_text("Welcome back, Wren.").wait_for()
    assert keys(here)[0].used is not None

    page.goto("/account/passkeys")
    page.get_by_text("Change").first.click()
    page.get_by_label("Name of this passkey").first.fill("old phone")
    page.get_by_role("button", name="Rename").click()
    page.get_by_text("old phone").first.wait_for()
    page.get_by_text("Change").first.click()
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text("It can sign you in no longer").wait_for()
    assert keys(here) == []
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out").wait_for()
    page.goto("/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("this passkey is not known here").wait_for()


def test_a_passkey_shows_that_it_is_you(here: Here) -> None:
    page = page_of(here)
    with_device(page)
    sign_in(page)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("can sign you in from now on").wait_for()
    here.staged.clock.turn(minutes=11)
    page.goto("/account/tokens")
    assert page.get_by_role("button", name="Make it").count() == 0
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Make it").wait_for()


def test_a_device_that_did_not_look_who_it_was_is_not_believed(here: Here) -> None:
    page = page_of(here)
    with_device(page, isUserVerified=False)
    sign_in(page)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("Nothing came of it").wait_for()
    assert page.get_by_role("button", name="Add a passkey").is_enabled()
    assert keys(here) == []


def test_one_device_holds_one_passkey_of_an_account(here: Here) -> None:
    page = page_of(here)
    with_device(page)
    sign_in(page)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("can sign you in from now on").wait_for()
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("has a passkey for this account already").wait_for()
    assert len(keys(here)) == 1


def test_a_copied_passkey_is_found_out(here: Here) -> None:
    page = page_of(here)
    session, device = with_device(page)
    sign_in(page)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("can sign you in from now on").wait_for()
    [held] = session.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    for _ in range(2):
        page.goto("/sign-in?next=/account")
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_text("Welcome back, Wren.").wait_for()
    session.send("WebAuthn.clearCredentials", {"authenticatorId": device})
    session.send(
        "WebAuthn.addCredential",
        {"authenticatorId": device, "credential": {**held, "signCount": 0}},
    )
    page.goto("/sign-in?next=/account")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("what the device answered does not hold").wait_for()


def test_without_scripts_the_page_says_what_needs_them_and_all_else_works(
    staged: Staged, browser: "Browser"
) -> None:
    with served(platform_app(staged.site)) as url:
        context = browser.new_context(base_url=url, java_script_enabled=False)
        page = context.new_page()
        page.goto("/sign-in")
        assert page.get_by_text("Passkeys need JavaScript").is_visible()
        assert not page.get_by_role("button", name="Use a passkey").is_visible()
        assert page.get_by_role("button", name="Sign in", exact=True).is_visible()
        context.close()


# The same pages, with a device in software: what the browser sends is all that counts.


def test_what_the_form_sends_is_what_the_page_takes(staged: Staged) -> None:
    wren, device = staged.client("Wren"), Device()
    account = staged.people["Wren"].account
    csrf = next(
        it.fields["csrf"]
        for it in forms_of(wren.get("/account/passkeys").text)
        if it.action == "/account/passkeys/add"
    )
    begun = wren.post("/api/account/passkeys/begin", headers={"x-csrf": str(csrf)})
    credential = device.create(begun.json()["options"])
    typed = {"credential": credential, "label": "a key"}
    add = "/account/passkeys/add"
    assert fill(wren, "/account/passkeys", add, typed).status_code == 303
    again = fill(wren, "/account/passkeys", add, typed)
    assert (again.status_code, "answered before" in plain(again.text)) == (403, True)
    shown = device.get(start_proof(staged.house, Asker(url=staged.site.url)))
    fresh = staged.client()
    sent = fill(fresh, "/sign-in?next=/library", "/sign-in/passkey", {"credential": shown})
    assert (sent.status_code, sent.headers["location"]) == (303, "/library")
    assert fresh.get("/account.json").json()["name"] == "Wren"
    [session] = [it for it in fresh.get("/account/sessions.json").json()["sessions"] if it["here"]]
    assert session["way"] == "passkey"
    with staged.house.reading() as connection:
        assert len(passkeys.passkeys_of(connection, account)) == 1


def test_nonsense_for_a_credential_is_one_sentence(staged: Staged) -> None:
    for nonsense in ("", "{}", "null", "[" * 2000, '{"id": 1}'):
        answer = fill(staged.client(), "/sign-in", "/sign-in/passkey", {"credential": nonsense})
        assert answer.status_code == 422
        assert "cannot be read" in plain(answer.text)
