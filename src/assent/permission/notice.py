"""The notice: what a statement means, in the words that are on the screen when it is made.

The digest of this text goes into the statement, so that years later nobody has to guess what the
holder read. Each use stands in plain words, its name in the register in brackets behind them; of a
program it says who is behind it and what for, as its owner wrote that down.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from assent.permission.statements import Statement
from assent.permission.uses import ALL, REGISTER_VERSION, Actor
from assent.permission.wording import ACTIVITY_WORDS, ACTOR_WORDS, by_activity, who_told

__all__ = ["Behind", "notice"]

_VERBS = (
    ("lifts", "You take back your no to letting"),
    ("withdraws", "You take back your yes to letting"),
    ("refuses", "You say no to letting"),
    ("grants", "You say yes to letting"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Who is behind a program.

    Args:
        owner: Whose it is.
        actor: Who that is to the platform.
        purpose: What it is for, in its owner's words.
    """

    owner: str
    actor: Actor
    purpose: str


def notice(statement: Statement, behind: Behind | None = None, title: str = "") -> str:
    """Return the notice of a statement; equal statements have equal notices.

    Args:
        statement: What is said.
        behind: Who is behind the program that it is said to; None where it is said to every one.
        title: What the recording that it speaks of is called; empty where it speaks of all.
    """
    lines = list(_about(statement, behind, title))
    for verb, words in _VERBS:
        if uses := getattr(statement, verb):
            lines += _spoken(words, uses)
    if statement.since:
        lines.append(f"Your yes counts from {_moment(statement.since)}.")
    if statement.until:
        lines.append(f"Your yes ends on {_moment(statement.until)}.")
    lines.append("You can take a yes back at any time.")
    lines.append(f"The names in brackets are those of the register of uses, {REGISTER_VERSION}.")
    return "\n".join(lines)


def _about(statement: Statement, behind: Behind | None, title: str) -> Iterator[str]:
    subject = f"recording {statement.recording}" if statement.recording else "all your recordings"
    if statement.recording and title:
        subject = f"the recording “{_line(title)}” ({statement.recording})"
    reach = f"the program {statement.program} alone" if statement.program else "every program"
    yield f"About {subject}, for {reach}."
    if behind is not None:
        yield f"Who is behind the program: {_line(behind.owner)}, {ACTOR_WORDS[behind.actor]}."
        yield f"What it is for, in their words: {_line(behind.purpose)}"


def _spoken(words: str, uses: int) -> Iterator[str]:
    if uses == ALL:
        yield f"{words} anybody at all do anything: all {ALL.bit_count()} uses."
        return
    yield words
    for activity, actors in by_activity(uses):
        names = ", ".join(f"{actor.value}/{activity.value}" for actor in actors)
        yield f"- {who_told(actors)} {ACTIVITY_WORDS[activity]} ({names})"


def _line(text: str) -> str:
    # what somebody else wrote stays on one line, so that it cannot pass for what is said here
    return " ".join(text.split())


def _moment(at: datetime) -> str:
    """Return an instant as people read it; to the second where it has one."""
    there = at.astimezone(UTC)
    clock = f"{there:%H:%M:%S}" if there.second else f"{there:%H:%M}"
    return f"{there.day} {there:%B %Y}, {clock} UTC"
