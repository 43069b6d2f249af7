"""The versions of the terms as pages list them: published, drafted, withdrawn."""

from sqlalchemy import Connection, func, select

from assent.catalogue import tables
from assent.terms.notice import Channel
from assent.web.view import View

__all__ = ["Version", "versions_of"]


class Version(View):
    """A version of the terms.

    Args:
        id: Its name.
        title: How it is called.
        state: In force, replaced, draft or withdrawn.
        at: When it was published, or drafted.
        in_force: Of a draft, from when it can be in force.
        told: How many of those who hold rights were told of it.
        event: Number of the event on record.
    """

    id: str
    title: str
    state: str
    at: str
    in_force: str | None
    told: int
    event: int


def versions_of(connection: Connection) -> list[Version]:
    """Return all versions of the terms, the newest first; drafts too."""
    texts, drafts, events = tables.texts.c, tables.drafts.c, tables.events.c
    published = (
        select(texts.id, texts.title, texts.current, texts.event, events.at)
        .join(tables.events, events.number == texts.event)
        .where(texts.kind == "terms")
    )
    found = [
        Version(
            id=row.id,
            title=row.title,
            state="in force" if row.current else "replaced",
            at=row.at,
            in_force=None,
            told=_told(connection, row.id),
            event=row.event,
        )
        for row in connection.execute(published)
    ]
    waiting = select(tables.drafts).where(drafts.state != "published")
    found += [
        Version(
            id=row.id,
            title=row.title,
            state=row.state,
            at=row.at,
            in_force=row.in_force if row.state == "draft" else None,
            told=_told(connection, row.id),
            event=row.event,
        )
        for row in connection.execute(waiting)
    ]
    return sorted(found, key=lambda it: -it.event)


def _told(connection: Connection, name: str) -> int:
    notices = tables.notices.c
    inbox = notices.channel == Channel.INBOX.value
    query = select(func.coalesce(func.sum(notices.told), 0)).where(notices.text == name, inbox)
    return int(connection.execute(query).scalar_one())
