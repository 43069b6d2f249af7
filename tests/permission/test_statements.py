from collections.abc import Sequence
from datetime import datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadStatement
from assent.permission.statements import Piece, Said, Statement, fold
from assent.permission.uses import ALL, CONSENT_ONLY, FREE
from tests.permission.histories import (
    DAYS,
    QUESTIONS,
    USES,
    answer,
    day,
    histories,
    read,
    statements,
)

SEARCH, SUPPLY, RIVAL = USES
days = st.integers(-1, DAYS + 1).map(day)
questions = st.sampled_from(QUESTIONS)
words = st.sets(st.sampled_from(USES), min_size=1).map(sum)


def granted(history: Sequence[Statement], at: datetime, question: tuple[str, str | None]) -> int:
    return fold(history, at).says(*question).granted


def refused(history: Sequence[Statement], at: datetime, question: tuple[str, str | None]) -> int:
    return fold(history, at).says(*question).refused


def opens_less(less: Said, more: Said) -> bool:
    return not less.granted & ~more.granted and not more.refused & ~less.refused


def saying(
    event: int = 1, place: tuple[str | None, str | None] = (None, None), **verbs: int
) -> Statement:
    """Say something in a place, aloud for every program where that is needed."""
    return Statement(
        event=event,
        holder="ada",
        recording=place[0],
        program=place[1],
        all_programs=True,
        **verbs,  # type: ignore[arg-type]  # verbs are uses
    )


@given(histories(), days)
def test_the_fold_says_what_the_prose_says(history: list[Statement], at: datetime) -> None:
    voice = fold(history, at)
    for question, use in product(QUESTIONS, USES):
        expected = answer(history, at, question, use)
        said = voice.says(*question)
        assert read(said, use) == expected
        assert bool(said.refused & use) == bool(expected.no)
        assert bool(said.granted & use) == (bool(expected.yes) and not expected.no)


@given(st.data(), histories(), days)
def test_the_order_of_the_list_does_not_matter(
    data: st.DataObject, history: list[Statement], at: datetime
) -> None:
    shuffled = data.draw(st.permutations(history))
    for question in QUESTIONS:
        assert fold(shuffled, at).says(*question) == fold(history, at).says(*question)


@given(histories(), days)
def test_granted_and_refused_never_share_a_bit(history: list[Statement], at: datetime) -> None:
    for question in QUESTIONS:
        said = fold(history, at).says(*question)
        assert not said.granted & said.refused


@given(st.data(), histories(), days, st.integers(0, 99))
def test_a_refusal_or_a_withdrawal_never_opens_wherever_it_is_put(
    data: st.DataObject, history: list[Statement], at: datetime, event: int
) -> None:
    drawn = data.draw(statements(event * 10 + 5))
    closing = Statement(
        event=drawn.event,
        holder="ada",
        recording=drawn.recording,
        program=drawn.program,
        refuses=drawn.refuses or SEARCH,
        withdraws=drawn.withdraws,
    )
    with_it = fold([*history, closing], at)
    for question in QUESTIONS:
        assert opens_less(with_it.says(*question), fold(history, at).says(*question))


@given(histories(), days, days)
def test_an_expiry_never_opens(history: list[Statement], one: datetime, two: datetime) -> None:
    sooner, later = sorted((one, two))
    begun = [s for s in history if s.since is None or s.since <= sooner]
    for question in QUESTIONS:
        before = fold(begun, sooner).says(*question)
        assert opens_less(fold(begun, later).says(*question), before)


@given(histories(), days, st.data())
def test_a_grant_that_is_taken_out_of_history_never_opens(
    history: list[Statement], at: datetime, data: st.DataObject
) -> None:
    extra = data.draw(statements(data.draw(st.integers(0, 99)) * 10 + 5))
    grant = saying(extra.event, (extra.recording, extra.program), grants=extra.grants or RIVAL)
    for question in QUESTIONS:
        with_it = fold([*history, grant], at).says(*question)
        assert opens_less(fold(history, at).says(*question), with_it)


