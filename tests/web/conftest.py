"""A site for tests of pages: a real platform with a few people and recordings, and browsers."""

import atexit
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.upload import Work, upload
from assent.settings import Settings
from assent.signin import sessions
from assent.signin.members import Member, invite, join
from assent.web.app import platform_app
from assent.web.site import Site
from assent.web.visit import COOKIE
from tests.browser.browsing import Street, chromium, street
from tests.houses import Clock, platform, write_wav

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PEOPLE = {
    "Wren": Role.ARTIST,
    "Mara Fen": Role.ARTIST,
    "Lio": Role.LISTENER,
    "Quiet Harbour": Role.LABEL,
    "Rhea": Role.REVIEWER,
    "Odd": Role.OPERATOR,
    "Auri": Role.AUDITOR,
}


@dataclass
class Staged:
    """A site, who is there, and what they brought.

    Wren has two public recordings, Mara Fen one.
    """

    site: Site
    clock: Clock
    people: dict[str, Member]
    recordings: dict[str, list[str]] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return self.site.house

    def client(self, name: str = "", **headers: str) -> TestClient:
        """Return a browser, signed in as somebody, or as nobody."""
        client = TestClient(
            self.site.one(platform_app),  # one for all of them: its routes take a while
            base_url="http://testserver",
            raise_server_exceptions=False,
            follow_redirects=False,
            headers=headers,
        )
        if name:
            account = self.people[name].account
            client.cookies.set(COOKIE, sessions.begin(self.house, account, "a test", "password"))
        return client


@cache
def _template() -> tuple[Path, datetime, dict[str, Member], dict[str, list[str]]]:
    """Make the platform that each test has a copy of, once a process; say where and when it is."""
    folder = Path(mkdtemp(prefix="assent-staged-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    clock, people = Clock(), {}
    recordings: dict[str, list[str]] = {}
    with platform(folder / "platform", clock) as house:
        for name, role in PEOPLE.items():
            own = role in {Role.ARTIST, Role.LISTENER}
            people[name] = (
                join(house, name, role, None) if own else invite(house, name, role, "setup")
            )
        for name, hz in (("Wren", 330.0), ("Wren", 440.0), ("Mara Fen", 550.0)):
            path = write_wav(folder / f"tone {hz:.0f}.wav", hz)
            work = Work(artist=name, title=f"Tone {hz:.0f}")
            recordings.setdefault(name, []).append(upload(house, path, work, name).recording)
    return folder / "platform", clock.at, people, recordings


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[Staged]:
    """Give a site with people and three short recordings."""
    clock = Clock()
    data, clock.at, people, recordings = _template()
    copytree(data, tmp_path / "platform")
    house = House.open(Settings(data=tmp_path / "platform"), clock=clock)
    site = Site(house, Logs(house), "http://testserver")
    own = {name: list(theirs) for name, theirs in recordings.items()}
    try:
        yield Staged(site, clock, dict(people), own)
    finally:
        site.close()
        house.close()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def there(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Give the site with everything on it, served, and the browsers of people before it."""
    with street(browser, tmp_path_factory.mktemp("street") / "platform") as made:
        yield made


@pytest.fixture
def site(staged: Staged) -> Site:
    """Give the site."""
    return staged.site


@pytest.fixture
def client_of(staged: Staged) -> Callable[[str], TestClient]:
    """Give what makes a browser of somebody; of nobody for an empty name."""
    return staged.client


def csrf_of(page: str) -> str:
    """Return what the forms of a page carry."""
    return page.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def submit(client: TestClient, action: str, **fields: object) -> Response:
    """Send a form as a browser does that is signed in: with what every page of it carries."""
    token = client.get("/nowhere").text.split('name="csrf" content="', 1)[1].split('"', 1)[0]
    return client.post(action, data={"csrf": token, **fields})
