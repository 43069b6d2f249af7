"""Plays: what was heard, how much of it, and by whom where the listener keeps a history.

A play counts from ten seconds on, or from half of what is shorter. It may be told several times,
each time with more heard: its id makes one of them. Plays are held for half a minute at most and
then written as files (`catalogue/play_parts`); a process that is killed loses what it held.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from threading import Condition, Lock, Thread
from typing import Any, Protocol

import pyarrow as pa
from sqlalchemy import Column, Connection, select

from assent.acts.house import House
from assent.catalogue import site_tables, tables
from assent.catalogue.play_parts import SCHEMA, plays_folder, write_part
from assent.errors import StorageFailed

__all__ = ["Play", "PlayLog", "PlayWriter", "counts_from_s"]

_FIRST_S = 10.0
_MOST_VALUES = 5_000
_MOST_HELD = 100_000
"""How many plays are held while the disk refuses them; what comes then is lost."""


def counts_from_s(duration_s: float) -> float:
    """Return from how much on a play counts [seconds]."""
    return min(_FIRST_S, duration_s / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One play, as far as it was heard.

    Args:
        id: Its id; the same play may be told again with more heard.
        at: When it began [aware datetime].
        recording: Of what.
        account: By whom; None for strangers. It is kept where its listener keeps a history.
        via: By what, such as "player".
        heard_s: How much was heard [seconds].
        started_at_ms: Where in the recording it began [milliseconds].
    """

    id: str
    at: datetime
    recording: str
    account: str | None = None
    via: str
    heard_s: float
    started_at_ms: int = 0

    @property
    def day(self) -> date:
        """The day to which it belongs."""
        return self.at.astimezone(UTC).date()


class PlayLog(Protocol):
    """Takes plays."""

    def record(self, play: Play, /) -> None:
        """Take a play, or more of one; it may come twice."""

    def flush(self) -> None:
        """Make what was taken last.

        Raises:
            StorageFailed: It could not be written; it is held and tried again.
        """

    def close(self) -> None:
        """Make what was taken last, and take no more."""


class PlayWriter:
    """Writes plays as Parquet: by count, by time, and at the end.

    Args:
        house: The platform.
        most: How many plays are held at most [plays].
        every_s: For how long they are held at most [seconds].
    """

    def __init__(self, house: House, *, most: int = 1_000, every_s: float = 30) -> None:
        self._house = house
        self._most, self._every_s = most, every_s
        self._held: dict[str, Play] = {}
        self._changed = Condition()
        self._flushing = Lock()
        self._closed = self._refused = False
        self._thread: Thread | None = None

    def record(self, play: Play) -> None:
        """Take a play, or more of one."""
        with self._changed:
            if play.id not in self._held and len(self._held) >= _MOST_HELD:
                return
            self._hold(play)
            if self._thread is None and not self._closed:
                self._thread = Thread(target=self._work, name="plays", daemon=True)
                self._thread.start()
            if len(self._held) >= self._most:
                self._changed.notify()

    def _hold(self, play: Play) -> None:
        before = self._held.get(play.id)
        if before is None or before.heard_s < play.heard_s:
            self._held[play.id] = play

    def flush(self) -> None:
        """Write what is held.

        Raises:
            StorageFailed: It could not be written; it is held and tried again.
        """
        with self._flushing:
            with self._changed:
                held, self._held = self._held, {}
            if not held:
                return
            try:
                self._write(held.values())
            except BaseException:
                with self._changed:
                    for play in held.values():
                        self._hold(play)
                raise

    def close(self) -> None:
        """Write what is held, and come to an end.

        Raises:
            StorageFailed: It could not be written.
        """
        with self._changed:
            self._closed = True
            thread, self._thread = self._thread, None
            self._changed.notify()
        if thread is not None:
            thread.join()
        self.flush()

    def _work(self) -> None:
        while not self._closed:
            with self._changed:
                self._changed.wait_for(self._is_time, self._every_s)
            try:
                self.flush()
                self._refused = False
            except StorageFailed:
                self._refused = True  # they are held, and tried again after a while

    def _is_time(self) -> bool:
        return self._closed or (len(self._held) >= self._most and not self._refused)

    def _write(self, plays: Collection[Play]) -> None:
        # while this connection is open nobody can be erased, so no name comes back afterwards
        with self._house.writing() as connection:
            there = _those(connection, tables.recordings.c.id, (it.recording for it in plays))
            named = _those(
                connection,
                site_tables.listeners.c.account,
                (it.account for it in plays if it.account is not None),
                site_tables.listeners.c.keeps_history,
            )
            days: dict[date, list[Mapping[str, Any]]] = {}
            for play in plays:
                if play.recording in there:
                    days.setdefault(play.day, []).append(_row(play, named))
            folder, now = plays_folder(self._house.settings.data), self._house.clock()
            for day, rows in sorted(days.items()):
                write_part(folder, day, now, pa.Table.from_pylist(rows, schema=SCHEMA))


def _row(play: Play, named: Collection[str]) -> Mapping[str, Any]:
    return {
        "id": play.id,
        "at": play.at,
        "recording": play.recording,
        "account": play.account if play.account in named else None,
        "via": play.via,
        "heard_s": play.heard_s,
        "started_at_ms": play.started_at_ms,
    }


def _those(
    connection: Connection, column: Column[Any], values: Iterable[str], *conditions: Any
) -> frozenset[str]:
    """Return those of some values that a column has, where all conditions hold."""
    return frozenset(
        found
        for some in _chunks(dict.fromkeys(values))
        for found in connection.execute(
            select(column).where(column.in_(some), *conditions)
        ).scalars()
    )


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while some := list(islice(rest, _MOST_VALUES)):
        yield some
