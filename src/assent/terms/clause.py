"""A clause: a sentence, and what it says of which cells.

A sentence speaks of a scope. Qualifying words ("that aim to ...") narrow it, exceptions ("except
for ...") take cells out, and a definition elsewhere may empty it further. Each is kept with the
words it stands on, so that what is left open can be laid at the door of the words that leave it so.
"""

from dataclasses import dataclass
from enum import Enum

from assent.terms.grid import EVERY_CELL, Scope

__all__ = ["PROMISES", "Clause", "Limit", "Status"]


class Status(Enum):
    """What a clause says of a cell, the least protective first."""

    GRANTED = "granted"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    BARRED = "barred"


PROMISES = (Status.OPT_IN, Status.BARRED)
"""What closes a cell: nothing happens there without consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Words that make a clause speak of less.

    Args:
        words: The words.
        scope: For a qualifier, what it leaves; for an exception or a definition, what it takes.
    """

    words: str
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One sentence and what it says.

    Args:
        id: Its name within the text.
        text: The sentence it stands on.
        status: What it says of its cells.
        scope: What it speaks of before its limits.
        qualifiers: Words that narrow it; only what is in all of their scopes is left.
        exceptions: Words that take cells out of it.
        definitions: Definitions elsewhere in the text that take cells out of it.
        without_prejudice: Whether it leaves alone what is promised more strictly before it.
        line: Where it begins in its file, from 1; 0 if it is in none.
    """

    id: str
    text: str
    status: Status
    scope: Scope
    qualifiers: tuple[Limit, ...] = ()
    exceptions: tuple[Limit, ...] = ()
    definitions: tuple[Limit, ...] = ()
    without_prejudice: bool = False
    line: int = 0

    @property
    def narrowed(self) -> Scope:
        """What its qualifiers leave of its scope."""
        scope = self.scope
        for qualifier in self.qualifiers:
            scope = scope.within(qualifier.scope)
        return scope

    @property
    def cells(self) -> int:
        """The cells it speaks of, all limits counted."""
        cells = self.narrowed.cells
        for limit in (*self.exceptions, *self.definitions):
            cells &= EVERY_CELL & ~limit.scope.cells
        return cells
