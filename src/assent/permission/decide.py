"""A decision: may this program use this recording, and exactly why.

The answer is the algebra's, over facts that name where each word comes from. The reasons are
faithful: lifting all blockers of a "no" makes it a "yes" and lifting fewer does not; taking any
ground of a "yes" away makes it a "no".

Nothing here reads a clock or a table; `at` and the facts come in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from assent.permission.algebra import ground, word
from assent.permission.facts import Facts
from assent.permission.programs import Program
from assent.permission.reasons import Reason, blockers, grounds

__all__ = ["Decision", "decide", "word_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A yes or a no, with all of its reasons.

    Args:
        allowed: The answer.
        recording: What was asked about.
        program: Which program asks; None when the question was about uses alone.
        uses: What was asked for.
        missing: Which of the uses are not open.
        reasons: The blockers of a no, or the grounds of a yes.
        at: The instant it answers for [aware datetime].
        head: Number of the last event it knows of.
    """

    allowed: bool
    recording: str
    program: str | None
    uses: int
    missing: int
    reasons: tuple[Reason, ...]
    at: datetime
    head: int

    def __bool__(self) -> NoReturn:
        raise TypeError("a decision is not a truth value; ask for .allowed")


def word_of(facts: Facts) -> int:
    """Return the word of a recording from everything that is known of it."""
    if facts.unclaimed:
        return 0
    standing = (
        ground(holder.first.masks, holder.second.masks, holder.said.granted, holder.said.refused)
        for holder in facts.holders
    )
    held = 0
    for hold in facts.holds:
        held |= hold.uses
    if facts.original is None:
        return word(standing, held)
    return word(standing, held, word_of(facts.original))


def decide(facts: Facts, asked: Program | int, at: datetime) -> Decision:
    """Decide whether a program, or anyone with those uses, may use a recording.

    Args:
        facts: All that is known of the recording, gathered for that program.
        asked: The program, or uses as a word, not 0.
        at: The instant to answer for [aware datetime].
    """
    uses = asked.uses if isinstance(asked, Program) else asked
    program = asked if isinstance(asked, Program) else None
    missing = uses & ~word_of(facts)
    live = program is None or program.is_live(at)
    allowed = live and not missing and uses != 0
    found = grounds(facts, program, uses) if allowed else blockers(facts, program, uses, at)
    return Decision(
        allowed=allowed,
        recording=facts.recording,
        program=program.id if program else None,
        uses=uses,
        missing=missing,
        reasons=found,
        at=at,
        head=facts.head,
    )
