"""A witness over HTTP.

    POST /add-checkpoint           200, or 400 403 404 409 422 as the protocol says
    GET /<origin hash>/checkpoint  the latest checkpoint of a log that was cosigned, for monitors

Source: C2SP tlog-witness v1.0.0.
"""

from asyncio import timeout
from collections.abc import Callable
from datetime import datetime
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from assent.clock import now
from assent.log.witness import MOST_BYTES, Witness
from assent.web.answers import HANDLERS, answer, refusal

__all__ = ["witness_app"]

_PATIENCE_S: Final = 10.0


def witness_app(
    witness: Witness, clock: Callable[[], datetime] = now, patience_s: float = _PATIENCE_S
) -> Starlette:
    """Return the face.

    Args:
        witness: What answers.
        clock: What tells the time.
        patience_s: How long a request may take to arrive [seconds].
    """

    async def add_checkpoint(request: Request) -> Response:
        body = await _body(request, patience_s)
        if body is None:
            return refusal(400, "the request is too large, too slow, or broken off")
        said = await run_in_threadpool(witness.add_checkpoint, body, clock())
        return answer(said.body, status=said.status, content_type=said.content_type)

    def checkpoint(request: Request) -> Response:  # not async: the memory may block
        note = witness.checkpoint(request.path_params["name"])
        return refusal(404, "nothing of that log was cosigned") if note is None else answer(note)

    app = Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{name}/checkpoint", checkpoint, methods=["GET"]),
        ],
        exception_handlers=HANDLERS,
    )
    app.router.redirect_slashes = False
    return app


async def _body(request: Request, patience_s: float) -> bytes | None:
    """Return what was sent; None where it is too much, does not come in time, or breaks off."""
    body = bytearray()
    try:
        async with timeout(patience_s):
            async for piece in request.stream():
                body += piece
                if len(body) > MOST_BYTES:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return bytes(body)
