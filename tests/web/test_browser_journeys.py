"""A musician's day at a real browser: she joins, uploads, chooses, answers, sees, checks, leaves.

Once with scripts, and once more without for what has to work without: reading, choosing, taking
back, leaving. Once more by the keyboard alone.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from assent.acts.count_uses import count_uses
from assent.acts.logs import Logs
from assent.catalogue import tables
from assent.demo.site_desk import OPEN
from assent.errors import NotPermitted
from assent.log.receipt import Verdict, check_receipt
from tests.browser.browsing import DESKTOP, Street, street
from tests.browser.files import files
from tests.browser.world import LISTENER, OWNER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ADA, PASSWORD = "Ada Quill", "a lamp in the window"
TOOK_IN_MS = 60_000


@pytest.fixture
def there(browser: "Browser", tmp_path: Path) -> Iterator[Street]:
    with street(browser, tmp_path / "platform") as made:
        yield made


# ---- what people do, one thing at a time


def press(page: "Page | Locator", name: str, role: str = "button") -> None:
    page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]  # one of the roles


def said(page: "Page") -> str:
    """Return what a page says was done."""
    return page.locator(".notice.done").inner_text()


def until(page: "Page", holds: str) -> None:
    """Wait until something holds; asked from outside, as the page's policy lets no text be run."""
    for _ in range(300):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"it does not come to hold that {holds}")


def join(page: "Page") -> None:
    page.goto("/")
    press(page, "Join", "link")
    page.get_by_label("Name", exact=False).first.fill(ADA)
    page.get_by_label("I make music").check()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_label("I have read").check()
    press(page.locator("main"), "Join")
    page.wait_for_selector(f".who :text('{ADA}')")


def upload(page: "Page") -> None:
    """Upload three files at once, one of them broken."""
    page.goto("/studio/upload")
    assert "A fingerprint is not training." in page.inner_text("main")
    chosen = files()
    page.set_input_files("#files", [str(it) for it in (*chosen.good, chosen.broken)])
    press(page, "Bring them here")


def line_of(page: "Page", use: str) -> None:
    """Open the line of the table that a use stands in."""
    page.locator(f".ai-row:has(#use-{use}) > summary").click()


def titles_of(there: Street) -> dict[str, str]:
    """Return the recordings that Ada has brought, by their titles."""
    recordings, artists = tables.recordings.c, tables.artists.c
    query = (
        select(recordings.title, recordings.id)
        .join(tables.artists, artists.id == recordings.artist)
        .where(artists.name == ADA)
    )
    with there.world.house.reading() as connection:
        return {row.title: row.id for row in connection.execute(query)}


def choose(page: "Page", title: str) -> None:
    page.goto("/ai")
    press(page, f"Choose {title}", "link")
    page.wait_for_selector("h2:text('What it would do')")
    press(page, "Say it")
    page.wait_for_selector(".notice.done")


def use_it(there: Street, program: str, recording: str) -> None:
    """Use a recording as the program's owner would: with its token, through the gate."""
    gate = there.world.house.gate
    with gate.open(gate.token(program), recording) as stream:
        assert stream.read(4)
    gate.hand_over()
    assert count_uses(there.world.house)
    Logs(there.world.house).publish()


def download(page: "Page", link: "Locator") -> Path:
    with page.expect_download() as waiting:
        link.click()
    return Path(waiting.value.path())


# ---- with scripts


def test_a_musicians_day(there: Street) -> None:
    page = there.person(viewport=DESKTOP, accept_downloads=True)
    join(page)
    upload(page)
    page.get_by_text("is cut off: its end is missing").wait_for(timeout=TOOK_IN_MS)
    page.get_by_text("is here, and everybody can hear it").nth(1).wait_for(timeout=TOOK_IN_MS)
    mine = titles_of(there)
    assert len(mine) == 2, mine
    solo, other = mine.values()

    choose(page, "Ask me")
    page.goto("/ai")
    assert page.locator(".ai-preset.chosen h3").inner_text().startswith("Ask me")

    page.goto(f"/ai/r/{other}")
    line_of(page, "platform-recommend")
    page.locator("#use-platform-recommend").check()
    press(page, "Say no …")
    page.wait_for_selector("h2:text('What it would do')")
    press(page, "Say it")
    page.wait_for_selector(".notice.done")
    page.goto("/ai")
    assert page.locator(f"section[aria-labelledby=apart] a[href='/ai/r/{other}']").count() == 1

    hear(page, solo)
    answer_and_see(there, page, solo, other)
    leave(there, page)


