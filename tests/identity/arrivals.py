"""Music that is brought to a platform that knows its recordings again; invented artists."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from assent.acts.holders import Share
from assent.acts.house import House
from assent.acts.upload import Uploaded, Work, upload
from assent.bench.attacks import SR
from assent.catalogue import tables
from assent.identity.fingerprint import Fingerprint
from assent.identity.index import Index
from assent.identity.recogniser import Recogniser
from assent.identity.sighting import Sighting
from assent.sound.encode import Format
from tests.identity.music import heard, mono
from tests.sound.sounds import encoded

__all__ = ["Samples", "bring", "cut", "fingerprinted", "index_on_disk", "looked_for", "write"]

Samples = npt.NDArray[np.float32]
_NUMBERS = count()


def cut(number: int, start_s: float = 0.0, end_s: float = 15.0) -> Samples:
    """Some of a composed piece [shape=(n,), at 44.1 kHz]."""
    return mono(number)[round(start_s * SR) : round(end_s * SR)]


def write(folder: Path, samples: Samples) -> Path:
    """Write a file of its own."""
    path = folder / f"brought-{next(_NUMBERS)}.wav"
    path.write_bytes(encoded(samples[None], Format.WAV_FLOAT))
    return path


def bring(
    house: House,
    samples: Samples,
    artist: str,
    recogniser: Recogniser | None = None,
    *,
    holders: Sequence[str] = (),
    agreement: str = "",
) -> Uploaded:
    """Upload sound, before somebody who has just come if nobody is named."""
    path = write(house.settings.data.parent, samples)
    shares = tuple(Share(name=name, share_ppm=100_000) for name in holders)
    work = Work(artist=artist, title=path.stem, agreement=agreement, holders=shares)
    return upload(house, path, work, "desk", recogniser or Recogniser(house))


def looked_for(recogniser: Recogniser, samples: Samples) -> list[Sighting]:
    """Return what a recogniser knows in some sound."""
    path = write(recogniser.house.settings.data.parent, samples)
    with recogniser.house.reading() as connection:
        return recogniser.sightings(taken(samples), path, connection)


def taken(samples: Samples) -> Fingerprint:
    """Return the fingerprint of some sound."""
    return heard(samples)


def fingerprinted(house: House) -> list[int]:
    """Return of which recordings a fingerprint is kept."""
    table = tables.fingerprints.c
    with house.reading() as connection:
        return list(connection.execute(select(table.recording).order_by(table.recording)).scalars())


def index_on_disk(house: House) -> Index:
    """Open the platform's index as it lies on the disk."""
    return Index(house.settings.data / "identity")
