"""What people call things, as it is kept: every script and emoji, and nothing that plays tricks.

Control characters and those that turn the direction of what follows are not shown. The joiners and
the two marks of direction are not seen, either, yet Persian, Hindi, Hebrew with Latin in it, and
many emoji cannot be written without them. Marks that come along with what is pasted are taken off.

Source: Unicode Standard 16.0, 23.2 "Layout Controls"; UTS 51, "Emoji tag sequences".
"""

import re
from typing import Final
from unicodedata import category, name

from assent.errors import BadInput

__all__ = ["MOST_CHARACTERS", "is_shown", "line_of", "seen", "shown"]

MOST_CHARACTERS = 500
_INSIDE: Final = frozenset(
    "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}"
)
_FLAG: Final = re.compile("\N{WAVING BLACK FLAG}[\U000e0020-\U000e007e]+\U000e007f")
_SOFT_HYPHEN: Final = "\N{SOFT HYPHEN}"
_OF_NUMBERS: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
"""Formats by their category, yet seen: they enclose the digits that follow."""


def is_shown(text: str) -> bool:
    """Say whether every character of a text can be shown on a line.

    >>> is_shown("\N{FAMILY}\N{ZERO WIDTH JOINER}"), is_shown("a\N{RIGHT-TO-LEFT OVERRIDE}b")
    (True, False)
    """
    return not _hidden(text)


def seen(said: str, what: str, **facts: object) -> str:
    """Return what somebody wrote without marks that nobody sees and nothing needs.

    Args:
        said: What was written.
        what: What it is, for the error: "a title".
        facts: What the error carries.

    Raises:
        BadInput: A sign is in it that cannot be shown; the error names it.

    >>> seen("\N{RIGHT-TO-LEFT MARK}so\N{SOFT HYPHEN}lo ", "a title")
    'solo'
    """
    text = _trimmed(said)
    hidden = _hidden(text)
    if hidden:
        raise BadInput(
            f"{what} has a sign in it that nobody sees: {_called(hidden[0])}; take it out", **facts
        )
    return text


def line_of(said: str, what: str, **facts: object) -> str:
    """Return what somebody wrote as one line, its spaces put in order, as `seen` returns it.

    Raises:
        BadInput: A sign is in it that cannot be shown; the error names it.
    """
    return seen(" ".join(said.split()), what, **facts)


def shown(text: str) -> str:
    """Return a text of strangers as it is kept: what cannot be shown is marked, and it is not long.

    >>> shown("Tide" + chr(10) + "out") == "Tide" + chr(0xFFFD) + "out"
    True
    """
    kept = _trimmed(text)[:MOST_CHARACTERS]
    hidden = set(_hidden(kept))
    return "".join("\N{REPLACEMENT CHARACTER}" if c in hidden else c for c in kept)


def _trimmed(text: str) -> str:
    """Return a text without soft hyphens, and without spaces and formats at its ends."""
    plain = text.replace(_SOFT_HYPHEN, "")
    start, end = 0, len(plain)
    while start < end and _is_nothing(plain[start]):
        start += 1
    while start < end and _is_nothing(plain[end - 1]) and not _ends_flag(plain, end):
        end -= 1
    return plain[start:end]


def _is_nothing(character: str) -> bool:
    is_format = category(character) == "Cf" and character not in _OF_NUMBERS
    return is_format or character.isspace()


def _ends_flag(text: str, end: int) -> bool:
    """Say whether the tags that make the flag of a region end there; they are formats, too."""
    start = text.rfind("\N{WAVING BLACK FLAG}", 0, end)
    return start >= 0 and _FLAG.fullmatch(text, start, end) is not None


def _hidden(text: str) -> list[str]:
    """Return the characters of a text that cannot be shown, in their order."""
    bare = text if text.isprintable() else _FLAG.sub("", text)
    kept = _INSIDE | _OF_NUMBERS
    return [c for c in bare if not (c.isprintable() or c in kept or category(c) == "Zs")]


def _called(character: str) -> str:
    number, known = f"U+{ord(character):04X}", name(character, "").lower()
    return f"{number}, {known}" if known else number
