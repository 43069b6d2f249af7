"""Links to audio: signed, good for ten minutes, and renewable by whoever may still hear it.

    RECORDING~PLAY~GROUND~WHO~VIA~BEGAN~UNTIL~MAC

A link says which play it is of, so that one play is counted once, however often it is renewed; and
on which ground it was given, which is asked again at each use: what ends, ends at once. `MAC` is
HMAC-SHA-256 of the rest, cut to 16 bytes. Instants are whole milliseconds. A link is taken for a
minute longer than it says, for the clocks of two machines may differ by that.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from secrets import token_hex
from urllib.parse import quote, unquote

from assent.errors import NotAllowed
from assent.listening.hearing import Ground, Hearing

__all__ = ["GOOD_FOR", "LEEWAY", "Link", "Via", "issue", "read", "renewed", "sign"]

GOOD_FOR = timedelta(minutes=10)
LEEWAY = timedelta(seconds=60)
_MAC_BYTES = 16
_PLAY_BYTES = 12
_LONGEST = 600
_FORGED = "this link was changed on its way; open the page again"


class Via(StrEnum):
    """By what somebody listens, and what its plays are counted by."""

    PAGE = "page"
    """The audio element of a page without scripts: by the bytes that were fetched."""
    EMBED = "embed"
    """The same, in a page of others."""
    PLAYER = "player"
    """The player with scripts: by what it says was heard."""
    EMBED_PLAYER = "embed-player"
    """The same, in a page of others."""
    HLS = "hls"
    """A player of playlists: by the bytes of segments."""
    FEED = "feed"
    """A podcast app: by the bytes that were fetched."""
    SUBSONIC = "subsonic"
    """A music app: by the bytes that were fetched, or by what it says was heard."""

    @property
    def by_bytes(self) -> bool:
        """Whether fetching counts as hearing."""
        return self not in {Via.PLAYER, Via.EMBED_PLAYER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link says.

    Args:
        recording: Which recording it opens.
        play: Of which play it is.
        ground: Why whoever was given it may hear the recording.
        who: On whose ground: an account or a private link; empty for everybody's.
        via: By what it is listened to.
        began: When the play began [aware datetime].
        until: Until when it is good, exclusive [aware datetime].
    """

    recording: str
    play: str
    ground: Ground
    who: str
    via: Via
    began: datetime
    until: datetime

    def is_good(self, at: datetime) -> bool:
        """Say whether it has not run out."""
        return at < self.until + LEEWAY


def issue(
    hearing: Hearing, via: Via, at: datetime, *, good_for: timedelta = GOOD_FOR, play: str = ""
) -> Link:
    """Return a link for somebody who may hear a recording.

    Args:
        hearing: That they may.
        via: By what they listen.
        at: When [aware datetime].
        good_for: For how long.
        play: Of which play; a new one if empty.

    Raises:
        Unknown: They may not.
    """
    hearing.require()
    return Link(
        recording=hearing.recording,
        play=play or token_hex(_PLAY_BYTES),
        ground=hearing.ground,
        who=hearing.who,
        via=via,
        began=at,
        until=at + good_for,
    )


def renewed(link: Link, hearing: Hearing, at: datetime) -> Link:
    """Return a link that ran out as one of the same play that is good again.

    Args:
        link: The link.
        hearing: On which ground its listener may hear the recording now.
        at: When [aware datetime].

    Raises:
        Unknown: They may not hear it any more.
    """
    hearing.require()
    return replace(link, ground=hearing.ground, who=hearing.who, until=at + GOOD_FOR)


def sign(key: bytes, link: Link) -> str:
    """Return a link as text that can stand in an address.

    Args:
        key: The platform's secret for links to audio [32 bytes].
        link: What it says.
    """
    fields = (
        link.recording,
        link.play,
        link.ground.value,
        link.who,
        link.via.value,
        str(_milliseconds(link.began)),
        str(_milliseconds(link.until)),
    )
    said = "~".join(quote(field, safe="").replace("~", "%7E") for field in fields)
    return f"{said}~{_mac(key, said)}"


def read(key: bytes, text: str) -> Link:
    """Return what a link says; whether it is still good is not looked at.

    Args:
        key: The platform's secret for links to audio [32 bytes].
        text: What `sign` gave.

    Raises:
        NotAllowed: It was forged or changed.
    """
    said, _, mac = text.rpartition("~")
    is_ours = len(text) <= _LONGEST and text.isascii()
    if not is_ours or not hmac.compare_digest(_mac(key, said), mac):
        raise NotAllowed(_FORGED)
    try:
        recording, play, ground, who, via, began, until = map(unquote, said.split("~"))
        return Link(
            recording=recording,
            play=play,
            ground=Ground(ground),
            who=who,
            via=Via(via),
            began=_instant(began),
            until=_instant(until),
        )
    except ValueError as error:  # ours, from before its form was changed
        raise NotAllowed(_FORGED) from error


def _mac(key: bytes, said: str) -> str:
    digest = hmac.new(key, said.encode(), sha256).digest()[:_MAC_BYTES]
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _milliseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _instant(milliseconds: str) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(milliseconds))
