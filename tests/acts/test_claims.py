"""Claims: who may make and answer them, until when, and what agreeing decides."""

from pathlib import Path

import pytest

from assent.acts.claims import (
    TIME_TO_ANSWER,
    Plea,
    Says,
    answer_claim,
    evidence_file,
    make_claim,
)
from assent.acts.copies import declare_copy
from assent.acts.holders import Share, set_holders
from assent.acts.house import House
from assent.acts.rebuild import differences
from assent.acts.reviews import decide
from assent.catalogue import tables
from assent.catalogue.cases import State
from assent.catalogue.claims import claim_of
from assent.catalogue.queue import queue
from assent.clock import parse_instant
from assent.errors import BadInput, NotAllowed, StorageFailed, Unknown
from tests.acts.disputes import ADA, BO, TESS, WORDS, case_rows, rows, suspected
from tests.houses import Clock, add

LISTENED = ("I have listened", "Kim")


@pytest.fixture
def three(either_house: House, tmp_path: Path) -> House:
    """Give a platform with r0 of Ada Quill and Bo Tarn, r1 of Ada, r2 of Tess Vane, r3 of Bo."""
    halves = tuple(Share(name=name, share_ppm=500_000) for name in (ADA, BO))
    add(either_house, tmp_path, ADA, holders=halves)
    for artist in (ADA, TESS, BO):
        add(either_house, tmp_path, artist)
    return either_house


def claimed(house: House, artist: str, one: str, other: str, says: Says) -> int:
    return make_claim(house, artist, (one, other), says, WORDS).number


def masks(house: House) -> dict[str, str | None]:
    return {row.id: row.original for row in rows(house, tables.recordings) if row.original}


def refused(house: House, pair: tuple[str, str], state: State) -> bool:
    """Try to decide, and say whether somebody has to be heard before."""
    try:
        decide(house, pair, state, *LISTENED)
    except NotAllowed as error:
        return "may answer the claim" in error.text
    return False


# ---- making one


def test_mine_on_the_earlier_one_masks_the_later_one_at_once(three: House) -> None:
    number = claimed(three, ADA, "r0", "r2", Says.MINE)
    assert case_rows(three) == {("r2", "r0"): "suspected"}
    assert masks(three) == {"r2": "r0"}
    (row,) = rows(three, tables.claims)
    assert (row.event, row.says, row.words, row.closed) == (number, "mine", WORDS.words, None)
    made = next(it.at for it in rows(three, tables.events) if it.number == number)
    assert parse_instant(row.answer_by) == parse_instant(made) + TIME_TO_ANSWER
    assert differences(three) == []


def test_mine_on_the_later_one_changes_nothing(three: House) -> None:
    number = claimed(three, TESS, "r2", "r0", Says.MINE)
    assert (case_rows(three), masks(three)) == ({}, {})
    (row,) = rows(three, tables.claims)
    assert (row.event, row.recording, row.original) == (number, "r2", "r0")
    assert row.says == "true-original"


def test_it_does_not_matter_which_is_named_first(three: House) -> None:
    claimed(three, ADA, "r2", "r1", Says.MINE)
    assert masks(three) == {"r2": "r1"}


def test_a_claim_opens_a_rejected_case_of_a_later_one_and_of_no_earlier_one(three: House) -> None:
    suspected(three, "r2", "r1")
    decide(three, ("r2", "r1"), State.REJECTED, *LISTENED)
    claimed(three, ADA, "r1", "r2", Says.MINE)
    assert case_rows(three) == {("r2", "r1"): "suspected"}
    # somebody said the earlier one is the copy, and took it back: the later one's claim is no more
    declare_copy(three, "r1", "r3", "desk")
    declare_copy(three, "r1", None, "desk")
    claimed(three, BO, "r3", "r1", Says.MINE)
    assert case_rows(three)["r1", "r3"] == "rejected"
    assert "r1" not in masks(three)


@pytest.mark.parametrize("says", [Says.LICENSED, Says.DIFFERENT])
def test_where_nobody_says_that_it_is_a_copy_nothing_is_licensed_or_different(
    three: House, says: Says
) -> None:
    for artist in (ADA, TESS):
        with pytest.raises(BadInput, match="nobody says that r2 is a copy of r1"):
            claimed(three, artist, "r1", "r2", says)


