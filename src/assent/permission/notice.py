"""The notice: what a statement means, in the words that are on the screen when it is made.

The digest of this text goes into the statement, so that years later nobody has to guess what the
holder read.
"""

from assent.permission.statements import Statement
from assent.permission.uses import REGISTER_VERSION, labels

__all__ = ["notice"]

_VERBS = (
    ("lifts", "You take back your no to"),
    ("withdraws", "You take back your yes to"),
    ("refuses", "You say no to"),
    ("grants", "You say yes to"),
)


def notice(statement: Statement) -> str:
    """Return the notice of a statement; equal statements have equal notices."""
    subject = f"recording {statement.recording}" if statement.recording else "all your recordings"
    reach = f"the program {statement.program} alone" if statement.program else "every program"
    lines = [f"About {subject}, for {reach} (uses of register {REGISTER_VERSION}):"]
    for verb, words in _VERBS:
        if uses := labels(getattr(statement, verb)):
            lines.append(f"{words}: {', '.join(uses)}.")
    if statement.since:
        lines.append(f"Your yes counts from {statement.since.isoformat()}.")
    if statement.until:
        lines.append(f"Your yes ends at {statement.until.isoformat()}.")
    lines.append("You can take a yes back at any time.")
    return "\n".join(lines)
