"""One use as one holder sees it: what holds of it, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from assent.permission.algebra import ground
from assent.permission.facts import Standing
from assent.permission.reasons import Reason
from assent.permission.statements import Said
from assent.permission.uses import (
    ACTIVITIES,
    ACTORS,
    ALL,
    CONSENT_ONLY,
    GENERATIVE,
    Activity,
    Actor,
    bit,
)

__all__ = ["Cell", "Consent", "Now", "cell_of", "each_use", "pieces_of", "spoken"]


class Now(Enum):
    """What holds of a use, as one holder sees it, and why."""

    YES = "yes"
    """The holder said yes, and it counts."""
    NO = "no"
    """The holder said no, and it counts."""
    TAKEN = "taken"
    """The terms take it; a no would have no effect."""
    UNLESS_NO = "unless-no"
    """The terms open it unless the holder says no."""
    UNTIL_YES = "until-yes"
    """The terms open it once the holder says yes."""
    NEEDS_PROGRAM = "needs-program"
    """A generative use: opened to a program by name, or in so many words to all."""
    BARRED = "barred"
    """The terms leave no room for it, whatever anybody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One use.

    Args:
        use: Its one-bit word.
        actor: Who.
        activity: Does what.
        now: What holds, as far as this holder goes, and why.
        is_open: Whether it is open in all; for an account, as far as the account's word goes.
        own: Whether this place has a word of its own on it that could be taken back.
        event: Number of the statement that it stands on; None where nothing was said.
        open_in: In how many of the recordings it is open.
        others: What else stands in its way, where this holder's consent does not lack.
    """

    use: int
    actor: Actor
    activity: Activity
    now: Now
    is_open: bool
    own: bool
    event: int | None
    open_in: int
    others: tuple[Reason, ...] = ()

    @property
    def is_generative(self) -> bool:
        """Whether it feeds or makes a generative system."""
        return self.activity in GENERATIVE


@dataclass(frozen=True, slots=True)
class Consent:
    """What one holder's consent comes to in one place.

    Args:
        first: The terms accepted, or the agreement.
        second: The terms in force, or the agreement again.
        said: What the holder says there.
        own: The uses on which this very place has a word.
        pieces: What each statement stands for, by its number.
    """

    first: Standing
    second: Standing
    said: Said
    own: int
    pieces: Mapping[int, int] = field(default_factory=dict)

    @property
    def ground(self) -> int:
        """The uses for which this holder's consent stands."""
        return ground(self.first.masks, self.second.masks, self.said.granted, self.said.refused)

    def now(self, use: int) -> Now:
        """Return what holds of a use, and why."""
        how = min(_how(standing, use) for standing in (self.first, self.second))
        if how in {_How.BARRED, _How.TAKEN}:
            return Now.BARRED if how is _How.BARRED else self._taken(use)
        if self.said.granted & use:
            return Now.YES
        if self.said.refused & use:
            return Now.NO
        if use & CONSENT_ONLY:
            return Now.NEEDS_PROGRAM
        return Now.UNLESS_NO if how is _How.UNLESS_NO else Now.UNTIL_YES

    def _taken(self, use: int) -> Now:
        # no text takes a generative use: it waits for a yes all the same
        if not use & CONSENT_ONLY:
            return Now.TAKEN
        return Now.YES if self.said.granted & use else Now.NEEDS_PROGRAM

    def event(self, use: int) -> int | None:
        """Return the statement that speaks of a use last."""
        return max((event for event, uses in self.pieces.items() if uses & use), default=None)


class _How(IntEnum):
    """How a text takes a use, the more open the later."""

    BARRED, AFTER_YES, UNLESS_NO, TAKEN = range(4)


def _how(standing: Standing, use: int) -> _How:
    masks = standing.masks
    for how, mask in (
        (_How.TAKEN, masks.granted),
        (_How.UNLESS_NO, masks.opt_out),
        (_How.AFTER_YES, masks.opt_in),
    ):
        if mask & use:
            return how
    return _How.BARRED


def each_use() -> Iterator[int]:
    """Give the 60 uses, activity by activity."""
    return (bit(actor, activity) for activity in ACTIVITIES for actor in ACTORS)


def cell_of(view: Consent, use: int, open_in: int, lacking: Sequence[Reason] = ()) -> Cell:
    """Return the cell of a use.

    Args:
        view: What the holder's consent comes to.
        use: The use.
        open_in: In how many recordings it is open.
        lacking: What else stands in the way, of any use.
    """
    position = use.bit_length() - 1
    return Cell(
        use=use,
        actor=ACTORS[position // len(ACTIVITIES)],
        activity=ACTIVITIES[position % len(ACTIVITIES)],
        now=view.now(use),
        is_open=bool(view.ground & use) and not any(it.uses & use for it in lacking),
        own=bool(view.own & use),
        event=view.event(use),
        open_in=open_in,
        others=tuple(reason for reason in lacking if reason.uses & use),
    )


def spoken(said: Said) -> int:
    """Return the uses that were spoken of."""
    return said.granted | said.refused


def pieces_of(said: Said) -> dict[int, int]:
    """Return what each statement stands for, by its number."""
    pieces: dict[int, int] = {}
    granted = ALL & ~said.refused
    for piece in said.granting:
        pieces[piece.event] = pieces.get(piece.event, 0) | (piece.uses & granted)
    for piece in said.refusing:
        pieces[piece.event] = pieces.get(piece.event, 0) | piece.uses
    return pieces
