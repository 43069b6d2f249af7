"""From a view to HTML: the templates, their filters, and where the static files are.

Everything that people typed is escaped; no template writes script or style into a page.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from math import floor
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assent.acts.accounts import Role
from assent.clock import parse_instant
from assent.web.entrance import local
from assent.web.view import View
from assent.web.visit import SAID, VISITOR, Visit

__all__ = ["STATIC", "finished", "rendered", "sent_on", "static_digest", "static_url", "style"]

STATIC: Final = Path(str(files("assent.web") / "static"))
VERIFIER: Final = Path(str(files("assent.web") / "verifier"))
_SAID_S: Final = 60
_VISITOR_S: Final = 86_400
_MINUTE_S, _HOUR_S = 60, 3_600


def rendered(visit: Visit, template: str, view: View, status: int = 200) -> Response:
    """Return a page.

    Args:
        visit: Whom it is shown.
        template: The template's name.
        view: What it says.
        status: The status of HTTP.
    """
    said = _said(visit)
    text = _templates().get_template(template).render(view=view, visit=visit, said=said)
    answer = HTMLResponse(text, status)
    return finished(visit, answer)


def sent_on(visit: Visit, path: str, said: str = "") -> Response:
    """Return an answer that leads to another page, which says what was done."""
    path = local(path)  # never to another site, whatever a form said
    if said:
        visit.set_cookie(SAID, urlsafe_b64encode(json.dumps(said).encode()).decode(), _SAID_S)
    return finished(visit, RedirectResponse(path, 303))


def finished(visit: Visit, answer: Response) -> Response:
    """Give an answer the cookies of its visit."""
    _keep_private(visit, answer)
    if visit.new_visitor:
        visit.set_cookie(VISITOR, visit.new_visitor, _VISITOR_S)
        visit.new_visitor = ""
    for cookie in visit.cookies:
        answer.set_cookie(
            cookie.name,
            cookie.value,
            max_age=cookie.max_age_s,
            secure=visit.site.is_secure,
            httponly=True,
            samesite="lax",
        )
    visit.cookies.clear()
    return answer


def _keep_private(visit: Visit, answer: Response) -> None:
    """Have nobody on the way keep what was said to one person, unless the answer says otherwise."""
    if "cache-control" not in answer.headers:
        private = visit.member is not None or visit.cookies or visit.new_visitor
        answer.headers["cache-control"] = "private, no-store" if private else "no-cache"
    answer.headers.setdefault("vary", "Cookie, Authorization")


def _said(visit: Visit) -> str:
    """Return what the page before has done, and say it only once."""
    given = visit.request.cookies.get(SAID, "")
    if not given:
        return ""
    visit.drop_cookie(SAID)
    try:
        said = json.loads(urlsafe_b64decode(given.encode()))
    except ValueError:
        return ""
    return said if isinstance(said, str) else ""


@cache
def style() -> str:
    """Return all style sheets as one, in the order of their names."""
    sheets = sorted((STATIC / "css").glob("*.css"))
    return "\n".join(sheet.read_text("utf-8") for sheet in sheets)


@cache
def static_digest() -> str:
    """Return what the static files are known by: other files, other addresses."""
    digest = sha256(style().encode())
    for file in sorted([*STATIC.rglob("*.*"), *VERIFIER.glob("*.js")]):
        if file.is_file() and file.suffix != ".css":
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def static_url(name: str) -> str:
    """Return the address of a static file, which may be kept for ever."""
    return f"/static/{static_digest()}/{name}"


@cache
def has_static(name: str) -> bool:
    """Say whether a static file is there; what Node builds may not be."""
    return (STATIC / name).is_file()


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("assent.web", "templates"),
        autoescape=select_autoescape(["html", "xml"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(static=static_url, has_static=has_static, Role=Role)
    made.filters.update(
        count=_count,
        day=_day,
        duration=_duration,
        hour=_hour,
        iso_duration=_iso_duration,
        moment=_moment,
        strokes=_strokes,
    )
    return made


def _strokes(heights: Sequence[float], middle: float, most: float, least: float) -> str:
    """Return an outline as the path of an SVG: one upright stroke for each height, 4 apart.

    Args:
        heights: From 0 to 1.
        middle: The line that they stand on both sides of.
        most: How far up and down a height of 1 goes.
        least: How far a stroke goes at least.

    >>> _strokes([0, 0.5], middle=32, most=30, least=0.8)
    'M2 31.2V32.8M6 17.0V47.0'
    """
    reaches = (max(height * most, least) for height in heights)
    return "".join(
        f"M{at * 4 + 2} {middle - reach:.1f}V{middle + reach:.1f}"
        for at, reach in enumerate(reaches)
    )


def _count(number: int) -> str:
    """Return a number with thin gaps between thousands."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _duration(seconds: float) -> str:
    """Return a length as 3:07 or 1:02:03."""
    whole = _whole(seconds)
    hours, rest = divmod(whole, _HOUR_S)
    minutes, left = divmod(rest, _MINUTE_S)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def _whole(seconds: float) -> int:
    """Return the nearest whole number, a half up: as scripts round, so that both say the same."""
    return floor(seconds + 0.5)


def _iso_duration(seconds: float) -> str:
    """Return a length as ISO 8601 writes it."""
    return f"PT{max(_whole(seconds), 0)}S"


def _day(at: str | datetime) -> str:
    """Return the day of an instant as 3 March 2031."""
    there = parse_instant(at) if isinstance(at, str) else at
    return f"{there.day} {there:%B %Y}"


def _hour(at: str | datetime) -> str:
    """Return the time of an instant as 09:30 UTC."""
    there = parse_instant(at) if isinstance(at, str) else at
    return f"{there:%H:%M} UTC"


def _moment(at: str | datetime) -> str:
    """Return an instant as 3 March 2031, 09:30 UTC."""
    there = parse_instant(at) if isinstance(at, str) else at
    return f"{_day(there)}, {_hour(there)}"
