"""The latest words as the tree of them holds them, over histories and across pages."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from sqlalchemy import Connection, Engine, create_engine, select

from assent.catalogue import states as module
from assent.catalogue import tables
from assent.catalogue.engine import reading, writing
from assent.catalogue.events import new_opening
from assent.catalogue.projection import project
from assent.catalogue.states import RecordingState, openings, states
from assent.log.leaf import parse_json
from tests.catalogue.histories import Step, histories, recording_body, tell


def told(connection: Connection, steps: list[Step]) -> None:
    """Write a history: its events, each with an opening, and the tables that follow."""
    for event in tell(steps):
        text = rfc8785.dumps(dict(event.body)).decode()
        connection.execute(
            tables.events.insert().values(
                number=event.number,
                kind=event.kind,
                at="2031-01-01T00:00:00.000Z",
                by=event.by,
                body=text,
                opening=event.number.to_bytes(32),
            )
        )
        project(connection, event)


def second_reading(connection: Connection) -> list[RecordingState]:
    """The same, one recording at a time and without a join."""
    found = []
    rows = connection.execute(select(tables.recordings).order_by(tables.recordings.c.number)).all()
    for row in rows:
        words = tables.program_words
        own: list[Any] = list(
            connection.execute(select(words).where(words.c.recording == row.number)).all()
        )
        said = {
            "event": max([row.word_event, *(it.event for it in own)]),
            "programs": {it.program: it.word.to_bytes(8).hex() for it in own},
            "word": row.word.to_bytes(8).hex(),
        }
        opening = row.event.to_bytes(32)
        found.append(RecordingState(row.id, row.event, opening, rfc8785.dumps(said)))
    return found


@given(histories())
@settings(max_examples=5, deadline=None)
def test_states_are_the_stored_words_of_every_recording(steps: list[Step]) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        tables.metadata.create_all(connection)
        told(connection, steps)
        expected = second_reading(connection)
        assert expected
        for page in (10_000, 1, 2):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(module, "_PAGE", page)
                assert list(states(connection)) == expected
        for one in expected:
            assert list(states(connection, one.recording)) == [one]
        assert list(states(connection, "r999")) == []
    engine.dispose()


@given(histories())
@settings(max_examples=5, deadline=None)
def test_no_event_later_than_that_of_a_state_changed_its_words(steps: list[Step]) -> None:
    """Whoever reads a state knows as of which event it came to be."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        tables.metadata.create_all(connection)
        seen: dict[str, dict[bytes, int]] = {}
        for event in tell(steps):
            connection.execute(
                tables.events.insert().values(
                    number=event.number, kind=event.kind, at="", by="", body="", opening=b"x" * 32
                )
            )
            project(connection, event)
            for state in states(connection):
                seen.setdefault(state.recording, {}).setdefault(state.said, event.number)
        for state in states(connection):
            assert parse_json(state.said)["event"] == seen[state.recording][state.said]
    engine.dispose()


def prepared(engine: Engine, count: int) -> None:
    with writing(engine) as connection:
        rows = [
            {
                "number": number + 1,
                "kind": "recording",
                "at": "2031-01-01T00:00:00.000Z",
                "by": "",
                "body": "{}",
                "opening": new_opening(),
            }
            for number in range(count)
        ]
        connection.execute(tables.events.insert(), rows)
        for number in range(count):
            body = recording_body(f"r{number}", [])
            body.pop("holders")
            kept = {name: body[name] for name in body if name != "tags"}
            connection.execute(
                tables.recordings.insert().values(
                    number=number, tags="{}", original=None, held=0, word=number,
                    word_event=number + 1, event=number + 1, **kept,
                )
            )  # fmt: skip


def test_both_databases_give_the_same_in_pages(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGE", 7)
    prepared(engine, 30)
    with reading(engine) as connection:
        found = list(states(connection))
        assert [state.recording for state in found] == [f"r{number}" for number in range(30)]
        assert [state.event for state in found] == list(range(1, 31))
        assert [parse_json(state.said)["word"] for state in found] == [
            f"{number:016x}" for number in range(30)
        ]
        kept = openings(connection, [3, 29, 1_000])
        assert kept == {3: found[3].opening, 29: found[29].opening}
        assert {len(opening) for opening in kept.values()} == {32}
        assert openings(connection, []) == {}


def test_no_recordings_have_no_states(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine) as connection:
        assert list(states(connection)) == []
        assert list(states(connection, "r0")) == []
