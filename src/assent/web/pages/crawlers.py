"""What a program asks for that walks the web: whether it may come, and a small picture."""

from typing import Final

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from assent.web.face import Face
from assent.web.rendering import static_url
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("crawlers")

_NOT_ALLOWED: Final = (
    "AI2Bot",
    "Amazonbot",
    "Applebot-Extended",
    "Bytespider",
    "CCBot",
    "ClaudeBot",
    "cohere-training-data-crawler",
    "Diffbot",
    "Google-Extended",
    "GPTBot",
    "ImagesiftBot",
    "Meta-ExternalAgent",
    "omgili",
    "PanguBot",
    "Timpibot",
)
"""Crawlers that say of themselves that they gather for AI."""
_RULES: Final = """\
# People's search may come in; a page that its holders keep out of search says so itself (noindex).
# Crawlers that gather for AI may not. Signals of what each recording allows will come from the
# words of its holders, later; until then: no.
{named}
Disallow: /

User-agent: *
Disallow: /api/
Disallow: /rest/
Disallow: /r/*/audio
Disallow: /r/*/hls
Disallow: /r/*/download
"""


@face.raw("/robots.txt", documented=True, media="text/plain")
def robots(visit: Visit) -> Response:
    """Say which programs may walk through the pages."""
    named = "\n".join(f"User-agent: {name}" for name in _NOT_ALLOWED)
    return PlainTextResponse(
        _RULES.format(named=named), headers={"cache-control": "public, max-age=3600"}
    )


@face.raw("/favicon.ico", documented=False)
def icon(visit: Visit) -> Response:
    """Lead to the picture of this site, where a program does not read what the page says."""
    return RedirectResponse(static_url("icon.svg"), 302, {"cache-control": "public, max-age=3600"})
