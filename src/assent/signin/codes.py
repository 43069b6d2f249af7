"""One-time codes: how an operator lets somebody in who has no password, or has lost it.

The code is told once, to the operator, who hands it over; the table keeps a digest. It is good for
a week and for one new password, and a newer one replaces it.
"""

import hmac
from base64 import b32encode
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex

from sqlalchemy import Connection, select, update

from assent.acts.accounts import Account, begin
from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.site_tables import members, sessions
from assent.errors import BadInput, NotAllowed, Unknown
from assent.signin import challenges
from assent.signin.members import Member, member_of, record_staff_act
from assent.signin.passwords import hashed

__all__ = ["GOOD_FOR", "code_of", "has_accepted", "make", "member_for", "redeem"]

GOOD_FOR = timedelta(days=7)
_KIND = "code"
_CHARACTERS, _GROUP = 20, 4
_MOST_CHARACTERS = 64


def make(house: House, account: str, by: str) -> str:
    """Make a code for a member; return the seed that `code_of` makes it from. An act of staff.

    Args:
        house: The platform.
        account: The id of the member's account.
        by: The operator.

    Raises:
        KeyFailed: The master key cannot be had.
        Unknown: There is no such member, or it is shut.
    """
    seed = token_hex(16)
    code, about = _digest(code_of(house, seed)), {"account": account}
    with house.act(by) as act:
        if member_of(act.connection, account) is None:
            raise Unknown(f"there is no member {account!r} who can sign in", account=account)
        challenges.drop_about(act.connection, _KIND, about)
        challenges.put_in(act.connection, _KIND, code, about, act.at + GOOD_FOR)
        record_staff_act(act, "code", account)
    return seed


def code_of(house: House, seed: str) -> str:
    """Return a code as it is told, such as `ABCD-EFGH-IJKL-MNOP-QRST`; it is stored nowhere.

    Raises:
        KeyFailed: The master key cannot be had.
    """
    mac = hmac.new(house.gate.secret("one-time codes"), seed.encode(), sha256).digest()
    text = b32encode(mac).decode()[:_CHARACTERS]
    return "-".join(text[at : at + _GROUP] for at in range(0, _CHARACTERS, _GROUP))


def member_for(connection: Connection, code: str, at: datetime) -> Member | None:
    """Return whose code it is; None if it was used, replaced, has run out, or never was.

    Args:
        connection: A connection that reads.
        code: What was typed; case, spaces and dashes do not matter.
        at: When [aware datetime].
    """
    found = challenges.peek(connection, _KIND, _digest(code), at)
    return None if found is None else member_of(connection, found["account"])


def has_accepted(connection: Connection, account: str) -> bool:
    """Say whether an account has accepted terms, now or before."""
    accounts = tables.accounts.c
    query = select(accounts.accepted).where(accounts.id == account)
    return connection.execute(query).scalar_one_or_none() is not None


def redeem(house: House, code: str, password: str, *, accepts: bool) -> Member:
    """Use a code up: give its member a new password, and end every session of theirs.

    Args:
        house: The platform.
        code: What was typed.
        password: The new password.
        accepts: Whether they accept the terms in force, which they must if they never did.

    Raises:
        BadInput: The password would be guessed; the code stays good.
        NotAllowed: They have accepted no terms; the code stays good.
        Unknown: The code is not good.
    """
    with house.reading() as connection:
        member = _known(connection, code, house.clock())
    kept = hashed(password, member.name)  # before the transaction: it takes its time
    with house.act(member.name) as act:
        _known(act.connection, code, act.at)
        if not has_accepted(act.connection, member.account):
            if not accepts:
                raise NotAllowed("accept the terms to come in")
            begin(act, Account(id=member.account, name=member.name))
        challenges.drop_about(act.connection, _KIND, {"account": member.account})
        row = update(members).where(members.c.account == member.account)
        act.connection.execute(row.values(password=kept))
        act.connection.execute(sessions.delete().where(sessions.c.account == member.account))
    return member


def _known(connection: Connection, code: str, at: datetime) -> Member:
    if not code.strip():
        raise BadInput("type the code that you were given")
    member = member_for(connection, code, at)
    if member is None:
        raise Unknown("this code is not good, or not any more; ask for a new one")
    return member


def _digest(code: str) -> str:
    plain = "".join(c for c in code[:_MOST_CHARACTERS].upper() if c.isalnum())
    return sha256(plain.encode()).hexdigest()
