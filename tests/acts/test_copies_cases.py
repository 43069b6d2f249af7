"""Cases one by one: what opens, masks, holds and decides them, and who may not."""

from pathlib import Path

import pytest
from sqlalchemy import select

from assent.acts.copies import (
    SEVERAL,
    Found,
    Suspicion,
    declare_copy,
    hold_if_watched,
    original_of,
    suspect,
)
from assent.acts.hold import release
from assent.acts.holders import Share
from assent.acts.house import House
from assent.acts.publish import make_agreement
from assent.acts.rebuild import differences
from assent.acts.reviews import clear, decide
from assent.catalogue import tables
from assent.catalogue.cases import State, case_of, cases, waits
from assent.catalogue.queue import queue
from assent.catalogue.watched import MANY, WATCHED, uploader_of, watched, watched_accounts
from assent.errors import BadInput, NotAllowed, Unknown
from assent.permission.uses import CONSENT_ONLY
from tests.acts.disputes import case_rows, holds_for, rows, suspected
from tests.houses import Clock, add, agreement_toml

LISTENED = ("I have listened", "Kim")


def mask(house: House, recording: str) -> str | None:
    with house.reading() as connection:
        return original_of(connection, recording)


def account(house: House, name: str) -> str:
    with house.reading() as connection:
        accounts = tables.accounts.c
        query = select(accounts.id).where(accounts.name == name)
        return str(connection.execute(query).scalar_one())


@pytest.fixture
def four(house: House, tmp_path: Path) -> House:
    """Give a platform with r0 of Ada Quill, r1 of Bo Tarn, r2 and r3 of Tess Vane."""
    for artist in ("Ada Quill", "Bo Tarn", "Tess Vane", "Tess Vane"):
        add(house, tmp_path, artist)
    return house


# ---- suspecting


def test_the_surest_suspicion_is_the_mask(four: House) -> None:
    with four.act("machine") as act:
        opened = suspect(
            act,
            "r3",
            [
                Suspicion(original="r0", found=Found.FINGERPRINT, evidence=[{"votes": 900}]),
                Suspicion(original="r1", found=Found.FINGERPRINT, evidence=[{"votes": 9_000}]),
                Suspicion(original="r2", found=Found.DIGEST),
            ],
        )
    assert [event.body["original"] for event in opened] == ["r2", "r1", "r0"]
    assert mask(four, "r3") == "r2"
    assert holds_for(four, SEVERAL) == ["r3"]
    assert rows(four, tables.copies)[1].evidence == '[{"votes": 9000}]'


def test_a_pair_has_one_case_and_only_a_claim_opens_a_rejected_one(four: House) -> None:
    assert suspected(four, "r2", "r0") == ["r0"]
    for state in (None, State.CONFIRMED, State.LICENSED):
        if state is not None:
            decide(four, ("r2", "r0"), state, *LISTENED)
        for found in Found:
            assert suspected(four, "r2", "r0", found=found) == []
            assert suspected(four, "r0", "r2", found=found) == []
    decide(four, ("r2", "r0"), State.REJECTED, *LISTENED)
    for found in (Found.DIGEST, Found.FINGERPRINT, Found.PERSON):
        assert suspected(four, "r2", "r0", found=found) == []
    assert mask(four, "r2") is None
    assert suspected(four, "r0", "r2", found=Found.CLAIM) == []
    assert suspected(four, "r2", "r0", found=Found.CLAIM) == ["r0"]
    assert case_rows(four) == {("r2", "r0"): "suspected"}
    assert mask(four, "r2") == "r0"


def test_what_it_suspects_must_be_there_and_be_another(four: House) -> None:
    for recording, original in (("r9", "r0"), ("r0", "r9")):
        with pytest.raises(Unknown, match="'r9'"):
            suspected(four, recording, original)
    with pytest.raises(BadInput, match="r0 cannot be a copy of its own copy"):
        suspected(four, "r0", "r0")
    assert case_rows(four) == {}


