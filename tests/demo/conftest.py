"""Music and a told story, made once."""

from pathlib import Path

import pytest

from assent.demo.compose import tracks, write
from tests.demo.stories import Told, tell_on


@pytest.fixture(scope="session")
def short_music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of nine short recordings."""
    folder = tmp_path_factory.mktemp("short-music")
    for track in tracks(11):  # what is shorter is not known again when it is altered
        write(track, folder)
    return folder


@pytest.fixture(scope="session")
def told(short_music: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Give a story on that music, told to its end."""
    return tell_on(short_music, tmp_path_factory.mktemp("told") / "platform")
