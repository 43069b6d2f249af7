"""The members of a training set as a prefix tree: each can be proved, and so can an absence.

Made from the manifest before any audio is read; its root goes on record with the set. Keys, values
and the manifest are kept with the platform, because proofs are asked for long after the set went
away. Neither key nor value says anything to whoever has not been given the recording's handle.
"""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import rfc8785
from sqlalchemy import Connection, select

from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.receipts import receipt
from assent.catalogue import tables
from assent.catalogue.states import openings, states
from assent.disk import replace_file, storage
from assent.errors import BadInput, Tampered, Unknown
from assent.log.leaf import handle_of, sealed_value, set_key
from assent.log.prefix import PrefixTree
from assent.log.prefix_file import load_tree, save_tree
from assent.training.item import Item
from assent.training.listing import TrainingSet, find_set
from assent.training.manifest import opened

__all__ = ["item_json", "keep", "kept_manifest", "kept_tree", "member_tree", "prove_member"]

_AT_ONCE = 500
_SIZE = 32


def item_json(item: Item) -> dict[str, Any]:
    """Return what the tree holds of an item, as JSON."""
    said = asdict(item)
    said["grounds"] = [
        {**ground, "events": list(ground["events"]), "uses": list(ground["uses"])}
        for ground in said["grounds"]
    ]
    return said


def member_tree(
    connection: Connection, digest: str, manifest: Path
) -> tuple[PrefixTree, "_Columns"]:
    """Return the tree over a manifest's items, and its keys and values.

    Args:
        connection: Where the catalogue is read as the selection read it.
        digest: SHA-256 of the manifest [64 hexadecimal digits].
        manifest: The manifest.

    Raises:
        Tampered: The catalogue lacks a recording that the manifest names.
    """
    keys, values = bytearray(), bytearray()
    with opened(manifest) as whole:
        for item, opening in _opened(connection, whole.items()):
            handle = handle_of(opening)
            keys += set_key(handle, digest)
            values += sealed_value(handle, rfc8785.dumps(item_json(item)))
    columns = _Columns(keys, values)
    return PrefixTree.build(columns.keys, columns.values), columns


class _Columns:
    """Keys and values of a tree.

    Args:
        keys: One after the other [32 bytes each].
        values: Likewise.
    """

    def __init__(self, keys: bytearray, values: bytearray) -> None:
        self.keys = np.frombuffer(keys, np.uint8).reshape(-1, _SIZE)
        self.values = np.frombuffer(values, np.uint8).reshape(-1, _SIZE)


def _opened(connection: Connection, items: Iterator[Item]) -> Iterator[tuple[Item, bytes]]:
    """Yield items with the openings of their registrations."""
    while some := list(islice(items, _AT_ONCE)):
        found = openings(connection, [item.number for item in some])
        for item in some:
            if item.number not in found:
                raise Tampered(f"the catalogue lacks {item.recording}; run assent doctor")
            yield item, found[item.number]


def _folder(house: House, digest: str) -> Path:
    return house.settings.kept / "sets" / digest


def keep(house: House, digest: str, manifest: Path, columns: _Columns) -> None:
    """Keep what proofs about a set are made from.

    Raises:
        StorageFailed: The disk refused.
    """
    folder = _folder(house, digest)
    save_tree(folder / "tree.npy", columns.keys, columns.values)
    with storage("keep the manifest", folder):
        replace_file(folder / "manifest.parquet", manifest.read_bytes())


def kept_tree(house: House, digest: str) -> PrefixTree:
    """Return the tree of a set by its manifest's digest.

    Raises:
        Unknown: It was not kept.
        Tampered: It is not what was kept.
    """
    return load_tree(_folder(house, digest) / "tree.npy")


def kept_manifest(house: House, digest: str) -> Path:
    """Return where the manifest of a set is kept."""
    return _folder(house, digest) / "manifest.parquet"


def prove_member(house: House, logs: Logs, training_set: str, recording: str) -> bytes:
    """Return the proof that a recording is, or is not, in a training set: a `.tlog-proof`.

    It shows nothing of any other recording.

    Raises:
        Unknown: There is no such set or recording, what is asked for was not published yet, or what
            the set says of the recording was of somebody, too, who was erased since.
        Tampered: What was kept is not what was put on record.
    """
    found = find_set(house, training_set)
    with house.reading() as connection:
        state = next(states(connection, recording), None)
    if state is None:
        raise Unknown(f"there is no recording {recording!r}", recording=recording)
    tree = kept_tree(house, found.manifest)
    if tree.root.hex() != found.root:
        raise Tampered(f"what was kept of {training_set} is not what was put on record")
    handle = handle_of(state.opening)
    key = set_key(handle, found.manifest)
    path = tree.path(key)
    present = path.found is not None and path.found[0] == key
    claim: dict[str, object] = {
        "claim": "member" if present else "absent",
        "path": path.as_json(),
        "registration": receipt(house, logs.consent, state.event, show=()).decode(),
    }
    if path.found is not None and present:
        said = _item(house, found, recording)
        if sealed_value(handle, rfc8785.dumps(said)) != path.found[1]:
            raise Tampered(f"what was kept of {recording} is not what was put on record")
        claim["value"] = said
    return receipt(house, logs.index, found.event, more={"prefix": claim})


def _item(house: House, of: TrainingSet, recording: str) -> dict[str, Any]:
    try:
        with opened(kept_manifest(house, of.manifest)) as manifest:
            for item in manifest.items():
                if item.recording == recording:
                    return item_json(item)
    except BadInput as error:
        raise Tampered(f"what was kept of {of.id} cannot be read") from error
    if _somebody_left(house, of.event):
        raise Unknown(
            f"what {of.id} says of {recording} was of somebody, too, who was erased since; the"
            " proofs of it that were given out hold",
            recording=recording,
        )
    raise Tampered(f"what was kept of the set lacks {recording}")


def _somebody_left(house: House, since: int) -> bool:
    events = tables.events.c
    query = select(events.number).where(events.number > since, events.kind == "erasure")
    with house.reading() as connection:
        return connection.execute(query.limit(1)).first() is not None
