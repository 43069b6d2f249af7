"""Audio over HTTP: by range, in flat memory, with the tag that a player may come back with.

Source: RFC 9110, sections 8.8.3, 13.1 and 14 (entity tags, conditions, ranges); RFC 6266 with
RFC 8187 (names of files).
"""

import io
import re
from collections.abc import AsyncIterator, Callable
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from assent.acts.house import House
from assent.listening.audio import Audio
from assent.listening.ranges import Span, Unsatisfiable, asked

__all__ = ["attachment", "audio_answer"]

_CHUNK: Final = 1 << 18
_CACHE: Final = "private, no-cache"
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|]+')
_LONGEST_NAME: Final = 150

Heard = Callable[[int], object]
"""Is told how many bytes were sent, once they were."""


class _AudioResponse(StreamingResponse):
    """Sends a piece of a file, and tells how much of it was taken."""

    def __init__(
        self,
        stream: io.BufferedReader,
        span: Span,
        status: int,
        headers: dict[str, str],
        heard: Heard | None,
    ) -> None:
        stream.seek(span.start)
        # read before anything is said, so that what cannot be read is told in words
        self._first = stream.read(min(_CHUNK, span.length))
        self._stream, self._left, self._heard = stream, span.length - len(self._first), heard
        self._sent = 0
        super().__init__(self._chunks(), status, headers)

    async def _chunks(self) -> AsyncIterator[bytes]:
        chunk = self._first
        while chunk:
            yield chunk
            self._sent += len(chunk)
            if self._left <= 0:
                return
            chunk = await run_in_threadpool(self._stream.read, min(_CHUNK, self._left))
            self._left -= len(chunk)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and let the file go however that ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.close()
            if self._heard is not None:
                self._heard(self._sent)


def audio_answer(
    house: House,
    request: Request,
    audio: Audio,
    *,
    heard: Heard | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the answer to a request for audio that may be heard.

    Args:
        house: The platform.
        request: What was asked: GET or HEAD, perhaps with a range or a condition.
        audio: The file.
        heard: Is told how many bytes were sent.
        headers: What else stands above it, or instead.

    Raises:
        StorageFailed: It cannot be read.
        Unknown: It is not there any more.
    """
    always = {
        "accept-ranges": "bytes",
        "cache-control": _CACHE,
        "content-type": audio.content_type,
        "etag": audio.etag,
        **(headers or {}),
    }
    given = request.headers
    if audio.etag in {tag.strip() for tag in given.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=always)
    try:
        span = asked(given.get("range"), given.get("if-range"), audio.size_bytes, audio.etag)
    except Unsatisfiable:
        return Response(
            status_code=416, headers={**always, "content-range": f"bytes */{audio.size_bytes}"}
        )
    always["content-length"] = str(span.length)
    if span.partial:
        always["content-range"] = span.content_range
    status = 206 if span.partial else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=always)
    stream = audio.open(house)
    try:
        return _AudioResponse(stream, span, status, always, heard)
    except BaseException:
        stream.close()
        raise


def attachment(name: str, ending: str) -> str:
    """Return the header that gives a file to keep its name, in any script.

    Args:
        name: What the file is called; what cannot stand in the name of a file is left out.
        ending: How the name ends, without the dot.
    """
    named = _UNSAFE.sub(" ", name).strip(" .")[:_LONGEST_NAME] or "recording"
    plain = named.encode("ascii", "replace").decode().replace("?", "_")
    full = quote(f"{named}.{ending}", safe="")
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{full}"
