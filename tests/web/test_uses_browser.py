"""In a real browser: a receipt is checked in the page, and a choice says what it would do there."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from assent.acts.say import About, choose, refuse
from assent.permission.presets import Preset
from assent.permission.uses import parse_uses
from assent.signin import sessions
from assent.web.app import platform_app
from assent.web.visit import COOKIE
from tests.web.conftest import Staged
from tests.web.served import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route


@pytest.fixture
def page(browser: "Browser", staged: Staged) -> Iterator["Page"]:
    """Give a page of Wren's, who has said something that is published."""
    choose(staged.house, "Wren", Preset.ASK)
    refuse(staged.house, About(holder="Wren"), parse_uses(["partner/recommend"]))
    staged.site.logs.publish()
    secret = sessions.begin(staged.house, staged.people["Wren"].account, "a test", "password")
    errors: list[str] = []
    with served(platform_app(staged.site)) as address:
        context = browser.new_context(base_url=address)
        context.set_default_timeout(30_000)
        context.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
        opened = context.new_page()
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
        context.close()
    assert not errors


def checked(page: "Page") -> str:
    """Press the button beside the newest statement; return the verdict."""
    page.goto("/ai/history")
    page.get_by_role("button", name="Check it in my browser").first.click()
    page.wait_for_selector(".verdict")
    return page.locator(".verdict").first.inner_text()


def test_a_receipt_is_checked_in_the_page(page: "Page") -> None:
    said = checked(page)
    assert said.startswith("It holds")
    assert "It is in the log, just as it is shown here." in said


def test_a_receipt_that_was_changed_does_not_hold(page: "Page") -> None:
    def change(route: "Route") -> None:
        answer = route.fetch()
        lines = answer.body().split(b"\n")
        extra = next(at for at, line in enumerate(lines) if line.startswith(b"extra "))
        lines[extra] = lines[extra][:60] + (b"A" if lines[extra][60:61] != b"A" else b"B")
        route.fulfill(response=answer, body=b"\n".join(lines))

    page.route("**/*.tlog-proof", change)
    said = checked(page)
    assert said.startswith("It does not hold")
    assert "Do not rely on this file." in said


def test_a_receipt_that_cannot_be_had_is_told_as_that(page: "Page") -> None:
    page.route("**/*.tlog-proof", lambda route: route.fulfill(status=503))
    assert "It could not be checked" in checked(page)


def test_a_choice_says_in_place_what_it_would_do(page: "Page") -> None:
    page.goto("/ai")
    page.locator("a[href='/ai/confirm?preset=no-ai']").focus()
    told = page.locator("section[aria-labelledby=presets] .ai-foresight .ai-told")
    told.wait_for()
    assert "The platform may no longer recommend it to listeners" in told.inner_text()
    page.locator("#all > summary").click()
    # the table's lines are shut at first
    page.locator("details.ai-row", has=page.locator("#use-platform-search")).locator(
        "summary"
    ).click()
    page.locator("#use-platform-search").check()
    page.locator("button[name=verb][value=refuse]").focus()
    told = page.locator("form.ai-table .ai-foresight .ai-told")
    told.wait_for()
    assert "The platform may no longer show it in search" in told.inner_text()
