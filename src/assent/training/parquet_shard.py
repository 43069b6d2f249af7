"""Shards in the form of Parquet: one row for each recording, its audio in a column.

Columns: what `item.describe` says, and `file` and `audio` [bytes]. A row group holds a few dozen
megabytes, or one recording that is larger.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import rfc8785

from assent.errors import NotProved, Tampered
from assent.sound.source import ByteStream
from assent.training.item import Item
from assent.training.shard import Found, copied

__all__ = ["MOST_AUDIO_BYTES", "ParquetWriter", "read_parquet"]

MOST_AUDIO_BYTES = 1 << 30
"""The largest recording that a Parquet cell takes; readers need it in memory."""
_GROUP_BYTES = 1 << 26
_DESCRIBED = (
    ("set", pa.string()),
    ("recording", pa.string()),
    ("title", pa.string()),
    ("artist", pa.string()),
    ("licence", pa.string()),
    ("digest", pa.string()),
    ("audio_digest", pa.string()),
    ("frames", pa.int64()),
    ("sr", pa.int64()),
    ("channels", pa.int64()),
    ("codec", pa.string()),
)
_SCHEMA = pa.schema(
    [pa.field(name, kind, nullable=False) for name, kind in _DESCRIBED]
    + [
        pa.field("file", pa.string(), nullable=False),
        pa.field("audio", pa.binary(), nullable=False),
    ]
)


class ParquetWriter:
    """A Parquet file that is being written.

    Args:
        path: Where; nothing may be there.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._writer = pq.ParquetWriter(
            self._file,
            _SCHEMA,
            version="2.6",
            compression="none",  # audio is packed already
            use_dictionary=False,
            write_statistics=False,
            store_schema=False,
            write_page_checksum=True,
        )
        self._rows: list[dict[str, Any]] = []  # rows as Parquet takes them
        self._waiting_bytes = 0
        self.size_bytes = 0

    def add(self, item: Item, audio: ByteStream, description: bytes) -> None:
        """Add a sample; if the audio cannot be read to its end, it is as if never begun.

        Raises:
            Tampered: The audio is not what the item says.
            OSError: The disk refuses.
        """
        plain = b"".join(copied(item, audio))
        if sha256(plain).hexdigest() != item.digest:
            raise Tampered(f"the audio of {item.recording} is not what was taken in")
        if self._rows and self._waiting_bytes + len(plain) > _GROUP_BYTES:
            self._flush()
        self._rows.append({**_fields(description), "file": item.file, "audio": plain})
        self._waiting_bytes += len(plain)
        self.size_bytes += len(plain) + len(description)

    def _flush(self) -> None:
        self._writer.write_table(pa.Table.from_pylist(self._rows, _SCHEMA))
        self._rows.clear()
        self._waiting_bytes = 0

    def finish(self) -> None:
        """Write the end, so that it lasts.

        Raises:
            OSError: The disk refuses.
        """
        if self._rows:
            self._flush()
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let the file go, finished or not."""
        with suppress(OSError):  # an unfinished file is thrown away, whatever its end
            self._writer.close()
        self._file.close()


def _fields(description: bytes) -> dict[str, Any]:  # JSON that `item.describe` has written
    fields: dict[str, Any] = json.loads(description)
    return fields


def read_parquet(path: Path) -> Iterator[Found]:
    """Yield the samples of a shard in order.

    Raises:
        NotProved: It is not written as `ParquetWriter` writes it.
        OSError: It cannot be read.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False) as file:
            _check_shape(file, path.name)
            for batch in file.iter_batches(batch_size=1):
                for row in batch.to_pylist():
                    plain, name = row.pop("audio"), row.pop("file")
                    yield Found(name, BytesIO(plain), len(plain), rfc8785.dumps(row))
    except (pa.ArrowException, ValueError, TypeError, KeyError) as error:
        raise NotProved(f"{path.name} cannot be read as Parquet") from error


def _check_shape(file: Any, shard: str) -> None:  # pyarrow ships no types
    if not file.schema_arrow.equals(_SCHEMA):
        raise NotProved(f"{shard} has other columns than a shard has")
    for group in range(file.metadata.num_row_groups):
        if file.metadata.row_group(group).total_byte_size > 2 * MOST_AUDIO_BYTES:
            raise NotProved(f"{shard} has row groups larger than a shard has")