def hear(page: "Page", recording: str) -> None:
    """Play a recording, and go to another place in it."""
    page.goto(f"/r/{recording}")
    audio = page.locator("audio").first
    press(page, "Play")
    until(page, "document.querySelector('audio').currentTime > 0.3")
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('audio').currentTime > 1.5")
    before = audio.evaluate("it => it.currentTime")
    slider = page.get_by_role("slider").first
    box = slider.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    until(page, f"document.querySelector('audio').currentTime > {before}")
    assert not audio.evaluate("it => it.error")


def answer_and_see(there: Street, page: "Page", solo: str, other: str) -> None:
    """Answer a request with yes, see what came of it, and check it."""
    gate = there.world.house.gate
    with pytest.raises(NotPermitted):
        gate.open(gate.token(OPEN), solo)
    page.goto("/inbox")
    card = page.locator(".ask-card", has_text="Fathom Audio")
    assert "2 of your recordings" in card.inner_text()
    press(card, "Yes", "link")
    page.locator("h1", has_text="Fathom Audio").wait_for()
    page.get_by_label("I have read the notice").check()
    press(page, "Say yes")
    page.wait_for_selector(".notice.done")

    gate.snapshot.refresh()
    use_it(there, OPEN, solo)
    page.goto("/uses")
    use = page.locator("li", has_text=f"{OPEN} of Fathom Audio opened")
    assert "once" in use.inner_text()
    receipt = download(page, use.get_by_role("link", name="Receipt")).read_bytes()
    checked = check_receipt(receipt, Logs(there.world.house).policy())
    assert checked.verdict is Verdict.VALID
    press(use, "Check it in my browser")
    use.locator("[data-verdict]").wait_for()
    assert use.locator("[data-verdict]").get_attribute("data-verdict") == "valid"
    assert "It holds" in use.inner_text()

    # and back again
    page.goto("/inbox")
    press(page.locator("li", has_text="Fathom Audio"), "Make it a no", "link")
    page.locator("h1", has_text="Fathom Audio").wait_for()
    press(page, "Say no")
    page.wait_for_selector(".notice.done")
    gate.snapshot.refresh()
    with pytest.raises(NotPermitted):
        gate.open(gate.token(OPEN), solo)


def leave(there: Street, page: "Page") -> None:
    """Take everything along, and be gone."""
    page.goto("/leave")
    again = page.locator("#confirm-password")
    if again.count():  # she signed in longer ago than that counts as a proof
        again.fill(PASSWORD)
        press(page, "Go on")
    archive = download(page, page.get_by_role("link", name="Download everything"))
    with ZipFile(archive) as found:
        names = found.namelist()
        assert found.testzip() is None
    assert any(name.endswith(".tlog-proof") for name in names)
    assert sum(name.lower().endswith(".ogg") for name in names) == 2 or len(names) > 4
    page.get_by_label("Your name, to be sure").fill(ADA)
    page.get_by_label("Your password").fill(PASSWORD)
    press(page, "Delete everything")
    page.get_by_role("heading", name="It is deleted").wait_for(timeout=TOOK_IN_MS)
    Logs(there.world.house).publish()
    page.reload()
    receipt = download(page, page.get_by_role("link", name="Download the receipt")).read_bytes()
    checked = check_receipt(receipt, Logs(there.world.house).policy())
    assert checked.verdict in {Verdict.VALID, Verdict.ERASED}
    assert titles_of(there) == {}
    page.goto("/account")
    assert "/sign-in" in page.url
    assert not there.troubles, there.troubles


