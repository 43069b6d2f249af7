"""The catalogue as OpenSubsonic knows it: artists, one album each, songs, playlists.

An album is all that may be found of an artist. Lists show what is public and may be searched for.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from secrets import randbelow
from typing import Any, Final

from sqlalchemy import Connection, Select, exists, func, select

from assent.catalogue import tables
from assent.catalogue.public import searchable
from assent.community.browse import most_played, plays_of_week
from assent.community.listing import Artist
from assent.errors import Unknown
from assent.listening.audio import of_row

__all__ = [
    "album_id",
    "albums",
    "artist_id",
    "artist_said",
    "artists_by_letter",
    "full_album",
    "listed_artists",
    "random_songs",
    "song",
    "song_query",
    "songs",
    "songs_of",
]

_ALBUM: Final = "al-"
_MOST: Final = 500
_MOST_ARTISTS: Final = 10_000
_LATEST: Final = 2_000
_ROUNDS: Final = 20
_RECORDINGS, _ARTISTS = tables.recordings.c, tables.artists.c

Said = dict[str, Any]


def album_id(artist: str) -> str:
    """Return the id of an artist's album."""
    return f"{_ALBUM}{artist}"


def artist_id(name: str) -> str:
    """Return the artist of an album's id, or of an artist's."""
    return name.removeprefix(_ALBUM)


def song_query() -> Select[Any]:
    """Return the query for rows that `song` reads; add conditions and an order."""
    columns = (
        "number", "id", "artist", "title", "isrc", "size_bytes", "container", "codec", "sr",
        "channels", "frames", "digest",
    )  # fmt: skip
    return (
        select(
            *tables.recordings.c[columns],
            _ARTISTS.name.label("artist_name"),
            tables.events.c.at,
        )
        .join(tables.artists, _ARTISTS.id == _RECORDINGS.artist)
        .join(tables.events, tables.events.c.number == _RECORDINGS.event)
    )


def song(row: Any) -> Said:  # a row of `song_query`; rows carry no column types
    """Return a recording as a song (Child)."""
    file = of_row(row.id, row)
    said = {
        "id": row.id,
        "parent": album_id(row.artist),
        "isDir": False,
        "title": row.title,
        "album": row.artist_name,
        "artist": row.artist_name,
        "displayArtist": row.artist_name,
        "artistId": row.artist,
        "albumId": album_id(row.artist),
        "coverArt": row.id,
        "size": row.size_bytes,
        "contentType": file.content_type,
        "suffix": file.ending,
        "duration": round(file.duration_s),
        "bitRate": round(8 * row.size_bytes / max(file.duration_s, 0.1) / 1_000),
        "samplingRate": row.sr,
        "channelCount": row.channels,
        "path": f"{row.artist}/{row.id}.{file.ending}",
        "created": row.at,
        "type": "music",
        "mediaType": "song",
        "isVideo": False,
    }
    return {**said, "isrc": [row.isrc]} if row.isrc else said


def songs(connection: Connection, query: Select[Any]) -> list[Said]:
    """Return the songs of a query."""
    return [song(row) for row in connection.execute(query)]


def songs_of(connection: Connection, some: Sequence[str], *conditions: Any) -> list[Said]:
    """Return some recordings as songs, in their order, as far as the conditions hold."""
    query = song_query().where(_RECORDINGS.id.in_(some), *conditions)
    found = {row.id: song(row) for row in connection.execute(query)}
    return [found[one] for one in some if one in found]


def albums(connection: Connection, artists: Iterable[Artist], at: datetime) -> list[Said]:
    """Return the albums of some artists, in their order; who has nothing to be found has none."""
    wanted = list(artists)
    query = (
        select(
            _RECORDINGS.artist,
            func.count().label("songs"),
            func.sum(_RECORDINGS.frames / _RECORDINGS.sr).label("seconds"),
            func.max(_RECORDINGS.number).label("last"),
            func.min(tables.events.c.at).label("created"),
        )
        .join(tables.events, tables.events.c.number == _RECORDINGS.event)
        .where(_RECORDINGS.artist.in_([one.id for one in wanted]), searchable(at))
        .group_by(_RECORDINGS.artist)
    )
    found = {row.artist: row for row in connection.execute(query)}
    return [
        {
            "id": album_id(one.id),
            "name": one.name,
            "title": one.name,
            "album": one.name,
            "artist": one.name,
            "artistId": one.id,
            "parent": one.id,
            "isDir": True,
            "coverArt": f"r{found[one.id].last}",
            "songCount": found[one.id].songs,
            "duration": round(found[one.id].seconds),
            "created": found[one.id].created,
        }
        for one in wanted
        if one.id in found
    ]


