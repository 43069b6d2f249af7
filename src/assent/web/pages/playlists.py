"""Playlists: making, showing and ordering them."""

from typing import Annotated

from pydantic import BaseModel, Field

from assent.community import playlists
from assent.community.playlists import Said, Visibility
from assent.signin.scopes import Scope
from assent.web.face import Done, Face
from assent.web.form import completed
from assent.web.music_views import After, Card, card
from assent.web.pages.library import library
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("playlists")

_LAST = 10_000_000
Id = Annotated[str, Field(max_length=100)]


class EntryView(View):
    """A recording on a playlist.

    Args:
        place: Where it stands, from 0; one is missing where something cannot be heard any more.
        recording: Which.
    """

    place: int
    recording: Card


class PlaylistView(View):
    """A playlist.

    Args:
        id: Its id.
        title: What it is called.
        about: What it is about; perhaps nothing.
        by: Whose it is.
        visibility: Who may see it: public or private.
        mine: Whether it is that of who asks.
        length: How many recordings are on it.
        entries: A part of it, in its order.
        after: What the next part goes on after; empty if this is the last.
    """

    id: str
    title: str
    about: str
    by: str
    visibility: Visibility
    mine: bool
    length: int
    entries: list[EntryView]
    after: str


@face.page("/playlists/{playlist}", template="playlist.html")
def playlist(visit: Visit, playlist: str, after: After = "") -> PlaylistView:
    """Show a playlist."""
    account = visit.member.account if visit.member else None
    found = playlists.playlist(visit.db, playlist, account)
    page = playlists.entries(visit.db, playlist, account, after=after)
    return PlaylistView(
        id=found.id,
        title=found.title,
        about=found.about,
        by=found.by,
        visibility=found.visibility,
        mine=found.account == account,
        length=found.length,
        entries=[EntryView(place=it.place, recording=card(it.recording)) for it in page.items],
        after=page.after,
    )


class Naming(BaseModel):
    """What a playlist is called.

    Args:
        title: What it is called.
        about: What it is about; empty for nothing.
        visibility: Who may see it: public or private.
    """

    title: str = Field(max_length=1_000)
    about: str = Field(default="", max_length=10_000)
    visibility: Visibility = Visibility.PRIVATE

    def said(self) -> Said:
        """Return it as the playlist takes it."""
        return Said(title=self.title, about=self.about, visibility=self.visibility)


class MadePlaylist(Done):
    """A playlist that was made.

    Args:
        playlist: Its id.
    """

    playlist: str


@face.act("/playlists", scope=Scope.SOCIAL, shows=library)
def make(visit: Visit, said: Naming) -> MadePlaylist:
    """Make a playlist."""
    name = playlists.make(visit.site.house, visit.me.account, said.said())
    return MadePlaylist(said="There it is.", next=f"/playlists/{name}", playlist=name)


@face.act("/playlists/{playlist}/change", scope=Scope.SOCIAL, shows=playlist)
def change(visit: Visit, playlist: str, said: Naming) -> Done:
    """Say anew what your playlist is called, and who may see it; what is left out stays."""
    now = playlists.playlist(visit.db, playlist, visit.me.account)
    said = completed(said, {"about": now.about, "visibility": now.visibility})
    playlists.change(visit.site.house, visit.me.account, playlist, said.said())
    return Done(said="Changed.", next=f"/playlists/{playlist}")


@face.act("/playlists/{playlist}/delete", scope=Scope.SOCIAL, shows=playlist)
def delete(visit: Visit, playlist: str) -> Done:
    """Throw your playlist away; the recordings stay where they are."""
    playlists.throw_away(visit.site.house, visit.me.account, playlist)
    return Done(said="The playlist is gone.", next="/library")


class Which(BaseModel):
    """A recording on a playlist.

    Args:
        recording: Its id.
    """

    recording: Id


@face.act("/playlists/{playlist}/add", scope=Scope.SOCIAL, shows=playlist)
def add(visit: Visit, playlist: str, said: Which) -> Done:
    """Put a recording at the end of your playlist; one that is on it stays where it is."""
    playlists.add(visit.site.house, visit.me.account, playlist, said.recording)
    return Done(said="It is on your playlist.", next=f"/playlists/{playlist}")


@face.act("/playlists/{playlist}/remove", scope=Scope.SOCIAL, shows=playlist)
def remove(visit: Visit, playlist: str, said: Which) -> Done:
    """Take a recording off your playlist."""
    playlists.remove(visit.site.house, visit.me.account, playlist, said.recording)
    return Done(said="It is off your playlist.", next=f"/playlists/{playlist}")


class Moving(BaseModel):
    """A recording's new place.

    Args:
        recording: Its id.
        place: Where to, from 0; what lies beyond an end is that end.
    """

    recording: Id
    place: int = Field(ge=-1, le=_LAST)


@face.act("/playlists/{playlist}/move", scope=Scope.SOCIAL, shows=playlist)
def move(visit: Visit, playlist: str, said: Moving) -> Done:
    """Move a recording to another place of your playlist."""
    account = visit.me.account
    playlists.move(visit.site.house, account, playlist, said.recording, said.place)
    return Done(said="Moved.", next=f"/playlists/{playlist}")
