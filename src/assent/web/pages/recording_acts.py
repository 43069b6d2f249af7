"""What people do on a recording's page: like it, say something of a moment, put it on a list."""

from pydantic import BaseModel, Field

from assent.community import comments, likes, playlists
from assent.community.moment import parse_moment
from assent.community.playlists import Said
from assent.community.reach import reached
from assent.errors import BadInput
from assent.signin.scopes import Scope
from assent.web.face import REVIEWERS, Done, Face
from assent.web.pages.recording import recording_page
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("recordings, with people")


class Liked(Done):
    """Whether one likes a recording by now.

    Args:
        liked: Whether one does.
        likes: How many do.
    """

    liked: bool
    likes: int


@face.act("/r/{recording}/like", scope=Scope.SOCIAL, shows=recording_page)
def like(visit: Visit, recording: str) -> Liked:
    """Like a recording; it stands in your library."""
    likes.like(visit.site.house, visit.me.account, recording)
    return _liked(visit, recording, "You like it; it is in your library.")


@face.act("/r/{recording}/unlike", scope=Scope.SOCIAL)
def unlike(visit: Visit, recording: str) -> Liked:
    """Like a recording no more."""
    likes.unlike(visit.site.house, visit.me.account, recording)
    return _liked(visit, recording, "It is out of your library.")


def _liked(visit: Visit, recording: str, said: str) -> Liked:
    with visit.site.house.reading() as connection:
        return Liked(
            said=said,
            next=f"/r/{recording}",
            liked=likes.likes_it(connection, visit.me.account, recording),
            likes=likes.likes(connection, recording),
        )


class Collecting(BaseModel):
    """On which list to put a recording.

    Args:
        playlist: The id of one of your playlists; empty for a new one.
        title: What the new one is called.
    """

    playlist: str = Field(default="", max_length=100)
    title: str = Field(default="", max_length=1_000)


@face.act("/r/{recording}/collect", scope=Scope.SOCIAL, shows=recording_page)
def collect(visit: Visit, recording: str, said: Collecting) -> Done:
    """Put a recording on one of your playlists, or on a new private one."""
    house, account = visit.site.house, visit.me.account
    reached(visit.db, account, recording)  # before a list is made that would stay empty
    visit.let_go()
    if said.title.strip():
        name = playlists.make(house, account, Said(title=said.title))
    elif said.playlist:
        name = said.playlist
    else:
        raise BadInput("choose a playlist, or give a new one a title")
    playlists.add(house, account, name, recording)
    return Done(said="It is on your playlist.", next=f"/playlists/{name}")


class Saying(BaseModel):
    """A comment.

    Args:
        words: What you say.
        at: Of which moment: minutes and seconds, such as 1:23, or seconds, such as 83.5.
    """

    words: str = Field(max_length=10_000)
    at: str = Field(default="0:00", max_length=20)


class Commented(Done):
    """A comment that was made.

    Args:
        comment: Its id.
    """

    comment: str


@face.act("/r/{recording}/comment", scope=Scope.SOCIAL, shows=recording_page)
def comment(visit: Visit, recording: str, said: Saying) -> Commented:
    """Say something of a moment in a recording, for everybody who may hear it."""
    at_ms = parse_moment(said.at)
    name = comments.comment(visit.site.house, visit.me.account, recording, at_ms, said.words)
    return Commented(said="Said.", next=f"/r/{recording}#c-{name}", comment=name)


@face.act("/comments/{comment}/delete", scope=Scope.SOCIAL)
def delete_comment(visit: Visit, comment: str) -> Done:
    """Delete what you said."""
    recording = comments.delete(visit.site.house, visit.me.account, comment)
    return Done(said="Deleted.", next=f"/r/{recording}")


@face.act("/comments/{comment}/hide", scope=Scope.SOCIAL)
def hide_comment(visit: Visit, comment: str) -> Done:
    """Hide a comment below a recording of yours."""
    recording = comments.hide(visit.site.house, visit.me.account, comment)
    return Done(said="Nobody sees that comment any more.", next=f"/r/{recording}")


@face.act("/comments/{comment}/show", scope=Scope.SOCIAL)
def show_comment(visit: Visit, comment: str) -> Done:
    """Show a comment again that you hid."""
    recording = comments.show(visit.site.house, visit.me.account, comment)
    return Done(said="It is shown again.", next=f"/r/{recording}")


class Hiding(BaseModel):
    """Why a reviewer hides a comment.

    Args:
        cause: Why.
    """

    cause: str = Field(max_length=10_000)


@face.act("/comments/{comment}/hide-as-staff", scope=Scope.STAFF, who=REVIEWERS)
def hide_comment_as_staff(visit: Visit, comment: str, said: Hiding) -> Done:
    """Hide a comment as a reviewer; that goes on record, with its cause."""
    house, account = visit.site.house, visit.me.account
    recording = comments.hide_as_staff(house, account, comment, said.cause, visit.by)
    return Done(said="Nobody sees that comment any more.", next=f"/r/{recording}")
