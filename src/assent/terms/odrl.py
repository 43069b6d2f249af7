"""Terms and agreements as policies of ODRL 2.2, in JSON-LD.

A clause is one rule: a permission where something may be taken, with the duty to obtain consent
where it needs a yes, or a prohibition where it is barred. The rule's sentence, its name and its
place among the others are kept. What ODRL has no words for is in a profile: the activities, four
parties, three facets, that a refusal ends a permission, and that a later rule overrides an earlier
one. A reader who does not know a policy's profile must stop, so none reads a rule without those
that override it.

docs/odrl.md has the whole table. odrl_import.py reads it back.

Source: ODRL Information Model 2.2 (W3C Recommendation, 15 February 2018), sections 2 and 4.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Any

from assent.permission.uses import ACTIVITIES, ACTORS, Activity, Actor, labels
from assent.terms.box import boxes_of_word
from assent.terms.clause import Clause, Limit, Status
from assent.terms.grid import Material, Provenance, Scope, Time
from assent.terms.text import Text

__all__ = [
    "ASSETS",
    "CONFLICT",
    "CONTEXT",
    "FACETS",
    "HOLDER",
    "LIMITS",
    "NAMESPACE",
    "PROFILE",
    "REFUSED",
    "TEXTS",
    "Json",
    "to_odrl",
]

PROFILE = "https://assent.example/odrl/1"
"""The profile's name; there is nothing to fetch at it."""
NAMESPACE = f"{PROFILE}#"
TEXTS = "https://assent.example/text/"
"""What the name of a policy begins with; the name of its text follows."""

CONTEXT: tuple[str, dict[str, str]] = (
    "http://www.w3.org/ns/odrl.jsonld",
    {
        "assent": NAMESPACE,
        "dct": "http://purl.org/dc/terms/",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
    },
)
ASSETS = "assent:everything"
"""All that is uploaded or delivered, and the data about it; facets refine it."""
HOLDER = "assent:holder"
"""Whose yes is needed."""
CONFLICT = "assent:later"
"""The strategy of the profile: of two rules on the same use the later holds, by `assent:order`,
save that one with `assent:withoutPrejudice` leaves what is as strict or stricter before it."""
REFUSED: "Json" = {"leftOperand": "assent:refused", "operator": "eq", "rightOperand": False}
"""A permission under this ends where the holder says no."""

FACETS: dict[str, type[Enum]] = {
    "actor": Actor,
    "activity": Activity,
    "material": Material,
    "provenance": Provenance,
    "time": Time,
}
"""What a use is told by: left operands; `use` is one more, for actor and activity at once."""

LIMITS = ("qualifier", "exception", "definition")

Json = dict[str, Any]
"""An object of JSON: any value, as JSON has no types of its own."""


def to_odrl(text: Text) -> Json:
    """Return a text as a policy: a Set for terms, an Agreement for an agreement.

    Args:
        text: The text; each of its clauses speaks of something, as those of a file do.
    """
    uid = f"{TEXTS}{text.id}"
    policy: Json = {
        "@context": [CONTEXT[0], {**CONTEXT[1]}],
        "@type": "Agreement" if text.party else "Set",
        "uid": uid,
        "profile": PROFILE,
        "conflict": CONFLICT,
        "dct:title": text.title,
        "dct:creator": text.company,
    }
    if text.effective:
        policy["dct:valid"] = text.effective.isoformat()
    if text.party:
        policy["assigner"] = _party(f"{uid}/party", text.party)
        policy["assignee"] = _party(f"{uid}/platform", text.company)
    for place, clause in enumerate(text.clauses, 1):
        kind = "prohibition" if clause.status is Status.BARRED else "permission"
        policy.setdefault(kind, []).append(_rule(clause, place, uid))
    return policy


def _party(uid: str, name: str) -> Json:
    return {"@type": ["Party", "vcard:Organization"], "uid": uid, "vcard:fn": name}


def _rule(clause: Clause, place: int, uid: str) -> Json:
    scope = clause.scope
    rule: Json = {
        "uid": f"{uid}#{clause.id}",
        "assent:order": place,
        "dct:description": clause.text,
        "target": _target(scope),
        "action": [f"assent:activity/{it.value}" for it in ACTIVITIES if it in _activities(scope)],
    }
    constraints = [it for it in _uses(scope, "isAnyOf") if it["leftOperand"] != "assent:activity"]
    if clause.status is Status.OPT_OUT:
        constraints.append(dict(REFUSED))
    for kind, limits in zip(
        LIMITS, (clause.qualifiers, clause.exceptions, clause.definitions), strict=True
    ):
        constraints += [_limit(limit, kind) for limit in limits]
    if constraints:
        rule["constraint"] = constraints
    if clause.status is Status.OPT_IN:
        rule["duty"] = [{"action": "obtainConsent", "consentingParty": HOLDER}]
    if clause.without_prejudice:
        rule["assent:withoutPrejudice"] = True
    return rule


def _activities(scope: Scope) -> frozenset[Activity]:
    return frozenset().union(*(activities for _, activities in boxes_of_word(scope.uses)))


def _target(scope: Scope) -> str | Json:
    refinement = _context(scope, "isAnyOf")
    if not refinement:
        return ASSETS
    return {"@type": "AssetCollection", "source": ASSETS, "refinement": refinement}


def _limit(limit: Limit, kind: str) -> Json:
    """Return a limit as what must hold: a qualifier's facets, or one that is not excepted."""
    operator = "isAnyOf" if kind == "qualifier" else "isNoneOf"
    parts = [*_uses(limit.scope, operator), *_context(limit.scope, operator)]
    if not parts:  # it takes everything, or leaves it; an empty list would say nothing
        parts = [_constraint("actor", operator, ACTORS)]
    told = {"dct:description": limit.words, "assent:limit": kind}
    if len(parts) == 1:
        return {**parts[0], **told}
    return {"and" if kind == "qualifier" else "or": parts, **told}


def _uses(scope: Scope, operator: str) -> list[Json]:
    """Return constraints on who does what for: two if all of these do all of that, else one."""
    boxes = boxes_of_word(scope.uses)
    if len(boxes) != 1:
        values = [{"@id": f"assent:use/{name}"} for name in labels(scope.uses)]
        return [{"leftOperand": "assent:use", "operator": operator, "rightOperand": values}]
    ((actors, activities),) = boxes
    found = []
    if len(actors) < len(ACTORS):
        found.append(_constraint("actor", operator, actors))
    if len(activities) < len(ACTIVITIES):
        found.append(_constraint("activity", operator, activities))
    return found


def _context(scope: Scope, operator: str) -> list[Json]:
    return [
        _constraint(name, operator, some)
        for name, some in (
            ("material", scope.material),
            ("provenance", scope.provenance),
            ("time", scope.time),
        )
        if len(some) < len(FACETS[name])
    ]


def _constraint(facet: str, operator: str, some: Iterable[Enum]) -> Json:
    chosen = set(some)
    values = [{"@id": f"assent:{facet}/{it.value}"} for it in FACETS[facet] if it in chosen]
    return {"leftOperand": f"assent:{facet}", "operator": operator, "rightOperand": values}
