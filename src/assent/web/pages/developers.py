"""The page for developers: every call of the API, from the same description that programs read."""

from typing import Any

from assent.web.face import Face
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("developers")


class Call(View):
    """One call.

    Args:
        method: Its method.
        path: Its path.
        summary: What it does.
        description: What is to be known of it.
    """

    method: str
    path: str
    summary: str
    description: str


class Part(View):
    """The calls of one part of the site.

    Args:
        name: What the part is called.
        calls: Its calls.
    """

    name: str
    calls: list[Call]


class DevelopersView(View):
    """What a program can do here.

    Args:
        description: How calls are made.
        parts: All calls, by part.
    """

    description: str
    parts: list[Part]


@face.page("/developers", template="developers.html")
def developers(visit: Visit) -> DevelopersView:
    """Show what programs can do here, call by call."""
    described: dict[str, Any] = visit.request.app.openapi()
    calls: dict[str, list[Call]] = {}
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            part = (call.get("tags") or ["other"])[0]
            calls.setdefault(part, []).append(
                Call(
                    method=method.upper(),
                    path=path,
                    summary=call.get("summary", ""),
                    description=call.get("description", ""),
                )
            )
    return DevelopersView(
        description=described["info"]["description"],
        parts=[Part(name=name, calls=calls[name]) for name in sorted(calls)],
    )
