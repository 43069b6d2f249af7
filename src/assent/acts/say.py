"""What holders say: grant, refuse, withdraw a grant, lift a refusal, choose a preset.

Each is one statement and one event. What was said before is never changed; a later statement ends
it (permission/statements.py says how).
"""

from datetime import datetime

from sqlalchemy import Connection

from assent.acts.house import Act, House
from assent.acts.meaning import About, Words, meant, notice_digest, preset_words, speaker
from assent.catalogue.events import Event
from assent.catalogue.rows import read_statements
from assent.clock import format_instant
from assent.errors import BadStatement
from assent.permission.presets import PRESETS, Preset
from assent.permission.statements import Statement
from assent.permission.uses import labels

__all__ = [
    "About",
    "can_withdraw",
    "check_dates",
    "check_shown",
    "choose",
    "grant",
    "lift",
    "put_said",
    "record_statement",
    "refuse",
    "say",
    "withdraw",
]


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
    words = Words(grants=uses, all_programs=all_programs, since=since, until=until)
    with house.act(about.by or about.holder) as act:
        check_dates(words, act.at)
        return put_said(act, about, words)


def refuse(house: House, about: About, uses: int) -> Event:
    """Say no to uses; ends the grants wherever it reaches.

    Raises:
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    with house.act(about.by or about.holder) as act:
        return put_said(act, about, Words(refuses=uses))


def withdraw(house: House, about: About, uses: int) -> Event:
    """Take earlier grants back wherever it reaches; opens nothing.

    Raises:
        BadStatement: Nothing was granted that it could take back.
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    with house.act(about.by or about.holder) as act:
        holder = speaker(act.connection, about)
        said = read_statements(act.connection, [holder.id])[holder.id]
        if not any(can_withdraw(statement, about, uses) for statement in said):
            raise BadStatement(
                f"{holder.name} has granted nothing there that could be taken back", uses=uses
            )
        return put_said(act, about, Words(withdraws=uses))


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
        holder = speaker(act.connection, about)
        said = read_statements(act.connection, [holder.id])[holder.id]
        place = (about.recording, about.program)
        if not any((s.recording, s.program) == place and s.refuses & uses for s in said):
            raise BadStatement(
                f"{holder.name} has refused nothing there that could be taken back", uses=uses
            )
        return put_said(act, about, Words(lifts=uses))


def choose(house: House, holder: str, preset: Preset, by: str | None = None) -> Event:
    """Choose a preset for the whole account; replaces what was said for it before.

    Raises:
        Unknown: There is nobody of that name.
    """
    with house.act(by or holder) as act:
        return put_said(act, About(holder=holder), preset_words(preset))


def say(house: House, about: About, words: Words, *, shown: str | None = None) -> Event:
    """Say several things at once, as one statement.

    Args:
        house: The platform.
        about: Who speaks, of what, to whom.
        words: What is said.
        shown: The digest of the notice that was on the screen; not compared if None.

    Raises:
        BadStatement: It cannot be meant, or its notice is not the one that was on the screen.
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    with house.act(about.by or about.holder) as act:
        if shown is not None:
            check_shown(act.connection, meant(act.connection, about, words), shown)
        check_dates(words, act.at)
        return put_said(act, about, words)


def check_shown(connection: Connection, statement: Statement, shown: str) -> None:
    """Refuse what is not what was on the screen.

    Args:
        connection: Where the catalogue is read.
        statement: What would be said.
        shown: The digest of the notice that was on the screen.

    Raises:
        BadStatement: It is not that of this statement.
    """
    if shown != notice_digest(connection, statement):
        raise BadStatement("this is not what was on the screen; look at it once more")


def check_dates(words: Words, at: datetime) -> None:
    """Refuse a yes for a time that is past.

    Raises:
        BadStatement: It would start in the past, or have run out.
    """
    if words.until is not None and words.until <= at:
        raise BadStatement("the grant would have run out before it starts", until=words.until)
    if words.since is not None and words.since < at:
        raise BadStatement("a grant cannot start in the past", since=words.since)


def record_statement(  # noqa: PLR0913  # the four verbs of a statement and what limits it
    act: Act,
    about: About,
    *,
    grants: int = 0,
    refuses: int = 0,
    withdraws: int = 0,
    lifts: int = 0,
    all_programs: bool = False,
    until: datetime | None = None,
) -> Event:
    """Write one statement within a change under way, its verbs by name.

    Raises:
        BadStatement: It cannot be meant.
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    words = Words(
        grants=grants,
        refuses=refuses,
        withdraws=withdraws,
        lifts=lifts,
        all_programs=all_programs,
        until=until,
    )
    return put_said(act, about, words)


def put_said(act: Act, about: About, words: Words) -> Event:
    """Write one statement within a change under way.

    Raises:
        BadStatement: It cannot be meant.
        Unknown: There is no such holder, recording or program, or the recording is not theirs.
    """
    statement = meant(act.connection, about, words)
    return act.record(
        "statement",
        {
            "holder": statement.holder,
            "recording": statement.recording,
            "program": statement.program,
            "grants": list(labels(words.grants)),
            "refuses": list(labels(words.refuses)),
            "withdraws": list(labels(words.withdraws)),
            "lifts": list(labels(words.lifts)),
            "all_programs": words.all_programs,
            "since": format_instant(words.since) if words.since else None,
            "until": format_instant(words.until) if words.until else None,
            "preset": words.preset.value if words.preset else None,
            "asks": PRESETS[words.preset].asks if words.preset else None,
            "notice": notice_digest(act.connection, statement),
        },
    )
