"""What is good for one use and a short while: challenges, states, codes; taken by whoever uses it.

Taking is one transaction that deletes the row, so of two that come at once one finds nothing.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue.site_tables import challenges
from assent.clock import format_instant

__all__ = ["drop_about", "peek", "purge", "put", "put_in", "take", "take_in"]

_MOST_OF_ID = 200


def put(house: House, kind: str, id: str, value: Mapping[str, str], good_for: timedelta) -> None:  # noqa: A002  # as the column is called
    """Keep something for one use.

    Args:
        house: The platform.
        kind: What for.
        id: What it will be found by; a second one of the same id replaces the first.
        value: What is kept, texts by name.
        good_for: For how long.
    """
    with house.writing() as connection:
        put_in(connection, kind, id, value, house.clock() + good_for)
        purge(connection, house.clock())


def put_in(
    connection: Connection,
    kind: str,
    id: str,  # noqa: A002  # as the column is called
    value: Mapping[str, str],
    until: datetime,
) -> None:
    """Keep something for one use, within a transaction that does more.

    Args:
        connection: One that writes.
        kind: What for.
        id: What it will be found by.
        value: What is kept, texts by name.
        until: Until when, exclusive [aware datetime].
    """
    key = f"{kind}:{id}"
    connection.execute(challenges.delete().where(challenges.c.id == key))
    row = {"id": key, "kind": kind, "value": json.dumps(dict(value), sort_keys=True)}
    connection.execute(challenges.insert().values(row | {"until": format_instant(until)}))


def peek(connection: Connection, kind: str, id: str, at: datetime) -> dict[str, str] | None:  # noqa: A002  # as the column is called
    """Return what is kept without using it up; None if it was used, has run out, or never was.

    Args:
        connection: Any connection.
        kind: What for.
        id: What it is found by.
        at: When [aware datetime].
    """
    if not id or len(id) > _MOST_OF_ID or "\0" in id:
        return None
    query = select(challenges.c.value).where(
        challenges.c.id == f"{kind}:{id}",
        challenges.c.kind == kind,
        challenges.c.until > format_instant(at),
    )
    value = connection.execute(query).scalar_one_or_none()
    return None if value is None else {str(k): str(v) for k, v in json.loads(value).items()}


def take(house: House, kind: str, id: str) -> dict[str, str] | None:  # noqa: A002  # as the column is called
    """Return what is kept and use it up; None if it was used, has run out, or never was.

    Args:
        house: The platform.
        kind: What for.
        id: What it is found by.
    """
    with house.writing() as connection:
        return take_in(connection, kind, id, house.clock())


def take_in(connection: Connection, kind: str, id: str, at: datetime) -> dict[str, str] | None:  # noqa: A002  # as the column is called
    """Return what is kept and use it up, within a transaction that does more.

    Args:
        connection: One that writes.
        kind: What for.
        id: What it is found by.
        at: When [aware datetime].
    """
    value = peek(connection, kind, id, at)
    if value is not None:
        connection.execute(challenges.delete().where(challenges.c.id == f"{kind}:{id}"))
    return value


def drop_about(connection: Connection, kind: str, value: Mapping[str, str]) -> None:
    """Use up all of a kind that keep the same.

    Args:
        connection: One that writes.
        kind: What for.
        value: What is kept.
    """
    same = challenges.c.value == json.dumps(dict(value), sort_keys=True)
    connection.execute(challenges.delete().where(challenges.c.kind == kind, same))


def purge(connection: Connection, at: datetime) -> None:
    """Delete what has run out.

    Args:
        connection: One that writes.
        at: When [aware datetime].
    """
    connection.execute(challenges.delete().where(challenges.c.until <= format_instant(at)))
