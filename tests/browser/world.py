"""The site with everything on it: the demonstration's story and people, and one of each thing.

Made once a process on short composed music, and copied for each test that changes something. What
stands in the braces of a path has its value here: a page with a new kind of braces fails until it
is given one.
"""

import atexit
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from assent.acts.house import House
from assent.acts.logs import Logs
from assent.clock import now
from assent.demo.cast import APPROVER, LABEL, NO_AI, SAYS_NOTHING
from assent.demo.site import settle
from assent.demo.site_people import AUDITOR, LISTENERS, OPERATOR, Login
from assent.demo.story import tell
from assent.settings import Settings
from assent.signin import sessions
from assent.web.app import platform_app
from assent.web.site import Site
from assent.web.visit import COOKIE
from tests.browser.forms import Page
from tests.browser.things import ASIDE, ASKED, THINGS

URL = "http://testserver"
OWNER, OTHER, LISTENER = SAYS_NOTHING, NO_AI, LISTENERS[0]
ROLES: Mapping[str, str] = {
    "anonymous": "",
    "listener": LISTENER,
    "other": OTHER,
    "owner": OWNER,
    "label": LABEL,
    "reviewer": APPROVER,
    "operator": OPERATOR,
    "auditor": AUDITOR,
}
"""Who tries each route: the owner is whose things stand in the paths."""
_LONGEST_S = 8.0


@dataclass(slots=True)
class Hands:
    """A clock whose hands a test can turn; it runs on from there."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead


@dataclass(slots=True)
class World:
    """The site.

    Args:
        site: The platform, served.
        clock: What it tells the time by.
        logins: Who can sign in, by name.
        things: What stands in the braces of paths, by what stands between them.
    """

    site: Site
    clock: Hands
    logins: Mapping[str, Login]
    things: Mapping[str, str]

    @property
    def house(self) -> House:
        return self.site.house

    @property
    def app(self) -> ASGIApp:
        return self.site.one(_app)

    def client(self, name: str = "", **headers: str) -> TestClient:
        """Return a browser of somebody; of nobody for an empty name."""
        client = TestClient(
            self.app,
            base_url=URL,
            raise_server_exceptions=False,
            follow_redirects=False,
            headers=headers,
        )
        if name:
            client.cookies.set(COOKIE, self.session(name))
        return client

    def session(self, name: str) -> str:
        """Sign somebody in; return what their cookie holds."""
        account = self.logins[name].member.account
        return sessions.begin(self.house, account, "a test", "password")

    def path(self, pattern: str) -> str:
        """Return a path with everything in its braces.

        Raises:
            LookupError: Something in braces has no value in `tests/browser/things.py`.
        """
        plain = pattern.removeprefix("/api").removesuffix(".json")

        def value(found: re.Match[str]) -> str:
            name = found[1].partition(":")[0]
            known = self.things.get(f"{plain} {name}", self.things.get(name))
            if known is None:
                raise LookupError(
                    f"give {{{name}}} of {pattern} a value in tests/browser/things.py"
                )
            return known

        return re.sub(r"\{([^}]*)\}", value, pattern)

    def address(self, pattern: str) -> str:
        """Return such a path, and what a page is asked that says nothing without."""
        return self.path(pattern) + ASKED.get(pattern, "")

    def set_back(self) -> None:
        """Let the catalogue, the words and the uploads be again what they were at first."""
        template, data = _made()[0], self.house.settings.data
        self.house.gate.close()
        self.house.engine.dispose()
        for name in ("snapshot", "uploads"):
            rmtree(data / name, ignore_errors=True)
            if (template / name).is_dir():
                copytree(template / name, data / name)
        # page by page, for somebody may have the file open still
        with (
            closing(sqlite3.connect(template / "catalogue.sqlite")) as before,
            closing(sqlite3.connect(data / "catalogue.sqlite")) as now_there,
        ):
            before.backup(now_there)


def _app(site: Site) -> ASGIApp:
    return platform_app(site)


@cache
def _made() -> tuple[Path, Mapping[str, Login], Mapping[str, str]]:
    """Tell the story and settle its people; return where, and who they are."""
    folder = Path(mkdtemp(prefix="assent-world-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    data = folder / "platform"
    outcome = tell(data, say=lambda line: None, longest_s=_LONGEST_S)
    assert outcome.holds, outcome.broken
    house = House.open(Settings(data=data))
    try:
        logins = settle(house)
        Logs(house).publish()
        things = {name: find(house, logins) for name, find in THINGS.items()}
        site = Site(house, Logs(house), URL)
        world = World(site, Hands(), logins, things)
        things |= {name: _put_aside(world, *how) for name, how in ASIDE.items()}
        things["/operator/terms/{key}/publish key"] = things["/operator/terms/{key} key"]
        things["/label/said/{key} key"] = _say(world, things["/label/say/{key} key"])
        things["/label/say/{key} key"] = _put_aside(world, *ASIDE["/label/say/{key} key"])
        site.close()
    finally:
        house.close()
    return data, logins, things


def _put_aside(world: World, name: str, path: str, said: Mapping[str, str]) -> str:
    """Send a form that puts something aside; return the key that it is found by."""
    client = world.client(name)
    page = Page(client.get(path).text)
    [form] = [it for it in page.forms if it.method == "post" and it.action == path]
    csrf = next(one.value for one in form.fields if one.name == "csrf")
    answer = client.post(path, data={"csrf": csrf, **said})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


def _say(world: World, key: str) -> str:
    """Say what was put aside for the label; return the key that what became of it is found by."""
    name, path, _ = ASIDE["/label/say/{key} key"]
    client = world.client(name)
    page = Page(client.get(f"{path}/{key}").text)
    form = next(it for it in page.forms if it.action == f"{path}/{key}")
    csrf = next(one.value for one in form.fields if one.name == "csrf")
    answer = client.post(form.action, data={"csrf": csrf})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


@contextmanager
def world_in(folder: Path, url: str = URL) -> Iterator[World]:
    """Give a copy of the site that may be changed.

    Args:
        folder: Where to; nothing is there.
        url: Its public address.
    """
    data, logins, things = _made()
    copytree(data, folder)
    clock = Hands()
    house = House.open(Settings(data=folder), clock=clock)
    site = Site(house, Logs(house), url)
    try:
        yield World(site, clock, logins, things)
    finally:
        site.close()
        house.close()
