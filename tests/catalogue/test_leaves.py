"""The ledger: each event has one place in a log, without gaps, and keeps it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assent.catalogue import leaves as leaves_module
from assent.catalogue import tables
from assent.catalogue.engine import reading, writing
from assent.catalogue.events import append
from assent.catalogue.leaves import INDEX_KINDS, Ledger, LogState, entry_of, promises
from assent.errors import StorageFailed, Tampered
from assent.log.tree import EMPTY_ROOT, Frontier, hash_leaf, root
from tests.catalogue.processes import run_at_once

AT = datetime(2031, 3, 1, 12, tzinfo=UTC)
ORIGIN = "log.example/consent"
KINDS = ("statement", "terms.accept", *INDEX_KINDS)


def happen(engine: Engine, kinds: Sequence[str]) -> None:
    with writing(engine) as connection:
        for kind in kinds:
            append(connection, kind, AT, "Ada", {"id": "x", "head": 1, "members": "AA=="})


def started(engine: Engine, name: str = "consent", kinds: Sequence[str] | None = None) -> Ledger:
    ledger = Ledger(engine, name, kinds)
    ledger.start(f"log.example/{name}")
    return ledger


def all_of(ledger: Ledger, limit: int = 4_096) -> int:
    """Have all events get their places; return how many there were."""
    total = 0
    while given := ledger.sequence(limit):
        assert given <= limit
        total += given
    return total


def placed(engine: Engine, name: str = "consent") -> list[int]:
    """The events of a log in the order of their places, which have no gap."""
    leaves = tables.leaves.c
    query = select(leaves.index, leaves.event).where(leaves.log == name).order_by(leaves.index)
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    assert [row[0] for row in rows] == list(range(len(rows)))
    return [row[1] for row in rows]


def kept(engine: Engine, name: str = "consent") -> list[tuple[bytes, bytes | None]]:
    with reading(engine) as connection:
        return list(promises(connection, name))


def test_a_log_begins_once_and_keeps_its_origin(engine: Engine) -> None:
    ledger = Ledger(engine, "consent")
    first = ledger.start(ORIGIN)
    assert first == LogState(origin=ORIGIN, frontier=Frontier())
    assert first.frontier.root() == EMPTY_ROOT
    assert ledger.start("another.example/consent") == first == ledger.state()


def test_a_log_that_was_never_started_is_said_so(engine: Engine) -> None:
    with pytest.raises(Tampered, match="the log 'consent' has not been started"):
        Ledger(engine, "consent").state()


@given(st.lists(st.lists(st.sampled_from(KINDS), max_size=6), max_size=4), st.integers(1, 5))
@settings(
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_each_event_has_one_place_in_order(
    engine: Engine, batches: list[list[str]], limit: int
) -> None:
    with writing(engine) as connection:
        for table in (tables.leaves, tables.logs):
            connection.execute(delete(table))
    consent, index = started(engine), started(engine, "index", INDEX_KINDS)
    for batch in (*batches, ()):
        happen(engine, batch)
        all_of(consent, limit)
        all_of(index, limit)
    with reading(engine) as connection:
        events = connection.execute(select(tables.events).order_by(tables.events.c.number)).all()
    assert placed(engine) == [row.number for row in events]
    assert placed(engine, "index") == [row.number for row in events if row.kind in INDEX_KINDS]
    for ledger, name in ((consent, "consent"), (index, "index")):
        state = ledger.state()
        entries = ledger.entries(0, state.frontier.size)
        assert state.frontier.root() == root(entries)
        assert kept(engine, name) == [(entry, entry) for entry in entries]
    assert consent.entries(0, len(events)) == [entry_of(row) for row in events]


def test_where_nothing_waits_nothing_is_written(engine: Engine) -> None:
    ledger = started(engine)
    assert ledger.sequence() == 0
    happen(engine, ["statement"])
    assert (ledger.sequence(), ledger.sequence()) == (1, 0)
    index = started(engine, "index", INDEX_KINDS)
    assert index.sequence() == 0


def test_no_event_can_have_two_places(engine: Engine) -> None:
    ledger = started(engine)
    happen(engine, ["statement"])
    all_of(ledger)
    twice = insert(tables.leaves).values(log="consent", index=1, event=1, entry=b"again")
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(twice)
    assert placed(engine) == [1]


def test_a_log_that_somebody_else_moved_gives_no_places(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, stale = started(engine), started(engine)
    happen(engine, ["statement"] * 3)
    old = ledger.state()
    all_of(ledger)
    happen(engine, ["statement"])
    monkeypatch.setattr(stale, "_state", lambda _connection: old)
    with pytest.raises(Tampered, match="the log 'consent' was moved by somebody else"):
        stale.sequence()
    assert placed(engine) == [1, 2, 3]
    assert all_of(ledger) == 1


@pytest.mark.parametrize("values", [{"size": 2}, {"peaks": bytes(32)}, {"peaks": b"\0"}])
def test_a_size_that_is_not_what_was_written_gives_no_places(
    engine: Engine, values: dict[str, object]
) -> None:
    ledger = started(engine)
    happen(engine, ["statement"] * 3)
    all_of(ledger)
    with writing(engine) as connection:
        connection.execute(update(tables.logs).values(**values))
    with pytest.raises(Tampered, match="the size of the log 'consent' is not what was written"):
        ledger.state()
    happen(engine, ["statement"])
    with pytest.raises(Tampered):
        ledger.sequence()


def test_entries_that_are_gone_are_said_to_be(engine: Engine) -> None:
    ledger = started(engine)
    happen(engine, ["statement"] * 3)
    all_of(ledger)
    assert len(ledger.entries(1, 3)) == 2
    assert ledger.entries(3, 3) == []
    for start, stop in [(0, 4), (3, 4), (-1, 2)]:
        with pytest.raises(Tampered, match="the catalogue lacks entries of the log 'consent'"):
            ledger.entries(start, stop)


def erase(engine: Engine, number: int) -> None:
    """Erase an event as `acts.erase` does."""
    erasing, events = tables.erasing, tables.events
    gone = {"at": "2031-03-01T12:00:00.000Z", "by": "", "body": "", "opening": None}
    with writing(engine) as connection:
        connection.execute(erasing.insert().values(since="2031-03-01T12:00:00.000Z"))
        connection.execute(update(events).where(events.c.number == number).values(**gone))
        connection.execute(erasing.delete())


def test_an_erased_event_keeps_its_entry_and_gives_none(engine: Engine) -> None:
    ledger = started(engine)
    happen(engine, ["statement"] * 3)
    all_of(ledger)
    entries = ledger.entries(0, 3)
    erase(engine, 2)
    assert ledger.entries(0, 3) == entries
    assert [made for _, made in kept(engine)] == [entries[0], None, entries[2]]


def test_an_event_that_was_erased_too_early_has_no_place_any_more(engine: Engine) -> None:
    ledger = started(engine)
    happen(engine, ["statement"] * 3)
    erase(engine, 2)
    with pytest.raises(Tampered, match="event 2 was erased before the log had a place for it"):
        ledger.sequence()
    assert placed(engine) == []
    assert ledger.state().frontier.size == 0


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("statement", {"by": "Eve"}),
        ("statement", {"opening": bytes(32)}),
        ("index.root", {"body": "no JSON"}),
        ("index.root", {"body": "[]"}),
        ("training-set", {"body": '{"id":1e999}'}),
        ("statement", {"body": '{"holders":17}'}),
        ("statement", {"body": '{"holders":["xy"]}'}),
    ],
)
def test_a_damaged_event_gives_another_entry_and_no_error(
    sqlite_engine: Engine, kind: str, values: dict[str, object]
) -> None:
    ledger = started(sqlite_engine)
    happen(sqlite_engine, [kind] * 2)
    all_of(ledger)
    with writing(sqlite_engine) as connection:
        connection.execute(tables.erasing.insert().values(since=""))  # or no event may change
        damage = update(tables.events).where(tables.events.c.number == 1).values(**values)
        connection.execute(damage)
    (entry, made), other = kept(sqlite_engine)
    assert made not in {None, entry}
    assert other[0] == other[1]


def test_a_leaf_whose_event_is_gone_gives_another_entry(sqlite_engine: Engine) -> None:
    ledger = started(sqlite_engine)
    happen(sqlite_engine, ["statement"])
    all_of(ledger)
    with writing(sqlite_engine) as connection:
        connection.execute(update(tables.leaves).values(event=99))
    assert [made for _, made in kept(sqlite_engine)] == [b""]


def test_entries_are_read_page_by_page(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaves_module, "_PAGE", 2)
    ledger = started(engine)
    happen(engine, ["statement"] * 5)
    all_of(ledger)
    assert [entry for entry, _ in kept(engine)] == ledger.entries(0, 5)


def test_an_events_place_and_those_of_a_kind_are_found(engine: Engine) -> None:
    ledger = started(engine, "index", INDEX_KINDS)
    happen(engine, ["statement", "index.root", "statement", "training-set", "index.root"])
    assert ledger.index_of(2) is None
    all_of(ledger)
    assert [ledger.index_of(event) for event in range(1, 7)] == [None, 0, None, 1, 2, None]
    # all of a kind, for the last alone, which was asked for before, is the end of them
    assert ledger.those_of("index.root", 3) == (2, 5)
    assert ledger.those_of("index.root", 2) == (2,)
    assert ledger.those_of("index.root", 0) == ()
    assert ledger.those_of("statement", 3) == ()


def test_what_is_promised_is_of_the_commitment_alone(engine: Engine) -> None:
    """Two events that say the same have different entries, of which nobody can tell."""
    ledger = started(engine)
    happen(engine, ["statement"] * 2)
    all_of(ledger)
    one, two = ledger.entries(0, 2)
    assert one != two
    assert b"Ada" not in one + two
    assert hash_leaf(one) != hash_leaf(two)


def test_many_processes_at_once_give_each_event_one_place(tmp_path: Path) -> None:
    from tests.databases import fresh_sqlite

    engine = fresh_sqlite(tmp_path / "catalogue.sqlite")
    ledger = started(engine)
    happen(engine, ["statement"] * 200)
    script = (
        "import sys\n"
        "from assent.catalogue.engine import connect\n"
        "from assent.catalogue.leaves import Ledger\n"
        "ledger, total = Ledger(connect(sys.argv[1]), 'consent'), 0\n"
        "---\n"
        "while given := ledger.sequence(7): total += given\n"
        "print(total)\n"
    )
    url = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    counts = run_at_once(script, url, processes=3)
    assert sum(map(int, counts)) == 200
    assert placed(engine) == list(range(1, 201))
    assert ledger.state().frontier.root() == root(ledger.entries(0, 200))
    engine.dispose()


def test_a_catalogue_that_is_away_is_said(tmp_path: Path) -> None:
    from assent.catalogue.engine import connect

    ledger = Ledger(connect(f"sqlite:///{tmp_path / 'nowhere' / 'catalogue.sqlite'}"), "consent")
    with pytest.raises(StorageFailed):
        ledger.sequence()
