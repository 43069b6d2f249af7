"""Saying the same of many recordings at once: one transaction, one statement for each.

A recording of which it cannot be said is passed over and told with the reason; all others are said.
What is said never reaches beyond an agreement: where recordings are delivered under one, a yes
opens what its text asks a yes for, and nothing else (permission/algebra).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Connection, select

from assent.acts.accounts import Account, find_account
from assent.acts.house import Act, House
from assent.acts.meaning import notices_of
from assent.acts.say import About, can_withdraw, record_statement
from assent.catalogue import tables
from assent.catalogue.rows import read_program, read_statements
from assent.errors import BadInput, BadStatement, Unknown
from assent.permission.statements import Statement
from assent.permission.uses import labels

__all__ = [
    "MOST_AT_ONCE",
    "Bulk",
    "Outcome",
    "Verb",
    "foretold",
    "notices_digest",
    "say_of_each",
    "would_say",
]

MOST_AT_ONCE = 2_000
"""How many recordings one transaction speaks of: nobody else may write while it runs."""


class Verb(StrEnum):
    """What is said."""

    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    LIFT = "lift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What is said of each recording.

    Args:
        verb: Yes, no, or one of them taken back.
        uses: What for [60-bit word].
        program: For which program alone; None for every program.
        all_programs: The words "for every program" were used.
        until: When a yes ends [aware datetime]; None for never.
    """

    verb: Verb
    uses: int
    program: str | None = None
    all_programs: bool = False
    until: datetime | None = None

    def where(self, verb: Verb) -> int:
        """Return the uses of which it says this; 0 where it says something else."""
        return self.uses if self.verb is verb else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one recording.

    Args:
        recording: As it was named.
        event: Number of the statement's event; None where nothing was said.
        why_not: Why nothing was said, as one clause; empty where it was.
    """

    recording: str
    event: int | None = None
    why_not: str = ""


def would_say(bulk: Bulk, holder: str, recording: str | None = None) -> Statement:
    """Return the statement that would be made, for its notice.

    Args:
        bulk: What is said.
        holder: The account that speaks.
        recording: Of which recording; None for the whole account.

    Raises:
        BadStatement: It cannot be meant.
    """
    return Statement(
        event=0,
        holder=holder,
        recording=recording,
        program=bulk.program,
        all_programs=bulk.all_programs,
        until=bulk.until,
        grants=bulk.where(Verb.GRANT),
        refuses=bulk.where(Verb.REFUSE),
        withdraws=bulk.where(Verb.WITHDRAW),
        lifts=bulk.where(Verb.LIFT),
    )


def notices_digest(
    connection: Connection, bulk: Bulk, holder: str, recordings: Iterable[str | None]
) -> str:
    """Return one digest over the notices of all statements that would be made, in their order.

    Args:
        connection: Where the catalogue is read.
        bulk: What is said.
        holder: The account that speaks.
        recordings: Of which recordings; None alone for the whole account. Of a single one it is
            the digest of its notice, as that goes on record.

    Raises:
        BadStatement: It cannot be meant.
    """
    texts = notices_of(connection, (would_say(bulk, holder, it) for it in recordings))
    return sha256("\n\n".join(texts).encode()).hexdigest()


def say_of_each(
    house: House,
    holder: str,
    recordings: Sequence[str],
    bulk: Bulk,
    by: str,
    *,
    shown: str | None = None,
) -> tuple[Outcome, ...]:
    """Say the same of many recordings, all at once.

    Args:
        house: The platform.
        holder: Who speaks: an account's name.
        recordings: Of which recordings, by id; one that is named twice is spoken of once.
        bulk: What is said.
        by: Who writes it down.
        shown: The digest over the notices that were on the screen, as `notices_digest` gives it
            for those of which something would be said; not compared if None.

    Returns:
        What became of each, in the order in which they were named.

    Raises:
        BadInput: No recording is named, or too many.
        BadStatement: It can be said of no recording: a date in the past, a use that the program
            does not ask for, a generative use without a program and without the words; or what
            would be said is not what was on the screen.
        Unknown: There is no such holder or program.
    """
    named = _named(recordings)
    with house.act(by) as act:
        speaker = find_account(act.connection, holder)
        _check(act.connection, bulk, speaker.id, act.at)
        granted = _Granted(act.connection, speaker)
        if shown is not None:
            left = [it for it in named if not granted.objection(_about(holder, it, bulk), bulk)]
            if shown != notices_digest(act.connection, bulk, speaker.id, left):
                raise BadStatement("this is not what was on the screen; look at it once more")
        return tuple(_one(act, speaker.name, one, bulk, granted) for one in named)


def foretold(
    connection: Connection, holder: str, recordings: Sequence[str], bulk: Bulk, at: datetime
) -> tuple[Outcome, ...]:
    """Return of which recordings something would be said, and of which not, and why.

    Args:
        connection: Where the catalogue is read.
        holder: Who would speak: an account's name.
        recordings: Of which recordings, by id.
        bulk: What would be said.
        at: The instant [aware datetime].

    Returns:
        What would become of each; where nothing is in its way, no event and no reason.

    Raises:
        BadInput, BadStatement, Unknown: As `say_of_each` does.
    """
    named = _named(recordings)
    speaker = find_account(connection, holder)
    _check(connection, bulk, speaker.id, at)
    granted = _Granted(connection, speaker)
    return tuple(
        Outcome(recording=one, why_not=granted.objection(_about(speaker.name, one, bulk), bulk))
        for one in named
    )


def _named(recordings: Sequence[str]) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(recordings))
    if not named:
        raise BadInput("choose at least one recording")
    if len(named) > MOST_AT_ONCE:
        raise BadInput(
            f"that is {len(named)} recordings; at most {MOST_AT_ONCE} can be spoken of at once"
        )
    return named


def _about(name: str, recording: str, bulk: Bulk) -> About:
    return About(holder=name, recording=recording, program=bulk.program)


def _check(connection: Connection, bulk: Bulk, holder: str, at: datetime) -> None:
    """Refuse what could be said of no recording."""
    would_say(bulk, holder)
    if bulk.until is not None and bulk.until <= at:
        raise BadStatement("the grant would have run out before it starts", until=bulk.until)
    if bulk.program is None:
        return
    program = read_program(connection, bulk.program)
    if program is None:
        raise Unknown(f"there is no program {bulk.program!r}", program=bulk.program)
    if bulk.verb is Verb.GRANT and bulk.uses & ~program.uses:
        asked = ", ".join(labels(program.uses))
        raise BadStatement(f"the program {program.id!r} asks for {asked} and nothing else")


class _Granted:
    """What a holder holds and has said so far: of what something can be said, or taken back."""

    def __init__(self, connection: Connection, speaker: Account) -> None:
        self._name = speaker.name
        self._said: dict[str | None, list[Statement]] = {}
        for statement in read_statements(connection, [speaker.id])[speaker.id]:
            self._said.setdefault(statement.recording, []).append(statement)
        holdings = tables.holdings.c
        query = select(holdings.recording).where(holdings.holder == speaker.id)
        self._held = frozenset(connection.execute(query).scalars())

    def objection(self, about: About, bulk: Bulk) -> str:
        """Return why nothing can be said of a recording; empty where something can."""
        if about.recording not in self._held:
            # the same for what is somebody else's and for what there is not
            return f"{self._name} holds no rights in a recording {about.recording!r}"
        own = self._said.get(about.recording, [])
        if bulk.verb is Verb.WITHDRAW:
            said = own + self._said.get(None, [])
            if not any(can_withdraw(it, about, bulk.uses) for it in said):
                return f"{self._name} has granted nothing there that could be taken back"
        if bulk.verb is Verb.LIFT and not any(
            it.program == about.program and it.refuses & bulk.uses for it in own
        ):
            return f"{self._name} has refused nothing there that could be taken back"
        return ""


def _one(act: Act, name: str, recording: str, bulk: Bulk, granted: _Granted) -> Outcome:
    about = _about(name, recording, bulk)
    why_not = granted.objection(about, bulk)
    if why_not:
        return Outcome(recording=recording, why_not=why_not)
    try:
        event = record_statement(
            act,
            about,
            all_programs=bulk.all_programs,
            until=bulk.until,
            grants=bulk.where(Verb.GRANT),
            refuses=bulk.where(Verb.REFUSE),
            withdraws=bulk.where(Verb.WITHDRAW),
            lifts=bulk.where(Verb.LIFT),
        )
    except (BadStatement, Unknown) as error:  # checked before anything is written
        return Outcome(recording=recording, why_not=error.text)
    return Outcome(recording=recording, event=event.number)
