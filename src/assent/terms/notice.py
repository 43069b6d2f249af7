"""Notice of a change: when it is given, by what channel, and what one can still do.

Source: the three questions of the Open Terms Archive's study of disclosure (April 2026), as told in
docs/terms.md: timing, channel, opportunity to act.
"""

from dataclasses import dataclass
from enum import Enum

__all__ = ["NO_NOTICE", "Chance", "Channel", "Notice", "Timing"]


class Timing(Enum):
    """When one is told, the best first."""

    BEFORE = "before"
    AFTER = "after"
    NONE = "none"


class Channel(Enum):
    """How one is told, the most personal first."""

    MAIL = "mail"
    INBOX = "inbox"
    BANNER = "banner"
    PAGE = "page"
    NONE = "none"


class Chance(Enum):
    """What one can do about it, the most first."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    LEAVE = "leave"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a text promises about changes to itself.

    Args:
        timing: When one is told.
        days: How long before a change takes effect [days]; 0 if it does not say.
        channel: How one is told.
        chance: What one can do: nothing widens until one accepts, one may refuse and stay, one may
            only leave, or nothing.
        text: The sentence it stands on.
    """

    timing: Timing
    days: int
    channel: Channel
    chance: Chance
    text: str


NO_NOTICE = Notice(timing=Timing.NONE, days=0, channel=Channel.NONE, chance=Chance.NONE, text="")
"""Of a text that promises nothing about changes."""
