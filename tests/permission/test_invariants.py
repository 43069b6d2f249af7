"""The ten sentences the house stands on, for every input that one bit can have where it has few."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadStatement
from assent.permission.algebra import Bits, Masks, ground, opened
from assent.permission.decide import decide, word_of
from assent.permission.facts import Facts
from assent.permission.programs import Program
from assent.permission.reasons import Kind
from assent.permission.statements import Statement, fold
from assent.permission.uses import ACTIVITIES, ACTORS, ALL, CONSENT_ONLY, FREE, REGISTER_VERSION
from tests.permission.cases import (
    CASES,
    SAID,
    STANDINGS,
    STATES,
    USES,
    Case,
    Consent,
    Terms,
    answers,
    facts_of,
    masks_of,
    may,
)
from tests.permission.histories import QUESTIONS, day, histories
from tests.permission.histories import USES as SPOKEN
from tests.permission.worlds import NOW, facts, lift, programs, take_away


def with_one(case: Case, holder: Consent) -> Case:
    """Return the case in which the first holder is another."""
    return case._replace(holders=(holder, case.holders[1]))


def test_1_closed_by_default_and_open_only_as_the_prose_says() -> None:
    assert len(CASES) == 172_800
    assert {case: answer for case, answer in answers().items() if answer != may(case)} == {}
    assert sum(answers().values()) == 1_256
    for copy, use in product(("no copy", "of an open one"), USES):
        nobody = Case(use, (), held=False, copy=copy)
        assert word_of(facts_of(nobody)) == 0


@given(facts(), programs())
def test_1_every_input_has_an_answer_and_a_yes_has_a_ground(known: Facts, program: Program) -> None:
    decision = decide(known, program, NOW)
    assert decision.reasons
    assert decision.allowed == all(
        reason.kind in {Kind.APPROVED, Kind.TEXT_OPENS, Kind.GRANTED} for reason in decision.reasons
    )
    if decision.allowed:
        assert known.holders
        carried = {reason.holder for reason in decision.reasons}
        assert {holder.id for holder in known.holders} <= carried


def test_2_a_refusal_a_hold_or_taking_a_grant_back_never_opens() -> None:
    open_ = answers()
    weaker = {"granted": ("nothing", "refused", "both"), "nothing": ("refused",)}
    for case in CASES:
        if not open_[case]:
            one = case.holders[0]
            for said, less in weaker.items():
                if one.said == said:
                    assert not any(open_[with_one(case, one._replace(said=to))] for to in less)
            assert not open_[case._replace(held=True)]
            assert not open_[case._replace(copy="of a closed one")]


@given(histories(), st.integers(0, 6), st.integers(0, 6))
def test_2_an_expiry_never_opens(history: list[Statement], one: int, two: int) -> None:
    sooner, later = sorted((day(one), day(two)))
    begun = [said for said in history if said.since is None or said.since <= sooner]
    for question in QUESTIONS:
        before, after = (fold(begun, at).says(*question) for at in (sooner, later))
        assert after.granted & ~before.granted == 0
        assert before.refused & ~after.refused == 0


def test_3_publishing_terms_opens_nothing_for_who_has_not_accepted_them() -> None:
    open_ = answers()
    for case in CASES:
        terms = case.holders[0].terms
        if open_[case] and not terms.agreement:
            as_before = Terms(terms.first, terms.first, agreement=False)
            assert open_[with_one(case, case.holders[0]._replace(terms=as_before))]


def test_3_a_growing_vocabulary_widens_no_old_grant() -> None:
    assert len(ACTORS) * len(ACTIVITIES) == ALL.bit_length()
    assert REGISTER_VERSION == 1, "a new register takes new bits: say here which"
    with pytest.raises(BadStatement):
        Statement(event=1, holder="ada", program="wren", grants=ALL + 1)


def test_4_no_generative_use_without_a_grant_by_every_holder_whatever_the_terms_say() -> None:
    for case, open_ in answers().items():
        if open_ and case.use == "consent-only":
            assert {holder.said for holder in case.holders} == {"granted"}
    generous = Masks(ALL, ALL, ALL)
    assert ground(generous, generous, 0, 0) == FREE
    assert ground(generous, generous, CONSENT_ONLY & -CONSENT_ONLY, 0).bit_count() == 33


def test_5_what_came_under_an_agreement_gets_nothing_beyond_it() -> None:
    for case, open_ in answers().items():
        one = case.holders[0]
        if one.terms.agreement and one.terms.first in {"none", "barred"}:
            assert not open_


@given(histories(), st.sampled_from(SPOKEN))
def test_6_a_grant_changes_its_own_use_and_a_named_program_alone(
    history: list[Statement], use: int
) -> None:
    grant = Statement(event=999, holder="ada", program="nightjar", grants=use)
    for question in QUESTIONS:
        before, after = (
            fold(said, day(3)).says(*question) for said in (history, [*history, grant])
        )
        changed = (before.granted ^ after.granted) | (before.refused ^ after.refused)
        assert changed & ~(use if question[1] == "nightjar" else 0) == 0


def one_holder() -> Iterator[tuple[str, Terms, str]]:
    return product(USES, STANDINGS, [said for said in SAID if said != "both"])


def test_7_the_database_and_arrays_answer_bit_for_bit_like_the_algebra() -> None:
    rows = [
        (
            *masks_of(terms.first, USES[use]),
            *masks_of(terms.second, USES[use]),
            USES[use] * (said == "granted"),
            USES[use] * (said == "refused"),
            USES[use] * held,
            ALL * above,
        )
        for (use, terms, said), held, above in product(one_holder(), (0, 1), (0, 1))
    ]
    expected = [
        opened(ground(Masks(*row[:3]), Masks(*row[3:6]), row[6], row[7]), row[8], row[9])
        for row in rows
    ]
    words = np.array(rows, np.uint64).T
    first, second = Masks(*words[:3]), Masks(*words[3:6])
    assert opened(ground(first, second, words[6], words[7]), *words[8:]).tolist() == expected
    assert in_database(rows) == expected
    assert len(set(expected)) == 3  # neither use, the one, the other: none is always closed


def in_database(rows: Sequence[tuple[int, ...]]) -> list[int]:
    a, b, c, d, e, f, yes, no, held, above = (Bits(name) for name in "abcdefghij")
    sql = opened(ground(Masks(a, b, c), Masks(d, e, f), yes, no), held, above).sql
    database = sqlite3.connect(":memory:")
    try:
        database.execute(f"CREATE TABLE t ({', '.join('abcdefghij')})")
        database.executemany(f"INSERT INTO t VALUES ({', '.join('?' * 10)})", rows)
        return [answer for (answer,) in database.execute(f"SELECT {sql} FROM t ORDER BY rowid")]
    finally:
        database.close()


@given(histories(), st.integers(0, 9))
def test_8_an_answer_depends_on_nothing_later_and_a_rebuilding_gives_the_same(
    history: list[Statement], size: int
) -> None:
    prefix = history[:size]
    head = prefix[-1].event if prefix else 0
    rebuilt = sorted((said for said in history if said.event <= head), key=lambda s: -s.event)
    for question in QUESTIONS:
        assert fold(rebuilt, day(3)).says(*question) == fold(prefix, day(3)).says(*question)


def test_9_a_copy_never_gets_more_than_its_original() -> None:
    open_ = answers()
    for case in CASES:
        if case.copy == "of a closed one":
            assert not open_[case]
        elif case.copy == "of an open one":
            assert open_[case] == open_[case._replace(copy="no copy")]


@given(facts())
def test_9_a_copy_never_gets_more_however_long_the_chain(known: Facts) -> None:
    at: Facts | None = known.original
    while at is not None:
        assert word_of(known) & ~word_of(at) == 0
        at = at.original


@given(facts(), programs())
def test_10_lifting_every_blocker_opens_and_taking_any_ground_closes(
    known: Facts, program: Program
) -> None:
    for reason in decide(known, program, NOW).reasons:
        if reason.kind not in {Kind.APPROVED, Kind.TEXT_OPENS, Kind.GRANTED}:
            assert not decide(known, program, NOW).allowed
            known, program = lift(known, program, reason)
    decision = decide(known, program, NOW)
    assert decision.allowed
    for reason in decision.reasons:
        assert not decide(*take_away(known, program, reason.events), NOW).allowed


def test_the_cases_cover_every_state_of_a_text() -> None:
    assert len(STANDINGS) == len(STATES) ** 2 + len(STATES)
