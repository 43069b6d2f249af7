"""The act of the clock: grants that have begun or run out are put into the stored words.

Until it runs, decisions about such recordings come from the statements, so nothing waits for it.
"""

from assent.acts.house import House
from assent.catalogue.events import Event
from assent.catalogue.words import due

__all__ = ["expire"]


def expire(house: House) -> Event | None:
    """Mend the words that time has changed; None where it has changed none."""
    with house.reading() as connection:
        if not due(connection, house.clock()):
            return None
    with house.act("clock") as act:
        return act.record("statement.expire", {}) if due(act.connection, act.at) else None
