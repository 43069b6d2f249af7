"""Fixtures of this room: a platform where some said yes, some no, and some nothing."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assent.acts.house import House
from assent.settings import Settings
from tests.houses import Clock, platform
from tests.training.sets import Stock, stock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    with platform(tmp_path / "data", clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Stock]:
    """Give a stocked platform, closed, that tests copy."""
    folder = tmp_path_factory.mktemp("template")
    with platform(folder / "data", Clock()) as opened:
        return folder, stock(opened, folder / "music")


@pytest.fixture
def stocked(template: tuple[Path, Stock], tmp_path: Path, clock: Clock) -> Iterator[Stock]:
    folder, kept = template
    for name in ("data", "music"):
        shutil.copytree(folder / name, tmp_path / name)
    clock.turn(hours=1)
    with closing(House.open(Settings(data=tmp_path / "data"), clock=clock)) as opened:
        yield kept._replace(house=opened)
