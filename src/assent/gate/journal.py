"""The journal: one line for every use that the gate let through, until it is an event.

A process writes a file of its own, `HOUR-RANDOM.open`, one write per line, so what it let through
outlives its death. Files of a past hour, and closed ones (`.done`), are counted into `use` events
and then removed; the event names the files, so that no crash in between counts one twice.

    ["rival-train","r3","2031-01-31T09"]
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from threading import Lock

from assent.clock import format_instant
from assent.errors import StorageFailed

__all__ = ["Counted", "Journal", "hour_of", "names", "read_finished", "remove"]

_HOUR_LENGTH = len("2031-01-31T09")


def hour_of(at: datetime) -> str:
    """Return the hour of an instant, in UTC."""
    return format_instant(at)[:_HOUR_LENGTH]


class Journal:
    """What one process lets through.

    Args:
        folder: Where the journals of all processes are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._hour = ""
        self._path: Path | None = None
        self._handle = -1

    def note(self, program: str, recording: str, at: datetime) -> None:
        """Write one use down before it happens.

        Raises:
            StorageFailed: It could not be written; then the use must not happen.
        """
        hour = hour_of(at)
        line = json.dumps([program, recording, hour], separators=(",", ":")) + "\n"
        with self._lock:
            try:
                if hour != self._hour:
                    self._finish()
                    self._begin(hour)
                written = os.write(self._handle, line.encode())
            except OSError as error:
                raise StorageFailed(f"the use could not be counted: {error.strerror}") from error
            if written != len(line.encode()):
                raise StorageFailed("the use could not be counted: the disk is full")

    def close(self) -> None:
        """Hand what was written over to be counted."""
        with self._lock:
            self._finish()

    def _begin(self, hour: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path = self._folder / f"{hour}-{token_hex(8)}.open"
        self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._hour = hour

    def _finish(self) -> None:
        if self._path is None:
            return
        path, self._path, self._hour = self._path, None, ""
        os.close(self._handle)
        with suppress(FileNotFoundError):  # of an hour that is past, and counted by now
            path.rename(path.with_suffix(".done"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What journals come to.

    Args:
        names: The journals, without their endings.
        uses: How often each recording was opened, by program and hour.
    """

    names: tuple[str, ...]
    uses: Mapping[tuple[str, str], Mapping[str, int]]


def names(folder: Path) -> list[str]:
    """Return the names of all journals, without their endings."""
    return sorted({path.stem for ending in ("open", "done") for path in folder.glob(f"*.{ending}")})


def read_finished(folder: Path, at: datetime, known: Iterable[str] = ()) -> Counted:
    """Count the journals that nobody writes any more.

    Args:
        folder: Where the journals are.
        at: Now [aware datetime]; a journal of an earlier hour is finished whatever its ending.
        known: Names of journals that are in an event already: they are only removed.
    """
    hour, counted = hour_of(at), set(known)
    finished: list[str] = []
    uses: dict[tuple[str, str], Counter[str]] = {}
    for path in sorted([*folder.glob("*.open"), *folder.glob("*.done")]):
        if path.suffix == ".open" and path.name[:_HOUR_LENGTH] >= hour:
            continue
        if path.stem in counted:
            path.unlink(missing_ok=True)
            continue
        finished.append(path.stem)
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):  # a torn last line is a use that was never let through
                program, recording, used = json.loads(line)
                uses.setdefault((program, used), Counter())[recording] += 1
    return Counted(names=tuple(finished), uses=uses)


def remove(folder: Path, finished: Iterable[str]) -> None:
    """Remove journals that are in an event now."""
    for name in finished:
        for ending in (".open", ".done"):
            (folder / f"{name}{ending}").unlink(missing_ok=True)
