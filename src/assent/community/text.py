"""What people may write: lines and paragraphs in any script, without what no screen shows.

Nothing is escaped here: a page does that where it shows it.
"""

import re
from unicodedata import category, normalize
from urllib.parse import urlsplit

from assent.catalogue.titles import seen
from assent.errors import BadInput

__all__ = ["line", "paragraphs", "web_address"]

_MOST_ADDRESS = 300
_BREAK = re.compile("\r\n|[\r\n\u2028\u2029]")
_UNSEEN = {"Cc", "Cs", "Co"}
"""Control characters, halves of characters, characters that mean nothing to anybody else."""


def line(said: str, most: int, what: str) -> str:
    """Return a text of one line, its spaces put in order.

    Args:
        said: What was written.
        most: How many characters it may have.
        what: What it is, for the error: "a title".

    Raises:
        BadInput: Nothing can be seen in it, a sign of it cannot be shown, or it is too long.
    """
    return _sized(seen(" ".join(_clean(said).split()), what), most, what, least=1)


def paragraphs(said: str, most: int, what: str, *, least: int = 0) -> str:
    """Return a text of as many lines as were written.

    Args:
        said: What was written.
        most: How many characters it may have.
        what: What it is, for the error: "a comment".
        least: How many characters it must have.

    Raises:
        BadInput: It is too short or too long, or a sign of it cannot be shown.
    """
    lines = _BREAK.split(said)
    kept = "\n".join(_indented(_clean(one), what) for one in lines).strip()
    return _sized(kept, most, what, least)


def web_address(said: str) -> str:
    """Return an address of the web that may stand on a page; empty for none.

    Raises:
        BadInput: It does not begin with https://, names no host, or has a password in it.
    """
    address = said.strip()
    if not address:
        return ""
    wrong = BadInput("a link begins with https:// and names a site", link=said)
    if len(address) > _MOST_ADDRESS or not address.isprintable() or " " in address:
        raise wrong
    try:
        parts = urlsplit(address)
        named = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise wrong from None
    if not named or "@" in parts.netloc or "\\" in address:
        raise wrong
    return address


def _clean(said: str) -> str:
    kept = (" " if one == "\t" else one for one in normalize("NFC", said))
    return "".join(one for one in kept if category(one) not in _UNSEEN)


def _indented(said: str, what: str) -> str:
    """Return a line of a text with the spaces that it begins with."""
    begins = said[: len(said) - len(said.lstrip())]
    return (begins + seen(said, what)).rstrip()


def _sized(text: str, most: int, what: str, least: int) -> str:
    # what consists of spaces and marks for direction alone would leave a hole on the page
    visible = any(category(one)[0] not in {"C", "Z"} for one in text)
    if len(text) > most or len(text) < least or (least and not visible):
        raise BadInput(f"{what} has {least} to {most:,} characters", characters=len(text))
    return text