def test_what_cannot_be_claimed_leaves_nothing(three: House) -> None:
    before = len(rows(three, tables.events))
    with pytest.raises(BadInput, match="nobody says that r2 is the true original of r1"):
        claimed(three, ADA, "r1", "r2", Says.TRUE_ORIGINAL)
    with pytest.raises(BadInput, match="two recordings"):
        claimed(three, ADA, "r1", "r1", Says.MINE)
    with pytest.raises(NotAllowed, match="Bo Tarn holds rights in neither r1 nor r2"):
        claimed(three, BO, "r1", "r2", Says.MINE)
    with pytest.raises(Unknown, match="'r9'"):
        claimed(three, ADA, "r1", "r9", Says.MINE)
    with pytest.raises(Unknown, match="nobody here"):
        claimed(three, "Nobody", "r1", "r2", Says.MINE)
    for words in (" ", "x" * 5_001):
        with pytest.raises(BadInput, match="in words"):
            make_claim(three, ADA, ("r1", "r2"), Says.MINE, Plea(words=words))
    files = [{"name": "a", "sha256": "0" * 64, "size_bytes": 1}] * 101
    with pytest.raises(BadInput, match="at most 100 files"):
        make_claim(three, ADA, ("r1", "r2"), Says.MINE, Plea(words="x", files=files))
    assert len(rows(three, tables.events)) == before


def test_an_account_has_one_open_claim_on_a_pair(three: House) -> None:
    claimed(three, ADA, "r0", "r2", Says.MINE)
    with pytest.raises(BadInput, match="Ada Quill has a claim on r2 and r0 that is open"):
        claimed(three, ADA, "r0", "r2", Says.LICENSED)
    claimed(three, BO, "r0", "r2", Says.MINE)
    claimed(three, ADA, "r1", "r2", Says.MINE)
    decide(three, ("r2", "r0"), State.REJECTED, *LISTENED)
    assert [row.closed is None for row in rows(three, tables.claims)] == [False, False, True]
    claimed(three, ADA, "r0", "r2", Says.MINE)


def test_of_files_digests_alone_are_put_on_record(three: House, tmp_path: Path) -> None:
    path = tmp_path / "stems.zip"
    path.write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180, "abc"
    said = {"name": "stems.zip", "sha256": digest, "size_bytes": 3}
    assert evidence_file(path) == said
    plea = Plea(words="see the stems", files=[said])
    number = make_claim(three, ADA, ("r1", "r2"), Says.MINE, plea).number
    with three.reading() as connection:
        claim = claim_of(connection, number)
    assert claim is not None
    assert claim.files == (said,)
    with pytest.raises(StorageFailed, match=r"'none.zip' cannot be read"):
        evidence_file(tmp_path / "none.zip")


# ---- being heard


def test_until_they_are_heard_nothing_is_decided_against_them(three: House, clock: Clock) -> None:
    """Tess says that her copy is licensed; Ada and Bo, who hold the original, may answer."""
    suspected(three, "r2", "r0")
    number = claimed(three, TESS, "r2", "r0", Says.LICENSED)
    against_them = {State.LICENSED, State.TRUE_ORIGINAL, State.REJECTED}
    with pytest.raises(NotAllowed) as caught:
        decide(three, ("r2", "r0"), State.LICENSED, *LISTENED)
    until = rows(three, tables.claims)[0].answer_by
    assert caught.value.facts == {"claim": number, "answer_by": until}
    assert until in caught.value.text
    answer_claim(three, ADA, number, WORDS, agrees=False)
    assert {
        state for state in against_them if refused(three, ("r2", "r0"), state)
    } == against_them, "Bo has not answered"
    clock.at = parse_instant(until)
    assert not refused(three, ("r2", "r0"), State.LICENSED)
    assert differences(three) == []


def test_one_millisecond_early_is_early(three: House, clock: Clock) -> None:
    claimed(three, ADA, "r1", "r2", Says.MINE)
    until = parse_instant(rows(three, tables.claims)[0].answer_by)
    clock.at = until
    clock.turn(milliseconds=-2)  # the clock goes on by one at each look
    assert refused(three, ("r2", "r1"), State.CONFIRMED)
    clock.at = until
    clock.turn(milliseconds=-1)
    assert not refused(three, ("r2", "r1"), State.CONFIRMED)


