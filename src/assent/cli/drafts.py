"""Versions of the terms, from draft to replaced: which there are, and what became of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer
from sqlalchemy import Connection, func, select

from assent.acts.accounts import find_account
from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.events import read
from assent.cli.output import put, put_json, put_table
from assent.cli.session import settings_of
from assent.cli.text import Shown, put_text, read_texts
from assent.clock import format_instant
from assent.errors import StorageFailed, Unknown
from assent.terms.notice import Channel, Timing

__all__ = [
    "CHANNEL_WORDS",
    "HEAD",
    "Version",
    "find_version",
    "is_draft_id",
    "is_file",
    "put_inbox",
    "put_version",
    "read_versions",
    "told_of",
]

HEAD = ("terms", "state", "from", "event", "told", "accepted by", "title")
"""What the columns of a list are called."""

_DAY = len("2031-01-31")
_TIMING_WORDS = {Timing.BEFORE: "before the day", Timing.AFTER: "after the fact"}
CHANNEL_WORDS = {
    Channel.MAIL: "by mail",
    Channel.INBOX: "in their inbox",
    Channel.BANNER: "by a banner",
    Channel.PAGE: "on a page",
    Channel.NONE: "by no channel",
}
"""How somebody is told, in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of the terms.

    Args:
        text: The text; its event published it, or of a draft drafted it.
        state: `draft`, `in force`, `replaced` or `withdrawn`.
        day: From when it is or was in force, or of a draft can be.
        told: How many of those who hold rights were told of it.
    """

    text: Shown
    state: str
    day: str
    told: int

    def fields(self) -> dict[str, object]:
        """Return what is told of it in a list."""
        return {
            **self.text.fields(),
            "state": self.state,
            "in_force": self.day or None,
            "told": self.told,
        }

    def row(self) -> tuple[object, ...]:
        """Return its row under `HEAD`."""
        it = self.text
        return it.id, self.state, self.day, it.event, self.told, it.accepted, it.title


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


def told_of(house: House, name: str) -> int:
    """Return how many of those who hold rights were told of a text."""
    with house.reading() as connection:
        return _told(connection, name)


def _told(connection: Connection, name: str) -> int:
    notices = tables.notices.c
    inbox = notices.channel == Channel.INBOX.value
    query = select(func.coalesce(func.sum(notices.told), 0)).where(notices.text == name, inbox)
    return int(connection.execute(query).scalar_one())


def read_versions(house: House) -> tuple[Version, ...]:
    """Return all versions of the terms, the earliest first; drafts that wait come last."""
    published = read_texts(house, "terms")
    with house.reading() as connection:
        versions = [
            Version(
                text=text,
                state="in force" if text.current else "replaced",
                day=_day_of(connection, text.event),
                told=_told(connection, text.id),
            )
            for text in published
        ]
        drafts = tables.drafts.c
        query = select(tables.drafts).where(drafts.state != "published").order_by(drafts.event)
        versions += [
            Version(
                text=_drafted(row.id, row.title, row.event, row.source, row.digest),
                state=row.state,
                day=row.in_force[:_DAY] if row.state == "draft" else "",
                told=_told(connection, row.id),
            )
            for row in connection.execute(query).all()
        ]
    return tuple(sorted(versions, key=lambda it: it.text.event))


def _drafted(name: str, title: str, event: int, source: str, digest: str) -> Shown:
    return Shown(
        id=name,
        title=title,
        party="",
        current=False,
        event=event,
        accepted=0,
        recordings=0,
        source=source,
        digest=digest,
    )


def _day_of(connection: Connection, number: int) -> str:
    event = read(connection, number)
    return format_instant(event.at)[:_DAY] if event else ""


def find_version(house: House, name: str) -> Version:
    """Return a version of the terms, or a draft, by its id.

    Raises:
        Unknown: There is none.
    """
    found = next((it for it in read_versions(house) if it.text.id == name), None)
    if found is None:
        raise Unknown(f"there are no terms {name!r}", id=name)
    return found


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
        history = list(_history(connection, version.text.id, names=names))
    fields = {**version.fields(), "history": [step for step, _ in history]}
    put_text(version.text, as_json=as_json, fields=fields)
    if not as_json:
        for _, words in history:
            put(words)


def _history(
    connection: Connection, name: str, *, names: bool
) -> Iterator[tuple[dict[str, object], str]]:
    """Give what became of a text, step by step, as fields and in words."""
    drafts, texts, notices = tables.drafts.c, tables.texts.c, tables.notices.c
    draft = connection.execute(select(tables.drafts).where(drafts.id == name)).one_or_none()
    query = select(texts.event).where(texts.id == name)
    published = connection.execute(query).scalar_one_or_none()
    query = select(notices.event).where(notices.text == name)
    numbers = {*connection.execute(query).scalars(), published}
    numbers |= {draft.event, draft.ended} if draft else set()
    for number in sorted(numbers - {None}):
        event = read(connection, number)
        if event is None:
            continue
        step: dict[str, object] = {
            "event": number,
            "kind": event.kind,
            "at": format_instant(event.at),
            "by": event.by,
        }
        match event.kind:
            case "terms.draft":
                step["in_force"] = event.body["in_force"]
                words = (
                    f"drafted by {event.by}, to be in force from {event.body['in_force'][:_DAY]}"
                )
            case "terms.notice":
                step |= {it: event.body[it] for it in ("timing", "channel", "chance", "told")}
                when = _TIMING_WORDS[Timing(event.body["timing"])]
                how = CHANNEL_WORDS[Channel(event.body["channel"])]
                words = f"{event.body['told']} told {how}, {when}; nothing widens until they accept"
                if names:
                    step["names"] = who = _names(connection, number)
                    words += f": {', '.join(who)}" if who else ""
            case "terms.withdraw":
                words = f"withdrawn by {event.by}"
            case _:
                words = f"in force, put so by {event.by}"
        yield step, f"event {number}, {step['at']}: {words}"
    if published is not None:
        yield from _acceptances(connection, name, names=names)


def _acceptances(
    connection: Connection, name: str, *, names: bool
) -> Iterator[tuple[dict[str, object], str]]:
    accounts = tables.accounts.c
    query = select(accounts.name).where(accounts.accepted == name).order_by(accounts.accepted_event)
    who = list(connection.execute(query).scalars())
    step: dict[str, object] = {"kind": "terms.accept", "accepted": len(who)}
    words = f"accepted last by {len(who)}"
    if names:
        step["names"] = who
        words += f": {', '.join(who)}" if who else ""
    yield step, words


def _names(connection: Connection, notice: int) -> list[str]:
    accounts, told = tables.accounts.c, tables.told.c
    query = (
        select(accounts.name)
        .join(tables.told, told.account == accounts.id)
        .where(told.notice == notice)
        .order_by(accounts.event)
    )
    return list(connection.execute(query).scalars())


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
