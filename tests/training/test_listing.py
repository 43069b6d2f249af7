"""The sets on record: which there are, and what is in them."""

from base64 import b64encode
from pathlib import Path

import pytest
from pyroaring import BitMap
from sqlalchemy import update

from assent.acts.rebuild import rebuild
from assent.catalogue import tables
from assent.catalogue.engine import writing
from assent.errors import Tampered, Unknown
from assent.training.build import build
from assent.training.listing import all_sets, find_set, is_member
from tests.houses import add_program
from tests.training.sets import PROGRAM, Stock, take_back


@pytest.fixture
def cut(stocked: Stock, tmp_path: Path) -> Stock:
    build(stocked.house, PROGRAM, tmp_path / "first", by="Kim")
    take_back(stocked.house, "r1")
    build(stocked.house, PROGRAM, tmp_path / "second", by="Kim")
    return stocked


def test_sets_are_listed_as_they_were_cut_and_by_program(cut: Stock) -> None:
    add_program(cut.house, "other")
    assert [(found.id, found.items) for found in all_sets(cut.house)] == [("s0", 4), ("s1", 3)]
    assert all_sets(cut.house, PROGRAM) == all_sets(cut.house)
    assert all_sets(cut.house, "other") == ()
    assert find_set(cut.house, "s1") == all_sets(cut.house)[1]


def test_a_recording_is_in_a_set_or_not(cut: Stock) -> None:
    everything = cut.permitted + cut.others
    first = {name for name in everything if is_member(cut.house, "s0", name)}
    second = {name for name in everything if is_member(cut.house, "s1", name)}
    assert first == set(cut.permitted)
    assert second == set(cut.permitted) - {"r1"}


def test_what_is_not_there_is_unknown(cut: Stock) -> None:
    with pytest.raises(Unknown, match="there is no training set 's9'"):
        find_set(cut.house, "s9")
    with pytest.raises(Unknown, match="there is no training set"):
        is_member(cut.house, "s9", "r0")
    for recording in ("r99", "nine", "", "r-1"):
        with pytest.raises(Unknown, match="there is no recording"):
            is_member(cut.house, "s0", recording)


def test_sets_are_the_same_after_a_rebuild(cut: Stock) -> None:
    before = all_sets(cut.house)
    rebuild(cut.house)
    assert all_sets(cut.house) == before


@pytest.mark.parametrize("members", ["", "!", "AAAA", "OjAAAAEAAAAA"])
def test_members_that_were_tampered_with_are_said(cut: Stock, members: str) -> None:
    with writing(cut.house.engine) as connection:
        connection.execute(update(tables.training_sets).values(members=members))
    with pytest.raises(Tampered, match="members of s0"):
        find_set(cut.house, "s0")


def test_more_members_than_the_set_has_items_are_said(cut: Stock) -> None:
    more = b64encode(BitMap(range(find_set(cut.house, "s0").items + 1)).serialize()).decode()
    with writing(cut.house.engine) as connection:
        connection.execute(update(tables.training_sets).values(members=more))
    with pytest.raises(Tampered, match="members of s0 are more than it says"):
        find_set(cut.house, "s0")
