"""A peer that knows recordings again: it takes files in, and says which one a sound is most like.

Each is pickled into the processes that ask it, with what it has taken in.
"""

from pathlib import Path
from typing import Protocol

from assent.bench.attacks import Samples

__all__ = ["Rival"]


class Rival(Protocol):
    """One peer.

    Attributes:
        name: What it is called, with its version or settings where they matter.
        missing: Why it is not asked; None if it is.
    """

    name: str

    @property
    def missing(self) -> str | None:
        """Why it is not asked; None if it is."""
        ...

    @property
    def size_bytes(self) -> int:
        """How large what it has taken in is, as it keeps it."""
        ...

    def add(self, number: int, path: Path) -> None:
        """Take a file in, under a number."""
        ...

    def best(self, heard: Samples) -> tuple[int, float] | None:
        """Return which file samples are most like, and how like; None if like none.

        Args:
            heard: One channel at 44.1 kHz [shape=(n,)].
        """
        ...
