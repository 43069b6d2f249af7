"""Browsers that somebody has signed in with before: wrong guesses of others do not shut these.

A mark is a random number and its MAC with the name, so a browser shows that it knows a name and
does not say which. It opens nothing: whoever has one still needs the password, and has tries of
its own.
"""

import hmac
from hashlib import sha256
from secrets import token_hex
from typing import Final

from assent.catalogue.names import folded

__all__ = ["MOST", "known", "marked"]

MOST: Final = 5
"""How many names one browser is known for."""
_NUMBER_BYTES, _MAC_DIGITS = 8, 32
_BETWEEN = "."


def marked(secret: bytes, kept: str, name: str) -> str:
    """Return what a browser keeps that has signed in.

    Args:
        secret: The platform's secret for this.
        kept: What it has kept so far.
        name: Whose account it signed in to.
    """
    number = known(secret, kept, name) or token_hex(_NUMBER_BYTES)
    own = number + _mac(secret, number, name)
    others = [it for it in _marks(kept) if it != own]
    return _BETWEEN.join([own, *others][:MOST])  # the one of longest ago goes


def known(secret: bytes, kept: str, name: str) -> str:
    """Return the number under which a browser is known for a name; empty if it is not.

    Args:
        secret: The platform's secret for this.
        kept: What the browser shows.
        name: The name, in any spelling.
    """
    for mark in _marks(kept):
        number, mac = mark[: 2 * _NUMBER_BYTES], mark[2 * _NUMBER_BYTES :]
        if hmac.compare_digest(mac.encode(), _mac(secret, number, name).encode()):
            return number
    return ""


def _marks(kept: str) -> list[str]:
    return [it for it in kept.split(_BETWEEN) if it][:MOST]


def _mac(secret: bytes, number: str, name: str) -> str:
    said = f"{number}:{folded(name)}".encode()
    return hmac.new(secret, said, sha256).hexdigest()[:_MAC_DIGITS]
