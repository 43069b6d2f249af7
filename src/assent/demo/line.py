"""What the story says, line by line; how it looks is for whoever shows it."""

from dataclasses import dataclass
from enum import Enum

__all__ = ["Kind", "Line"]


class Kind(Enum):
    """What sort of line it is."""

    TITLE = "title"
    HEADING = "heading"
    PLAIN = "plain"
    YES = "yes"
    """Something is open, or came out as it must."""
    NO = "no"
    """The platform refuses something, as it must."""
    REASON = "reason"
    """Why; belongs to the line above."""
    COMMAND = "command"
    """What to type next."""
    BROKEN = "broken"
    """The platform answered otherwise than it must; the story ends here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line.

    Args:
        kind: What sort of line it is.
        text: What it says.
    """

    kind: Kind
    text: str
