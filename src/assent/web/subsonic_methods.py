"""What OpenSubsonic's methods say: the library, what somebody likes, playlists, who they are."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from assent.catalogue import tables
from assent.catalogue.public import searchable
from assent.clock import format_instant
from assent.community import follows, likes, playlists, profiles
from assent.community.listing import Artist
from assent.community.search import search, search_artists
from assent.listening.hearing import may_hear
from assent.signin.scopes import Scope
from assent.web import subsonic_library as library
from assent.web.subsonic_request import Asked

__all__ = ["METHODS", "OPEN"]

_MOST: Final = 500
_FAR: Final = 10_000_000
_RECORDINGS, _ARTISTS = tables.recordings.c, tables.artists.c
Said = dict[str, Any]


def _artists(asked: Asked) -> Said:
    return {"artists": {"ignoredArticles": "", "index": _letters(asked)}}


def _indexes(asked: Asked) -> Said:
    modified = int(asked.visit.at.timestamp() * 1_000)
    return {"indexes": {"ignoredArticles": "", "lastModified": modified, "index": _letters(asked)}}


def _letters(asked: Asked) -> list[Said]:
    return library.artists_by_letter(asked.db, asked.visit.at)


def _artist(asked: Asked) -> Said:
    artist = library.artist_id(asked.text("id"))
    album = library.full_album(asked.db, artist, asked.visit.at)
    del album["song"]
    said = {"id": artist, "name": album["name"], "albumCount": 1, "coverArt": artist}
    return {"artist": {**said, "album": [album]}}


def _album(asked: Asked) -> Said:
    artist = library.artist_id(asked.text("id"))
    return {"album": library.full_album(asked.db, artist, asked.visit.at)}


def _directory(asked: Asked) -> Said:
    artist = library.artist_id(asked.text("id"))
    album = library.full_album(asked.db, artist, asked.visit.at)
    return {"directory": {"id": artist, "name": album["name"], "child": album["song"]}}


def _song(asked: Asked) -> Said:
    recording = asked.text("id")
    may_hear(asked.db, recording, asked.token.member, at=asked.visit.at).require()
    (said,) = library.songs_of(asked.db, [recording])
    return {"song": said}


def _album_list(asked: Asked) -> list[Said]:
    kind, size = asked.text("type"), asked.number("size", 10, _MOST)
    offset = asked.number("offset", 0, _FAR)
    if kind == "starred":
        some = list(follows.followed(asked.db, asked.account, limit=_MOST).items)
        some = some[offset : offset + size]
    elif kind in {"recent", "byGenre", "highest"}:
        some = []  # nobody's listening is told, and there are neither genres nor ratings
    else:
        some = library.listed_artists(asked.db, kind, asked.visit.at, size, offset)
    return library.albums(asked.db, some, asked.visit.at)


def _search(asked: Asked) -> Said:
    words = asked.text("query", "").strip().strip('"')
    at = asked.visit.at
    artists = asked.number("artistCount", 20, _MOST), asked.number("artistOffset", 0, _FAR)
    albums = asked.number("albumCount", 20, _MOST), asked.number("albumOffset", 0, _FAR)
    counts = asked.number("songCount", 20, _MOST), asked.number("songOffset", 0, _FAR)
    if not words:  # an app that keeps a copy of the library asks for all of it, piece by piece
        return {
            "searchResult3": {
                "artist": [_said(it) for it in _by_name(asked, *artists)],
                "album": library.albums(asked.db, _by_name(asked, *albums), at),
                "song": _all_songs(asked, *counts),
            }
        }
    found = search(asked.db, words, at, limit=sum(counts)).items[counts[1] :]
    people = search_artists(asked.db, words, at, limit=sum(artists))[artists[1] :]
    theirs = search_artists(asked.db, words, at, limit=sum(albums))[albums[1] :]
    return {
        "searchResult3": {
            "artist": [_said(one) for one in people],
            "album": library.albums(asked.db, theirs, at),
            "song": library.songs_of(asked.db, [one.id for one in found]),
        }
    }


def _by_name(asked: Asked, count: int, offset: int) -> list[Artist]:
    if not count:
        return []
    return library.listed_artists(asked.db, "alphabeticalByName", asked.visit.at, count, offset)


def _said(artist: Artist) -> Said:
    return library.artist_said(artist)


def _all_songs(asked: Asked, count: int, offset: int) -> list[Said]:
    query = library.song_query().where(searchable(asked.visit.at))
    return library.songs(
        asked.db, query.order_by(_RECORDINGS.number.desc()).limit(count).offset(offset)
    )


def _starred(asked: Asked) -> Said:
    liked = [one.id for one in likes.liked(asked.db, asked.account, limit=_MOST).items]
    some = follows.followed(asked.db, asked.account, limit=_MOST).items
    return {
        "artist": [_said(one) for one in some],
        "album": library.albums(asked.db, some, asked.visit.at),
        "song": library.songs_of(asked.db, liked),
    }


def _star(asked: Asked) -> Said:
    asked.need(Scope.SOCIAL)
    house = asked.visit.site.house
    for recording in asked.several("id"):
        likes.like(house, asked.account, recording)
    for name in asked.several("artistId") + asked.several("albumId"):
        follows.follow(house, asked.account, library.artist_id(name))
    return {}


def _unstar(asked: Asked) -> Said:
    asked.need(Scope.SOCIAL)
    house = asked.visit.site.house
    for recording in asked.several("id"):
        likes.unlike(house, asked.account, recording)
    for name in asked.several("artistId") + asked.several("albumId"):
        follows.unfollow(house, asked.account, library.artist_id(name))
    return {}


def _playlists(asked: Asked) -> Said:
    mine = playlists.of_account(asked.db, asked.account, all_of_them=True)
    return {"playlists": {"playlist": [_playlist_said(asked, one) for one in mine]}}


def _playlist_said(asked: Asked, one: playlists.Playlist) -> Said:
    made = format_instant(asked.visit.at)
    return {
        "id": one.id,
        "name": one.title,
        "comment": one.about,
        "owner": one.by,
        "public": one.visibility is playlists.Visibility.PUBLIC,
        "songCount": one.length,
        "duration": 0,
        "created": made,
        "changed": made,
    }


def _playlist(asked: Asked) -> Said:
    one = playlists.playlist(asked.db, asked.text("id"), asked.account)
    items = playlists.entries(asked.db, one.id, asked.account, limit=playlists.MOST_ITEMS).items
    entry = library.songs_of(asked.db, [item.recording.id for item in items])
    seconds = sum(said["duration"] for said in entry)
    said = {**_playlist_said(asked, one), "songCount": len(entry), "duration": seconds}
    return {"playlist": {**said, "entry": entry}}


def _artist_info(asked: Asked) -> Said:
    said = profiles.profile(asked.db, library.artist_id(asked.text("id")))
    return {"biography": said.about} if said.about else {}


def _user(asked: Asked) -> Said:
    member = asked.token.member
    social = Scope.SOCIAL in asked.token.scopes
    roles = {"streamRole": True, "playlistRole": False, "downloadRole": True, "commentRole": social}
    others = ("admin", "settings", "upload", "coverArt", "podcast", "jukebox", "share")
    return {
        "user": {
            "username": member.name,
            "scrobblingEnabled": True,
            **roles,
            **{f"{name}Role": False for name in others},
            "folder": [1],
        }
    }


def _random(asked: Asked) -> Said:
    size = asked.number("size", 10, _MOST)
    return {"randomSongs": {"song": library.random_songs(asked.db, asked.visit.at, size)}}


def _token_info(asked: Asked) -> Said:
    return {"tokenInfo": {"username": asked.token.member.name}}


OPEN: Final[Mapping[str, Said]] = {
    "getOpenSubsonicExtensions": {
        "openSubsonicExtensions": [
            {"name": "apiKeyAuthentication", "versions": [1]},
            {"name": "formPost", "versions": [1]},
        ]
    }
}
"""What is told to everybody."""

METHODS: Final[Mapping[str, Callable[[Asked], Said]]] = {
    "ping": lambda _: {},
    "getLicense": lambda _: {"license": {"valid": True}},
    "tokenInfo": _token_info,
    "getUser": _user,
    "getMusicFolders": lambda _: {
        "musicFolders": {"musicFolder": [{"id": 1, "name": "Recordings"}]}
    },
    "getIndexes": _indexes,
    "getMusicDirectory": _directory,
    "getArtists": _artists,
    "getArtist": _artist,
    "getArtistInfo": lambda asked: {"artistInfo": _artist_info(asked)},
    "getArtistInfo2": lambda asked: {"artistInfo2": _artist_info(asked)},
    "getAlbum": _album,
    "getAlbumList": lambda asked: {"albumList": {"album": _album_list(asked)}},
    "getAlbumList2": lambda asked: {"albumList2": {"album": _album_list(asked)}},
    "getSong": _song,
    "getRandomSongs": _random,
    "getGenres": lambda _: {"genres": {"genre": []}},
    "search3": _search,
    "getStarred": lambda asked: {"starred": _starred(asked)},
    "getStarred2": lambda asked: {"starred2": _starred(asked)},
    "star": _star,
    "unstar": _unstar,
    "getPlaylists": _playlists,
    "getPlaylist": _playlist,
    # what would choose for people what they hear is an AI use, and nobody was asked for it
    "getSimilarSongs": lambda _: {"similarSongs": {"song": []}},
    "getSimilarSongs2": lambda _: {"similarSongs2": {"song": []}},
    "getTopSongs": lambda _: {"topSongs": {"song": []}},
    "getNowPlaying": lambda _: {"nowPlaying": {"entry": []}},
}
"""What each method says, by its name."""
