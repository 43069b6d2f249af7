"""The one place that reads the clock; everything else is handed an instant `at`."""

from datetime import UTC, datetime
from time import monotonic

from assent.errors import BadInput

__all__ = ["format_instant", "monotonic_s", "now", "parse_instant"]


def now() -> datetime:
    """Return this instant [aware datetime, UTC, whole milliseconds].

    Milliseconds are what an event keeps, so an instant read here survives the event byte for byte.
    """
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def monotonic_s() -> float:
    """Return a clock that never goes back [seconds], for measuring, never for dating."""
    return monotonic()


def format_instant(at: datetime) -> str:
    """Return an instant as text that sorts as it happened.

    >>> format_instant(datetime(2031, 1, 31, 9, tzinfo=UTC))
    '2031-01-31T09:00:00.000Z'
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Return the instant that a date or a time with its zone names; a date is its first moment.

    Raises:
        BadInput: It is neither.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is no date; write 2031-01-31 or 2031-01-31T09:00Z") from None
    is_date = len(text) == len("2031-01-31")
    if at.tzinfo is None and not is_date:
        raise BadInput(f"{text!r} has no time zone; write Z at its end")
    return at.replace(tzinfo=UTC) if is_date else at.astimezone(UTC)
