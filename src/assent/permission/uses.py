"""The register of uses: who does what with a recording, one bit each.

4 actors times 15 activities are 60 uses. The register is append-only: a bit never changes its
meaning and a new use takes a new bit, which no old grant can hold, so a growing vocabulary never
widens an old grant.

Source: design, section 1.
"""

import re
from collections.abc import Iterable
from enum import Enum
from fnmatch import fnmatchcase
from functools import lru_cache

from assent.errors import BadStatement

__all__ = [
    "ACTIVITIES",
    "ACTORS",
    "ALL",
    "CONSENT_ONLY",
    "FREE",
    "GENERATIVE",
    "REGISTER_VERSION",
    "Activity",
    "Actor",
    "bit",
    "label",
    "labels",
    "parse_use",
    "parse_uses",
]

REGISTER_VERSION = 1


class Actor(Enum):
    """Who uses a recording, in the order of the register."""

    PLATFORM = "platform"
    GROUP = "group"
    PARTNER = "partner"
    PUBLIC = "public"


class Activity(Enum):
    """What is done with a recording, in the order of the register."""

    IDENTIFY = "identify"
    PROTECT = "protect"
    SEARCH = "search"
    ANALYSE = "analyse"
    RECOMMEND = "recommend"
    FIRST_FANS = "first-fans"
    INSIGHT = "insight"
    TRAIN_ANALYSIS = "train-analysis"
    TRAIN_VOICE = "train-voice"
    TRAIN_STYLE = "train-style"
    TRAIN_RIVAL = "train-rival"
    TRAIN_TOOL = "train-tool"
    INPUT_IMITATE = "input-imitate"
    INPUT_OTHER = "input-other"
    SUPPLY = "supply"


ACTORS = tuple(Actor)
ACTIVITIES = tuple(Activity)
GENERATIVE = frozenset(ACTIVITIES[8:])
"""The activities that feed or make a generative system."""


def bit(actor: Actor, activity: Activity) -> int:
    """Return the one-bit word of a use."""
    return 1 << (len(ACTIVITIES) * ACTORS.index(actor) + ACTIVITIES.index(activity))


ALL = (1 << len(ACTORS) * len(ACTIVITIES)) - 1
CONSENT_ONLY = sum(bit(actor, activity) for actor in ACTORS for activity in GENERATIVE)
"""The charter: what no text opens without an explicit grant by every holder."""
FREE = ALL & ~CONSENT_ONLY

_PATTERN = re.compile(r"[a-z*-]{1,40}/[a-z*-]{1,40}")
_LABELS = tuple(f"{actor.value}/{activity.value}" for actor in ACTORS for activity in ACTIVITIES)


def label(position: int) -> str:
    """Return the name of the use at a bit position.

    >>> label(40)
    'partner/train-rival'
    """
    return _LABELS[position]


def labels(uses: int) -> tuple[str, ...]:
    """Return the names of the uses in a word, in the order of the register.

    Raises:
        BadStatement: The word has a bit that this register does not know.
    """
    if not 0 <= uses <= ALL:
        raise BadStatement(f"the word {uses:#x} has uses that register {REGISTER_VERSION} lacks")
    return tuple(name for position, name in enumerate(_LABELS) if uses >> position & 1)


def parse_use(name: str) -> int:
    """Return the one-bit word of a use named in full.

    Raises:
        BadStatement: No use has that name.

    >>> parse_use("partner/train-rival") == 1 << 40
    True
    """
    if name not in _LABELS:
        raise BadStatement(f"there is no use {name!r}; write one as actor/activity", use=name)
    return 1 << _LABELS.index(name)


def parse_uses(patterns: Iterable[str]) -> int:
    """Return the word of all uses that match any of the patterns.

    A pattern is `actor/activity`; `*` stands for any run of letters on its own side of the slash.

    Raises:
        BadStatement: A pattern matches no use, or there is no pattern at all.

    >>> labels(parse_uses(["platform/train-*"]))[0]
    'platform/train-analysis'
    """
    found = 0
    for pattern in patterns:
        matched = _matched(pattern)
        if not matched:
            raise BadStatement(
                f"no use matches {pattern!r}; write one as actor/activity, * allowed", use=pattern
            )
        found |= matched
    if not found:
        raise BadStatement("no use is named")
    return found


@lru_cache(maxsize=1_024)  # a text of many clauses says the same few patterns again and again
def _matched(pattern: str) -> int:
    """Return the word of the uses that match a pattern, 0 if none does."""
    if not _PATTERN.fullmatch(pattern):  # fnmatch knows more than the star: `?`, `[!s]`
        return 0
    actor_pattern, _, activity_pattern = pattern.partition("/")
    found = 0
    for position, name in enumerate(_LABELS):
        actor, _, activity = name.partition("/")
        # each side on its own: a star never reaches over the slash
        if fnmatchcase(actor, actor_pattern) and fnmatchcase(activity, activity_pattern):
            found |= 1 << position
    return found
