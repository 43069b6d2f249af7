"""What a choice would do: told before it is made, and exactly what it does when it is."""

from base64 import b64encode
from collections.abc import Sequence
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from sqlalchemy import Connection, Engine, select

from assent.catalogue import tables
from assent.catalogue.events import Event
from assent.catalogue.projection import record
from assent.catalogue.rows import program_of
from assent.catalogue.words import recordings_of, stored_words
from assent.permission.presets import PRESETS, Preset
from assent.permission.statements import Statement
from assent.permission.uses import ALL, CONSENT_ONLY, labels, parse_uses
from assent.studio.foresight import Foresight, foresee
from tests.catalogue.histories import Step, histories, statement_body, tell
from tests.databases import undone

many = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

CHOICES = ("preset", "grant", "refuse", "withdraw", "lift", "several")
VERBS = ("grants", "refuses", "withdraws", "lifts")


def play(connection: Connection, events: Sequence[Event]) -> None:
    for event in events:
        record(connection, event.kind, event.at, event.by, event.body)


def happened(connection: Connection, steps: Sequence[Step]) -> Event:
    """Let a history happen, and what was due by its end; return the last event."""
    events = tell(steps)
    play(connection, events)
    return record(connection, "statement.expire", events[-1].at, "clock", {})


def choice(connection: Connection, kind: str, chance: Random) -> Statement:
    """Return something that somebody of a history could say."""
    holdings = connection.execute(select(tables.holdings)).all()
    accounts = list(connection.execute(select(tables.accounts.c.id)).scalars())
    programs = connection.execute(select(tables.programs)).all()
    row = chance.choice(holdings) if holdings and chance.random() < 0.9 else None
    holder = row.holder if row else chance.choice(accounts)
    if kind == "preset":
        masks = PRESETS[chance.choice(list(Preset))]
        return Statement(
            event=0,
            holder=holder,
            grants=masks.granted,
            refuses=masks.refused,
            withdraws=ALL,
            lifts=ALL,
        )
    recording = row.recording if row and chance.random() < 0.5 else None
    program = chance.choice([*programs, None]) if programs else None
    uses = program.uses if program else some_uses(chance)
    words = dict.fromkeys(VERBS, 0)
    if kind == "several":
        words["grants"], words["refuses"] = uses & 0x5555555555555555, uses & 0xAAAAAAAAAAAAAAA
        words["withdraws"], words["lifts"] = some_uses(chance), some_uses(chance)
    else:
        words[f"{kind}s"] = uses
    return Statement(
        event=0,
        holder=holder,
        recording=recording,
        program=program.id if program else None,
        all_programs=program is None and bool(words["grants"] & CONSENT_ONLY),
        grants=words["grants"],
        refuses=words["refuses"],
        withdraws=words["withdraws"],
        lifts=words["lifts"],
    )


def some_uses(chance: Random) -> int:
    names = (
        "platform/search",
        "platform/train-analysis",
        "partner/*",
        "partner/train-rival",
        "*/*",
    )
    return parse_uses([chance.choice(names)])


def body_of(statement: Statement) -> dict[str, object]:
    return statement_body(
        statement.holder,
        recording=statement.recording,
        program=statement.program,
        all_programs=statement.all_programs,
        **{verb: list(labels(getattr(statement, verb))) for verb in VERBS},
    )


def answers(connection: Connection, holder: str) -> dict[tuple[str | None, int], int]:
    """Return the stored words of a holder's recordings, blanket and for each program."""
    own = recordings_of(connection, holder)
    programs = connection.execute(select(tables.programs.c.id)).scalars()
    return {
        (program, number): word
        for program in [None, *programs]
        for number, word in stored_words(connection, own, program).items()
    }


def cut(connection: Connection, after: Event) -> None:
    """Put a training set of every program on record that holds whatever it may use."""
    numbers = list(connection.execute(select(tables.recordings.c.number)).scalars())
    for place, row in enumerate(connection.execute(select(tables.programs)).all()):
        words = stored_words(connection, numbers, row.id)
        members = BitMap(n for n, word in words.items() if word & row.uses == row.uses)
        body = {
            "id": f"s{place}",
            "program": row.id,
            "head": after.number,
            "manifest": "0" * 64,
            "items": len(members),
            "members": b64encode(members.serialize()).decode(),
            "root": None,
        }
        record(connection, "training-set", after.at, "op", body)


