"""Terms and agreements as code: ordered clauses, each a sentence and what it says of which uses.

A later clause overrides an earlier one on the uses they share: first the rule, then the exceptions.
What no clause speaks of is barred.

    id = "house-1"
    title = "Terms of the house"

    [[clause]]
    id = "found"
    text = "We show your recordings in search, unless you say no."
    status = "opt_out"
    uses = ["platform/search"]

Source: design, section 2.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from assent.errors import BadStatement, BadText
from assent.permission.algebra import Masks
from assent.permission.fields import only, read_name, read_table, read_text
from assent.permission.uses import parse_uses

__all__ = ["Clause", "Status", "Text", "compile_clauses", "parse_text"]

_MOST_BYTES = 1 << 20


class Status(Enum):
    """What a clause says of a use."""

    GRANTED = "granted"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    BARRED = "barred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One sentence and what it says.

    Args:
        id: Its name within the text.
        text: The sentence.
        status: What it says of its uses.
        uses: Which uses it speaks of.
    """

    id: str
    text: str
    status: Status
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A terms version or a licence agreement.

    Args:
        id: Its name, unique among all texts.
        title: How it is called on a page.
        clauses: In order; later ones override.
        masks: What they come to.
        party: Whom an agreement is with; empty for terms.
    """

    id: str
    title: str
    clauses: tuple[Clause, ...]
    masks: Masks[int]
    party: str = ""

    def clause_for(self, use: int) -> Clause | None:
        """Return the clause that decides one use, if any speaks of it."""
        return next((clause for clause in reversed(self.clauses) if clause.uses & use), None)


def compile_clauses(clauses: Sequence[Clause]) -> Masks[int]:
    """Return what clauses come to.

    Raises:
        BadText: One is wholly overridden by later ones, so its sentence promises what is not so.
    """
    decided = dict.fromkeys(Status, 0)
    spoken = 0
    for clause in reversed(clauses):
        if not clause.uses & ~spoken:
            raise BadText(f"clause {clause.id!r} is wholly overridden by later ones", id=clause.id)
        decided[clause.status] |= clause.uses & ~spoken
        spoken |= clause.uses
    return Masks(decided[Status.GRANTED], decided[Status.OPT_OUT], decided[Status.OPT_IN])


def parse_text(toml: str) -> Text:
    """Return the terms or the agreement written in a TOML file.

    Raises:
        BadText: It is too large, no TOML, or breaks a rule above; the text says which and where.
    """
    table = read_table(toml, _MOST_BYTES, "the text")
    only(table, {"id", "title", "party", "clause"}, "a text")
    entries = table.get("clause")
    if not isinstance(entries, list) or not entries:
        raise BadText("the text has no [[clause]]")
    clauses = tuple(_clause(entry) for entry in entries)
    names = [clause.id for clause in clauses]
    if twice := next((name for name, times in Counter(names).items() if times > 1), None):
        raise BadText(f"two clauses are called {twice!r}", id=twice)
    return Text(
        id=read_name(table, "id", "a text"),
        title=read_text(table, "title", "a text"),
        clauses=clauses,
        masks=compile_clauses(clauses),
        party=read_text(table, "party", "a text") if "party" in table else "",
    )


def _clause(entry: object) -> Clause:
    if not isinstance(entry, Mapping):
        raise BadText("a clause is a [[clause]] table")
    only(entry, {"id", "text", "status", "uses"}, "a clause")
    name = read_name(entry, "id", "a clause")
    patterns = entry.get("uses")
    if not isinstance(patterns, list) or not all(isinstance(item, str) for item in patterns):
        raise BadText(f"clause {name!r} needs uses, a list of actor/activity", id=name)
    try:
        status = Status(entry.get("status"))
        uses = parse_uses(patterns)
    except ValueError:
        known = ", ".join(status.value for status in Status)
        raise BadText(f"clause {name!r} needs a status: one of {known}", id=name) from None
    except BadStatement as error:
        raise BadText(f"clause {name!r}: {error.text}", id=name) from None
    return Clause(
        id=name, text=read_text(entry, "text", f"clause {name!r}"), status=status, uses=uses
    )
