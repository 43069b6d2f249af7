"""Tokens: what a program shows at the gate, good for a short while.

    v1.PROGRAM.EXPIRES.TAG

`EXPIRES` is in seconds since 1970, `TAG` is HMAC-SHA-256 over all before it, under a key derived
from the master key; base64url without padding. A token proves who asks; whether they may is
decided at each opening.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256

from assent.errors import TokenRefused

__all__ = ["LONGEST", "Tokens"]

LONGEST = timedelta(hours=1)
"""How long a token may be good for."""
_MOST_CHARACTERS = 256
_PARTS = 4


class Tokens:
    """Makes and reads tokens.

    Args:
        key: A secret of the gate [32 bytes].
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, program: str, at: datetime, good_for: timedelta = LONGEST) -> str:
        """Return a token for a program.

        Args:
            program: Its id; it has no dot at its ends and no character outside the names' set.
            at: From when [aware datetime].
            good_for: How long; cut to `LONGEST`.
        """
        expires = int((at + min(good_for, LONGEST)).timestamp())
        claim = f"v1.{program}.{expires}"
        return f"{claim}.{self._tag(claim)}"

    def read(self, token: str, at: datetime) -> str:
        """Return the program that a token speaks for.

        Raises:
            TokenRefused: It is malformed, forged or expired.
        """
        if len(token) > _MOST_CHARACTERS or not token.isascii() or token.count(".") < _PARTS - 1:
            raise TokenRefused("this is no token of the gate")
        claim, _, tag = token.rpartition(".")
        if not hmac.compare_digest(self._tag(claim).encode(), tag.encode()):
            raise TokenRefused("this token was not made by the gate, or was changed")
        version, _, rest = claim.partition(".")
        program, _, expires = rest.rpartition(".")
        if version != "v1":
            raise TokenRefused("this token is of a kind that the gate no longer takes")
        if at.timestamp() >= int(expires):
            raise TokenRefused("this token has expired; ask for a new one", program=program)
        return program

    def _tag(self, claim: str) -> str:
        digest = hmac.new(self._key, claim.encode(), sha256).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")
