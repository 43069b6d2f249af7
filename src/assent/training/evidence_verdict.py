"""What a check of evidence comes to: part by part, and as a whole."""

from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from assent.log.receipt import Verdict

__all__ = ["EvidenceVerdict", "PartVerdict", "State"]


class State(Enum):
    """What became of one part."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartVerdict:
    """One part.

    Args:
        number: Which one; 0 is the file itself, on which all others stand.
        title: What it is about.
        state: Whether all that can be checked of it holds; unknown where nobody could tell.
        text: What was found, for a person.
        reason: A reason code of docs/log.md where it is false; else empty.
    """

    number: int
    title: str
    state: State
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceVerdict:
    """The whole. It is no truth value: ask whether it holds.

    Args:
        verdict: What it is worth.
        reason: Why, as a code.
        parts: The parts by number.
        training_set: The set's id; None where it could not be found out.
        program: The program's id, likewise.
        members: How many members the set has; 0 where that could not be found out.
        checked: Of how many it could be told whether they may be in the set.
    """

    verdict: Verdict
    reason: str
    parts: tuple[PartVerdict, ...]
    training_set: str | None = None
    program: str | None = None
    members: int = 0
    checked: int = 0

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is not a truth value; ask for .holds")

    @property
    def holds(self) -> bool:
        """Whether no part is false, and the set's receipt holds, witnessed and new enough.

        It does not where every single member was erased: then nothing is left that could hold.
        """
        if self.verdict is Verdict.ERASED:
            return self.checked > 0
        return self.verdict is Verdict.VALID

    def part(self, number: int) -> PartVerdict:
        """Return a part by its number."""
        return next(part for part in self.parts if part.number == number)
