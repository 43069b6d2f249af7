"""Resumable uploads over HTTP, for our page and for every stock client of tus.

Source: tus resumable upload protocol 1.0.0: core, creation, checksum, expiration, termination; the
423 of two parts at once is what its reference server answers.
"""

import asyncio
from base64 import b64decode
from binascii import Error
from email.utils import format_datetime

from fastapi.concurrency import contextmanager_in_threadpool
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from assent.errors import AssentError, BadInput, Busy
from assent.signin.scopes import Scope
from assent.studio import uploads
from assent.studio.uploads import TooLarge, TooMany, Upload
from assent.studio.uploads_file import WrongOffset, path_of, receiving
from assent.studio.uploads_part import ALGORITHMS, ChecksumMismatch, Overflow, Part
from assent.web.face import ANYBODY, CREATORS, Face
from assent.web.form import check_ours
from assent.web.refusals import status_of
from assent.web.view import Problem
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("uploads")

_VERSION = "1.0.0"
_EXTENSIONS = "creation,checksum,expiration,termination"
_PART = "application/offset+octet-stream"
_AT_ONCE_BYTES = 1 << 20
_SILENT_S = 60.0
"""Who sends nothing for so long has lost the connection; what arrived is kept."""
_STATUSES: dict[type[AssentError], int] = {
    ChecksumMismatch: 460,
    Overflow: 413,
    TooLarge: 413,
    TooMany: 429,
    WrongOffset: 409,
    Busy: 423,
}
"""What tus answers otherwise than pages do."""


class _Lost(BadInput):
    """The connection was lost on the way."""


@face.raw("/uploads", methods=("OPTIONS",), who=ANYBODY, statuses=(204,))
def able(visit: Visit) -> Response:
    """Say what can be uploaded how, as tus asks it."""
    return _answer(
        204,
        {
            "tus-version": _VERSION,
            "tus-extension": _EXTENSIONS,
            "tus-max-size": str(visit.site.house.settings.largest_upload_bytes),
            "tus-checksum-algorithm": ",".join(ALGORITHMS),
        },
    )


@face.raw(
    "/uploads",
    methods=("POST",),
    who=CREATORS,
    scope=Scope.UPLOAD,
    statuses=(201, 412),
)
def create(visit: Visit) -> Response:
    """Begin an upload: `Upload-Length` says how large it is, `Upload-Metadata` its `filename`."""
    try:
        _check(visit)
        size = _number(visit, "upload-length")
        name = _metadata(visit.request.headers.get("upload-metadata", "")).get("filename", "")
        visit.let_go()
        one = uploads.begin(visit.site.house, visit.me.account, name, size)
    except AssentError as error:
        return _refused(error)
    return _answer(201, {"location": f"/uploads/{one.id}", **_expires(one)})


@face.raw(
    "/uploads/{upload}", methods=("HEAD",), who=CREATORS, scope=Scope.UPLOAD, statuses=(200, 412)
)
def offset(visit: Visit, upload: str) -> Response:
    """Say how much of an upload is here."""
    try:
        _check(visit, reads=True)
        one = uploads.found(visit.site.house, visit.me.account, upload)
    except AssentError as error:
        return _refused(error)
    size = {"upload-length": str(one.size_bytes)}
    return _answer(200, {"upload-offset": str(one.arrived_bytes), **size, **_expires(one)})


@face.raw(
    "/uploads/{upload}",
    methods=("PATCH",),
    who=CREATORS,
    scope=Scope.UPLOAD,
    statuses=(204, 412, 415, 423),
    large=True,
)
async def part(visit: Visit, upload: str) -> Response:
    """Take the next part of an upload, which begins at `Upload-Offset`."""
    try:
        _check(visit)
        if visit.request.headers.get("content-type", "") != _PART:
            return _problem(415, f"a part is sent as {_PART}")
        begins = _number(visit, "upload-offset")
        checksum = visit.request.headers.get("upload-checksum", "")
        house, account = visit.site.house, visit.me.account
        one = await run_in_threadpool(uploads.found, house, account, upload)
        await run_in_threadpool(visit.let_go)  # a slow connection keeps none of the catalogue's
        taking = receiving(path_of(house, one.id), one.size_bytes, begins, checksum)
        async with contextmanager_in_threadpool(taking) as arriving:
            await _pour(visit.request, arriving, is_compared=bool(checksum))
    except AssentError as error:
        return _refused(error)
    return _answer(204, {"upload-offset": str(arriving.offset), **_expires(one)})


async def _pour(request: Request, arriving: Part, *, is_compared: bool) -> None:
    """Take what comes, a little at a time, until it ends or the connection does."""
    waiting, is_lost = bytearray(), False
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(_SILENT_S):
                waiting += await anext(stream)
        except StopAsyncIteration:
            break
        except (ClientDisconnect, TimeoutError):
            is_lost = True
            break
        if len(waiting) >= _AT_ONCE_BYTES:
            await run_in_threadpool(arriving.write, bytes(waiting))
            waiting.clear()
    await run_in_threadpool(arriving.write, bytes(waiting))
    if is_lost and is_compared:
        raise _Lost("the connection was lost; send this part again")


@face.raw(
    "/uploads/{upload}", methods=("DELETE",), who=CREATORS, scope=Scope.UPLOAD, statuses=(204, 412)
)
def terminate(visit: Visit, upload: str) -> Response:
    """Drop an upload."""
    try:
        _check(visit)
        house = visit.site.house
        one = uploads.found(house, visit.me.account, upload)
        visit.let_go()
        uploads.drop(house, one)
    except AssentError as error:
        return _refused(error)
    return _answer(204, {})


class _OtherVersion(BadInput):
    """The client speaks another version of tus."""


def _check(visit: Visit, *, reads: bool = False) -> None:
    """Refuse what is not tus, and what another site's page sends in somebody's name."""
    if visit.request.headers.get("tus-resumable", "") != _VERSION:
        raise _OtherVersion(f"uploads are sent by tus {_VERSION}")
    if not visit.by_token and not reads:
        check_ours(visit, visit.request.headers.get("x-csrf", ""))


def _number(visit: Visit, header: str) -> int:
    text = visit.request.headers.get(header, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 15:  # noqa: PLR2004  # a petabyte
        raise BadInput(f"the header {header.title()} is a whole number of bytes")
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """Return what is said of a file: names, and values in base64, with commas between."""
    said = {}
    for pair in filter(None, (it.strip() for it in header.split(","))):
        name, _, written = pair.partition(" ")
        try:
            said[name] = b64decode(written, validate=True).decode("utf-8", "replace")
        except (Error, ValueError):
            raise BadInput("the header Upload-Metadata is not written in base64") from None
    return said


def _expires(one: Upload) -> dict[str, str]:
    return {"upload-expires": format_datetime(one.until.replace(microsecond=0), usegmt=True)}


def _refused(error: AssentError) -> Response:
    if isinstance(error, _OtherVersion):
        return _problem(412, error.text, {"tus-version": _VERSION})
    known = (status for kind, status in _STATUSES.items() if isinstance(error, kind))
    more = {}
    if isinstance(error, WrongOffset):
        more["upload-offset"] = str(error.facts["offset"])
    return _problem(next(known, status_of(error)), error.text, more)


def _problem(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    said = Problem(error=text, status=status).model_dump()
    always = {"tus-resumable": _VERSION, "cache-control": "no-store"}
    return JSONResponse(said, status, headers={**always, **(headers or {})})


def _answer(status: int, headers: dict[str, str]) -> Response:
    always = {"tus-resumable": _VERSION, "cache-control": "no-store"}
    return Response(status_code=status, headers={**always, **headers})
