"""How often somebody may try: passwords, sign-ups, tokens, by name and by address.

A try counts before it is looked at, so many at once are no more than one after the other; a right
one gives its place back. Whoever has used up their tries waits, and each further wrong one doubles
the wait. A name by itself is only slowed down, as anybody may be wrong about it from anywhere: what
shuts is counted for a name from one network. Names and addresses are kept as digests under a
secret, for a day at most.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from sqlalchemy import Connection, select, update

from assent.acts.house import House
from assent.catalogue.names import folded
from assent.catalogue.site_tables import attempts
from assent.clock import format_instant, parse_instant

__all__ = [
    "CODE_ADDRESS",
    "JOIN_ADDRESS",
    "PASSKEY_ADDRESS",
    "PROOF_SESSION",
    "SIGN_IN_ADDRESS",
    "SIGN_IN_HERE",
    "SIGN_IN_KNOWN",
    "SIGN_IN_NAME",
    "TOKEN_ADDRESS",
    "Limit",
    "forget",
    "give_back",
    "name_from",
    "purge",
    "take",
    "wait_of",
]

_LONGEST_WAIT = timedelta(hours=2)
_FORGOTTEN = timedelta(days=1)
_OF_IPV6 = 64
_NETWORK_OF_IPV4, _NETWORK_OF_IPV6 = 24, 56


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How often something may be tried.

    Args:
        what: What, and by whom: a name or an address.
        tries: How many tries there are.
        within: In which time; also the first wait.
        slows: The wait, where it never grows; None where each further one doubles it.
    """

    what: str
    tries: int
    within: timedelta
    slows: timedelta | None = None


_QUARTER = timedelta(minutes=15)
SIGN_IN_HERE = Limit(what="sign-in name from a network", tries=10, within=_QUARTER)
# so many come from many networks: names are public, so this must not keep anybody out
SIGN_IN_NAME = Limit(what="sign-in name", tries=200, within=_FORGOTTEN, slows=timedelta(minutes=1))
SIGN_IN_KNOWN = Limit(what="sign-in known browser", tries=10, within=_QUARTER)
PROOF_SESSION = Limit(what="proof session", tries=10, within=_QUARTER)
# a house, a school or a studio shares one address
SIGN_IN_ADDRESS = Limit(what="sign-in address", tries=30, within=_QUARTER)
CODE_ADDRESS = Limit(what="code address", tries=10, within=_QUARTER)
PASSKEY_ADDRESS = Limit(what="passkey address", tries=60, within=_QUARTER)
TOKEN_ADDRESS = Limit(what="token address", tries=30, within=_QUARTER)
# what is refused counts as well, for a password is reckoned each time
JOIN_ADDRESS = Limit(what="join address", tries=20, within=timedelta(hours=1))


def take(house: House, *tries: tuple[Limit, str]) -> timedelta:
    """Use up one try of each limit; return how long to wait first, and then none was used up.

    Args:
        house: The platform.
        tries: Each limit, and the name or the address that it counts.

    Raises:
        KeyFailed: The master key cannot be had.
    """
    at = house.clock()
    keyed = [(limit, _key(house, limit, whose)) for limit, whose in tries]
    with house.writing() as connection:
        waits = [_wait(connection, limit, key, at) for limit, key in keyed]
        longest = max(waits, default=timedelta())
        if not longest:
            for limit, key in keyed:
                _count(connection, limit, key, at)
            purge(connection, at)
    return longest


def wait_of(house: House, connection: Connection, limit: Limit, whose: str) -> timedelta:
    """Return how long somebody has to wait; nothing is used up.

    Args:
        house: The platform.
        connection: A connection that reads.
        limit: Which limit.
        whose: The name or the address that it counts.
    """
    return _wait(connection, limit, _key(house, limit, whose), house.clock())


def give_back(house: House, limit: Limit, whose: str) -> None:
    """Give a try back, for it was a right one."""
    key = _key(house, limit, whose)
    with house.writing() as connection:
        count = attempts.c["count"]
        row = update(attempts).where(attempts.c.key == key, count > 0)
        connection.execute(row.values(count=count - 1))


def forget(house: House, limit: Limit, whose: str) -> None:
    """Forget all tries of somebody, who has shown who they are."""
    key = _key(house, limit, whose)
    with house.writing() as connection:
        connection.execute(attempts.delete().where(attempts.c.key == key))


def purge(connection: Connection, at: datetime) -> None:
    """Forget what nobody has tried again for a day.

    Args:
        connection: One that writes.
        at: When [aware datetime].
    """
    old = attempts.c.since < format_instant(at - _FORGOTTEN)
    connection.execute(attempts.delete().where(old))


def _wait(connection: Connection, limit: Limit, key: str, at: datetime) -> timedelta:
    count, since = _counted(connection, key, at)
    if count < limit.tries:
        return timedelta()
    if limit.slows is not None:
        return max(since + limit.slows - at, timedelta())
    doublings = min(count - limit.tries, 16)  # by then the longest wait is long reached
    wait = min(limit.within * (1 << doublings), _LONGEST_WAIT)
    return max(since + wait - at, timedelta())


def _count(connection: Connection, limit: Limit, key: str, at: datetime) -> None:
    count, since = _counted(connection, key, at)
    # who has waited and is wrong again waits twice as long, until a day goes by without a try
    over = limit.within if count < limit.tries else _FORGOTTEN
    count, since = (1, at) if at - since >= over else (count + 1, since)
    if count >= limit.tries:
        since = at  # the wait begins with the last try, not with the first
    connection.execute(attempts.delete().where(attempts.c.key == key))
    connection.execute(attempts.insert().values(key=key, since=format_instant(since), count=count))


def _counted(connection: Connection, key: str, at: datetime) -> tuple[int, datetime]:
    query = select(attempts.c["count"], attempts.c.since).where(attempts.c.key == key)
    row = connection.execute(query).one_or_none()
    return (0, at) if row is None else (int(row[0]), parse_instant(row[1]))


def _key(house: House, limit: Limit, whose: str) -> str:
    said = f"{limit.what}:{_plain(whose)}".encode()
    return hmac.new(house.gate.secret("attempts"), said, sha256).hexdigest()


def name_from(name: str, address: str) -> str:
    """Return a name and the network that an address is in, as one thing that is counted.

    Args:
        name: What was typed as the name, in any spelling.
        address: Where it came from.
    """
    return f"{folded(name)} at {_network(address)}"


def _network(address: str) -> str:
    """Return the network that one house, company or rented machine can move about in."""
    try:
        there: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return address
    if isinstance(there, IPv6Address) and there.ipv4_mapped is not None:
        there = there.ipv4_mapped
    bits = _NETWORK_OF_IPV4 if isinstance(there, IPv4Address) else _NETWORK_OF_IPV6
    return str(ip_network(f"{there}/{bits}", strict=False))


def _plain(whose: str) -> str:
    """Return a name as it is compared; of an address, the part that one customer is given."""
    try:
        address = ip_address(whose)
    except ValueError:
        return folded(whose)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), _OF_IPV6), strict=False))
    return str(address)
