"""What people call things: kept in every script, without what nobody sees and nothing needs."""

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.catalogue.names import folded
from assent.catalogue.titles import is_shown, line_of, seen, shown
from assent.errors import BadInput

SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u200fשבת\u200f", "שבת"),
        ("\u200e Tide \ufeff", "Tide"),
        ("\u202bTide\u202c", "Tide"),
        ("\u2067شمس\u2069", "شمس"),
        ("so\u00adlo", "solo"),
        ("a \u200eB\u200e c", "a \u200eB\u200e c"),
        ("می\u200cکنم", "می\u200cکنم"),
        ("👩\u200d👧", "👩\u200d👧"),
        (f"Up {SCOTLAND}", f"Up {SCOTLAND}"),
        ("\u06dd\u0661\u0662", "\u06dd\u0661\u0662"),
        ("\u200b\u2060", ""),
    ],
)
def test_marks_at_the_ends_go_and_those_that_shape_a_text_stay(typed: str, kept: str) -> None:
    assert seen(typed, "a title") == kept


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("a\u202eb", "U+202E, right-to-left override"),
        ("a\u200bb", "U+200B, zero width space"),
        ("a\x07b", "U+0007;"),
        ("a\ufeffb", "U+FEFF, zero width no-break space"),
        ("Ada\U000e0062b", "U+E0062, tag latin small letter b"),
    ],
)
def test_what_would_play_tricks_is_refused_by_its_name(typed: str, named: str) -> None:
    with pytest.raises(BadInput, match="nobody sees") as refused:
        seen(typed, "a title")
    assert named in refused.value.text
    assert not is_shown(typed)


@given(st.text())
def test_what_is_kept_is_shown_and_stays_as_it_is(typed: str) -> None:
    try:
        kept = line_of(typed, "a title")
    except BadInput:
        return
    assert is_shown(kept)
    assert line_of(kept, "a title") == kept
    assert not kept or not kept[0].isspace()


@given(st.text(max_size=600))
def test_what_strangers_wrote_can_always_be_shown(text: str) -> None:
    assert is_shown(shown(text))
    assert len(shown(text)) <= 500


@given(st.sampled_from("\u200c\u200d\u200e\u200f\u00ad"), st.integers(0, 3))
def test_no_unseen_mark_makes_another_name(mark: str, at: int) -> None:
    assert category(mark) == "Cf"
    assert folded("Ada"[:at] + mark + "Ada"[at:]) == folded("Ada")
