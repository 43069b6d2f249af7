"""A platform as large as one asks for, to be served and measured.

One recording is real: uploaded, sealed, heard through the gate. All others are rows written
straight to the tables, with outlines as long as real ones and titles of a few words, so that lists,
searches and pages read as much as they would. Artists have two hundred recordings each, all public.
"""

import wave
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, insert, select, update

from assent.acts.house import House
from assent.acts.publish import publish_default
from assent.acts.upload import Work, upload
from assent.catalogue import tables
from assent.catalogue.engine import insert_many
from assent.catalogue.events import head
from assent.permission.presets import PRESETS, Preset
from assent.permission.uses import parse_uses
from assent.settings import Settings
from assent.sound.waveform import POINTS, to_bytes

__all__ = ["HOLDER", "REAL", "made_platform", "write_noise"]

HOLDER: Final = "Bench Artist"
"""Who holds the real recording and two hundred of the others."""
REAL: Final = "r0"
"""The recording that can be heard."""

_OF_AN_ARTIST = 200
_CHUNK = 20_000
_SR = 44_100
_REAL_S = 60
_WORDS = [
    "amber",
    "anchor",
    "april",
    "autumn",
    "bell",
    "birch",
    "bloom",
    "blue",
    "bridge",
    "bright",
    "cedar",
    "cloud",
    "copper",
    "coral",
    "dawn",
    "dusk",
    "early",
    "ember",
    "fern",
    "field",
    "finch",
    "flint",
    "fog",
    "forest",
    "frost",
    "garden",
    "glass",
    "gold",
    "grain",
    "grey",
    "harbour",
    "hazel",
    "heron",
    "hollow",
    "iron",
    "island",
    "ivy",
    "june",
    "kiln",
    "lantern",
    "lark",
    "late",
    "leaf",
    "light",
    "linen",
    "long",
    "low",
    "lunar",
    "maple",
    "marsh",
    "meadow",
    "mill",
    "mist",
    "moon",
    "moss",
    "north",
    "oak",
    "ocean",
    "paper",
    "pearl",
    "pine",
    "plain",
    "quiet",
    "rain",
    "reed",
    "river",
    "road",
    "salt",
    "sand",
    "sea",
    "second",
    "shore",
    "silver",
    "slow",
    "small",
    "snow",
    "song",
    "south",
    "spring",
    "star",
    "still",
    "stone",
    "storm",
    "summer",
    "tide",
    "tin",
    "train",
    "valley",
    "water",
    "west",
    "wheel",
    "white",
    "wide",
    "wild",
    "willow",
    "wind",
    "winter",
    "wood",
    "wren",
    "yellow",
    "young",
]
_RECORDING = [
    "number",
    "id",
    "artist",
    "title",
    "licence",
    "origin",
    "digest",
    "audio_digest",
    "blob",
    "size_bytes",
    "container",
    "codec",
    "sr",
    "channels",
    "frames",
    "loudness_lufs",
    "true_peak_dbtp",
    "waveform",
    "tags",
    "held",
    "word",
    "word_event",
    "event",
]
_HOLDING = [
    "recording",
    "holder",
    "share_ppm",
    "role",
    "territories",
    "granted",
    "refused",
    "event",
]
_ACCOUNT = ["id", "name", "folded", "role", "accepted", "asks", "event"]
_ARTIST = ["id", "name", "folded", "account", "event"]
_OPEN = parse_uses(["platform/identify", "platform/protect", "platform/search", "platform/insight"])
_FOUND = PRESETS[Preset.FOUND]

_Row = tuple[Any, ...]
"""A row of a table, in the order of its columns named above."""


@contextmanager
def made_platform(recordings: int, seed: int = 1) -> Iterator[Path]:
    """Give the folder of a platform with so many recordings; it is removed afterwards."""
    with TemporaryDirectory(prefix="assent-bench-") as folder:
        data = Path(folder) / "platform"
        house = House.open(Settings(data=data), create=True)
        try:
            publish_default(house)
            sound = write_noise(Path(folder) / "noise.wav", _REAL_S, seed)
            upload(house, sound, Work(artist=HOLDER, title="Real noise"), HOLDER)
            with house.writing() as connection:
                _fill(connection, recordings, np.random.default_rng(seed))
        finally:
            house.close()
        yield data


