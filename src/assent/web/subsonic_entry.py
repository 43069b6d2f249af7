"""Who asks by OpenSubsonic: by an API token, as a key, as a password, or as a salted digest of it.

Cookies say nothing here, for these addresses act on GET. The password of an account does not work
either: a token is made on the page of the account, and can be ended there.

Source: OpenSubsonic API 1, "Authentication"; extension apiKeyAuthentication 1.
"""

import hmac
from collections.abc import Mapping
from hashlib import md5

from assent.acts.accounts import known_account
from assent.catalogue.names import folded
from assent.signin import tokens
from assent.signin.scopes import Scope
from assent.signin.tokens import Token
from assent.web.subsonic_answer import Code, SubsonicError
from assent.web.visit import Visit

__all__ = ["Entry", "entered"]

_WRONG = "wrong name or token; a token is made on the page of your account"
Entry = Token
"""A way in is an API token."""


def entered(visit: Visit, asked: Mapping[str, str]) -> Entry:
    """Return whose token it is.

    Args:
        visit: The request.
        asked: Its parameters.

    Raises:
        SubsonicError: Nobody's, or a parameter is missing.
    """
    found = _found(visit, asked)
    if Scope.READ not in found.scopes:
        raise SubsonicError(Code.NOT_ALLOWED, "this token does not allow to listen")
    tokens.used(visit.site.house, found)
    return found


def _found(visit: Visit, asked: Mapping[str, str]) -> Entry:
    key, name = asked.get("apiKey", ""), asked.get("u", "")
    if key:
        return _by_key(visit, key, asked)
    if not name:
        raise SubsonicError(Code.MISSING, "the parameter u or apiKey is missing")
    if asked.get("t") and asked.get("s"):
        found = _by_digest(visit, name, asked["t"], asked["s"])
    elif asked.get("p"):
        found = _by_password(visit, name, _plain(asked["p"]))
    else:
        raise SubsonicError(Code.MISSING, "the parameters t and s, or p, are missing")
    if found is None:
        raise SubsonicError(Code.WRONG, _WRONG)
    return found


def _by_key(visit: Visit, key: str, asked: Mapping[str, str]) -> Entry:
    if any(asked.get(other) for other in ("u", "p", "t", "s")):
        raise SubsonicError(Code.SEVERAL_WAYS, "say who you are in one way, not in two")
    found = _by_secret(visit, key)
    if found is None:
        raise SubsonicError(Code.WRONG_KEY, "this key is not known here, or has run out")
    return found


def _by_password(visit: Visit, name: str, secret: str) -> Entry | None:
    found = _by_secret(visit, secret)
    is_theirs = found is not None and folded(found.member.name) == folded(name)
    return found if is_theirs else None


def _by_secret(visit: Visit, secret: str) -> Entry | None:
    key = visit.site.secret("api tokens")
    return tokens.found(visit.db, secret, key, visit.at)


def _by_digest(visit: Visit, name: str, digest: str, salt: str) -> Entry | None:
    account = known_account(visit.db, name)
    if account is None:
        return None
    for token in tokens.tokens_of(visit.db, account.id, visit.at):
        secret = tokens.secret_of(visit.site.house, token.id)
        said = md5(f"{secret}{salt}".encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
        if hmac.compare_digest(said.encode(), digest.lower().encode("utf-8", "replace")):
            return token
    return None


def _plain(password: str) -> str:
    """Return a password that may come as hexadecimal digits."""
    if not password.startswith("enc:"):
        return password
    try:
        return bytes.fromhex(password.removeprefix("enc:")).decode()
    except ValueError:
        return ""
