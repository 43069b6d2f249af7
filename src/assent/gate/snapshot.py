"""The live answer: all words in memory, at most a quarter of a second behind the events.

A decision is a look at one word. Before it, a snapshot that has not looked at the catalogue for
`FRESH_S` looks again: what has changed since is read and put in place, so an act is in force in
every process well within a second, without any process having to tell another. If the catalogue
cannot be reached there is no answer, and no answer is no permission.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Engine, select

from assent.catalogue import tables
from assent.catalogue.engine import reading
from assent.catalogue.events import head, read
from assent.catalogue.facts import FactReader
from assent.catalogue.projection import next_number
from assent.catalogue.rows import program_of
from assent.clock import format_instant, monotonic_s, now
from assent.errors import CouldNot, Stale, Unknown
from assent.gate.word_file import WordFile
from assent.permission.bulk import permitted
from assent.permission.decide import word_of
from assent.permission.programs import Program
from assent.permission.uses import ALL

__all__ = ["FRESH_S", "Permitted", "Snapshot", "recording_number"]

FRESH_S = 0.25
"""How long an answer may stand on the last look at the catalogue [seconds]."""
_TRIES = 20
"""How often a question is put again when another process moves the words on meanwhile."""
_PAGE = 100_000
"""Words read from the catalogue at a time."""


class Permitted(NamedTuple):
    """All recordings that a program may use.

    Args:
        numbers: Their numbers, rising [shape=(n,), int64].
        of: How many recordings were looked at: all that the platform has.
        head: Number of the last event that the answer knows of.
    """

    numbers: npt.NDArray[np.int64]
    of: int
    head: int


@dataclass(slots=True)
class _View:
    """A program as the snapshot keeps it.

    Args:
        program: What is known of it.
        uses: All the uses it needs.
        named: Its own words, by recording, where they can differ from the blanket ones.
        limits: Until when such a word can be trusted, where time changes it.
        due: Recordings whose own word has run out.
        live: Whether it may run, as of the last look.
    """

    program: Program
    uses: int
    named: dict[int, int] = field(default_factory=dict)
    limits: dict[int, str] = field(default_factory=dict)
    due: frozenset[int] = frozenset()
    live: bool = False


def recording_number(recording: str) -> int:
    """Return the number in a recording's id.

    Raises:
        Unknown: It is no recording's id.
    """
    try:
        number = int(recording[1:])
    except ValueError:
        number = -1
    # int() takes signs, spaces, underscores and other scripts' digits; an id has none of them
    if number < 0 or f"r{number}" != recording:
        raise Unknown(f"there is no recording {recording!r}", recording=recording)
    return number


class Snapshot:
    """The words of one platform, in this process.

    Args:
        engine: The catalogue.
        folder: Where the shared file of words is.
        clock: What tells the time; another one in tests.
    """

    def __init__(self, engine: Engine, folder: Path, clock: Callable[[], datetime] = now) -> None:
        self._engine = engine
        self._clock = clock
        self._file = WordFile(folder)
        self._looking = RLock()
        self._views: dict[str, _View] = {}
        self._limits: dict[int, str] = {}
        self._due: frozenset[int] = frozenset()
        self._seen = 0
        self._seen_mark = 0
        self._count = 0
        self._looked_s = float("-inf")

    @property
    def head(self) -> int:
        """Number of the last event that the answers know of."""
        return self._seen

    def allows(self, program: str, recording: str) -> bool:
        """Say whether a program may use a recording now.

        Raises:
            Unknown: There is no such program or recording.
            Stale: The catalogue could not be looked at.
        """
        number = recording_number(recording)
        # one that is not known may have been taken in a moment ago
        if number >= self._count or monotonic_s() - self._looked_s > FRESH_S:
            self.refresh()
        for _ in range(_TRIES):
            answer = self._answer(program, recording, number)
            # another process may have moved the words on: programs and words of two heads can
            # come to a yes that was one at no head, so the answer counts only if they are of one
            if self._file.is_at(self._seen):
                return answer
            self.refresh()
        raise Stale("no answer, for the catalogue changes faster than it can be read")

    def _answer(self, program: str, recording: str, number: int) -> bool:
        view = self._views.get(program) or self._view(program)
        if number >= self._count:
            raise Unknown(f"there is no recording {recording!r}", recording=recording)
        uses = view.uses
        if number in self._due or number in view.due:
            word = self._word_now(view.program, recording)
        else:
            own = view.named.get(number)
            word = self._file.words[number] if own is None else own
        return view.live and word & uses == uses

    def program(self, program: str) -> Program:
        """Return what is known of a program now.

        Raises:
            Unknown: There is no such program.
            Stale: The catalogue could not be looked at.
        """
        # one that is not known may have been proposed a moment ago
        if program not in self._views or monotonic_s() - self._looked_s > FRESH_S:
            self.refresh()
        return self._view(program).program

    def _view(self, program: str) -> _View:
        view = self._views.get(program)
        if view is None:
            raise Unknown(f"there is no program {program!r}", program=program)
        return view

    def _word_now(self, program: Program, recording: str) -> int:
        with reading(self._engine) as connection:
            return word_of(FactReader(connection).facts(recording, program, self._clock()))

    def permitted(self, program: str) -> Permitted:
        """Return all recordings that a program may use now, of one head.

        Raises:
            Unknown: There is no such program.
            Stale: The catalogue could not be looked at, or moves on faster than it can be read.
        """
        for _ in range(_TRIES):
            self.refresh()
            view = self._view(program)
            with self._looking, self._file.all_words() as words:
                if self._file.is_at(self._seen):
                    return self._permitted(view, words)
        raise Stale("no answer, for the catalogue changes faster than it can be read")

    def _permitted(self, view: _View, words: npt.NDArray[np.uint64]) -> Permitted:
        uses, total = view.program.uses, len(words)
        if not view.live:
            return Permitted(np.empty(0, np.int64), total, self._seen)
        packed = permitted(words, uses)
        allowed = np.unpackbits(packed, count=total, bitorder="little").astype(np.bool_)
        for number, word in view.named.items():
            allowed[number] = word & uses == uses
        for number in self._due | view.due:
            allowed[number] = self._word_now(view.program, f"r{number}") & uses == uses
        return Permitted(np.flatnonzero(allowed), total, self._seen)

    def refresh(self) -> None:
        """Look at the catalogue now.

        Raises:
            Stale: It could not be looked at.
        """
        with self._looking:
            try:
                for _ in range(_TRIES):
                    with reading(self._engine) as connection:
                        if self._look(connection):
                            return
            except CouldNot as error:
                raise Stale(f"no answer, for the catalogue cannot be read: {error.text}") from error
        raise Stale("no answer, for the catalogue changes faster than it can be read")

    def differs(self) -> bool:
        """Say whether the words are not those of the catalogue; then they are made anew."""
        self.refresh()
        with reading(self._engine) as connection, self._file.all_words() as words:
            if not self._file.is_at(head(connection)):
                return False  # on its way to another head, which is no damage
            wrong = any(words[number] != word for number, word in _all(connection))
        if wrong:
            self.discard()
        return wrong

    def discard(self) -> None:
        """Forget all words, and read them from the catalogue when next asked."""
        self._file.discard()
        self._looked_s = float("-inf")

    def close(self) -> None:
        """Let the file of words go."""
        self._file.close()

    def _look(self, connection: Connection) -> bool:
        """Bring words and programs to the state that a connection sees.

        Returns:
            False if other processes are ahead of that state: then it must be read again.
        """
        looked_s = monotonic_s()
        newest = head(connection)
        if newest != self._seen or not self._file.is_at(newest):
            mark = _mark(connection, newest)
            if (
                newest < self._seen
                or _mark(connection, self._seen) != self._seen_mark
                or _erased(connection, self._seen)
            ):
                self._forget()
            if not self._read_words(connection, newest, mark):
                return False
            self._read_limits(connection)
            self._read_programs(connection)
            self._read_named(connection)
            self._seen, self._seen_mark = newest, mark
        self._count = self._file.count
        self._tell_time()
        # as of before reading: what came in meanwhile is not in it
        self._looked_s = looked_s
        return True

    def _forget(self) -> None:
        """Start anew: the catalogue is an older copy, has another history, or lost somebody."""
        self._seen = 0
        self._views.clear()
        self._limits.clear()

    def _read_words(self, connection: Connection, newest: int, mark: int) -> bool:
        file = self._file
        file.follow()
        if file.is_at(newest) and file.mark == mark:
            return True
        with file.writing():
            if file.head > newest and self._head_now() >= file.head:
                return False
            since = file.head
            other = since > newest or _mark(connection, since) != file.mark
            if other or not since or _erased(connection, since):
                words = _all(connection)  # nothing that is in it can be trusted
            else:
                words = _changed(connection, since)
            file.write(words, next_number(connection, "recording"), newest, mark)
        return True

    def _head_now(self) -> int:
        with reading(self._engine) as connection:
            return head(connection)

    def _read_limits(self, connection: Connection) -> None:
        recordings = tables.recordings.c
        query = select(recordings.number, recordings.good_until)
        if self._seen:
            query = query.where(recordings.word_event > self._seen)
        else:
            query = query.where(recordings.good_until.is_not(None))
        for number, limit in connection.execute(query):
            _keep(self._limits, number, limit)

    def _read_programs(self, connection: Connection) -> None:
        query = select(tables.programs).where(tables.programs.c.event > self._seen)
        for row in connection.execute(query):
            program = program_of(row)
            self._views.setdefault(program.id, _View(program, program.uses)).program = program

    def _read_named(self, connection: Connection) -> None:
        own = tables.program_words
        for row in connection.execute(select(own).where(own.c.event > self._seen)):
            view = self._views[row.program]
            view.named[row.recording] = row.word
            _keep(view.limits, row.recording, row.good_until)

    def _tell_time(self) -> None:
        """Settle what the clock decides: which programs run, which words have run out."""
        at = self._clock()
        instant = format_instant(at)
        self._due = _run_out(self._limits, instant)
        for view in self._views.values():
            view.live = view.program.is_live(at)
            view.due = _run_out(view.limits, instant)


def _run_out(limits: dict[int, str], instant: str) -> frozenset[int]:
    return frozenset(number for number, limit in limits.items() if limit <= instant)


def _keep(limits: dict[int, str], number: int, limit: str | None) -> None:
    if limit is None:
        limits.pop(number, None)
    else:
        limits[number] = limit


def _changed(connection: Connection, since: int) -> Iterator[tuple[int, int]]:
    recordings = tables.recordings.c
    query = (
        select(recordings.number, recordings.word)
        .where(recordings.word_event > since)
        .order_by(recordings.number)
        .limit(_PAGE)
    )
    last = -1
    while rows := connection.execute(query.where(recordings.number > last)).all():
        for row in rows:
            # a word that no register has is no word: whoever wrote it, it opens nothing
            yield row.number, row.word if 0 <= row.word <= ALL else 0
        last = rows[-1].number


def _all(connection: Connection) -> Iterator[tuple[int, int]]:
    """Yield the words of all numbers that were ever given; 0 for those of erased recordings."""
    expected = 0
    for number, word in _changed(connection, 0):
        yield from ((gone, 0) for gone in range(expected, number))
        yield number, word
        expected = number + 1
    yield from ((gone, 0) for gone in range(expected, next_number(connection, "recording")))


def _erased(connection: Connection, since: int) -> bool:
    """Say whether anybody was erased after an event: rows that vanish show in no other way."""
    events = tables.events.c
    query = select(events.number).where(events.number > since, events.kind == "erasure")
    return connection.execute(query.limit(1)).first() is not None


def _mark(connection: Connection, number: int) -> int:
    """Return 64 bits that tell an event from every other; 0 for none."""
    event = read(connection, number)
    return int.from_bytes(sha256(event.canonical()).digest()[:8], "little") if event else 0
