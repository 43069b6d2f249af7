"""The files of plays: where they lie, what is in them, and how a person leaves them.

    plays/day=2031-03-01/part-TIME-RANDOM.parquet

Plays are many and nobody's proof, so they are no rows: a part is written whole or not at all and
never changes but for an erasure. A play may be in several parts, with more heard each time; its id
says that it is one. Addresses are never kept; an account is, where its listener keeps a history.

Source: Apache Parquet; the folder names are Hive's, which Daft, DuckDB and Spark read as a column.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from fcntl import LOCK_EX, flock
from pathlib import Path
from secrets import token_hex

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assent.disk import make_folder, storage, sync_folder

__all__ = ["SCHEMA", "alone", "days", "forget", "parts", "plays_folder", "read", "write_part"]

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("at", pa.timestamp("ms", tz="UTC"), nullable=False),
        pa.field("recording", pa.string(), nullable=False),
        pa.field("account", pa.string()),
        pa.field("via", pa.string(), nullable=False),
        pa.field("heard_s", pa.float64(), nullable=False),
        pa.field("started_at_ms", pa.int64(), nullable=False),
    ]
)
"""One row: a play, when it began, of what, by whom if they want that, how, and how much so far."""

_DAY = "day="


def plays_folder(data: Path) -> Path:
    """Return where plays lie, in the folder of a platform."""
    return data / "plays"


@contextmanager
def alone(folder: Path, doing: str = "changing") -> Iterator[None]:
    """Keep others on this machine from doing the same meanwhile; writing new parts goes on.

    Whoever counts may write to the catalogue meanwhile; whoever changes parts may not begin to.

    Args:
        folder: Where plays lie.
        doing: What: "changing" parts, or "counting" them.

    Raises:
        StorageFailed: The folder cannot be made.
    """
    with storage("look at the plays", folder):
        make_folder(folder)
        file = (folder / f".{doing}.lock").open("a")
    with file:
        flock(file, LOCK_EX)  # closing the file lets it go
        yield


def days(folder: Path) -> list[date]:
    """Return the days of which there are plays, the earliest first."""
    names = (path.name.removeprefix(_DAY) for path in folder.glob(f"{_DAY}*"))
    return sorted(date.fromisoformat(name) for name in names)


def parts(folder: Path, day: date) -> list[Path]:
    """Return the parts of a day, in the order in which they were written."""
    return sorted((folder / f"{_DAY}{day}").glob("part-*.parquet"))


def write_part(folder: Path, day: date, at: datetime, table: pa.Table) -> Path:
    """Write plays of one day as a part, so that it lasts.

    Args:
        folder: Where plays lie.
        day: Of which day.
        at: When this is [aware datetime]; it stands in the name.
        table: The plays, as `SCHEMA` has them.

    Raises:
        StorageFailed: The disk refused; nothing is left behind.
    """
    name = f"part-{at:%Y%m%dT%H%M%S}-{token_hex(6)}.parquet"
    path = folder / f"{_DAY}{day}" / name
    _put(path, table)
    return path


def _put(path: Path, table: pa.Table) -> None:
    arriving = path.with_name(f".{path.name}.{token_hex(4)}")
    with storage("keep plays", path):
        make_folder(path.parent)
        try:
            with arriving.open("wb") as file:
                pq.write_table(table.cast(SCHEMA), file, compression="zstd")
                file.flush()
                os.fsync(file.fileno())
            arriving.replace(path)  # the commit point
            sync_folder(path.parent)
        finally:
            arriving.unlink(missing_ok=True)


def read(some: Sequence[Path], recordings: Collection[str] | None = None) -> pa.Table:
    """Return the plays of some parts, as `SCHEMA` has them.

    Args:
        some: The parts; one that an erasure took away meanwhile counts as empty.
        recordings: Of which recordings alone; of all if None.

    Raises:
        StorageFailed: A part cannot be read.
    """
    tables = [SCHEMA.empty_table()]
    for path in some:
        with storage("read plays", path):
            try:
                table = pq.read_table(path, schema=SCHEMA, partitioning=None)
            except FileNotFoundError:
                continue
        if recordings is not None:
            wanted = pa.array(list(recordings), pa.string())
            table = table.filter(pc.is_in(table["recording"], value_set=wanted))
        tables.append(table)
    return pa.concat_tables(tables)


def forget(folder: Path, account: str, recordings: Collection[str]) -> None:
    """Take a person out of all parts: the plays of their recordings, and their name on others'.

    To be called while nobody writes to the catalogue, so that nobody writes a part either.

    Args:
        folder: Where plays lie.
        account: Whose name goes.
        recordings: Of which recordings all plays go.

    Raises:
        StorageFailed: The disk refused; doing it again goes on where it stopped.
    """
    if not folder.is_dir():
        return
    theirs = pa.array(sorted(recordings), pa.string())
    with alone(folder):
        for leftover in folder.glob(f"{_DAY}*/.part-*"):
            with storage("erase what was left of plays", leftover):
                leftover.unlink(missing_ok=True)
        for day in days(folder):
            for path in parts(folder, day):
                _forget(path, account, theirs)


def _forget(path: Path, account: str, theirs: pa.Array) -> None:
    table = read([path])
    left = table.filter(pc.invert(pc.is_in(table["recording"], value_set=theirs)))
    named = pc.fill_null(pc.equal(left["account"], account), fill_value=False)
    if left.num_rows == table.num_rows and not pc.any(named).as_py():
        return
    if not left.num_rows:
        with storage("erase plays", path):
            path.unlink(missing_ok=True)
            sync_folder(path.parent)
        return
    names = pc.if_else(named, pa.scalar(None, pa.string()), left["account"])
    column = left.schema.get_field_index("account")
    _put(path, left.set_column(column, SCHEMA.field("account"), names))
