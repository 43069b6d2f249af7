"""The platform's memory of all its recordings: whose is what is being taken in?

    taken in    decoded once: fingerprint ── looked for ── on record, with cases and peaks, at once
    later       peaks ── a few recordings in memory ── the index on disk, which can be made anew

The peaks in the catalogue are the truth; the index follows them, and lags by a few recordings that
are searched in memory. Whatever is read of a recording to look closer goes through the gate, under
the program `identify`.
"""

import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import Connection, select

from assent.acts.copies import Suspicion
from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.disk import storage
from assent.errors import BadAudio, BadInput, NotPermitted, StorageFailed, Tampered, Unknown
from assent.gate.snapshot import recording_number
from assent.identity.fingerprint import Fingerprint, Fingerprinter
from assent.identity.index import Index
from assent.identity.match import Match, match
from assent.identity.program import PROGRAM, USE, check, may_identify, prepared
from assent.identity.proof import UNSEEN
from assent.identity.sighting import Sighting, seen
from assent.identity.state import State, state_of
from assent.identity.store import Lengths, keep, kept, numbers, tally
from assent.identity.suspicions import suspicions
from assent.sound.block import Block
from assent.sound.decode import Probe

if TYPE_CHECKING:
    from assent.identity.peaks import Peaks

__all__ = ["FOLDER", "Recogniser", "follow", "is_hidden"]

FOLDER = "identity"
"""Where the index is in the data folder."""
_LOOKED_AT = 1e-2
"""What would be an accident more often than this is not worth a closer look."""
_AT_ONCE = 64
"""As many recordings wait in memory before they go into the index on disk."""


class Recogniser:
    """Knows the recordings of one platform again.

    Args:
        house: The platform.

    Raises:
        NotAllowed: Another program is called `identify`.
        StorageFailed: The index cannot be read or written.
    """

    def __init__(self, house: House) -> None:
        self.house = house
        self._index = _opened(house.settings.data / FOLDER)
        self._waiting: list[tuple[int, Peaks]] = []
        self._last = -1
        self._heard = 0, 0
        self._merging: Future[None] | None = None
        with house.reading() as connection:
            check(connection)
            self.follow(connection)

    def ear(self, agreement: str) -> "_Ear":
        """Return who listens to a file that is about to be taken in."""
        with self.house.reading() as connection:
            return _Ear(self, may=_text_allows(connection, agreement))

    def follow(self, connection: Connection) -> None:
        """Bring the index in line with the fingerprints that are kept, whatever has happened."""
        self._index.refresh()
        there, wanted = self._index.recordings, set(numbers(connection))
        if gone := there - wanted:  # erased since
            self._index.remove(gone)
        self._waiting = []
        self._index.remember([])  # what was searched in memory may be on the disk by now, or gone
        self._last, self._heard = max(wanted, default=-1), (len(wanted), sum(wanted))
        missing = sorted(wanted - there)
        for low in range(0, len(missing), _AT_ONCE):
            self._take(connection, missing[low : low + _AT_ONCE])

    def _catch_up(self, connection: Connection) -> None:
        if self._index.refresh():
            self.follow(connection)
        elif self.is_behind(connection):
            new = numbers(connection, self._last)
            self._hear(new)
            self._take(connection, new)
            if self.is_behind(connection):  # earlier ones were looked at late, or some were erased
                self.follow(connection)

    def _hear(self, new: Sequence[int]) -> None:
        count, total = self._heard
        self._last = max([self._last, *new])
        self._heard = count + len(new), total + sum(new)

    def take(self, recording: str) -> None:
        """Search a recording, too, of which a fingerprint is kept by now."""
        with self.house.reading() as connection:
            if (number := recording_number(recording)) < self._last:
                self._hear([number])
                self._take(connection, [number])
            self._catch_up(connection)

    def _take(self, connection: Connection, new: Sequence[int]) -> None:
        there = {number for number, _ in self._waiting}
        fresh = kept(connection, [number for number in new if number not in there])
        self._waiting += [(it.recording, it.peaks) for it in fresh]
        if len(self._waiting) >= _AT_ONCE:
            first = min(number for number, _ in self._waiting)
            left = set(numbers(connection, first - 1))  # some were erased since
            self._index.add([one for one in self._waiting if one[0] in left])
            self._waiting = []
            self._merge()
        self._index.remember(self._waiting)

    def _merge(self) -> None:
        """Have segments merged in the background; where that fails, it is tried the next time."""
        if self._merging is None or self._merging.done():
            folder = self.house.settings.data / FOLDER
            self._merging = _background().submit(lambda: Index(folder).merge())

    def is_kept(self, connection: Connection, recording: str) -> bool:
        """Say whether a fingerprint of a recording is kept."""
        return bool(list(kept(connection, [recording_number(recording)])))

    def is_behind(self, connection: Connection) -> bool:
        """Say whether others are kept than it has heard of."""
        return tally(connection) != self._heard

    def sightings(
        self, taken: Fingerprint, file: Path | BinaryIO, connection: Connection
    ) -> list[Sighting]:
        """Return what a file is made of, of all recordings, each looked at closely.

        Args:
            taken: The file's fingerprint.
            file: The file.
            connection: Whose state of the catalogue counts.

        Raises:
            BadAudio: The file has changed since.
            StorageFailed: It cannot be read.
        """
        self._catch_up(connection)
        lengths = Lengths(connection)
        found = match(
            taken, self._index, lengths_s=lengths, hours=lengths.hours, most_chance=_LOOKED_AT
        )
        return [it for it in (self._seen(file, each) for each in found) if it.stands]

    def _seen(self, file: Path | BinaryIO, found: Match) -> Sighting:
        gate = self.house.gate
        try:
            with gate.open(gate.token(PROGRAM), f"r{found.recording}") as stream:
                return seen(found, file, stream)
        except (BadAudio, NotPermitted, StorageFailed, Unknown):
            return Sighting(match=found, proof=UNSEEN)  # what may not be read says nothing

    def keep(
        self, act: Act, recording: str, taken: Fingerprint, seen: Sequence[Sighting]
    ) -> dict[str, list[Suspicion]]:
        """Keep a fingerprint; return which recordings seem to be copies by it, and of what.

        Args:
            act: The change under way.
            recording: Whose fingerprint it is.
            taken: The fingerprint.
            seen: What the recording is made of.
        """
        keep(act.connection, recording_number(recording), taken)
        return suspicions(act.connection, recording, seen)


