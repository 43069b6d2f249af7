"""What stands above every answer: what a page may load, who may frame it, how large a body may be.

An answer that says otherwise, such as a player that others embed, keeps what it says.
Source: W3C Content Security Policy Level 3; Fetch Metadata; OWASP Secure Headers.
"""

import re
from collections.abc import Iterable
from secrets import token_urlsafe
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assent.web.site import Site
from assent.web.visit import SITE

__all__ = ["Headers", "policy"]

LARGEST_BODY: Final = 4 << 20
_FIXED: Final = {
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_TRANSPORT: Final = "max-age=31536000"


def policy(nonce: str, *, framed_by: str = "'none'") -> str:
    """Return what a page may load: what this site serves, and no script or style in the page.

    Args:
        nonce: What marks the style that the player writes.
        framed_by: Who may show the page within theirs.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "font-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            f"frame-ancestors {framed_by}",
            "base-uri 'none'",
        )
    )


class Headers:
    """Says which site is meant, adds the headers, and stops bodies that are too large.

    Args:
        app: What answers.
        large: The paths that take bodies of any size, as patterns.
        site: The site that requests are made to.
    """

    def __init__(self, app: ASGIApp, large: Iterable[re.Pattern[str]], site: Site) -> None:
        self._app = app
        self._large = tuple(large)
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[SITE] = self._site
        nonce = scope["assent.nonce"] = token_urlsafe(12)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _FIXED.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", policy(nonce))
                if self._site.is_secure:
                    headers.setdefault("strict-transport-security", _TRANSPORT)
            await send(message)

        if any(pattern.fullmatch(scope["path"]) for pattern in self._large):
            await self._app(scope, receive, sending)
        else:
            await self._app(scope, _limited(receive), sending)


def _limited(receive: Receive) -> Receive:
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise HTTPException(413, "what was sent is larger than what is taken here")
        return message

    return receiving
