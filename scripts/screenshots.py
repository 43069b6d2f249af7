"""Pictures of every page, at a phone and at a desk, in light and dark, into build/screenshots.

The site is the demonstration's, with everything on it; each page is seen by whoever finds most on
it, and by a stranger where strangers may.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from assent.web.app import routes  # noqa: E402  # once the tests can be found
from assent.web.face import Route  # noqa: E402
from tests.browser.browsing import DESKTOP, PHONE, Street, chromium, street  # noqa: E402
from tests.browser.world import ROLES  # noqa: E402
from tests.web.test_routes import key, rows  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

WAYS = {
    f"{size}-{scheme}": (viewport, scheme)
    for size, viewport in (("phone", PHONE), ("desktop", DESKTOP))
    for scheme in ("light", "dark")
}
ORDER = ("owner", "operator", "reviewer", "label", "auditor", "listener", "other")


def looks(route: Route) -> Iterator[str]:
    """Give who looks at a page."""
    row = rows().get(key(route, "GET"), {})
    first = next((role for role in ORDER if row.get(role) == "+"), None)
    yield from (role for role in (first, "anonymous") if role and row.get(role) == "+")


def shoot(page: "Page", path: str, into: Path, name: str) -> None:
    """Take the pictures of one page."""
    answer = page.goto(path)
    status = answer.status if answer else 0
    for way, (viewport, scheme) in WAYS.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]  # a dict of two numbers
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
        (into / way).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=into / way / f"{name}.png", full_page=True)
    sys.stdout.write(f"{name}: {status}\n")


def wanted(there: Street, only: set[str]) -> Iterator[tuple[str, str, str]]:
    """Give what is taken: who looks, at which path, and what the picture is called."""
    for route in routes():
        if route.kind != "page":
            continue
        for role in looks(route):
            name = f"{route.path.strip('/').replace('/', '-') or 'home'}-{role}"
            name = name.replace("{", "").replace("}", "")
            if not only or any(part in name for part in only):
                yield role, there.world.address(route.path), name
    if not only or "states" in only:
        yield "anonymous", "/nothing-here", "state-no-such-page"
        yield "listener", "/studio", "state-forbidden"


def main() -> None:
    """Take all pictures, or those whose names hold one of the words that are given."""
    into = ROOT / "build" / "screenshots"
    with (
        TemporaryDirectory() as folder,
        chromium() as browser,
        street(browser, Path(folder) / "platform") as there,
    ):
        pages: dict[str, Any] = {}
        for role, path, name in wanted(there, set(sys.argv[1:])):
            if role not in pages:
                pages[role] = there.person(ROLES[role])
            shoot(pages[role], path, into, name)
        for trouble in there.troubles:
            sys.stdout.write(f"{trouble}\n")


if __name__ == "__main__":
    main()
