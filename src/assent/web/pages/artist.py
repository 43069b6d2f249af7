"""An artist's page: their recordings, what they say of themselves, and following them."""

from pydantic import BaseModel, Field

from assent.community import follows, profiles
from assent.community.browse import episodes_of, of_artist
from assent.community.reach import owner_of
from assent.signin.scopes import Scope
from assent.web.face import Done, Face
from assent.web.form import completed
from assent.web.music_views import After, Card, cards
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("artists")


class ArtistView(View):
    """An artist.

    Args:
        id: The artist's id.
        name: How it is called.
        about: What it says of itself; perhaps nothing.
        link: An address of the web; perhaps none.
        followers: How many follow it.
        follows: Whether who asks does.
        mine: Whether the name belongs to who asks, so that they may write about it.
        recordings: A part of its recordings, the newest first.
        after: What the next part goes on after; empty if this is the last.
        feed: Its feed for podcast apps.
        episodes: How many recordings are in it: those that may be downloaded.
    """

    id: str
    name: str
    about: str
    link: str
    followers: int
    follows: bool
    mine: bool
    recordings: list[Card]
    after: str
    feed: str
    episodes: int


@face.page("/artists/{artist}", template="artist.html")
def artist_page(visit: Visit, artist: str, after: After = "") -> ArtistView:
    """Show an artist and their recordings, the newest first."""
    said = profiles.profile(visit.db, artist)
    account = visit.member.account if visit.member else None
    page = of_artist(visit.db, artist, visit.at, after=after)
    return ArtistView(
        id=said.id,
        name=said.name,
        about=said.about,
        link=said.link,
        followers=follows.followers(visit.db, artist),
        follows=follows.follows(visit.db, account, artist),
        mine=account is not None and owner_of(visit.db, artist) == account,
        recordings=cards(page.items),
        after=page.after,
        feed=visit.address(f"/artists/{artist}/feed.xml"),
        episodes=episodes_of(visit.db, artist, visit.at),
    )


class Followed(Done):
    """Whether one follows an artist by now.

    Args:
        follows: Whether one does.
        followers: How many do.
    """

    follows: bool
    followers: int


@face.act("/artists/{artist}/follow", scope=Scope.SOCIAL, shows=artist_page)
def follow(visit: Visit, artist: str) -> Followed:
    """Follow an artist: what they publish stands on your first page."""
    follows.follow(visit.site.house, visit.me.account, artist)
    return _followed(visit, artist, "You follow them now.")


@face.act("/artists/{artist}/unfollow", scope=Scope.SOCIAL, shows=artist_page)
def unfollow(visit: Visit, artist: str) -> Followed:
    """Follow an artist no more."""
    follows.unfollow(visit.site.house, visit.me.account, artist)
    return _followed(visit, artist, "You follow them no more.")


def _followed(visit: Visit, artist: str, said: str) -> Followed:
    with visit.site.house.reading() as connection:
        return Followed(
            said=said,
            next=f"/artists/{artist}",
            follows=follows.follows(connection, visit.me.account, artist),
            followers=follows.followers(connection, artist),
        )


class Describing(BaseModel):
    """What an artist says of themselves.

    Args:
        about: In words; empty for none.
        link: An address of the web that begins with https://; empty for none.
    """

    about: str = Field(default="", max_length=2 * profiles.MOST_ABOUT)
    link: str = Field(default="", max_length=1_000)


@face.act("/artists/{artist}/describe", scope=Scope.EDIT, shows=artist_page)
def describe(visit: Visit, artist: str, said: Describing) -> Done:
    """Say something of yourself, and where else you are found; what is left out stays."""
    now = profiles.profile(visit.db, artist)
    said = completed(said, {"about": now.about, "link": now.link})
    profiles.describe(visit.site.house, visit.me.account, artist, said.about, said.link)
    return Done(said="Your page says that now.", next=f"/artists/{artist}")
