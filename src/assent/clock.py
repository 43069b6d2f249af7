"""The one place that reads the clock; everything else is handed an instant `at`."""

from datetime import UTC, datetime
from time import monotonic

__all__ = ["monotonic_s", "now"]


def now() -> datetime:
    """Return this instant [aware datetime, UTC, whole milliseconds].

    Milliseconds are what an event keeps, so an instant read here survives the event byte for byte.
    """
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def monotonic_s() -> float:
    """Return a clock that never goes back [seconds], for measuring, never for dating."""
    return monotonic()
