from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from assent.errors import BadText
from assent.permission.fields import (
    only,
    read_instant,
    read_name,
    read_table,
    read_text,
    read_texts,
)
from tests.permission.tables import bombs


@pytest.mark.parametrize("bomb", bombs)
def test_a_bomb_is_bad_text(bomb: str) -> None:
    with pytest.raises(BadText):
        read_table(bombs[bomb], 1 << 20, "the text")


def test_a_size_is_counted_in_bytes() -> None:
    assert read_table("a = 'é'", 8, "the text") == {"a": "é"}
    with pytest.raises(BadText, match="the text is larger than 7 bytes"):
        read_table("a = 'é'", 7, "the text")
    with pytest.raises(BadText, match="larger than 3 bytes"):
        read_table("a = 1", 3, "the text")


def test_what_is_no_toml_says_where() -> None:
    with pytest.raises(BadText, match=r"the text is not TOML: .*line 2"):
        read_table("a = 1\nb = ?\n", 99, "the text")


def test_a_misspelt_field_is_named() -> None:
    only({"id": 1}, {"id", "title"}, "a text")
    with pytest.raises(BadText, match="a text has no field 'statuz'; it has id, title"):
        only({"id": 1, "statuz": 2}, {"id", "title"}, "a text")


@pytest.mark.parametrize("value", [None, 1, True, [], {}, "", "  \n"])
def test_text_must_be_text_with_something_in_it(value: object) -> None:
    with pytest.raises(BadText, match="a text needs title, some text") as caught:
        read_text({"title": value}, "title", "a text")
    assert caught.value.facts == {"field": "title"}


def test_text_is_trimmed_and_has_an_end() -> None:
    assert read_text({"title": " Terms \n"}, "title", "a text") == "Terms"
    assert read_text({"title": "a" * 10_000}, "title", "a text") == "a" * 10_000
    with pytest.raises(BadText, match="more than 10000 characters"):
        read_text({"title": "a" * 10_001}, "title", "a text")


@pytest.mark.parametrize(
    "value", [None, 1, "", "-a", ".a", "A", "a b", "a_b", "é", "a\n", "a" * 64]
)
def test_a_name_is_small_letters_digits_dots_and_hyphens(value: object) -> None:
    with pytest.raises(BadText, match="small letters"):
        read_name({"id": value}, "id", "a text")


@pytest.mark.parametrize("value", ["a", "0", "house-1.2", "a" * 63])
def test_a_good_name_is_kept(value: str) -> None:
    assert read_name({"id": value}, "id", "a text") == value


@pytest.mark.parametrize("value", [None, "search", [], {}, 1])
def test_a_list_of_texts_must_be_a_list_with_something_in_it(value: object) -> None:
    with pytest.raises(BadText, match="a program needs models, a list of texts"):
        read_texts({"models": value}, "models", "a program")


@pytest.mark.parametrize("value", [[""], ["a", 1], [["a"]]])
def test_each_text_of_a_list_must_be_text(value: object) -> None:
    with pytest.raises(BadText, match="a program needs models, some text"):
        read_texts({"models": value}, "models", "a program")


def test_good_texts_are_kept_in_order() -> None:
    assert read_texts({"models": ["b", " a "]}, "models", "a program") == ("b", "a")


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (None, None),
        (date(2031, 1, 2), datetime(2031, 1, 2, tzinfo=UTC)),
        (datetime(2031, 1, 2, 3, tzinfo=UTC), datetime(2031, 1, 2, 3, tzinfo=UTC)),
        (
            datetime(2031, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))),
            datetime(2031, 1, 2, 1, tzinfo=UTC),
        ),
    ],
)
def test_a_date_or_a_time_is_an_instant(value: object, instant: datetime | None) -> None:
    assert read_instant({"end": value}, "end", "a program") == instant


def test_a_time_without_its_zone_is_no_instant() -> None:
    with pytest.raises(BadText, match="without a time zone; write Z at its end"):
        read_instant({"end": datetime(2031, 1, 2)}, "end", "a program")  # noqa: DTZ001  # the point


@pytest.mark.parametrize("value", [1, "2031-01-01", time(12), True, []])
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(BadText, match=r"has a end that is no date; write 2031-01-31"):
        read_instant({"end": value}, "end", "a program")


@pytest.mark.parametrize(("year", "hours"), [(1, 23), (9999, -23)])
def test_an_instant_that_utc_cannot_hold_is_refused(year: int, hours: int) -> None:
    month, day, hour = (1, 1, 0) if year == 1 else (12, 31, 23)
    edge = datetime(year, month, day, hour, tzinfo=timezone(timedelta(hours=hours)))
    with pytest.raises(BadText, match="outside the years 1 to 9999"):
        read_instant({"end": edge}, "end", "a program")
