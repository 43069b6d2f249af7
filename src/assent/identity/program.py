"""The platform's own program `identify`: what a recording is looked at for before it is public."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from assent.acts.house import Act
from assent.acts.programs import body_of
from assent.catalogue.facts import FactReader
from assent.catalogue.rows import read_program
from assent.errors import NotAllowed
from assent.permission.decide import word_of
from assent.permission.programs import parse_proposal
from assent.permission.uses import parse_use

__all__ = ["PROGRAM", "USE", "check", "may_identify", "prepared"]

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


def prepared(act: Act) -> None:
    """Register the program where there is none: it comes with the platform, as the terms do."""
    if read_program(act.connection, PROGRAM) is None:
        body = body_of(parse_proposal(_FILE, act.at))
        replace(act, by=_PROPOSER).record("program.propose", body)
        replace(act, by=_APPROVER).record("program.approve", {"id": PROGRAM})


def check(connection: Connection) -> None:
    """Check that no other program has its name.

    Raises:
        NotAllowed: One has.
    """
    program = read_program(connection, PROGRAM)
    if program is not None and program.uses != USE:
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
