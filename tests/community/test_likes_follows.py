"""Likes and follows: twice is once, and nothing is liked that one may not hear."""

import pytest

from assent.community import follows, likes
from assent.errors import Unknown
from tests.community.conftest import Stage, set_visibility


def test_liking_twice_is_liking_once_and_so_is_taking_it_back(stage: Stage) -> None:
    house, one = stage.house, stage.recordings[0]
    for _ in range(2):
        likes.like(house, stage.lio, one)
    likes.like(house, stage.ada, one)
    with house.reading() as connection:
        assert likes.likes(connection, one) == 2
        assert likes.likes_it(connection, stage.lio, one)
        assert not likes.likes_it(connection, None, one)
    for _ in range(2):
        likes.unlike(house, stage.lio, one)
    with house.reading() as connection:
        assert likes.likes(connection, one) == 1
        assert not likes.likes_it(connection, stage.lio, one)


def test_what_one_may_not_hear_cannot_be_liked(stage: Stage) -> None:
    for recording in (stage.private, "r999", ""):
        with pytest.raises(Unknown, match="no such recording"):
            likes.like(stage.house, stage.lio, recording)
    likes.like(stage.house, stage.wren, stage.private)
    with stage.house.reading() as connection:
        assert [it.id for it in likes.liked(connection, stage.wren).items] == [stage.private]


def test_what_is_not_public_any_more_is_not_listed_and_comes_back(stage: Stage) -> None:
    for recording in stage.recordings:
        likes.like(stage.house, stage.lio, recording)
    set_visibility(stage.house, stage.recordings[0], "private")
    with stage.house.reading() as connection:
        found = likes.liked(connection, stage.lio).items
        assert [it.id for it in found] == [stage.recordings[1]]
    set_visibility(stage.house, stage.recordings[0], "public")
    with stage.house.reading() as connection:
        found = likes.liked(connection, stage.lio).items
        assert [it.id for it in found] == list(reversed(stage.recordings))


def test_likes_are_walked_page_by_page(stage: Stage) -> None:
    for recording in stage.recordings:
        likes.like(stage.house, stage.lio, recording)
    with stage.house.reading() as connection:
        first = likes.liked(connection, stage.lio, limit=1)
        second = likes.liked(connection, stage.lio, after=first.after, limit=1)
    assert [it.id for it in first.items] == [stage.recordings[1]]
    assert [it.id for it in second.items] == [stage.recordings[0]]
    assert not second.after


def test_following_twice_is_following_once(stage: Stage) -> None:
    for _ in range(2):
        follows.follow(stage.house, stage.lio, stage.artist)
    with stage.house.reading() as connection:
        assert follows.followers(connection, stage.artist) == 1
        assert follows.follows(connection, stage.lio, stage.artist)
        assert not follows.follows(connection, None, stage.artist)
        assert [it.name for it in follows.followed(connection, stage.lio).items] == ["Wren"]
        assert follows.followed(connection, stage.lio, after=stage.artist).items == ()
    for _ in range(2):
        follows.unfollow(stage.house, stage.lio, stage.artist)
    with stage.house.reading() as connection:
        assert follows.followers(connection, stage.artist) == 0


def test_nobody_follows_who_is_not_there(stage: Stage) -> None:
    with pytest.raises(Unknown, match="no such artist"):
        follows.follow(stage.house, stage.lio, "n99")
