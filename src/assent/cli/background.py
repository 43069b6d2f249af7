"""A thread beside a server, which begins with a block and ends with it."""

from abc import ABC, abstractmethod
from threading import Event, Thread
from types import TracebackType
from typing import Self

__all__ = ["Background"]


class Background(ABC):
    """Runs in a thread of its own while a block lasts.

    Args:
        name: What the thread is called.
    """

    def __init__(self, name: str) -> None:
        self._stop = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    @abstractmethod
    def _run(self) -> None:
        """Do it, until `_stop` is set."""
