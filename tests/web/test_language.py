"""How pages speak, and what every page has: a name, one heading, labels, plain words."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from assent.permission.uses import CONSENT_ONLY, labels
from assent.web.app import routes
from tests.browser.forms import Page
from tests.browser.world import ROLES, World, world_in
from tests.web.test_routes import key, rows

GENERATIVE = set(labels(CONSENT_ONLY))
NOT_SAID = re.compile(
    r"\b(oops|whoops|successfully|please|click here|invalid|an error occurred|submit|payload"
    r"|undefined|NaN|nullable|traceback|jinja|pydantic|sqlite)\b|\{\{|\}\}|<bound|\bNone\b[,)]",
    re.IGNORECASE,
)
"""Words of machines, and of pages that ask for patience instead of saying what is so."""
OF_MACHINES = {"/developers", "/terms/{name}", "/terms/{name}/open", "/terms/compare", "/log"}
"""Pages whose matter is such words: calls, sources, formats."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("world") / "platform") as opened:
        yield opened


def seen(world: World, role: str) -> Iterator[tuple[str, Page]]:
    """Give the pages that a role sees, by their paths."""
    client = world.client(ROLES[role])
    for route in routes():
        if route.kind == "page" and rows().get(key(route, "GET"), {}).get(role) == "+":
            yield route.path, Page(client.get(world.path(route.path)).text)


SEEN_BY = ("anonymous", "owner", "label", "operator")


@pytest.mark.parametrize("role", SEEN_BY)
def test_every_page_has_a_language_a_title_and_one_heading(role: str, world: World) -> None:
    titles = Counter[str]()
    for path, page in seen(world, role):
        assert page.all("html")[0].get("lang") == "en", path
        assert [tag for tag, _ in page.tags].count("h1") == 1, path
        assert [tag for tag, _ in page.tags].count("main") == 1, path
        assert not page.unclosed, (path, page.unclosed)
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        jumps = [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1]
        assert not jumps, (path, jumps)
        titles[path] += 1
    assert titles


@pytest.mark.parametrize("role", SEEN_BY)
def test_every_field_has_a_label_and_every_id_is_one(role: str, world: World) -> None:
    wrong = []
    for path, page in seen(world, role):
        ids = Counter(given["id"] for _, given in page.tags if "id" in given)
        wrong += [f"{path}: two have the id {name}" for name, count in ids.items() if count > 1]
        named = {given.get("for") for given in page.all("label")}
        for tag, given in page.tags:
            if tag not in {"input", "select", "textarea"}:
                continue
            # what nobody sees or reaches, such as the name beside a password for who keeps them
            if given.get("type") in {"hidden", "submit"} or given.get("aria-hidden") == "true":
                continue
            if given.get("id") not in named and "aria-label" not in given:
                wrong.append(f"{path}: {tag} {given.get('name')} has no label")
        told = {
            name
            for _, given in page.tags
            for attribute in ("aria-describedby", "aria-labelledby")
            for name in given.get(attribute, "").split()
        }
        wrong += [f"{path}: {name} is told of and not there" for name in told - set(ids)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", SEEN_BY)
def test_pages_speak_plainly(role: str, world: World) -> None:
    wrong = []
    for path, page in seen(world, role):
        if path not in OF_MACHINES:
            wrong += [f"{path}: {found[0]!r}" for found in NOT_SAID.finditer(page.text)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["owner", "label", "other"])
def test_no_generative_use_is_ticked_before_anybody_ticks_it(role: str, world: World) -> None:
    boxes = 0
    for path, page in seen(world, role):
        for form in page.forms:
            for one in form.fields:
                if one.value in GENERATIVE and one.kind in {"checkbox", "radio"}:
                    boxes += 1
                    assert not one.checked, (path, one)
                if "every_program" in one.name:
                    assert not one.checked, (path, one)
    assert boxes >= len(GENERATIVE) or role == "label"


def test_the_tests_read_pages_as_they_are(tmp_path: Path) -> None:
    text = "<html lang=en><main><h1>A</h1><form method=post action=/x><label for=a>A</label>"
    text += "<textarea id=a name=a>one</textarea><select name=b><option value=1><option value=2"
    text += " selected></select><input type=checkbox name=c checked></form></main></html>"
    page = Page(text)
    assert page.unclosed == []
    [form] = page.forms
    assert [(one.name, one.kind, one.value) for one in form.fields] == [
        ("a", "textarea", "one"),
        ("b", "select", "2"),
        ("c", "checkbox", ""),
    ]
    assert form.fields[2].checked
