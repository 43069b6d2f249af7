"""A listener's library: what they like, whom they follow, their playlists."""

from datetime import datetime

from assent.community import follows, history, likes, playlists
from assent.signin import listeners
from assent.web.face import MEMBERS, Face
from assent.web.music_views import (
    After,
    ArtistLink,
    Card,
    PlaylistLink,
    artist_link,
    card,
    cards,
    playlist_link,
)
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face", "library"]

face = Face("library")


class LibraryView(View):
    """What somebody keeps; nobody else sees it.

    Args:
        playlists: Their playlists, the newest first.
        likes: A part of what they like, the last liked first.
        after: What the next part of it goes on after; empty if this is the last.
        follows: A part of the artists that they follow, by name.
        artists_after: What the next part of those goes on after; empty if this is the last.
    """

    playlists: list[PlaylistLink]
    likes: list[Card]
    after: str
    follows: list[ArtistLink]
    artists_after: str


@face.page("/library", template="library.html", who=MEMBERS)
def library(visit: Visit, after: After = "", artists_after: After = "") -> LibraryView:
    """Show what you like, whom you follow, and your playlists."""
    account = visit.me.account
    liked = likes.liked(visit.db, account, after=after)
    followed = follows.followed(visit.db, account, after=artists_after)
    mine = playlists.of_account(visit.db, account, all_of_them=True)
    return LibraryView(
        playlists=[playlist_link(one) for one in mine],
        likes=cards(liked.items),
        after=liked.after,
        follows=[artist_link(one) for one in followed.items],
        artists_after=followed.after,
    )


class HeardView(View):
    """A recording that was heard.

    Args:
        recording: Which.
        at: When it was last begun.
    """

    recording: Card
    at: datetime


class HistoryView(View):
    """What somebody heard; nobody else sees it.

    Args:
        keeps: Whether they keep a history; if not, what they hear bears no name.
        days: How many days with plays are looked through.
        heard: What they heard, the last heard first.
    """

    keeps: bool
    days: int
    heard: list[HeardView]


@face.page("/library/history", template="history.html", who=MEMBERS)
def heard_before(visit: Visit) -> HistoryView:
    """Show what you heard, if you keep a history of it."""
    account = visit.me.account
    some = history.heard(visit.site.house, account)
    return HistoryView(
        keeps=listeners.keeps_history(visit.db, account),
        days=history.DAYS,
        heard=[HeardView(recording=card(one.recording), at=one.at) for one in some],
    )
