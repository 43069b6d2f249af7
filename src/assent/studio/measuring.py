"""Who may measure files now: two at a time in a process, and next to nobody waits for a place.

Measuring keeps a processor busy for as long as a file is. Whoever waits for it holds a thread that
pages are answered with, so only two may, and everybody else is told to come again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from assent.errors import Busy

__all__ = ["AT_ONCE", "PATIENCE_S", "measuring"]

AT_ONCE: Final = 2
"""How many files one process measures at the same time."""
PATIENCE_S: Final = 2.0
"""How long somebody waits for a place who asks for one file."""
_AGAIN_S: Final = 5

_places = BoundedSemaphore(AT_ONCE)
_waiting = BoundedSemaphore(AT_ONCE)


@contextmanager
def measuring(patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold a place for as long as a block lasts.

    Args:
        patience_s: How long to wait for one [seconds].

    Raises:
        Busy: There is none; `facts["wait_s"]` says when to come again [seconds].
    """
    if not _places.acquire(blocking=False):
        _wait(patience_s)
    try:
        yield
    finally:
        _places.release()


def _wait(patience_s: float) -> None:
    if _waiting.acquire(blocking=False):
        try:
            if _places.acquire(timeout=patience_s):
                return
        finally:
            _waiting.release()
    text = "the site is measuring other files; try again in a moment"
    raise Busy(text, wait_s=_AGAIN_S)
