"""Doing a thing once: a form that is sent again does nothing twice.

A form carries a number. It is written down before the act and given an answer after it; a second
sending finds the answer. If the act refuses, the number is free again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from assent.acts.house import House
from assent.catalogue.site_tables import done_once
from assent.clock import format_instant, parse_instant
from assent.errors import BadInput, Busy
from assent.web.view import Done
from assent.web.visit import Visit

__all__ = ["do_once", "sweep"]

_LONGEST = 64
_KEPT = timedelta(days=1)
_PATIENCE = timedelta(minutes=5)
"""How long an act may take; one that began longer ago was cut off with its process."""


def do_once(visit: Visit, number: str, act: Callable[[], Done]) -> Done:
    """Do an act, unless the same form has done it before.

    Args:
        visit: Who sends the form; a stranger's form does nothing that could be done twice.
        number: The form's number; empty if it has none.
        act: What it does.

    Raises:
        Busy: The first sending is still at it.
        BadInput: The number is none of ours, or the first sending was cut off.
    """
    if visit.session is None or not number:
        return act()
    if len(number) > _LONGEST or not number.isascii():
        raise BadInput("the form was changed on its way")
    key = f"{visit.session.id[:16]}:{number}"
    before = _begin(visit, key)
    if before is not None:
        return before
    try:
        done = act()
    except BaseException:
        with visit.site.house.writing() as connection:
            connection.execute(done_once.delete().where(done_once.c.id == key))
        raise
    with visit.site.house.writing() as connection:
        connection.execute(
            update(done_once).where(done_once.c.id == key).values(next=done.next, said=done.said)
        )
    return done


def _begin(visit: Visit, key: str) -> Done | None:
    """Write the number down; return the answer that a first sending got."""
    row = {"id": key, "account": visit.me.account, "at": format_instant(visit.at)}
    try:
        with visit.site.house.writing() as connection:
            connection.execute(done_once.insert().values(row))
    except IntegrityError:
        pass
    else:
        return None
    with visit.site.house.reading() as connection:
        found = connection.execute(select(done_once).where(done_once.c.id == key)).first()
    if found is not None and found.next is None and parse_instant(found.at) < visit.at - _PATIENCE:
        raise BadInput(
            "this was begun before and broke off, so it may be done or not; look, and if it is not,"
            " do it anew"
        )
    if found is None or found.next is None:
        raise Busy("this is being done already; wait a moment and look")
    return Done(said="This was done already; nothing was done twice.", next=found.next)


def sweep(house: House, at: datetime) -> None:
    """Forget the forms of yesterday."""
    with house.writing() as connection:
        old = done_once.c.at < format_instant(at - _KEPT)
        connection.execute(done_once.delete().where(old))