@given(histories(), days, st.sampled_from(USES), st.data())
def test_a_grant_for_one_use_changes_no_other_bit(
    history: list[Statement], at: datetime, use: int, data: st.DataObject
) -> None:
    place = data.draw(statements(995))
    grant = saying(995, (place.recording, place.program), grants=use)
    for question in QUESTIONS:
        before, after = (
            fold(history, at).says(*question),
            fold([*history, grant], at).says(*question),
        )
        assert (before.granted ^ after.granted) & ~use == 0
        assert (before.refused ^ after.refused) & ~use == 0


@given(histories(), days, words, st.sampled_from((None, "song")))
def test_a_grant_that_names_a_program_changes_no_other_programs_answer(
    history: list[Statement], at: datetime, uses: int, recording: str | None
) -> None:
    grant = saying(995, (recording, "nightjar"), grants=uses)
    for question in QUESTIONS:
        if question[1] != "nightjar":
            before = fold(history, at).says(*question)
            assert fold([*history, grant], at).says(*question) == before


@given(histories(), days, words)
def test_an_account_wide_refusal_ends_every_grant_for_good(
    history: list[Statement], at: datetime, uses: int
) -> None:
    silenced = [*history, saying(995, refuses=uses)]
    lifted = [*silenced, saying(996, lifts=uses)]
    for question in QUESTIONS:
        assert granted(silenced, at, question) & uses == 0
        assert granted(lifted, at, question) & uses == 0


@given(histories(), days, words, questions)
def test_an_account_wide_grant_never_clears_a_recordings_refusal(
    history: list[Statement], at: datetime, uses: int, question: tuple[str, str | None]
) -> None:
    history = [*history, saying(990, question, refuses=uses)]
    for program in (None, question[1]):
        after = [*history, saying(995, (None, program), grants=uses)]
        assert refused(after, at, question) & uses == uses


@given(histories(), days, words, questions)
def test_an_account_wide_grant_never_sweeps_a_withdrawn_recording_in(
    history: list[Statement], at: datetime, uses: int, question: tuple[str, str | None]
) -> None:
    recording, program = question
    history = [*history, saying(990, (recording, None), withdraws=uses)]
    after = [*history, saying(995, (None, program), grants=uses)]
    assert granted(after, at, question) & uses == 0


@given(histories(), days)
def test_an_answer_as_of_an_event_depends_on_nothing_later(
    history: list[Statement], at: datetime
) -> None:
    for size in range(len(history)):
        prefix = history[:size]
        head = prefix[-1].event if prefix else 0
        as_of = [s for s in reversed(history) if s.event <= head]
        for question in QUESTIONS:
            assert fold(as_of, at).says(*question) == fold(prefix, at).says(*question)


@given(histories(), days, days)
def test_nothing_changes_by_itself_before_the_instant_that_is_named(
    history: list[Statement], one: datetime, two: datetime
) -> None:
    now, later = sorted((one, two))
    voice = fold(history, now)
    for question in QUESTIONS:
        change = voice.changes(*question)
        assert change is None or change > now
        if change is None or later < change:
            assert fold(history, later).says(*question) == voice.says(*question)


@given(histories(), days)
def test_the_recordings_and_programs_spoken_of_are_known(
    history: list[Statement], at: datetime
) -> None:
    voice = fold(history, at)
    assert voice.recordings == {s.recording for s in history} - {None}
    assert voice.programs == {s.program for s in history} - {None}
    for recording, program in QUESTIONS:
        if program is not None:
            named = any(s.program == program and s.recording in {None, recording} for s in history)
            assert voice.names(program, recording) == named


def test_a_voice_is_timeless_once_no_grant_can_start_or_run_out() -> None:
    grant = Statement(event=1, holder="a", grants=1, until=day(3))
    assert not fold([grant], day(2)).is_timeless
    assert fold([grant], day(3)).is_timeless


def test_silence_says_nothing() -> None:
    assert fold([], day(0)).says("song") == Said((), ())
    assert fold([], day(0)).says("song", "wren") == Said((), ())


