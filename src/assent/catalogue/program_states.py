"""What a program is at an instant, in a word: live, waiting, suspended, over."""

from datetime import datetime
from typing import Any

from assent.catalogue.rows import program_of

__all__ = ["state_of"]


def state_of(row: Any, at: datetime) -> str:  # rows carry no column types
    """Return the state of a program in plain words.

    Args:
        row: A row of `programs`.
        at: The instant [aware datetime].
    """
    program = program_of(row)
    states = {
        "ended": program.ended is not None,
        "past its end": program.end is not None and at >= program.end,
        "suspended": program.suspended is not None,
        "waits for approval": program.approved is None,
        "not started yet": program.start is not None and at < program.start,
    }
    return next((state for state, holds in states.items() if holds), "live")
