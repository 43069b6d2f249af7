"""Sending requests as a browser would: with the cookie of somebody and what our own forms carry."""

import re
from dataclasses import dataclass, field
from typing import Any, cast

from httpx2 import Response
from starlette.testclient import TestClient

from assent.web.app import platform_app
from assent.web.face import Route
from assent.web.site import Site
from tests.browser.world import World

_JSON = {"accept": "application/json"}
_FORMS = {"/studio/upload", "/leave"}
"""Forms that answer by themselves."""
_TUS = {
    "tus-resumable": "1.0.0",
    "content-type": "application/offset+octet-stream",
    "upload-offset": "0",
    "upload-length": "1000",
}


def csrf_of(client: TestClient) -> str:
    """Return what the forms of a browser carry."""
    known = re.search(r'name="csrf" content="([^"]+)"', client.get("/about").text)
    if known is not None:
        return known[1]
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/sign-in").text)
    return found[1] if found else ""


@dataclass(slots=True)
class Asker:
    """A browser of somebody, and what its forms carry.

    Args:
        world: The site.
        name: Who asks; nobody if empty.
    """

    world: World
    name: str
    client: TestClient = field(init=False)
    csrf: str = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.world.client(self.name)
        self.csrf = csrf_of(self.client)

    def ask(self, route: Route, method: str) -> Response:
        """Ask for a route; a form says nothing, a call about something says what it must."""
        path = self.world.path(route.path)
        if method == "GET":
            return self.client.get(path)
        if route.kind == "act" or (method == "POST" and path in _FORMS):
            return self.client.post(path, data={"csrf": self.csrf})
        if route.kind == "api":
            said = sample(self.world, route) if "{" in route.path else {}
            return self.client.post(path, json=said, headers={**_JSON, "x-csrf": self.csrf})
        headers = {**_JSON, **_TUS, "x-csrf": self.csrf}
        return self.client.request(method, path, headers=headers, content=b"{}")


def sample(world: World, route: Route) -> Any:  # JSON, as the description has it
    """Return the least that a call can say."""
    described = cast(Any, world.site.one(_described))
    body = described["paths"][route.path]["post"].get("requestBody")
    if body is None:
        return {}
    least = _least(described, body["content"]["application/json"]["schema"])
    # what is there, where something is named
    there = {name: it for name, it in world.things.items() if isinstance(least.get(name), str)}
    return {**least, **there}


def _described(site: Site) -> dict[str, Any]:
    # as it is served, so that it is what programs read
    client = TestClient(platform_app(site))
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def _least(described: Any, schema: Any) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _least(described, described["components"]["schemas"][name])
    for one in ("enum", "anyOf", "allOf"):
        if one in schema:
            first = schema[one][0]
            return first if one == "enum" else _least(described, first)
    if schema.get("type") == "object":
        parts = schema.get("properties", {})
        return {name: _least(described, parts[name]) for name in schema.get("required", [])}
    plain = {"integer": 0, "number": 0, "boolean": True, "array": [], "null": None}
    return plain.get(schema.get("type", ""), _text(schema))


def _text(schema: Any) -> str:
    pattern = schema.get("pattern", "")
    return (
        str(pattern.split("|")[0]) if "|" in pattern else "x" * max(1, schema.get("minLength", 1))
    )
