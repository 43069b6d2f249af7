"""Fixtures of this room: a platform where some said yes, some no, and some nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assent.acts.house import House
from tests.houses import Clock, platform
from tests.training.sets import Stock, stock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    with platform(tmp_path / "data", clock) as opened:
        yield opened


@pytest.fixture
def stocked(house: House, tmp_path: Path) -> Stock:
    return stock(house, tmp_path / "music")