def test_a_lift_takes_back_only_the_refusal_of_its_own_place() -> None:
    history = [saying(1, refuses=SEARCH), saying(2, ("song", None), lifts=SEARCH)]
    assert refused(history, day(0), ("song", None)) == SEARCH


def test_a_recordings_own_word_beats_the_accounts() -> None:
    history = [saying(1, refuses=SEARCH | SUPPLY), saying(2, ("song", None), grants=SEARCH)]
    assert fold(history, day(0)).says("song").granted == SEARCH
    assert fold(history, day(0)).says("song").refused == SUPPLY
    assert fold(history, day(0)).says("tune").refused == SEARCH | SUPPLY


def test_for_a_program_the_refusal_for_every_program_wins_over_a_grant_by_name() -> None:
    history = [saying(1, refuses=RIVAL), saying(2, ("song", "wren"), grants=RIVAL)]
    assert fold(history, day(0)).says("song", "wren").granted == 0


def test_once_a_recordings_refusal_is_lifted_the_accounts_grant_counts_again() -> None:
    history = [saying(1, grants=RIVAL), saying(2, ("song", None), refuses=RIVAL)]
    assert granted(history, day(0), ("song", None)) == 0
    assert fold(history, day(0)).says("song").granting == (Piece(1, RIVAL),)
    history.append(saying(3, ("song", None), lifts=RIVAL))
    assert granted(history, day(0), ("song", None)) == RIVAL


def test_two_statements_of_one_event_are_both_heard() -> None:
    refusals = [saying(1, refuses=SEARCH), saying(1, refuses=RIVAL)]
    assert refused(refusals, day(0), ("song", None)) == SEARCH | RIVAL
    grants = [saying(1, grants=SEARCH), saying(1, grants=RIVAL)]
    assert granted(grants, day(0), ("song", None)) == SEARCH | RIVAL


def test_what_is_said_twice_stands_by_the_later_event() -> None:
    history = [saying(1, refuses=SEARCH), saying(2, refuses=SEARCH)]
    assert fold(history, day(0)).says("song").refusing == (Piece(2, SEARCH),)
    history = [saying(1, grants=SEARCH), saying(2, grants=SEARCH)]
    assert fold(history, day(0)).says("song").granting == (Piece(2, SEARCH),)


def test_a_grant_counts_from_its_start_until_just_before_its_end() -> None:
    grant = Statement(event=1, holder="ada", grants=SEARCH, since=day(1), until=day(2))
    assert [grant.counts(day(number)) for number in range(4)] == [False, True, False, False]
    assert fold([grant], day(0)).changes("song") == day(1)
    assert fold([grant], day(1)).changes("song") == day(2)
    assert fold([grant], day(2)).changes("song") is None


@pytest.mark.parametrize(
    ("verbs", "clause"),
    [
        ({}, "must speak of uses"),
        ({"grants": ALL + 1}, "must speak of uses"),
        ({"refuses": -1}, "must speak of uses"),
        ({"grants": SEARCH, "refuses": SEARCH | SUPPLY}, "cannot grant and refuse"),
        ({"refuses": SEARCH, "until": day(1)}, "only a grant"),
        ({"withdraws": SEARCH, "since": day(1)}, "only a grant"),
        ({"grants": SEARCH, "since": day(2), "until": day(2)}, "must end after it starts"),
        ({"grants": CONSENT_ONLY & -CONSENT_ONLY}, "in so many words"),
        ({"grants": ALL, "recording": "song"}, "in so many words"),
    ],
)
def test_what_cannot_be_meant_is_refused(verbs: dict[str, object], clause: str) -> None:
    with pytest.raises(BadStatement, match=clause):
        Statement(event=1, holder="ada", **verbs)  # type: ignore[arg-type]  # a table of mixed fields


def test_a_generative_use_is_granted_to_one_program_or_aloud_to_all() -> None:
    Statement(event=1, holder="ada", program="wren", grants=CONSENT_ONLY)
    Statement(event=1, holder="ada", all_programs=True, grants=CONSENT_ONLY)
    Statement(event=1, holder="ada", grants=FREE)
