"""Counting uses: what the gate let through becomes events, so that creators see every use.

One event for each program and hour: how often each recording was opened, and the Merkle root over
those counts (RFC 6962 hashing; a leaf is the canonical JSON of recording and count).
"""

import rfc8785
from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue.events import Event
from assent.catalogue.tables import journals
from assent.gate.journal import names, read_finished, remove
from assent.log.tree import root

__all__ = ["count_uses"]


def count_uses(house: House) -> tuple[Event, ...]:
    """Turn finished journals into `use` events; a crash in between counts nothing twice."""
    folder = house.settings.journals
    if not names(folder):
        return ()
    with house.act("gate") as act:
        query = select(journals.c.name).where(journals.c.name.in_(names(folder)))
        known = set(act.connection.execute(query).scalars())
        counted = read_finished(folder, act.at, known)
        recorded = tuple(
            act.record(
                "use",
                {
                    "program": program,
                    "hour": hour,
                    "counts": [[recording, counts[recording]] for recording in sorted(counts)],
                    "root": root(
                        [
                            rfc8785.dumps([recording, counts[recording]])
                            for recording in sorted(counts)
                        ]
                    ).hex(),
                },
            )
            for (program, hour), counts in sorted(counted.uses.items())
        )
        if counted.names:
            act.record("use.journals", {"names": list(counted.names)})
    remove(folder, counted.names)
    return recorded
