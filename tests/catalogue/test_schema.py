"""The schema: migrations and tables agree, twice is once, and events stay as they are."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from assent.catalogue import site_tables
from assent.catalogue.engine import connect, reading, writing
from assent.catalogue.migrations.versions import (
    v0001_tables,
    v0002_log,
    v0003_copies,
    v0004_drafts,
    v0005_site,
    v0006_search,
    v0007_kinds,
)
from assent.catalogue.schema import is_prepared, prepare
from assent.catalogue.site_tables import OF_ACCOUNT, OF_ARTIST, OF_RECORDING
from assent.catalogue.tables import metadata
from assent.errors import StorageFailed
from tests.catalogue.processes import run_at_once

EVENT = (
    "INSERT INTO events (number, kind, at, by, body)"
    " VALUES (1, 'account', '2031-01-01T00:00:00.000Z', 'op', '{}')"
)


def is_compared(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the index of words: each database has its own kind of table for it.

    SQLite's own tables beside its index begin with the name of the index.
    """
    return kind != "table" or not str(name).startswith(v0006_search.TABLES)


COMPARED = {"compare_type": True, "compare_server_default": True, "include_name": is_compared}
SITE = {name for name in site_tables.__all__ if name.islower()}


def test_migrations_make_what_the_tables_say(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []


def test_a_step_may_be_run_by_hand(postgresql_url: str) -> None:
    for url in (postgresql_url, "sqlite://"):
        engine = connect(url)
        with writing(engine) as connection:
            context = MigrationContext.configure(connection, opts=COMPARED)
            with Operations.context(context):
                v0001_tables.upgrade()
                v0002_log.upgrade()
                v0003_copies.upgrade()
                v0004_drafts.upgrade()
                v0005_site.upgrade()
                v0006_search.upgrade()
                v0007_kinds.upgrade()
            assert compare_metadata(context, metadata) == []
        engine.dispose()


def test_the_tables_of_a_person_are_all_that_name_one() -> None:
    site = {table for table in metadata.sorted_tables if table.name in SITE}
    named = {
        name: {table.name for table in site if name in table.c}
        for name in ("account", "artist", "recording")
    }
    of = {"account": OF_ACCOUNT, "artist": OF_ARTIST, "recording": OF_RECORDING}
    assert named == {name: {table.name for table in tables} for name, tables in of.items()}


def test_a_table_left_out_of_the_migrations_would_show(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("DROP INDEX ix_holds_recording"))
        connection.execute(text("ALTER TABLE holds DROP COLUMN lifted"))
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        found = compare_metadata(context, metadata)
    assert {entry[0] for entry in found} == {"add_index", "add_column"}


def test_a_fresh_database_is_not_prepared_and_preparing_twice_is_once(
    postgresql_url: str, tmp_path: Path
) -> None:
    for url in (postgresql_url, f"sqlite:///{tmp_path}/catalogue.sqlite", "sqlite://"):
        engine = connect(url)
        assert not is_prepared(engine)
        prepare(engine)
        assert is_prepared(engine)
        prepare(engine)
        assert is_prepared(engine)
        engine.dispose()


def test_asking_whether_it_is_prepared_makes_no_file(tmp_path: Path) -> None:
    assert not is_prepared(connect(f"sqlite:///{tmp_path}/none.sqlite"))
    assert not list(tmp_path.iterdir())


def test_preparing_says_nothing(
    postgresql_url: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for url in (postgresql_url, "sqlite://"):
        engine = connect(url)
        prepare(engine)
        engine.dispose()
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.levelname != "INFO"]


PREPARE = """
import sys
from assent.catalogue.engine import connect
from assent.catalogue.migrations.versions import (
    v0001_tables,
    v0002_log,
    v0003_copies,
    v0004_drafts,
    v0005_site,
    v0006_search,
    v0007_kinds,
)
from assent.catalogue.schema import prepare
---
engine = connect(sys.argv[1])
prepare(engine)
engine.dispose()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_many_processes_may_prepare_at_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    file = f"sqlite:///{tmp_path}/catalogue.sqlite"
    url = file if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    assert run_at_once(PREPARE, url, processes=4) == [""] * 4
    engine = connect(url)
    assert is_prepared(engine)
    engine.dispose()


def test_a_database_of_a_newer_program_is_left_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for ask in (prepare, is_prepared):
        with pytest.raises(StorageFailed, match="schema 9999, which a newer Assent") as caught:
            ask(engine)
        assert caught.value.facts == {"schema": "9999"}
        assert "\n" not in caught.value.text


def test_a_step_that_fails_leaves_nothing(postgresql_url: str, tmp_path: Path) -> None:
    for url in (postgresql_url, f"sqlite:///{tmp_path}/catalogue.sqlite"):
        engine = connect(url)
        with writing(engine) as connection:
            connection.execute(text("CREATE TABLE uses (event BIGINT)"))
        # whose bug it is depends on the driver; that it is said does not
        with pytest.raises((StorageFailed, ProgrammingError), match="already exists"):
            prepare(engine)
        assert not is_prepared(engine)
        with reading(engine) as connection:
            assert not engine.dialect.has_table(connection, "accounts")
            assert not engine.dialect.has_table(connection, "alembic_version")
        engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET by = 'nobody'",
        "DELETE FROM events",
        "UPDATE events SET number = 2 WHERE number = 1",
    ],
)
def test_events_are_neither_changed_nor_deleted(engine: Engine, change: str) -> None:
    with writing(engine) as connection:
        connection.execute(text(EVENT))
    with pytest.raises(IntegrityError, match="events are never"), writing(engine) as connection:
        connection.execute(text(change))
    with reading(engine) as connection:
        assert connection.execute(text("SELECT number, by FROM events")).all() == [(1, "op")]


def test_events_are_not_replaced_or_emptied_in_other_ways(
    sqlite_engine: Engine, postgresql_engine: Engine
) -> None:
    for engine, change in (
        (sqlite_engine, EVENT.replace("INSERT", "INSERT OR REPLACE").replace("op", "me")),
        (postgresql_engine, "TRUNCATE events"),
        (postgresql_engine, EVENT + " ON CONFLICT (number) DO UPDATE SET by = 'me'"),
    ):
        with writing(engine) as connection:
            if not connection.execute(text("SELECT count(*) FROM events")).scalar_one():
                connection.execute(text(EVENT))
        with pytest.raises(IntegrityError, match="events are never"), writing(engine) as connection:
            connection.execute(text(change))


def test_events_change_only_while_somebody_is_being_erased(engine: Engine) -> None:
    change = text("UPDATE events SET body = '', by = '', opening = NULL")
    with writing(engine) as connection:
        connection.execute(text(EVENT))
        connection.execute(text("INSERT INTO erasing VALUES ('2031-01-01T00:00:00.000Z')"))
        connection.execute(change)
        connection.execute(text("DELETE FROM erasing"))
    with pytest.raises(IntegrityError, match="events are never"), writing(engine) as connection:
        connection.execute(change)
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO erasing VALUES ('2031-01-01T00:00:00.000Z')"))
    for other in ("UPDATE events SET kind = 'use'", "UPDATE events SET number = 2"):
        with pytest.raises(IntegrityError, match="events are never"), writing(engine) as connection:
            connection.execute(text(other))


def test_a_database_of_the_first_version_gets_openings_and_numbers(
    postgresql_url: str, tmp_path: Path
) -> None:
    for url in (postgresql_url, f"sqlite:///{tmp_path}/catalogue.sqlite"):
        engine = connect(url)
        with writing(engine) as connection:
            context = MigrationContext.configure(connection)
            with Operations.context(context):
                v0001_tables.upgrade()
                for number, kind in enumerate(("account", "account", "hold", "recording"), 1):
                    connection.execute(text(EVENT.replace("(1, 'account'", f"({number}, '{kind}'")))
                v0002_log.upgrade()
            openings = connection.execute(text("SELECT opening FROM events")).scalars().all()
            assert len({bytes(opening) for opening in openings}) == 4
            assert all(len(opening) == 32 for opening in openings)
            counted = connection.execute(text("SELECT kind, last FROM counters ORDER BY kind"))
            assert counted.all() == [("account", 2), ("recording", 1)]
        engine.dispose()


def test_the_guard_also_stands_outside_of_the_program(
    tmp_path: Path, sqlite_engine: Engine
) -> None:
    with writing(sqlite_engine) as connection:
        connection.execute(text(EVENT))
    plain = sqlite3.connect(tmp_path / "catalogue.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="events are never deleted"):
        plain.execute("DELETE FROM events")
    plain.close()
