"""What was heard: from bytes that were fetched, and from what players say, to plays.

A player says how many seconds it played; it cannot have played more than have gone by since the
play began, nor more than there is. Where nothing speaks for itself, the bytes that were fetched
say it. Owners' own plays are not counted, and neither is what the staff hears for a case.
"""

from collections import OrderedDict
from threading import Lock

from assent.acts.house import House
from assent.listening.hearing import Ground
from assent.listening.links import Link
from assent.listening.plays import Play, PlayLog, counts_from_s

__all__ = ["Heard"]

_COUNTED = frozenset({Ground.PUBLIC, Ground.LINK})
_MOST_KEPT = 50_000


class Heard:
    """Turns listening into plays.

    Args:
        house: The platform.
        log: What takes the plays.
    """

    def __init__(self, house: House, log: PlayLog) -> None:
        self._house = house
        self._log = log
        self._fetched: OrderedDict[str, float] = OrderedDict()
        self._told: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def said(self, link: Link, seconds: float, duration_s: float, account: str | None) -> bool:
        """Take what a player says was heard; return whether it counts.

        Args:
            link: The link by which it was played.
            seconds: How much was heard since the play began [seconds].
            duration_s: How long the recording is [seconds].
            account: Who listens; None for a stranger.
        """
        # both are told by the clock of this house: there is no skew to make room for
        gone_by = (self._house.clock() - link.began).total_seconds()
        return self._take(link, min(seconds, gone_by, duration_s), duration_s, account)

    def fetched(
        self, link: Link, sent: int, size_bytes: int, duration_s: float, account: str | None
    ) -> bool:
        """Take that bytes were fetched; return whether the play counts by now.

        Args:
            link: The link by which they were.
            sent: How many were, by this request [bytes].
            size_bytes: How long the file is [bytes].
            duration_s: How long it sounds [seconds].
            account: Who listens; None for a stranger.
        """
        if not link.via.by_bytes or sent <= 0:
            return False
        with self._lock:
            seconds = self._fetched.get(link.play, 0.0) + sent / size_bytes * duration_s
            _keep(self._fetched, link.play, min(seconds, duration_s))
        first = counts_from_s(duration_s)
        if seconds < first:
            return False
        # players fetch ahead: what has not gone by yet was not heard, but that it plays is known
        gone_by = (self._house.clock() - link.began).total_seconds()
        return self._take(link, max(first, min(seconds, gone_by)), duration_s, account)

    def _take(self, link: Link, seconds: float, duration_s: float, account: str | None) -> bool:
        if link.ground not in _COUNTED or seconds < counts_from_s(duration_s):
            return False
        self._log.record(
            Play(
                id=link.play,
                at=link.began,
                recording=link.recording,
                account=account,
                via=link.via.value,
                heard_s=round(min(seconds, duration_s), 3),
            )
        )
        return True

    def told(self, link: Link, by: str) -> None:
        """Put on record that somebody of the staff hears what is not public, once a play.

        Args:
            link: The link by which they do.
            by: Their name.
        """
        with self._lock:
            if link.play in self._told:
                return
            _keep(self._told, link.play, 0.0)
        body = {"act": "hear", "account": "", "recording": link.recording, "what": ""}
        with self._house.act(by) as act:
            act.record("staff", {**body, "cause": "a case of a copy"})


def _keep(kept: OrderedDict[str, float], play: str, value: float) -> None:
    kept[play] = value
    kept.move_to_end(play)
    while len(kept) > _MOST_KEPT:
        kept.popitem(last=False)
