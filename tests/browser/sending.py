"""Sending requests as a browser would: with the cookie of somebody and what our own forms carry."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from httpx2 import Response
from starlette.testclient import TestClient

from assent.web.face import Route
from tests.browser.world import World, world_in

_JSON = {"accept": "application/json"}


def csrf_of(client: TestClient) -> str:
    """Return what the forms of a browser carry."""
    page = client.get("/developers").text
    known = re.search(r'name="csrf" content="([^"]+)"', page)
    if known is not None:
        return known[1]
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/sign-in").text)
    return found[1] if found else ""


def ask(
    world: World, name: str, route: Route, method: str, fields: Mapping[str, str] | None = None
) -> Response:
    """Ask for a route as somebody, in a session of its own.

    Args:
        world: The site.
        name: Who asks; nobody if empty.
        route: What for.
        method: How.
        fields: What a form says; nothing but what every form carries, if None.
    """
    client = world.client(name)
    path = world.path(route.path)
    if method == "GET":
        return client.get(path)
    given = dict(fields or {})
    csrf = csrf_of(client)
    if route.kind == "act":
        return client.request(method, path, data={"csrf": csrf, "once": "1", **given})
    return client.request(method, path, json=given, headers={**_JSON, "x-csrf": csrf})


@contextmanager
def open_world_for(folder: Path) -> Iterator[Iterator[World]]:
    """Give what gives a fresh copy of the site each time that it is asked."""
    with ExitStack() as open_ones:

        def fresh() -> Iterator[World]:
            number = 0
            while True:
                number += 1
                yield open_ones.enter_context(world_in(folder / f"world-{number}"))

        yield fresh()
