"""Connections to the catalogue: an SQLite file (WAL) or a PostgreSQL of 13 or newer, by URL.

A transaction that writes is alone: SQLite's immediate lock, or an advisory lock in PostgreSQL, so
events are numbered without gaps. What is acknowledged is on the disk (synchronous FULL, fsync).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from time import sleep
from typing import IO, Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor, ExceptionContext
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    ProgrammingError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from assent.clock import monotonic_s
from assent.disk import storage
from assent.errors import BadInput, Busy, StorageFailed

__all__ = [
    "alone",
    "compact",
    "connect",
    "folder_of",
    "insert_many",
    "reading",
    "storage_errors",
    "writing",
]

_ONE_WRITER = 0x617373656E74
"""Key of the advisory lock of whoever writes: "assent" in ASCII."""
_ONE_PUBLISHER = _ONE_WRITER + 1
"""Key of the advisory lock of whoever publishes the logs."""
_LOOK_AGAIN_S = 0.02
_PATIENCE_S = 30
_POSTGRES = "postgresql+psycopg"
_NOT_PRIVILEGED = "42501"
"""What PostgreSQL says to a role that may not do it."""


def connect(url: str) -> Engine:
    """Return an engine for a database; nothing is opened yet.

    Args:
        url: `sqlite:///FILE`, `sqlite://` for memory, or `postgresql://USER@HOST/NAME`.

    Raises:
        BadInput: The URL names no database that Assent can use, or its driver is missing.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername=_POSTGRES)
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise BadInput("the database must be SQLite or PostgreSQL")
        engine = create_engine(parsed, pool_pre_ping=parsed.drivername == _POSTGRES)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise BadInput(
            "the database URL cannot be read; write postgresql://user@host/name"
        ) from None
    except ModuleNotFoundError as error:
        raise BadInput(
            f"PostgreSQL needs its driver: pip install 'assent[postgresql]' ({error})"
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "handle_error", _refuse_nul)
    return engine


def _refuse_nul(context: ExceptionContext) -> None:
    """Say of a text that PostgreSQL cannot hold that it is wrong; SQLite finds nothing by it."""
    if "NUL (0x00)" in str(context.original_exception):
        raise BadInput("a text holds a character that is none (NUL)") from None


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # the driver's own BEGIN comes too late for an immediate lock, so `_begin_sqlite` sends it
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_S * 1000}")
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()
    if isinstance(connection, sqlite3.Connection):
        connection.create_aggregate("bit_and", 1, _BitAnd)  # type: ignore[arg-type]  # typeshed asks for a query-language value, any int is one


def _write_ahead(cursor: DBAPICursor) -> None:
    """Switch to a write-ahead log, which SQLite refuses at once while another does the same."""
    deadline = monotonic_s() + _PATIENCE_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic_s() >= deadline:
                raise
            sleep(_LOOK_AGAIN_S)
        else:
            return


class _BitAnd:
    """PostgreSQL's aggregate, for SQLite."""

    def __init__(self) -> None:
        self.word: int | None = None

    def step(self, word: int | None) -> None:
        if word is not None:
            self.word = word if self.word is None else self.word & word

    def finalize(self) -> int | None:
        return self.word


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get("assent_begins", True):
        return  # what cannot be done within a transaction
    writes = connection.get_execution_options().get("assent_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one state of the catalogue.

    Raises:
        StorageFailed: The database cannot be reached or read.
    """
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with storage_errors(), engine.execution_options(**options).begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give the only connection that writes; it commits at the end, or not at all on an error.

    Raises:
        StorageFailed: The database cannot be reached or written, or the disk is full.
    """
    options: dict[str, object] = {"assent_writes": True}
    if engine.dialect.name == "postgresql":
        # whatever the server's default: what the writer before has written must be seen
        options["isolation_level"] = "READ COMMITTED"
    with storage_errors(), engine.execution_options(**options).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_WRITER})
        yield connection


