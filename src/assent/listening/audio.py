"""What is played of a recording: its original, or the rendition for players that cannot take it."""

import io
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue import tables
from assent.errors import Unknown
from assent.listening.renditions import Made
from assent.sound.hls import Kind

__all__ = ["RENDITION_TYPE", "Audio", "of_rendition", "of_row", "original"]

RENDITION_TYPE = "audio/mp4"
_OGG = ("audio/ogg", "ogg")
_PLAYED = {
    ("wav", "pcm_s16le"): ("audio/wav", "wav"),
    ("wav", "pcm_s24le"): ("audio/wav", "wav"),
    ("wav", "pcm_s32le"): ("audio/wav", "wav"),
    ("wav", "pcm_f32le"): ("audio/wav", "wav"),
    ("wav", "pcm_u8"): ("audio/wav", "wav"),
    ("flac", "flac"): ("audio/flac", "flac"),
    ("mp3", "mp3"): ("audio/mpeg", "mp3"),
    ("ogg", "vorbis"): _OGG,
    ("ogg", "opus"): _OGG,
    ("ogg", "flac"): _OGG,
    ("mov,mp4,m4a,3gp,3g2,mj2", "aac"): ("audio/mp4", "m4a"),
    ("mov,mp4,m4a,3gp,3g2,mj2", "mp3"): ("audio/mp4", "mp4"),
    ("matroska,webm", "opus"): ("audio/webm", "webm"),
    ("matroska,webm", "vorbis"): ("audio/webm", "webm"),
    ("aac", "aac"): ("audio/aac", "aac"),
}
"""What browsers play, by container and codec: its type and the ending of its files."""
_OTHERS = {
    "aiff": ("audio/aiff", "aiff"),
    "ape": ("audio/x-ape", "ape"),
    "asf": ("audio/x-ms-wma", "wma"),
    "au": ("audio/basic", "au"),
    "caf": ("audio/x-caf", "caf"),
    "matroska,webm": ("audio/x-matroska", "mka"),
    "mov,mp4,m4a,3gp,3g2,mj2": ("audio/mp4", "m4a"),
    "ogg": _OGG,
    "tta": ("audio/x-tta", "tta"),
    "w64": ("audio/x-w64", "w64"),
    "wav": ("audio/wav", "wav"),
    "wv": ("audio/x-wavpack", "wv"),
}
"""What else there is, by container; good to keep, and not to play in a browser."""
_EVERYWHERE = {"audio/flac", "audio/mp4", "audio/mpeg", "audio/wav"}
"""What every browser of today plays; the rest have one that does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """A file that is heard.

    Args:
        recording: Of which recording.
        kind: Which rendition; None for the original.
        content_type: Its type over HTTP.
        ending: How the names of such files end, without the dot.
        size_bytes: How long it is [bytes].
        duration_s: How long it sounds [seconds].
        etag: What it is known by over HTTP, with its quotes.
        is_played: Whether browsers play it.
        is_played_everywhere: Whether all of them do.
    """

    recording: str
    kind: Kind | None
    content_type: str
    ending: str
    size_bytes: int
    duration_s: float
    etag: str
    is_played: bool
    is_played_everywhere: bool

    def open(self, house: House) -> io.BufferedReader:
        """Open it; who may hear it was asked before.

        Raises:
            Unknown: It is not there any more.
            StorageFailed: It cannot be read.
        """
        if self.kind is None:
            return house.gate.listen(self.recording)
        return house.gate.listen_to_rendition(self.recording, self.kind.value)


def original(connection: Connection, recording: str) -> Audio:
    """Return the original of a recording, as it was uploaded.

    Raises:
        Unknown: There is no such recording.
    """
    columns = ("digest", "size_bytes", "container", "codec", "frames", "sr")
    query = select(*tables.recordings.c[columns]).where(tables.recordings.c.id == recording)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Unknown(f"there is no recording {recording!r}", recording=recording)
    return of_row(recording, row)


def of_row(recording: str, row: Any) -> Audio:  # a row of `recordings`; rows carry no column types
    """Return the original of a recording whose row is at hand."""
    played = _PLAYED.get((row.container, row.codec))
    content_type, ending = played or _OTHERS.get(row.container, ("application/octet-stream", "bin"))
    return Audio(
        recording=recording,
        kind=None,
        content_type=content_type,
        ending=ending,
        size_bytes=row.size_bytes,
        duration_s=row.frames / row.sr,
        etag=f'"{row.digest}"',
        is_played=played is not None,
        is_played_everywhere=played is not None and content_type in _EVERYWHERE,
    )


def of_rendition(recording: str, made: Made) -> Audio:
    """Return a rendition as a file of its own, for players that take no playlists."""
    rendition = made.rendition
    return Audio(
        recording=recording,
        kind=rendition.kind,
        content_type=RENDITION_TYPE,
        ending="m4a" if rendition.kind is Kind.AAC else "mp4",
        size_bytes=rendition.size_bytes,
        duration_s=rendition.duration_s,
        etag=made.etag,
        is_played=True,
        is_played_everywhere=rendition.kind is Kind.AAC,
    )
