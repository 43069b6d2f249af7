"""Who of the staff did what, when and why: read from events, the newest first.

What a machine did in somebody's name (holds that come with an upload, words that time changed) is
no act of staff, and neither is what holders say of their own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from assent.acts.copies import SEVERAL, UNSEEN
from assent.catalogue import tables
from assent.catalogue.events import Body, Event
from assent.catalogue.events import read as read_event
from assent.catalogue.names import folded
from assent.catalogue.site_tables import members
from assent.catalogue.watched import WATCHED
from assent.clock import format_instant

__all__ = ["KINDS", "Trace", "staff_trail", "trace_of"]

KINDS: Mapping[str, str] = {
    "staff": "looked after people or the site",
    "program.propose": "proposed a program",
    "program.approve": "approved a program",
    "program.suspend": "stopped a program",
    "program.resume": "let a program go on",
    "program.end": "ended a program",
    "request": "asked on behalf of a program",
    "request.withdraw": "took a request back",
    "hold": "set a hold",
    "hold.lift": "released a hold",
    "copy.decide": "decided a case",
    "copies.clear": "cleared a watched account",
    "agreement": "made an agreement",
    "terms.draft": "drafted terms",
    "terms.publish": "put terms in force",
    "terms.withdraw": "withdrew a draft of terms",
    "training-set": "cut a training set",
    "key.rotate": "changed a key of the log",
    "key.retire": "retired a key of the log",
}
"""The kinds of events that are acts of staff, and what each is in words."""

_STAFF = frozenset({"reviewer", "operator", "auditor"})
_OWN = frozenset({"listener", "artist", "label"})
_OF_MACHINES = frozenset({SEVERAL, UNSEEN, WATCHED})
"""The causes of holds that come with an upload or a finding."""
_MACHINES = frozenset({"clock", "gate", "house"})
"""Under these names the platform acts by itself."""
_STAFF_WORDS = {
    "invite": "gave a sign-in as",
    "role": "changed a role to",
    "shut": "shut the sign-in of",
    "reopen": "opened again the sign-in of",
    "code": "made a code to sign in for",
    "hear": "listened to what is not public",
    "hide a comment": "hid a comment",
}
"""What an act of staff that no other event tells is in words."""
_ROUNDS = 20
"""How often a page is filled up where what was read was mostly no act of staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What somebody of the staff did.

    Args:
        event: Number of the event.
        at: When, as text.
        by: Who, by name.
        role: As what they sign in; `by itself` for the platform, empty on the command line.
        kind: The kind of the event.
        words: What they did, in words.
        about: About whom or what: an account, a recording, a program, a text.
        cause: Why; empty where nothing was said.
    """

    event: int
    at: str
    by: str
    role: str
    kind: str
    words: str
    about: str
    cause: str


def staff_trail(
    connection: Connection,
    most: int,
    *,
    before: int | None = None,
    by: str = "",
    kind: str = "",
) -> list[Trace]:
    """Return what the staff did, the newest first.

    Args:
        connection: Where the catalogue is read.
        most: How many at most.
        before: Only events with smaller numbers.
        by: Only what this person did, by name in any spelling.
        kind: Only events of this kind; of every kind in `KINDS` if empty.
    """
    roles: dict[str, str] = {}
    found: list[Trace] = []
    for event in _events(connection, most, before, [kind] if kind else list(KINDS)):
        if by and folded(event.by) != folded(by):
            continue
        trace = _trace(connection, event, roles)
        if trace is not None:
            found.append(trace)
            if len(found) == most:
                break
    return found


def trace_of(connection: Connection, number: int) -> Trace | None:
    """Return what somebody of the staff did by an event; None where it is no act of staff."""
    event = read_event(connection, number)
    if event is None or event.erased or event.kind not in KINDS:
        return None
    return _trace(connection, event, {})


def _events(
    connection: Connection, most: int, before: int | None, kinds: list[str]
) -> Iterator[Event]:
    """Give events of some kinds, the newest first, each kind by the index."""
    events = tables.events.c
    for _ in range(_ROUNDS):
        numbers: list[int] = []
        for kind in kinds:
            query = select(events.number).where(events.kind == kind)
            if before is not None:
                query = query.where(events.number < before)
            query = query.order_by(events.number.desc()).limit(most)
            numbers += connection.execute(query).scalars()
        numbers.sort(reverse=True)
        # beyond these, a kind that was cut short might have others between
        for number in numbers[:most]:
            event = read_event(connection, number)
            if event is not None and not event.erased:
                yield event
        if len(numbers) < most:
            return
        before = numbers[:most][-1]


def _trace(connection: Connection, event: Event, roles: dict[str, str]) -> Trace | None:
    if event.by not in roles:
        roles[event.by] = _role(connection, event.by)
    role, body = roles[event.by], event.body
    if role in _OWN and event.kind != "staff":
        return None
    cause = str(body.get("cause") or "")
    if event.kind == "hold" and cause in _OF_MACHINES:
        return None
    words = KINDS[event.kind]
    if event.kind == "staff":
        said = _STAFF_WORDS.get(body["act"], body["act"])
        words = " ".join(part for part in (said, body["what"]) if part)
    return Trace(
        event=event.number,
        at=format_instant(event.at),
        by=event.by,
        role="by itself" if event.by in _MACHINES else role if role in _STAFF else "",
        kind=event.kind,
        words=words,
        about=_about(connection, body),
        cause=cause,
    )


def _role(connection: Connection, name: str) -> str:
    """Return as what somebody of a name signs in; empty where nobody does."""
    accounts = tables.accounts.c
    query = (
        select(members.c.role)
        .join(tables.accounts, accounts.id == members.c.account)
        .where(accounts.folded == folded(name))
    )
    return connection.execute(query).scalar_one_or_none() or ""


_NAMED = ("recording", "id", "program", "vkey", "request")
"""The fields that say what an event is about, the plainest first."""


def _about(connection: Connection, body: Body) -> str:
    account = body.get("account")
    if account:
        query = select(tables.accounts.c.name).where(tables.accounts.c.id == account)
        return connection.execute(query).scalar_one_or_none() or str(account)
    if body.get("original"):
        return f"{body['recording']} and {body['original']}"
    return next((str(body[name]) for name in _NAMED if body.get(name)), "")
