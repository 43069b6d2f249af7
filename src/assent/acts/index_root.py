"""The act of the index: the root over the latest word on every recording goes on record.

From it, "this is the latest word on this recording" can be proved to its creator, and to nobody
who was not given the handle. What the paths are made from is kept for the newest roots.
"""

import json
from pathlib import Path

import numpy as np
from sqlalchemy import select

from assent.acts.expire import expire
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.receipts import receipt
from assent.catalogue import tables
from assent.catalogue.events import Event, head, read
from assent.catalogue.states import states
from assent.errors import Stale, Tampered, Unknown
from assent.log.leaf import handle_of, sealed_value, state_key
from assent.log.prefix import PrefixTree
from assent.log.prefix_file import drop_trees, load_tree, save_tree

__all__ = ["index_root", "prove_word"]

_KEPT = 3
_TRIES = 5
_QUIET = ("index.root", "key.retire", "key.rotate", "training-set", "use", "use.journals")
"""Kinds of events that change no word."""


def index_root(house: House) -> Event | None:
    """Put the root over the latest words on record; None where none has changed since the last.

    Raises:
        StorageFailed: The disk refused.
    """
    expire(house)
    if _last_root(house) is not None and not _changed(house):
        return None
    with house.reading() as connection:
        at = head(connection)
        found = list(states(connection))
    keyed = [handle_of(state.opening) for state in found]
    keys = _rows(b"".join(map(state_key, keyed)))
    values = _rows(
        b"".join(
            sealed_value(handle, state.said) for handle, state in zip(keyed, found, strict=True)
        )
    )
    root = PrefixTree.build(keys, values).root.hex()
    with house.act("index") as act:
        event = act.record("index.root", {"head": at, "n": len(found), "root": root})
        save_tree(_file(house, event.number), keys, values)
    drop_trees(_folder(house), _KEPT)
    return event


def _rows(data: bytes) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    return np.frombuffer(data, np.uint8).reshape(-1, 32)


def _folder(house: House) -> Path:
    return house.settings.kept / "words"


def _file(house: House, event: int) -> Path:
    return _folder(house) / f"{event}.npy"


def _last_root(house: House) -> Event | None:
    """Return the newest root whose tree is kept."""
    events = tables.events.c
    query = select(events.number).where(events.kind == "index.root")
    with house.reading() as connection:
        number = connection.execute(
            query.order_by(events.number.desc()).limit(1)
        ).scalar_one_or_none()
        event = None if number is None else read(connection, number)
    return event if event is not None and _file(house, event.number).exists() else None


def _changed(house: House) -> bool:
    """Say whether anything has happened since the last root that may have changed a word."""
    events, last = tables.events.c, _last_root(house)
    query = select(events.number).where(
        events.number > (last.body["head"] if last else 0), events.kind.not_in(_QUIET)
    )
    with house.reading() as connection:
        return connection.execute(query.limit(1)).first() is not None


def prove_word(house: House, logs: Logs, recording: str) -> bytes:
    """Return the proof of the latest word on a recording, as of now: a `.tlog-proof`.

    Raises:
        Unknown: There is no such recording.
        Stale: Words change faster than they can be proved.
        Tampered: What is kept of the newest root is not what was put on record.
    """
    for _ in range(_TRIES):
        index_root(house)
        root = _last_root(house)
        with house.reading() as connection:
            state = next(states(connection, recording), None)
        if state is None:
            raise Unknown(f"there is no recording {recording!r}", recording=recording)
        if root is None:
            continue
        handle = handle_of(state.opening)
        tree = load_tree(_file(house, root.number))
        if tree.root.hex() != root.body["root"]:
            raise Tampered(
                f"what is kept of the words as of event {root.number} is not what was put on"
                f" record; remove {_file(house, root.number).name}, and a new root is made"
            )
        path = tree.path(state_key(handle))
        if path.found != (state_key(handle), sealed_value(handle, state.said)):
            continue  # something happened in between
        logs.publish()
        registration = receipt(house, logs.consent, state.event, show=())
        claim = {
            "claim": "state",
            "path": path.as_json(),
            "registration": registration.decode(),
            "value": json.loads(state.said),
        }
        return receipt(house, logs.index, root.number, more={"prefix": claim})
    raise Stale("the word changes faster than it can be proved; ask again")
