"""What lists may show: public recordings, newest first, and those that may be searched."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, select, text

from assent.acts.copies import Found, Suspicion, suspect
from assent.acts.house import House
from assent.acts.reviews import decide
from assent.acts.say import About, refuse
from assent.catalogue import site_tables, tables
from assent.catalogue.cases import State
from assent.catalogue.public import is_public, searchable
from assent.clock import format_instant
from assent.permission.uses import parse_uses
from tests.houses import add, platform


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with platform(tmp_path / "data") as house:
        yield house


def listed(house: House, condition: ColumnElement[bool]) -> list[str]:
    recordings = tables.recordings.c
    with house.reading() as connection:
        query = select(recordings.id).where(condition).order_by(recordings.number.desc())
        return list(connection.execute(query).scalars())


def keep_back(house: House, recording: str, visibility: str) -> None:
    with house.writing() as connection:
        connection.execute(
            site_tables.recording_pages.insert().values(
                recording=recording, visibility=visibility, downloads=False, about=""
            )
        )


def test_a_recording_without_a_page_is_public_and_the_newest_comes_first(
    house: House, tmp_path: Path
) -> None:
    first = add(house, tmp_path, "Wren")
    second = add(house, tmp_path, "Mara Fen")

    assert listed(house, is_public()) == [second, first]


def test_only_the_word_public_makes_a_recording_public(house: House, tmp_path: Path) -> None:
    shown, hidden = add(house, tmp_path, "Wren"), add(house, tmp_path, "Wren")
    keep_back(house, shown, "public")
    keep_back(house, hidden, "a word that nobody knows")

    assert listed(house, is_public()) == [shown]


def test_a_copy_that_waits_is_not_public_and_one_that_was_rejected_is(
    house: House, tmp_path: Path
) -> None:
    original, copy = add(house, tmp_path, "Wren"), add(house, tmp_path, "Ada Quill")
    with house.act("desk") as act:
        suspect(act, copy, [Suspicion(original=original, found=Found.FINGERPRINT, evidence=())])

    assert listed(house, is_public()) == [original]

    decide(house, (copy, original), State.REJECTED, "another song", "Kim Review")
    assert listed(house, is_public()) == [copy, original]

    decide(house, (copy, original), State.TRUE_ORIGINAL, "it was there first", "Kim Review")
    assert listed(house, is_public()) == [copy]


def test_what_its_holder_keeps_out_of_search_is_public_and_not_searchable(
    house: House, tmp_path: Path
) -> None:
    kept, found = add(house, tmp_path, "Wren"), add(house, tmp_path, "Ada Quill")
    refuse(house, About(holder="Wren"), parse_uses(["platform/search"]))

    assert set(listed(house, is_public())) == {kept, found}
    assert listed(house, searchable()) == [found]


def test_a_word_that_has_run_out_is_not_searchable(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    at = house.clock()
    with house.writing() as connection:
        connection.execute(
            tables.recordings.update().values(good_until=format_instant(at + timedelta(hours=1)))
        )

    assert listed(house, searchable(at)) == [recording]
    assert listed(house, searchable(at + timedelta(hours=2))) == []


def test_the_newest_are_found_without_a_walk_through_all(house: House) -> None:
    query = select(tables.recordings.c.id).where(is_public())
    newest = query.order_by(tables.recordings.c.number.desc()).limit(20)
    with house.reading() as connection:
        said = newest.compile(connection, compile_kwargs={"literal_binds": True})
        plan = " ".join(
            row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {said}"))
        )

    assert "TEMP B-TREE" not in plan  # nothing is sorted
    assert plan.count("SCAN") == 1  # the recordings, from their end