def _opened(folder: Path) -> Index:
    """Open the index; one that is damaged, or of another design, is made anew from the peaks."""
    try:
        return Index(folder)
    except (BadInput, Tampered):
        with storage("remove the damaged index", folder):
            shutil.rmtree(folder)
        return Index(folder)


def is_hidden(connection: Connection, recording: str, taken: Fingerprint) -> bool:
    """Say whether there is sound in a recording, and nothing to know it again by."""
    peak = tables.recordings.c.true_peak_dbtp
    query = select(peak).where(tables.recordings.c.id == recording)
    is_silent = connection.execute(query).scalar_one() is None
    return not is_silent and state_of(taken) is State.SILENT


@cache
def _background() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "merging")


def follow(house: House) -> None:
    """Bring a platform's index in line with the fingerprints that are kept, if there is one.

    Raises:
        StorageFailed: The index cannot be read or written.
    """
    if (house.settings.data / FOLDER).exists():
        Recogniser(house)


def _text_allows(connection: Connection, agreement: str) -> bool:
    """Say whether the text that something is delivered under lets the platform identify it."""
    texts = tables.texts.c
    query = select(texts.granted, texts.opt_out, texts.opt_in)
    query = query.where(texts.id == agreement) if agreement else query.where(texts.current)
    row = connection.execute(query).one_or_none()
    return row is not None and any(mask & USE for mask in row)


class _Ear:
    """Listens to one file.

    Args:
        recogniser: Who knows all others.
        may: Whether what it is delivered under lets the platform identify it.
    """

    def __init__(self, recogniser: Recogniser, *, may: bool) -> None:
        self._recogniser, self._may = recogniser, may
        self._listening: Fingerprinter | None = None
        self._taken: Fingerprint | None = None
        self._seen: Sequence[Sighting] = ()
        self._file: BinaryIO | None = None
        self._kept: str | None = None

    def tap(self, probe: Probe) -> "_Ear":
        """Return itself, ready for what comes."""
        self._listening = Fingerprinter(probe.sr) if self._may else None
        return self

    def add(self, block: Block) -> None:
        """Take the next samples."""
        if self._listening is not None:
            self._listening.add(block)

    def find(self, file: BinaryIO) -> None:
        """Look for what passed among all recordings."""
        if self._listening is not None:
            self._taken, self._file = self._listening.result(), file
            with self._recogniser.house.reading() as connection:
                self._seen = self._recogniser.sightings(self._taken, file, connection)

    def keep(self, act: Act, recording: str) -> Sequence[Suspicion] | None:
        """Keep the fingerprint, if the recording may be identified; return what it is made of."""
        taken, file, recogniser = self._taken, self._file, self._recogniser
        if taken is None or file is None:
            return None
        prepared(act)
        may = may_identify(act.connection, recording, act.at)
        if not may or is_hidden(act.connection, recording, taken):
            return None
        if recogniser.is_behind(act.connection):  # somebody else was quicker
            self._seen = recogniser.sightings(taken, file, act.connection)
        found = recogniser.keep(act, recording, taken, self._seen)
        self._kept = recording
        return found.get(recording, [])

    def done(self) -> None:
        """Note that the program has looked at the recording."""
        if self._kept is not None:
            self._recogniser.house.gate.note(PROGRAM, self._kept)
