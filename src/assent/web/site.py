"""The site: one platform as it is shown to people, and what it keeps one of while it is served."""

from collections.abc import Callable
from threading import RLock
from typing import Any, TypeVar, cast

from assent.acts.house import House
from assent.acts.logs import Logs

__all__ = ["Site"]

_Part = TypeVar("_Part")


class Site:
    """One platform, served.

    Args:
        house: The platform.
        logs: Its logs.
        url: Its public address, without a slash at the end.
    """

    def __init__(self, house: House, logs: Logs, url: str) -> None:
        self.house = house
        self.logs = logs
        self.url = url.rstrip("/")
        self._parts: dict[Callable[..., Any], Any] = {}
        self._lock = RLock()  # what makes one part may ask for another

    @property
    def is_secure(self) -> bool:
        """Whether it is reached over TLS, so that cookies may insist on it."""
        return self.url.startswith("https:")

    def one(self, make: Callable[["Site"], _Part]) -> _Part:
        """Return the one part of its kind, made when it is first asked for.

        Args:
            make: What makes it; also what it is known by. A part with a `close` is closed with the
                site.
        """
        if make not in self._parts:
            with self._lock:
                if make not in self._parts:
                    self._parts[make] = make(self)
        return cast(_Part, self._parts[make])

    def secret(self, purpose: str) -> bytes:
        """Return the platform's secret for a purpose [32 bytes].

        Raises:
            KeyFailed: The master key cannot be had.
        """
        known = self.one(_secrets)
        if purpose not in known:
            known[purpose] = self.house.gate.secret(purpose)
        return known[purpose]

    def close(self) -> None:
        """Close the parts; the house is its opener's to close."""
        with self._lock:
            parts, self._parts = list(self._parts.values()), {}
        for part in reversed(parts):
            close = getattr(part, "close", None)
            if callable(close):
                close()


def _secrets(_site: Site) -> dict[str, bytes]:
    return {}