def write_noise(path: Path, seconds: float, seed: int = 1) -> Path:
    """Write a stereo file of noise, which no other file is like.

    Args:
        path: Where.
        seconds: How long it sounds [seconds]; a second is 176 kB.
        seed: Another one is another recording.
    """
    chance = np.random.default_rng(seed)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(_SR)
        for done in range(0, int(seconds * _SR), _SR):
            frames = min(_SR, int(seconds * _SR) - done)
            file.writeframes(chance.integers(-9_000, 9_000, 2 * frames, dtype="<i2").tobytes())
    return path


def _fill(connection: Connection, recordings: int, chance: np.random.Generator) -> None:
    event, accepted = head(connection), _in_force(connection)
    for low in range(1, recordings, _CHUNK):
        numbers = range(low, min(low + _CHUNK, recordings))
        artists = sorted({number // _OF_AN_ARTIST for number in numbers} - {0})
        known = set(connection.execute(_known(artists)).scalars())
        new = [artist for artist in artists if f"a{artist}" not in known]
        names = [(f"a{n}", f"n{n}", f"{HOLDER} {n}") for n in new]
        accounts = [
            (account, name, name.lower(), "artist", accepted, False, event)
            for account, _, name in names
        ]
        insert_many(connection, tables.accounts, _ACCOUNT, accounts)
        # the index of names knows artists by the events that made them, so each has its own
        rows = [
            (artist, name, name.lower(), account, event + int(artist[1:]))
            for account, artist, name in names
        ]
        insert_many(connection, tables.artists, _ARTIST, rows)
        insert_many(
            connection, tables.recordings, _RECORDING, list(_recordings(numbers, event, chance))
        )
        insert_many(connection, tables.holdings, _HOLDING, list(_holdings(numbers, event)))
    _count_on(connection, recordings)


def _known(artists: list[int]) -> Any:  # a query of SQLAlchemy, whose rows carry no types
    wanted = [f"a{artist}" for artist in artists]
    return select(tables.accounts.c.id).where(tables.accounts.c.id.in_(wanted))


def _in_force(connection: Connection) -> str:
    texts = tables.texts.c
    return str(connection.execute(select(texts.id).where(texts.current)).scalar_one())


def _recordings(numbers: range, event: int, chance: np.random.Generator) -> Iterator[_Row]:
    words = chance.integers(0, len(_WORDS), (len(numbers), 3))
    outlines = [_outline(chance) for _ in range(16)]
    for at, number in enumerate(numbers):
        digest = sha256(str(number).encode()).hexdigest()
        title = " ".join(_WORDS[word] for word in words[at].tolist()).capitalize()
        yield (
            *(number, f"r{number}", f"n{number // _OF_AN_ARTIST}", title, "CC-BY-4.0", ""),
            *(digest, digest, digest[32:], 5_000_000, "flac", "flac", _SR, 2, 9_000_000),
            *(-14.0, -1.0, outlines[at % len(outlines)], "{}", 0, _OPEN, event, event),
        )


def _outline(chance: np.random.Generator) -> str:
    high = chance.integers(10, 120, POINTS)
    return b64encode(to_bytes(np.stack([-high, high], axis=1).astype(np.int8))).decode()


def _holdings(numbers: range, event: int) -> Iterator[_Row]:
    for number in numbers:
        holder = f"a{number // _OF_AN_ARTIST}"
        said = (_FOUND.granted, _FOUND.refused)
        yield f"r{number}", holder, 1_000_000, "owner", "world", *said, event


def _count_on(connection: Connection, recordings: int) -> None:
    """Let what comes later take numbers that are free."""
    counters = tables.counters
    lasts = {
        "recording": recordings,
        "account": (recordings - 1) // _OF_AN_ARTIST + 1,
        "artist": (recordings - 1) // _OF_AN_ARTIST + 1,
    }
    for kind, last in lasts.items():
        changed = update(counters).where(counters.c.kind == kind).values(last=last)
        if not connection.execute(changed).rowcount:
            connection.execute(insert(counters).values(kind=kind, last=last))
