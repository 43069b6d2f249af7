"""Texts from policies of ODRL 2.2: those that keep to the profile of odrl.py.

Reading is strict: whatever the grid has no place for is refused with the place where it stands, for
a constraint that nobody reads would pass as none. Nothing is fetched and no name is resolved.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NoReturn

from assent.errors import BadStatement, BadText
from assent.permission.fields import read_name
from assent.permission.uses import ACTIVITIES, ACTORS, ALL, parse_use
from assent.terms.clause import Clause, Limit, Status
from assent.terms.grid import Scope, uses_by
from assent.terms.odrl import (
    ASSETS,
    CONFLICT,
    CONTEXT,
    FACETS,
    HOLDER,
    LIMITS,
    PROFILE,
    REFUSED,
    TEXTS,
    Json,
)
from assent.terms.reading import read
from assent.terms.text import MOST_CLAUSES, Text

__all__ = ["from_odrl", "parse_odrl"]

_MOST_BYTES = 1 << 21
_MOST_CHARACTERS = 1 << 16
_MOST_LIMITS = 1_000
"""Of one rule; more are no sentence that anybody reads."""
_LAST = 1_000_000
_SHOWN = 60

_POLICY = {
    *("@context", "@type", "uid", "profile", "conflict", "dct:title", "dct:creator", "dct:valid"),
    *("assigner", "assignee", "permission", "prohibition"),
}
_RULE = {
    *("uid", "assent:order", "dct:description", "target", "action", "constraint", "duty"),
    "assent:withoutPrejudice",
}
_PARTY = {"@type", "uid", "vcard:fn"}
_CONSTRAINT = {"leftOperand", "operator", "rightOperand"}
_TOLD = {"dct:description", "assent:limit"}


def parse_odrl(document: str) -> Text:
    """Return the text of a policy in JSON-LD.

    Raises:
        BadText: It is too large, no JSON, says a thing twice, or does not fit; see from_odrl.
    """
    if len(document) > _MOST_BYTES or len(document.encode(errors="replace")) > _MOST_BYTES:
        raise BadText(f"the policy is larger than {_MOST_BYTES} bytes")
    try:
        found = json.loads(document, object_pairs_hook=_once)
    except RecursionError:
        raise BadText("the policy is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise BadText(f"the policy is not JSON: {error}") from None
    except ValueError:
        raise BadText("the policy has a number of thousands of digits") from None
    return from_odrl(found)


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadText("the policy has an object that says the same thing twice")
    return found


def from_odrl(document: object) -> Text:
    """Return the text of a policy.

    The clauses are as they stand: `check_clauses` refuses what contradicts itself.

    Args:
        document: The policy, as json.loads gives it.

    Raises:
        BadText: Something in it does not fit; the text begins with the place, as in
            "permission[2].constraint[0]: there is no leftOperand 'spatial' here".
    """
    policy = _object(document, "the policy", _POLICY)
    _must_be(policy, "@context", "the policy", [CONTEXT[0], CONTEXT[1]])
    _must_be(policy, "profile", "the policy", PROFILE)
    _must_be(policy, "conflict", "the policy", CONFLICT)
    name = _after(policy, "uid", "the policy", TEXTS)
    company = _text(policy, "dct:creator", "the policy")
    clauses = _clauses(policy)
    return Text(
        id=name,
        title=_text(policy, "dct:title", "the policy"),
        clauses=clauses,
        reading=read(clauses),
        party=_party(policy, company),
        company=company,
        effective=_day(policy),
    )


def _party(policy: Json, company: str) -> str:
    """Return whom the agreement is with; nothing for terms."""
    kind = policy.get("@type")
    if kind == "Set":
        for field in ("assigner", "assignee"):
            if field in policy:
                _fail(field, "a Set is with nobody; an Agreement is")
        return ""
    if kind != "Agreement":
        _fail("the policy", f"there is no @type {_short(kind)} here; there is Set, Agreement")
    names = {}
    for field, end in (("assigner", "party"), ("assignee", "platform")):
        found = _object(policy.get(field), field, _PARTY)
        _must_be(found, "@type", field, ["Party", "vcard:Organization"])
        _must_be(found, "uid", field, f"{policy['uid']}/{end}")
        names[field] = _text(found, "vcard:fn", field)
    if names["assignee"] != company:
        _fail("assignee", "it is not the dct:creator of the policy")
    return names["assigner"]


def _day(policy: Json) -> date | None:
    if "dct:valid" not in policy:
        return None
    try:
        day = date.fromisoformat(_text(policy, "dct:valid", "the policy"))
    except ValueError:
        _fail("the policy", "it has a dct:valid that is no day; write 2031-01-31")
    return day


def _clauses(policy: Json) -> tuple[Clause, ...]:
    """Return the clauses of a policy's rules, in their order."""
    found: dict[int, Clause] = {}
    names = set()
    for kind, path, rule in _rules(policy):
        order = _order(rule, path)
        if order in found:
            _fail(path, f"another rule has assent:order {order} too")
        clause = _clause(rule, kind, path, f"{policy['uid']}#")
        if clause.id in names:
            _fail(path, f"another rule is called {clause.id!r} too")
        names.add(clause.id)
        found[order] = clause
    return tuple(found[order] for order in sorted(found))


