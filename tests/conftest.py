"""Fixtures for all rooms: real databases, prepared."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assent.acts.house import House
from assent.catalogue.engine import connect
from tests.databases import PostgresqlServer, fresh_sqlite, postgresql_server
from tests.houses import Clock, platform


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresqlServer]:
    """Give the PostgreSQL server of this run."""
    with postgresql_server() as started:
        yield started


@pytest.fixture
def postgresql_url(server: PostgresqlServer) -> Iterator[str]:
    """Give the URL of a PostgreSQL database with nothing in it."""
    with server.database(prepared=False) as url:
        yield url


@pytest.fixture
def prepared_url(server: PostgresqlServer) -> Iterator[str]:
    """Give the URL of a prepared PostgreSQL database."""
    with server.database(prepared=True) as url:
        yield url


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """Give a prepared SQLite file."""
    engine = fresh_sqlite(tmp_path / "catalogue.sqlite")
    yield engine
    engine.dispose()


@pytest.fixture
def postgresql_engine(prepared_url: str) -> Iterator[Engine]:
    """Give a prepared PostgreSQL database."""
    engine = connect(prepared_url)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Give a prepared database: the test runs once on SQLite and once on PostgreSQL."""
    made = request.getfixturevalue(f"{request.param}_engine")
    assert isinstance(made, Engine)
    return made


@pytest.fixture
def clock() -> Clock:
    """Give a clock that the test can turn."""
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    """Give a platform over SQLite."""
    with platform(tmp_path / "data", clock) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def either_house(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[House]:
    """Give a platform over each database."""
    on_postgresql = request.param == "postgresql"
    database = request.getfixturevalue("prepared_url") if on_postgresql else ""
    with platform(tmp_path / "data", clock, database) as opened:
        yield opened
