"""The clock of the story: a month and more goes by in it, and it ends today."""

from datetime import datetime, timedelta

from assent.clock import now

__all__ = ["StoryClock"]

_BEHIND = timedelta(days=40)
"""Longer than the notice that the terms of the story promise."""


class StoryClock:
    """Tells the time in the story, which begins some weeks ago."""

    def __init__(self) -> None:
        self._behind = _BEHIND

    def __call__(self) -> datetime:
        """Return this instant, as the story has it [aware datetime]."""
        return now() - self._behind

    def catch_up(self) -> None:
        """Let the weeks go by: from now on the story is told as it happens."""
        self._behind = timedelta()
