"""Receipts: one small file with which anybody can check that something was said, and what.

A receipt of an event is a `.tlog-proof` (docs/log.md): the record and its opening, the proof that
its entry is in the log, and the signed checkpoint. Of an event that was erased, only its entry is
left to show. Changes nothing.
"""

import json
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

import rfc8785
from sqlalchemy import select

from assent.acts.house import House
from assent.acts.logs import Head, Log
from assent.catalogue import tables
from assent.catalogue.events import read
from assent.errors import BadInput, Unknown
from assent.log.leaf import author_mac, element_tree, is_erased_author, record
from assent.log.proof import ProofWriter
from assent.log.tree import prove_inclusion, prove_range

__all__ = ["Named", "NoReceiptYet", "named_by", "receipt", "receipts"]

Row = Any
"""A row of `events`; SQLAlchemy's rows carry no column types."""


_AT_ONCE = 1_000
_MOST_SHOWN = 1 << 19
"""In base64, and with a record beside it, still less than a checker takes [bytes]."""


class NoReceiptYet(Unknown):
    """It happened, and was not published yet."""


def receipt(
    house: House,
    log: Log,
    number: int,
    *,
    head: Head | None = None,
    show: Collection[str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the receipt of an event.

    Args:
        house: The platform.
        log: In which of its logs.
        number: The event's number.
        head: Under which checkpoint; the newest if None.
        show: Whose parts of it are shown, where it lists several people's: ids of recordings and
            holders. If None, all; but none of what lists more than a receipt can show.
        more: What else `extra` says, under names between "opening" and "record".

    Raises:
        NoReceiptYet: It is not under that checkpoint.
        Unknown: There is no such event, or it has no place in that log.
        BadInput: What is to be shown is more than a receipt can show.
    """
    head = head or log.head()
    index = log.ledger.index_of(number)
    if index is None or index >= head.checkpoint.size:
        with house.reading() as connection:
            query = select(tables.events.c.kind).where(tables.events.c.number == number)
            if connection.execute(query).first() is None:
                raise Unknown(f"there is no event {number}", event=number)
        raise NoReceiptYet(f"event {number} is not in the published log {log.name!r}", event=number)
    with house.reading() as connection:
        query = select(tables.events).where(tables.events.c.number == number)
        row = connection.execute(query).one()
    extra = _extra(log, row, index, show, more)
    return ProofWriter(head.note).format(index, head.prove(index), extra)


def receipts(house: House, consent: Log, numbers: range) -> Iterator[bytes]:
    """Yield the receipts of a run of events in the log of all events, made together.

    Args:
        house: The platform.
        consent: The log that holds every event, so that event `n` is entry `n - 1`.
        numbers: The events' numbers, one after the other.

    Raises:
        NoReceiptYet: Some are not published.
    """
    head = consent.head()
    if numbers.stop - 1 > head.checkpoint.size:
        raise NoReceiptYet("some of these events are not in the published log")
    proofs = prove_range(numbers.start - 1, numbers.stop - 1, head.checkpoint.size, head.tiles)
    query, written = select(tables.events).order_by(tables.events.c.number), ProofWriter(head.note)
    for low in range(numbers.start, numbers.stop, _AT_ONCE):
        high = min(low + _AT_ONCE, numbers.stop)
        wanted = tables.events.c.number.between(low, high - 1)
        with house.reading() as connection:
            rows = connection.execute(query.where(wanted)).all()
        for row, hashes in zip(rows, islice(proofs, high - low), strict=True):
            index = row.number - 1
            yield written.format(index, hashes, _extra(consent, row, index, None, None))


class Named(NamedTuple):
    """What an event names by an id alone.

    Args:
        id: The id.
        name: What it is called.
        event: Number of the event whose receipt shows that.
    """

    id: str
    name: str
    event: int


def named_by(house: House, number: int) -> tuple[Named, ...]:
    """Return what an event names by ids alone: a holder, an account, a recording.

    Args:
        house: The platform.
        number: The event's number; none of that number names nothing.
    """
    accounts, recordings = tables.accounts.c, tables.recordings.c
    with house.reading() as connection:
        event = read(connection, number)
        body = event.body if event is not None else {}
        ids = {body.get(name) for name in ("account", "holder", "recording")} - {None}
        queries = (
            select(accounts.id, accounts.name, accounts.event).where(accounts.id.in_(ids)),
            select(recordings.id, recordings.title, recordings.event).where(recordings.id.in_(ids)),
        )
        found = [Named(*row) for query in queries for row in connection.execute(query)]
    return tuple(one for one in found if one.event != number)


def _extra(
    log: Log,
    row: Row,
    index: int,
    show: Collection[str] | None,
    more: Mapping[str, Any] | None,
) -> bytes:
    """Return what a receipt says of an event: all that is needed to make its entry again."""
    if row.opening is None:
        (entry,) = log.ledger.entries(index, index + 1)
        return b'{"entry":%b}' % entry
    by = author_mac(row.opening, row.by)
    said = record(number=row.number, kind=row.kind, at=row.at, by=by, body=row.body)
    shown = [b'"by":' + json.dumps(row.by, ensure_ascii=False).encode()] if show is None else []
    if is_erased_author(row.by):
        shown = []
    if '"counts":' in row.body or '"holders":' in row.body:
        lists = list(_lists(json.loads(row.body), show))
        if sum(map(len, lists)) <= _MOST_SHOWN:
            shown += lists
        elif show is not None:
            raise BadInput(
                "that is more than one receipt can show; ask for a part", event=row.number
            )
    # canonical already: names in order, each part as it is
    parts = [b'"opening":"%b"' % b64encode(row.opening)]
    if more:
        parts.append(rfc8785.dumps({**more})[1:-1])
    parts += [b'"record":%b' % said, b'"shown":{%b}' % b",".join(shown)]
    return b"{%b}" % b",".join(parts)


def _lists(body: Mapping[str, Any], show: Collection[str] | None) -> Iterator[bytes]:
    """Yield what is shown of the lists of several people's, each as a field of JSON."""
    for name in ("counts", "holders"):
        if isinstance(body.get(name), list):
            yield b'"%b":%b' % (name.encode(), rfc8785.dumps(_shown(body[name], show)))


def _shown(elements: list[Any], show: Collection[str] | None) -> list[dict[str, Any]]:
    """Return some of a list's elements, each with its path in the list's own tree."""
    size, tree = len(elements), element_tree(elements)
    return [
        {
            "index": index,
            "entry": element,
            "path": [beside.hex() for beside in prove_inclusion(index, size, tree)],
        }
        for index, element in enumerate(elements)
        if not isinstance(element, str) and (show is None or _names(element) & set(show))
    ]


def _names(element: Any) -> set[str]:
    """Return whose an element is: a recording's or a holder's."""
    return {element["holder"]} if isinstance(element, dict) else {element[0]}
