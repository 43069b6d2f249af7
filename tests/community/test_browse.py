"""Lists by date and by counts: nothing in them that may not be found, all of it page by page."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, update

from assent.catalogue import site_tables, tables
from assent.clock import format_instant
from assent.community.browse import most_played, newest, of_artist, of_followed, plays_of_week
from assent.community.listing import Listed, Page
from tests.community.rows import AT, SEARCH, Row, put_artists, put_recordings
from tests.databases import undone

SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ROWS = st.lists(
    st.builds(
        Row,
        artist=st.integers(0, 2),
        word=st.sampled_from([SEARCH, SEARCH, 0]),
        is_public=st.sampled_from([True, True, False]),
    ),
    max_size=20,
)


def walked(connection: Connection, read: str, limit: int) -> list[int]:
    numbers: list[int] = []
    after, pages = "", 0
    while pages == 0 or after:
        page = _read(connection, read, after, limit)
        numbers += [one.number for one in page.items]
        after, pages = page.after, pages + 1
        assert len(page.items) <= limit
    return numbers


def _read(connection: Connection, read: str, after: str, limit: int) -> Page[Listed]:
    if read == "newest":
        return newest(connection, AT, after=after, limit=limit)
    if read == "artist":
        return of_artist(connection, "n1", AT, after=after, limit=limit)
    return of_followed(connection, "a7", AT, after=after, limit=limit)


@SHARED
@given(rows=ROWS, limit=st.integers(1, 4), read=st.sampled_from(["newest", "artist", "followed"]))
def test_every_page_goes_on_where_the_one_before_ended(
    engine: Engine, rows: list[Row], limit: int, read: str
) -> None:
    artists = {"newest": {0, 1, 2}, "artist": {1}, "followed": {0, 2}}[read]
    with undone(engine) as connection:
        put_artists(connection, ["Wren", "Mara Fen", "Ada Quill"])
        put_recordings(connection, rows)
        for artist in ("n0", "n2"):
            follow = site_tables.follows.insert()
            connection.execute(follow.values(account="a7", artist=artist, at=""))
        wanted = [
            number
            for number, row in enumerate(rows)
            if row.artist in artists and row.word == SEARCH and row.is_public
        ]
        assert walked(connection, read, limit) == wanted[::-1]


def test_what_comes_meanwhile_repeats_nothing(engine: Engine) -> None:
    with undone(engine) as connection:
        put_artists(connection, ["Wren"])
        put_recordings(connection, [Row() for _ in range(4)])
        first = newest(connection, AT, limit=2)
        put_recordings(connection, [Row(), Row()], since=4)
        second = newest(connection, AT, after=first.after, limit=2)
        assert [one.number for one in first.items + second.items] == [3, 2, 1, 0]


def test_what_has_run_out_is_not_listed_though_nobody_has_mended_it(engine: Engine) -> None:
    with undone(engine) as connection:
        put_artists(connection, ["Wren"])
        put_recordings(connection, [Row(), Row()])
        past = format_instant(AT - timedelta(seconds=1))
        this = tables.recordings.c.number == 0
        connection.execute(update(tables.recordings).where(this).values(good_until=past))
        assert [one.number for one in newest(connection, AT).items] == [1]


def test_the_most_played_of_seven_days_are_counted_plainly(engine: Engine) -> None:
    plays = {(0, 0): 5, (0, 6): 5, (1, 1): 9, (2, 7): 99, (3, 0): 50, (4, 2): 50, (5, 0): 9}
    with undone(engine) as connection:
        put_artists(connection, ["Wren"])
        hidden = {3: Row(word=0), 4: Row(is_public=False)}
        put_recordings(connection, [hidden.get(number, Row()) for number in range(6)])
        for (number, back), count in plays.items():
            day = (AT - timedelta(days=back)).date().isoformat()
            values = {"recording": f"r{number}", "day": day, "plays": count, "heard_s": 1}
            connection.execute(site_tables.play_days.insert().values(**values))
        counts = plays_of_week(connection, AT)
        found = most_played(connection, counts, AT)
        assert [(it.recording.number, it.plays) for it in found] == [(0, 10), (1, 9), (5, 9)]
        for limit in range(4):
            assert most_played(connection, counts, AT, limit=limit) == found[:limit]


def test_nothing_was_played_yet(engine: Engine) -> None:
    with undone(engine) as connection:
        assert plays_of_week(connection, AT) == {}
        assert most_played(connection, {}, AT) == ()
