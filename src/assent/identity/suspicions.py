"""From sightings to suspicions: which recording seems to be a copy of which.

The later one is the copy, until somebody shows otherwise. A recording all of whose holders hold the
other, too, is a copy of nobody else's, unless the other is one; and what is found in an original
and in its copies alike is a copy of the original.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from assent.acts.copies import Found, Suspicion, original_of
from assent.catalogue import tables
from assent.catalogue.cases import sources
from assent.catalogue.events import Body
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
        if _above(connection, original) & others:
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
    if not _is_own(connection, copy, original):
        yield original, told
        return
    for above in sources(connection, original):
        if above != copy and not _is_own(connection, copy, above):
            yield above, [{**each, "by_way_of": original} for each in told]


def _is_own(connection: Connection, copy: str, original: str) -> bool:
    """Say whether everybody who holds the original holds the copy, too."""
    holders = tables.holdings.c
    query = select(holders.holder)
    theirs = set(connection.execute(query.where(holders.recording == original)).scalars())
    mine = set(connection.execute(query.where(holders.recording == copy)).scalars())
    return bool(theirs) and theirs <= mine


def _above(connection: Connection, recording: str) -> set[str]:
    """Return what a recording is a copy of, and what that is one of."""
    seen: set[str] = set()
    above = original_of(connection, recording)
    while above is not None and above not in seen:
        seen.add(above)
        above = original_of(connection, above)
    return seen