@many
@given(steps=histories(), kind=st.sampled_from(CHOICES), seed=st.integers(0, 2**20))
def test_what_is_foreseen_is_what_happens(
    engine: Engine, steps: list[Step], kind: str, seed: int
) -> None:
    with undone(engine) as connection:
        last = happened(connection, steps)
        at = last.at
        cut(connection, last)
        said = choice(connection, kind, Random(seed))
        before = answers(connection, said.holder)
        foreseen = foresee(connection, [said], at)
        record(connection, "statement", at, said.holder, body_of(said))
        after = answers(connection, said.holder)
        check_words(foreseen, before, after)
        check_programs(connection, foreseen, before, after)


def check_words(
    foreseen: Foresight,
    before: dict[tuple[str | None, int], int],
    after: dict[tuple[str | None, int], int],
) -> None:
    told = {shift.number: (shift.before, shift.after) for shift in foreseen.shifts}
    real = {
        number: (word, after[None, number])
        for (program, number), word in before.items()
        if program is None and word != after[None, number]
    }
    assert told == real


def check_programs(
    connection: Connection,
    foreseen: Foresight,
    before: dict[tuple[str | None, int], int],
    after: dict[tuple[str | None, int], int],
) -> None:
    gains: set[tuple[str, int]] = set()
    loses: set[tuple[str, int]] = set()
    leaving: set[tuple[str, int]] = set()
    for row in connection.execute(select(tables.programs).where(tables.programs.c.ended.is_(None))):
        uses = program_of(row).uses
        sets = select(tables.training_sets.c.id).where(tables.training_sets.c.program == row.id)
        for (program, number), word in before.items():
            was, will = word & uses == uses, after[program, number] & uses == uses
            if program != row.id or was == will:
                continue
            (gains if will else loses).add((row.id, number))
            if was:
                leaving |= {(it, number) for it in connection.execute(sets).scalars()}
    assert {(it.program, n) for it in foreseen.programs for n in it.gains} == gains
    assert {(it.program, n) for it in foreseen.programs for n in it.loses} == loses
    assert {(it.training_set, n) for it in foreseen.leaving for n in it.recordings} == leaving
    assert foreseen.left == len({number for _, number in leaving})


@many
@given(steps=histories(), seed=st.integers(0, 2**20))
def test_a_yes_that_opens_a_use_nowhere_is_told_with_what_stands_in_the_way(
    engine: Engine, steps: list[Step], seed: int
) -> None:
    with undone(engine) as connection:
        at = happened(connection, steps).at
        said = choice(connection, "grant", Random(seed))
        foreseen = foresee(connection, [said], at)
        record(connection, "statement", at, said.holder, body_of(said))
        own = recordings_of(connection, said.holder, said.recording)
        words = stored_words(connection, own, said.program)
        shut = 0
        for word in words.values():
            shut |= said.grants & ~word
        told = 0
        for stay in foreseen.stays:
            assert stay.reason is not None
            assert stay.recordings <= len(own)
            told |= stay.uses
        assert told == shut


def test_several_statements_are_foreseen_one_after_the_other(sqlite_engine: Engine) -> None:
    with undone(sqlite_engine) as connection:
        events = tell([("recording", 3), ("recording", 4), ("recording", 5)])
        play(connection, events)
        at = events[-1].at
        row = connection.execute(select(tables.holdings)).first()
        assert row is not None
        uses = parse_uses(["platform/search"])
        yes = Statement(event=0, holder=row.holder, grants=uses)
        no = Statement(event=0, holder=row.holder, refuses=uses)
        alone = foresee(connection, [no], at)
        both = foresee(connection, [yes, no], at)
        assert both.shifts == alone.shifts
        assert both.recordings == alone.recordings
