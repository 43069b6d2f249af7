"""Hearing a recording: its audio by range, its playlists, to keep it, and what was heard of it."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import Query
from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from assent.catalogue import tables
from assent.errors import Busy, Unknown
from assent.listening.audio import Audio, of_rendition, original
from assent.listening.hearing import Ground, Hearing, may_hear
from assent.listening.links import GOOD_FOR, Link, Via
from assent.listening.renditions import renditions_of
from assent.sound.hls import Kind, master_playlist, media_playlist
from assent.web.audio import audio_answer
from assent.web.downloading import downloaded
from assent.web.face import Face
from assent.web.listening import address, given, heard_of, linked, maker_of, renewal
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("hearing")

_PLAYLIST: Final = "application/vnd.apple.mpegurl"
_NO_STORE: Final = {"cache-control": "private, no-store"}

Key = Annotated[str, Query(alias="k", max_length=600)]
As = Annotated[Kind | None, Query(alias="as")]


@face.raw("/r/{recording}/audio")
def audio(visit: Visit, recording: str, k: Key = "", as_: As = None) -> Response:
    """Give a recording's audio, or a part of it, to whoever has a link to it.

    A page and `/api/r/{recording}/link` give links. One that has run out is answered with a fresh
    one where its listener may still hear the recording: a player follows it and goes on. `as` asks
    for a rendition instead of the original.
    """
    link = given(visit, recording, k)
    fresh = renewal(visit, link)
    if fresh is not None:
        more = f"&as={as_.value}" if as_ is not None else ""
        return _sent_on(f"{address(recording, fresh)}{more}")
    return _heard(visit, link, _audio(visit, recording, as_))


def _sent_on(path: str) -> Response:
    return RedirectResponse(path, 307, headers=_NO_STORE)


def _audio(visit: Visit, recording: str, kind: Kind | None) -> Audio:
    """Return the original or a rendition; what a browser cannot play is made playable first."""
    first = original(visit.db, recording)
    if kind is None and first.is_played:
        return first
    made = renditions_of(visit.db, recording)
    wanted = kind or Kind.AAC
    if wanted not in made:
        made = maker_of(visit.site).now(recording)
    return of_rendition(recording, made[wanted])


def _heard(visit: Visit, link: Link, file: Audio) -> Response:
    heard, account = heard_of(visit.site), _account(visit)
    if link.ground is Ground.STAFF and visit.request.method == "GET":
        heard.told(link, _name_of(visit, link.who))

    def took(sent: int) -> None:
        heard.fetched(link, sent, file.size_bytes, file.duration_s, account)

    return audio_answer(visit.site.house, visit.request, file, heard=took)


def _account(visit: Visit) -> str | None:
    return None if visit.member is None else visit.member.account


def _name_of(visit: Visit, account: str) -> str:
    query = select(tables.accounts.c.name).where(tables.accounts.c.id == account)
    return str(visit.db.execute(query).scalar_one())


class Wish(BaseModel):
    """What a player asks for.

    Args:
        link: The private link by which it came, if any.
        before: A link that it has, of which it goes on with the play; empty for a new play.
        embedded: Whether it stands in a page of others.
    """

    link: str = Field("", max_length=200)
    before: str = Field("", max_length=600)
    embedded: bool = False


class LinkSaid(View):
    """A link to a recording's audio.

    Args:
        url: Where the audio is.
        type: Its type.
        key: The link by itself, for what is told of the play.
        hls: The playlist for players that take it in parts; empty as long as it is being made.
        good_for_s: For how long it is good [seconds].
    """

    url: str
    type: str
    key: str
    hls: str
    good_for_s: int


@face.raw("/api/r/{recording}/link", methods=("POST",))
def link(visit: Visit, recording: str, wish: Wish) -> Response:
    """Give a link to a recording's audio, for whoever may hear it."""
    hearing = may_hear(visit.db, recording, visit.member, wish.link, at=visit.at)
    play = ""
    if wish.before:
        before = given(visit, recording, wish.before)
        play = before.play
        if not hearing.allowed and before.ground is Ground.LINK:
            hearing = may_hear(visit.db, recording, visit.member, before.who, at=visit.at)
    hearing.require()
    first = original(visit.db, recording)
    made = renditions_of(visit.db, recording)
    if len(made) < len(Kind):
        maker_of(visit.site).ask(recording)
    via = Via.EMBED_PLAYER if wish.embedded else Via.PLAYER
    key = linked(visit, hearing, via, play=play)
    as_ = "" if first.is_played else f"&as={Kind.AAC.value}"
    said = LinkSaid(
        url=f"{address(recording, key)}{as_}",
        type=first.content_type if first.is_played else "audio/mp4",
        key=key,
        hls=address(recording, linked(visit, hearing, Via.HLS), "hls.m3u8") if made else "",
        good_for_s=int(GOOD_FOR.total_seconds()),
    )
    return JSONResponse(said.model_dump(), headers=_NO_STORE)


