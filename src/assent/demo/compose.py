"""The music of the demonstration, composed in code: nine tracks by artists who do not exist.

Nothing here is recorded, sampled or learnt from anybody, so there is nobody to ask. The same call
gives the same samples.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assent.demo import pieces
from assent.demo.instruments import SR
from assent.demo.score import Score
from assent.sound.block import Block
from assent.sound.encode import Format, encode

__all__ = ["LONGEST_S", "Track", "tracks", "write"]

LONGEST_S = 13.0
"""How long a track may be, if nobody says otherwise [seconds]."""
_SEED = 20_240_212
_ENDINGS = {Format.FLAC: ".flac", Format.OPUS: ".opus"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A finished piece.

    Args:
        title: Its title.
        artist: Under whose name it appears.
        blocks: How it sounds [each of shape=(2, n), float32].
        sr: Its sample rate [Hz].
        format: What it is delivered as.
    """

    title: str
    artist: str
    blocks: tuple[Block, ...]
    sr: int = SR
    format: Format = Format.FLAC

    @property
    def duration_s(self) -> float:
        """How long it is [seconds]."""
        return float(sum(block.shape[1] for block in self.blocks) / self.sr)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A piece to be written: who by, how fast, and by which function."""

    title: str
    artist: str
    write: Callable[[Score], None]
    bpm: float
    beats: int = 4
    room: float = 0.25
    format: Format = Format.FLAC


_PIECES = (
    _Piece(title="Paper Lanterns", artist="Wrenna Oake", write=pieces.paper_lanterns, bpm=92),
    _Piece(title="Slow Ferry", artist="Wrenna Oake", write=pieces.slow_ferry, bpm=70, room=0.4),
    _Piece(
        title="Halfway House",
        artist="Wrenna Oake",
        write=pieces.halfway_house,
        bpm=108,
        beats=3,
        room=0.35,
    ),
    _Piece(title="Concrete Garden", artist="Tobin Ashgrove", write=pieces.concrete_garden, bpm=124),
    _Piece(
        title="Second Shift",
        artist="Tobin Ashgrove",
        write=pieces.second_shift,
        bpm=140,
        room=0.15,
        format=Format.OPUS,
    ),
    _Piece(
        title="Letter from the Harbour",
        artist="Ilse Marrowby",
        write=pieces.letter_from_the_harbour,
        bpm=60,
        room=0.12,
    ),
    _Piece(
        title="Kettle Song",
        artist="Ilse Marrowby",
        write=pieces.kettle_song,
        bpm=112,
        beats=3,
        format=Format.OPUS,
    ),
    _Piece(title="Long Field", artist="The Salt Meadow Trio", write=pieces.long_field, bpm=84),
    _Piece(
        title="Post Road",
        artist="The Salt Meadow Trio",
        write=pieces.post_road,
        bpm=132,
        room=0.2,
    ),
)


def tracks(longest_s: float = LONGEST_S) -> tuple[Track, ...]:
    """Compose all tracks.

    Args:
        longest_s: How long each may be; it has as many bars as fit, at least one [seconds].
    """
    return tuple(_composed(piece, number, longest_s) for number, piece in enumerate(_PIECES))


def _composed(piece: _Piece, number: int, longest_s: float) -> Track:
    bar_s = piece.beats * 60 / piece.bpm
    score = Score(
        bpm=piece.bpm,
        beats=piece.beats,
        bars=max(1, int((longest_s - 1) / bar_s)),
        rng=np.random.default_rng([_SEED, number]),
        room=piece.room,
    )
    piece.write(score)
    return Track(title=piece.title, artist=piece.artist, blocks=score.finish(), format=piece.format)


def write(track: Track, folder: Path) -> Path:
    """Write a track as a file with its tags; return where it is.

    Raises:
        StorageFailed: It cannot be written.
    """
    path = folder / f"{track.title.lower().replace(' ', '-')}{_ENDINGS[track.format]}"
    tags = {"title": track.title, "artist": track.artist}
    encode(path, track.blocks, track.sr, format=track.format, tags=tags)
    return path
