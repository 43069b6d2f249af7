"""A report on a wording, as one object: what every face of it is made from.

The terminal, the page and the JSON of a report are this object and nothing else, so none of them
can say more than the rules do. Its fields are documented in docs/terms.md.
"""

from collections.abc import Mapping
from typing import Any

from assent.permission.uses import labels
from assent.terms.box import Box
from assent.terms.clause import Clause, Limit, Status
from assent.terms.difference import Change, Difference, Moved, compare
from assent.terms.grid import EVERY_CELL, Provenance, Scope
from assent.terms.lint import Finding, lint
from assent.terms.miss import Miss, reasons
from assent.terms.notice import Notice
from assent.terms.openings import (
    Count,
    Effect,
    Opening,
    count,
    limit_effects,
    openings,
    switch_effects,
)
from assent.terms.parts import Claim
from assent.terms.prose import sentence_of
from assent.terms.text import Text

__all__ = ["Report", "report", "report_difference", "status_name"]

Report = Mapping[str, Any]
"""JSON: what is told, by field."""

_EACH = (Scope(provenance=frozenset({Provenance.OWN})).cells & EVERY_CELL).bit_count()


def status_name(status: Status | None) -> str:
    """Return how a status is called in a report."""
    return status.value if status else "silent"


def report(text: Text, toml: str = "") -> Report:
    """Return everything that is told of a wording.

    Args:
        text: The wording.
        toml: The file that it was read from; needed if it has switches, to turn them.
    """
    return {
        **_head(text),
        "cells": _EACH,
        "open": _count(count(text.reading, text.about)),
        "cells_by_status": _by_status(text),
        "openings": [_opening(it, text.company) for it in openings(text)],
        "limits": [_effect(it) for it in limit_effects(text)],
        "switches": [
            {**_effect(effect), "on": switch.on}
            for effect, switch in zip(switch_effects(text, toml), text.switches, strict=True)
        ],
        "findings": [_finding(it) for it in lint(text)],
        "clauses": [_clause(it, text.company) for it in text.clauses],
    }


def report_difference(first: Text, second: Text) -> Report:
    """Return everything that is told of what differs between two wordings."""
    found = compare(first, second)
    return {
        "before": {**_head(first), "open": _count(found.before)},
        "after": {**_head(second), "open": _count(found.after)},
        "text": {
            "whole": bool(first.prose and second.prose),
            "gone": list(found.gone),
            "new": list(found.new),
        },
        "claims": {
            "gone": [_claim(it) for it in found.claims_gone],
            "new": [_claim(it) for it in found.claims_new],
        },
        "notice": {"before": _notice(found.notice[0]), "after": _notice(found.notice[1])}
        if found.notice
        else None,
        "clauses": [_change(it) for it in found.clauses],
        **{
            name: [_moved(it, text.company) for it in some]
            for name, some, text in _levels(found, first, second)
        },
    }


def _claim(claim: Claim) -> Report:
    return {"where": claim.where.value, "text": claim.text}


def _notice(notice: Notice) -> Report:
    return {
        "timing": notice.timing.value,
        "days": notice.days,
        "channel": notice.channel.value,
        "chance": notice.chance.value,
        "text": notice.text or None,
    }


def _levels(
    found: Difference, first: Text, second: Text
) -> tuple[tuple[str, tuple[Moved, ...], Text], ...]:
    return (
        ("opened", found.opened, second),
        ("closed", found.closed, first),
        ("loosened", found.loosened, second),
        ("tightened", found.tightened, second),
        ("restated", found.restated, second),
    )


def _head(text: Text) -> Report:
    source = text.source
    return {
        "id": text.id,
        "title": text.title,
        "company": text.company,
        "party": text.party or None,
        "effective": text.effective.isoformat() if text.effective else None,
        "source": {
            "service": source.service,
            "document": source.document,
            "recorded": source.recorded.isoformat(),
            "origin": source.origin.value,
            "archive": source.archive or None,
            "note": source.note or None,
        }
        if source
        else None,
    }


def _count(found: Count) -> Report:
    return {"own": found.own, "delivered": found.delivered}


def _by_status(text: Text) -> Report:
    halves = {it.value: Scope(provenance=frozenset({it})).cells for it in Provenance}
    return {
        status_name(status): {
            name: (text.reading.cells(status) & text.about & half).bit_count()
            for name, half in halves.items()
        }
        for status in (*Status, None)
    }


def _box(box: Box) -> Report:
    return {
        "uses": list(labels(box.scope.uses)),
        "material": sorted(it.value for it in box.material),
        "provenance": sorted(it.value for it in box.provenance),
        "time": sorted(it.value for it in box.time),
        "cells": box.cells.bit_count(),
    }


def _opening(opening: Opening, company: str) -> Report:
    return {
        "status": status_name(opening.status),
        "sentence": opening.sentence,
        **_box(opening.box),
        "granted_by": [clause.id for clause in opening.granted_by],
        "not_covered_by": _misses(opening.misses, company),
    }


def _misses(misses: tuple[Miss, ...], company: str) -> list[Report]:
    """Return the misses of each clause together: why it covers no part of it."""
    by_clause: dict[str, dict[str, None]] = {}
    for miss in misses:
        by_clause.setdefault(miss.clause.id, {}).update(dict.fromkeys(reasons(miss, company)))
    return [{"clause": name, "because": list(why)} for name, why in by_clause.items()]


def _effect(effect: Effect) -> Report:
    return {
        "name": effect.name,
        "text": effect.text,
        "open_otherwise": _count(effect.after),
    }


def _finding(finding: Finding) -> Report:
    return {
        "rule": finding.rule.value,
        "level": finding.level.value,
        "clause": finding.clause or None,
        "line": finding.line,
        "text": finding.text,
        "cells": finding.cells.bit_count(),
    }


def _clause(clause: Clause, company: str) -> Report:
    return {
        "id": clause.id,
        "line": clause.line,
        "status": clause.status.value,
        "text": clause.text,
        "in_rules": sentence_of(clause, company),
        "uses": list(labels(clause.scope.uses)),
        "qualifiers": _limits(clause.qualifiers),
        "exceptions": _limits(clause.exceptions),
        "definitions": _limits(clause.definitions),
        "without_prejudice": clause.without_prejudice,
        "cells": clause.cells.bit_count(),
    }


def _limits(limits: tuple[Limit, ...]) -> list[str]:
    return [it.words for it in limits]


def _change(change: Change) -> Report:
    clause = change.after or change.before
    kind = "changed" if change.before and change.after else "new" if change.after else "gone"
    return {
        "clause": clause.id if clause else None,
        "change": kind,
        "what": list(change.what),
        "before": change.before.text if change.before else None,
        "after": change.after.text if change.after else None,
    }


def _moved(moved: Moved, company: str) -> Report:
    return {
        "sentence": moved.sentence,
        "status": status_name(moved.status),
        **_box(moved.box),
        "not_covered_by": _misses(moved.misses, company),
    }
