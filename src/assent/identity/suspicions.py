"""From sightings to suspicions: which recording seems to be a copy of which.

The later one is the copy, until somebody shows otherwise. Who brings again what they alone hold has
made a copy of nobody else's, unless that is one, or is on hold; and what is found in an original
and in its copies alike is a copy of the original, but for copies by licence, which count beside it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from assent.acts.copies import Found, Suspicion, original_of
from assent.catalogue import tables
from assent.catalogue.cases import State, cases_of, sources
from assent.catalogue.events import Body
from assent.catalogue.watched import uploader_of
from assent.gate.snapshot import recording_number
from assent.identity.sighting import Sighting, evidence

__all__ = ["suspicions"]


def suspicions(
    connection: Connection, recording: str, sightings: Sequence[Sighting]
) -> dict[str, list[Suspicion]]:
    """Return by recording what it seems to be a copy of.

    Args:
        connection: Whose state of the catalogue counts.
        recording: What was looked for.
        sightings: What it was found to be made of.
    """
    number = recording_number(recording)
    pairs: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
    for it in sightings:
        other = it.match.recording
        if not it.is_claimed or other == number:
            continue
        if other < number:
            pairs[recording, f"r{other}"].append(it)
        else:
            pairs[f"r{other}", recording].append(it.turned(number))
    found: dict[str, dict[str, Suspicion]] = defaultdict(dict)
    for (copy, original), seen in pairs.items():
        others = {top for later, top in pairs if later == copy} - {original}
        if _above(connection, original) & others and not _is_licensed(connection, original):
            continue
        for top, told in _made_of(connection, copy, original, evidence(seen)):
            made = Suspicion(original=top, found=Found.FINGERPRINT, evidence=told)
            found[copy].setdefault(top, made)
    return {copy: list(by_original.values()) for copy, by_original in found.items()}


def _made_of(
    connection: Connection, copy: str, original: str, told: list[Body]
) -> Iterator[tuple[str, list[Body]]]:
    """Yield what a copy is made of: the original; or, if that is the uploader's own, its originals.

    Whoever brings a copy twice would else have a copy of nothing but their own.
    """
    if not _is_own(connection, copy, original) or _is_held(connection, original):
        yield original, told  # what is on hold stays so when it is brought again
        return
    for above in sources(connection, original):
        if above != copy and not _is_own(connection, copy, above):
            yield above, [{**each, "by_way_of": original} for each in told]


def _is_own(connection: Connection, copy: str, original: str) -> bool:
    """Say whether whoever brought the copy holds all of the original, and nobody else any of it.

    Who is merely named as a holder of the copy is not asked: the uploader names them.
    """
    holders = tables.holdings.c
    query = select(holders.holder).where(holders.recording == original)
    theirs = set(connection.execute(query).scalars())
    return theirs == {uploader_of(connection, copy)}


def _is_licensed(connection: Connection, recording: str) -> bool:
    """Say whether a recording is a copy by licence: its holders have a say, too."""
    return any(
        case.recording == recording and case.state is State.LICENSED
        for case in cases_of(connection, recording)
    )


def _is_held(connection: Connection, recording: str) -> bool:
    recordings = tables.recordings.c
    query = select(recordings.held).where(recordings.id == recording)
    return bool(connection.execute(query).scalar_one())


def _above(connection: Connection, recording: str) -> set[str]:
    """Return what a recording is a copy of, and what that is one of."""
    seen: set[str] = set()
    above = original_of(connection, recording)
    while above is not None and above not in seen:
        seen.add(above)
        above = original_of(connection, above)
    return seen
