"""Counting uses: what the gate let through becomes events, so that creators see every use.

One event for each program and hour: how often each recording was opened. The log commits to the
Merkle root over those counts (log/leaf.py), so each creator can be shown their own and no others.
"""

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.catalogue.events import Event
from assent.catalogue.tables import journals, recordings
from assent.gate.journal import names, read_finished, remove

__all__ = ["count_uses"]

_AT_ONCE = 5_000


def count_uses(house: House) -> tuple[Event, ...]:
    """Turn finished journals into `use` events; a crash in between counts nothing twice."""
    folder = house.settings.journals
    if not names(folder):
        return ()
    with house.act("gate") as act:
        query = select(journals.c.name).where(journals.c.name.in_(names(folder)))
        known = set(act.connection.execute(query).scalars())
        counted = read_finished(folder, act.at, known)
        there = _there(act.connection, {name for uses in counted.uses.values() for name in uses})
        recorded = tuple(
            act.record(
                "use",
                {
                    "program": program,
                    "hour": hour,
                    "counts": [
                        [recording, counts[recording]]
                        for recording in sorted(counts.keys() & there)  # some were erased since
                    ],
                },
            )
            for (program, hour), counts in sorted(counted.uses.items())
            if counts.keys() & there
        )
        if counted.names:
            act.record("use.journals", {"names": list(counted.names)})
    remove(folder, counted.names)
    return recorded


def _there(connection: Connection, names: Iterable[str]) -> set[str]:
    """Return the recordings among these that have not been erased since."""
    query, asked = select(recordings.c.id), iter(names)
    there: set[str] = set()
    while some := list(islice(asked, _AT_ONCE)):
        there.update(connection.execute(query.where(recordings.c.id.in_(some))).scalars())
    return there
