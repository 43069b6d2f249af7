"""A program's way through the gate: with a token that is renewed before it runs out."""

import io
from datetime import datetime, timedelta

from assent.acts.house import House

__all__ = ["Entry"]

_GOOD_FOR = timedelta(minutes=30)
_RENEWED_AFTER = _GOOD_FOR / 2


class Entry:
    """Opens recordings for one program.

    Args:
        house: The platform.
        program: The program.
    """

    def __init__(self, house: House, program: str) -> None:
        self._house = house
        self._program = program
        self._token = ""
        self._issued: datetime | None = None

    def open(self, recording: str) -> io.BufferedReader:
        """Open a recording.

        Raises:
            NotPermitted: The program may not use it; the stream raises it too, from the first
                read after a withdrawal.
            StorageFailed: The audio cannot be read, or the use not counted.
        """
        at = self._house.clock()
        if self._issued is None or not timedelta() <= at - self._issued < _RENEWED_AFTER:
            self._token = self._house.gate.token(self._program, _GOOD_FOR)
            self._issued = at
        return self._house.gate.open(self._token, recording)

    def check(self, recording: str) -> None:
        """Ask again, without opening anything.

        Raises:
            NotPermitted: The program may not use it any more.
        """
        gate = self._house.gate
        if not gate.snapshot.allows(self._program, recording):
            raise gate.refusal(self._program, recording)
