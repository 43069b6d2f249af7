"""`assent artists` and `assent recordings`: what a platform has, one a line."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from assent.cli.options import ArtistName, Json
from assent.cli.output import put_json, put_table
from assent.cli.session import opened

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["of_whom", "register"]

_PAGE = 1000


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(artists)
    app.command()(recordings)


def of_whom(connection: "Connection", name: str) -> Any:  # a condition of SQL
    """Return the condition that a recording is by, or held by, whoever is called so.

    Raises:
        Unknown: Nobody is called that.
    """
    from sqlalchemy import or_, select

    from assent.acts.accounts import find_account, known_account
    from assent.catalogue import tables
    from assent.catalogue.names import folded

    recordings = tables.recordings.c
    by = select(tables.artists.c.id).where(tables.artists.c.folded == folded(name))
    known = known_account(connection, name)
    if known is None and connection.execute(by).first() is None:
        known = find_account(connection, name)
    holder = None if known is None else known.id
    held = select(tables.holdings.c.recording).where(tables.holdings.c.holder == holder)
    return or_(recordings.artist.in_(by), recordings.id.in_(held))


def artists(ctx: typer.Context, *, json: Json = False) -> None:
    """List the artists: under which account they stand, and how many recordings they have."""
    from sqlalchemy import func, select

    from assent.catalogue import tables

    artist, account = tables.artists.c, tables.accounts.c
    query = (
        select(
            artist.id,
            artist.name,
            account.name.label("account"),
            account.accepted,
            func.count(tables.recordings.c.id).label("recordings"),
        )
        .join(tables.accounts, account.id == artist.account)
        .outerjoin(tables.recordings, tables.recordings.c.artist == artist.id)
        .group_by(artist.id, artist.name, artist.event, account.name, account.accepted)
        .order_by(artist.event)
    )
    with opened(ctx) as house, house.reading() as connection:
        rows = connection.execute(query).all()
    if json:
        for row in rows:
            put_json(row._asdict())
    else:
        put_table(("artist", "account", "accepted", "recordings"), (row[1:] for row in rows))


def recordings(ctx: typer.Context, artist: ArtistName = None, *, json: Json = False) -> None:
    """List the recordings: their artist, title, length, loudness, holders."""
    with opened(ctx) as house, house.reading() as connection:
        found = _recordings(connection, artist)
        if json:
            for fields in found:
                put_json(fields)
        else:
            head = ("recording", "artist", "title", "seconds", "holders")
            put_table(head, (_cells(fields) for fields in found))


def _recordings(connection: "Connection", artist: str | None) -> Iterator[dict[str, Any]]:
    """Give the recordings in order, a page at a time, so that memory stays flat."""
    from sqlalchemy import select

    from assent.catalogue import tables
    from assent.catalogue.cases import waiting

    recording = tables.recordings.c
    bulky = {"waveform", "tags", "blob", "word", "audio_digest"}
    query = (
        select(*(c for c in recording if c.name not in bulky), tables.artists.c.name)
        .join(tables.artists, tables.artists.c.id == recording.artist)
        .order_by(recording.number)
        .limit(_PAGE)
    )
    if artist is not None:
        query = query.where(of_whom(connection, artist))
    last = -1
    while rows := connection.execute(query.where(recording.number > last)).all():
        names = [row.id for row in rows]
        holders, wait = _holders(connection, names), waiting(connection, names)
        for row in rows:
            more = {"holders": holders.get(row.id, []), "waits": row.id in wait}
            yield {**_fields(row), **more}
        last = rows[-1].number


def _fields(row: Any) -> dict[str, object]:  # a joined row; rows carry no column types
    from assent.permission.uses import labels

    return {
        "recording": row.id,
        "artist": row.name,
        "title": row.title,
        "duration_s": round(row.frames / row.sr, 3),
        "sr": row.sr,
        "channels": row.channels,
        "loudness_lufs": row.loudness_lufs,
        "true_peak_dbtp": row.true_peak_dbtp,
        "container": row.container,
        "codec": row.codec,
        "isrc": row.isrc,
        "licence": row.licence,
        "origin": row.origin,
        "agreement": row.agreement,
        "copy_of": row.original,
        "held": list(labels(row.held)),
        "sha256": row.digest,
    }


def _holders(connection: "Connection", recordings: list[str]) -> dict[str, list[dict[str, object]]]:
    from sqlalchemy import select

    from assent.catalogue import tables

    holding = tables.holdings.c
    query = (
        select(tables.holdings, tables.accounts.c.name)
        .join(tables.accounts, tables.accounts.c.id == holding.holder)
        .where(holding.recording.in_(recordings))
        .order_by(holding.recording, holding.share_ppm.desc(), holding.holder)
    )
    found: dict[str, list[dict[str, object]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.recording, []).append(
            {
                "name": row.name,
                "share_ppm": row.share_ppm,
                "role": row.role,
                "territories": row.territories.split(),
            }
        )
    return found


def _cells(fields: dict[str, Any]) -> tuple[object, ...]:  # the fields made above
    names = ", ".join(holder["name"] for holder in fields["holders"]) or "nobody"
    return (
        fields["recording"],
        fields["artist"],
        fields["title"] + (" (waits for a decision)" if fields["waits"] else ""),
        f"{fields['duration_s']:.1f}",
        names,
    )
