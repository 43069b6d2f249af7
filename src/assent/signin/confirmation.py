"""Whether somebody has shown who they are just now, as acts ask that nobody else may do.

A browser that was left open is not enough to change a password: it takes a proof of the last ten
minutes, which signing in is, too.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from assent.acts.house import House
from assent.signin import challenges
from assent.signin.sessions import Session

__all__ = ["GOOD_FOR", "confirm", "is_confirmed"]

GOOD_FOR = timedelta(minutes=10)
_KIND = "confirmed"


def confirm(house: House, session: Session) -> None:
    """Note that whoever is in a session has shown who they are."""
    challenges.put(house, _KIND, session.id, {"account": session.member.account}, GOOD_FOR)


def is_confirmed(connection: Connection, session: Session | None, at: datetime) -> bool:
    """Say whether somebody has shown in the last ten minutes who they are.

    Args:
        connection: A connection that reads.
        session: Theirs; None for a program, which cannot.
        at: When [aware datetime].
    """
    if session is None:
        return False
    if at - session.at < GOOD_FOR:
        return True
    found = challenges.peek(connection, _KIND, session.id, at)
    return found == {"account": session.member.account}
