"""Events: what is written is what is read, one after the other, and nothing half."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from assent.catalogue import tables
from assent.catalogue.engine import reading, writing
from assent.catalogue.events import Event, append, head, read, replay
from assent.catalogue.projection import record
from tests.catalogue.processes import run_at_once
from tests.databases import undone

AT = datetime(2031, 1, 31, 9, tzinfo=UTC)

_names = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(_names, _values, max_size=4)


@given(body=bodies, ms=st.integers(0, 10**12))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_appended_is_what_is_read(engine: Engine, body: dict[str, object], ms: int) -> None:
    at = AT + timedelta(milliseconds=ms)
    with undone(engine) as connection:
        event = append(connection, "account", at, "Åsa", body)
        assert event.number == 1 == head(connection)
        assert read(connection, 1) == event
        assert [again.canonical() for again in replay(connection)] == [event.canonical()]
    assert event.body == json.loads(json.dumps(body))
    assert event.at == at


def test_an_event_is_returned_as_it_will_be_read(engine: Engine) -> None:
    # a tuple, a whole float and microseconds do not survive; the tables must not see them either
    odd = datetime(2031, 1, 31, 10, 0, 0, 123_999, timezone(timedelta(hours=1)))
    with writing(engine) as connection:
        event = append(connection, "account", odd, "op", {"a": (1.0, -0.0), "b": 1e21})
        assert read(connection, 1) == event
    assert event.at == datetime(2031, 1, 31, 9, 0, 0, 123_000, UTC)
    assert json.dumps(event.body) == '{"a": [1, 0], "b": 1e+21}'


def test_the_canonical_form_is_that_of_rfc_8785() -> None:
    # appendix of the RFC: numbers as ECMAScript writes them, names by UTF-16, least escapes
    body = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\x0f\nA\'B"\\\\"/',
        "literals": [None, True, False],
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    event = Event(number=7, kind="account", at=AT, by="op", body=body)
    assert event.canonical().decode() == (
        '{"at":"2031-01-31T09:00:00.000Z","body":{"\\r":"Carriage Return","1":"One",'
        '"literals":[null,true,false],'
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/",'
        '"\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign",'
        '"\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"},'
        '"by":"op","kind":"account","number":7}'
    )


def test_equal_events_have_equal_bytes_whatever_the_order_of_their_fields() -> None:
    one = Event(number=1, kind="hold", at=AT, by="op", body={"b": 1, "a": [2]})
    other = Event(number=1, kind="hold", at=AT, by="op", body={"a": [2.0], "b": 1})
    assert one.canonical() == other.canonical()


def test_nothing_has_happened_yet(engine: Engine) -> None:
    with reading(engine) as connection:
        assert head(connection) == 0
        assert read(connection, 1) is None
        assert list(replay(connection)) == []


def test_replay_gives_every_event_up_to_one(engine: Engine) -> None:
    with writing(engine) as connection:
        for number in range(1, 2_102):
            append(connection, "account", AT, "op", {"n": number})
    with reading(engine) as connection:
        assert [event.number for event in replay(connection)] == list(range(1, 2_102))
        assert [event.body["n"] for event in replay(connection, 2_001)] == list(range(1, 2_002))
        assert list(replay(connection, 0)) == []


def test_replay_leaves_the_connection_free_for_other_work(engine: Engine) -> None:
    with writing(engine) as connection:
        for number in range(1, 4):
            append(connection, "account", AT, "op", {"n": number})
        found = [(event.number, read(connection, event.number)) for event in replay(connection)]
        assert all(event is not None and event.number == number for number, event in found)
        assert "yield_per" not in connection.get_execution_options()


def test_what_fails_leaves_no_event_and_no_row(engine: Engine) -> None:
    account = {"id": "ada", "name": "Ada", "role": "creator"}
    with writing(engine) as connection:
        record(connection, "account", AT, "op", account)
    both = ({**account, "id": "eve", "name": "Eve"}, {"id": "bad"})
    with pytest.raises(KeyError, match="name"), writing(engine) as connection:
        [record(connection, "account", AT, "op", body) for body in both]
    with reading(engine) as connection:
        assert head(connection) == 1
        assert connection.execute(select(tables.accounts.c.id)).scalars().all() == ["ada"]
    with writing(engine) as connection:
        assert (
            record(connection, "account", AT, "op", {**account, "id": "b", "name": "B"}).number == 2
        )


def test_a_kind_that_nobody_knows_is_not_written(engine: Engine) -> None:
    with pytest.raises(KeyError, match="no-such-kind"), writing(engine) as connection:
        record(connection, "no-such-kind", AT, "op", {})
    with reading(engine) as connection:
        assert head(connection) == 0


APPEND = """
import sys
from datetime import UTC, datetime
from assent.catalogue.engine import connect, writing
from assent.catalogue.events import append
engine = connect(sys.argv[1])
---
for n in range(100):
    with writing(engine) as connection:
        event = append(connection, "account", datetime(2031, 1, 1, tzinfo=UTC), "op", {"n": n})
    print(event.number)
engine.dispose()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_writers_leave_no_gap_and_no_number_twice(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    url = engine.url.render_as_string(hide_password=False)
    printed = run_at_once(APPEND, url, processes=2)
    numbers = [[int(line) for line in lines.split()] for lines in printed]
    assert sorted(numbers[0] + numbers[1]) == list(range(1, 201))
    # each was told the truth: its own numbers rise
    assert all(own == sorted(own) for own in numbers)
    with reading(engine) as connection:
        assert [event.number for event in replay(connection)] == list(range(1, 201))


def test_a_writer_at_any_default_isolation_sees_the_one_before(postgresql_engine: Engine) -> None:
    with writing(postgresql_engine) as connection:
        name = postgresql_engine.url.database
        connection.exec_driver_sql(
            f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
        )
    postgresql_engine.dispose()
    url = postgresql_engine.url.render_as_string(hide_password=False)
    printed = run_at_once(APPEND, url, processes=2)
    numbers = [int(line) for lines in printed for line in lines.split()]
    assert sorted(numbers) == list(range(1, 201))