def test_after_the_answers_it_can_be_decided_either_way(three: House) -> None:
    suspected(three, "r2", "r0")
    number = claimed(three, TESS, "r2", "r0", Says.LICENSED)
    for artist in (ADA, BO):
        answer_claim(three, artist, number, WORDS, agrees=False)
    assert not refused(three, ("r2", "r0"), State.REJECTED)


def test_whoever_claims_may_lose_at_once(three: House) -> None:
    claimed(three, ADA, "r1", "r2", Says.MINE)
    assert refused(three, ("r2", "r1"), State.CONFIRMED), "Tess has not answered"
    assert not refused(three, ("r2", "r1"), State.REJECTED), "Ada has spoken"


def test_what_a_person_says_waits_for_answers_as_well(three: House) -> None:
    number = claimed(three, ADA, "r1", "r2", Says.MINE)
    with pytest.raises(NotAllowed, match=f"the claim {number} until"):
        declare_copy(three, "r2", "r1", "desk")
    answer_claim(three, TESS, number, WORDS, agrees=False)
    declare_copy(three, "r2", "r1", "desk")
    number = claimed(three, TESS, "r2", "r1", Says.DIFFERENT)
    with pytest.raises(NotAllowed, match=f"the claim {number} until"):
        declare_copy(three, "r2", None, "desk")
    assert case_rows(three) == {("r2", "r1"): "confirmed"}


def test_where_nobody_is_left_to_be_heard_the_time_is_waited_for(
    house: House, tmp_path: Path, clock: Clock
) -> None:
    add(house, tmp_path, "")
    add(house, tmp_path, TESS)
    suspected(house, "r1", "r0")
    claimed(house, TESS, "r1", "r0", Says.DIFFERENT)
    assert case_rows(house) == {("r1", "r0"): "suspected"}, "nobody is not all"
    assert refused(house, ("r1", "r0"), State.REJECTED)
    clock.turn(days=14)
    assert not refused(house, ("r1", "r0"), State.REJECTED)


def test_who_made_the_claim_does_not_decide_it(three: House) -> None:
    set_holders(three, "r2", [Share(name="Cy Loom")], "desk")
    suspected(three, "r2", "r1")
    number = claimed(three, "Cy Loom", "r2", "r1", Says.DIFFERENT)
    answer_claim(three, ADA, number, WORDS, agrees=False)
    set_holders(three, "r2", [Share(name=TESS)], "desk")
    with pytest.raises(NotAllowed, match="cy loom made a claim on it"):
        decide(three, ("r2", "r1"), State.REJECTED, "mine", "cy loom")


# ---- giving in


@pytest.mark.parametrize(
    ("says", "state", "left"),
    [
        (Says.LICENSED, "licensed", {"r2": "r0"}),
        (Says.DIFFERENT, "rejected", {}),
        (Says.TRUE_ORIGINAL, "true-original", {"r0": "r2"}),
    ],
)
def test_it_is_decided_as_soon_as_all_who_would_lose_agree(
    three: House, says: Says, state: str, left: dict[str, str]
) -> None:
    suspected(three, "r2", "r0")
    number = claimed(three, TESS, "r2", "r0", says)
    answer_claim(three, ADA, number, WORDS, agrees=True)
    assert case_rows(three) == {("r2", "r0"): "suspected"}
    assert masks(three) == {"r2": "r0"}
    last = answer_claim(three, BO, number, WORDS, agrees=True)
    assert case_rows(three) == {("r2", "r0"): state}
    assert masks(three) == left
    (case,) = rows(three, tables.copies)
    assert (case.decided, case.decided_by) == (last.number + 1, BO)
    assert rows(three, tables.claims)[0].closed == case.decided
    assert differences(three) == []


def test_one_of_several_holders_who_disagrees_leaves_it_undecided(three: House) -> None:
    suspected(three, "r2", "r0")
    number = claimed(three, TESS, "r2", "r0", Says.LICENSED)
    answer_claim(three, ADA, number, WORDS, agrees=True)
    answer_claim(three, BO, number, WORDS, agrees=False)
    assert case_rows(three) == {("r2", "r0"): "suspected"}


def test_the_later_one_gives_in(three: House) -> None:
    number = claimed(three, BO, "r0", "r2", Says.MINE)
    answer_claim(three, TESS, number, WORDS, agrees=True)
    assert case_rows(three) == {("r2", "r0"): "confirmed"}