def test_no_circle_comes_to_be_even_through_what_is_no_mask(four: House) -> None:
    suspected(four, "r3", "r0", "r1")
    assert mask(four, "r3") == "r0"
    suspected(four, "r2", "r3")
    with pytest.raises(BadInput, match="r1 cannot be a copy of its own copy"):
        suspected(four, "r1", "r2")
    with pytest.raises(BadInput, match="r1 cannot be a copy of its own copy"):
        declare_copy(four, "r1", "r2", "desk")
    declare_copy(four, "r1", "r0", "desk")
    with pytest.raises(BadInput, match="own copy"):
        decide(four, ("r3", "r0"), State.TRUE_ORIGINAL, *LISTENED)
    assert case_rows(four) == {
        ("r1", "r0"): "confirmed",
        ("r2", "r3"): "suspected",
        ("r3", "r0"): "suspected",
        ("r3", "r1"): "suspected",
    }
    assert differences(four) == []


# ---- deciding


def test_of_several_originals_the_last_one_left_is_followed(four: House) -> None:
    suspected(four, "r3", "r0", "r1")
    decide(four, ("r3", "r0"), State.LICENSED, *LISTENED)
    assert holds_for(four, SEVERAL) == ["r3"], "licensed is live"
    decide(four, ("r3", "r0"), State.REJECTED, *LISTENED)
    assert (mask(four, "r3"), holds_for(four, SEVERAL)) == ("r1", [])
    decide(four, ("r3", "r1"), State.REJECTED, *LISTENED)
    assert mask(four, "r3") is None


def test_the_true_original_turns_the_mask_round_and_an_appeal_turns_it_back(four: House) -> None:
    suspected(four, "r2", "r0")
    decide(four, ("r2", "r0"), State.TRUE_ORIGINAL, *LISTENED)
    assert (mask(four, "r2"), mask(four, "r0")) == (None, "r2")
    with four.reading() as connection:
        assert waits(connection, "r0")
        assert not waits(connection, "r2")
    decide(four, ("r2", "r0"), State.CONFIRMED, "on appeal", "Lee")
    assert (mask(four, "r2"), mask(four, "r0")) == ("r0", None)
    (case,) = rows(four, tables.copies)
    assert (case.decided_by, case.cause) == ("Lee", "on appeal")
    assert differences(four) == []


def test_who_has_a_part_in_it_does_not_decide(house: House, tmp_path: Path) -> None:
    make_agreement(house, agreement_toml(), "desk")
    add(house, tmp_path, "The Lamps", agreement="lantern-1", holders=(Share(name="Di Marsh"),))
    add(house, tmp_path, "Tess Vane", holders=(Share(name="Cy Loom"),))
    suspected(house, "r1", "r0")
    for name, part in (
        ("Di  MARSH", "holds rights in r0"),
        ("Lantern Row", "uploaded r0"),
        ("cy loom", "holds rights in r1"),
        ("Tess Vane", "uploaded r1"),
        (account(house, "Tess Vane"), "uploaded r1"),
        ("Desk", "wrote the upload of r1 down"),  # not "uploaded": the artist did that
    ):
        with pytest.raises(NotAllowed, match=part):
            decide(house, ("r1", "r0"), State.REJECTED, "no", name)
    decide(house, ("r1", "r0"), State.REJECTED, "no", "Kim")


def test_nobody_decides_without_a_name_and_a_cause(four: House) -> None:
    suspected(four, "r2", "r0")
    for cause, by in (("", "Kim"), (" ", "Kim"), ("x", " "), ("x", "K\x00m")):
        with pytest.raises(BadInput):
            decide(four, ("r2", "r0"), State.REJECTED, cause, by)
    with pytest.raises(Unknown, match="'r9'"):
        decide(four, ("r2", "r9"), State.REJECTED, *LISTENED)


# ---- saying it


def test_what_a_person_says_is_confirmed_at_once_in_place_of_what_was_said(four: House) -> None:
    event = declare_copy(four, "r2", "r0", "desk")
    assert (event.kind, event.body) == ("copy", {"recording": "r2", "original": "r0"})
    (case,) = rows(four, tables.copies)
    assert (case.state, case.found, case.decided_by) == ("confirmed", "person", "desk")
    declare_copy(four, "r2", "r1", "desk")
    assert case_rows(four) == {("r2", "r0"): "rejected", ("r2", "r1"): "confirmed"}
    assert (mask(four, "r2"), holds_for(four, SEVERAL)) == ("r1", [])
    declare_copy(four, "r2", "r0", "desk")
    assert case_rows(four) == {("r2", "r0"): "confirmed", ("r2", "r1"): "rejected"}
    assert declare_copy(four, "r2", None, "desk").body["original"] is None
    assert set(case_rows(four).values()) == {"rejected"}
    assert mask(four, "r2") is None


