"""Links to audio: what they say comes back, what was changed does not open, what ran out renews."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import NotAllowed, Unknown
from assent.listening.hearing import Ground, Hearing
from assent.listening.links import GOOD_FOR, LEEWAY, Link, Via, issue, read, renewed, sign

KEY = bytes(range(32))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AT = datetime(2031, 3, 1, 12, tzinfo=UTC)
PUBLIC = Hearing(recording="r1", ground=Ground.PUBLIC, clause="it is public")
NO = Hearing(recording="r1", ground=Ground.NO, clause="it is not")


instants = st.integers(0, 4 * 10**12).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
links = st.builds(
    Link,
    recording=st.text(max_size=12),
    play=st.text(max_size=12),
    ground=st.sampled_from(Ground),
    who=st.text(max_size=12),
    via=st.sampled_from(Via),
    began=instants,
    until=instants,
)


@given(links)
def test_a_link_says_what_was_signed_and_can_stand_in_an_address(link: Link) -> None:
    text = sign(KEY, link)
    assert read(KEY, text) == link
    assert text.isascii()
    assert not set(text) & set(" /?#&=+\"<>'")


@given(st.integers(0, 400), st.integers(1, 127))
def test_a_link_of_which_a_letter_was_changed_opens_nothing(place: int, other: int) -> None:
    text = sign(KEY, issue(PUBLIC, Via.PAGE, AT))
    place %= len(text)
    changed = text[:place] + chr(ord(text[place]) ^ other) + text[place + 1 :]
    with pytest.raises(NotAllowed, match="changed on its way"):
        read(KEY, changed)


@given(st.text(max_size=200))
def test_no_text_is_a_link_by_chance(text: str) -> None:
    with pytest.raises(NotAllowed):
        read(KEY, text)


def test_a_link_of_another_platform_opens_nothing() -> None:
    with pytest.raises(NotAllowed):
        read(bytes(32), sign(KEY, issue(PUBLIC, Via.PAGE, AT)))


def test_a_link_is_good_for_ten_minutes_and_a_minute_for_the_clocks() -> None:
    link = issue(PUBLIC, Via.PAGE, AT)
    assert link.is_good(AT - timedelta(hours=1))  # the clock of another machine is behind
    assert link.is_good(AT + GOOD_FOR + LEEWAY - timedelta(milliseconds=1))
    assert not link.is_good(AT + GOOD_FOR + LEEWAY)


def test_a_renewed_link_is_of_the_same_play_and_good_again() -> None:
    link = issue(PUBLIC, Via.PAGE, AT)
    later = AT + timedelta(hours=8)
    again = renewed(link, PUBLIC, later)
    assert again.is_good(later)
    assert (again.play, again.began, again.via) == (link.play, link.began, link.via)


def test_who_may_not_hear_gets_no_link_and_none_again() -> None:
    with pytest.raises(Unknown):
        issue(NO, Via.PAGE, AT)
    with pytest.raises(Unknown):
        renewed(issue(PUBLIC, Via.PAGE, AT), NO, AT)


def test_two_listenings_are_two_plays() -> None:
    assert issue(PUBLIC, Via.PAGE, AT).play != issue(PUBLIC, Via.PAGE, AT).play
