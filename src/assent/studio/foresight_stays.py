"""Where what is said would change nothing: what stands in the way, and who could change it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection

from assent.catalogue.facts import FactReader, Memory
from assent.catalogue.rows import read_program, read_statements
from assent.permission.algebra import says
from assent.permission.facts import Facts, Role
from assent.permission.programs import Program
from assent.permission.reasons import Kind, Reason, blockers
from assent.permission.statements import Statement, Voice, fold
from assent.permission.uses import ALL
from assent.studio.foresight_reading import Reading

__all__ = ["Stay", "Why", "stays", "told_once"]

_OF_PROGRAM = {Kind.NOT_APPROVED, Kind.SUSPENDED, Kind.ENDED, Kind.NOT_STARTED, Kind.OVER}


class Why(Enum):
    """Why what is said would change nothing."""

    BLOCKED = "blocked"
    """A yes: something else stands in the way."""
    TAKEN = "taken"
    """A no: the terms take it even so."""
    UNASKED = "unasked"
    """A yes taken back: the terms open it without one."""
    SAID = "said"
    """A yes taken back: a wider one of the same holder stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Uses that would stay as they are in some recordings, whatever is said.

    Args:
        why: Why; where it is blocked they stay closed, else open.
        uses: Which uses.
        recordings: How many recordings.
        reason: What stands in the way of a yes; None for all else.
        is_original: Whether that is about what these recordings were made from.
    """

    why: Why
    uses: int
    recordings: int
    reason: Reason | None = None
    is_original: bool = False


class _Supposed(Memory):
    """What is said, and what is not said yet."""

    def __init__(self, connection: Connection, more: Sequence[Statement]) -> None:
        super().__init__(connection)
        self._more = more
        self._folded: dict[str, Voice] = {}

    def voice(self, connection: Connection, holder: str, at: datetime) -> Voice:
        """Return all that a holder has said and would say."""
        if holder not in self._folded:
            said = read_statements(connection, [holder])[holder]
            said += [it for it in self._more if it.holder == holder]
            self._folded[holder] = fold(said, at)
        return self._folded[holder]


def stays(
    connection: Connection,
    reading: Reading,
    said: Sequence[Statement],
    blanket: dict[int, int],
    at: datetime,
) -> tuple[Stay, ...]:
    """Return where what is said would change nothing.

    Args:
        connection: Where the catalogue is read.
        reading: The holder's recordings.
        said: What would be said.
        blanket: The words that they would have, by number.
        at: The instant to answer for [aware datetime].
    """
    reader = FactReader(connection, _Supposed(connection, said))
    found: dict[object, Stay] = {}
    for statement in said:
        program = read_program(connection, statement.program) if statement.program else None
        words = reading.words(reading.after, program) if program else blanket
        for numbers in _alike(reading, statement, words):
            facts = reader.facts(reading.facts[numbers[0]].id, program, at)
            some = (
                *_blocked(facts, statement, program, words[numbers[0]], at),
                *_open_still(facts, statement, words[numbers[0]]),
            )
            for key, stay in _merged(some).items():
                more = replace(stay, recordings=len(numbers))
                found[key] = _sum(found[key], more) if key in found else more
    return tuple(found.values())


def _alike(reading: Reading, said: Statement, words: dict[int, int]) -> Iterator[list[int]]:
    """Give recordings that stay as they are for the same reasons, together."""
    alike: dict[object, list[int]] = {}
    for number in reading.own:
        of_it = said.recording in {None, reading.facts[number].id}
        no = said.refuses | _taken_back(said)
        if of_it and (said.grants & ~words[number] or no & words[number]):
            alike.setdefault((reading.kind_of(number), words[number]), []).append(number)
    yield from alike.values()


def _blocked(
    facts: Facts, said: Statement, program: Program | None, word: int, at: datetime
) -> Iterator[Stay]:
    """Give what stands in the way of a yes to one recording."""
    wanting = said.grants & ~word
    for reason in told_once(blockers(facts, program, wanting, at)) if wanting else ():
        if reason.kind not in _OF_PROGRAM:
            yield Stay(
                why=Why.BLOCKED,
                uses=reason.uses,
                recordings=1,
                reason=reason,
                is_original=reason.recording != facts.recording,
            )


def told_once(reasons: Iterable[Reason]) -> Iterator[Reason]:
    """Give reasons without those that could be lifted and nothing would change.

    Where the terms in force bar a use, it does not matter that those accepted bar it, too.
    """
    every = tuple(reasons)
    barred: dict[tuple[str, str | None], int] = {}
    for one in every:
        if one.kind is Kind.BARRED and one.role is Role.CURRENT:
            barred[one.recording, one.holder] = one.uses
    for one in every:
        uses = one.uses
        if one.kind is Kind.BARRED and one.role is Role.ACCEPTED:
            uses &= ~barred.get((one.recording, one.holder), 0)
        if uses:
            yield replace(one, uses=uses)


def _open_still(facts: Facts, said: Statement, word: int) -> Iterator[Stay]:
    """Give why uses of one recording stay open after a no, or after a yes was taken back."""
    own = next((it for it in facts.holders if it.id == said.holder), None)
    if own is None:
        return  # the program does not need this holder's consent where it runs
    unasked = says(own.first.masks, 0, 0) & says(own.second.masks, 0, 0)
    taken_back = _taken_back(said) & word & ~said.refuses
    for why, uses in (
        (Why.TAKEN, said.refuses & word),
        (Why.UNASKED, taken_back & unasked),
        (Why.SAID, taken_back & ~unasked),
    ):
        if uses:
            yield Stay(why=why, uses=uses, recordings=1)


def _taken_back(said: Statement) -> int:
    # a preset takes every yes back only to say anew what it means
    return 0 if said.withdraws == ALL else said.withdraws & ~said.grants


def _merged(some: Iterable[Stay]) -> dict[object, Stay]:
    """Return what is told of one recording by what it is about; two refusals by one are one."""
    merged: dict[object, Stay] = {}
    for stay in some:
        key = _key(stay)
        known = merged.get(key)
        merged[key] = replace(known, uses=known.uses | stay.uses) if known else stay
    return merged


def _key(stay: Stay) -> object:
    reason = stay.reason
    if reason is None:
        return stay.why
    # a hold's cause and a text's name tell them apart; its number does not matter to anybody
    return reason.kind, reason.holder, reason.role, reason.detail, stay.is_original


def _sum(one: Stay, other: Stay) -> Stay:
    uses, recordings = one.uses | other.uses, one.recordings + other.recordings
    return replace(one, uses=uses, recordings=recordings)
