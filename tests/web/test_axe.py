"""Every page as everybody can use it: axe-core finds nothing, nothing is wider than the screen, all
that can be used is reached by keyboard and is seen when it is reached.

In light and dark, at a phone and at a desk. The pages are the router's own.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assent.web.app import routes
from assent.web.face import Route
from tests.browser.browsing import DESKTOP, PHONE, Street
from tests.browser.world import ROLES
from tests.web.test_routes import key, rows

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "build/npm/node_modules/axe-core/axe.min.js"
PAGES = sorted({route.path: route for route in routes() if route.kind == "page"}.items())
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
WAYS = [
    ("light", PHONE, RULES),
    ("dark", PHONE, COLOURS),  # the parts of a page are the same in every light
    ("dark", DESKTOP, RULES),
    ("light", DESKTOP, COLOURS),
]


def seen_by(route: Route) -> list[str]:
    """Return who looks at a page: whoever finds most on it, and a stranger, if strangers may."""
    row = rows().get(key(route, "GET"), {})
    order = ("owner", "operator", "reviewer", "label", "auditor", "listener", "other")
    first = next((role for role in order if row.get(role) == "+"), None)
    return [role for role in (first, "anonymous") if role and row.get(role) == "+"]


CASES = [(path, role) for path, route in PAGES for role in seen_by(route)]


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as somebody sees it, and what it complained of when it was opened."""

    page: "Page"
    troubles: list[str]


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def seen(there: Street, request: pytest.FixtureRequest) -> Iterator[Seen]:
    """Give every page, as each who looks at it sees it; opened once for all tests."""
    path, role = request.param
    page = there.person(ROLES[role])
    answer = page.goto(there.world.address(path), wait_until="load")
    assert answer is not None
    assert answer.status == 200, path
    page.wait_for_selector("html.mounted", state="attached")
    if page.locator("[data-wave]").count():
        page.wait_for_load_state("networkidle")  # its player adds the waveform a moment later
    yield Seen(page, list(there.troubles))
    there.leave()
    there.troubles.clear()


@pytest.mark.skipif(
    not AXE.is_file(), reason="axe-core is not here; scripts/assets fetches it where Node is"
)
def test_axe_finds_nothing(seen: Seen) -> None:
    page = seen.page
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = {}
    for scheme, viewport, rules in WAYS:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
        page.set_viewport_size(viewport)  # type: ignore[arg-type]  # a dict of two numbers
        ran = page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
        )
        for violation in ran["violations"]:
            for node in violation["nodes"]:
                found[f"{violation['id']} {node['target']}"] = node["failureSummary"]
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found[f"wider than the screen of {viewport['width']}"] = wide
    assert not found, json.dumps(found, indent=1)
    assert not seen.troubles, seen.troubles


FOCUSABLE = """() => {
  const all = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, audio[controls],' +
    ' [tabindex]:not([tabindex="-1"])')];
  const seen = all.filter((one) => !one.disabled && one.getClientRects().length
    && one.checkVisibility({visibilityProperty: true}) && one.tabIndex >= 0);
  // of radio buttons of one name, Tab reaches one; arrows reach the others
  const names = new Set();
  const kept = seen.filter((one) => {
    if (one.type !== 'radio') return true;
    const key = (one.form ? [...document.forms].indexOf(one.form) : '') + one.name;
    return !names.has(key) && names.add(key);
  });
  kept.forEach((one, at) => { one.dataset.stop = one.type === 'radio' ? one.name : at; });
  seen.filter((one) => one.type === 'radio').forEach((one) => { one.dataset.stop = one.name; });
  return kept.map((one) => [one.dataset.stop, one.outerHTML.slice(0, 120)]);
}"""
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const look = getComputedStyle(one);
  const drawn = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0
    || look.boxShadow !== 'none';
  // the parts of these are the browser's own, and show by themselves where one is
  const own = one.tagName === 'AUDIO' || ['date', 'time', 'file'].includes(one.type);
  return [one.dataset.stop ?? '', drawn || own, one.outerHTML.slice(0, 120)];
}"""


def test_the_keyboard_reaches_all_and_one_sees_where_it_is(seen: Seen) -> None:
    page = seen.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a dict of two numbers
    wanted = dict(page.evaluate(FOCUSABLE))
    reached: set[str] = set()
    unseen: list[str] = []
    for _ in range(len(wanted) * 3 + 20):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            if reached:
                break
            continue
        stop, drawn, html = at
        reached.add(str(stop))
        if not drawn:
            unseen.append(html)
    missed = {html for stop, html in wanted.items() if str(stop) not in reached}
    assert not missed, missed
    assert not unseen, unseen
