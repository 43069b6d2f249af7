"""Which receipts can be had by now, and by whom."""

from collections.abc import Collection
from typing import Annotated, Final

from fastapi import Path
from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.catalogue.events import Event, read
from assent.errors import Unknown
from assent.web.site import Site

__all__ = ["LAST_EVENT", "EventNumber", "path_of", "published_up_to", "shown_to"]

LAST_EVENT: Final = 2**62
"""No event has a larger number."""
EventNumber = Annotated[int, Path(ge=1, le=LAST_EVENT)]
"""The number of an event in a path."""

_OF_ACCOUNT = {
    "account": "id",
    "statement": "holder",
    "terms.accept": "account",
    "request.answer": "account",
    "claim": "account",
    "claim.answer": "account",
}
"""The kinds of events that are about one account, and the field that names it."""
_OF_RECORDING = {
    "recording": "id",
    "recording.edit": "recording",
    "holding": "recording",
    "hold": "recording",
    "hold.lift": "recording",
    "copy": "recording",
    "copy.suspect": "recording",
    "copy.decide": "recording",
}
"""The kinds of events that are about one recording, and the field that names it."""


_OF_EVERYBODY = ("terms.publish", "terms.draft", "terms.withdraw", "training-set", "index.root")
"""The kinds of events that are about nobody in particular; who wrote them down is not shown."""


def published_up_to(site: Site) -> int:
    """Return the number of the last event whose receipt can be had; 0 if none can."""
    try:
        return site.logs.consent.head().checkpoint.size
    except Unknown:
        return 0


def path_of(event: int, published: int) -> str:
    """Return where the receipt of an event is; empty while it is not published."""
    return f"/receipts/{event}.tlog-proof" if event <= published else ""


def shown_to(connection: Connection, account: str, number: int) -> Collection[str] | None:
    """Return whose parts of an event somebody may see in its receipt; None for all there is.

    Args:
        connection: Where the catalogue is read.
        account: Who asks for the receipt.
        number: The event.

    Raises:
        Unknown: It is not about them, or there is no such event.
    """
    event = read(connection, number)
    if event is None or event.erased:
        raise _nothing(number)
    if event.body.get(_OF_ACCOUNT.get(event.kind, "")) == account:
        return None
    if event.kind in _OF_EVERYBODY or event.kind.startswith("program."):
        return ()
    if event.kind == "terms.notice" and _is_told(connection, account, number):
        return {account}
    recordings = _own(connection, account, _named(event))
    if not recordings:
        raise _nothing(number)
    # a list of holders names others, too
    return {*recordings, account}


def _named(event: Event) -> list[str]:
    if event.kind == "use":
        return [it[0] for it in event.body["counts"] if not isinstance(it, str)]
    named = event.body.get(_OF_RECORDING.get(event.kind, ""))
    return [named] if isinstance(named, str) else []


def _is_told(connection: Connection, account: str, number: int) -> bool:
    told = tables.told.c
    query = select(told.notice).where(told.account == account, told.notice == number)
    return connection.execute(query).first() is not None


_AT_ONCE = 5_000


def _own(connection: Connection, account: str, named: list[str]) -> set[str]:
    holdings = tables.holdings.c
    found: set[str] = set()
    for low in range(0, len(named), _AT_ONCE):
        query = select(holdings.recording).where(
            holdings.holder == account, holdings.recording.in_(named[low : low + _AT_ONCE])
        )
        found |= set(connection.execute(query).scalars())
    return found


def _nothing(number: int) -> Unknown:
    return Unknown(f"there is no receipt {number} of yours", event=number)
