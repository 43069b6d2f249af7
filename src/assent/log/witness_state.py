"""What a witness remembers, in one SQLite file: the latest checkpoint of each log, and evidence.

A transaction is alone, also between processes, and lasts once it has ended (WAL, synchronous FULL).
A file put back from a copy is a witness that has forgotten: never put one back; make a new witness,
with a new key.

Source: SQLite, "Atomic Commit", "Write-Ahead Logging", and the pragma `synchronous`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock

from assent.disk import make_folder, storage, sync_folder
from assent.errors import BadProof, StorageFailed, Tampered
from assent.log.checkpoint import parse_signed
from assent.log.note import parse_note
from assent.log.witness import Evidence, Known, Records

__all__ = ["MOST_EVIDENCE", "WitnessState"]

MOST_EVIDENCE = 100
"""Pieces of each sort that are kept of one log: conclusive ones, and others."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS latest (
    origin TEXT PRIMARY KEY,
    note BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS evidence (
    number INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    conclusive INTEGER NOT NULL,
    pair BLOB NOT NULL UNIQUE,
    known BLOB,
    refused BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;
"""


class WitnessState:
    """The memory of a witness.

    Args:
        path: The file; made if it is not there.
        patience_s: How long to wait for another process [seconds].

    Raises:
        StorageFailed: It cannot be made or opened.
    """

    def __init__(self, path: Path, patience_s: float = 10.0) -> None:
        self._lock = Lock()
        with storage("make the witness's memory", path.parent):
            make_folder(path.parent)
        with _stored():
            self._connection = sqlite3.connect(
                path, timeout=patience_s, isolation_level=None, check_same_thread=False
            )
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.executescript(_SCHEMA)
            except BaseException:
                self._connection.close()
                raise
        with storage("make the witness's memory", path.parent):
            sync_folder(path.parent)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def alone(self) -> Iterator[Records]:
        """Give the records to one caller at a time, of all processes; nothing is kept on an error.

        Raises:
            StorageFailed: The disk refused, or another process does not come to an end.
        """
        with self._lock, _stored():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield _Rows(self._connection)
                self._connection.execute("COMMIT")  # the commit point
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def latest(self, origin: str) -> Known | None:
        """Return the latest checkpoint of a log that was cosigned.

        Raises:
            StorageFailed: The disk refused.
            Tampered: The file does not hold what was kept.
        """
        with self._lock, _stored():
            return _Rows(self._connection).latest(origin)

    def evidence(self) -> tuple[Evidence, ...]:
        """Return all evidence, in the order in which it came.

        Raises:
            StorageFailed: The disk refused.
        """
        with self._lock, _stored():
            rows = self._connection.execute(
                "SELECT origin, known, refused, conclusive, at FROM evidence ORDER BY number"
            ).fetchall()
        return tuple(
            Evidence(
                origin=origin,
                known=known,
                refused=refused,
                conclusive=bool(conclusive),
                at=datetime.fromtimestamp(at, UTC),
            )
            for origin, known, refused, conclusive, at in rows
        )


class _Rows:
    """The records, by a connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def latest(self, origin: str) -> Known | None:
        row = self._connection.execute(
            "SELECT note, at FROM latest WHERE origin = ?", (origin,)
        ).fetchone()
        if row is None:
            return None
        note, at = row
        try:
            checkpoint = parse_signed(note)[0]
        except BadProof as error:
            raise Tampered("the witness's memory is not what was written") from error
        if checkpoint.origin != origin:
            raise Tampered("the witness's memory is not what was written", origin=origin)
        return Known(checkpoint=checkpoint, note=note, at=datetime.fromtimestamp(at, UTC))

    def keep(self, known: Known) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO latest (origin, note, at) VALUES (?, ?, ?)",
            (known.checkpoint.origin, known.note, int(known.at.timestamp())),
        )

    def keep_evidence(self, evidence: Evidence) -> None:
        (count,) = self._connection.execute(
            "SELECT count(*) FROM evidence WHERE origin = ? AND conclusive = ?",
            (evidence.origin, int(evidence.conclusive)),
        ).fetchone()
        if count >= MOST_EVIDENCE:  # more of it proves no more, and would fill the disk
            return
        self._connection.execute(
            "INSERT OR IGNORE INTO evidence (origin, conclusive, pair, known, refused, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                evidence.origin,
                int(evidence.conclusive),
                _pair(evidence),
                evidence.known,
                evidence.refused,
                int(evidence.at.timestamp()),
            ),
        )


def _pair(evidence: Evidence) -> bytes:
    """Return what makes two pieces the same: what the log said, whoever else signed it."""
    texts = (parse_note(note).text for note in (evidence.known, evidence.refused) if note)
    return sha256(b"\n".join(texts)).digest()


@contextmanager
def _stored() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageFailed(f"cannot use the witness's memory: {error}") from error
