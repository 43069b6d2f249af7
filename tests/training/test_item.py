"""Names of files, and the description beside the audio."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.training.item import describe, file_name, file_number
from tests.training.sets import items, sample_item


@given(st.integers(0, 10**18 - 1), st.text(max_size=12))
def test_whatever_the_container_the_file_names_its_recording_and_no_folder(
    number: int, container: str
) -> None:
    name = file_name(f"r{number}", container)
    assert file_number(name) == number
    assert "/" not in name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "r1",
        "r1.",
        "r01.ogg",
        "r-1.ogg",
        "/r1.ogg",
        "../r1.ogg",
        "r1.ogg/",
        "r1.OGG",
        "r1.ogg\n",
        "r1.json5.x",
        "r\u0661.ogg",
        f"r{1:019}.ogg",
        "R1.ogg",
        "r1.ogg\0",
    ],
)
def test_nothing_else_names_a_recording(name: str) -> None:
    assert file_number(name) is None


@settings(max_examples=20)
@given(items())
def test_items_that_differ_are_described_differently(drawn: list[object]) -> None:
    item = sample_item(3, b"audio")
    other = sample_item(3, b"other")
    assert describe(item, "s0") != describe(item, "s1")
    assert describe(item, "s0") != describe(other, "s0")
    assert len({describe(drawn_item, "s0") for drawn_item in drawn}) == len(drawn)  # type: ignore[arg-type]  # items() draws items


def test_a_description_is_json_that_says_whose_it_is() -> None:
    said = json.loads(describe(sample_item(3, b"audio", title="Tïde"), "s7"))
    assert said["set"] == "s7"
    assert said["recording"] == "r3"
    assert said["title"] == "Tïde"
    assert said["artist"] == "Ada Quill"
