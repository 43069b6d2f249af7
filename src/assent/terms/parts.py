"""What a file of terms holds beside its clauses: where it comes from, switches, claims, the notice.

Each is read from a TOML table by the function of its name.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from assent.errors import BadStatement, BadText
from assent.permission.fields import Table, only, read_name, read_text
from assent.permission.uses import ALL, parse_uses
from assent.terms.clause import PROMISES, Status
from assent.terms.grid import Material, Provenance, Scope, Time
from assent.terms.notice import Chance, Channel, Notice, Timing

__all__ = [
    "FACETS",
    "Claim",
    "Origin",
    "Source",
    "Switch",
    "Where",
    "read_claim",
    "read_date",
    "read_notice",
    "read_one_of",
    "read_scope",
    "read_source",
    "read_switch",
]

FACETS = frozenset({"uses", "material", "provenance", "time"})
_MOST_DAYS = 3_650


class Origin(Enum):
    """How the wording of a foreign text is known."""

    TEXT = "text"
    PRESS = "press"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a foreign text was read.

    Args:
        service: Whose it is.
        document: Which of its texts.
        recorded: When that wording was recorded, or published.
        origin: Whether it was read itself, or is quoted by others.
        archive: Where the recorded wording is kept.
        file: Its name among recorded texts; empty if there is none.
        note: What else there is to know about it.
    """

    service: str
    document: str
    recorded: date
    origin: Origin
    archive: str
    file: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A judgement of whoever laid the text on the grid.

    Args:
        id: Its name.
        text: What is judged to be so while it is on.
        on: Whether that is how the text is read.
    """

    id: str
    text: str
    on: bool


class Where(Enum):
    """Where something is said beside the contract."""

    HEADING = "heading"
    FAQ = "faq"
    LETTER = "letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a heading, a FAQ or a letter seems to promise, which binds nobody.

    Args:
        id: Its name.
        text: The words.
        where: Where they stand.
        status: What they seem to say.
        scope: Of what.
        source: Where they were read; empty if the file does not say.
        line: Where it begins in its file, from 1; 0 if it is in none.
    """

    id: str
    text: str
    where: Where
    status: Status
    scope: Scope
    source: str
    line: int = 0


def read_one_of(table: Table, field: str, kind: type[Enum], what: str) -> Any:  # a member of kind
    """Return a field that must be one of a few words.

    Raises:
        BadText: It is another one, or missing.
    """
    value = table.get(field)
    found = next((it for it in kind if it.value == value), None) if value is not None else None
    if found is None:
        known = ", ".join(str(it.value) for it in kind)
        raise BadText(f"{what} needs {field}: one of {known}", field=field)
    return found


def read_scope(table: Table, what: str, *, uses_needed: bool = False) -> Scope:
    """Return the scope that a table names; a facet that it does not name is not limited.

    Raises:
        BadText: A facet has a value that nobody knows, or none.
    """
    uses = ALL
    if "uses" in table or uses_needed:
        patterns = table.get("uses")
        if not isinstance(patterns, list) or not all(isinstance(it, str) for it in patterns):
            raise BadText(f"{what} needs uses, a list of actor/activity")
        try:
            uses = parse_uses(patterns)
        except BadStatement as error:
            raise BadText(f"{what}: {error.text}") from None
    return Scope(
        uses=uses,
        material=_facet(table, "material", Material, what),
        provenance=_facet(table, "provenance", Provenance, what),
        time=_facet(table, "time", Time, what),
    )


def _facet(table: Table, field: str, kind: type[Enum], what: str) -> frozenset[Any]:
    if field not in table:
        return frozenset(kind)
    values = table[field]
    if not isinstance(values, list) or not values:
        raise BadText(f"{what} needs {field}, a list of {', '.join(it.value for it in kind)}")
    known = {it.value: it for it in kind}
    for value in values:
        if not isinstance(value, str) or value not in known:
            raise BadText(f"{what}: there is no {field} {value!r}; there is {', '.join(known)}")
    return frozenset(known[value] for value in values)


def read_date(table: Table, field: str, what: str) -> date | None:
    """Return a field that is a day; None if it is missing.

    Raises:
        BadText: It is no day.
    """
    value = table.get(field)
    # a datetime is a date to Python; a day has no hour
    if value is None or type(value) is date:
        return value
    raise BadText(f"{what} needs {field}, a day; write 2031-01-31", field=field)


def _text_or_nothing(table: Table, field: str, what: str) -> str:
    return read_text(table, field, what) if field in table else ""


def read_source(table: Table) -> Source:
    """Return where a text was read.

    Raises:
        BadText: It says too little, or what nobody reads.
    """
    only(
        table,
        {"service", "document", "recorded", "origin", "archive", "file", "note"},
        "the source",
    )
    recorded = read_date(table, "recorded", "the source")
    if recorded is None:
        raise BadText("the source needs recorded, a day")
    return Source(
        service=read_text(table, "service", "the source"),
        document=read_text(table, "document", "the source"),
        recorded=recorded,
        origin=read_one_of(table, "origin", Origin, "the source"),
        archive=_text_or_nothing(table, "archive", "the source"),
        file=_text_or_nothing(table, "file", "the source"),
        note=_text_or_nothing(table, "note", "the source"),
    )


def read_switch(table: Table, what: str) -> Switch:
    """Return a judgement.

    Raises:
        BadText: It is none.
    """
    only(table, {"id", "text", "on"}, what)
    on = table.get("on")
    if not isinstance(on, bool):
        raise BadText(f"{what} needs on: true or false")
    return Switch(id=read_name(table, "id", what), text=read_text(table, "text", what), on=on)


def read_claim(table: Table, what: str) -> Claim:
    """Return what is said beside the contract.

    Raises:
        BadText: It is no promise, or breaks another rule.
    """
    only(table, {"id", "text", "where", "status", "source"} | FACETS, what)
    status = read_one_of(table, "status", Status, what)
    if status not in PROMISES:
        raise BadText(f"{what} promises nothing; its status is opt_in or barred")
    return Claim(
        id=read_name(table, "id", what),
        text=read_text(table, "text", what),
        where=read_one_of(table, "where", Where, what),
        status=status,
        scope=read_scope(table, what),
        source=_text_or_nothing(table, "source", what),
    )


def read_notice(table: Table) -> Notice:
    """Return what a text promises about changes to itself.

    Raises:
        BadText: It breaks a rule.
    """
    only(table, {"timing", "days", "channel", "chance", "text"}, "the notice")
    days = table.get("days", 0)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= _MOST_DAYS:
        raise BadText(f"the notice needs days, a whole number from 0 to {_MOST_DAYS}")
    return Notice(
        timing=read_one_of(table, "timing", Timing, "the notice"),
        days=days,
        channel=read_one_of(table, "channel", Channel, "the notice"),
        chance=read_one_of(table, "chance", Chance, "the notice"),
        text=read_text(table, "text", "the notice"),
    )
