"""API tokens: what a program of a member's own shows instead of a password.

    ID.MAC

`MAC` is HMAC-SHA-256 of the id under a secret of the platform, base64url without padding. So the
secret is stored nowhere, and can be made again for protocols that only send a digest of it.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Select, select, update

from assent.acts.accounts import Role
from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.site_tables import api_tokens, members
from assent.clock import format_instant, parse_instant
from assent.errors import BadInput, NotAllowed
from assent.signin.members import STAFF_ROLES, Member, member_of
from assent.signin.scopes import Scope

__all__ = ["Token", "end", "found", "key_of", "make", "secret_of", "tokens_of", "used"]

_MOST_OF_SECRET = 120
_MOST_OF_LABEL = 100
_MOST_TOKENS = 50
_ID_BYTES = 12
_USED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token, without its secret.

    Args:
        id: Its id, the part before the dot.
        member: For whom it speaks.
        label: What they call it.
        scopes: What it may do.
        at: When it was made [aware datetime].
        until: Until when it is good, exclusive [aware datetime]; None for good.
        used: When it was last used, to about an hour [aware datetime]; None if never.
    """

    id: str
    member: Member
    label: str
    scopes: frozenset[Scope]
    at: datetime
    until: datetime | None
    used: datetime | None


def key_of(house: House) -> bytes:
    """Return the secret under which this platform's tokens are made.

    Raises:
        KeyFailed: The master key cannot be had.
    """
    return house.gate.secret("api tokens")


def make(
    house: House,
    account: str,
    label: str,
    scopes: frozenset[Scope],
    until: datetime | None = None,
) -> tuple[str, str]:
    """Make a token; return its id and its secret.

    Args:
        house: The platform.
        account: The id of the account that it speaks for.
        label: What its owner calls it.
        scopes: What it may do.
        until: Until when, exclusive [aware datetime]; None for good.

    Raises:
        BadInput: It has no label, no scope, an end in the past, or there are too many tokens.
        KeyFailed: The master key cannot be had.
        NotAllowed: The scope of the staff is for the staff.
    """
    label = " ".join(label.split())
    if not label or len(label) > _MOST_OF_LABEL or not label.isprintable():
        raise BadInput(f"a token is called by 1 to {_MOST_OF_LABEL} printable characters")
    if not scopes:
        raise BadInput("say what the token may do")
    at = house.clock()
    if until is not None and until <= at:
        raise BadInput("the token would have run out before it is made", until=until)
    name, key = token_hex(_ID_BYTES), key_of(house)
    with house.writing() as connection:
        member = member_of(connection, account)
        if Scope.STAFF in scopes and (member is None or member.role not in STAFF_ROLES):
            raise NotAllowed("only the staff of this site makes tokens that act for it")
        if len(tokens_of(connection, account, at)) >= _MOST_TOKENS:
            raise BadInput(f"you have {_MOST_TOKENS} tokens; end one first")
        connection.execute(
            api_tokens.insert().values(
                id=name,
                account=account,
                label=label,
                scopes=" ".join(scope for scope in Scope if scope in scopes),
                at=format_instant(at),
                until=format_instant(until) if until else None,
            )
        )
    return name, _secret(key, name)


def secret_of(house: House, id: str) -> str:  # noqa: A002  # as the column is called
    """Return the secret of a token; whether there is such a token is not looked at.

    Raises:
        KeyFailed: The master key cannot be had.
    """
    return _secret(key_of(house), id)


def found(connection: Connection, secret: str, key: bytes, at: datetime) -> Token | None:
    """Return the token of a secret; None if it is forged, ended, run out, or its owner is shut.

    Args:
        connection: A connection that reads.
        secret: What was shown.
        key: What `key_of` gives.
        at: When [aware datetime].
    """
    if len(secret) > _MOST_OF_SECRET or not secret.isascii():
        return None
    name = secret.partition(".")[0]
    if not hmac.compare_digest(_secret(key, name).encode(), secret.encode()):
        return None
    row = connection.execute(_query(at).where(api_tokens.c.id == name)).one_or_none()
    return None if row is None else _token(row)


def tokens_of(connection: Connection, account: str, at: datetime) -> list[Token]:
    """Return somebody's tokens that are good, the newest first.

    Args:
        connection: A connection that reads.
        account: The id of the account.
        at: When [aware datetime].
    """
    query = _query(at).where(api_tokens.c.account == account)
    newest_first = query.order_by(api_tokens.c.at.desc(), api_tokens.c.id)
    return [_token(row) for row in connection.execute(newest_first)]


def used(house: House, token: Token) -> None:
    """Note that a token was used, unless that was noted in the last hour."""
    at = house.clock()
    if token.used is not None and at - token.used < _USED_EVERY:
        return
    with house.writing() as connection:
        row = update(api_tokens).where(api_tokens.c.id == token.id)
        connection.execute(row.values(used=format_instant(at)))


def end(house: House, account: str, id: str) -> bool:  # noqa: A002  # as the column is called
    """End one of somebody's tokens; say whether there was one.

    Args:
        house: The platform.
        account: Whose it must be.
        id: The token's id.
    """
    with house.writing() as connection:
        row = api_tokens.delete().where(api_tokens.c.account == account, api_tokens.c.id == id)
        return connection.execute(row).rowcount > 0


def _secret(key: bytes, name: str) -> str:
    mac = hmac.new(key, name.encode(), sha256).digest()
    return f"{name}.{urlsafe_b64encode(mac).decode().rstrip('=')}"


def _query(at: datetime) -> Select[Any]:
    accounts, until = tables.accounts, api_tokens.c.until
    return (
        select(api_tokens, members.c.role, accounts.c.name)
        .join(members, members.c.account == api_tokens.c.account)
        .join(accounts, accounts.c.id == api_tokens.c.account)
        .where(until.is_(None) | (until > format_instant(at)), members.c.shut.is_(None))
    )


def _token(row: Any) -> Token:  # rows carry no column types
    return Token(
        id=row.id,
        member=Member(account=row.account, name=row.name, role=Role(row.role)),
        label=row.label,
        scopes=frozenset(Scope(name) for name in row.scopes.split()),
        at=parse_instant(row.at),
        until=parse_instant(row.until) if row.until else None,
        used=parse_instant(row.used) if row.used else None,
    )
