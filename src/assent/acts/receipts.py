"""Receipts: one small file with which anybody can check that something was said, and what.

A receipt of an event is a `.tlog-proof` (docs/log.md): the record and its opening, the proof that
its entry is in the log, and the signed checkpoint. Of an event that was erased, only its entry is
left to show. Changes nothing.
"""

import json
from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Any

import rfc8785
from sqlalchemy import select

from assent.acts.house import House
from assent.acts.logs import Head, Log
from assent.catalogue import tables
from assent.errors import Unknown
from assent.log.leaf import author_mac, by_mac, committed, element_tree
from assent.log.proof import Proof, format_proof
from assent.log.tree import prove_inclusion

__all__ = ["NoReceiptYet", "extra_of", "receipt"]

Row = Any
"""A row of `events`; SQLAlchemy's rows carry no column types."""


class NoReceiptYet(Unknown):
    """It happened, and was not published yet."""


def receipt(
    house: House,
    log: Log,
    number: int,
    *,
    head: Head | None = None,
    show: Collection[str] | None = None,
    more: Mapping[str, object] | None = None,
) -> bytes:
    """Return the receipt of an event.

    Args:
        house: The platform.
        log: In which of its logs.
        number: The event's number.
        head: Under which checkpoint; the newest if None.
        show: Whose parts of it are shown, where it lists several people's: names of recordings
            and holders; all if None.
        more: What else `extra` says.

    Raises:
        NoReceiptYet: It is not under that checkpoint.
        Unknown: There is no such event, or it has no place in that log.
    """
    head = head or log.head()
    index = log.ledger.index_of(number)
    if index is None or index >= head.checkpoint.size:
        with house.reading() as connection:
            query = select(tables.events.c.kind).where(tables.events.c.number == number)
            if connection.execute(query).first() is None:
                raise Unknown(f"there is no event {number}", event=number)
        raise NoReceiptYet(f"event {number} is not in the published log {log.name!r}", event=number)
    extra = {**extra_of(house, log, number, index, show), **(more or {})}
    return format_proof(
        Proof(
            index=index,
            hashes=head.prove(index),
            checkpoint=head.note,
            extra=rfc8785.dumps(extra),
        )
    )


def extra_of(
    house: House, log: Log, number: int, index: int, show: Collection[str] | None
) -> dict[str, Any]:
    """Return what a receipt says of an event: all that is needed to make its entry again."""
    with house.reading() as connection:
        row = connection.execute(
            select(tables.events).where(tables.events.c.number == number)
        ).one()
    if row.opening is None:
        (entry,) = log.ledger.entries(index, index + 1)
        return {"entry": json.loads(entry)}
    body = json.loads(row.body)
    record = {
        "at": row.at,
        "body": committed(row.kind, body),
        "by": author_mac(row.opening, row.by),
        "kind": row.kind,
        "number": row.number,
    }
    whole = show is None and record["by"] == by_mac(row.opening, row.by)  # else it was erased
    shown: dict[str, Any] = {"by": row.by} if whole else {}
    for name in ("counts", "holders"):
        if isinstance(body.get(name), list):
            shown[name] = _shown(body[name], show)
    opening = b64encode(row.opening).decode()
    return {"opening": opening, "record": record, "shown": shown}


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
