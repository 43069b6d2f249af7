"""What a statement comes to: how much of the speaker's recordings is open now, and what changed.

Programs are counted in the snapshot, uses in the stored words, so that ten thousand recordings
cost no more than a look. Why some of them are closed: causes.py.
"""

from dataclasses import dataclass

from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.facts import FactReader
from assent.catalogue.words import due, recordings_of, stored_words
from assent.permission.decide import word_of
from assent.permission.programs import Program

__all__ = ["Asked", "Outcome", "Picture", "compare", "look"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is looked at.

    Args:
        holder: Whose recordings, by the account's id.
        recording: Which of them; all if None.
        program: For which program; for the uses alone if None.
        uses: For which uses, where no program is named [60-bit word].
        spoken: Which uses the statement touches [60-bit word].
    """

    holder: str
    recording: str | None
    program: Program | None
    uses: int
    spoken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What was open at one moment.

    Args:
        words: The words of the recordings, by number.
        programs: The recordings that each program may use.
    """

    words: dict[int, int]
    programs: dict[str, frozenset[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What it comes to.

    Args:
        opened: Numbers of the recordings that are open for all that was asked.
        partly: Numbers of those that are open for some of it.
        closed: Numbers of all that are not open for all of it.
        changed: Numbers of those whose answer is another than before.
        programs: Of the programs that the statement touches: recordings open, recordings changed.
    """

    opened: tuple[int, ...]
    partly: tuple[int, ...]
    closed: tuple[int, ...]
    changed: tuple[int, ...]
    programs: dict[str, tuple[int, int]]


def look(house: House, asked: Asked) -> Picture:
    """Return what is open now.

    Raises:
        Stale: The catalogue could not be looked at.
    """
    with house.reading() as connection:
        numbers = recordings_of(connection, asked.holder, asked.recording)
        words = stored_words(connection, numbers, None)
        at = house.clock()
        for number in words.keys() & set(due(connection, at)):
            words[number] = word_of(FactReader(connection).facts(f"r{number}", None, at))
        programs = tables.programs.c
        query = select(programs.id, programs.uses)
        touched = [
            name
            for name, uses in connection.execute(query)
            if (name == asked.program.id if asked.program else uses & asked.spoken)
        ]
    own = frozenset(words)
    return Picture(
        words=words,
        programs={
            name: own.intersection(house.gate.snapshot.permitted(name).numbers.tolist())
            for name in touched
        },
    )


def compare(before: Picture, now: Picture, asked: Asked) -> Outcome:
    """Return what a statement has come to."""
    numbers = sorted(now.words)
    changed_for = {
        name: opened ^ before.programs.get(name, frozenset())
        for name, opened in now.programs.items()
    }
    if asked.program is not None:
        may, uses = now.programs[asked.program.id], asked.program.uses
        opened = [n for n in numbers if n in may]
        partly: list[int] = []
        changed = sorted(changed_for[asked.program.id])
    else:
        uses = asked.uses
        opened = [n for n in numbers if now.words[n] & uses == uses]
        partly = [n for n in numbers if 0 < now.words[n] & uses < uses]
        changed = [n for n in numbers if (now.words[n] ^ before.words.get(n, 0)) & asked.spoken]
    return Outcome(
        opened=tuple(opened),
        partly=tuple(partly),
        closed=tuple(sorted(set(numbers) - set(opened))),
        changed=tuple(changed),
        programs={
            name: (len(now.programs[name]), len(changes)) for name, changes in changed_for.items()
        },
    )
