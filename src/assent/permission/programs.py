"""A program: a registered AI use, proposed by one person and approved by another.

    id = "rival-train"
    owner = "Nightjar Models"
    actor = "partner"
    activities = ["train-rival"]
    purpose = "Train a model that makes background music."
    models = ["nightjar-1"]
    territories = ["world"]
    start = 2031-01-01
    end = 2032-01-01
    retention_days = 365
    contact = "rights@nightjar.example"
    contract = "NM-2031-04"          # a partner needs one

Source: design, section 1.
"""

from dataclasses import dataclass, fields
from datetime import datetime

from assent.errors import BadInput, BadStatement, BadText
from assent.permission.fields import (
    Table,
    only,
    read_instant,
    read_name,
    read_table,
    read_text,
    read_texts,
)
from assent.permission.territories import WORLD, Territories, parse_territories
from assent.permission.uses import ACTORS, Actor, parse_uses

__all__ = ["Program", "Proposal", "parse_proposal"]

_MOST_BYTES = 1 << 16
_LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What somebody wants to do, as written; the fields are those of the file above."""

    id: str
    owner: str
    actor: Actor
    uses: int
    purpose: str
    models: tuple[str, ...]
    territories: Territories
    start: datetime | None
    end: datetime | None
    retention_days: int
    contact: str
    contract: str


_FIELDS = frozenset(field.name for field in fields(Proposal)) - {"uses"} | {"activities"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a decision needs to know of a program.

    Args:
        id: Its name.
        uses: All the uses it needs.
        territories: Where it uses what it gets.
        start: From when it may run [aware datetime]; None for at once.
        end: When it must have stopped, exclusive [aware datetime]; None for never.
        proposed: Number of the event that proposed it.
        approved: Number of the event that approved it; None while nobody has.
        suspended: Number of the event that suspended it; None while it is not.
        ended: Number of the event that ended it; None while it has not.
    """

    id: str
    uses: int
    territories: Territories = WORLD
    start: datetime | None = None
    end: datetime | None = None
    proposed: int
    approved: int | None = None
    suspended: int | None = None
    ended: int | None = None

    def is_live(self, at: datetime) -> bool:
        """Say whether it may run at an instant."""
        stopped = self.suspended is not None or self.ended is not None
        started = self.start is None or self.start <= at
        return (
            self.approved is not None
            and not stopped
            and started
            and (self.end is None or at < self.end)
        )


def parse_proposal(toml: str, at: datetime) -> Proposal:
    """Return the program that a TOML file proposes.

    Args:
        toml: The file's text.
        at: The instant of proposing [aware datetime]; a program cannot end before it.

    Raises:
        BadText: A field is missing, unknown or cannot be meant; the text says which.
    """
    table = read_table(toml, _MOST_BYTES, "the program file")
    what = "a program"
    only(table, _FIELDS, what)
    actor = _actor(table)
    start, end = read_instant(table, "start", what), read_instant(table, "end", what)
    if end and (end <= at or (start and end <= start)):
        raise BadText("a program must end in the future, and after it starts", field="end")
    if actor is Actor.PARTNER and "contract" not in table:
        raise BadText("a partner's program needs contract, what it stands on", field="contract")
    return Proposal(
        id=read_name(table, "id", what),
        owner=read_text(table, "owner", what),
        actor=actor,
        uses=_uses(actor, read_texts(table, "activities", what)),
        purpose=read_text(table, "purpose", what),
        models=read_texts(table, "models", what) if "models" in table else (),
        territories=_territories(table),
        start=start,
        end=end,
        retention_days=_retention_days(table),
        contact=read_text(table, "contact", what),
        contract=read_text(table, "contract", what) if "contract" in table else "",
    )


def _actor(table: Table) -> Actor:
    try:
        return Actor(table.get("actor"))
    except ValueError:
        known = ", ".join(actor.value for actor in ACTORS)
        raise BadText(f"a program needs actor: one of {known}", field="actor") from None


def _uses(actor: Actor, activities: tuple[str, ...]) -> int:
    try:
        return parse_uses(f"{actor.value}/{activity}" for activity in activities)
    except BadStatement as error:
        raise BadText(f"a program's activities: {error.text}", field="activities") from None


def _territories(table: Table) -> Territories:
    if "territories" not in table:
        return WORLD
    try:
        return parse_territories(read_texts(table, "territories", "a program"))
    except BadText:
        raise
    except BadInput as error:
        raise BadText(f"a program's territories: {error.text}", field="territories") from None


def _retention_days(table: Table) -> int:
    days = table.get("retention_days")
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= _LONGEST_DAYS:
        raise BadText(
            "a program needs retention_days, a whole number of days", field="retention_days"
        )
    return days
