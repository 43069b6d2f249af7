"""What is said of a recording beside its sound: who made it, what helped, how others may use it."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from assent.catalogue import site_tables, tables
from assent.catalogue.public import searchable
from assent.community.listing import Artist
from assent.errors import Unknown

__all__ = ["Credits", "Helper", "Maker", "credits_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Somebody who holds rights in a recording.

    Args:
        name: How they are called.
        role: As what, such as performer or writer.
    """

    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """An AI tool that helped to make a recording.

    Args:
        role: With what, such as vocals.
        tool: What it is called.
        voice: Whether it imitates the voice of a real person, who permitted that: none or
            permitted.
    """

    role: str
    tool: str
    voice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """What is said of a recording.

    Args:
        title: What it is called.
        artist: Under whose name it is.
        at: When it came here, as text.
        about: What its artist says of it; perhaps nothing.
        licence: Under which licence others may use it; perhaps nothing is said.
        isrc: Its ISRC, if it has one.
        makers: Who holds rights in it.
        made_with: Which AI tools helped; None if nothing was said of it.
        visibility: Who may find it: public or private.
        is_listed: Whether search and lists may show it.
    """

    title: str
    artist: Artist
    at: str
    about: str
    licence: str
    isrc: str | None
    makers: tuple[Maker, ...]
    made_with: tuple[Helper, ...] | None
    visibility: str
    is_listed: bool


def credits_of(connection: Connection, recording: str) -> Credits:
    """Return what is said of a recording; who may see it is for the caller to say.

    Raises:
        Unknown: There is no such recording.
    """
    recordings, artists, events = tables.recordings.c, tables.artists.c, tables.events.c
    pages, disclosures = site_tables.recording_pages.c, tables.disclosures.c
    query = (
        select(
            recordings.title,
            recordings.artist,
            recordings.licence,
            recordings.isrc,
            artists.name,
            events.at,
            pages.about,
            pages.visibility,
            disclosures.made_with,
            searchable().label("is_listed"),
        )
        .join(tables.artists, artists.id == recordings.artist)
        .join(tables.events, events.number == recordings.event)
        .outerjoin(site_tables.recording_pages, pages.recording == recordings.id)
        .outerjoin(tables.disclosures, disclosures.recording == recordings.id)
        .where(recordings.id == recording)
    )
    row = connection.execute(query).first()
    if row is None:
        raise Unknown("there is no such recording", recording=recording)
    return Credits(
        title=row.title,
        artist=Artist(id=row.artist, name=row.name),
        at=row.at,
        about=row.about or "",
        licence=row.licence,
        isrc=row.isrc,
        makers=_makers(connection, recording),
        made_with=None if row.made_with is None else _helpers(row.made_with),
        visibility=row.visibility or "public",
        is_listed=bool(row.is_listed),
    )


def _makers(connection: Connection, recording: str) -> tuple[Maker, ...]:
    holdings, accounts = tables.holdings.c, tables.accounts.c
    query = (
        select(accounts.name, holdings.role)
        .join(tables.accounts, accounts.id == holdings.holder)
        .where(holdings.recording == recording)
        .order_by(holdings.share_ppm.desc(), accounts.folded)
    )
    return tuple(Maker(name=row.name, role=row.role) for row in connection.execute(query))


def _helpers(said: str) -> tuple[Helper, ...]:
    return tuple(
        Helper(role=one["role"], tool=one["tool"], voice=one["voice"]) for one in json.loads(said)
    )
