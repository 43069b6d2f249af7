"""What a decision stands on: a recording, its holders, the texts they stand under, what they said.

Facts are gathered for one question: for a program they hold what names that program, and only the
holders of its territories.
"""

from dataclasses import dataclass
from enum import Enum

from assent.permission.algebra import SILENT, Masks
from assent.permission.statements import Said

__all__ = ["NO_TEXT", "Facts", "Hold", "Holder", "Role", "Standing"]


class Role(Enum):
    """Why a text counts for a holder."""

    ACCEPTED = "accepted"
    CURRENT = "current"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A text that a holder stands under.

    Args:
        role: Why it counts.
        text: Its name; empty where there is none.
        masks: What it says.
        event: Number of the event by which it counts: accepting, publishing or agreeing; None
            where there is no text.
    """

    role: Role
    text: str = ""
    masks: Masks[int] = SILENT
    event: int | None = None


NO_TEXT = {role: Standing(role=role) for role in Role}
"""Where no text is known: it opens nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody whose consent is needed.

    Args:
        id: The account.
        name: How the account is called.
        first: The terms accepted, or the agreement.
        second: The terms in force, or the agreement again.
        said: What this holder says of the recording.
    """

    id: str
    name: str
    first: Standing
    second: Standing
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Uses switched off by a dispute, a court, or moderation.

    Args:
        event: Number of the event that placed it.
        uses: What it switches off.
        cause: Why, in a few words.
    """

    event: int
    uses: int
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is known of one recording, as far as one question needs it.

    Args:
        recording: Its id.
        holders: All whose consent is needed.
        unclaimed: Where the question reaches and nobody holds rights; world when nobody at all.
        holds: What is switched off.
        original: The facts of what it is a copy of.
        head: Number of the last event that they know of.
    """

    recording: str
    holders: tuple[Holder, ...]
    unclaimed: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = ()
    original: "Facts | None" = None
    head: int = 0
