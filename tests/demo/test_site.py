"""The site after the story: its terms ask, and nothing on it is more than there is."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.play_parts import days, parts, plays_folder, read
from assent.catalogue.preview import preview
from assent.demo.line import Line
from assent.demo.site import settle
from assent.demo.site_desk import DRAFT, IN_FORCE
from assent.permission.uses import parse_uses
from assent.settings import Settings
from assent.terms.text import parse_text
from tests.demo.stories import Told


@pytest.fixture
def settled(told: Told, tmp_path: Path) -> Iterator[tuple[House, list[Line]]]:
    lines: list[Line] = []
    copytree(told.outcome.folder, tmp_path / "platform")
    house = House.open(Settings(data=tmp_path / "platform"))
    try:
        settle(house, lines.append)
        yield house, lines
    finally:
        house.close()


def test_the_site_asks_first_again(settled: tuple[House, list[Line]]) -> None:
    house, lines = settled
    texts, recordings = tables.texts.c, tables.recordings.c
    with house.reading() as connection:
        row = connection.execute(select(texts.id, texts.granted).where(texts.current)).one()
        found = connection.execute(select(recordings.id, recordings.word))
        words = {row.id: row.word for row in found}
        draft = connection.execute(
            select(tables.drafts.c.source).where(tables.drafts.c.id == DRAFT)
        ).scalar_one()
        changed = preview(connection, parse_text(draft).masks)
    assert row.id == IN_FORCE
    assert not row.granted & parse_uses(["*/train-*"])
    assert [line.text for line in lines] == [
        f"The house's own terms are in force again ({IN_FORCE}):"
        " “What AI may do with your recordings”, by asking first."
    ]
    # what nobody named in a yes is open for no training
    open_now = {name for name, word in words.items() if word & parse_uses(["*/train-*"])}
    assert not open_now
    # what is announced is another text, and tighter
    assert changed.count("closes")
    assert not changed.count("would_open")


def test_nobody_hears_more_of_a_recording_than_there_is(
    settled: tuple[House, list[Line]],
) -> None:
    house, _ = settled
    recordings = tables.recordings.c
    with house.reading() as connection:
        rows = connection.execute(select(recordings.id, recordings.frames, recordings.sr))
        lengths_s = {row.id: row.frames / row.sr for row in rows}
    folder = plays_folder(house.settings.data)
    plays = [play for day in days(folder) for play in read(parts(folder, day)).to_pylist()]
    assert plays
    assert all(play["heard_s"] <= lengths_s[play["recording"]] + 0.001 for play in plays)
