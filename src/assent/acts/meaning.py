"""What somebody is about to say: who speaks, of what, to whom, in which words, and its notice.

Nothing is said by that; `acts/say.py` says it. What cannot be meant is refused here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, bindparam, select

from assent.acts.accounts import Account, find_account
from assent.catalogue import tables
from assent.catalogue.rows import read_program
from assent.errors import BadStatement, Unknown
from assent.permission.notice import Behind, notice
from assent.permission.presets import PRESETS, Preset
from assent.permission.statements import Statement
from assent.permission.uses import ALL, Actor, labels

__all__ = [
    "About",
    "Words",
    "meant",
    "notice_digest",
    "notice_of",
    "notices_of",
    "preset_words",
    "speaker",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a statement is about.

    Args:
        holder: Who speaks: an account's or an artist's name.
        recording: About which recording; None for the whole account.
        program: For which program alone; None for every program.
        by: Who writes it down; the holder if None.
    """

    holder: str
    recording: str | None = None
    program: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a statement says: its verbs, and what limits them.

    Args:
        grants: Uses said yes to [60-bit word, as all of them].
        refuses: Uses said no to.
        withdraws: Uses whose earlier yes is taken back.
        lifts: Uses whose earlier no is taken back.
        all_programs: The words "for every program" were used.
        since: From when the yes counts [aware datetime]; at once if None.
        until: Until when, exclusive [aware datetime]; for good if None.
        preset: Which preset they are; None if they were chosen one by one.
    """

    grants: int = 0
    refuses: int = 0
    withdraws: int = 0
    lifts: int = 0
    all_programs: bool = False
    since: datetime | None = None
    until: datetime | None = None
    preset: Preset | None = None


def preset_words(preset: Preset) -> Words:
    """Return what a preset says for the whole account."""
    masks = PRESETS[preset]
    return Words(
        grants=masks.granted, refuses=masks.refused, withdraws=ALL, lifts=ALL, preset=preset
    )


def _behind(connection: Connection, program: str | None) -> Behind | None:
    """Return who is behind a program; None where none is named, or it is not known."""
    programs = tables.programs.c
    query = select(programs.owner, programs.actor, programs.purpose).where(programs.id == program)
    row = connection.execute(query).first() if program else None
    return Behind(owner=row.owner, actor=Actor(row.actor), purpose=row.purpose) if row else None


def notice_of(connection: Connection, statement: Statement) -> str:
    """Return the notice of a statement, with who is behind its program and what it speaks of."""
    (text,) = notices_of(connection, [statement])
    return text


def notices_of(connection: Connection, statements: Iterable[Statement]) -> Iterator[str]:
    """Give the notice of each statement."""
    owners: dict[str | None, Behind | None] = {}
    recordings = tables.recordings.c
    title = select(recordings.title).where(recordings.id == bindparam("id"))
    for said in statements:
        if said.program not in owners:
            owners[said.program] = _behind(connection, said.program)
        called = said.recording and connection.execute(title, {"id": said.recording}).scalar()
        yield notice(said, owners[said.program], called or "")


def notice_digest(connection: Connection, statement: Statement) -> str:
    """Return the digest of the notice of a statement [64 hexadecimal digits]."""
    return sha256(notice_of(connection, statement).encode()).hexdigest()


def meant(connection: Connection, about: About, words: Words) -> Statement:
    """Return the statement that somebody would make.

    Raises:
        BadStatement: It cannot be meant.
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    holder = speaker(connection, about)
    program = read_program(connection, about.program) if about.program else None
    if program is not None and words.grants & ~program.uses:
        asked = ", ".join(labels(program.uses))
        raise BadStatement(f"the program {program.id!r} asks for {asked} and nothing else")
    # the value checks the rules of statements; nothing is written if it cannot be made
    return Statement(
        event=0,
        holder=holder.id,
        recording=about.recording,
        program=about.program,
        grants=words.grants,
        refuses=words.refuses,
        withdraws=words.withdraws,
        lifts=words.lifts,
        all_programs=words.all_programs,
        since=words.since,
        until=words.until,
    )


def speaker(connection: Connection, about: About) -> Account:
    """Return who speaks.

    Raises:
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    holder = find_account(connection, about.holder)
    if about.program is not None and read_program(connection, about.program) is None:
        raise Unknown(f"there is no program {about.program!r}", program=about.program)
    if about.recording is not None:
        held = select(tables.holdings.c.recording).where(
            tables.holdings.c.recording == about.recording,
            tables.holdings.c.holder == holder.id,
        )
        if connection.execute(held).first() is None:
            raise Unknown(
                f"{holder.name} holds no rights in a recording {about.recording!r}",
                recording=about.recording,
            )
    return holder
