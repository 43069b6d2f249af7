"""The platform's own program `identify`: what a recording is looked at for before it is public."""

from datetime import datetime

from sqlalchemy import Connection

from assent.acts.house import House
from assent.acts.programs import approve, propose
from assent.catalogue.facts import FactReader
from assent.catalogue.rows import read_program
from assent.errors import NotAllowed
from assent.permission.decide import word_of
from assent.permission.uses import parse_use

__all__ = ["PROGRAM", "USE", "may_identify", "prepared"]

PROGRAM = "identify"
USE = parse_use("platform/identify")
_FILE = f"""
id = "{PROGRAM}"
owner = "The platform"
actor = "platform"
activities = ["identify"]
purpose = "Know a recording again when somebody else uploads it, whole or in part, changed or not."
retention_days = 36500
contact = "The operator of this platform."
"""
_PROPOSER, _APPROVER = "house", "operator"


def prepared(house: House) -> None:
    """Register the program where there is none: it comes with the platform, as the terms do.

    Raises:
        NotAllowed: There is a program of that name, for something else.
    """
    with house.reading() as connection:
        program = read_program(connection, PROGRAM)
    if program is None:
        propose(house, _FILE, _PROPOSER)
        approve(house, PROGRAM, _APPROVER)
    elif program.uses != USE:
        raise NotAllowed(
            f"there is a program {PROGRAM!r} that is for something else than platform/identify;"
            " the platform needs that name for its own"
        )


def may_identify(connection: Connection, recording: str, at: datetime) -> bool:
    """Say whether the program may use a recording, by the state that a connection sees."""
    program = read_program(connection, PROGRAM)
    if program is None or not program.is_live(at):
        return False
    facts = FactReader(connection).facts(recording, program, at)
    return word_of(facts) & program.uses == program.uses
