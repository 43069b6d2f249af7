"""Playlists: in whose order, for whom, and that a private one is not there for others."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.catalogue.site_tables import playlist_items
from assent.community import playlists
from assent.community.playlists import Said, Visibility
from assent.errors import BadInput, Unknown
from tests.community.conftest import Stage, set_visibility

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("remove"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("move"), st.integers(0, 2), st.integers(-1, 4)),
    ),
    max_size=12,
)


def order(stage: Stage, name: str, account: str | None) -> list[str]:
    with stage.house.reading() as connection:
        page = playlists.entries(connection, name, account)
    return [entry.recording.id for entry in page.items]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_a_playlist_is_a_list(small: Stage, steps: list[tuple[str, int, int]]) -> None:
    known = [*small.recordings, small.private]
    name, wanted = playlists.make(small.house, small.wren, Said(title="A")), list[str]()
    for step, which, place in steps:
        recording = known[which]
        if step == "add":
            playlists.add(small.house, small.wren, name, recording)
            wanted += [recording] if recording not in wanted else []
        elif step == "remove":
            playlists.remove(small.house, small.wren, name, recording)
            wanted = [one for one in wanted if one != recording]
        else:
            playlists.move(small.house, small.wren, name, recording, place)
            if recording in wanted:
                wanted.remove(recording)
                wanted.insert(max(place, 0), recording)
        assert order(small, name, small.wren) == wanted


def test_a_private_list_is_not_there_for_others(stage: Stage) -> None:
    name = playlists.make(stage.house, stage.lio, Said(title="Mine"))
    with stage.house.reading() as connection:
        assert playlists.playlist(connection, name, stage.lio).by == "Lio"
        for other in (stage.ada, stage.wren, None):
            with pytest.raises(Unknown, match="no such playlist"):
                playlists.playlist(connection, name, other)
        shown = playlists.of_account(connection, stage.lio, all_of_them=False)
        assert shown == ()
        assert len(playlists.of_account(connection, stage.lio, all_of_them=True)) == 1


def test_nobody_else_changes_a_list(stage: Stage) -> None:
    public = Said(title="Ours", visibility=Visibility.PUBLIC)
    name = playlists.make(stage.house, stage.lio, public)
    playlists.add(stage.house, stage.lio, name, stage.recordings[0])
    with stage.house.reading() as connection:
        before = playlists.playlist(connection, name, stage.ada)
    house, one = stage.house, stage.recordings[0]
    acts: tuple[Callable[[], None], ...] = (
        lambda: playlists.add(house, stage.ada, name, stage.recordings[1]),
        lambda: playlists.remove(house, stage.ada, name, one),
        lambda: playlists.move(house, stage.ada, name, one, 0),
        lambda: playlists.change(house, stage.ada, name, Said(title="Theirs")),
        lambda: playlists.throw_away(house, stage.ada, name),
    )
    for act in acts:
        with pytest.raises(Unknown, match="of yours"):
            act()
    with stage.house.reading() as connection:
        assert playlists.playlist(connection, name, stage.ada) == before
    assert order(stage, name, stage.ada) == [one]


def test_what_is_private_on_a_public_list_is_shown_to_its_owner_alone(stage: Stage) -> None:
    public = Said(title="Ours", visibility=Visibility.PUBLIC)
    name = playlists.make(stage.house, stage.wren, public)
    for recording in (stage.recordings[0], stage.private, stage.recordings[1]):
        playlists.add(stage.house, stage.wren, name, recording)
    assert order(stage, name, None) == list(stage.recordings)
    assert order(stage, name, stage.lio) == list(stage.recordings)
    assert order(stage, name, stage.wren)[1] == stage.private
    other = playlists.make(stage.house, stage.lio, Said(title="Mine"))
    with pytest.raises(Unknown, match="no such recording"):
        playlists.add(stage.house, stage.lio, other, stage.private)
    set_visibility(stage.house, stage.private, "public")
    assert len(order(stage, name, None)) == 3


def test_a_list_is_walked_page_by_page(stage: Stage) -> None:
    name = playlists.make(stage.house, stage.lio, Said(title="Ours"))
    for recording in stage.recordings:
        playlists.add(stage.house, stage.lio, name, recording)
    with stage.house.reading() as connection:
        first = playlists.entries(connection, name, stage.lio, limit=1)
        second = playlists.entries(connection, name, stage.lio, after=first.after, limit=1)
    assert [it.recording.id for it in first.items + second.items] == list(stage.recordings)
    assert not second.after


def test_where_something_was_erased_the_others_close_ranks(stage: Stage) -> None:
    name = playlists.make(stage.house, stage.wren, Said(title="Ours"))
    for recording in (stage.private, *stage.recordings):
        playlists.add(stage.house, stage.wren, name, recording)
    with stage.house.writing() as connection:
        gone = playlist_items.c.recording == stage.private
        connection.execute(playlist_items.delete().where(gone))
    with stage.house.reading() as connection:
        page = playlists.entries(connection, name, stage.wren)
    assert [entry.place for entry in page.items] == [0, 1]
    playlists.move(stage.house, stage.wren, name, stage.recordings[1], 0)
    assert order(stage, name, stage.wren) == list(reversed(stage.recordings))


def test_a_list_is_changed_and_thrown_away(stage: Stage) -> None:
    name = playlists.make(stage.house, stage.lio, Said(title=" مدّ  وجزر ", about="a\r\nb "))
    playlists.add(stage.house, stage.lio, name, stage.recordings[0])
    with stage.house.reading() as connection:
        found = playlists.playlist(connection, name, stage.lio)
    assert (found.title, found.about, found.length) == ("مدّ وجزر", "a\nb", 1)
    said = Said(title="Tide", visibility=Visibility.PUBLIC)
    playlists.change(stage.house, stage.lio, name, said)
    with stage.house.reading() as connection:
        assert playlists.playlist(connection, name, None).title == "Tide"
    playlists.throw_away(stage.house, stage.lio, name)
    with stage.house.reading() as connection, pytest.raises(Unknown):
        playlists.playlist(connection, name, stage.lio)


def test_there_is_an_end_to_lists_and_to_what_is_on_one(
    small: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playlists, "MOST_ITEMS", 1)
    monkeypatch.setattr(playlists, "MOST_LISTS", 1)
    name = playlists.make(small.house, small.lio, Said(title="Mine"))
    playlists.add(small.house, small.lio, name, small.recordings[0])
    with pytest.raises(BadInput, match="a playlist holds 1"):
        playlists.add(small.house, small.lio, name, small.recordings[1])
    with pytest.raises(BadInput, match="not kept"):
        playlists.make(small.house, small.lio, Said(title="Another"))


@pytest.mark.parametrize("title", ["", "  ", "\x00", "x" * 201, "\u200b"])
def test_a_title_can_be_seen(small: Stage, title: str) -> None:
    with pytest.raises(BadInput, match="a playlist's title has 1 to 200"):
        playlists.make(small.house, small.lio, Said(title=title))
