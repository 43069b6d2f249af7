"""Stored words after random histories: the algebra's, however they are computed and asked for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Executable, select

from assent.catalogue import tables
from assent.catalogue.engine import connect, writing
from assent.catalogue.events import Event
from assent.catalogue.facts import FactReader
from assent.catalogue.projection import rebuild, record
from assent.catalogue.rows import read_program
from assent.catalogue.schema import prepare
from assent.catalogue.word_sql import permitted_query, word_query
from assent.catalogue.words import due, stored_words
from assent.clock import format_instant
from assent.permission.bulk import recompute
from assent.permission.decide import word_of
from assent.permission.uses import labels
from tests.catalogue.histories import (
    START,
    Step,
    histories,
    holders_body,
    program_body,
    recording_body,
    statement_body,
    tell,
    text_body,
)
from tests.catalogue.oracle import Oracle
from tests.databases import undone

# each example works in a transaction of its own and undoes it: the database stays as it was
many = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
some = settings(many, max_examples=4)


def play(connection: Connection, events: Sequence[Event]) -> None:
    for event in events:
        written = record(connection, event.kind, event.at, event.by, event.body)
        assert written.number == event.number


def pairs(connection: Connection, query: Executable) -> dict[int, Any]:
    return {row[0]: row[1] for row in connection.execute(query)}


def shown(words: dict[str, int]) -> dict[str, tuple[str, ...]]:
    return {name: labels(word) for name, word in words.items()}


def stored(connection: Connection, oracle: Oracle, program: str | None) -> dict[str, int]:
    words = stored_words(connection, range(len(oracle.recordings)), program)
    return {name: words[number] for number, name in enumerate(oracle.recordings)}


def point(oracle: Oracle, program: str | None, at: datetime) -> dict[str, int]:
    return {name: word_of(oracle.facts(name, program, at)) for name in oracle.recordings}


def everything(connection: Connection) -> dict[str, list[Any]]:
    return {
        table.name: list(connection.execute(select(table).order_by(*table.primary_key)))
        for table in tables.PROJECTIONS
    }


def check_agreement(engine: Engine, steps: list[Step]) -> None:
    events = tell([*steps, ("expire", 0)])
    oracle, at = Oracle(events), events[-1].at
    with undone(engine) as connection:
        play(connection, events)
        reader = FactReader(connection)
        for program in (None, *oracle.programs):
            expected = shown(point(oracle, program, at))
            bulk = recompute(oracle.columns(program, at))
            assert expected == shown(stored(connection, oracle, program))
            assert expected == shown(dict(zip(oracle.recordings, map(int, bulk), strict=True)))
            known = read_program(connection, program) if program else None
            for name in oracle.recordings:
                assert reader.facts(name, known, at) == oracle.facts(name, program, at)
        computed = pairs(connection, word_query())
        assert computed == dict(enumerate(point(oracle, None, at).values()))


@many
@given(steps=histories())
def test_stored_is_bulk_is_point_is_sql(engine: Engine, steps: list[Step]) -> None:
    check_agreement(engine, steps)


@pytest.mark.slow
@settings(many, max_examples=300)
@given(steps=histories())
def test_stored_is_bulk_is_point_is_sql_after_many_histories(
    engine: Engine, steps: list[Step]
) -> None:
    check_agreement(engine, steps)


@many
@given(steps=histories(), later_ms=st.integers(0, 20 * 86_400_000))
def test_a_word_can_be_trusted_until_it_says_otherwise(
    sqlite_engine: Engine, steps: list[Step], later_ms: int
) -> None:
    events = tell(steps)
    oracle, at = Oracle(events), events[-1].at + timedelta(milliseconds=later_ms)
    recordings, named = tables.recordings.c, tables.program_words.c
    with undone(sqlite_engine) as connection:
        play(connection, events)
        query = select(recordings.number, recordings.good_until)
        blanket = pairs(connection, query)
        overdue = set()
        for program in (None, *oracle.programs):
            query = select(named.recording, named.good_until).where(named.program == program)
            limits = blanket | pairs(connection, query)
            run_out = {n for n, limit in limits.items() if limit and limit <= format_instant(at)}
            overdue |= run_out
            expected, found = point(oracle, program, at), stored(connection, oracle, program)
            for number, name in enumerate(oracle.recordings):
                if number not in run_out:
                    assert labels(found[name]) == labels(expected[name]), (name, program)
        assert overdue <= set(due(connection, at))


@some
@given(steps=histories(), uses=st.integers(1, 2**60 - 1))
def test_permitted_is_every_recording_whose_word_has_all_the_uses(
    engine: Engine, steps: list[Step], uses: int
) -> None:
    events = tell([*steps, ("expire", 0)])
    oracle, at = Oracle(events), events[-1].at
    with undone(engine) as connection:
        play(connection, events)
        for program in (None, *oracle.programs):
            words = list(enumerate(point(oracle, program, at).values()))
            # any bit of an open word, so that some are found
            asked = next((word & -word for _, word in words if word), uses)
            found = connection.execute(permitted_query(asked, program)).scalars().all()
            assert found == [number for number, word in words if word & asked == asked]


@some
@given(steps=histories(), share=st.floats(0, 1))
def test_rebuilding_gives_the_same_rows_and_as_of_those_of_the_time(
    engine: Engine, steps: list[Step], share: float
) -> None:
    events = tell(steps)
    until = int(share * len(events))
    fresh = connect("sqlite://")
    prepare(fresh)
    with undone(engine) as connection:
        play(connection, events[:until])
        then = everything(connection)
        for event in events[until:]:
            record(connection, event.kind, event.at, event.by, event.body)
        now = everything(connection)
        with writing(fresh) as other:
            rebuild(other, connection)
            assert everything(other) == now
            rebuild(other, connection, until)
            assert everything(other) == then
        rebuild(connection, connection)
        assert everything(connection) == now
    fresh.dispose()


def told(connection: Connection, *said: tuple[str, dict[str, Any]]) -> None:
    for kind, body in said:
        record(connection, kind, START, "op", body)


def statement(**said: Any) -> tuple[str, dict[str, Any]]:
    return "statement", statement_body(**said)


def house(connection: Connection, *recordings: str) -> None:
    """Ada, who accepted terms that take recommending by a grant; the recordings are hers."""
    told(
        connection,
        ("terms.publish", text_body("terms", {"opt_in": ["partner/recommend"]})),
        ("account", {"id": "ada", "name": "Ada", "role": "creator"}),
        ("terms.accept", {"account": "ada", "text": "terms"}),
        *(("recording", recording_body(name, [("ada", "world")])) for name in recordings),
    )


def test_a_copy_is_trusted_no_longer_than_its_original(sqlite_engine: Engine) -> None:
    until = format_instant(START + timedelta(days=1))
    with writing(sqlite_engine) as connection:
        house(connection, "original", "copy")
        told(
            connection,
            statement(
                holder="ada", recording="original", grants=["partner/recommend"], until=until
            ),
            statement(holder="ada", recording="copy", grants=["partner/recommend"]),
            ("copy", {"recording": "copy", "original": "original"}),
        )
        limits = connection.execute(select(tables.recordings.c.good_until)).scalars().all()
        assert limits == [until, until]
        assert due(connection, START + timedelta(days=1)) == [0, 1]


def test_what_names_a_program_before_it_is_proposed_counts(sqlite_engine: Engine) -> None:
    use = ["partner/recommend"]
    with writing(sqlite_engine) as connection:
        house(connection, "song")
        told(
            connection,
            statement(holder="ada", grants=use),
            statement(holder="ada", program="program-0", refuses=use),
        )
        told(connection, ("program.propose", program_body("program-0", START + timedelta(days=9))))
        assert labels(stored_words(connection, [0], None)[0]) == ("partner/recommend",)
        assert labels(stored_words(connection, [0], "program-0")[0]) == ()


def test_an_agreement_that_comes_after_its_recordings_opens_them(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as connection:
        house(connection)
        told(
            connection,
            ("recording", recording_body("song", [("ada", "world")], "deal")),
        )
        assert stored_words(connection, [0], None) == {0: 0}
        told(connection, ("agreement", text_body("deal", {"granted": ["group/search"]})))
        assert labels(stored_words(connection, [0], None)[0]) == ("group/search",)


def test_a_holder_without_an_account_and_a_lost_original_close(sqlite_engine: Engine) -> None:
    grant = statement(holder="ada", grants=["partner/recommend"])
    with writing(sqlite_engine) as connection:
        house(connection, "song", "tune", "copy")
        told(
            connection,
            grant,
            (
                "holding",
                {
                    "recording": "tune",
                    "holders": holders_body([("ada", "world"), ("eve", "world")]),
                },
            ),
            ("copy", {"recording": "copy", "original": "lost"}),
        )
        assert [labels(word) for word in stored_words(connection, [0, 1, 2], None).values()] == [
            ("partner/recommend",),
            (),
            (),
        ]
        assert pairs(connection, word_query()) == stored_words(connection, [0, 1, 2], None)


def test_a_copy_keeps_words_only_for_programs_that_its_original_has_some_for(
    sqlite_engine: Engine,
) -> None:
    named = tables.program_words.c
    query = select(named.program, named.recording).order_by(named.program, named.recording)
    with writing(sqlite_engine) as connection:
        house(connection, "original", "copy", "copy of the copy")
        told(
            connection,
            *(("program.propose", program_body(f"program-{n}", START)) for n in range(3)),
            ("copy", {"recording": "copy", "original": "original"}),
            ("copy", {"recording": "copy of the copy", "original": "copy"}),
        )
        assert connection.execute(query).all() == []
        said = {"recording": "original", "program": "program-1", "refuses": ["partner/recommend"]}
        told(connection, statement(holder="ada", **said))
        kept = [tuple(row) for row in connection.execute(query)]
        assert kept == [("program-1", number) for number in range(3)]
