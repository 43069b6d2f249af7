"""Making the tables anew from the events, and checking that this would change nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, select

from assent.acts.erase import finish
from assent.acts.house import House
from assent.catalogue.engine import connect, reading, writing
from assent.catalogue.projection import rebuild as project_all
from assent.catalogue.tables import PROJECTIONS, metadata

__all__ = ["as_of", "differences", "findings", "rebuild"]


def rebuild(house: House) -> None:
    """Make all tables anew from the events, in one transaction, and the snapshot after them."""
    with writing(house.engine) as connection:
        project_all(connection, connection)
    house.gate.snapshot.discard()


@contextmanager
def as_of(house: House, until: int | None = None) -> Iterator[Connection]:
    """Give the catalogue as it was after an event, made anew in memory."""
    memory = connect("sqlite://")
    with reading(house.engine) as source, writing(memory) as connection:
        metadata.create_all(connection)
        project_all(connection, source, until)
        yield connection


def differences(house: House) -> list[str]:
    """Return the tables that are not what the events say; empty if all is well."""
    with as_of(house) as wanted, reading(house.engine) as found:
        return [table.name for table in PROJECTIONS if _rows(wanted, table) != _rows(found, table)]


def _rows(connection: Connection, table: Table) -> list[tuple[Any, ...]]:  # rows of any table
    rows = connection.execute(select(table).order_by(*table.primary_key.columns))
    # by byte order here: two databases may sort text differently
    return sorted((tuple(row) for row in rows), key=repr)


def findings(house: House) -> list[str]:
    """Return all that is wrong with a platform, one clause each.

    What interrupted imports left in the vault is swept away first: that is nobody's. An erasure
    that was cut short is brought to its end.
    """
    finish(house)
    house.gate.sweep()
    differing = differences(house)
    wrong = [f"the table {name} is not what the events say" for name in differing]
    wrong += [f"the audio of {name} is not whole in the vault" for name in house.gate.missing()]
    # where the tables are wrong themselves there is nothing to compare the snapshot with
    if not differing and house.gate.snapshot.differs():
        wrong.append("the snapshot was not what the catalogue says; it is made anew")
    return wrong
