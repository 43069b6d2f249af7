"""What a choice would do, before it is made: exactly what becomes of each recording, and why not.

For statements that nobody has said yet, of one holder. Answers which uses would open and close in
which of the holder's recordings, which programs would gain or lose which of them, which training
sets they would leave, and where a yes would change nothing. Nothing is written.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyroaring import BitMap
from sqlalchemy import Connection

from assent.catalogue.rows import read_program
from assent.permission.statements import Statement
from assent.permission.uses import labels
from assent.studio.foresight_reading import (
    Reading,
    permitted,
    running_programs,
    supposed,
    words_to,
)
from assent.studio.foresight_remains import Remain, remains, remains_later
from assent.studio.foresight_stays import Stay, stays
from assent.training.listing import read_sets

__all__ = ["Foresight", "Leaving", "ProgramShift", "Shift", "foresee"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What becomes of the word of one recording.

    Args:
        number: Its number.
        recording: Its id.
        title: How it is called.
        before: Its word as it is.
        after: Its word as it would be.
    """

    number: int
    recording: str
    title: str
    before: int
    after: int

    @property
    def opens(self) -> int:
        """The uses that would open."""
        return self.after & ~self.before

    @property
    def closes(self) -> int:
        """The uses that would close."""
        return self.before & ~self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramShift:
    """What becomes of what a program may use.

    Args:
        program: Its id.
        owner: Whose it is.
        is_live: Whether it runs now; what it gains waits until it does.
        gains: The recordings that it could use from then on, by number.
        loses: Those that it could use no more.
        keeps: Those that it could use before and after, too.
        uses: What it uses them for.
    """

    program: str
    owner: str
    is_live: bool
    gains: tuple[int, ...]
    loses: tuple[int, ...]
    keeps: tuple[int, ...] = ()
    uses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Recordings that a training set would have to give up.

    Args:
        training_set: Its id.
        program: For which program it was cut.
        owner: Whose that is.
        recordings: Which recordings, by number.
        days: How long the program may keep what it has of them [days].
        deadline: Until when that is, if it is said now [aware datetime].
    """

    training_set: str
    program: str
    owner: str
    recordings: tuple[int, ...]
    days: int
    deadline: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """What a choice would do.

    Args:
        recordings: Of how many recordings it speaks.
        shifts: Those whose words would change, by number.
        programs: The programs that would gain or lose any.
        leaving: The training sets that would have to give any up.
        stays: Where what is said would change nothing, and why.
        remains: What would be open after all, and why; to the program, where one is named.
        users: The programs that could use any of the recordings after all.
        for_later: Whether it speaks of the whole account, and so of what is brought later, too.
    """

    recordings: int
    shifts: tuple[Shift, ...]
    programs: tuple[ProgramShift, ...]
    leaving: tuple[Leaving, ...]
    stays: tuple[Stay, ...]
    remains: tuple[Remain, ...] = ()
    users: tuple[ProgramShift, ...] = ()
    for_later: bool = True

    @property
    def changes_nothing(self) -> bool:
        """Whether all would be as it is."""
        return not self.shifts and not self.programs

    @property
    def opens(self) -> dict[str, int]:
        """In how many recordings a use would open, by its name."""
        return _counted(shift.opens for shift in self.shifts)

    @property
    def closes(self) -> dict[str, int]:
        """In how many recordings a use would close, by its name."""
        return _counted(shift.closes for shift in self.shifts)

    @property
    def left(self) -> int:
        """How many recordings would leave any training set."""
        return len({number for it in self.leaving for number in it.recordings})


def _counted(words: Iterator[int]) -> dict[str, int]:
    counted: Counter[int] = Counter()
    for word in words:
        for position in range(word.bit_length()):
            if word >> position & 1:
                counted[1 << position] += 1
    return {labels(use)[0]: n for use, n in sorted(counted.items())}


def foresee(connection: Connection, statements: Sequence[Statement], at: datetime) -> Foresight:
    """Return what statements would do, were they said now, one after the other.

    Args:
        connection: Where the catalogue is read; one transaction.
        statements: What would be said, all by one holder; at least one.
        at: The instant to answer for [aware datetime].
    """
    more, reading = supposed(connection, statements, at)
    before, after = (reading.words(it, None) for it in (reading.before, reading.after))
    running = tuple(_program_shifts(connection, reading, (before, after), at))
    programs = tuple((shift, days) for shift, days in running if shift.gains or shift.loses)
    return Foresight(
        recordings=len(reading.own),
        shifts=tuple(_shifts(reading, before, after)),
        programs=tuple(shift for shift, _ in programs),
        leaving=tuple(_leaving(connection, programs, at)),
        stays=stays(connection, reading, more, after, at),
        remains=tuple(_remains(connection, reading, more, after)),
        users=tuple(shift for shift, _ in running if shift.gains or shift.keeps),
        for_later=any(it.recording is None for it in statements),
    )


def _remains(
    connection: Connection, reading: Reading, said: Sequence[Statement], blanket: dict[int, int]
) -> Iterator[Remain]:
    names = {it.program for it in said}
    name = next(iter(names)) if len(names) == 1 else None
    program = read_program(connection, name) if name else None
    words = reading.words(reading.after, program) if program else blanket
    spoken = {it.recording for it in said}
    about = [n for n in reading.own if None in spoken or reading.facts[n].id in spoken]
    now = remains(reading, reading.after, words, program, about)
    yield from now
    if None in spoken and program is None:
        besides = 0
        for one in now:
            besides |= one.uses
        yield from remains_later(reading, reading.after, besides)


def _shifts(reading: Reading, before: dict[int, int], after: dict[int, int]) -> Iterator[Shift]:
    for number in reading.own:
        if before[number] != after[number]:
            row = reading.facts[number]
            yield Shift(
                number=number,
                recording=row.id,
                title=row.title,
                before=before[number],
                after=after[number],
            )


def _program_shifts(
    connection: Connection,
    reading: Reading,
    blanket: tuple[dict[int, int], dict[int, int]],
    at: datetime,
) -> Iterator[tuple[ProgramShift, int]]:
    """Give what every program gains, loses and keeps, with how long it keeps things [days]."""
    for program, owner, days in running_programs(connection, at):
        before, after = (
            permitted(reading, words, program.uses) for words in words_to(reading, blanket, program)
        )
        shift = ProgramShift(
            program=program.id,
            owner=owner,
            is_live=program.is_live(at),
            gains=tuple(sorted(after - before)),
            loses=tuple(sorted(before - after)),
            keeps=tuple(sorted(before & after)),
            uses=program.uses,
        )
        yield shift, days


def _leaving(
    connection: Connection, programs: Sequence[tuple[ProgramShift, int]], at: datetime
) -> Iterator[Leaving]:
    for shift, days in programs:
        if not shift.loses:
            continue
        for one in read_sets(connection, shift.program):
            if recordings := one.members & BitMap(shift.loses):
                yield Leaving(
                    training_set=one.id,
                    program=shift.program,
                    owner=shift.owner,
                    recordings=tuple(recordings),
                    days=days,
                    deadline=at + timedelta(days=days),
                )
