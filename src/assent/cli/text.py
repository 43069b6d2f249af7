"""Terms and agreements as they are printed, clause by clause."""

from collections.abc import Collection, Mapping
from enum import Enum

from assent.acts.texts import STATUS_WORDS, Shown
from assent.cli.output import put, put_json
from assent.permission.uses import labels
from assent.terms.clause import Clause
from assent.terms.grid import Material, Provenance, Time, cell_at, cells_in, uses_in
from assent.terms.prose import sentence_of
from assent.terms.text import Text, parse_text

__all__ = ["put_text"]


def put_text(shown: Shown, *, as_json: bool, fields: Mapping[str, object] | None = None) -> None:
    """Print a text, clause by clause.

    Args:
        shown: The text.
        as_json: Print one object instead.
        fields: What that object says beside the clauses; what a list says of it if None.

    Raises:
        StorageFailed: It cannot be written.
    """
    text = parse_text(shown.source, strict=False)
    if as_json:
        clauses = [_fields(clause, text.company) for clause in text.clauses]
        put_json({**(fields or shown.fields()), "clauses": clauses})
        return
    put(f"{shown.id}: {shown.title}{_with(text)}")
    for clause in text.clauses:
        put(f"{clause.id} ({STATUS_WORDS[clause.status]}): {clause.text}")
        put(f"  in rules: {sentence_of(clause, text.company)}")
        put(f"  {', '.join(labels(uses_in(clause.cells))) or 'no use'}")
    put("What no clause speaks of is barred; a later clause overrides an earlier one.")


def _with(text: Text) -> str:
    return f", with {text.party}" if text.party else ""


def _fields(clause: Clause, company: str) -> dict[str, object]:
    """Return what is told of a clause: its facets are those of any of its cells, after limits."""
    cells = [cell_at(position) for position in cells_in(clause.cells)]
    return {
        "id": clause.id,
        "status": clause.status.value,
        "text": clause.text,
        "in_rules": sentence_of(clause, company),
        "uses": list(labels(uses_in(clause.cells))),
        "material": _in_order(Material, {it.material for it in cells}),
        "provenance": _in_order(Provenance, {it.provenance for it in cells}),
        "time": _in_order(Time, {it.time for it in cells}),
        "cells": len(cells),
    }


def _in_order(kind: type[Enum], some: Collection[Enum]) -> list[str]:
    return [it.value for it in kind if it in some]
