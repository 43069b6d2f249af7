"""Comments at a time: within the recording, deleted by who wrote them, hidden by whose it is."""

import pytest
from sqlalchemy import select

from assent.acts.accounts import find_account
from assent.catalogue import tables
from assent.community import comments
from assent.errors import BadInput, NotAllowed, Unknown
from tests.community.conftest import Stage


def words(stage: Stage, recording: str) -> list[str]:
    with stage.house.reading() as connection:
        return [one.words for one in comments.comments(connection, recording).items]


def test_comments_stand_in_the_order_of_their_moments(stage: Stage) -> None:
    one = stage.recordings[0]
    for at_ms, said in ((400, "late"), (0, "early"), (500, "end"), (400, "גם")):
        comments.comment(stage.house, stage.lio, one, at_ms, said)
    assert sorted(words(stage, one)[1:3]) == ["late", "גם"]
    assert (words(stage, one)[0], words(stage, one)[3]) == ("early", "end")
    with stage.house.reading() as connection:
        assert comments.count(connection, one) == 4
        walked, after = list[str](), "x"
        while after:
            page = comments.comments(connection, one, after="" if after == "x" else after, limit=1)
            walked += [it.words for it in page.items]
            after = page.after
    assert walked == words(stage, one)


@pytest.mark.parametrize("at_ms", [-1, 501, 10**12])
def test_a_moment_lies_within_the_recording(small: Stage, at_ms: int) -> None:
    with pytest.raises(BadInput, match="ends after"):
        comments.comment(small.house, small.lio, small.recordings[0], at_ms, "there")


@pytest.mark.parametrize("said", ["", " \n ", "x" * 2_001, "\x00", "\u200b\u202e"])
def test_a_comment_has_words(small: Stage, said: str) -> None:
    with pytest.raises(BadInput, match="a comment has 1 to 2,000 characters"):
        comments.comment(small.house, small.lio, small.recordings[0], 0, said)


def test_the_longest_comment_is_kept_as_it_is(stage: Stage) -> None:
    said = "<script>alert(1)</script>\n" + "ש" * 1_974
    comments.comment(stage.house, stage.lio, stage.recordings[0], 0, said)
    assert words(stage, stage.recordings[0]) == [said]


def test_nobody_comments_on_what_they_may_not_hear(stage: Stage) -> None:
    with pytest.raises(Unknown):
        comments.comment(stage.house, stage.lio, stage.private, 0, "hello")
    comments.comment(stage.house, stage.wren, stage.private, 0, "a note to myself")


def test_only_who_wrote_it_deletes_it(stage: Stage) -> None:
    one = stage.recordings[0]
    name = comments.comment(stage.house, stage.lio, one, 0, "mine")
    for other in (stage.ada, stage.wren):
        with pytest.raises(Unknown):
            comments.delete(stage.house, other, name)
    assert words(stage, one) == ["mine"]
    assert comments.delete(stage.house, stage.lio, name) == one
    with pytest.raises(Unknown):
        comments.delete(stage.house, stage.lio, name)
    assert words(stage, one) == []


def test_whose_recording_it_is_hides_and_shows_and_nobody_else(stage: Stage) -> None:
    one = stage.recordings[0]
    name = comments.comment(stage.house, stage.lio, one, 0, "rude")
    with pytest.raises(NotAllowed, match="whose recording it is"):
        comments.hide(stage.house, stage.ada, name)
    for _ in range(2):
        assert comments.hide(stage.house, stage.wren, name) == one
    assert words(stage, one) == []
    with stage.house.reading() as connection:
        assert comments.count(connection, one) == 0
        assert [it.words for it in comments.hidden(connection, stage.wren, one)] == ["rude"]
        assert comments.hidden(connection, stage.lio, one) == ()
        assert [it.words for it in comments.of_account(connection, stage.lio)] == ["rude"]
    with pytest.raises(NotAllowed):
        comments.show(stage.house, stage.lio, name)
    comments.show(stage.house, stage.wren, name)
    assert words(stage, one) == ["rude"]


def test_a_reviewer_hides_on_record_and_nobody_shows_it_again(stage: Stage) -> None:
    name = comments.comment(stage.house, stage.lio, stage.recordings[0], 0, "a threat")
    with pytest.raises(BadInput, match="a cause has 1"):
        comments.hide_as_staff(stage.house, stage.ada, name, " ", "Ada Quill")
    comments.hide_as_staff(stage.house, stage.ada, name, "It threatens.", "Ada Quill")
    assert words(stage, stage.recordings[0]) == []
    with pytest.raises(NotAllowed, match="a reviewer hid"):
        comments.show(stage.house, stage.wren, name)
    with stage.house.reading() as connection:
        acts = connection.execute(select(tables.staff_acts)).all()
        assert [(it.act, it.about, it.cause) for it in acts] == [
            ("hide a comment", stage.lio, "It threatens.")
        ]
        assert find_account(connection, "Ada Quill").id == stage.ada
