"""The manifest: what a training set was permitted to hold and why, as one Parquet file.

One row for each recording, by rising number; the columns are those of `SCHEMA`. The footer's
metadata says what was asked: format, program, uses, territories, head, version of the register.
Equal input gives equal bytes (with one version of the writing library): no instants, no
statistics that depend on anything but the rows, fixed row groups.

Invariant: what `write` wrote, `read` gives back; anything else is `BadInput`, never half an answer.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assent.errors import BadInput
from assent.permission.uses import REGISTER_VERSION
from assent.training.item import Ground, Item, file_number

__all__ = ["SCHEMA", "Heading", "Manifest", "opened", "write"]

_FORMAT = "assent-manifest/1"
_GROUP_ROWS = 4096
_MOST_GROUP_BYTES = 1 << 28
"""A row group that claims more than this is not ours."""
_BATCH_ROWS = 512

_GROUND = pa.struct(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("recording", pa.string(), nullable=False),
        pa.field("holder", pa.string()),
        pa.field("name", pa.string()),
        pa.field("role", pa.string()),
        pa.field("text", pa.string()),
        pa.field("events", pa.list_(pa.int64()), nullable=False),
        pa.field("uses", pa.list_(pa.string()), nullable=False),
    ]
)

SCHEMA = pa.schema(
    [
        pa.field("recording", pa.string(), nullable=False),
        pa.field("number", pa.int64(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("artist", pa.string(), nullable=False),
        pa.field("file", pa.string(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("audio_digest", pa.string(), nullable=False),
        pa.field("size_bytes", pa.int64(), nullable=False),
        pa.field("frames", pa.int64(), nullable=False),
        pa.field("sr", pa.int64(), nullable=False),
        pa.field("channels", pa.int64(), nullable=False),
        pa.field("codec", pa.string(), nullable=False),
        pa.field("licence", pa.string(), nullable=False),
        pa.field("grounds", pa.list_(_GROUND), nullable=False),
        pa.field("head", pa.int64(), nullable=False),
        pa.field("program", pa.string(), nullable=False),
    ]
)
"""The columns. `frames`, `sr` and `channels` are of the decoded sound; digests are SHA-256 in hex;
`grounds` are `item.Ground`; `head` and `program` are the same in every row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a manifest says of the whole set.

    Args:
        program: For which program.
        uses: What it asked for, by name.
        territories: Where it uses what it gets, parted by spaces.
        head: Number of the last event that the selection knows of.
        register: Version of the register that the uses are from.
    """

    program: str
    uses: tuple[str, ...]
    territories: str
    head: int
    register: int = REGISTER_VERSION


def write(path: Path, heading: Heading, items: Iterable[Item]) -> int:
    """Write a manifest in flat memory, so that it lasts; return how many items it has.

    Raises:
        OSError: It cannot be written.
    """
    metadata = {
        b"assent.format": _FORMAT.encode(),
        b"assent.heading": json.dumps(asdict(heading), sort_keys=True).encode(),
    }
    rows = ({**asdict(item), "head": heading.head, "program": heading.program} for item in items)
    count = 0
    with path.open("xb") as file:
        with pq.ParquetWriter(
            file,
            SCHEMA,
            version="2.6",
            compression="zstd",
            compression_level=3,
            store_schema=False,
            write_page_checksum=True,
        ) as writer:
            writer.add_key_value_metadata(metadata)
            while group := list(islice(rows, _GROUP_ROWS)):
                writer.write_table(pa.Table.from_pylist(group, SCHEMA))
                count += len(group)
        file.flush()
        os.fsync(file.fileno())
    return count


@dataclass(frozen=True, slots=True)
class Manifest:
    """An open manifest.

    Args:
        heading: What it says of the whole set.
        count: How many items it says it has.
    """

    heading: Heading
    count: int
    _file: Any  # pyarrow ships no types

    def items(self) -> Iterator[Item]:
        """Yield the items by rising number, in flat memory.

        Raises:
            BadInput: A row is not what a manifest has.
        """
        last = -1
        with _understood():
            for batch in self._file.iter_batches(batch_size=_BATCH_ROWS):
                for row in batch.to_pylist():
                    item = self._item(row)
                    if item.number <= last:
                        raise BadInput("the manifest does not name its recordings by rising number")
                    last = item.number
                    yield item

    def _item(self, row: dict[str, Any]) -> Item:  # a row as Parquet gives it
        if (row.pop("head"), row.pop("program")) != (self.heading.head, self.heading.program):
            raise BadInput("the manifest's rows are not of the program and head that it names")
        grounds = row.pop("grounds")
        item = Item(**row, grounds=tuple(_ground(ground) for ground in grounds))
        if item.recording != f"r{item.number}" or file_number(item.file) != item.number:
            raise BadInput("the manifest gives a recording a number or a file that is not its own")
        if not item.grounds or min(item.size_bytes, item.frames, item.sr, item.channels) < 1:
            raise BadInput(f"the manifest names {item.recording} without grounds or without sound")
        return item


def _ground(row: dict[str, Any]) -> Ground:  # a struct as Parquet gives it
    return Ground(**{**row, "events": tuple(row["events"]), "uses": tuple(row["uses"])})


@contextmanager
def opened(path: Path) -> Iterator[Manifest]:
    """Open a manifest for one pass over its items.

    Raises:
        BadInput: It is not there, or is no manifest of this format.
    """
    with _understood():
        file = pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False)
    with file:
        with _understood():
            heading = _heading(file)
        yield Manifest(heading, file.metadata.num_rows, file)


def _heading(file: Any) -> Heading:  # pyarrow ships no types
    said = file.metadata.metadata or {}
    if said.get(b"assent.format") != _FORMAT.encode():
        raise BadInput(f"the manifest is not of the format {_FORMAT}")
    if not file.schema_arrow.remove_metadata().equals(SCHEMA):
        raise BadInput("the manifest has other columns than a manifest has")
    for group in range(file.metadata.num_row_groups):
        kept = file.metadata.row_group(group)
        if kept.num_rows > _GROUP_ROWS or kept.total_byte_size > _MOST_GROUP_BYTES:
            raise BadInput("the manifest has row groups larger than a manifest has")
    fields = json.loads(said[b"assent.heading"])
    heading = Heading(**{**fields, "uses": tuple(fields["uses"])})
    kinds = (heading.program, heading.territories, heading.head, heading.register)
    if [type(value) for value in (*kinds, *heading.uses)] != [str, str, int, int] + [str] * len(
        heading.uses
    ):
        raise BadInput("the manifest does not say for which program and uses it is")
    return heading


@contextmanager
def _understood() -> Iterator[None]:
    """Turn everything that can be wrong with foreign bytes into one kind of error."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadInput("the manifest cannot be read") from error