class Told(BaseModel):
    """What a player tells of a play.

    Args:
        play: The link by which it plays.
        seconds: How much was heard since the play began [seconds].
    """

    play: str = Field(max_length=600)
    seconds: float = Field(ge=0, le=1_000_000, allow_inf_nan=False)


@face.raw("/api/r/{recording}/heard", methods=("POST",))
def heard(visit: Visit, recording: str, told: Told) -> Response:
    """Take what a player says was heard.

    The link says of which play it is, so telling it again counts nothing. More than has gone by
    since the play began was not heard.
    """
    link = given(visit, recording, told.play)
    first = original(visit.db, recording)
    counts = heard_of(visit.site).said(link, told.seconds, first.duration_s, _account(visit))
    return JSONResponse({"counts": counts}, headers=_NO_STORE)


@face.raw("/r/{recording}/download")
def download(
    visit: Visit, recording: str, link: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Give the file as it was uploaded, to keep, where its artist allows that."""
    hearing = may_hear(visit.db, recording, visit.member, link, at=visit.at).require()
    file, name = downloaded(visit, hearing)
    return audio_answer(
        visit.site.house, visit.request, file, headers={"content-disposition": name}
    )


# Playlists, for players that take a recording in parts.


@face.raw("/r/{recording}/hls.m3u8")
def hls(visit: Visit, recording: str, k: Key = "") -> Response:
    """Give the playlist from which a player chooses a rendition (HLS, fMP4 with AAC and Opus)."""
    link = given(visit, recording, k)
    fresh = renewal(visit, link)
    if fresh is not None:
        return _sent_on(address(recording, fresh, "hls.m3u8"))
    made = renditions_of(visit.db, recording)
    if len(made) < len(Kind):
        maker_of(visit.site).ask(recording)
        raise Busy("this is being made ready for players; try again in a moment", told=True)
    # a player asks for a playlist once and for its parts until the end of the recording
    whole = timedelta(seconds=original(visit.db, recording).duration_s)
    hearing = Hearing(recording=recording, ground=link.ground, who=link.who, clause="")
    key = linked(visit, hearing, Via.HLS, play=link.play, good_for=GOOD_FOR + whole)
    said = master_playlist(
        [(made[kind].rendition, f"hls/{kind.value}.m3u8?k={key}") for kind in Kind]
    )
    return PlainTextResponse(said, media_type=_PLAYLIST, headers=_NO_STORE)


@face.raw("/r/{recording}/hls/{kind}.m3u8")
def hls_playlist(visit: Visit, recording: str, kind: Kind, k: Key = "") -> Response:
    """Give the playlist of one rendition."""
    link = given(visit, recording, k)
    fresh = renewal(visit, link)
    if fresh is not None:
        return _sent_on(address(recording, fresh, f"hls/{kind.value}.m3u8"))
    made = renditions_of(visit.db, recording)
    if kind not in made:
        raise Unknown("there is no such rendition")
    said = media_playlist(made[kind].rendition, f"{kind.value}.mp4?k={k}")
    return PlainTextResponse(said, media_type=_PLAYLIST, headers=_NO_STORE)


@face.raw("/r/{recording}/hls/{kind}.mp4")
def hls_segments(visit: Visit, recording: str, kind: Kind, k: Key = "") -> Response:
    """Give the parts of a rendition, by range."""
    link = given(visit, recording, k)
    fresh = renewal(visit, link)
    if fresh is not None:
        return _sent_on(address(recording, fresh, f"hls/{kind.value}.mp4"))
    made = renditions_of(visit.db, recording)
    if kind not in made:
        raise Unknown("there is no such rendition")
    return _heard(visit, link, of_rendition(recording, made[kind]))
