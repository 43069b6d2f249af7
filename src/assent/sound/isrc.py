"""The International Standard Recording Code, as people write it and as it is compared.

Pure. Whether a code was ever issued is not known here.

Source: ISO 3901:2019; ISRC Handbook, section 3 (two letters, three letters or digits, two digits
of the year, five digits; often shown with hyphens).
"""

import re

__all__ = ["normalised_isrc"]

_LONGEST = 64  # with every separator and prefix that was ever seen; more is not a code
_PATTERN = re.compile(
    r"(?:ISRC[\s:]*)?([A-Z]{2})[\s-]?([A-Z0-9]{3})[\s-]?([0-9]{2})[\s-]?([0-9]{5})"
)


def normalised_isrc(text: str) -> str | None:
    """Return the twelve characters of a code, None if it is not well formed.

    Args:
        text: A code, in either case, with or without hyphens, spaces and the word ISRC.

    >>> normalised_isrc("qz-abc-24-00017")
    'QZABC2400017'
    """
    text = text.strip()
    if len(text) > _LONGEST or not text.isascii():
        return None
    match = _PATTERN.fullmatch(text.upper())
    return "".join(match.groups()) if match else None
