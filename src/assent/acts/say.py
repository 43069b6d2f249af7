"""What holders say: grant, refuse, withdraw a grant, lift a refusal, choose a preset.

Each is one statement and one event. What was said before is never changed; a later statement ends
it (permission/statements.py says how).
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from assent.acts.accounts import Account, find_account
from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.catalogue.events import Event
from assent.catalogue.rows import read_program, read_statements
from assent.clock import format_instant
from assent.errors import BadStatement, Unknown
from assent.permission.notice import notice
from assent.permission.presets import PRESETS, Preset
from assent.permission.statements import Statement
from assent.permission.uses import ALL, labels

__all__ = [
    "About",
    "can_withdraw",
    "choose",
    "grant",
    "lift",
    "record_statement",
    "refuse",
    "withdraw",
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


def grant(
    house: House,
    about: About,
    uses: int,
    *,
    all_programs: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Event:
    """Say yes to uses.

    Args:
        house: The platform.
        about: Who speaks, of what, to whom.
        uses: What for [60-bit word].
        all_programs: The words "for every program" were used; a generative use needs them, or a
            program.
        since: From when [aware datetime]; at once if None.
        until: Until when, exclusive [aware datetime]; for good if None.

    Raises:
        BadStatement: It cannot be meant: a date in the past, a use that the program does not ask
            for, a generative use without a program and without the words.
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    with house.act(about.by or about.holder) as act:
        if until is not None and until <= act.at:
            raise BadStatement("the grant would have run out before it starts", until=until)
        if since is not None and since < act.at:
            raise BadStatement("a grant cannot start in the past", since=since)
        return record_statement(
            act, about, grants=uses, all_programs=all_programs, since=since, until=until
        )


def refuse(house: House, about: About, uses: int) -> Event:
    """Say no to uses; ends the grants wherever it reaches.

    Raises:
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    with house.act(about.by or about.holder) as act:
        return record_statement(act, about, refuses=uses)


def withdraw(house: House, about: About, uses: int) -> Event:
    """Take earlier grants back wherever it reaches; opens nothing.

    Raises:
        BadStatement: Nothing was granted that it could take back.
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    with house.act(about.by or about.holder) as act:
        holder = _holder(act, about)
        said = read_statements(act.connection, [holder.id])[holder.id]
        if not any(can_withdraw(statement, about, uses) for statement in said):
            raise BadStatement(
                f"{holder.name} has granted nothing there that could be taken back", uses=uses
            )
        return record_statement(act, about, withdraws=uses)


def can_withdraw(statement: Statement, about: About, uses: int) -> bool:
    """Say whether a grant stands in a place that a withdrawal reaches, or reaches its place."""
    same_recording = None in {about.recording, statement.recording} or (
        about.recording == statement.recording
    )
    # a withdrawal for one program leaves a grant for every program alone
    same_program = about.program in {None, statement.program}
    return bool(statement.grants & uses) and same_recording and same_program


def lift(house: House, about: About, uses: int) -> Event:
    """Take an earlier refusal back, in the place where it was made; this can open uses.

    Raises:
        BadStatement: Nothing was refused in that place.
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    with house.act(about.by or about.holder) as act:
        holder = _holder(act, about)
        said = read_statements(act.connection, [holder.id])[holder.id]
        place = (about.recording, about.program)
        if not any((s.recording, s.program) == place and s.refuses & uses for s in said):
            raise BadStatement(
                f"{holder.name} has refused nothing there that could be taken back", uses=uses
            )
        return record_statement(act, about, lifts=uses)


def choose(house: House, holder: str, preset: Preset, by: str | None = None) -> Event:
    """Choose a preset for the whole account; replaces what was said for it before.

    Raises:
        Unknown: There is nobody of that name.
    """
    masks = PRESETS[preset]
    with house.act(by or holder) as act:
        return record_statement(
            act,
            About(holder=holder),
            grants=masks.granted,
            refuses=masks.refused,
            withdraws=ALL,
            lifts=ALL,
            preset=preset,
        )


def _holder(act: Act, about: About) -> Account:
    holder = find_account(act.connection, about.holder)
    if about.program is not None and read_program(act.connection, about.program) is None:
        raise Unknown(f"there is no program {about.program!r}", program=about.program)
    if about.recording is not None:
        held = select(tables.holdings.c.recording).where(
            tables.holdings.c.recording == about.recording,
            tables.holdings.c.holder == holder.id,
        )
        if act.connection.execute(held).first() is None:
            raise Unknown(
                f"{holder.name} holds no rights in a recording {about.recording!r}",
                recording=about.recording,
            )
    return holder


def record_statement(  # noqa: PLR0913  # the four verbs of a statement and what limits it
    act: Act,
    about: About,
    *,
    grants: int = 0,
    refuses: int = 0,
    withdraws: int = 0,
    lifts: int = 0,
    all_programs: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    preset: Preset | None = None,
) -> Event:
    """Write one statement within a change under way.

    Raises:
        BadStatement: It cannot be meant.
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    holder = _holder(act, about)
    program = read_program(act.connection, about.program) if about.program else None
    if program is not None and grants & ~program.uses:
        asked = ", ".join(labels(program.uses))
        raise BadStatement(f"the program {program.id!r} asks for {asked} and nothing else")
    # the value checks the rules of statements; nothing is written if it cannot be made
    statement = Statement(
        event=0,
        holder=holder.id,
        recording=about.recording,
        program=about.program,
        grants=grants,
        refuses=refuses,
        withdraws=withdraws,
        lifts=lifts,
        all_programs=all_programs,
        since=since,
        until=until,
    )
    return act.record(
        "statement",
        {
            "holder": statement.holder,
            "recording": statement.recording,
            "program": statement.program,
            "grants": list(labels(grants)),
            "refuses": list(labels(refuses)),
            "withdraws": list(labels(withdraws)),
            "lifts": list(labels(lifts)),
            "all_programs": all_programs,
            "since": format_instant(since) if since else None,
            "until": format_instant(until) if until else None,
            "preset": preset.value if preset else None,
            "asks": PRESETS[preset].asks if preset else None,
            "notice": sha256(notice(statement).encode()).hexdigest(),
        },
    )