def test_what_others_found_is_not_replaced_by_what_a_person_says(four: House) -> None:
    suspected(four, "r2", "r0")
    declare_copy(four, "r2", "r1", "desk")
    assert case_rows(four) == {("r2", "r0"): "suspected", ("r2", "r1"): "confirmed"}
    assert (mask(four, "r2"), holds_for(four, SEVERAL)) == ("r1", ["r2"])


def test_an_earlier_one_is_said_to_be_the_copy(four: House) -> None:
    suspected(four, "r2", "r0")
    with pytest.raises(BadInput, match="r0 cannot be a copy of its own copy"):
        declare_copy(four, "r0", "r2", "desk")
    decide(four, ("r2", "r0"), State.REJECTED, *LISTENED)
    declare_copy(four, "r0", "r2", "desk")
    assert case_rows(four) == {("r2", "r0"): "true-original"}, "a pair has one case"
    assert (mask(four, "r0"), mask(four, "r2")) == ("r2", None)
    declare_copy(four, "r0", None, "desk")
    assert case_rows(four) == {("r2", "r0"): "rejected"}
    assert mask(four, "r0") is None


def test_a_mask_from_before_there_were_cases_stays_until_somebody_says_otherwise(
    four: House,
) -> None:
    with four.act("desk") as act:
        act.record("copy", {"recording": "r2", "original": "r0"})
    with four.reading() as connection:
        assert not waits(connection, "r2")
    suspected(four, "r2", "r1")
    assert (mask(four, "r2"), holds_for(four, SEVERAL)) == ("r0", ["r2"])
    decide(four, ("r2", "r1"), State.REJECTED, *LISTENED)
    assert (mask(four, "r2"), holds_for(four, SEVERAL)) == ("r0", [])
    with pytest.raises(BadInput, match="own copy"):
        suspected(four, "r0", "r2")
    declare_copy(four, "r2", "r1", "desk")
    assert (mask(four, "r2"), holds_for(four, SEVERAL)) == ("r1", [])
    declare_copy(four, "r2", None, "desk")
    assert mask(four, "r2") is None


# ---- many of them


def many(house: House, folder: Path, clock: Clock, *, days: float, artist: str) -> list[str]:
    """Upload MANY copies of r0 under one name, so many days between each."""
    taken = []
    for _ in range(MANY):
        taken.append(add(house, folder, artist))
        suspected(house, taken[-1], "r0")
        clock.turn(days=days)
    return taken


def test_many_copies_within_a_month_hold_all_that_their_uploader_brings(
    four: House, tmp_path: Path, clock: Clock
) -> None:
    taken = many(four, tmp_path, clock, days=7, artist="Tess Vane")
    assert holds_for(four, WATCHED) == sorted(["r2", "r3", *taken])
    holds = [row for row in rows(four, tables.holds) if row.cause == WATCHED]
    assert {row.uses for row in holds} == {CONSENT_ONLY}
    tess = account(four, "Tess Vane")
    later = add(four, tmp_path, "Tess Vane")
    for _ in range(2):  # twice is once
        with four.act("desk") as act:
            hold_if_watched(act, later, tess)
            hold_if_watched(act, later, account(four, "Tess Vane"))
    assert holds_for(four, WATCHED) == sorted(["r2", "r3", *taken, later])
    with four.reading() as connection:
        assert watched_accounts(connection) == [tess]
        assert not watched(connection, account(four, "Ada Quill"))
    with pytest.raises(NotAllowed, match="somebody else"):
        clear(four, "Tess Vane", "I am a label", "tess vane")
    release(four, next(row.event for row in holds if row.recording == "r2"), "Lee")
    clear(four, "Tess Vane", "a label", "Kim")
    assert holds_for(four, WATCHED) == []
    with four.reading() as connection:
        assert watched_accounts(connection) == []
    last = add(four, tmp_path, "Tess Vane")
    suspected(four, last, "r0")
    assert holds_for(four, WATCHED) == [], "it is counted anew"
    assert differences(four) == []


def test_clearing_one_account_leaves_another_watched(
    four: House, tmp_path: Path, clock: Clock
) -> None:
    many(four, tmp_path, clock, days=1, artist="Wren")
    theirs = many(four, tmp_path, clock, days=1, artist="Cy Loom")
    clear(four, "Wren", "a label", "Kim")
    assert holds_for(four, WATCHED) == sorted(theirs)


