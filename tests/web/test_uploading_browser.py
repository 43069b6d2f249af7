"""Files on their way from a real browser: with their progress, over connections that break."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from assent.catalogue import tables
from assent.signin import sessions
from assent.studio import uploads
from assent.web.app import platform_app
from assent.web.visit import COOKIE
from tests.houses import write_wav
from tests.web.conftest import Staged
from tests.web.served import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route


@pytest.fixture
def page(browser: "Browser", staged: Staged) -> Iterator["Page"]:
    """Give Wren's page for bringing music here."""
    secret = sessions.begin(staged.house, staged.people["Wren"].account, "a test", "password")
    with served(platform_app(staged.site)) as url:
        context = browser.new_context(base_url=url, viewport={"width": 390, "height": 844})
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": COOKIE, "value": secret, "url": url}])
        opened = context.new_page()
        opened.on("pageerror", lambda error: pytest.fail(str(error)))
        opened.on("console", complain)
        opened.goto("/studio/upload")
        opened.locator("html.scripted").wait_for(state="attached")
        yield opened
        context.close()


def complain(message: Any) -> None:
    assert "Content Security Policy" not in message.text, message.text


def choose(page: "Page", *paths: Path) -> None:
    page.set_input_files("#files", paths)


def wait(page: "Page", text: str, where: str = "[data-files]") -> None:
    page.locator(where).get_by_text(text).first.wait_for()


def titles(staged: Staged) -> list[str]:
    recordings = tables.recordings.c
    with staged.house.reading() as connection:
        query = select(recordings.title).order_by(recordings.number)
        return list(connection.execute(query).scalars())[3:]


def test_several_files_arrive_each_with_its_progress_and_its_error(
    page: "Page", staged: Staged, tmp_path: Path
) -> None:
    one, two = write_wav(tmp_path / "مدّ.wav", 610), write_wav(tmp_path / "two.wav", 620)
    broken = tmp_path / "broken.wav"
    broken.write_bytes(two.read_bytes()[:3000])
    choose(page, one, broken, two)
    wait(page, "It is here whole.")
    page.select_option("#licence", "CC-BY-4.0")
    page.get_by_role("button", name="Bring them here").click()
    page.locator("[data-status]").get_by_text("2 are here; 1 need another look.").wait_for()
    wait(page, "“مدّ” is here, and everybody can hear it.")
    wait(page, "'broken.wav' is cut off: its end is missing")
    assert titles(staged) == ["مدّ", "two"]
    # nothing that could be said would make it whole
    assert page.get_by_role("link", name="Say more and try again").count() == 0
    page.get_by_role("button", name="Drop broken.wav").click()
    page.locator("[data-files] li").nth(2).wait_for(state="detached")


def test_what_was_said_wrong_of_a_file_is_said_anew(
    page: "Page", staged: Staged, tmp_path: Path
) -> None:
    choose(page, write_wav(tmp_path / "one.wav", 610))
    wait(page, "It is here whole.")
    page.select_option("#licence", "CC-BY-4.0")
    page.fill("#artist", "Mara Fen")
    page.get_by_role("button", name="Bring them here").click()
    page.get_by_role("link", name="Say more and try again").click()
    page.get_by_role("heading", name="Finish one.wav").wait_for()
    assert page.input_value("#licence") == "CC-BY-4.0"


def test_the_button_stays_in_sight_and_says_what_it_is_for(
    page: "Page", staged: Staged, tmp_path: Path
) -> None:
    one, two = write_wav(tmp_path / "one.wav", 610), write_wav(tmp_path / "two.wav", 620)
    choose(page, one, two)
    status = page.locator("[data-status]")
    words = "2 files are ready, and not on the site yet: say what they are and press “Bring them"
    status.get_by_text(words).wait_for()
    box = page.get_by_role("button", name="Bring them here").bounding_box()
    assert box is not None
    assert page.evaluate("scrollY") == 0
    assert 0 < box["y"] < 844 - box["height"]
    # whoever leaves all the same finds them, and the same button brings them
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.locator("html.scripted").wait_for(state="attached")
    assert page.get_by_role("link", name="Finish it").count() == 2
    page.get_by_role("button", name="Bring them here").click()
    status.get_by_text("2 are here; 0 need another look.").wait_for()
    assert sorted(titles(staged)) == ["one", "two"]


def test_a_connection_that_breaks_is_waited_out(
    page: "Page", staged: Staged, tmp_path: Path
) -> None:
    song = write_wav(tmp_path / "long.wav", 630, seconds=300, sr=32_000)  # three parts
    lost: list[str] = []

    def break_once(route: "Route") -> None:
        offset = route.request.headers.get("upload-offset", "")
        if route.request.method == "PATCH" and offset != "0" and not lost:
            lost.append(offset)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/uploads/*", break_once)
    choose(page, song)
    wait(page, "It is here whole.")
    assert len(lost) == 1
    (one,) = uploads.under_way(staged.house, staged.people["Wren"].account)
    assert one.is_whole
    page.get_by_role("button", name="Bring them here").click()
    wait(page, "“long” is here, and everybody can hear it.")
    assert titles(staged) == ["long"]


def test_after_a_page_was_loaded_anew_a_file_goes_on_where_it_stopped(
    page: "Page", staged: Staged, tmp_path: Path
) -> None:
    song = write_wav(tmp_path / "long.wav", 640, seconds=300, sr=32_000)
    page.route(
        "**/uploads/*",
        lambda route: (
            route.abort("connectionreset")
            if route.request.headers.get("upload-offset", "0") != "0"
            else route.continue_()
        ),
    )
    choose(page, song)
    wait(page, "The connection is away. It goes on by itself once it is back.")
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute("**/uploads/*")
    page.reload()
    page.locator("html.scripted").wait_for(state="attached")
    wait(page, "Not whole yet. Choose the same file again below", "#under-way")
    asked: list[tuple[str, str]] = []
    page.on("request", lambda it: asked.append((it.method, it.headers.get("upload-offset", ""))))
    choose(page, song)
    wait(page, "It is here whole.")
    assert ("POST", "") not in asked
    assert ("PATCH", str(8 << 20)) in asked
    assert len(uploads.under_way(staged.house, staged.people["Wren"].account)) == 1


def test_a_file_can_be_paused_and_dropped_by_keys(
    page: "Page", staged: Staged, tmp_path: Path
) -> None:
    song = write_wav(tmp_path / "long.wav", 650, seconds=300, sr=32_000)
    page.route(
        "**/uploads/*",
        lambda route: None if route.request.method == "PATCH" else route.continue_(),
    )
    choose(page, song)
    page.get_by_role("button", name="Pause long.wav").press("Enter")
    page.get_by_role("button", name="Go on long.wav").wait_for()
    page.get_by_role("button", name="Drop long.wav").press("Enter")
    page.locator("[data-files] li").wait_for(state="detached")
    for _ in range(100):
        if not uploads.under_way(staged.house, staged.people["Wren"].account):
            break
        page.wait_for_timeout(50)
    assert uploads.under_way(staged.house, staged.people["Wren"].account) == []


def test_plays_are_drawn_where_it_was_built(page: "Page", staged: Staged) -> None:
    from assent.catalogue.site_tables import play_days

    with staged.house.writing() as connection:
        row = {"recording": "r0", "day": "2031-03-01", "plays": 3, "heard_s": 90}
        connection.execute(play_days.insert().values(row))
    page.goto("/studio/plays")
    chart = page.locator(".plays-chart canvas, .plays-chart svg.bars")
    chart.first.wait_for()
    assert page.get_by_role("cell", name="3", exact=True).count() >= 1
