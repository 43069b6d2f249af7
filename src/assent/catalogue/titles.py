"""Titles as they are kept: every script and every emoji, and nothing that plays tricks on a line.

Control characters and those that turn the direction of what follows are not printable. The joiners
are not, either, yet Persian, Hindi and many emoji cannot be written without them.
"""

__all__ = ["MOST_CHARACTERS", "is_shown", "shown"]

MOST_CHARACTERS = 500
_JOINERS = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}") | {
    chr(code)
    for code in range(0xE0020, 0xE0080)  # the tags that make a flag of a region
}


def is_shown(text: str) -> bool:
    """Say whether every character of a text can be shown on a line.

    >>> is_shown("\N{FAMILY}\N{ZERO WIDTH JOINER}"), is_shown("a\N{RIGHT-TO-LEFT OVERRIDE}b")
    (True, False)
    """
    return all(character.isprintable() or character in _JOINERS for character in text)


def shown(text: str) -> str:
    """Return a text of strangers as it is kept: what cannot be shown is marked, and it is not long.

    >>> shown("Tide" + chr(10)) == "Tide" + chr(0xFFFD)
    True
    """
    marked = (c if is_shown(c) else "\N{REPLACEMENT CHARACTER}" for c in text[:MOST_CHARACTERS])
    return "".join(marked)