# ---- without scripts


def test_reading_choosing_and_taking_back_need_no_scripts(there: Street) -> None:
    page = there.person(OWNER, scripts=False, accept_downloads=True)
    recording = there.world.things["recording"]
    for path in ("/", f"/r/{recording}", "/ai", "/inbox", "/uses", "/terms", "/studio"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.locator("h1").count() == 1, path
    page.goto(f"/r/{recording}")
    assert page.locator("audio[controls]").count() >= 1
    choose(page, "No AI")
    page.goto("/ai")
    assert page.locator(".ai-preset.chosen h3").inner_text().startswith("No AI")

    page.goto(f"/ai/r/{recording}")
    line_of(page, "platform-search")
    page.locator("#use-platform-search").check()
    press(page, "Say no …")
    press(page, "Say it")
    page.goto(f"/ai/r/{recording}")
    line_of(page, "platform-search")
    page.locator("#use-platform-search").check()
    press(page, "Take my word back …")
    press(page, "Say it")
    assert "Said" in said(page)

    choose(page, "Ask me")
    page.goto("/inbox")
    press(page.locator(".ask-card", has_text="Fathom Audio"), "Yes", "link")
    page.get_by_label("I have read the notice").check()
    press(page, "Say yes")
    assert "yes" in page.inner_text("main").lower()
    page.goto("/inbox")
    press(page.locator("li", has_text="Fathom Audio"), "Make it a no", "link")
    press(page, "Say no")
    gate = there.world.house.gate
    gate.snapshot.refresh()
    with pytest.raises(NotPermitted):
        gate.open(gate.token(OPEN), recording)

    page.goto("/uses")
    receipt = download(page, page.get_by_role("link", name="Receipt").first).read_bytes()
    assert check_receipt(receipt, Logs(there.world.house).policy()).verdict is Verdict.VALID


def test_a_file_is_uploaded_without_scripts(there: Street) -> None:
    page = there.person(OWNER, scripts=False)
    before = recordings(there)
    upload(page)
    text = page.inner_text("main")
    assert files().broken.stem in text
    new = {title for name, title in recordings(there).items() if name not in before}
    # two of these, and the one that was here whole from before, which is brought along since a page
    # that is opened again takes up what waits; what is broken is not
    assert len(new) == 3
    assert files().broken.stem not in new


def recordings(there: Street) -> dict[str, str]:
    """Return the titles of all recordings, by their ids."""
    query = select(tables.recordings.c.id, tables.recordings.c.title)
    with there.world.house.reading() as connection:
        return {row.id: row.title for row in connection.execute(query)}


def test_listening_without_scripts_is_an_audio_element_that_plays(there: Street) -> None:
    page = there.person(LISTENER, scripts=False)
    page.goto(f"/r/{there.world.things['recording']}")
    source = page.locator("audio source, audio[src]").first.get_attribute("src") or ""
    answer = page.request.get(source, headers={"range": "bytes=0-99"})
    assert answer.status == 206
    assert len(answer.body()) == 100


# ---- by the keyboard alone


def reach(page: "Page", selector: str) -> None:
    """Go on by Tab until something has the focus."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("it => !!document.activeElement?.matches(it)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector} on {page.url}")


def test_choosing_and_answering_by_the_keyboard_alone(there: Street) -> None:
    page = there.person(OWNER)
    page.goto("/ai")
    reach(page, "a[href^='/ai/confirm?preset=ask-me']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/ai/confirm"))
    reach(page, ".ai-say button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice.done")
    page.goto("/inbox")
    reach(page, ".ask-card a[href*='says=no']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("says=no"))
    reach(page, "main form[method=post] button[type=submit]")
    page.keyboard.press("Space")
    page.wait_for_selector(".notice.done")
    page.goto(f"/r/{there.world.things['recording']}")
    reach(page, "main .player button, main audio")
    page.keyboard.press("Space")
    until(page, "document.querySelector('audio').currentTime > 0.1")
    assert not there.troubles, there.troubles
