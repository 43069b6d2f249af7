"""A question over HTTP that ends: so many bytes, so much time, and no answer instead of an error.

Whoever is asked may be dead, slow or lying. Nothing here says whether what came back is true.
Follows no redirection, takes nothing packed (a small answer could unpack into a large one), and
reads no proxy from the environment.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar
from weakref import finalize

import httpx

from assent.clock import monotonic_s

__all__ = ["Asker", "Reply", "in_time"]

Found = TypeVar("Found")

_KEPT_OPEN_S = 4.0
"""Shorter than servers keep a connection, so that none is used which they are about to close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back.

    Args:
        status: The status of HTTP.
        body: All that was said.
    """

    status: int
    body: bytes


class Asker:
    """Asks, from any thread; connections are kept open for a while.

    Args:
        timeout_s: How long to wait for a connection, and for each piece of an answer [seconds].
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._client = httpx.Client(
            timeout=timeout_s,
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(keepalive_expiry=_KEPT_OPEN_S),
            headers={"accept-encoding": "identity", "user-agent": "assent"},
        )
        self._close = finalize(self, self._client.close)
        self._close.atexit = False  # threads whose time is over may still be asking

    def close(self) -> None:
        """Close what is open; done by itself once nobody holds this any more."""
        self._close()

    def get(self, url: str, most_bytes: int) -> bytes | None:
        """Return what is there, if it is there; None also where there was no answer.

        Args:
            url: Where.
            most_bytes: How much may come back.
        """
        reply = self.look(url, most_bytes)
        return reply.body if reply is not None and reply.status == HTTPStatus.OK else None

    def look(self, url: str, most_bytes: int) -> Reply | None:
        """Return what is said of what is there; None if there was no answer.

        Args:
            url: Where.
            most_bytes: How much may come back.
        """
        return self._ask("GET", url, most_bytes)

    def post(self, url: str, most_bytes: int, body: bytes, content_type: str) -> Reply | None:
        """Return what comes back for what is sent; None if there was no answer.

        Args:
            url: Where.
            most_bytes: How much may come back.
            body: What to send.
            content_type: What it is.
        """
        return self._ask("POST", url, most_bytes, body, {"content-type": content_type})

    def _ask(
        self,
        method: str,
        url: str,
        most_bytes: int,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply | None:
        if self._client.is_closed:
            return None
        ends = monotonic_s() + self._timeout_s
        try:
            with self._client.stream(method, url, content=body, headers=headers) as response:
                if response.headers.get("content-encoding", "identity") != "identity":
                    return None
                said = bytearray()
                for piece in response.iter_raw():
                    said += piece
                    if len(said) > most_bytes or monotonic_s() > ends:
                        return None
                return Reply(status=response.status_code, body=bytes(said))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return None  # ValueError: addresses in a policy are octets, not always a URL


def in_time(tasks: Sequence[Callable[[], Found]], timeout_s: float) -> Iterator[Found]:
    """Do all tasks at once and yield what comes back, as it comes, until the time is over.

    What comes later is dropped; the process need not wait for it to end.

    Args:
        tasks: What to do, in a thread each.
        timeout_s: When to stop waiting [seconds].
    """
    found = SimpleQueue[Found]()
    ends = monotonic_s() + timeout_s
    for task in tasks:
        Thread(target=lambda task=task: found.put(task()), daemon=True).start()
    for _ in tasks:
        try:
            yield found.get(timeout=max(0.0, ends - monotonic_s()))
        except Empty:
            return
