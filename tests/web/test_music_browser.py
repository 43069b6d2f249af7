"""What scripts add to the pages of music, in a real browser; without them all works as well."""

from typing import TYPE_CHECKING

from tests.browser.browsing import Street
from tests.browser.world import LISTENER

if TYPE_CHECKING:
    from playwright.sync_api import Page


def opened(there: Street, name: str = "", *, scripts: bool = True) -> "Page":
    page = there.person(name, scripts=scripts)
    page.goto(f"/r/{there.world.things['recording']}")
    if scripts:  # before that, what they add is a link or a form as any other
        page.wait_for_selector("html.mounted", state="attached")
    return page


def test_a_click_on_the_time_of_a_comment_plays_from_there(there: Street) -> None:
    page = opened(there, LISTENER)
    page.wait_for_selector(".player-play")
    link = page.locator("[data-at-ms]").last
    at_s = int(link.get_attribute("data-at-ms") or 0) / 1_000
    link.click()
    page.wait_for_function(f"document.querySelector('audio').currentTime >= {at_s}")
    assert "?t=" not in page.url
    assert not there.troubles
    there.leave()


def test_a_comment_begins_at_the_moment_that_is_heard(there: Street) -> None:
    page = opened(there, LISTENER)
    page.wait_for_selector(".player-play")
    assert page.locator("#comment-at").input_value() == "0:00"
    page.locator("[data-at-ms]").last.click()
    page.wait_for_function("document.querySelector('audio').currentTime > 1.1")
    page.locator("#comment-words").focus()
    assert page.locator("#comment-at").input_value() != "0:00"
    page.locator("#comment-at").fill("0:01")
    page.locator("#comment-words").fill("<b>here</b> שלום")
    page.get_by_role("button", name="Say it").click()
    page.get_by_text("<b>here</b> שלום").wait_for()
    assert not there.troubles
    there.leave()


def test_an_address_is_copied(there: Street) -> None:
    page = opened(there)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_text("Share it").click()
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_text("Copied.").wait_for()
    there.leave()


def test_a_listener_without_scripts_likes_lists_and_says(there: Street) -> None:
    page = opened(there, LISTENER, scripts=False)
    page.locator("#comment-words").fill("Said without any script")
    page.get_by_role("button", name="Say it").click()
    assert page.get_by_text("Said without any script").count() == 1
    page.get_by_text("Put it on a playlist").click()
    page.locator("#new-playlist").fill("Plain")
    page.get_by_role("button", name="Put it there").click()
    assert page.locator("h1").inner_text() == "Plain"
    assert page.locator(".track-title").count() == 1
    page.get_by_role("button", name="Take off").click()
    assert page.get_by_text("Nothing is on it yet").count() == 1
    there.leave()
