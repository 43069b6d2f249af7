"""An artist's feed, which podcast apps read: recordings that are public and may be downloaded.

What a feed leads to needs no link and no cookie, for an app comes back whenever it likes; that is
why only what its artist lets everybody keep is in it.
"""

from typing import Any, Final

from sqlalchemy import select
from starlette.responses import Response

from assent.catalogue import site_tables, tables
from assent.clock import parse_instant
from assent.community.browse import in_feed
from assent.community.profiles import profile
from assent.errors import NotPermitted, Unknown
from assent.listening.audio import Audio, of_rendition, of_row, original
from assent.listening.hearing import may_hear
from assent.listening.links import Via, issue
from assent.listening.renditions import renditions_of
from assent.sound.hls import Kind
from assent.web.audio import audio_answer
from assent.web.face import Face
from assent.web.feed_xml import Channel, Episode, feed
from assent.web.listening import heard_of, maker_of
from assent.web.visit import Visit

__all__ = ["face"]

face = Face("feeds")

_MOST: Final = 100
_SQUARE: Final = 1_400
_APPS: Final = {"audio/mpeg", "audio/mp4"}
"""What every podcast app plays."""
_NOTHING: Final = "Recordings that may be downloaded appear here."


@face.raw("/artists/{artist}/feed.xml")
def artist_feed(visit: Visit, artist: str) -> Response:
    """Give an artist's feed (RSS) for podcast apps: what is public and may be downloaded."""
    said = profile(visit.db, artist)
    episodes = [_episode(visit, row) for row in visit.db.execute(_query(visit, artist))]
    channel = Channel(
        title=said.name,
        about=said.about or f"Recordings by {said.name}. {_NOTHING}",
        page=visit.address(f"/artists/{artist}"),
        url=visit.address(f"/artists/{artist}/feed.xml"),
        picture=episodes[0].picture if episodes else "",
    )
    return Response(
        feed(channel, episodes),
        media_type="application/rss+xml",
        headers={"cache-control": "public, max-age=300"},
    )


def _query(visit: Visit, artist: str) -> Any:
    recordings, pages = tables.recordings.c, site_tables.recording_pages.c
    return (
        select(tables.recordings, tables.events.c.at, pages.about)
        .join(tables.events, tables.events.c.number == recordings.event)
        .join(site_tables.recording_pages, pages.recording == recordings.id)
        .where(in_feed(artist, visit.at))
        .order_by(recordings.number.desc())
        .limit(_MOST)
    )


def _episode(visit: Visit, row: Any) -> Episode:  # rows carry no column types
    file = _for_apps(visit, row.id, of_row(row.id, row))
    return Episode(
        # the same wherever the site moves to, or apps would show it as new
        id=f"urn:assent:{row.id}:{row.digest[:16]}",
        title=row.title,
        about=row.about or row.title,
        page=visit.address(f"/r/{row.id}"),
        picture=visit.address(f"/r/{row.id}/cover.png?size={_SQUARE}"),
        at=parse_instant(row.at),
        url=visit.address(f"/r/{row.id}/episode.{file.ending}"),
        type=file.content_type,
        size_bytes=file.size_bytes,
        duration_s=file.duration_s,
    )


def _for_apps(visit: Visit, recording: str, first: Audio) -> Audio:
    """Return what apps play: the original where all do, or else a rendition once it is there."""
    if first.is_played and first.content_type in _APPS:
        return first
    made = renditions_of(visit.db, recording)
    if Kind.AAC in made:
        return of_rendition(recording, made[Kind.AAC])
    maker_of(visit.site).ask(recording)
    return first


@face.raw("/r/{recording}/episode.{ending}")
def episode(visit: Visit, recording: str, ending: str) -> Response:
    """Give the audio to which a feed leads, as long as it is public and may be downloaded."""
    hearing = may_hear(visit.db, recording, None, at=visit.at).require()
    pages = site_tables.recording_pages.c
    allowed = select(pages.downloads).where(pages.recording == recording)
    if not visit.db.execute(allowed).scalar_one_or_none():
        raise NotPermitted("its artist has not allowed to download this", decision=None)
    file = _file(visit, recording, ending)
    link, range_ = issue(hearing, Via.FEED, visit.at), visit.request.headers.get("range", "")
    from_start = not range_ or range_.startswith("bytes=0-")

    def took(sent: int) -> None:
        if from_start:  # what an app asks for in the middle goes on with a play that was counted
            heard_of(visit.site).fetched(link, sent, file.size_bytes, file.duration_s, None)

    headers = {"cache-control": "no-cache"}
    return audio_answer(visit.site.house, visit.request, file, heard=took, headers=headers)


def _file(visit: Visit, recording: str, ending: str) -> Audio:
    first = original(visit.db, recording)
    if ending == first.ending:
        return first
    made = renditions_of(visit.db, recording)
    for kind in Kind:
        if kind in made and of_rendition(recording, made[kind]).ending == ending:
            return of_rendition(recording, made[kind])
    raise Unknown("there is no such file of this recording")
