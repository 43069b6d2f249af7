"""`items.jsonl` and `recordings.jsonl`: a line for each member, in the order of their keys.

They are written by number first, as the manifest has them, and then put into the order in which
the root is made anew, so memory holds a few numbers for each member and no more.
"""

from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import rfc8785
from sqlalchemy import Connection, func, select

from assent.acts.house import House
from assent.acts.logs import Head, Logs
from assent.acts.receipts import receipt
from assent.catalogue import tables
from assent.catalogue.states import openings
from assent.clock import parse_instant
from assent.errors import Tampered
from assent.log.leaf import handle_of, sealed_value, set_key
from assent.log.prefix_rows import as_rows, order
from assent.training.evidence_files import ITEMS, RECORDINGS
from assent.training.evidence_proofs import join_line, shortened
from assent.training.evidence_sources import Source, Sources
from assent.training.evidence_words import Tally
from assent.training.item import Item
from assent.training.listing import TrainingSet
from assent.training.manifest import opened
from assent.training.members import item_json, kept_manifest, kept_tree

__all__ = ["Lines", "write_lines"]

_AT_ONCE = 500
Rows = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What was written.

    Args:
        items: How many members have a line with an item.
        erased: How many have one without.
        shared: Numbers of the events that the items stand on and that are not in their lines.
        tally: What the items come to.
    """

    items: int
    erased: int
    shared: frozenset[int]
    tally: Tally


@dataclass(slots=True)
class _Pass:
    """One pass over the items that are left."""

    house: House
    logs: Logs
    head: Head
    found: TrainingSet
    sources: Sources
    tally: Tally
    keys: bytearray
    places: "array[int]"

    def write(self, connection: Connection, items: BinaryIO, recordings: BinaryIO) -> None:
        kept = kept_manifest(self.house, self.found.manifest)
        if not kept.exists():  # an erasure removes one of which nobody can tell whom it names
            return
        with opened(kept) as manifest:
            every = manifest.items()
            while some := list(islice(every, _AT_ONCE)):
                handles = openings(connection, [item.number for item in some])
                for item in some:
                    if item.number not in handles:
                        raise Tampered(f"the catalogue lacks {item.recording}; run assent doctor")
                self._note_registrations(connection, [item.number for item in some])
                for item, own in zip(some, self.sources.of(some), strict=True):
                    self.places.extend((items.tell(), recordings.tell()))
                    items.write(self._item(item, handles[item.number]))
                    recordings.write(join_line(self._proofs(own)) + b"\n")

    def _note_registrations(self, connection: Connection, numbers: list[int]) -> None:
        recordings, events = tables.recordings.c, tables.events.c
        query = (
            select(func.min(events.at), func.max(events.at))
            .join(tables.recordings, recordings.event == events.number)
            .where(recordings.number.in_(numbers))
        )
        for at in connection.execute(query).one():
            self.tally.registered(parse_instant(at))

    def _item(self, item: Item, opening: bytes) -> bytes:
        handle, said = handle_of(opening), rfc8785.dumps(item_json(item))
        key, value = set_key(handle, self.found.manifest), sealed_value(handle, said)
        self.keys += key
        self.tally.add(item)
        return _line(said, key, value)

    def _proofs(self, own: list[Source]) -> Iterator[bytes]:
        for number, holders in own:
            proof = receipt(self.house, self.logs.consent, number, head=self.head, show=holders)
            yield shortened(proof)


def _line(said: bytes, key: bytes, value: bytes) -> bytes:
    # canonical already: names in order, and the item is canonical itself
    return b'{"item":%b,"key":"%b","value":"%b"}\n' % (
        said,
        key.hex().encode(),
        value.hex().encode(),
    )


def write_lines(house: House, logs: Logs, head: Head, found: TrainingSet, folder: Path) -> Lines:
    """Write both files.

    Args:
        house: The platform.
        logs: Its logs.
        head: Under which checkpoint of the log of all events.
        found: The set.
        folder: Where to write them.

    Raises:
        Tampered: What was kept is not what was put on record.
        Unknown: It was not kept.
    """
    pairs = _pairs(house, found)
    with house.reading() as connection:
        run = _Pass(
            house=house,
            logs=logs,
            head=head,
            found=found,
            sources=Sources(connection, found.program, found.head),
            tally=Tally(),
            keys=bytearray(),
            places=array("q"),
        )
        unsorted = [folder / f"{name}.unsorted" for name in (ITEMS, RECORDINGS)]
        with ExitStack() as stack:
            run.write(connection, *(stack.enter_context(path.open("xb")) for path in unsorted))
    erased = _sort(run, pairs, unsorted, folder)
    for path in unsorted:
        path.unlink()
    return Lines(
        items=run.tally.items,
        erased=erased,
        shared=frozenset(run.sources.shared),
        tally=run.tally,
    )


def _pairs(house: House, found: TrainingSet) -> npt.NDArray[np.uint8]:
    """Return keys and values of the set's tree, by rising key [shape=(n, 2, 32)]."""
    tree = kept_tree(house, found.manifest)
    if tree.root.hex() != found.root:
        raise Tampered(f"what was kept of {found.id} is not what was put on record")
    file = kept_manifest(house, found.manifest).with_name("tree.npy")
    pairs: Rows = np.load(file, mmap_mode="r", allow_pickle=False)
    return pairs


def _sort(run: _Pass, pairs: Rows, unsorted: list[Path], folder: Path) -> int:
    """Write the lines by rising key, and empty ones for members that are not known any more."""
    mine = as_rows(run.keys)
    keys = np.ascontiguousarray(pairs[:, 0])
    waiting, erased = iter(order(mine).tolist()), 0
    place = next(waiting, None)
    with ExitStack() as stack:
        items, recordings = (stack.enter_context(path.open("rb")) for path in unsorted)
        into = [stack.enter_context((folder / name).open("xb")) for name in (ITEMS, RECORDINGS)]
        for row in order(keys).tolist():
            key = keys[row].tobytes()
            if place is not None and mine[place].tobytes() == key:
                for file, out, at in zip(
                    (items, recordings), into, run.places[2 * place : 2 * place + 2], strict=True
                ):
                    file.seek(at)
                    out.write(file.readline())
                place = next(waiting, None)
            else:
                into[0].write(_line(b"null", key, pairs[row, 1].tobytes()))
                into[1].write(b"[]\n")
                erased += 1
    if place is not None:
        raise Tampered(f"what was kept of {run.found.id} is not what was put on record")
    return erased
