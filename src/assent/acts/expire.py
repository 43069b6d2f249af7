"""The act of the clock: what time has changed is put on record.

Grants that have begun or run out are put into the stored words; until that is done, decisions about
such recordings come from the statements, so nothing waits for it. Terms whose day has come are put
in force; until that is done the ones before them hold, which open no more.
"""

from assent.acts.house import House
from assent.acts.publish import publish_due
from assent.catalogue.events import Event
from assent.catalogue.words import due

__all__ = ["expire"]


def expire(house: House) -> Event | None:
    """Do what is due; None where nothing is.

    Returns:
        The last that was put on record: expired words, or else the terms that came in force.
    """
    published = publish_due(house)
    with house.reading() as connection:
        if not due(connection, house.clock()):
            return published
    with house.act("clock") as act:
        return act.record("statement.expire", {}) if due(act.connection, act.at) else published
