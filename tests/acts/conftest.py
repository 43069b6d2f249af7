"""Fixtures of this room: a platform on which everything has happened."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assent.acts.house import House
from assent.settings import Settings
from tests.acts.stories import Story, rich
from tests.houses import Clock, platform


@pytest.fixture(scope="session")
def told_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Story]:
    """Give a platform with its story, closed, that tests copy."""
    folder, clock = tmp_path_factory.mktemp("told"), Clock()
    with platform(folder / "data", clock) as house:
        return folder, rich(house, folder, clock)


@pytest.fixture
def told(told_once: tuple[Path, Story], tmp_path: Path) -> Iterator[Story]:
    """Give a platform of one's own with that story, over SQLite."""
    template, once = told_once
    for name in ("data", "music"):
        shutil.copytree(template / name, tmp_path / name)
    clock = Clock()
    clock.at = once.clock.at
    with closing(House.open(Settings(data=tmp_path / "data"), clock=clock)) as house:
        story = Story(house, tmp_path, clock)
        story.recordings += once.recordings
        story.files += [tmp_path / "music" / path.name for path in once.files]
        yield story


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    """Give such a platform over each database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("told")
        return
    clock, url = Clock(), request.getfixturevalue("prepared_url")
    with platform(tmp_path / "data", clock, url) as house:
        yield rich(house, tmp_path, clock)
