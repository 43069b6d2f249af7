"""The site, put together: its faces, its static files, the public log, what is said of errors."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from assent.acts.accounts import Role
from assent.errors import AssentError, CouldNot
from assent.web.described import DESCRIPTION, describe
from assent.web.form import in_words
from assent.web.headers import Headers
from assent.web.pages import faces
from assent.web.public_log import public_log
from assent.web.refusals import NotSignedIn, status_of, tell_when
from assent.web.rendering import STATIC, VERIFIER, rendered, static_digest, style
from assent.web.route import Route
from assent.web.site import Site
from assent.web.view import Problem, View
from assent.web.visit import SITE, Visit, site_of, wants_json

__all__ = ["Refusal", "WayOut", "assembled", "platform_app", "routes"]

_FOR_EVER = "public, max-age=31536000, immutable"


class WayOut(View):
    """What can be done instead.

    Args:
        words: What that is, in one sentence; empty where the button says it.
        href: Where.
        press: What the button says.
    """

    words: str = ""
    href: str
    press: str


class Refusal(View):
    """A page that says what cannot be done.

    Args:
        status: The status of HTTP.
        text: Why, in one sentence.
        heading: What stands above it; empty for what the status says.
        way_out: What can be done instead.
    """

    status: int
    text: str
    heading: str = ""
    way_out: WayOut | None = None


def routes() -> list[Route]:
    """Return every route of the site."""
    return [route for face in faces() for route in face.routes]


def platform_app(site: Site) -> ASGIApp:
    """Return the site as it is served.

    Args:
        site: The platform.
    """
    app, large = assembled()
    return Headers(app, large, site)


@cache
def assembled() -> tuple[FastAPI, tuple[re.Pattern[str], ...]]:
    """Return what answers for every site of this process, and the paths that take large bodies."""
    app = FastAPI(
        title="Assent",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    for kind, handler in (
        (AssentError, _refused),
        (HTTPException, _http),
        (RequestValidationError, _invalid),
        (Exception, _bug),
    ):
        app.add_exception_handler(kind, handler)
    large = []
    for face in faces():
        app.router.routes += face.router.routes  # including would build each route once more
        large += [_pattern(route.path) for route in face.routes if route.large]
    _mount_files(app)
    app.mount("/log", _log)
    app.router.redirect_slashes = False
    describe(app, routes())
    return app, tuple(large)


async def _log(scope: Scope, receive: Receive, send: Send) -> None:
    await scope[SITE].one(_public_log)(scope, receive, send)


def _public_log(site: Site) -> ASGIApp:
    stores = {part.name: part.store for part in (site.logs.consent, site.logs.index)}
    return public_log(stores, site.house.settings.policy.read_bytes)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)))


def _mount_files(app: FastAPI) -> None:
    base = f"/static/{static_digest()}"

    def sheet(_request: Request) -> Response:
        return PlainTextResponse(
            style(), media_type="text/css", headers={"cache-control": _FOR_EVER}
        )

    app.add_route(f"{base}/style.css", sheet, include_in_schema=False)
    app.router.routes.append(Mount(f"{base}/verifier", _Kept(directory=VERIFIER)))
    app.router.routes.append(Mount(base, _Kept(directory=STATIC)))


class _Kept(StaticFiles):
    """Files whose address changes when they do."""

    def file_response(self, *given: Any, **more: Any) -> Response:
        answer = super().file_response(*given, **more)
        answer.headers["cache-control"] = _FOR_EVER
        return answer


def _refused(request: Request, error: Exception) -> Response:
    refused = cast(AssentError, error)
    if isinstance(refused, NotSignedIn) and not wants_json(request) and request.method == "GET":
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Response(
            status_code=303,
            headers={"location": f"/sign-in?next={quote(there)}", "cache-control": "no-store"},
        )
    # why the world did not cooperate is for the one who runs this, not for strangers
    away = isinstance(refused, CouldNot) and not refused.facts.get("told", False)
    text = refused.text if not away or type(refused).__name__ == "Busy" else _AWAY
    answer = _answer(request, status_of(refused), text, refused)
    tell_when(answer.headers, refused)
    return answer


_AWAY = "this cannot be had at the moment; nothing is lost, try again in a minute"


def _http(request: Request, error: Exception) -> Response:
    said = cast(HTTPException, error)
    texts = {404: "there is no such page", 405: "this address does not take that"}
    answer = _answer(request, said.status_code, texts.get(said.status_code, said.detail.lower()))
    answer.headers.update(said.headers or {})
    return answer


def _invalid(request: Request, error: Exception) -> Response:
    return _answer(request, 422, in_words(cast(RequestValidationError, error).errors()))


def _bug(request: Request, _error: Exception) -> Response:
    return _answer(request, 500, "this is a mistake of ours, not of yours; it has been noted")


def _answer(request: Request, status: int, text: str, error: AssentError | None = None) -> Response:
    """Say what cannot be done, as the one who asked can read it."""
    if wants_json(request):
        problem = Problem(error=text, status=status)
        return JSONResponse(problem.model_dump(), status, {"cache-control": "no-store"})
    try:
        with Visit(site_of(request), request) as visit:
            heading = str(error.facts.get("heading", "")) if error else ""
            way_out = _way_out(visit, status, error)
            view = Refusal(status=status, text=text, heading=heading, way_out=way_out)
            return rendered(visit, "error.html", view, status)
    except AssentError:  # who asks cannot be looked up either
        return PlainTextResponse(f"{text}\n", status, {"cache-control": "no-store"})


def _way_out(visit: Visit, status: int, error: AssentError | None) -> WayOut | None:
    """Return who could change it, where somebody could, or where to begin again."""
    if error is not None and (back := error.facts.get("back")):
        return WayOut(href=str(back), press="Back")
    if status == HTTPStatus.UNAUTHORIZED:
        return WayOut(href="/sign-in", press="Sign in")
    if status != HTTPStatus.FORBIDDEN or error is None:
        return None
    roles = error.facts.get("roles", frozenset())
    if not isinstance(roles, frozenset) or not roles:
        return None
    if Role.ARTIST in roles and visit.is_one_of(frozenset({Role.LISTENER})):
        words = "You can change that yourself: say that you make music, too."
        return WayOut(words=words, href="/account", press="Your account")
    words = "Whoever runs this place gives that role to people who need it."
    return WayOut(words=words, href="/about", press="Who runs this place")
