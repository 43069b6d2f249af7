"""What programs are told of the site: its description, and what each call needs to be let in."""

from collections.abc import Iterable
from typing import Any, Final, cast

from fastapi import FastAPI

from assent.web.route import Route

__all__ = ["DESCRIPTION", "describe"]

DESCRIPTION: Final = """Everything that the pages do. The address of a page with `.json` at its end
says what the page says; what a form does is under `/api`.

A token is made on the page of your account, with the scopes that it may use; what is sent is its
secret (`Authorization: Bearer …`).

A browser that is signed in sends its cookie, and with every POST the header `X-CSRF`, as it stands
in `<meta name="csrf">` of every page; one that is not, the hidden field `csrf` of the page that it
answers, and that page's cookie.

Files are sent to `/uploads` by tus 1.0.0, and then it is said what they are. Music apps use `/rest`
(OpenSubsonic). Every refusal says why, in one clause."""
_TOKEN: Final[dict[str, list[str]]] = {"token": []}
_SESSION: Final[dict[str, list[str]]] = {"session": []}
_CSRF: Final = {
    "name": "x-csrf",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "For a session, and not for a token: what the pages of this browser carry.",
}


def describe(app: FastAPI, routes: Iterable[Route]) -> None:
    """Have the description say of each call who is let in, and how.

    Args:
        app: The site.
        routes: All its routes.
    """
    plain = app.openapi
    known = {(route.path, method.lower()): route for route in routes for method in route.methods}

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = plain()
            schema.setdefault("components", {})["securitySchemes"] = {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "assent"},
            }
            for path, calls in schema["paths"].items():
                for method, call in calls.items():
                    if (path, method) in known:
                        _secure(call, known[path, method])
        return cast(dict[str, Any], app.openapi_schema)

    app.openapi = described  # type: ignore[method-assign]  # how FastAPI says it is extended


def _secure(call: dict[str, Any], route: Route) -> None:
    ways = [_SESSION] if route.scope is None else [_TOKEN, _SESSION]
    call["security"] = ways if route.who is not None else [{}, *ways]
    if route.kind == "api":
        call.setdefault("parameters", []).append(_CSRF)
