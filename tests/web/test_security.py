"""What a stranger can try, on the network, in the same browser, in a text field; on every route."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from assent.acts.house import House
from assent.catalogue.tables import metadata
from assent.web.app import platform_app, routes
from assent.web.face import Route
from assent.web.site import Site
from assent.web.visit import COOKIE, VISITOR
from tests.browser.forms import Form, Page, filled
from tests.browser.sending import csrf_of
from tests.browser.world import LISTENER, OTHER, OWNER, ROLES, World, world_in
from tests.web.test_routes import key, rows

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> javascript:alert(3) {{7*7}}"
RAW = re.compile(r"<script>alert|<img src=x|href=[\"']?\s*javascript:", re.IGNORECASE)
FRAMED = "/embed/"
"""What others may show within their pages."""
FLEETING = {"sessions", "attempts", "challenges", "done_once", "api_tokens"}
"""Tables that signing in and sending forms change by themselves."""
BEHIND = {"renditions", "data_keys", "play_days"}
"""Tables that are written behind the pages, when they come to it."""


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world_in(tmp_path_factory.mktemp("world") / "platform") as world:
        yield world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path / "platform") as opened:
        yield opened


def state(house: House) -> Mapping[str, list[str]]:
    """Return what each table holds that nobody writes to but who is asked to."""
    found = {}
    with house.reading() as connection:
        for table in metadata.sorted_tables:
            if table.name not in FLEETING | BEHIND:
                found[table.name] = sorted(map(repr, connection.execute(table.select())))
    return found


def somebody_for(route: Route) -> str:
    """Return the name of somebody who may use a route; where none may now, of an operator."""
    row = rows().get(key(route, route.methods[0]), {})
    order = ("owner", "listener", "operator", "reviewer", "label", "auditor", "other", "anonymous")
    return ROLES[next((role for role in order if row.get(role) == "+"), "operator")]


def gets() -> list[Route]:
    return [route for route in routes() if "GET" in route.methods]


# ---- on every answer


def test_every_answer_says_what_a_page_may_load(looked_at: World) -> None:
    for route in gets():
        answer = looked_at.client(somebody_for(route)).get(looked_at.path(route.path))
        rules = answer.headers["content-security-policy"]
        if answer.headers.get("content-type", "").startswith("image/svg"):
            # a picture may have a style of its own, and no script whatever
            assert rules == "default-src 'none'; style-src 'unsafe-inline'", route.path
            continue
        if route.path == "/verify":  # its rules stand within it, for it works from a disk as well
            assert "default-src 'none'" in answer.text.partition("<title>")[0]
            rules = f"default-src 'none'; {rules}"
        assert "unsafe" not in rules, route.path
        assert "default-src 'none'" in rules, route.path
        framed = rules.partition("frame-ancestors ")[2].partition(";")[0].strip()
        assert framed == ("*" if route.path.startswith(FRAMED) else "'none'"), route.path
        assert answer.headers["x-content-type-options"] == "nosniff", route.path
        assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}, route.path
        assert "server" not in answer.headers, route.path


def test_what_is_somebodys_is_kept_by_nobody_on_the_way(looked_at: World) -> None:
    for route in gets():
        name = somebody_for(route)
        if not name or route.kind not in {"page", "twin"}:
            continue
        answer = looked_at.client(name).get(looked_at.path(route.path))
        kept = answer.headers.get("cache-control", "")
        assert "no-store" in kept or "private" in kept or "no-cache" in kept, route.path


def test_no_page_holds_script_or_style_of_its_own(looked_at: World) -> None:
    for route in gets():
        if route.kind != "page":
            continue
        for name in {"", somebody_for(route)}:
            answer = looked_at.client(name).get(looked_at.path(route.path))
            page = Page(answer.text)
            assert all(script.get("src") for script in page.all("script")), route.path
            # the player and the pictures of terms have a style that the policy knows by its nonce
            nonces = {style.get("nonce", "") for style in page.all("style")}
            rules = answer.headers["content-security-policy"]
            assert all(f"'nonce-{nonce}'" in rules for nonce in nonces), route.path
            loud = [
                (tag, attribute)
                for tag, given in page.tags
                for attribute in given
                if attribute == "style" or attribute.startswith(("on", "hx-on"))
            ]
            assert not loud, route.path


# ---- forms


def forged(world: World, route: Route) -> Iterator[tuple[str, int]]:
    """Send a route's form with nothing, with a guess, and with another's mark; give the answers."""
    name = somebody_for(route)
    others = csrf_of(world.client(OTHER if name != OTHER else OWNER))
    for what, csrf in (("none", ""), ("a guess", "A" * 24), ("another's", others)):
        client, path = world.client(name), world.path(route.path)
        if route.kind == "act":
            answer = client.post(path, data={"csrf": csrf, "once": what})
        else:
            answer = client.post(path, json={}, headers={"x-csrf": csrf})
        yield what, answer.status_code


def test_a_form_that_no_page_of_ours_has_sent_does_nothing(world: World) -> None:
    before, wrong = state(world.house), []
    for route in routes():
        if route.kind in {"act", "api"}:
            # a body that cannot be read is refused before anybody asks whose it is
            wrong += [
                f"{key(route, 'POST')} with {what}: {status}"
                for what, status in forged(world, route)
                if status not in ({403} if route.kind == "act" else {403, 422})
            ]
    assert not wrong, "\n".join(wrong)
    assert state(world.house) == before


def test_a_form_sent_from_another_site_does_nothing(world: World) -> None:
    before = state(world.house)
    for route in routes():
        if route.kind != "act":
            continue
        client = world.client(somebody_for(route))
        csrf = csrf_of(client)
        for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            answer = client.post(world.path(route.path), data={"csrf": csrf}, headers=headers)
            assert answer.status_code == 403, (route.path, headers)
    assert state(world.house) == before


def pages_of(world: World, name: str) -> Iterator[tuple[str, str]]:
    """Give the pages that somebody can see, with their addresses."""
    client = world.client(name)
    for route in routes():
        if route.kind == "page":
            path = world.path(route.path)
            answer = client.get(path)
            if answer.status_code == 200:
                yield path, answer.text


def send(client: TestClient, form: Form, at: str, fields: Mapping[str, str | list[str]]) -> int:
    """Send a form; return the status of the answer."""
    path = form.action or at
    assert not urlsplit(path).netloc, "a form leads to another site"
    if form.method == "get":
        return client.get(path, params=dict(fields)).status_code
    given = {name: value for name, value in fields.items() if name != "csrf"}
    files = {"none": ("", b"")} if form.files else None
    # the page was read in another session; what ties a form to its browser is this one's
    sent = {**given, "csrf": csrf_of(client)}
    return client.post(path, data=sent, files=files).status_code


@pytest.mark.parametrize("role", ROLES)
def test_script_in_every_text_field_is_shown_as_text_and_nothing_is_done_twice(
    role: str, world: World
) -> None:
    name, sent = ROLES[role], 0
    found = [(at, form) for at, text in pages_of(world, name) for form in Page(text).forms]
    for at, form in found:
        fields = filled(form, EVIL)
        client = world.client(name)
        status = send(client, form, at, fields)
        assert status < 500, (at, form.action, status)
        sent += 1
        once = state(world.house)
        if form.method == "post" and name:
            assert send(client, form, at, fields) < 500, (at, form.action)
            assert state(world.house) == once, f"{form.action} on {at} did something twice"
    assert sent
    for who in ROLES.values():
        for at, text in pages_of(world, who) if who in {"", name, LISTENER} else ():
            assert not RAW.search(text), (at, who, RAW.search(text))
            assert "{{7*7}}" in text or "49" not in text or EVIL not in text, at


# ---- signing in


def signed_in(world: World, name: str, client: TestClient | None = None) -> TestClient:
    """Sign somebody in by the form, as a person would."""
    client = client or world.client()
    page = Page(client.get("/sign-in").text)
    form = next(it for it in page.forms if any(one.kind == "password" for one in it.fields))
    fields = {one.name: one.value for one in form.fields}
    [password] = [one.name for one in form.fields if one.kind == "password"]
    [called] = [one.name for one in form.fields if one.kind == "text"]
    fields |= {called: name, password: world.logins[name].password}
    answer = client.post(form.action, data=fields)
    assert answer.status_code == 303, answer.text
    return client


def test_signing_in_gives_a_new_session_whatever_the_browser_came_with(world: World) -> None:
    client = world.client()
    client.cookies.set(COOKIE, "known-to-somebody-else", domain="testserver.local")
    signed_in(world, OWNER, client)
    given = client.cookies.get(COOKIE)
    assert given
    assert given != "known-to-somebody-else"
    planted = world.client()
    planted.cookies.set(COOKIE, "known-to-somebody-else")
    assert "/sign-in" in planted.get("/account").headers.get("location", "")


def test_a_session_that_somebody_was_given_is_not_kept_by_the_next(world: World) -> None:
    client = signed_in(world, LISTENER)
    before = client.cookies.get(COOKIE)
    signed_in(world, OWNER, client)
    after = client.cookies.get(COOKIE)
    assert before != after


def test_no_script_reads_a_cookie_and_no_other_site_sends_one(world: World) -> None:
    client = world.client()
    seen = [client.get("/sign-in").headers]
    page = Page(client.get("/sign-in").text)
    form = next(it for it in page.forms if any(one.kind == "password" for one in it.fields))
    fields = {one.name: one.value for one in form.fields}
    fields |= {
        one.name: OWNER if one.kind == "text" else world.logins[OWNER].password
        for one in form.fields
        if one.kind in {"text", "password"}
    }
    seen.append(client.post(form.action, data=fields).headers)
    cookies = [cookie for headers in seen for cookie in headers.get_list("set-cookie")]
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert {COOKIE, VISITOR} <= names
    for cookie in cookies:
        assert "httponly" in cookie.lower(), cookie
        assert "samesite=lax" in cookie.lower() or "samesite=strict" in cookie.lower(), cookie


def test_over_tls_cookies_insist_on_it(world: World) -> None:
    site = Site(world.house, world.site.logs, "https://music.example")
    app = platform_app(site)
    client = TestClient(app, base_url="https://music.example", follow_redirects=False)
    answer = client.get("/sign-in")
    assert "; secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    site.close()


def test_signing_out_ends_the_session_and_not_only_the_cookie(world: World) -> None:
    client = signed_in(world, OWNER)
    secret = client.cookies.get(COOKIE) or ""
    assert client.get("/account").status_code == 200
    assert client.post("/sign-out", data={"csrf": csrf_of(client)}).status_code == 303
    again = world.client()
    again.cookies.set(COOKIE, secret)
    assert again.get("/account").status_code == 303


def test_a_session_ends_by_itself(world: World) -> None:
    client = signed_in(world, OWNER)
    world.clock.ahead += timedelta(days=29)
    assert client.get("/account").status_code == 200
    world.clock.ahead += timedelta(days=91)
    assert client.get("/account").status_code == 303
