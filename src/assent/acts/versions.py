"""Versions of the terms, from draft to replaced: which there are, and what became of each."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from assent.acts.house import House
from assent.acts.texts import Shown, read_texts
from assent.catalogue import tables
from assent.catalogue.events import read
from assent.clock import format_instant
from assent.errors import Unknown
from assent.terms.notice import Channel, Timing

__all__ = ["CHANNEL_WORDS", "Version", "find_version", "history", "read_versions", "told_of"]

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


def history(
    connection: Connection, name: str, *, names: bool
) -> Iterator[tuple[dict[str, object], str]]:
    """Give what became of a text, step by step, as fields and in words.

    Args:
        connection: Where the catalogue is read.
        name: The id of the text.
        names: Say who was told and who accepted, not only how many.
    """
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
