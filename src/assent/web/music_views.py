"""What pages about music say of recordings, artists and playlists in lists."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Query

from assent.community.listing import Artist, Listed
from assent.community.playlists import Playlist
from assent.web.player import peaks_of
from assent.web.view import View

__all__ = [
    "After",
    "ArtistLink",
    "Card",
    "PlaylistLink",
    "artist_link",
    "card",
    "cards",
    "playlist_link",
]

After = Annotated[str, Query(max_length=100)]
"""What the page before ended with; a page says it as `after`."""

_BARS = 48


class ArtistLink(View):
    """An artist in a list.

    Args:
        id: The artist's id; its page is /artists/ID.
        name: How it is called.
    """

    id: str
    name: str


class Card(View):
    """A recording in a list.

    Args:
        id: Its id; its page is /r/ID.
        title: What it is called.
        artist: Under whose name it is.
        duration_s: How long it is [seconds].
        outline: Its outline: 48 heights from 0 to 1.
    """

    id: str
    title: str
    artist: ArtistLink
    duration_s: float
    outline: list[float]


class PlaylistLink(View):
    """A playlist in a list.

    Args:
        id: Its id; its page is /playlists/ID.
        title: What it is called.
        visibility: Who may see it: public or private.
        length: How many recordings are on it.
    """

    id: str
    title: str
    visibility: str
    length: int


def artist_link(artist: Artist) -> ArtistLink:
    """Return what a list says of an artist."""
    return ArtistLink(id=artist.id, name=artist.name)


def card(one: Listed) -> Card:
    """Return what a list says of a recording."""
    return Card(
        id=one.id,
        title=one.title,
        artist=artist_link(one.artist),
        duration_s=one.duration_s,
        outline=peaks_of(one.waveform, _BARS),
    )


def cards(some: Iterable[Listed]) -> list[Card]:
    """Return what a list says of its recordings."""
    return [card(one) for one in some]


def playlist_link(one: Playlist) -> PlaylistLink:
    """Return what a list says of a playlist."""
    return PlaylistLink(
        id=one.id, title=one.title, visibility=one.visibility.value, length=one.length
    )
