"""Two policy engines that answer the same questions: Cedar (cedarpy) and Casbin (pycasbin).

Each gets the rule written in its own language, over attributes of the recording: every holder must
open the use by both texts, a generative use needs a grant, a refusal takes a grant away, nothing
held, the program live, and the original of a copy under the same rule. Neither language has "for
all holders", so the rule is written out for up to three, and an absent holder is said to be absent:
a missing attribute would skip a Cedar `forbid`, which is one of the known traps.
"""

import json
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from assent.bench.questions import MOST_HOLDERS, Party, Question, Subject

__all__ = ["Peer", "casbin_peer", "cedar_peer"]

Peer = Callable[[], list[bool]]
"""Answers prepared questions, all of them, in order."""

_ABSENT = Party(first="none", second="none", granted=False, refused=False)


def _slots(subject: Subject) -> list[tuple[str, bool, Party]]:
    """Return a name, whether there is one, and the holder, for each of the three places."""
    parties = subject.parties
    return [
        (f"h{n}", n < len(parties), parties[n] if n < len(parties) else _ABSENT)
        for n in range(MOST_HOLDERS)
    ]


def _says(text: str, holder: str, join: tuple[str, str, str]) -> str:
    """Return the rule of one text in a language with these words for and, or, not."""
    both, either, no = join
    yes, refused = f"{holder}.granted", f"{no} {holder}.refused"
    return (
        f'({holder}.{text} == "granted"'
        f' {either} ({holder}.{text} == "opt_out" {both} {refused})'
        f' {either} ({holder}.{text} == "opt_in" {both} {yes} {both} {refused}))'
    )


def _rule(subject: str, generative: str, join: tuple[str, str, str]) -> str:
    """Return the rule of one recording."""
    both, either, no = join
    holders = [f"{subject}.h{n}" for n in range(MOST_HOLDERS)]
    grounds = [
        f"({no} {holder}.present {either} ({_says('first', holder, join)}"
        f" {both} {_says('second', holder, join)}"
        f" {both} ({no} {generative} {either} ({holder}.granted {both} {no} {holder}.refused))))"
        for holder in holders
    ]
    claimed = f"{subject}.h0.present"
    return f" {both} ".join([claimed, f"{no} {subject}.held", *grounds])


def cedar_peer(asked: Sequence[Question], batch: int = 1000) -> Peer | None:
    """Return Cedar with everything parsed beforehand, or None where cedarpy is not installed.

    Args:
        asked: The questions.
        batch: How many are asked at once; 1 for single calls.
    """
    try:
        import cedarpy
    except ImportError:
        return None
    join = ("&&", "||", "!")
    policies = cedarpy.PolicySet.from_str(
        "permit(principal, action, resource) when {"
        f" principal.live && {_rule('resource.subject', 'resource.generative', join)}"
        f" && (!resource.copied || ({_rule('resource.original', 'resource.generative', join)}))"
        "};"
    )
    entities = [
        {"uid": {"type": "Program", "id": str(live)}, "attrs": {"live": live}, "parents": []}
        for live in (True, False)
    ]
    groups = []
    for low in range(0, len(asked), batch):
        some = list(enumerate(asked[low : low + batch]))
        known = entities + [_cedar_entity(number, question) for number, question in some]
        parsed = cedarpy.Entities.from_json_str(json.dumps(known))
        groups.append(([_cedar_request(number, question) for number, question in some], parsed))

    def answer() -> list[bool]:
        return [
            bool(result.allowed)
            for requests, known in groups
            for result in cedarpy.is_authorized_batch(requests, policies, known)
        ]

    return answer


def _cedar_request(number: int, question: Question) -> dict[str, str]:
    return {
        "principal": f'Program::"{question.live}"',
        "action": 'Action::"use"',
        "resource": f'Recording::"{number}"',
    }


def _cedar_entity(number: int, question: Question) -> dict[str, Any]:  # JSON of any depth
    original = question.original or Subject(parties=(), held=False)
    return {
        "uid": {"type": "Recording", "id": str(number)},
        "attrs": {
            "generative": question.generative,
            "copied": question.original is not None,
            "subject": _cedar_subject(question.subject),
            "original": _cedar_subject(original),
        },
        "parents": [],
    }


def _cedar_subject(subject: Subject) -> dict[str, Any]:  # as above
    return {"held": subject.held} | {
        name: {
            "present": present,
            "first": party.first,
            "second": party.second,
            "granted": party.granted,
            "refused": party.refused,
        }
        for name, present, party in _slots(subject)
    }


_CASBIN_MODEL = """
[request_definition]
r = sub, obj
[policy_definition]
p = any
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = {rule}
"""


def casbin_peer(asked: Sequence[Question]) -> Peer | None:
    """Return Casbin with everything prepared, or None where pycasbin is not installed."""
    try:
        import casbin
    except ImportError:
        return None
    join = ("&&", "||", "!")
    rule = (
        f"r.sub.live && {_rule('r.obj.subject', 'r.obj.generative', join)}"
        f" && (!r.obj.copied || ({_rule('r.obj.original', 'r.obj.generative', join)}))"
    )
    model = casbin.Enforcer.new_model(text=_CASBIN_MODEL.format(rule=rule))
    enforcer = casbin.Enforcer(model)
    enforcer.add_policy("any")
    prepared = [
        (SimpleNamespace(live=question.live), _casbin_object(question)) for question in asked
    ]

    def answer() -> list[bool]:
        return [bool(enforcer.enforce(sub, obj)) for sub, obj in prepared]

    return answer


def _casbin_object(question: Question) -> SimpleNamespace:
    original = question.original or Subject(parties=(), held=False)
    return SimpleNamespace(
        generative=question.generative,
        copied=question.original is not None,
        subject=_casbin_subject(question.subject),
        original=_casbin_subject(original),
    )


def _casbin_subject(subject: Subject) -> SimpleNamespace:
    parties = {
        name: SimpleNamespace(
            present=present,
            first=party.first,
            second=party.second,
            granted=party.granted,
            refused=party.refused,
        )
        for name, present, party in _slots(subject)
    }
    return SimpleNamespace(held=subject.held, **parties)
