"""What music apps play: one play for a song that an app fetches and then says it has played."""

from collections import OrderedDict
from datetime import datetime, timedelta
from secrets import token_hex
from threading import Lock
from typing import Final

__all__ = ["SubsonicPlays"]

_SAME_WITHIN: Final = timedelta(minutes=20)
_MOST: Final = 20_000


class SubsonicPlays:
    """Remembers which play an account's fetching of a song belongs to."""

    def __init__(self) -> None:
        self._plays: OrderedDict[tuple[str, str], tuple[str, datetime]] = OrderedDict()
        self._lock = Lock()

    def of(self, account: str, recording: str, duration_s: float, at: datetime) -> str:
        """Return the play that somebody's request belongs to; after a while it is a new one.

        Args:
            account: Who asks.
            recording: For what.
            duration_s: How long that is [seconds].
            at: When [aware datetime].
        """
        with self._lock:
            key = account, recording
            play, since = self._plays.get(key, ("", at))
            if not play or at - since > _SAME_WITHIN + timedelta(seconds=duration_s):
                play, since = token_hex(12), at
            self._plays[key] = play, since
            self._plays.move_to_end(key)
            while len(self._plays) > _MOST:
                self._plays.popitem(last=False)
            return play
