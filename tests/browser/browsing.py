"""People at a real browser, before a real server: with scripts or without, at a phone or a desk."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

import pytest

from assent.bench.verifying import CHROMIUM, CHROMIUM_OPTIONS
from assent.web.app import platform_app
from assent.web.site import Site
from assent.web.visit import COOKIE
from tests.browser.world import World, world_in
from tests.web.served import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

BROWSER = next(filter(None, map(which, CHROMIUM)), None)
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
QUIET = (*CHROMIUM_OPTIONS, "--no-first-run", "--mute-audio")
_PATIENCE_MS = 60_000


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Give a browser that has nothing to do with any other; skip where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if BROWSER is None:
        pytest.skip("there is no Chromium to open pages with")
    with api.sync_playwright() as player:
        started = player.chromium.launch(executable_path=BROWSER, args=list(QUIET))
        try:
            yield started
        finally:
            started.close()


@dataclass(slots=True)
class Street:
    """A site that is served, and the browsers of people before it.

    Args:
        world: The site.
        url: Where it is.
        browser: What opens its pages.
        troubles: What pages complained of: errors of scripts, what the policy blocked.
    """

    world: World
    url: str
    browser: "Browser"
    troubles: list[str] = field(default_factory=list)
    _contexts: list["BrowserContext"] = field(default_factory=list)

    def person(self, name: str = "", *, scripts: bool = True, **how: Any) -> "Page":
        """Return a page of somebody who is signed in; of a stranger for an empty name.

        Args:
            name: Who it is.
            scripts: Whether their browser runs scripts.
            how: What else Playwright is told of them; their screen is a phone's if nothing is said.
        """
        told = {"viewport": PHONE, "reduced_motion": "reduce", **how}
        context = self.browser.new_context(base_url=self.url, java_script_enabled=scripts, **told)
        context.set_default_timeout(_PATIENCE_MS)
        self._contexts.append(context)
        if name:
            cookie = {"name": COOKIE, "value": self.world.session(name), "url": self.url}
            context.add_cookies([cookie])  # type: ignore[list-item]  # a dict of what they want
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._hear(page.url, said.type, said.text))
        return page

    def _hear(self, url: str, kind: str, text: str) -> None:
        # a status that says no is no trouble of the page's; the test asks for it
        if kind == "error" and "the server responded with a status of" not in text:
            self.troubles.append(f"{url}: {text}")

    def leave(self) -> None:
        """Let all go home."""
        for context in self._contexts:
            context.close()
        self._contexts.clear()


@contextmanager
def street(browser: "Browser", folder: Path) -> Iterator[Street]:
    """Give the site with everything on it, served, and the browsers of people before it."""
    with ExitStack() as open_ones:
        world = open_ones.enter_context(world_in(folder))
        # the address is known once it is served, and the site has to know it
        late: list[Callable[..., Any]] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await late[0](scope, receive, send)

        url = open_ones.enter_context(served(app))
        site = Site(world.house, world.site.logs, url)
        open_ones.callback(site.close)
        late.append(platform_app(site))
        made = Street(World(site, world.clock, world.logins, world.things), url, browser)
        open_ones.callback(made.leave)
        yield made
