"""Fixtures of this room: one platform over each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assent.acts.house import House
from tests.houses import Clock, platform


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    with platform(tmp_path / "data", clock) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def either_house(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[House]:
    on_postgresql = request.param == "postgresql"
    database = request.getfixturevalue("postgresql_url") if on_postgresql else ""
    with platform(tmp_path / "data", clock, database) as opened:
        yield opened
