"""Who listens while a file is taken in, to know whose it is; what is above this room does it."""

from collections.abc import Sequence
from typing import BinaryIO, Protocol

from assent.acts.copies import Suspicion
from assent.acts.house import Act
from assent.sound.decode import Probe
from assent.sound.measure import Tap

__all__ = ["DEAF", "Deaf", "Ear", "Recogniser"]


class Ear(Protocol):
    """Listens to one file."""

    def tap(self, probe: Probe, /) -> Tap:
        """Return who takes the file's samples while they pass."""
        ...

    def find(self, file: BinaryIO, /) -> None:
        """Look for what passed among all recordings, before anything is on record.

        Args:
            file: The file once more, for a closer look.
        """
        ...

    def keep(self, act: Act, recording: str, /) -> Sequence[Suspicion] | None:
        """Keep what is needed to know the recording again; return what it seems to be made of.

        Nothing is kept if the recording may not be identified, and None is said of it.

        Args:
            act: The change under way, in which the recording is on record already.
            recording: Which it has become.
        """
        ...

    def done(self) -> None:
        """Take note that the recording is on record for good."""
        ...


class Recogniser(Protocol):
    """Knows recordings again."""

    def ear(self, agreement: str, /) -> Ear:
        """Return who listens to a file that is about to be taken in.

        Args:
            agreement: What it is delivered under; empty for an own upload.
        """
        ...


class Deaf:
    """Listens to nothing, and knows nothing."""

    def ear(self, agreement: str, /) -> "Deaf":
        """Return itself."""
        return self

    def tap(self, probe: Probe, /) -> "Deaf":
        """Return itself."""
        return self

    def add(self, block: object, /) -> None:
        """Let samples pass."""

    def find(self, file: BinaryIO, /) -> None:
        """Look for nothing."""

    def keep(self, act: Act, recording: str, /) -> Sequence[Suspicion]:
        """Suspect nothing."""
        return ()

    def done(self) -> None:
        """Do nothing."""


DEAF = Deaf()
