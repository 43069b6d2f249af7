"""What one recording is within a training set, and on what grounds it is there.

Values only: this reads nothing and decides nothing.

Invariant: an item is described in one way, so the description beside its audio can be compared
byte for byte with the one that the manifest gives.
"""

import re
from dataclasses import dataclass

import rfc8785

from assent.permission.reasons import Reason
from assent.permission.uses import labels

__all__ = ["Ground", "Item", "describe", "file_name", "file_number", "ground_of"]

_ENDINGS = {
    "matroska,webm": "mka",
    "mov,mp4,m4a,3gp,3g2,mj2": "m4a",
    "mpegts": "ts",
}
"""Where FFmpeg's name of a container is no usual ending of a file."""
_ENDING = re.compile(r"[a-z0-9]{1,8}")
_FILE = re.compile(r"r(0|[1-9][0-9]{0,17})\.[a-z0-9]{1,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One thing that carries the yes to a recording.

    Args:
        kind: What it is: `approved`, `text-opens` or `granted`.
        recording: Which recording it is about: the item, or an original of it.
        holder: The account it is about; None for the program's approval.
        name: How that account is called.
        role: As what a text counts: `accepted`, `current` or `agreement`.
        text: Which version of the terms, or which agreement.
        events: Numbers of the events it comes from.
        uses: The uses it carries, by name.
    """

    kind: str
    recording: str
    holder: str | None
    name: str | None
    role: str | None
    text: str | None
    events: tuple[int, ...]
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One recording of a training set.

    Args:
        recording: Its id.
        number: The number in its id.
        title: Its title.
        artist: The artist's name.
        file: What its audio is called within the set.
        digest: SHA-256 of its audio file [64 hexadecimal digits].
        audio_digest: SHA-256 of its samples, as `sound.measure` takes it [likewise].
        size_bytes: The size of its audio file.
        frames: Samples per channel.
        sr: Sample rate [Hz].
        channels: Number of channels.
        codec: FFmpeg's name of the codec.
        licence: Under which licence others may use it.
        grounds: All that carries the yes.
    """

    recording: str
    number: int
    title: str
    artist: str
    file: str
    digest: str
    audio_digest: str
    size_bytes: int
    frames: int
    sr: int
    channels: int
    codec: str
    licence: str
    grounds: tuple[Ground, ...]


def ground_of(reason: Reason) -> Ground:
    """Return a decision's ground as a training set keeps it."""
    return Ground(
        kind=reason.kind.value,
        recording=reason.recording,
        holder=reason.holder,
        name=reason.name,
        role=reason.role.value if reason.role else None,
        text=reason.detail or None,
        events=reason.events,
        uses=labels(reason.uses),
    )


def file_name(recording: str, container: str) -> str:
    """Return what a recording's audio is called within a set.

    Args:
        recording: Its id.
        container: FFmpeg's name of its container.

    >>> file_name("r12", "ogg"), file_name("r3", "mov,mp4,m4a,3gp,3g2,mj2")
    ('r12.ogg', 'r3.m4a')
    """
    ending = _ENDINGS.get(container, container)
    return f"{recording}.{ending if _ENDING.fullmatch(ending) else 'audio'}"


def file_number(file: str) -> int | None:
    """Return the number of the recording that a file of a set holds; None if it is no such file.

    >>> file_number("r12.ogg"), file_number("../r12.ogg")
    (12, None)
    """
    named = _FILE.fullmatch(file)
    return int(named[1]) if named else None


def describe(item: Item, training_set: str) -> bytes:
    """Return what stands beside an item's audio in a shard: canonical JSON (RFC 8785)."""
    return rfc8785.dumps(
        {
            "set": training_set,
            "recording": item.recording,
            "title": item.title,
            "artist": item.artist,
            "licence": item.licence,
            "digest": item.digest,
            "audio_digest": item.audio_digest,
            "frames": item.frames,
            "sr": item.sr,
            "channels": item.channels,
            "codec": item.codec,
        }
    )
