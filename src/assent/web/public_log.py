"""The public files of logs over HTTP: checkpoints, tiles, entries, and the policy.

    /policy                           by which keys and witnesses the logs are to be trusted
    /<log>/checkpoint                 never kept by anybody on the way
    /<log>/tile/<L>/<N>[.p/<W>]       kept for ever: it never changes
    /<log>/tile/entries/<N>[.p/<W>]   the same; packed for whoever says so
    /<log>/stamps/<size>.tsr          what a time-stamp authority said of a checkpoint (RFC 3161)
    /<log>/stamps/<size>.checkpoint   the checkpoint that it said it of

A path is looked up only if it is written as such a path is, so none leads out of the store. Any web
page may read all of it.

Source: C2SP tlog-tiles v0.1.0; RFC 9110, sections 12.5.3 and 15.5; Fetch, "CORS protocol".
"""

import gzip
import re
from collections.abc import Callable, Mapping
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assent.errors import BadProof, Unknown
from assent.log.store import LogStore
from assent.log.tile import parse_tile_path
from assent.log.writer import CHECKPOINT
from assent.web.answers import HANDLERS, answer, refusal

__all__ = ["public_log"]

_OCTETS: Final = "application/octet-stream"
_STAMP: Final = re.compile(r"stamps/(?:0|[1-9][0-9]{0,18})\.(tsr|checkpoint)")
_STAMPS: Final = {"tsr": "application/timestamp-reply", "checkpoint": "text/plain; charset=utf-8"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASKED_BEFORE: Final = {
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": "*",
    "access-control-max-age": "86400",
}


def public_log(stores: Mapping[str, LogStore], policy: Callable[[], bytes]) -> Starlette:
    """Return the face.

    Args:
        stores: Where the public files of each log lie, by the log's name.
        policy: What gives the policy in force; it may raise `Unknown` before there is one.
    """

    def face(request: Request) -> Response:  # not async: a store may block
        if request.method == "OPTIONS":
            return answer(b"", status=204, headers=_ASKED_BEFORE)
        # not the route's own notion of it, which drops a newline at the end
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))[1:]
        if path == "policy":
            try:
                return answer(policy())
            except Unknown as error:
                return refusal(404, error.text)
        name, _, rest = path.partition("/")
        store = stores.get(name)
        if store is None:
            return refusal(404, "there is no such log")
        packed = "gzip" in _accepted(request.headers.get("accept-encoding", ""))
        return _file(store, rest, packed=packed)

    every = Route("/{path:path}", face, methods=["GET", "HEAD", "OPTIONS"])
    app = Starlette(routes=[every], exception_handlers=HANDLERS)
    app.router.redirect_slashes = False
    return app


def _file(store: LogStore, path: str, *, packed: bool) -> Response:
    if path == CHECKPOINT:
        note = store.get(CHECKPOINT)
        return refusal(404, "nothing was published yet") if note is None else answer(note)
    if stamped := _STAMP.fullmatch(path):
        return _stamp(store, path, _STAMPS[stamped[1]])
    try:
        tile = parse_tile_path(path)
    except BadProof as error:
        return refusal(404, error.text)
    data = store.get(path)
    if data is None:  # it may come to be, so nobody should remember that it is not there
        return refusal(404, "the log has no such tile")
    if tile.level is not None:  # hashes do not get smaller
        return answer(data, content_type=_OCTETS, cache=_FOR_EVER)
    headers = {"vary": "Accept-Encoding"}
    if packed:
        data = gzip.compress(data, mtime=0)
        headers["content-encoding"] = "gzip"
    return answer(data, content_type=_OCTETS, cache=_FOR_EVER, headers=headers)


def _stamp(store: LogStore, path: str, content_type: str) -> Response:
    data = store.get(path)
    if data is None:
        return refusal(404, "no checkpoint of this size was stamped")
    return answer(data, content_type=content_type)  # may be stamped again, by somebody else


def _accepted(header: str) -> set[str]:
    """Return the codings that a client takes; those it weighs with nothing it does not take."""
    taken = set[str]()
    for item in header.lower().split(","):
        coding, _, weight = (part.strip() for part in item.partition(";"))
        if weight.replace(" ", "").strip("0.") != "q=":
            taken.add(coding)
    return taken
