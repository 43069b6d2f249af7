"""Versions of the terms, from draft to replaced: which there are, and what became of each."""

from pathlib import Path

import typer
from sqlalchemy import select

from assent.acts.accounts import find_account
from assent.acts.house import House
from assent.acts.versions import Version, history, read_versions
from assent.catalogue import tables
from assent.cli.output import put, put_json, put_table
from assent.cli.session import settings_of
from assent.cli.text import put_text
from assent.errors import StorageFailed

__all__ = ["HEAD", "is_draft_id", "is_file", "put_inbox", "put_version", "row_of"]

HEAD = ("terms", "state", "from", "event", "told", "accepted by", "title")
"""What the columns of a list are called."""

_DAY = len("2031-01-31")


def row_of(version: Version) -> tuple[object, ...]:
    """Return a version's row under `HEAD`."""
    it = version.text
    return it.id, version.state, version.day, it.event, version.told, it.accepted, it.title


def is_file(name: str) -> bool:
    """Say whether there is something of that name on the disk."""
    try:
        return Path(name).exists()
    except OSError:  # a name that no file can have
        return False


def is_draft_id(ctx: typer.Context, name: str) -> bool:
    """Say whether a text or a draft is meant, not a file; a file that is there comes first."""
    if is_file(name):
        return False
    try:
        house = House.open(settings_of(ctx))
    except StorageFailed:
        return False
    try:
        with house.reading() as connection:
            return any(
                connection.execute(select(of.c.id).where(of.c.id == name)).first() is not None
                for of in (tables.drafts, tables.texts)
            )
    finally:
        house.close()


def put_version(house: House, version: Version, *, names: bool, as_json: bool) -> None:
    """Print a version, clause by clause, and what became of it.

    Args:
        house: The platform.
        version: Which.
        names: Say who was told and who accepted, not only how many.
        as_json: Print one object instead.

    Raises:
        StorageFailed: It cannot be written.
    """
    with house.reading() as connection:
        steps = list(history(connection, version.text.id, names=names))
    fields = {**version.fields(), "history": [step for step, _ in steps]}
    put_text(version.text, as_json=as_json, fields=fields)
    if not as_json:
        for _, words in steps:
            put(words)


def put_inbox(house: House, artist: str, *, as_json: bool) -> None:
    """Print what somebody has been told of terms, the earliest first.

    Raises:
        NotAllowed: It is an artist whose rights others hold.
        StorageFailed: It cannot be written.
        Unknown: Nobody is called that.
    """
    states = {it.text.id: it for it in read_versions(house)}
    notices, told = tables.notices, tables.told.c
    with house.reading() as connection:
        account = find_account(connection, artist)
        accounts = tables.accounts.c
        accepted = connection.execute(
            select(accounts.accepted).where(accounts.id == account.id)
        ).scalar_one()
        rows = connection.execute(
            select(notices)
            .join(tables.told, told.notice == notices.c.event)
            .where(told.account == account.id)
            .order_by(notices.c.event)
        ).all()
    fields = [
        {
            "event": row.event,
            "at": row.at,
            "text": row.text,
            "timing": row.timing,
            "channel": row.channel,
            "chance": row.chance,
            "state": states[row.text].state,
            "in_force": states[row.text].day or None,
            "accepted": row.text == accepted,
        }
        for row in rows
    ]
    if as_json:
        for told_once in fields:
            put_json(told_once)
        return
    put_table(
        ("terms", "state", "from", "told", "channel", "accepted", "event"),
        (
            (
                it["text"],
                it["state"],
                it["in_force"],
                str(it["at"])[:_DAY],
                it["channel"],
                "yes" if it["accepted"] else "no",
                it["event"],
            )
            for it in fields
        ),
    )
