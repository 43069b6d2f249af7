"""Looking at recordings that nobody has looked at yet, because they were taken in before.

Each is read through the gate, under the program `identify`; what it may not read stays unknown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader

from sqlalchemy import select

from assent.acts.copies import Suspicion, release_seen, suspect
from assent.acts.house import House
from assent.catalogue import tables
from assent.errors import AssentError, BadAudio, NotPermitted, StorageFailed, Unknown
from assent.gate.snapshot import recording_number
from assent.identity.design import DESIGN
from assent.identity.fingerprint import fingerprint
from assent.identity.program import PROGRAM, may_identify, prepared
from assent.identity.recogniser import Recogniser, is_hidden
from assent.identity.state import State

__all__ = ["Looked", "look", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What came of looking at one recording.

    Args:
        recording: Which.
        found: By recording, what seems to be made of others'; also others that came later.
        error: Why it was not looked at, if it was not.
    """

    recording: str
    found: dict[str, list[Suspicion]]
    error: AssentError | None = None


def unknown(house: House) -> list[str]:
    """Return the recordings of which no fingerprint is kept, the earliest first."""
    recordings, taken = tables.recordings.c, tables.fingerprints.c
    known = select(taken.recording).where(
        taken.recording == recordings.number, taken.design == DESIGN.name
    )
    query = select(recordings.id).where(~known.exists()).order_by(recordings.number)
    with house.reading() as connection:
        return list(connection.execute(query).scalars())


def look(house: House, by: str, recordings: Iterable[str] | None = None) -> Iterator[Looked]:
    """Look at them: keep their fingerprints, and open the cases that these lead to.

    Args:
        house: The platform.
        by: Who has them looked at.
        recordings: Which; all of them if None.

    Yields:
        What came of each, once it is on record.

    Raises:
        NotAllowed: Another program is called `identify`.
        StorageFailed: The catalogue or the index cannot be written.
    """
    recogniser = Recogniser(house)
    with house.act(by) as act:
        prepared(act)
    for recording in unknown(house) if recordings is None else recordings:
        yield _look(house, recogniser, recording, by)


def _look(house: House, recogniser: Recogniser, recording: str, by: str) -> Looked:
    try:
        with _opened(house, recording) as stream:
            taken = fingerprint(stream)
            with house.reading() as connection:
                if is_hidden(connection, recording, taken):
                    raise BadAudio(State.SILENT.text)
                seen = recogniser.sightings(taken, stream, connection)
    except (BadAudio, NotPermitted, StorageFailed, Unknown) as error:
        return Looked(recording=recording, found={}, error=error)
    with house.act(by) as act:
        if recogniser.is_kept(act.connection, recording):  # somebody else was quicker
            return Looked(recording=recording, found={})
        if not may_identify(act.connection, recording, act.at):  # no longer
            refusal = house.gate.refusal(PROGRAM, recording)
            return Looked(recording=recording, found={}, error=refusal)
        if recogniser.is_behind(act.connection):  # somebody has brought something meanwhile
            with _opened(house, recording) as stream:
                seen = recogniser.sightings(taken, stream, act.connection)
        found = recogniser.keep(act, recording, taken, seen)
        for copy in sorted(found, key=recording_number):
            suspect(act, copy, found[copy])
        release_seen(act, recording)  # after its cases: what opens comes last
    recogniser.take(recording)
    return Looked(recording=recording, found=found)


def _opened(house: House, recording: str) -> BufferedReader:
    return house.gate.open(house.gate.token(PROGRAM), recording)
