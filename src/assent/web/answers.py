"""What the HTTP faces of the logs and of a witness say in the same way.

Any web page may read them. A refusal is one clause of text, whatever went wrong.
"""

from typing import Final, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from assent.errors import CouldNot

__all__ = ["HANDLERS", "NO_STORE", "TEXT", "answer", "refusal"]

TEXT: Final = "text/plain; charset=utf-8"
NO_STORE: Final = "no-store"

_ALWAYS: Final = {
    "access-control-allow-origin": "*",  # a page of any origin may audit
    "x-content-type-options": "nosniff",
}


def answer(
    body: bytes,
    *,
    status: int = 200,
    content_type: str = TEXT,
    cache: str = NO_STORE,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return an answer that a page of any origin may read.

    Args:
        body: What it says.
        status: The status of HTTP.
        content_type: How it is written.
        cache: Who may keep it for how long.
        headers: What else stands above it.
    """
    always = {**_ALWAYS, "cache-control": cache, "content-type": content_type}
    return Response(body, status, headers={**always, **(headers or {})})


def refusal(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """Return a refusal.

    Args:
        status: The status of HTTP.
        text: Why, in one clause.
        headers: What else stands above it.
    """
    return answer(f"{text}\n".encode(), status=status, headers=headers)


def _refused(_request: Request, error: HTTPException) -> Response:
    """Say what the routes refuse: an address that is none, a method that it does not have."""
    headers = None if error.headers is None else dict(error.headers)
    return refusal(error.status_code, error.detail.lower(), headers)


def _could_not(_request: Request, _error: Exception) -> Response:
    # why is for the one who runs this, not for strangers
    return refusal(503, "it cannot be had at the moment", {"retry-after": "10"})


def _bug(_request: Request, _error: Exception) -> Response:
    return refusal(500, "this is a bug")


HANDLERS: Final[dict[int | type[Exception], ExceptionHandler]] = {
    HTTPException: cast(ExceptionHandler, _refused),
    CouldNot: _could_not,
    Exception: _bug,  # after which the error goes on to the server, who shows it
}
"""What is said for each class of errors."""
