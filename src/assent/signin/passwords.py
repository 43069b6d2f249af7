"""Passwords: which are good enough, and whether one is right, in a time that tells nothing.

What is kept is argon2id with the library's parameters; a hash with older ones is made again at the
next right password. Whoever has no password costs as much to check as whoever has one.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assent.catalogue.names import folded
from assent.errors import BadInput

__all__ = ["LONGEST", "SHORTEST", "check_password", "hashed", "is_outdated", "is_right"]

SHORTEST, LONGEST = 10, 1000
"""How many characters a password has."""
_HASHER = PasswordHasher()
# the commonest of ten characters and more in what has leaked elsewhere, and their like for a site
# such as this one; shorter ones are refused for being short
_COMMONEST = frozenset(
    {
        "0123456789",
        "0987654321",
        "1234512345",
        "1234567890",
        "12345678910",
        "123456789a",
        "1q2w3e4r5t",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "abcdefghij",
        "changeme123",
        "iloveyou123",
        "letmein123",
        "listentome",
        "musicmusic",
        "password12",
        "password123",
        "password1234",
        "passwordpassword",
        "qwerty1234",
        "qwerty12345",
        "qwerty123456",
        "qwertyuiop",
        "welcome123",
        "zaq12wsxcde3",
    }
)
_FEWEST_DIFFERENT = 4
_FILLING = "0123456789!?.,_-"
"""What people add to a name when it is refused."""


def check_password(password: str, name: str) -> None:
    """Refuse a password that would be guessed.

    Args:
        password: The password.
        name: The name of the account that it is for.

    Raises:
        BadInput: It is too short, too long, among the commonest, or the name itself.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"a password has {SHORTEST} to {LONGEST} characters")
    plain = folded(password)
    if plain in _COMMONEST or len(set(plain)) < _FEWEST_DIFFERENT:
        raise BadInput("that password is one of the first that anybody would try; take another")
    bare, called = plain.replace(" ", ""), folded(name).replace(" ", "")
    if called and not bare.replace(called, "").strip(_FILLING):
        raise BadInput("that password is hardly more than the name; take another")


def hashed(password: str, name: str) -> str:
    """Return what is kept of a password.

    Args:
        password: The password.
        name: The name of the account that it is for.

    Raises:
        BadInput: It would be guessed.
    """
    check_password(password, name)
    return _HASHER.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Say whether a password is the one that was kept.

    Args:
        kept: What was kept; None where nothing was, which takes as long and is never right.
        password: What was typed.
    """
    if len(password) > LONGEST:
        return False
    try:
        _HASHER.verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Say whether what was kept was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _HASHER.hash("a password that nobody has")
