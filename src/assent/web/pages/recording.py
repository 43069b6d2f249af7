"""A recording's own page: to hear it, what AI may do, who made it, what people say of it."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query
from sqlalchemy import select

from assent.catalogue import site_tables
from assent.clock import format_instant, parse_instant
from assent.community import comments, likes, playlists
from assent.community.comments import Comment
from assent.community.credits import Credits, credits_of
from assent.community.listing import Page
from assent.community.moment import parse_moment
from assent.errors import BadInput, NotAllowed, Unknown
from assent.listening.hearing import Ground, Hearing, may_hear
from assent.studio.licences import LICENCES
from assent.web.ai_summary import AiSummary, summary_of
from assent.web.face import REVIEWERS, Face
from assent.web.music_views import After, ArtistLink, PlaylistLink, artist_link, playlist_link
from assent.web.owner import OwnerView, owner_of
from assent.web.player import Mark, PlayerView, player_of
from assent.web.view import View
from assent.web.visit import Visit
from assent.web.work_said import PARTS

__all__ = ["face", "recording_page"]

face = Face("recordings")

_PUBLIC_SEARCH: Final = "public/search"
PrivateLink = Annotated[str, Query(max_length=200)]
Moment = Annotated[str, Query(max_length=20)]


class MakerView(View):
    """Somebody who holds rights in a recording.

    Args:
        name: How they are called.
        role: As what, such as performer or writer.
    """

    name: str
    role: str


class HelperView(View):
    """An AI tool that helped to make a recording.

    Args:
        role: With what, such as vocals.
        part: The same in the words of the form that it was said in.
        tool: What it is called.
        voice: Whether it imitates the voice of a real person, who permitted that: none or
            permitted.
    """

    role: str
    part: str
    tool: str
    voice: str


class CommentView(View):
    """Something that was said of a moment.

    Args:
        id: The comment's id.
        by: Who says it.
        mine: Whether that is who asks.
        at_ms: Of which moment [ms].
        words: What.
        at: When it was written.
    """

    id: str
    by: str
    mine: bool
    at_ms: int
    words: str
    at: datetime


class CreditsView(View):
    """What is said of a recording beside its sound.

    Args:
        since: When it came here.
        about: What its artist says of it; perhaps nothing.
        licence: Under which licence others may use it; empty if nothing was said.
        licence_words: What that means; empty if it is none of those known here.
        isrc: Its ISRC, if it has one.
        makers: Who holds rights in it, the largest share first.
        made_with: Which AI tools helped; an empty list if none did, null if nothing was said.
    """

    since: datetime
    about: str
    licence: str
    licence_words: str
    isrc: str | None
    makers: list[MakerView]
    made_with: list[HelperView] | None


class TalkView(View):
    """What people say of a recording.

    Args:
        count: How many comments there are.
        comments: A part of them, in the order of their moments.
        after: What the next part goes on after; empty if this is the last.
        hidden: What was hidden by who asks, if the recording is theirs.
        tidies: Whether who asks may hide comments, because the recording is theirs.
        reviews: Whether who asks may hide comments, as a reviewer and on record.
    """

    count: int
    comments: list[CommentView]
    after: str
    hidden: list[CommentView]
    tidies: bool
    reviews: bool


class RecordingView(View):
    """A recording.

    Args:
        id: Its id.
        title: What it is called.
        artist: Under whose name it is.
        credits: What is said of it beside its sound.
        visibility: Who may find it: public or private.
        listed: Whether search and lists may show it; if not, its address alone leads to it.
        indexed: Whether search engines elsewhere may list this page.
        ground: Why who asks may hear it: public, theirs, link or staff.
        private_link: The private link that they came by; empty if by none.
        address: Its address.
        likes: How many like it.
        liked: Whether who asks does.
        social: Whether who asks may like it, comment on it and put it on a list.
        playlists: Their playlists.
        talk: What people say of it.
        player: What plays it.
        ai: What AI may do with it.
        owner: What whoever it belongs to sees of it; null for everybody else.
    """

    id: str
    title: str
    artist: ArtistLink
    credits: CreditsView
    visibility: str
    listed: bool
    indexed: bool
    ground: Ground
    private_link: str
    address: str
    likes: int
    liked: bool
    social: bool
    playlists: list[PlaylistLink]
    talk: TalkView
    player: PlayerView
    ai: AiSummary
    owner: OwnerView | None


@face.page("/r/{recording}", template="recording.html")
def recording_page(
    visit: Visit, recording: str, link: PrivateLink = "", t: Moment = "", after: After = ""
) -> RecordingView:
    """Show a recording. `link` is a private link to it, `t` where it begins, such as 1:23."""
    hearing = _heard(visit, recording, link)
    said, ai = credits_of(visit.db, recording), summary_of(visit, recording)
    page = comments.comments(visit.db, recording, after=after)
    account = visit.member.account if visit.member else None
    marks = [Mark(at_s=it.at_ms / 1_000, by=it.by, words=it.words) for it in page.items]
    return RecordingView(
        id=recording,
        title=said.title,
        artist=artist_link(said.artist),
        credits=_credits(said),
        visibility=said.visibility,
        listed=said.is_listed,
        indexed=said.is_listed and _PUBLIC_SEARCH in ai.open,
        ground=hearing.ground,
        private_link=link if hearing.ground is Ground.LINK else "",
        address=visit.address(f"/r/{recording}"),
        likes=likes.likes(visit.db, recording),
        liked=likes.likes_it(visit.db, account, recording),
        social=account is not None and hearing.ground in {Ground.PUBLIC, Ground.THEIRS},
        playlists=_lists(visit, account),
        talk=_talk(visit, hearing, page),
        player=player_of(visit, recording, private_link=link, start_s=_start_s(t), marks=marks),
        ai=ai,
        owner=owner_of(visit, recording),
    )


def _heard(visit: Visit, recording: str, link: str) -> Hearing:
    """Return on which ground somebody hears a recording.

    Raises:
        NotAllowed: They came by a private link that has run out; that they know of already.
        Unknown: It is not for them, and that it is there is not for them to know; nor does a
            private link that is none tell whether it ever was one.
    """
    if link:
        return _heard_by(visit, recording, link)
    return may_hear(visit.db, recording, visit.member, at=visit.at).require()


def _heard_by(visit: Visit, recording: str, link: str) -> Hearing:
    try:
        hearing = may_hear(visit.db, recording, visit.member, link, at=visit.at)
    except Unknown:
        raise _no_link() from None
    if not hearing.allowed:
        links = site_tables.private_links.c
        known = select(links.id).where(links.id == link, links.recording == recording)
        if visit.db.execute(known.where(links.until <= format_instant(visit.at))).first():
            raise NotAllowed(
                "this private link has run out; whoever sent it to you can make another one"
            )
        raise _no_link()
    return hearing


def _no_link() -> Unknown:
    return Unknown(
        "this link was ended, or is not whole; ask whoever gave it to you",
        heading="This link opens nothing",
    )


def _credits(said: Credits) -> CreditsView:
    helpers = None
    if said.made_with is not None:
        parts = dict(PARTS)
        helpers = [
            HelperView(role=it.role, part=parts.get(it.role, it.role), tool=it.tool, voice=it.voice)
            for it in said.made_with
        ]
    return CreditsView(
        since=parse_instant(said.at),
        about=said.about,
        licence=said.licence,
        licence_words=LICENCES.get(said.licence, ""),
        isrc=said.isrc,
        makers=[MakerView(name=it.name, role=it.role) for it in said.makers],
        made_with=helpers,
    )


def _talk(visit: Visit, hearing: Hearing, page: Page[Comment]) -> TalkView:
    account = visit.member.account if visit.member else None
    hidden: tuple[Comment, ...] = ()
    mine = hearing.ground is Ground.THEIRS
    if mine and account is not None:
        hidden = comments.hidden(visit.db, account, hearing.recording)
    return TalkView(
        count=comments.count(visit.db, hearing.recording),
        comments=_comments(page.items, account),
        after=page.after,
        hidden=_comments(hidden, account),
        tidies=mine,
        reviews=visit.is_one_of(REVIEWERS),
    )


def _lists(visit: Visit, account: str | None) -> list[PlaylistLink]:
    if account is None:
        return []
    mine = playlists.of_account(visit.db, account, all_of_them=True)
    return [playlist_link(one) for one in mine]


def _comments(some: tuple[Comment, ...], account: str | None) -> list[CommentView]:
    return [
        CommentView(
            id=one.id,
            by=one.by,
            mine=one.account == account,
            at_ms=one.at_ms,
            words=one.words,
            at=parse_instant(one.at),
        )
        for one in some
    ]


def _start_s(said: str) -> float:
    """Return where to begin [seconds]; what cannot be meant is the beginning."""
    try:
        return parse_moment(said) / 1_000 if said else 0
    except BadInput:
        return 0
