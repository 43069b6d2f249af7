"""How SQLite reads the lists: by an index that has their order, so a page costs what is on it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from assent.acts.house import House
from assent.acts.rebuild import rebuild
from assent.catalogue.engine import reading
from assent.community.browse import newest, of_artist, of_followed, plays_of_week
from assent.community.comments import comments
from assent.community.search import search, search_artists
from tests.community.conftest import Stage
from tests.community.rows import AT


def plans(engine: Engine, read: Callable[[Connection], object]) -> list[str]:
    """Return what SQLite says that it does for each statement of a list."""
    asked: list[tuple[str, Any]] = []

    def hear(_c: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        asked.append((statement, values))

    with reading(engine) as connection:
        event.listen(engine, "before_cursor_execute", hear)
        try:
            read(connection)
        finally:
            event.remove(engine, "before_cursor_execute", hear)
        said: list[str] = []
        for statement, values in asked:
            if statement.startswith("SELECT"):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                said += [row[3] for row in rows]
    assert said
    return said


LISTS: dict[str, Callable[[Connection], object]] = {
    "newest": lambda it: newest(it, AT, after="5"),
    "of an artist": lambda it: of_artist(it, "n0", AT, after="5"),
    "comments": lambda it: comments(it, "r0"),
    "comments, later": lambda it: comments(it, "r0", after="x"),
    "the week": lambda it: plays_of_week(it, AT),
}


@pytest.mark.parametrize("read", LISTS.values(), ids=LISTS)
def test_a_list_is_read_in_its_order(
    sqlite_engine: Engine, read: Callable[[Connection], object]
) -> None:
    for step in plans(sqlite_engine, read):
        # reading all of it by an index in its order stops where the page is full
        table = step.startswith(("SCAN recordings", "SCAN comments", "SCAN play_days"))
        assert not table or "USING INDEX" in step, step
        assert "ORDER BY" not in step, step


def test_what_one_follows_looks_at_each_artist_once(sqlite_engine: Engine) -> None:
    said = plans(sqlite_engine, lambda it: of_followed(it, "a0", AT, after="5"))
    assert any("ix_recordings_artist (artist=?" in step for step in said)
    assert not any(step.startswith("SCAN recordings") for step in said), said


@pytest.mark.parametrize("read", [search, search_artists], ids=["recordings", "artists"])
def test_search_begins_with_the_words(sqlite_engine: Engine, read: Callable[..., object]) -> None:
    said = plans(sqlite_engine, lambda it: read(it, "tide", AT))
    assert "VIRTUAL TABLE INDEX" in said[0]
    assert not any(step.startswith("SCAN recordings") for step in said), said


def test_a_rebuild_keeps_the_index_of_words(stage: Stage) -> None:
    def found(house: House) -> tuple[list[str], list[str]]:
        with house.reading() as connection:
            one = search(connection, "wren tone", house.clock()).items
            return [it.id for it in one], [
                it.name for it in search_artists(connection, "wren", house.clock())
            ]

    before = found(stage.house)
    assert before == (list(reversed(stage.recordings)), ["Wren"])
    rebuild(stage.house)
    assert found(stage.house) == before
