"""Every route against every role: the table beside this says who may use what.

The routes are the router's own, so one without a row fails, and so does a row without a route. What
a role may not use it is refused: with a sign-in page, a 403, or a 404 where it should not even know
of it. What it may use is answered, were it with what is wrong with an empty form.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from httpx2 import Response

from assent.web.app import routes
from assent.web.face import Route
from tests.browser.forms import Page
from tests.browser.sending import Asker
from tests.browser.world import ROLES, World, world_in

TABLE = Path(__file__).with_name("roles_by_route.txt")
REFUSALS = {401, 403, 404}
"""Said to those who may not; 404 where a stranger need not even know that it exists."""


def key(route: Route, method: str) -> str:
    return f"{method} {route.path}"


def asked() -> list[tuple[Route, str]]:
    """Return every route of the site with each of its methods, but HEAD, which GET stands for."""
    return [(route, method) for route in routes() for method in route.methods if method != "HEAD"]


def rows() -> dict[str, dict[str, str]]:
    """Return the table: for each route, what each role is answered."""
    found: dict[str, dict[str, str]] = {}
    if not TABLE.is_file():
        return found
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line and line[0] != "#"]
    head = lines[0].split()[2:]
    for line in lines[1:]:
        method, path, *marks = line.split()
        found[f"{method} {path}"] = dict(zip(head, marks, strict=True))
    return found


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("world") / "platform") as world:
        yield world


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    there = {key(route, method) for route, method in asked()}
    written = rows()
    missing, gone = sorted(there - set(written)), sorted(set(written) - there)
    assert not missing, f"say in {TABLE.name} who may use: {missing}"
    assert not gone, f"{TABLE.name} speaks of routes that are not there: {gone}"
    assert all(set(row) == set(ROLES) for row in written.values())


def test_no_row_lets_in_a_role_that_the_route_keeps_out() -> None:
    written = rows()
    for route, method in asked():
        row = written[key(route, method)]
        if route.who is None:
            continue
        allowed = {role.value for role in route.who}
        # "other" and "owner" are artists both
        kept_out = {"anonymous"} | (
            {"listener", "label", "reviewer", "operator", "auditor"} - allowed
        )
        kept_out |= set() if "artist" in allowed else {"other", "owner"}
        let_in = {role for role in kept_out if row[role] != "-"}
        assert not let_in, key(route, method)


def is_refused(answer: Response) -> bool:
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?")
    return answer.status_code in REFUSALS or to_sign_in


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_reads_is_what_the_table_says(role: str, looked_at: World) -> None:
    written, wrong = rows(), []
    asker = Asker(looked_at, ROLES[role])
    for route, method in asked():
        if method != "GET":
            continue
        answer = asker.ask(route, method)
        assert answer.status_code < 500, (key(route, method), answer.text[:500])
        if mark_of(answer) != written.get(key(route, method), {}).get(role):
            wrong.append(f"{key(route, method)}: {role} gets {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give a site that may be changed; each test sets it back."""
    with world_in(tmp_path_factory.mktemp("changed") / "platform") as world:
        yield world


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_do_is_what_the_table_says(role: str, changed: World) -> None:
    written = rows()
    changed.set_back()
    wrong = [
        f"{row}: {role} gets {mark}"
        for row, mark in marks(changed, role, written)
        if mark != written.get(row, {}).get(role)
    ]
    assert not wrong, "\n".join(wrong)


def marks(
    world: World, role: str, written: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    """Give what a role is answered by each route that does something, as the table marks it.

    Args:
        world: The site, as it was at first.
        role: Who does it.
        written: The table: what it says is refused comes first, as that changes nothing.
    """
    doing = [(route, method) for route, method in asked() if method != "GET"]
    asker = Asker(world, ROLES[role])
    for route, method in sorted(doing, key=lambda it: written.get(key(*it), {}).get(role) == "+"):
        is_open = written.get(key(route, method), {}).get(role) == "+"
        if is_open:  # an act before it may have ended the session
            asker = Asker(world, ROLES[role])
        answer = asker.ask(route, method)
        if is_open and is_refused(answer):  # or have taken away what this one is about
            world.set_back()
            asker = Asker(world, ROLES[role])
            answer = asker.ask(route, method)
        failed = answer.status_code >= 500
        yield key(route, method), str(answer.status_code) if failed else mark_of(answer)


def mark_of(answer: Response) -> str:
    return "-" if is_refused(answer) else "+"


def links(text: str) -> set[str]:
    """Return the addresses on this site that a page links to, without the places on them."""
    found = {given.get("href", "") for given in Page(text).all("a")}
    return {link.partition("#")[0] for link in found if link.startswith("/")}


@pytest.mark.parametrize("role", ROLES)
def test_every_link_of_every_page_leads_somewhere(role: str, looked_at: World) -> None:
    client = looked_at.client(ROLES[role])
    wrong: dict[str, str] = {}
    known: dict[str, int] = {}
    for route, method in asked():
        if route.kind != "page" or rows().get(key(route, method), {}).get(role) != "+":
            continue
        at = looked_at.path(route.path)
        for link in links(client.get(at).text):
            if link not in known:
                known[link] = client.get(link).status_code
            if known[link] in {404, 405} or known[link] >= 500:
                wrong[link] = f"{at} leads to {link}: {known[link]}"
    assert not wrong, "\n".join(wrong.values())
