"""Recordings for tests of lists: rows as an upload would have left them, without any audio."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from assent.catalogue import site_tables, tables
from assent.permission.uses import parse_use

AT = datetime(2031, 3, 1, 12, tzinfo=UTC)
SEARCH = parse_use("platform/search")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A recording of a test."""

    title: str = "Tide"
    artist: int = 0
    word: int = SEARCH
    is_public: bool = True


def put_artists(connection: Connection, names: Iterable[str], since: int = 0) -> None:
    for number, name in enumerate(names, since):
        values = {"id": f"n{number}", "name": name, "folded": f"{name} {number}"}
        connection.execute(
            tables.artists.insert().values(account="a0", event=1_000 + number, **values)
        )


def put_recordings(connection: Connection, rows: Iterable[Row], since: int = 0) -> None:
    for number, row in enumerate(rows, since):
        connection.execute(
            tables.recordings.insert().values(
                number=number,
                id=f"r{number}",
                artist=f"n{row.artist}",
                title=row.title,
                word=row.word,
                **_MEASURED,
            )
        )
        if not row.is_public:
            page = {"visibility": "private", "downloads": False, "about": ""}
            connection.execute(
                site_tables.recording_pages.insert().values(recording=f"r{number}", **page)
            )


_MEASURED: dict[str, object] = {
    "licence": "CC-BY-4.0",
    "origin": "own",
    "digest": "",
    "audio_digest": "",
    "blob": "",
    "size_bytes": 1,
    "container": "wav",
    "codec": "pcm",
    "sr": 8_000,
    "channels": 1,
    "frames": 16_000,
    "waveform": "",
    "tags": "{}",
    "held": 0,
    "word_event": 1,
    "event": 1,
}