def _order(rule: Json, path: str) -> int:
    order = rule.get("assent:order")
    if not isinstance(order, int) or isinstance(order, bool) or not 0 < order <= _LAST:
        _fail(path, f"it needs assent:order, a whole number from 1 to {_LAST}")
    return order


def _rules(policy: Json) -> Iterator[tuple[str, str, Json]]:
    """Give each rule with its kind and the place where it stands."""
    rules = [
        (kind, f"{kind}[{number}]", entry)
        for kind in ("permission", "prohibition")
        if kind in policy
        for number, entry in enumerate(_list(policy, kind, "the policy", most=MOST_CLAUSES))
    ]
    if not rules:
        _fail("the policy", "it has no permission and no prohibition")
    if len(rules) > MOST_CLAUSES:
        _fail("the policy", f"more than {MOST_CLAUSES} rules are no text that anybody reads")
    for kind, path, entry in rules:
        yield kind, path, _object(entry, path, _RULE)


def _clause(rule: Json, kind: str, path: str, begins: str) -> Clause:
    scope, limits, refusable = _constraints(rule, path)
    prejudice = rule.get("assent:withoutPrejudice", False)
    if not isinstance(prejudice, bool):
        _fail(path, "its assent:withoutPrejudice is not true or false")
    return Clause(
        id=_after(rule, "uid", path, begins),
        text=_text(rule, "dct:description", path),
        status=_status(rule, kind, path, refusable=refusable),
        scope=scope,
        qualifiers=tuple(limits["qualifier"]),
        exceptions=tuple(limits["exception"]),
        definitions=tuple(limits["definition"]),
        without_prejudice=prejudice,
    )


def _status(rule: Json, kind: str, path: str, *, refusable: bool) -> Status:
    if "duty" in rule:
        (duty,) = _list(rule, "duty", path, most=1)
        there = f"{path}.duty[0]"
        found = _object(duty, there, {"action", "consentingParty"})
        _must_be(found, "action", there, "obtainConsent")
        _must_be(found, "consentingParty", there, HOLDER)
    if kind == "prohibition":
        if "duty" in rule or refusable:
            _fail(path, "what is barred waits for no consent and no refusal")
        return Status.BARRED
    if "duty" in rule and refusable:
        _fail(path, "it needs a yes and ends at a no; a yes that is needed says both")
    if "duty" in rule:
        return Status.OPT_IN
    return Status.OPT_OUT if refusable else Status.GRANTED


def _constraints(rule: Json, path: str) -> tuple[Scope, dict[str, list[Limit]], bool]:
    """Return what a rule speaks of, its limits, and whether a refusal ends it."""
    activities = [
        _value(it, "activity", f"{path}.action[{number}]")
        for number, it in enumerate(_list(rule, "action", path, most=len(ACTIVITIES)))
    ]
    scope = Scope(uses=uses_by(frozenset(ACTORS), frozenset(activities)))
    scope = scope.within(_target(rule, path))
    limits: dict[str, list[Limit]] = {kind: [] for kind in LIMITS}
    refusable = False
    entries = _list(rule, "constraint", path, most=_MOST_LIMITS) if "constraint" in rule else []
    for number, entry in enumerate(entries):
        there = f"{path}.constraint[{number}]"
        if entry == REFUSED and entry["rightOperand"] is False and not refusable:
            refusable = True
        elif isinstance(entry, dict) and "assent:limit" in entry:
            kind, limit = _limit(entry, there)
            limits[kind].append(limit)
        else:
            scope = scope.within(_facet(_object(entry, there, _CONSTRAINT), "isAnyOf", there))
    if not scope.cells:
        _fail(path, "its action, target and constraints leave no use")
    return scope, limits, refusable


def _target(rule: Json, path: str) -> Scope:
    target = rule.get("target")
    if target == ASSETS:
        return Scope()
    there = f"{path}.target"
    found = _object(target, there, {"@type", "source", "refinement"})
    _must_be(found, "@type", there, "AssetCollection")
    _must_be(found, "source", there, ASSETS)
    scope = Scope()
    for number, entry in enumerate(_list(found, "refinement", there, most=len(_LEFT))):
        part = f"{there}.refinement[{number}]"
        constraint = _object(entry, part, _CONSTRAINT)
        if constraint.get("leftOperand") in tuple(_OF_USES):
            _fail(part, "who does what is no matter of the target; write it as a constraint")
        scope = scope.within(_facet(constraint, "isAnyOf", part))
    return scope