def full_album(connection: Connection, artist: str, at: datetime) -> Said:
    """Return an artist's album with its songs, the newest first.

    Raises:
        Unknown: There is no such artist, or nothing of theirs is to be found.
    """
    row = connection.execute(select(tables.artists).where(_ARTISTS.id == artist)).one_or_none()
    found = [] if row is None else albums(connection, [Artist(id=row.id, name=row.name)], at)
    if not found:
        raise Unknown("there is no such artist here, or nothing of theirs is listed")
    query = song_query().where(_RECORDINGS.artist == artist, searchable(at))
    newest = query.order_by(_RECORDINGS.number.desc()).limit(_MOST)
    return {**found[0], "song": songs(connection, newest)}


def _heard(at: datetime) -> Any:
    return exists().where(_RECORDINGS.artist == _ARTISTS.id, searchable(at))


def artists_by_letter(connection: Connection, at: datetime) -> list[Said]:
    """Return the artists of whom something is to be found, by the first letter of their names."""
    query = select(_ARTISTS.id, _ARTISTS.name, _ARTISTS.folded).where(_heard(at))
    rows = connection.execute(query.order_by(_ARTISTS.folded).limit(_MOST_ARTISTS)).all()
    return [
        {"name": letter, "artist": [artist_said(row) for row in some]}
        for letter, some in groupby(rows, key=lambda row: row.folded[:1].upper() or "#")
    ]


def artist_said(row: Any) -> Said:
    """Return an artist (ArtistID3)."""
    return {"id": row.id, "name": row.name, "albumCount": 1, "coverArt": row.id}


def listed_artists(
    connection: Connection, kind: str, at: datetime, size: int, offset: int
) -> list[Artist]:
    """Return artists in the order of a list of albums.

    Args:
        connection: One that reads.
        kind: Which list, as clients call it.
        at: For which instant to say what may be found [aware datetime].
        size: How many.
        offset: After how many.
    """
    if kind == "frequent":
        most = most_played(connection, plays_of_week(connection, at), at, limit=_MOST)
        played = [one.recording.artist for one in most]
        return list(dict.fromkeys(played))[offset : offset + size]
    query = select(_ARTISTS.id, _ARTISTS.name)
    if kind in {"alphabeticalByName", "alphabeticalByArtist"}:
        query = query.where(_heard(at)).order_by(_ARTISTS.folded).limit(size).offset(offset)
        return [Artist(id=row.id, name=row.name) for row in connection.execute(query)]
    latest = (
        query.join(tables.recordings, _RECORDINGS.artist == _ARTISTS.id)
        .where(searchable(at))
        .order_by(_RECORDINGS.number.desc())
        .limit(_LATEST)
    )
    rows = connection.execute(latest)
    found = list(dict.fromkeys(Artist(id=row.id, name=row.name) for row in rows))
    if kind == "random":
        return [found.pop(randbelow(len(found))) for _ in range(min(size, len(found)))]
    return found[offset : offset + size]


def random_songs(connection: Connection, at: datetime, size: int) -> list[Said]:
    """Return songs drawn by lot, not chosen for anybody."""
    last = connection.execute(select(func.max(_RECORDINGS.number))).scalar_one()
    found: dict[str, Said] = {}
    for _ in range(_ROUNDS if last is not None else 0):
        drawn = [randbelow(last + 1) for _ in range(2 * size)]
        query = song_query().where(_RECORDINGS.number.in_(drawn), searchable(at))
        found |= {said["id"]: said for said in songs(connection, query)}
        if len(found) >= size:
            break
    return list(found.values())[:size]
