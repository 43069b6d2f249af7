"""People and recordings for tests of what people do with each other."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from assent.acts.accounts import Role, open_account
from assent.acts.house import House
from tests.houses import add


@dataclass(frozen=True)
class Stage:
    """A platform with three people; Wren has two public recordings and a private one."""

    house: House
    wren: str
    lio: str
    ada: str
    recordings: tuple[str, str]
    private: str
    artist: str = "n0"


@pytest.fixture
def stage(either_house: House, tmp_path: Path) -> Stage:
    """Give a platform with people, once over each database."""
    return staged(either_house, tmp_path)


@pytest.fixture
def small(house: House, tmp_path: Path) -> Stage:
    """Give a platform with people over SQLite."""
    return staged(house, tmp_path)


def staged(house: House, folder: Path) -> Stage:
    with house.act("desk") as act:
        wren = open_account(act, "Wren", Role.ARTIST).id
        lio = open_account(act, "Lio", Role.LISTENER).id
        ada = open_account(act, "Ada Quill", Role.LISTENER).id
    one, two, private = (add(house, folder, "Wren") for _ in range(3))
    set_visibility(house, private, "private")
    return Stage(house, wren, lio, ada, (one, two), private)


def set_visibility(house: House, recording: str, visibility: str) -> None:
    from assent.catalogue.site_tables import recording_pages

    with house.writing() as connection:
        connection.execute(recording_pages.delete().where(recording_pages.c.recording == recording))
        connection.execute(
            recording_pages.insert().values(
                recording=recording, visibility=visibility, downloads=False, about=""
            )
        )
