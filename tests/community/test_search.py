"""Finding by words: what is found is all that matches and nothing that may not be found."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text, update

from assent.catalogue import tables
from assent.catalogue.engine import reading, writing
from assent.community.likes import likes_it
from assent.community.search import search, search_artists
from assent.errors import BadInput
from tests.community.rows import AT, SEARCH, Row, put_artists, put_recordings
from tests.databases import undone

# one engine serves all examples: each is undone at its end
SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = st.sampled_from(["tide", "tin", "time", "low", "löw", "ada", "quill", "a", "fen's"])
TITLES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
ROWS = st.lists(
    st.builds(
        Row,
        title=TITLES,
        artist=st.integers(0, 2),
        word=st.sampled_from([SEARCH, 0, SEARCH << 1]),
        is_public=st.booleans(),
    ),
    max_size=12,
)
NAMES = ["Ada Quill", "Mara Fen", "Wren"]


def found(connection: Connection, words: str, limit: int = 50) -> list[str]:
    return [one.id for one in search(connection, words, AT, limit=limit).items]


def pieces(said: str) -> list[str]:
    return re.findall("[a-z]+", said.lower().replace("ö", "o"))


def matches(words: str, row: Row) -> bool:
    """Say whether a row should be found, written a second way as the oracle."""
    there = [pieces(row.title), pieces(NAMES[row.artist])]
    *whole, last = [pieces(word) for word in words.split()]
    return all(_stands(word, there, goes_on=False) for word in whole) and _stands(
        last, there, goes_on=True
    )


def _stands(word: list[str], there: list[list[str]], *, goes_on: bool) -> bool:
    *first, last = word
    for line in there:
        for low in range(len(line) - len(word) + 1):
            end = line[low + len(first)]
            same = end.startswith(last) if goes_on else end == last
            if line[low : low + len(first)] == first and same:
                return True
    return False


@SHARED
@given(rows=ROWS, words=st.lists(WORDS, min_size=1, max_size=3).map(" ".join))
def test_all_that_matches_and_may_be_found_is_found_and_nothing_else(
    engine: Engine, rows: list[Row], words: str
) -> None:
    with undone(engine) as connection:
        put_artists(connection, NAMES)
        put_recordings(connection, rows)
        may = {f"r{at}" for at, row in enumerate(rows) if row.word == SEARCH and row.is_public}
        wanted = {f"r{at}" for at, row in enumerate(rows) if matches(words, row)} & may
        assert set(found(connection, words)) == wanted


@SHARED
@given(rows=ROWS, limit=st.integers(1, 5), ranked=st.booleans())
def test_pages_walk_all_without_repetition(
    engine: Engine, rows: list[Row], limit: int, ranked: bool
) -> None:
    with undone(engine) as connection, pytest.MonkeyPatch.context() as patch:
        if not ranked:  # more matches than are put in order
            patch.setattr("assent.community.search._MOST_RANKED", 0)
        put_artists(connection, NAMES)
        put_recordings(connection, rows)
        walked: list[str] = []
        after, pages = "", 0
        while pages == 0 or after:
            page = search(connection, "a", AT, after=after, limit=limit)
            walked += [one.id for one in page.items]
            after, pages = page.after, pages + 1
            assert pages <= len(rows) + 1
        assert len(walked) == len(set(walked))
        assert walked == found(connection, "a")


@SHARED
@given(words=st.text(max_size=40))
@example(words='"')
@example(words="' OR 1 = 1 --")
@example(words="NEAR(a b) NOT c* AND ^d title:e -f {g h}:i + (")
@example(words="a:* & !b | <-> \\' :AB")
@example(words="🎵")
@example(words="\x00")
@example(words="%")
def test_no_text_is_an_operator(engine: Engine, words: str) -> None:
    with undone(engine) as connection:
        put_artists(connection, ["Ada Quill"])
        put_recordings(connection, [Row(title="Tide"), Row(title="No")])
        assert set(found(connection, words)) <= {"r0", "r1"}
        assert len(search_artists(connection, words, AT)) <= 1


SCRIPTS = [
    ("مدّ البحر", "البحر"),
    ("גאות ושפל", "ושפל"),
    ("夜の海を渡る", "海を"),
    ("夜的海洋", "海洋"),
    ("밤바다", "밤"),
    ("Ebbe & Flöße", "floß"),
    ("Прилив", "прил"),
    ("ทะเลกลางคืน", "กลาง"),
    ("रात की लहर", "लहर"),
    ("Ebbe & Flöße", "flöß"),
    ("Ebbe/Flut.com", "flut"),
    ("🎵Tide🎵", "tide"),
    ("Don't", "don't"),
    ("Nº 5", "5"),
]


@pytest.mark.parametrize(("title", "words"), SCRIPTS)
def test_titles_and_names_are_found_in_any_script(engine: Engine, title: str, words: str) -> None:
    with undone(engine) as connection:
        put_artists(connection, ["Wren", title])
        put_recordings(connection, [Row(title=title), Row(title="Other", artist=1), Row()])
        assert set(found(connection, words)) - {"r2"} == {"r0", "r1"}
        assert [one.name for one in search_artists(connection, words, AT)] == [title]


def test_nothing_typed_finds_nothing(engine: Engine) -> None:
    with undone(engine) as connection:
        put_artists(connection, ["Wren"])
        put_recordings(connection, [Row()])
        for words in ("", "  ", "...", "🎵"):
            assert found(connection, words) == []
            assert search_artists(connection, words, AT) == ()


def test_the_better_match_comes_first_and_titles_before_names(engine: Engine) -> None:
    with undone(engine) as connection:
        put_artists(connection, ["Wren", "Tide"])
        titles = ["Tide", "A long song about the tide and the moon and the salt", "Salt"]
        rows = [Row(title=titles[0]), Row(title=titles[1]), Row(title=titles[2], artist=1)]
        put_recordings(connection, rows)
        assert found(connection, "tide")[0] == "r0"
        assert set(found(connection, "tide")) == {"r0", "r1", "r2"}


def test_an_artist_is_found_while_something_of_theirs_is(engine: Engine) -> None:
    with undone(engine) as connection:
        put_artists(connection, ["Ada Quill", "Ada Fen", "Ada Nothing"])
        put_recordings(connection, [Row(artist=0, word=0), Row(artist=1)])
        assert [one.name for one in search_artists(connection, "ada", AT)] == ["Ada Fen"]


CHANGES: list[tuple[str, Callable[[Connection], object]]] = [
    ("renamed", lambda it: it.execute(update(tables.recordings).values(title="Ebb"))),
    ("renamed artist", lambda it: it.execute(update(tables.artists).values(name="Ebb"))),
]


@pytest.mark.parametrize("change", [it for _, it in CHANGES], ids=[name for name, _ in CHANGES])
def test_the_index_follows_every_change(
    engine: Engine, change: Callable[[Connection], object]
) -> None:
    with undone(engine) as connection:
        put_artists(connection, ["Tide"])
        put_recordings(connection, [Row(title="Tide")])
        assert found(connection, "ebb") == []
        change(connection)
        assert found(connection, "ebb") == ["r0"]
        for table in (tables.recordings, tables.artists):
            connection.execute(table.delete())
        for index in ("search_index", "search_artists"):
            left = connection.execute(text(f"SELECT count(*) FROM {index}"))
            assert left.scalar_one() == 0


def test_a_recording_may_come_before_its_artist(engine: Engine) -> None:
    with undone(engine) as connection:
        put_recordings(connection, [Row(title="Low")])
        put_artists(connection, ["Wren"])
        assert found(connection, "wren") == ["r0"]
        assert found(connection, "low") == ["r0"]


def test_what_no_page_ends_with_is_refused(engine: Engine) -> None:
    with reading(engine) as connection:
        for after in ("-1", "x", "1; DROP", "٣", "9" * 40):
            with pytest.raises(BadInput, match="begin it anew"):
                search(connection, "tide", AT, after=after)


def test_what_was_there_before_the_index_is_in_it(engine: Engine) -> None:
    from assent.catalogue.migrations.versions import v0006_search

    with writing(engine) as connection:
        put_artists(connection, ["Ada Quill"])
        put_recordings(connection, [Row(title="夜的海洋")])
        for table in v0006_search.TABLES:
            connection.execute(text(f"DELETE FROM {table}"))
        assert found(connection, "quill") == []
        fills = (
            v0006_search._SQLITE[-2:]
            if engine.dialect.name == "sqlite"
            else v0006_search._POSTGRESQL[-2:]
        )
        for statement in fills:
            connection.exec_driver_sql(statement)
        assert found(connection, "海洋 quill") == ["r0"]
        assert [one.name for one in search_artists(connection, "quill", AT)] == ["Ada Quill"]


def test_a_text_that_a_database_cannot_hold_is_refused_or_finds_nothing(
    sqlite_engine: Engine, postgresql_engine: Engine
) -> None:
    with reading(sqlite_engine) as connection:
        assert not likes_it(connection, "a\x00", "r0")
    with (
        reading(postgresql_engine) as connection,
        pytest.raises(BadInput, match="a character that is none"),
    ):
        likes_it(connection, "a\x00", "r0")