@contextmanager
def alone(engine: Engine, lock: Path, patience_s: float) -> Iterator[None]:
    """Keep every other process out of a block: on this machine by a file, and by PostgreSQL.

    Args:
        engine: The catalogue; a PostgreSQL may be shared by machines, an SQLite file is not.
        lock: The file; it is made, and stays.
        patience_s: How long to wait for whoever is at it [seconds].

    Raises:
        Busy: Somebody still is.
        StorageFailed: The file cannot be made, or the database does not answer.
    """
    deadline = monotonic_s() + patience_s
    with storage("lock the log", lock):
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("a")
    with file:
        while not _flocked(file):
            _wait(deadline)
        if engine.dialect.name != "postgresql":
            yield
            return
        with storage_errors(), engine.connect() as connection:
            ask = text("SELECT pg_try_advisory_lock(:key)")
            while not connection.execute(ask, {"key": _ONE_PUBLISHER}).scalar_one():
                _wait(deadline)
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ONE_PUBLISHER})


def _flocked(file: IO[str]) -> bool:
    try:
        flock(file, LOCK_EX | LOCK_NB)  # closing the file lets it go
    except BlockingIOError:
        return False
    return True


def _wait(deadline: float) -> None:
    if monotonic_s() >= deadline:
        raise Busy("another process is publishing the log; nothing was published here")
    sleep(_LOOK_AGAIN_S)


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn what a database says of its disk or its network into `StorageFailed`.

    Raises:
        BadInput: A text holds a character that the database cannot keep.
        StorageFailed: The database cannot be reached, read or written.
    """
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, DataError) and "NUL" in str(error.orig):
            # PostgreSQL keeps no text with a zero byte; SQLite does, and finds nothing by it
            raise BadInput("there is a character in it that cannot be kept") from error
        ours = isinstance(error, DataError | IntegrityError | ProgrammingError)
        if ours and getattr(error.orig, "sqlstate", None) != _NOT_PRIVILEGED:
            raise  # our bug, not the world's
        cause = str(error.orig).strip().splitlines()[0] if error.orig else "it did not answer"
        raise StorageFailed(
            f"the database could not do it: {cause}; nothing was changed"
        ) from error


def compact(engine: Engine) -> None:
    """Have the database let go of what it no longer shows: deleted rows leave its files.

    Raises:
        StorageFailed: It could not; the rows are gone from its tables all the same.
    """
    if engine.dialect.name == "sqlite":
        options: dict[str, object] = {"assent_begins": False}
    else:
        options = {"isolation_level": "AUTOCOMMIT"}
    with storage_errors(), engine.execution_options(**options).connect() as connection:
        if engine.dialect.name != "sqlite":
            connection.exec_driver_sql("VACUUM (FULL)")
            return
        # an index of words marks what is deleted, and lets go of it when it is merged
        for index in ("search_artists", "search_index"):
            connection.exec_driver_sql(f"INSERT INTO {index} ({index}) VALUES ('optimize')")  # noqa: S608  # of constants
        connection.exec_driver_sql("VACUUM")
        busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if busy:  # it says so instead of failing
        raise StorageFailed(
            "the database still holds what was deleted, because somebody reads it; try again"
        )


def insert_many(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows of plain numbers, texts and bytes, without a look at each.

    Args:
        connection: One that writes.
        table: Where to.
        columns: Which of its columns.
        rows: Their values, in the order of the columns.
    """
    made = table.insert().compile(dialect=connection.dialect, column_keys=list(columns))
    if made.positional:
        order = [columns.index(name) for name in made.positiontup or ()]
        same = order == list(range(len(columns)))
        given = rows if same else [tuple(row[at] for at in order) for row in rows]
        connection.exec_driver_sql(str(made), list(given))
    else:
        named = [dict(zip(columns, row, strict=True)) for row in rows]
        connection.exec_driver_sql(str(made), named)


def folder_of(url: str) -> Path | None:
    """Return the folder that an SQLite file stands in; None for any other database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database).parent
