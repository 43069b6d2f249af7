"""One line of a benchmark: what was measured, beside its peer and its goal.

Touches nothing.
"""

from dataclasses import dataclass

__all__ = ["Row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement.

    Attributes:
        what: What was measured, in words.
        unit: The unit of `ours`, `peer` and `goal`.
        ours: Our figure [unit], or None where it could not be had.
        peer: The peer's figure from the same run [unit].
        peer_name: Who the peer is, also where it could not be run.
        goal: The figure to reach [unit].
        higher_is_better: Whether reaching the goal means at least, or at most.
    """

    what: str
    unit: str
    ours: float | None
    peer: float | None = None
    peer_name: str | None = None
    goal: float | None = None
    higher_is_better: bool = True

    @property
    def ratio(self) -> float | None:
        """Our figure over the peer's [1], or None where either is missing or the peer's is zero."""
        if self.ours is None or not self.peer:
            return None
        return self.ours / self.peer

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached, or None where there is none; no figure reaches no goal."""
        if self.goal is None:
            return None
        if self.ours is None:
            return False
        return self.ours >= self.goal if self.higher_is_better else self.ours <= self.goal

    def as_dict(self) -> dict[str, str | float | bool | None]:
        """Return what `assent bench --json` says of this row."""
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": self.ours,
            "peer": self.peer,
            "peer_name": self.peer_name,
            "ratio": self.ratio,
            "goal": self.goal,
            "met": self.met,
        }
