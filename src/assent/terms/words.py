"""The words for facets: what is said of a scope, so that sentences and rules cannot drift apart.

Groups of uses that have a name are named, the largest first; what is left is told one by one.
"""

from collections.abc import Iterable, Sequence

from assent.permission.uses import ACTORS, GENERATIVE, Activity, Actor
from assent.terms.grid import Material, Provenance, Time

__all__ = [
    "ACTIVITY_NAMES",
    "ACTOR_NAMES",
    "PHRASES",
    "actor_words",
    "deeds",
    "listed",
    "objects",
    "times",
]

ACTOR_NAMES = {
    Actor.PLATFORM: "the platform",
    Actor.GROUP: "its affiliates",
    Actor.PARTNER: "its partners",
    Actor.PUBLIC: "anyone else",
}
"""Who; a text's own name stands for the platform. Successors count among the affiliates."""

ACTIVITY_NAMES = {
    Activity.IDENTIFY: "look for copies",
    Activity.PROTECT: "look for fraud and abuse",
    Activity.SEARCH: "run a search",
    Activity.ANALYSE: "describe how it sounds",
    Activity.RECOMMEND: "make recommendations",
    Activity.FIRST_FANS: "pick a new recording's first listeners",
    Activity.INSIGHT: "make statistics",
    Activity.TRAIN_ANALYSIS: "train models that sort or score",
    Activity.TRAIN_VOICE: "train generative models that copy a voice or a likeness",
    Activity.TRAIN_STYLE: "train generative models that copy an artist's music",
    Activity.TRAIN_RIVAL: "train generative models that compete without copying",
    Activity.TRAIN_TOOL: "train generative tools that help make music",
    Activity.INPUT_IMITATE: "feed a generative system so that it imitates",
    Activity.INPUT_OTHER: "feed a generative system for anything else",
    Activity.SUPPLY: "hand it on as part of a data set",
}
"""What for: each after "may" and "will not"."""

_SERVICE = frozenset(Activity) - GENERATIVE - {Activity.TRAIN_ANALYSIS}
_COPYING = frozenset({Activity.TRAIN_VOICE, Activity.TRAIN_STYLE})
_NOT_COPYING = frozenset({Activity.TRAIN_RIVAL, Activity.TRAIN_TOOL})
_INPUT = frozenset({Activity.INPUT_IMITATE, Activity.INPUT_OTHER})
_GROUPS: Sequence[tuple[frozenset[Activity], str]] = (
    (frozenset(Activity), "do anything with AI"),
    (
        _COPYING | _NOT_COPYING | _INPUT | {Activity.SUPPLY},
        "train or feed generative AI of any kind, data sets included",
    ),
    (_SERVICE, "run search, recommendations, statistics and protection"),
    (_COPYING | _NOT_COPYING | {Activity.TRAIN_ANALYSIS}, "train models of any kind"),
    (_COPYING | _NOT_COPYING, "train generative models of any kind"),
    (_COPYING, "train generative models that copy a voice, a likeness or an artist's music"),
    (_NOT_COPYING, "train generative models that copy nobody, market rivals and tools alike"),
    (_INPUT, "feed a generative system at run time"),
)

PHRASES: Sequence[frozenset[Activity]] = (
    *(group for group, _ in _GROUPS),
    *(frozenset({it}) for it in Activity),
)
"""What has a name of its own: the groups, and each activity by itself."""


def listed(words: Iterable[str], last: str = "and") -> str:
    """Return words as a list in a sentence.

    >>> listed(["search", "tags", "fraud"])
    'search, tags and fraud'
    """
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


def actor_words(actors: frozenset[Actor], company: str, last: str = "and") -> str:
    """Return who."""
    if len(actors) == len(ACTORS):
        return "anyone"
    names = {**ACTOR_NAMES, Actor.PLATFORM: company}
    return listed((names[actor] for actor in ACTORS if actor in actors), last)


def deeds(activities: frozenset[Activity]) -> tuple[str, ...]:
    """Return what for, in the order of the register of what each begins with."""
    left = set(activities)
    told = {}
    for group, words in _GROUPS:
        if group <= left:
            left -= group
            told[min(group, key=_place)] = words
    for activity in left:
        told[activity] = ACTIVITY_NAMES[activity]
    return tuple(told[activity] for activity in sorted(told, key=_place))


def _place(activity: Activity) -> int:
    return tuple(Activity).index(activity)


_OBJECTS = {
    Provenance.OWN: {
        Material.AUDIO: "your recordings",
        Material.CONTENT: "your artwork, lyrics and comments",
        Material.ACTIVITY: "data about you and your listeners",
    },
    Provenance.DELIVERED: {
        Material.AUDIO: "recordings that a label delivers",
        Material.CONTENT: "artwork and lyrics that a label delivers",
        Material.ACTIVITY: "data about a label's artists and their listeners",
    },
}
_ALL_OBJECTS = {
    Provenance.OWN: "everything of yours",
    Provenance.DELIVERED: "everything that a label delivers",
}
_BOTH = {
    Material.AUDIO: "recordings, yours or a label's",
    Material.CONTENT: "artwork, lyrics and comments, yours or a label's",
    Material.ACTIVITY: "data about artists and their listeners",
}


def objects(material: frozenset[Material], provenance: frozenset[Provenance]) -> str:
    """Return of what."""
    if len(provenance) == len(Provenance):
        if len(material) == len(Material):
            return "everything, yours or a label's"
        return listed(_BOTH[it] for it in Material if it in material)
    (one,) = provenance
    if len(material) == len(Material):
        return _ALL_OBJECTS[one]
    return listed(_OBJECTS[one][it] for it in Material if it in material)


def times(time: frozenset[Time]) -> str:
    """Return from when, after what it is said of; nothing where it does not matter."""
    if len(time) == len(Time):
        return ""
    return " from now on" if Time.AFTER in time else " from before this text"
