"""Reasons in plain words: what a musician reads under a yes or a no.

Every kind of reason has its sentence here; names of uses are told as what they are for and by whom.
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

from assent.permission.decide import Decision
from assent.permission.facts import Role
from assent.permission.reasons import Kind, Reason
from assent.permission.uses import ACTIVITIES, ACTORS, Activity, Actor, bit, labels

__all__ = [
    "ACTIVITY_WORDS",
    "ACTOR_WORDS",
    "by_activity",
    "explain",
    "headline",
    "listed",
    "sentence",
    "uses_in_words",
    "who_told",
]

ACTOR_WORDS = {
    Actor.PLATFORM: "the platform",
    Actor.GROUP: "companies that belong to the platform",
    Actor.PARTNER: "a partner",
    Actor.PUBLIC: "anybody else",
}
"""Who, in plain words."""

ACTIVITY_WORDS = {
    Activity.IDENTIFY: "find copies of it",
    Activity.PROTECT: "look for fraud and abuse",
    Activity.SEARCH: "show it in search",
    Activity.ANALYSE: "describe how it sounds",
    Activity.RECOMMEND: "recommend it to listeners",
    Activity.FIRST_FANS: "offer it to its likely first listeners",
    Activity.INSIGHT: "count how it does",
    Activity.TRAIN_ANALYSIS: "train a model that sorts or scores music",
    Activity.TRAIN_VOICE: "train a model that makes voices like yours",
    Activity.TRAIN_STYLE: "train a model that makes music like yours",
    Activity.TRAIN_RIVAL: "train any other generative model",
    Activity.TRAIN_TOOL: "train a tool that helps make music",
    Activity.INPUT_IMITATE: "feed it to a machine that imitates you",
    Activity.INPUT_OTHER: "feed it to a machine that makes something else",
    Activity.SUPPLY: "hand it on in a data set",
}
"""What for, in plain words."""


def listed(parts: Sequence[str]) -> str:
    """Return parts as one list in words.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def who_told(actors: Sequence[Actor]) -> str:
    """Return who, in plain words.

    >>> who_told(ACTORS), who_told(ACTORS[1:]), who_told(ACTORS[2:])
    ('anybody at all', 'anybody but the platform itself', 'a partner and anybody else')
    """
    if len(actors) == len(ACTORS):
        return "anybody at all"
    if tuple(actors) == ACTORS[1:]:
        return "anybody but the platform itself"
    return listed([ACTOR_WORDS[actor] for actor in actors])


def by_activity(uses: int) -> Iterator[tuple[Activity, list[Actor]]]:
    """Give what is done, each with who does it, in the order of the register."""
    for activity in ACTIVITIES:
        if actors := [it for it in ACTORS if bit(it, activity) & uses]:
            yield activity, actors


_MANY = 3
"""Uses told one by one; more are counted."""


def uses_in_words(uses: int) -> str:
    """Return uses in plain words, each with its name; many are counted.

    >>> uses_in_words(1 << 40)
    'letting a partner train any other generative model (partner/train-rival)'
    """
    names = labels(uses)
    if len(names) > _MANY:
        return f"{len(names)} uses, {names[0]} to {names[-1]}"
    return ", or ".join(_use_in_words(name) for name in names)


def _use_in_words(name: str) -> str:
    actor, _, activity = name.partition("/")
    who = ACTOR_WORDS[next(a for a in ACTORS if a.value == actor)]
    what = ACTIVITY_WORDS[next(a for a in ACTIVITIES if a.value == activity)]
    return f"letting {who} {what} ({name})"


def headline(decision: Decision) -> str:
    """Return the answer in one line."""
    answer = "yes" if decision.allowed else "no"
    who = f"the program {decision.program}" if decision.program else uses_in_words(decision.uses)
    return f"{answer}: {who}, recording {decision.recording}"


def explain(decision: Decision) -> tuple[str, ...]:
    """Return all reasons of a decision, a sentence each."""
    return tuple(sentence(reason) for reason in decision.reasons)


def sentence(reason: Reason) -> str:
    """Return a reason in plain words."""
    return f"{_clause(reason)}{_events(reason)}."


def _events(reason: Reason) -> str:
    if not reason.events:
        return ""
    numbers = " or ".join(str(event) for event in reason.events)
    return f" (event {numbers})" if len(reason.events) == 1 else f" (any of the events {numbers})"


def _clause(reason: Reason) -> str:
    match reason.kind:
        case Kind.NOTHING_ASKED:
            return "Nothing was asked for"
        case Kind.UNCLAIMED:
            return f"Nobody is known to hold the rights for {reason.detail}, so nobody can say yes"
        case Kind.HELD:
            return f"A hold switches it off: {reason.detail}"
        case (
            Kind.NOT_APPROVED
            | Kind.SUSPENDED
            | Kind.ENDED
            | Kind.NOT_STARTED
            | Kind.OVER
            | Kind.APPROVED
        ):
            return _about_program(reason)
        case (
            Kind.NO_TEXT
            | Kind.BARRED
            | Kind.REFUSED
            | Kind.NOT_GRANTED
            | Kind.TEXT_OPENS
            | Kind.GRANTED
        ):
            return _about_holder(reason)
    assert_never(reason.kind)


def _about_program(reason: Reason) -> str:
    name = f"The program {reason.detail}"
    match reason.kind:
        case Kind.NOT_APPROVED:
            return f"{name} was proposed, and nobody else has approved it yet"
        case Kind.SUSPENDED:
            return f"{name} is suspended"
        case Kind.ENDED:
            return f"{name} has ended"
        case Kind.NOT_STARTED:
            return f"{name} has not started yet"
        case Kind.OVER:
            return f"{name} is past its end"
        case _:
            return "The program was approved by a second person"


def _about_holder(reason: Reason) -> str:
    uses = uses_in_words(reason.uses)
    copied = f" for {reason.recording}"
    match reason.kind:
        case Kind.NO_TEXT:
            return _no_text(reason)
        case Kind.BARRED:
            return f"There is no room for {uses} in {_text(reason)}"
        case Kind.REFUSED:
            return f"{reason.name} said no to {uses}{copied}"
        case Kind.NOT_GRANTED:
            return f"{reason.name} has not said yes to {uses}{copied}"
        case Kind.TEXT_OPENS:
            return f"There is room for it in {_text(reason)}"
        case _:
            return f"{reason.name} said yes to {uses}{copied}"


def _no_text(reason: Reason) -> str:
    match reason.role:
        case Role.ACCEPTED:
            return f"{reason.name} has accepted no terms"
        case Role.AGREEMENT:
            return f"The agreement of {reason.name} is not known"
        case _:
            return "No terms are in force"


def _text(reason: Reason) -> str:
    match reason.role:
        case Role.ACCEPTED:
            return f"the terms that {reason.name} accepted ({reason.detail})"
        case Role.AGREEMENT:
            return f"the agreement with {reason.name} ({reason.detail})"
        case _:
            return f"the terms in force ({reason.detail})"
