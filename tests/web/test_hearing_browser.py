"""The player in a real browser: with scripts and keys, without scripts, and from page to page."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import pytest

from assent.acts.upload import Work, upload
from assent.catalogue.play_parts import days, parts, plays_folder, read
from assent.sound.encode import Format
from assent.web.app import platform_app
from assent.web.listening import plays_of
from tests.sound.sounds import encoded, tone
from tests.web.conftest import Staged
from tests.web.served import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def url(staged: Staged) -> Iterator[str]:
    with served(platform_app(staged.site)) as address:
        yield address


@pytest.fixture
def song(staged: Staged, tmp_path: Path) -> str:
    path = tmp_path / "song.wav"
    path.write_bytes(encoded(tone(377, seconds=40, sr=8_000), Format.WAV16, sr=8_000))
    return upload(staged.house, path, Work(artist="Wren", title="Long song"), "Wren").recording


def opened(browser: "Browser", url: str, path: str, *, scripts: bool = True) -> "Page":
    context = browser.new_context(base_url=url, java_script_enabled=scripts)
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", complain)
    page.goto(path, wait_until="domcontentloaded")
    return page


def complain(message: object) -> None:
    text = str(getattr(message, "text", ""))
    assert "Content Security Policy" not in text, text


def until(page: "Page", condition: str, where: str = ".player") -> None:
    """Wait until what plays is at a time; by asking again, for the policy lets no test look in."""
    for _ in range(600):
        if page.evaluate(
            f"(document.querySelector('{where} audio')?.currentTime ?? -1) {condition}"
        ):
            return
        sleep(0.025)
    pytest.fail(f"it never was {condition}")


def slider(page: "Page") -> dict[str, str]:
    names = ("valuenow", "valuemax", "valuetext")
    wave = page.get_by_role("slider", name="Position")
    return {name: str(wave.get_attribute(f"aria-{name}")) for name in names}


def test_it_plays_is_sought_by_mouse_and_keys_and_counts(
    staged: Staged, browser: "Browser", url: str, song: str
) -> None:
    page = opened(browser, url, f"/r/{song}")
    assert slider(page) == {"valuenow": "0", "valuemax": "40", "valuetext": "0:00 of 0:40"}
    page.get_by_role("button", name="Play").click()
    until(page, "> 0.2")
    wave = page.get_by_role("slider", name="Position")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] / 2, "y": 20})
    until(page, ">= 20")
    wave.press("ArrowRight")
    until(page, ">= 25")
    wave.press("2")
    until(page, "< 9")
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Play").wait_for()
    wave.press(" ")
    page.get_by_role("button", name="Pause").wait_for()
    wave.press("m")
    page.get_by_role("button", name="Sound on").wait_for()
    wave.press("0")
    page.evaluate("document.querySelector('.player audio').playbackRate = 4")
    # no more counts than has gone by, without leeway now, and this site's clock stands almost still
    staged.clock.turn(seconds=40)
    with page.expect_response("**/heard") as told:
        until(page, "> 14")
    assert told.value.ok
    plays_of(staged.site).flush()
    folder = plays_folder(staged.house.settings.data)
    rows = [row for day in days(folder) for row in read(parts(folder, day)).to_pylist()]
    assert {(row["recording"], row["via"]) for row in rows} == {(song, "player")}


def test_without_scripts_the_browsers_own_controls_play(
    browser: "Browser", url: str, song: str
) -> None:
    page = opened(browser, url, f"/r/{song}?t=12", scripts=False)
    audio = page.locator(".player audio")
    assert audio.is_visible()
    assert page.locator(".player-wave svg path").first.get_attribute("d")
    source = audio.locator("source").first
    assert str(source.get_attribute("src")).endswith("#t=12")
    answer = page.request.get(str(source.get_attribute("src")))
    assert (answer.status, answer.headers["content-type"]) == (200, "audio/wav")


def test_what_plays_goes_on_in_the_dock_and_comes_back(
    browser: "Browser", url: str, song: str
) -> None:
    page = opened(browser, url, f"/r/{song}")
    if not page.evaluate("Boolean(window.htmx)"):
        pytest.skip("htmx was not built, so every page is a new one")
    page.get_by_role("button", name="Play").click()
    until(page, "> 0.2")
    page.get_by_role("link", name="Wren").first.click()
    page.locator("#dock audio").wait_for(state="attached")
    before = float(page.evaluate("document.querySelector('#dock audio').currentTime"))
    until(page, f"> {before + 0.3}", "#dock")
    page.locator("#dock").get_by_role("link", name="Long song").click()
    until(page, f"> {before + 0.6}")
    assert page.locator("#dock").inner_text() == ""
    page.get_by_role("button", name="Pause").click()


def test_a_box_that_somebody_resized_is_carried_to_no_other_page(
    browser: "Browser", url: str, song: str
) -> None:
    page = opened(browser, url, f"/r/{song}")
    if not page.evaluate("Boolean(window.htmx)"):
        pytest.skip("htmx was not built, so every page is a new one")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.get_by_role("button", name="Play").wait_for()
    # as a browser does when a box is dragged larger; the search box is on every page
    page.evaluate("document.querySelector('#find').style.height = '3rem'")
    page.get_by_role("link", name="Wren").first.click()
    page.get_by_role("heading", name="Wren").first.wait_for()
    page.wait_for_timeout(50)
    assert said == []


def test_a_length_is_the_same_in_the_player_and_beside_it(
    staged: Staged, browser: "Browser", url: str, tmp_path: Path
) -> None:
    path = tmp_path / "short.wav"
    path.write_bytes(encoded(tone(377, seconds=12, sr=8_000)[..., :93_000], Format.WAV16, sr=8_000))
    work = Work(artist="Wren", title="Short song")  # 11.625 s
    recording = upload(staged.house, path, work, "Wren").recording
    page = opened(browser, url, f"/r/{recording}")
    assert slider(page)["valuetext"] == "0:00 of 0:12"
    assert page.locator(".player-line span").first.inner_text() == "0:00 / 0:12"
    assert page.locator(".player-length").text_content() == "0:12"


def test_a_link_that_ran_out_over_night_plays_on(
    staged: Staged, browser: "Browser", url: str, song: str
) -> None:
    page = opened(browser, url, f"/r/{song}")
    staged.clock.turn(hours=9)
    page.get_by_role("button", name="Play").click()
    until(page, "> 0.2")


def test_where_one_was_is_where_it_goes_on(browser: "Browser", url: str, song: str) -> None:
    page = opened(browser, url, f"/r/{song}")
    page.get_by_role("button", name="Play").click()
    until(page, "> 0.2")
    page.get_by_role("slider", name="Position").press("5")
    until(page, ">= 20")
    page.get_by_role("button", name="Pause").click()
    page.reload()
    assert json.loads(slider(page)["valuenow"]) >= 20
