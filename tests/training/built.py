"""What a set that was built holds, read for tests."""

from pathlib import Path

from sqlalchemy import func, select

from assent.acts.house import House
from assent.catalogue import tables
from assent.training.manifest import opened
from assent.training.set_file import read_set
from assent.training.shards import READERS

__all__ = ["held", "last_event", "listed", "recordings"]


def held(folder: Path) -> dict[str, bytes]:
    """Return the audio that the shards of a set hold, by file."""
    described = read_set(folder)
    return {
        found.file: found.audio.read(1 << 20)
        for shard in described.shards
        for found in READERS[described.form](folder / shard.file)
    }


def recordings(folder: Path) -> set[str]:
    return {file.partition(".")[0] for file in held(folder)}


def listed(folder: Path) -> list[str]:
    with opened(folder / "manifest.parquet") as manifest:
        return [item.recording for item in manifest.items()]


def last_event(house: House) -> int:
    with house.reading() as connection:
        events = tables.events.c.number
        return int(connection.execute(select(func.max(events))).scalar_one())