def _limit(entry: Json, path: str) -> tuple[str, Limit]:
    """Return what kind of limit it is, and the limit."""
    kind = entry["assent:limit"]
    if kind not in LIMITS:
        _fail(path, f"there is no assent:limit {_short(kind)}; there is {', '.join(LIMITS)}")
    operator, operand = ("isAnyOf", "and") if kind == "qualifier" else ("isNoneOf", "or")
    words = _text(entry, "dct:description", path)
    if operand in entry:
        parts = _list(_object(entry, path, {operand} | _TOLD), operand, path, most=len(_LEFT))
        places = [(part, f"{path}.{operand}[{number}]") for number, part in enumerate(parts)]
    else:
        alone = _object(entry, path, _CONSTRAINT | _TOLD)
        places = [({name: it for name, it in alone.items() if name not in _TOLD}, path)]
    scope = Scope()
    for part, there in places:
        scope = scope.within(_facet(_object(part, there, _CONSTRAINT), operator, there))
    if not scope.cells:
        _fail(path, "no use is in all that it names")
    return kind, Limit(words=words, scope=scope)


def _facet(constraint: Json, operator: str, path: str) -> Scope:
    """Return what a constraint on one facet leaves; for `isNoneOf`, what it takes."""
    left = constraint.get("leftOperand")
    if not isinstance(left, str) or left not in _LEFT:
        _fail(path, f"there is no leftOperand {_short(left)} here; there is {', '.join(_LEFT)}")
    _must_be(constraint, "operator", path, operator)
    facet = left.removeprefix("assent:")
    values = []
    for number, entry in enumerate(_list(constraint, "rightOperand", path, most=ALL.bit_count())):
        there = f"{path}.rightOperand[{number}]"
        found = _object(entry, there, {"@id"})
        value = found.get("@id")
        values.append(_use(value, there) if facet == "use" else _value(value, facet, there))
    return _LEFT[left](values)


def _some_uses(values: list[int]) -> Scope:
    uses = 0
    for value in values:
        uses |= value
    return Scope(uses=uses)


_OF_USES: dict[str, Callable[[list[Any]], Scope]] = {
    "assent:use": _some_uses,
    "assent:actor": lambda some: Scope(uses=uses_by(frozenset(some), frozenset(ACTIVITIES))),
    "assent:activity": lambda some: Scope(uses=uses_by(frozenset(ACTORS), frozenset(some))),
}
_LEFT: dict[str, Callable[[list[Any]], Scope]] = {
    **_OF_USES,
    "assent:material": lambda some: Scope(material=frozenset(some)),
    "assent:provenance": lambda some: Scope(provenance=frozenset(some)),
    "assent:time": lambda some: Scope(time=frozenset(some)),
}
"""What each left operand leaves of everything."""


def _use(value: object, path: str) -> int:
    begins = "assent:use/"
    name = value.removeprefix(begins) if isinstance(value, str) else ""
    try:
        return parse_use(name if value == f"{begins}{name}" else "")
    except BadStatement:
        _fail(path, f"there is no use {_short(value)}; write one as assent:use/actor/activity")


def _value(value: object, facet: str, path: str) -> Any:  # a member of the facet
    known = {f"assent:{facet}/{it.value}": it for it in FACETS[facet]}
    if not isinstance(value, str) or value not in known:
        _fail(path, f"there is no {facet} {_short(value)}; there is {', '.join(known)}")
    return known[value]


def _object(value: object, path: str, known: set[str]) -> Json:
    if not isinstance(value, dict):
        _fail(path, "it is missing" if value is None else "it is no object")
    for field in value:
        if field not in known:
            _fail(path, f"{_short(field)} has no place here; there is {', '.join(sorted(known))}")
    return value


def _list(table: Json, field: str, path: str, *, most: int) -> list[Any]:
    value = table.get(field)
    if not isinstance(value, list) or not value:
        _fail(path, f"it needs {field}, a list with something in it")
    if len(value) > most:
        _fail(path, f"its {field} has {len(value)} entries; more than {most} do not fit")
    return value


def _text(table: Json, field: str, path: str) -> str:
    value = table.get(field)
    if not isinstance(value, str) or not value.strip():
        _fail(path, f"it needs {field}, some text")
    if len(value) > _MOST_CHARACTERS:
        _fail(path, f"its {field} has more than {_MOST_CHARACTERS} characters")
    return value


def _after(table: Json, field: str, path: str, begins: str) -> str:
    """Return the name that a IRI ends in."""
    value = table.get(field)
    if not isinstance(value, str) or not value.startswith(begins):
        _fail(path, f"it needs {field}, {begins} and a name")
    try:
        return read_name({field: value.removeprefix(begins)}, field, path)
    except BadText:
        _fail(path, f"its {field} ends in no name: small letters, digits, dots and hyphens")


def _must_be(table: Json, field: str, path: str, wanted: object) -> None:
    if table.get(field) != wanted:
        shown = wanted if isinstance(wanted, str) else json.dumps(wanted)
        _fail(path, f"there is no {field} {_short(table.get(field))} here; there is {shown}")


def _short(value: object) -> str:
    if isinstance(value, str):
        value = value[:_SHOWN]
    # a number may have more digits than Python writes out, and a list anything in it
    return (
        repr(value) if isinstance(value, str | bool | None) else f"of type {type(value).__name__}"
    )


def _fail(path: str, clause: str) -> NoReturn:
    raise BadText(f"{path}: {clause}", path=path)
