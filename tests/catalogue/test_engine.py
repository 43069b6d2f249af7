"""Connections: one clear clause when the world does not cooperate, and nothing changed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from assent.catalogue.engine import connect, folder_of, reading, writing
from assent.catalogue.events import append, head
from assent.catalogue.schema import is_prepared, prepare
from assent.errors import BadInput, StorageFailed
from tests.catalogue.test_events import AT
from tests.databases import PostgresqlServer, fresh_sqlite


def is_one_clause(said: str) -> bool:
    return "\n" not in said and len(said) < 300 and not said.endswith(".")


def write_one(engine: Engine, waveform: str = "") -> int:
    with writing(engine) as connection:
        return append(connection, "account", AT, "op", {"waveform": waveform}).number


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "the database URL cannot be read"),
        ("oracle://host/name", "the database must be SQLite or PostgreSQL"),
        ("mysql://host/name", "the database must be SQLite or PostgreSQL"),
        ("nosuchdatabase://host/name", "SQLite or PostgreSQL|cannot be read"),
        ("postgresql+nodriver://host/name", "the database URL cannot be read"),
        ("postgresql+asyncpg://host/name", "PostgreSQL needs its driver"),
        ("postgresql://host:port/name", "the database URL cannot be read"),
    ],
)
def test_a_url_that_names_no_usable_database_is_bad_input(url: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        connect(url)
    assert is_one_clause(caught.value.text)


def test_a_url_says_in_which_folder_a_file_stands() -> None:
    assert folder_of("sqlite:////srv/assent/catalogue.sqlite") == Path("/srv/assent")
    assert folder_of("sqlite:///catalogue.sqlite") == Path()
    assert folder_of("sqlite://") is None
    assert folder_of("postgresql://host/name") is None


def test_sqlite_keeps_what_it_acknowledges(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine) as connection:
        pragmas = ("journal_mode", "synchronous", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas]
    full = 2
    assert found == ["wal", full, 30_000]


def test_bit_and_is_the_same_aggregate_on_both(engine: Engine) -> None:
    rows = "SELECT 1 AS g, 12 AS w UNION ALL SELECT 1, 10 UNION ALL SELECT 1, NULL"
    with reading(engine) as connection:
        query = f"SELECT bit_and(w) FROM ({rows}) AS t"
        assert connection.execute(text(query)).scalar_one() == 8
        assert connection.execute(text(query + " WHERE g = 2")).scalar_one() is None


def test_a_reader_sees_one_state_while_another_writes(engine: Engine) -> None:
    with reading(engine) as reader:
        assert head(reader) == 0
        with writing(engine) as writer:
            append(writer, "account", AT, "op", {})
        assert head(reader) == 0
    with reading(engine) as reader:
        assert head(reader) == 1


def test_our_own_bugs_are_not_called_the_worlds(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(text("INSERT INTO journals VALUES (NULL, NULL)"))
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(text("INSERT INTO journals VALUES ('a', 1), ('a', 2)"))


def test_an_unreachable_postgresql_could_not_do_it(tmp_path: Path) -> None:
    for url in (
        "postgresql://nobody@127.0.0.1:1/none",
        f"postgresql://nobody@/none?host={tmp_path}",
    ):
        engine = connect(url)
        for opened in (reading, writing):
            with (
                pytest.raises(StorageFailed, match="connection to server") as caught,
                opened(engine),
            ):
                pass
            assert is_one_clause(caught.value.text)
        with pytest.raises(StorageFailed, match="connection to server"):
            is_prepared(engine)


def test_a_database_that_does_not_exist_could_not_do_it(postgresql_url: str) -> None:
    engine = connect(postgresql_url.replace("assent_test", "no_such_database"))
    with pytest.raises(StorageFailed, match=r'database ".*" does not exist') as caught:
        prepare(engine)
    assert is_one_clause(caught.value.text)


def test_a_postgresql_that_goes_away_could_not_do_it(postgresql_engine: Engine) -> None:
    with writing(postgresql_engine) as connection:
        append(connection, "account", AT, "op", {})

    def write_while_the_server_goes_down() -> None:
        with writing(postgresql_engine) as connection:
            append(connection, "account", AT, "op", {})
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with reading(postgresql_engine) as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            head(connection)

    with pytest.raises(StorageFailed, match="terminating connection") as caught:
        write_while_the_server_goes_down()
    assert is_one_clause(caught.value.text)
    # the next one gets a new connection, and finds what was acknowledged and no more
    with reading(postgresql_engine) as connection:
        assert head(connection) == 1


def test_a_role_that_may_not_write_could_not_do_it(
    server: PostgresqlServer, postgresql_engine: Engine
) -> None:
    with writing(postgresql_engine) as connection:
        connection.execute(text("CREATE ROLE assent_reader LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO assent_reader"))
    try:
        url = postgresql_engine.url.set(username="assent_reader")
        reader = connect(url.render_as_string(hide_password=False))
        assert is_prepared(reader)
        with pytest.raises(StorageFailed, match="permission denied") as caught:
            write_one(reader)
        assert is_one_clause(caught.value.text)
        reader.dispose()
    finally:
        with writing(postgresql_engine) as connection:
            connection.execute(text("DROP OWNED BY assent_reader"))
            connection.execute(text("DROP ROLE assent_reader"))


def test_a_read_only_file_could_not_be_written(tmp_path: Path) -> None:
    fresh_sqlite(tmp_path / "catalogue.sqlite").dispose()
    engine = connect(f"sqlite:///file:{tmp_path}/catalogue.sqlite?mode=ro&uri=true")
    assert is_prepared(engine)
    with pytest.raises(StorageFailed, match="readonly database") as caught:
        write_one(engine)
    assert is_one_clause(caught.value.text)
    with reading(engine) as connection:
        assert head(connection) == 0
    engine.dispose()


def test_a_file_that_is_no_database_could_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.sqlite"
    file.write_bytes(b"RIFF" + bytes(4096))
    engine = connect(f"sqlite:///{file}")
    for ask in (is_prepared, prepare):
        with pytest.raises(StorageFailed, match="file is not a database") as caught:
            ask(engine)
        assert is_one_clause(caught.value.text)
    assert file.read_bytes() == b"RIFF" + bytes(4096)


def test_a_folder_that_is_not_there_could_not_be_written(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/none/catalogue.sqlite")
    assert not is_prepared(engine)
    with pytest.raises(StorageFailed, match="unable to open database file"):
        prepare(engine)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a disk of one mebibyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_could_not_take_it_and_keeps_what_it_had(small_disk: Path) -> None:
    engine = fresh_sqlite(small_disk / "catalogue.sqlite")
    kept = 0

    def write_until_it_is_full() -> NoReturn:
        nonlocal kept
        while True:
            kept = write_one(engine, "x" * 50_000)

    with pytest.raises(StorageFailed, match=r"full|disk I/O") as caught:
        write_until_it_is_full()
    assert is_one_clause(caught.value.text)
    assert kept > 0
    with reading(engine) as connection:
        assert head(connection) == kept
    engine.dispose()
