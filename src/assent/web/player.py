"""The player of a recording, as a page shows it: with scripts and without."""

from base64 import b64decode
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import select

from assent.catalogue import site_tables, tables
from assent.catalogue.public import is_public
from assent.errors import Unknown
from assent.listening.audio import RENDITION_TYPE, of_row
from assent.listening.hearing import Ground, Hearing, may_hear
from assent.listening.links import Via
from assent.listening.renditions import renditions_of
from assent.sound.hls import Kind
from assent.sound.waveform import from_bytes
from assent.web.listening import address, linked, maker_of
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["Mark", "PlayerView", "Source", "peaks_of", "player_of"]

_BARS: Final = 200
_FULL_SCALE: Final = 127


class Source(View):
    """A file that can be played.

    Args:
        url: Its address; good for ten minutes, and renewed from a page of this site.
        type: Its type.
    """

    url: str
    type: str


class Mark(View):
    """Something said at a time of the recording.

    Args:
        at_s: When [seconds].
        by: Who says it.
        words: What.
    """

    at_s: float
    by: str
    words: str


class PlayerView(View):
    """The player of a recording.

    Args:
        recording: Which.
        title: What it is called.
        artist: Under whose name it stands.
        artist_id: That artist's id.
        duration_s: How long it is [seconds].
        peaks: Its outline: 200 heights from 0 to 1.
        sources: What an audio element plays, the best first.
        player: What a player with scripts plays; what it tells of it counts.
        key: The link of that, by which it tells what was heard.
        hls: The playlist for players that take it in parts; empty as long as it is being made.
        download: Where the file can be had to keep; empty if the artist has not allowed that.
        start_s: Where it begins [seconds].
        is_public: Whether everybody may hear it.
        marks: What was said at which time, in order.
    """

    recording: str
    title: str
    artist: str
    artist_id: str
    duration_s: float
    peaks: list[float]
    sources: list[Source]
    player: Source
    key: str
    hls: str
    download: str
    start_s: float
    is_public: bool
    marks: list[Mark]


def player_of(
    visit: Visit,
    recording: str,
    *,
    private_link: str = "",
    start_s: float = 0,
    marks: Sequence[Mark] = (),
    embedded: bool = False,
) -> PlayerView:
    """Return the player of a recording for who visits; its renditions are made from now on.

    Args:
        visit: Who listens.
        recording: Which.
        private_link: The private link that they came by, if any.
        start_s: Where it begins [seconds].
        marks: What was said at which time.
        embedded: Whether it stands in a page of others.

    Raises:
        Unknown: There is no such recording, or they may not hear it.
    """
    hearing = may_hear(visit.db, recording, visit.member, private_link, at=visit.at).require()
    row = _row(visit, recording)
    files = _files(visit, recording, row)
    page, player = (Via.EMBED, Via.EMBED_PLAYER) if embedded else (Via.PAGE, Via.PLAYER)
    key = linked(visit, hearing, player)
    by_bytes = linked(visit, hearing, page)
    at = f"#t={start_s:g}" if start_s else ""
    return PlayerView(
        recording=recording,
        title=row.title,
        artist=row.artist_name,
        artist_id=row.artist,
        duration_s=round(row.frames / row.sr, 3),
        peaks=peaks_of(row.waveform),
        sources=[_source(recording, file, by_bytes, at) for file in files],
        player=_source(recording, files[0], key),
        key=key,
        hls=_hls(visit, hearing) if len(files) > 1 else "",
        download=_download(row, hearing, private_link),
        start_s=min(max(start_s, 0), row.frames / row.sr),
        is_public=hearing.is_public or bool(row.is_open),
        marks=list(marks),
    )


def _row(visit: Visit, recording: str) -> Any:  # rows carry no column types
    recordings, artists, pages = tables.recordings, tables.artists, site_tables.recording_pages
    query = (
        select(
            recordings,
            artists.c.name.label("artist_name"),
            pages.c.downloads,
            is_public().label("is_open"),
        )
        .join(artists, artists.c.id == recordings.c.artist)
        .outerjoin(pages, pages.c.recording == recordings.c.id)
        .where(recordings.c.id == recording)
    )
    row = visit.db.execute(query).one_or_none()
    if row is None:
        raise Unknown(f"there is no recording {recording!r}", recording=recording)
    return row


def _files(visit: Visit, recording: str, row: Any) -> list[tuple[Kind | None, str]]:
    """Return what can be played, the best first: which rendition, or the original, and its type.

    Renditions that are not there yet are asked for; the one without which a browser plays nothing
    is named all the same, for whoever asks for it waits until it is made.
    """
    first = of_row(recording, row)
    made = renditions_of(visit.db, recording)
    if len(made) < len(Kind):
        maker_of(visit.site).ask(recording)
    files: list[tuple[Kind | None, str]] = []
    if first.is_played:
        files.append((None, first.content_type))
    if not first.is_played or Kind.AAC in made:
        files.append((Kind.AAC, RENDITION_TYPE))
    return files


def _source(recording: str, file: tuple[Kind | None, str], key: str, at: str = "") -> Source:
    kind, content_type = file
    as_ = f"&as={kind.value}" if kind is not None else ""
    return Source(url=f"{address(recording, key)}{as_}{at}", type=content_type)


def _hls(visit: Visit, hearing: Hearing) -> str:
    return address(hearing.recording, linked(visit, hearing, Via.HLS), "hls.m3u8")


def _download(row: Any, hearing: Hearing, private_link: str) -> str:
    if not row.downloads and hearing.ground is not Ground.THEIRS:
        return ""
    more = f"?link={private_link}" if hearing.ground is Ground.LINK else ""
    return f"/r/{hearing.recording}/download{more}"


def peaks_of(waveform: str, bars: int = _BARS) -> list[float]:
    """Return a stored outline as heights from 0 to 1.

    Args:
        waveform: The outline, as it is stored.
        bars: How many heights.

    Raises:
        Tampered: It is damaged.
    """
    loudest = np.abs(from_bytes(b64decode(waveform)).astype(np.int16)).max(axis=1)
    edges = np.arange(bars) * len(loudest) // bars
    heights = np.maximum.reduceat(loudest, edges) / _FULL_SCALE
    return [round(float(height), 2) for height in heights.clip(0, 1)]