def test_the_earlier_one_gives_in_where_there_is_no_case_yet(three: House) -> None:
    number = claimed(three, TESS, "r2", "r1", Says.MINE)
    answer_claim(three, ADA, number, WORDS, agrees=True)
    assert case_rows(three) == {("r2", "r1"): "true-original"}
    assert masks(three) == {"r1": "r2"}
    assert differences(three) == []


def test_what_only_the_claimant_loses_by_is_decided_at_once(three: House) -> None:
    suspected(three, "r2", "r1")
    number = claimed(three, ADA, "r1", "r2", Says.LICENSED)
    assert case_rows(three) == {("r2", "r1"): "licensed"}
    assert rows(three, tables.claims)[0].closed == number + 1
    suspected(three, "r2", "r0")
    number = claimed(three, ADA, "r0", "r2", Says.LICENSED)
    assert case_rows(three)["r2", "r0"] == "suspected", "Bo would lose as well"
    answer_claim(three, BO, number, WORDS, agrees=True)
    assert case_rows(three)["r2", "r0"] == "licensed"


def test_the_copys_side_agreeing_decides_nothing_for_it(three: House) -> None:
    suspected(three, "r2", "r0")
    number = claimed(three, ADA, "r0", "r2", Says.LICENSED)
    answer_claim(three, TESS, number, WORDS, agrees=True)
    assert case_rows(three) == {("r2", "r0"): "suspected"}


def test_giving_in_does_not_wait_for_others_who_can_answer(three: House) -> None:
    """Two claims against the same side: agreeing to one of them is an answer to both."""
    suspected(three, "r2", "r1")
    set_holders(three, "r2", [Share(name=n, share_ppm=500_000) for n in (TESS, BO)], "desk")
    first = claimed(three, TESS, "r2", "r1", Says.DIFFERENT)
    claimed(three, BO, "r2", "r1", Says.LICENSED)
    answer_claim(three, ADA, first, WORDS, agrees=True)
    assert case_rows(three) == {("r2", "r1"): "rejected"}
    assert all(row.closed for row in rows(three, tables.claims))


# ---- answering


def test_who_may_answer_and_how_often(three: House) -> None:
    number = claimed(three, ADA, "r0", "r2", Says.MINE)
    with pytest.raises(NotAllowed, match="Ada Quill made the claim"):
        answer_claim(three, ADA, number, WORDS, agrees=True)
    add(three, Path(three.settings.data).parent, "Cy Loom")
    with pytest.raises(NotAllowed, match="Cy Loom holds rights in neither r2 nor r0"):
        answer_claim(three, "Cy Loom", number, WORDS, agrees=True)
    answer_claim(three, TESS, number, WORDS, agrees=False)
    with pytest.raises(BadInput, match="has answered"):
        answer_claim(three, TESS, number, WORDS, agrees=True)
    answer_claim(three, BO, number, WORDS, agrees=True)
    decided = decide(three, ("r2", "r0"), State.CONFIRMED, *LISTENED).number
    with pytest.raises(NotAllowed, match=f"was decided by event {decided}"):
        answer_claim(three, TESS, number, WORDS, agrees=False)
    for missing in (0, 1, number + 1):
        with pytest.raises(Unknown, match=f"no claim {missing}"):
            answer_claim(three, TESS, missing, WORDS, agrees=False)


def test_claims_that_can_be_decided_come_before_what_is_suspected(
    three: House, clock: Clock
) -> None:
    suspected(three, "r3", "r0")
    number = claimed(three, ADA, "r1", "r2", Says.MINE)
    claimed(three, TESS, "r2", "r0", Says.MINE)

    def order() -> list[tuple[str, str, bool]]:
        with three.reading() as connection:
            found = queue(connection, clock.at)
            return [(it.recording, it.original, it.decidable) for it in found]

    assert order() == [("r2", "r1", False), ("r3", "r0", False), ("r2", "r0", False)]
    answer_claim(three, TESS, number, WORDS, agrees=False)
    assert order()[0] == ("r2", "r1", True)
    clock.turn(days=14)
    assert order() == [("r2", "r1", True), ("r2", "r0", True), ("r3", "r0", False)]
