"""Renditions: what is made of a recording for players, sealed like the original.

Each is one file in segments (`sound/hls`), under a data key of its own, so an erasure makes it
noise with the original. They are made once, at first listening or at upload; until then, and
wherever a player can take it, the original is heard. Making one is no AI use and asks no word.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from queue import Empty, Queue
from tempfile import TemporaryFile
from threading import Lock, Thread
from typing import BinaryIO, cast

from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.site_tables import renditions
from assent.disk import storage
from assent.errors import AssentError, Unknown
from assent.gate.gate import Stored
from assent.sound.hls import Kind, Rendition, format_index, index, parse_index, segmented

__all__ = ["Made", "Maker", "make_renditions", "renditions_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A rendition that is there.

    Args:
        rendition: What it is made of.
        etag: What it is known by over HTTP, with its quotes; another rendition has another.
    """

    rendition: Rendition
    etag: str


def renditions_of(connection: Connection, recording: str) -> Mapping[Kind, Made]:
    """Return the renditions of a recording that are there; none if it was erased."""
    query = select(renditions).where(renditions.c.recording == recording)
    return {
        Kind(row.format): Made(
            rendition=parse_index(Kind(row.format), row.segments),
            etag=f'"{sha256(row.blob.encode()).hexdigest()[:32]}"',
        )
        for row in connection.execute(query)
    }


def make_renditions(house: House, recording: str) -> Mapping[Kind, Made]:
    """Make the renditions of a recording that are not there yet; return all of them.

    Args:
        house: The platform.
        recording: Which.

    Raises:
        Unknown: There is no such recording, or it was erased meanwhile.
        BadAudio: Its original is damaged.
        StorageFailed: The disk is full, or the audio cannot be read; nothing is left behind.
        KeyFailed: The master key cannot be had.
    """
    with house.reading() as connection:
        there = renditions_of(connection, recording)
    with house.gate.taking_in():  # what is sealed and not on record yet is no orphan meanwhile
        for kind in Kind:
            if kind not in there:
                _make(house, recording, kind)
    with house.reading() as connection:
        return renditions_of(connection, recording)


def _make(house: House, recording: str, kind: Kind) -> None:
    with _unnamed_file(house) as file:
        with house.gate.listen(recording) as original:
            segmented(original, file, kind)
        rendition = index(file, kind)
        file.seek(0)
        stored = house.gate.take_in(file)
    kept = False
    try:
        kept = _keep(house, recording, rendition, stored)
    finally:
        if not kept:
            house.gate.forget(stored.name)


@contextmanager
def _unnamed_file(house: House) -> Iterator[BinaryIO]:
    """Give a file without a name: plain audio that is gone whenever this process is."""
    folder = house.settings.data
    with storage("make a rendition", folder), TemporaryFile(dir=folder) as file:
        yield cast(BinaryIO, file)


def _keep(house: House, recording: str, rendition: Rendition, stored: Stored) -> bool:
    """Put a rendition on record; False if another process was first."""
    named = renditions.c.recording == recording, renditions.c.format == rendition.kind.value
    with house.writing() as connection:
        there = select(tables.recordings.c.id).where(tables.recordings.c.id == recording)
        if connection.execute(there).first() is None:
            raise Unknown(f"there is no recording {recording!r}", recording=recording)
        if connection.execute(select(renditions.c.blob).where(*named)).first() is not None:
            return False
        connection.execute(
            tables.data_keys.insert().values(blob=stored.name, wrapped=stored.wrapped_key)
        )
        connection.execute(
            renditions.insert().values(
                recording=recording,
                format=rendition.kind.value,
                blob=stored.name,
                size_bytes=stored.size_bytes,
                segments=format_index(rendition),
            )
        )
    return True


class Maker:
    """Makes renditions in the background, one at a time.

    Args:
        house: The platform.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._asked: Queue[str | None] = Queue()
        self._under_way: set[str] = set()
        self._given_up: set[str] = set()
        self._lock = Lock()
        self._one = Lock()
        self._thread: Thread | None = None

    def ask(self, recording: str) -> None:
        """Have the renditions of a recording made, unless they already are being made.

        What failed is not tried again by this process: the original is still there to be heard.
        """
        with self._lock:
            if recording in self._under_way or recording in self._given_up:
                return
            self._under_way.add(recording)
            self._asked.put(recording)
            if self._thread is None:
                self._thread = Thread(target=self._work, name="renditions", daemon=True)
                self._thread.start()

    def now(self, recording: str) -> Mapping[Kind, Made]:
        """Make the renditions of a recording and wait for them.

        Raises:
            AssentError: As `make_renditions` does.
        """
        with self._one:
            return make_renditions(self._house, recording)

    def finish(self) -> None:
        """Wait until all that was asked for is made."""
        self._asked.join()

    def close(self) -> None:
        """Come to an end after the one that is being made; the others are asked for again."""
        with self._lock:
            thread, self._thread = self._thread, None
        with suppress(Empty):
            while thread is not None:
                self._asked.get_nowait()
                self._asked.task_done()
        if thread is not None:
            self._asked.put(None)
            thread.join()

    def _work(self) -> None:
        while (recording := self._asked.get()) is not None:
            try:
                self.now(recording)
            except AssentError:
                self._given_up.add(recording)
            finally:
                self._under_way.discard(recording)
                self._asked.task_done()
        self._asked.task_done()
