"""What OpenSubsonic's methods give that are files: sound, to play and to keep, and pictures."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from starlette.responses import Response

from assent.catalogue import tables
from assent.catalogue.public import searchable
from assent.listening.audio import Audio, of_rendition, original
from assent.listening.hearing import may_hear
from assent.listening.links import Link, Via, issue
from assent.listening.renditions import renditions_of
from assent.sound.hls import Kind
from assent.web.audio import audio_answer
from assent.web.downloading import downloaded
from assent.web.listening import heard_of, maker_of
from assent.web.picture import picture_answer
from assent.web.site import Site
from assent.web.subsonic_answer import Code, SubsonicError, ok
from assent.web.subsonic_library import artist_id
from assent.web.subsonic_plays import SubsonicPlays
from assent.web.subsonic_request import Asked

__all__ = ["MEDIA"]

_SIZE, _LEAST_SIZE, _MOST_SIZE = 600, 16, 1_400
_MOST_KBPS: Final = 100_000
_RECORDINGS = tables.recordings.c
_KINDS: Final = {"aac": Kind.AAC, "m4a": Kind.AAC, "mp4": Kind.AAC, "opus": Kind.OPUS}


def plays_of_apps(site: Site) -> SubsonicPlays:
    """Return what remembers which play a request of an app belongs to."""
    return site.one(_plays)


def _plays(_site: Site) -> SubsonicPlays:
    return SubsonicPlays()


def _stream(asked: Asked) -> Response:
    recording = asked.text("id")
    hearing = may_hear(asked.db, recording, asked.token.member, at=asked.visit.at).require()
    file = _file(asked, recording)
    site, account = asked.visit.site, asked.account
    play = plays_of_apps(site).of(account, recording, file.duration_s, asked.visit.at)
    link = issue(hearing, Via.SUBSONIC, asked.visit.at, play=play)

    def took(sent: int) -> None:
        heard_of(site).fetched(link, sent, file.size_bytes, file.duration_s, account)

    return audio_answer(site.house, asked.visit.request, file, heard=took)


def _file(asked: Asked, recording: str) -> Audio:
    """Return the original, or a rendition where an app wants one or plays nothing else."""
    first = original(asked.db, recording)
    wanted = asked.text("format", "").lower()
    most_kbps = asked.number("maxBitRate", 0, _MOST_KBPS)
    kbps = 8 * first.size_bytes / max(first.duration_s, 0.1) / 1_000
    kind = _KINDS.get(wanted, Kind.AAC if most_kbps and kbps > most_kbps else None)
    if wanted == "raw" or (kind is None and first.is_played):
        return first
    made = renditions_of(asked.db, recording)
    if (kind or Kind.AAC) not in made:
        if first.is_played:
            maker_of(asked.visit.site).ask(recording)
            return first
        made = maker_of(asked.visit.site).now(recording)
    return of_rendition(recording, made[kind or Kind.AAC])


def _download(asked: Asked) -> Response:
    recording = asked.text("id")
    hearing = may_hear(asked.db, recording, asked.token.member, at=asked.visit.at).require()
    file, name = downloaded(asked.visit, hearing)
    headers = {"content-disposition": name}
    return audio_answer(asked.visit.site.house, asked.visit.request, file, headers=headers)


def _cover(asked: Asked) -> Response:
    name = asked.text("id")
    recording = name
    if not name.startswith("r"):
        newest = (
            select(_RECORDINGS.id)
            .where(_RECORDINGS.artist == artist_id(name), searchable(asked.visit.at))
            .order_by(_RECORDINGS.number.desc())
            .limit(1)
        )
        found = asked.db.execute(newest).scalar_one_or_none()
        if found is None:
            raise SubsonicError(Code.NOT_FOUND, "there is no such picture")
        recording = found
    may_hear(asked.db, recording, asked.token.member, at=asked.visit.at).require()
    size = max(asked.number("size", _SIZE, _MOST_SIZE), _LEAST_SIZE)
    answer = picture_answer(asked.visit, recording, size, size)
    answer.headers["cache-control"] = "private, max-age=3600"
    return answer


def _scrobble(asked: Asked) -> Response:
    """Take that an app has played songs; with what it fetched of them it is one play each."""
    times = asked.several("time")
    for place, recording in enumerate(asked.several("id")):
        hearing = may_hear(asked.db, recording, asked.token.member, at=asked.visit.at).require()
        if asked.text("submission", "true").lower() != "true":
            continue  # it only says what is playing now
        length_s = original(asked.db, recording).duration_s
        began = _began(times[place] if place < len(times) else "", asked.visit.at, length_s)
        plays = plays_of_apps(asked.visit.site)
        play = plays.of(asked.account, recording, length_s, asked.visit.at)
        link = Link(
            recording=recording,
            play=play,
            ground=hearing.ground,
            who=hearing.who,
            via=Via.SUBSONIC,
            began=began,
            until=asked.visit.at,
        )
        heard_of(asked.visit.site).said(link, length_s, length_s, asked.account)
    return ok({}, asked.text("f", "xml"))


def _began(said: str, at: datetime, length_s: float) -> datetime:
    """Return when a play began, as an app says it; apps that were offline say it days later."""
    if said.isascii() and said.isdigit() and len(said) <= len("9999999999999"):
        there = datetime.fromtimestamp(int(said) / 1_000, UTC)
        if at - timedelta(days=14) < there < at:
            return there
    return at - timedelta(seconds=length_s)


MEDIA: Final[Mapping[str, Callable[[Asked], Response]]] = {
    "stream": _stream,
    "download": _download,
    "getCoverArt": _cover,
    "scrobble": _scrobble,
}
"""What each of these methods gives, by its name."""
