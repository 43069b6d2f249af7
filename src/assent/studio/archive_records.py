"""What the platform has on record of somebody, as JSON, section by section; no secrets."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select

from assent.acts.accounts import Account
from assent.acts.house import House
from assent.catalogue import site_tables as site
from assent.catalogue import tables
from assent.permission.uses import labels
from assent.studio.editing import own_numbers

__all__ = ["Section", "records", "sections"]

_AT_ONCE = 500
_WORDS = frozenset(
    {"granted", "refused", "grants", "refuses", "withdraws", "lifts", "opt_out", "opt_in"}
    | {"word", "held", "uses"}
)
"""Columns that hold uses as bits; they are written by their names."""
_JSON = frozenset({"tags", "made_with", "evidence", "files"})


class Section(NamedTuple):
    """A section of the records.

    Args:
        name: What it holds.
        query: Where its rows come from.
    """

    name: str
    query: Select[Any]


def sections(house: House, account: Account) -> list[Section]:
    """Return all sections of somebody's records.

    Args:
        house: The platform.
        account: Who.
    """
    me = account.id
    with house.reading() as connection:
        mine = own_numbers(connection, me)
    ids = select(tables.recordings.c.id).where(
        tables.recordings.c.number.in_(select(mine.subquery().c.number))
    )
    plain = (
        ("statements", tables.statements, tables.statements.c.holder == me),
        ("agreements", tables.texts, tables.texts.c.party == me),
        ("request_answers", tables.request_answers, tables.request_answers.c.account == me),
        ("claims", tables.claims, tables.claims.c.account == me),
        ("claim_answers", tables.answers, tables.answers.c.account == me),
        ("told", tables.told, tables.told.c.account == me),
        ("holders", tables.holdings, tables.holdings.c.recording.in_(ids)),
        ("ai_tools", tables.disclosures, tables.disclosures.c.recording.in_(ids)),
        ("holds", tables.holds, tables.holds.c.recording.in_(ids)),
        ("copies", tables.copies, _either(tables.copies, ids)),
        ("uses", tables.uses, tables.uses.c.recording.in_(ids)),
        ("pages", site.recording_pages, site.recording_pages.c.recording.in_(ids)),
        ("plays", site.play_days, site.play_days.c.recording.in_(ids)),
        ("follows", site.follows, site.follows.c.account == me),
        ("likes", site.likes, site.likes.c.account == me),
        ("comments", site.comments, site.comments.c.account == me),
        ("playlists", site.playlists, site.playlists.c.account == me),
        ("listening", site.listeners, site.listeners.c.account == me),
    )
    playlists = select(site.playlists.c.id).where(site.playlists.c.account == me)
    return [
        Section("account", _account(me)),
        Section("artists", select(tables.artists).where(tables.artists.c.account == me)),
        Section("recordings", _recordings(ids)),
        *(Section(name, select(table).where(condition)) for name, table, condition in plain),
        Section("requests", _requests(me)),
        Section(
            "playlist_items",
            select(site.playlist_items).where(site.playlist_items.c.playlist.in_(playlists)),
        ),
        Section("private_links", _links(ids)),
        *_ways_in(me),
    ]


def _either(table: Any, ids: Any) -> Any:  # a table and a query of SQLAlchemy
    return or_(table.c.recording.in_(ids), table.c.original.in_(ids))


def _account(me: str) -> Select[Any]:
    members = site.members.c
    return (
        select(tables.accounts, members.role.label("signs_in_as"), members.since)
        .outerjoin(site.members, members.account == tables.accounts.c.id)
        .where(tables.accounts.c.id == me)
    )


def _recordings(ids: Any) -> Select[Any]:
    columns = [it for it in tables.recordings.c if it.name not in {"blob", "waveform"}]
    artist = tables.artists.c.name.label("artist_name")
    return (
        select(*columns, artist)
        .join(tables.artists, tables.artists.c.id == tables.recordings.c.artist)
        .where(tables.recordings.c.id.in_(ids))
        .order_by(tables.recordings.c.number)
    )


def _requests(me: str) -> Select[Any]:
    answered = select(tables.request_answers.c.request).where(
        tables.request_answers.c.account == me
    )
    return select(tables.requests).where(tables.requests.c.event.in_(answered))


def _links(ids: Any) -> Select[Any]:
    links = site.private_links.c
    return select(links.recording, links.label, links.at, links.until).where(
        links.recording.in_(ids)
    )


def _ways_in(me: str) -> Sequence[Section]:
    """Return how they sign in: what it is called and when, and nothing that opens anything."""
    sessions, keys = site.sessions.c, site.passkeys.c
    tokens, identities = site.api_tokens.c, site.identities.c
    uploads = site.uploads.c
    return (
        Section(
            "sessions",
            select(sessions.agent, sessions.way, sessions.at, sessions.seen, sessions.until).where(
                sessions.account == me
            ),
        ),
        Section("passkeys", select(keys.label, keys.at, keys.used).where(keys.account == me)),
        Section(
            "tokens",
            select(tokens.label, tokens.scopes, tokens.at, tokens.until, tokens.used).where(
                tokens.account == me
            ),
        ),
        Section(
            "identities",
            select(identities.issuer, identities.at).where(identities.account == me),
        ),
        Section(
            "uploads",
            select(uploads.name, uploads.size_bytes, uploads.at, uploads.state).where(
                uploads.account == me
            ),
        ),
    )


def records(house: House, account: Account) -> Iterator[bytes]:
    """Yield all records of somebody as one JSON object, a section a field.

    Args:
        house: The platform.
        account: Who.
    """
    before = "{"
    for section in sections(house, account):
        yield f"{before}\n{json.dumps(section.name)}: [".encode()
        comma = ""
        with house.reading() as connection:
            rows = connection.execute(section.query).mappings()
            while some := rows.fetchmany(_AT_ONCE):
                lines = [
                    json.dumps(_plain(row), ensure_ascii=False, sort_keys=True) for row in some
                ]
                yield (comma + "\n  " + ",\n  ".join(lines)).encode()
                comma = ","
        yield b"]"
        before = ","
    yield b"\n}\n"


def _plain(row: Any) -> dict[str, Any]:  # a row as a mapping; rows carry no column types
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if name in _WORDS and isinstance(value, int):
        return list(labels(value))
    if name in _JSON and isinstance(value, str):
        return json.loads(value)
    return value
