"""Terms and agreements as they are shown: found by their id, printed clause by clause."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import func, select

from assent.acts.house import House
from assent.catalogue import tables
from assent.cli.output import put, put_json
from assent.errors import Unknown
from assent.permission.uses import labels
from assent.terms.clause import Clause, Status
from assent.terms.grid import Material, Provenance, Time, cell_at, cells_in, uses_in
from assent.terms.prose import sentence_of
from assent.terms.text import Text, parse_text

__all__ = ["Shown", "find_text", "put_text", "read_texts"]

STATUS_WORDS = {
    Status.GRANTED: "allowed",
    Status.OPT_OUT: "allowed unless you say no",
    Status.OPT_IN: "only if you say yes",
    Status.BARRED: "barred for everybody",
}
"""What a clause says, in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text that was published or made.

    Args:
        id: Its name.
        title: How it is called.
        party: Whom an agreement is with, by name; empty for terms.
        current: Whether it is the terms in force.
        event: Number of the event that published it.
        accepted: How many accounts stand under these terms.
        recordings: How many recordings stand under this agreement.
        source: The file.
        digest: SHA-256 of the file [64 hexadecimal digits].
    """

    id: str
    title: str
    party: str
    current: bool
    event: int
    accepted: int
    recordings: int
    source: str
    digest: str

    def fields(self) -> dict[str, object]:
        """Return what is told of it in a list; clauses apart."""
        return {
            "id": self.id,
            "title": self.title,
            "party": self.party or None,
            "current": self.current,
            "event": self.event,
            "accepted": self.accepted,
            "recordings": self.recordings,
            "digest": self.digest,
        }


def read_texts(house: House, kind: str) -> tuple[Shown, ...]:
    """Return all texts of a kind, `terms` or `agreement`, the earliest first."""
    texts, accounts, recordings = tables.texts, tables.accounts, tables.recordings
    accepted = select(func.count()).where(accounts.c.accepted == texts.c.id).scalar_subquery()
    under = select(func.count()).where(recordings.c.agreement == texts.c.id).scalar_subquery()
    party = select(accounts.c.name).where(accounts.c.id == texts.c.party).scalar_subquery()
    query = (
        select(
            *texts.c["id", "title", "current", "event", "source", "digest"],
            accepted.label("accepted"),
            under.label("under"),
            party.label("party_name"),
        )
        .where(texts.c.kind == kind)
        .order_by(texts.c.event)
    )
    with house.reading() as connection:
        return tuple(
            Shown(
                id=row.id,
                title=row.title,
                party=row.party_name or "",
                current=row.current,
                event=row.event,
                accepted=row.accepted,
                recordings=row.under,
                source=row.source,
                digest=row.digest,
            )
            for row in connection.execute(query)
        )


def find_text(house: House, kind: str, name: str) -> Shown:
    """Return a text by its id.

    Raises:
        Unknown: There is none of that kind.
    """
    found = next((text for text in read_texts(house, kind) if text.id == name), None)
    if found is None:
        what = "are no terms" if kind == "terms" else "is no agreement"
        raise Unknown(f"there {what} {name!r}", id=name)
    return found


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