def test_many_copies_over_a_longer_time_are_not_many(
    four: House, tmp_path: Path, clock: Clock
) -> None:
    many(four, tmp_path, clock, days=7.6, artist="Tess Vane")
    assert holds_for(four, WATCHED) == []


def test_what_was_rejected_or_licensed_or_is_ones_own_does_not_count(
    four: House, tmp_path: Path, clock: Clock
) -> None:
    taken = [add(four, tmp_path, "Tess Vane") for _ in range(4)]
    for recording, state in zip(taken, (State.REJECTED, State.LICENSED), strict=False):
        suspected(four, recording, "r0")
        decide(four, (recording, "r0"), state, *LISTENED)
    suspected(four, taken[2], "r2")
    suspected(four, taken[3], "r0")
    for recording in ("r2", "r3"):
        suspected(four, recording, "r1")
    more = add(four, tmp_path, "Tess Vane")
    suspected(four, more, "r0")
    assert holds_for(four, WATCHED) == [], "four of others'"
    decide(four, (taken[1], "r0"), State.CONFIRMED, "the licence was forged", "Kim")
    assert more in holds_for(four, WATCHED)
    assert clock.at.year == 2031


def test_a_mix_of_many_is_one_copy(four: House, tmp_path: Path) -> None:
    originals = [add(four, tmp_path, "Ada Quill") for _ in range(MANY)]
    mix = add(four, tmp_path, "Tess Vane")
    suspected(four, mix, *originals)
    assert holds_for(four, WATCHED) == []
    assert holds_for(four, SEVERAL) == [mix]


def test_nobody_is_watched_for_what_others_bring_in_their_name(four: House, tmp_path: Path) -> None:
    share = (Share(name="Bo Tarn"),)
    taken = [add(four, tmp_path, "Cy Loom", holders=share) for _ in range(MANY)]
    for recording in taken:
        suspected(four, recording, "r0")
    assert "r1" not in holds_for(four, WATCHED)
    with four.reading() as connection:
        assert watched_accounts(connection) == [account(four, "Cy Loom")]
        assert uploader_of(connection, taken[0]) == account(four, "Cy Loom")


def test_whoever_nobody_knows_is_not_one_uploader(four: House, tmp_path: Path) -> None:
    taken = [add(four, tmp_path, "") for _ in range(MANY)]
    for recording in taken:
        suspected(four, recording, "r0")
    assert holds_for(four, WATCHED) == []
    with four.reading() as connection:
        assert uploader_of(connection, taken[0]) is None


def test_a_label_is_watched_for_what_comes_under_its_agreement(four: House, tmp_path: Path) -> None:
    make_agreement(four, agreement_toml(), "desk")
    for _ in range(MANY):
        suspected(four, add(four, tmp_path, "The Lamps", agreement="lantern-1"), "r0")
    with four.reading() as connection:
        assert watched_accounts(connection) == [account(four, "Lantern Row")]


# ---- the queue


def test_the_queue_begins_with_the_watched_and_then_the_surest(
    four: House, tmp_path: Path, clock: Clock
) -> None:
    with four.act("machine") as act:
        weak = {"votes": 20}
        for recording, found, evidence in (
            ("r1", Found.FINGERPRINT, [weak]),
            ("r2", Found.FINGERPRINT, [weak, {"votes": 300}]),
            ("r3", Found.DIGEST, []),
        ):
            suspect(act, recording, [Suspicion(original="r0", found=found, evidence=evidence)])

    def order(*, everything: bool = False) -> list[str]:
        with four.reading() as connection:
            found = queue(connection, clock.at, everything=everything)
            return [review.recording for review in found]

    assert order() == ["r3", "r2", "r1"]
    decide(four, ("r3", "r0"), State.CONFIRMED, *LISTENED)
    assert order() == ["r2", "r1"]
    assert order(everything=True) == ["r2", "r1", "r3"]
    taken = many(four, tmp_path, clock, days=1, artist="Wren")
    assert order() == [*taken, "r2", "r1"]
    with four.reading() as connection:
        assert len(cases(connection)) == 3 + MANY
        assert case_of(connection, "r0", "r1") == case_of(connection, "r1", "r0")
