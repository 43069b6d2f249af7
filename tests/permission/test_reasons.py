from collections.abc import Iterator, Sequence
from itertools import combinations

from hypothesis import assume, given
from hypothesis import strategies as st

from assent.permission.algebra import Masks
from assent.permission.decide import decide, word_of
from assent.permission.facts import Facts, Holder, Role, Standing
from assent.permission.programs import Program
from assent.permission.reasons import Kind, Reason, blockers, grounds
from assent.permission.statements import Said, Statement, fold
from assent.permission.uses import CONSENT_ONLY
from tests.permission.histories import PROGRAMS, day, histories
from tests.permission.histories import USES as SPOKEN_USES
from tests.permission.worlds import NOW, facts, lift, programs, take_away

BLOCKERS = tuple(
    kind for kind in Kind if kind not in {Kind.APPROVED, Kind.TEXT_OPENS, Kind.GRANTED}
)


def lifted(known: Facts, program: Program, reasons: Sequence[Reason]) -> bool:
    for reason in reasons:
        known, program = lift(known, program, reason)
    return decide(known, program, NOW).allowed


def fewer(reasons: Sequence[Reason]) -> Iterator[tuple[Reason, ...]]:
    """Yield every proper part of a few reasons; of many, all but one and some halves."""
    n = len(reasons)
    if n <= 8:
        for size in range(n):
            yield from combinations(reasons, size)
    else:
        yield from combinations(reasons, n - 1)
        yield from (tuple(reasons[start::2]) for start in (0, 1))


@given(facts(), programs())
def test_a_no_names_all_that_stands_in_its_way_and_nothing_more(
    known: Facts, program: Program
) -> None:
    decision = decide(known, program, NOW)
    assume(not decision.allowed)
    assert decision.reasons
    assert {reason.kind for reason in decision.reasons} <= set(BLOCKERS)
    assert lifted(known, program, decision.reasons)
    for part in fewer(decision.reasons):
        assert not lifted(known, program, part)


@given(facts(), programs())
def test_a_yes_falls_with_any_one_of_its_grounds(known: Facts, program: Program) -> None:
    known, program = opened(known, program)
    decision = decide(known, program, NOW)
    assert decision.allowed
    assert Kind.APPROVED in {reason.kind for reason in decision.reasons}
    for ground in decision.reasons:
        assert ground.kind not in BLOCKERS
        assert ground.events
        assert not decide(*take_away(known, program, ground.events), NOW).allowed


PROGRAMS_OWN = {Kind.NOT_APPROVED, Kind.SUSPENDED, Kind.ENDED, Kind.NOT_STARTED, Kind.OVER}


@given(facts(), programs())
def test_the_uses_that_the_reasons_block_are_those_that_are_missing(
    known: Facts, program: Program
) -> None:
    decision = decide(known, program, NOW)
    blocked = 0
    for reason in decision.reasons:
        if not decision.allowed and reason.kind not in PROGRAMS_OWN:
            blocked |= reason.uses
    assert blocked == decision.missing


def opened(known: Facts, program: Program) -> tuple[Facts, Program]:
    """Lift whatever blocks."""
    for reason in decide(known, program, NOW).reasons:
        if reason.kind in BLOCKERS:
            known, program = lift(known, program, reason)
    return known, program


def all_holders(known: Facts) -> Iterator[Holder]:
    yield from known.holders
    if known.original is not None:
        yield from all_holders(known.original)


@given(facts(), programs())
def test_a_yes_names_every_event_without_which_it_would_be_a_no(
    known: Facts, program: Program
) -> None:
    known, program = opened(known, program)
    named = {event for reason in decide(known, program, NOW).reasons for event in reason.events}
    for holder in all_holders(known):
        texts = {holder.first.event, holder.second.event}
        for event in texts | {piece.event for piece in holder.said.granting}:
            assert event is not None
            closes = not decide(*take_away(known, program, (event,)), NOW).allowed
            assert event in named or not closes


@given(facts(), programs())
def test_each_use_of_a_grant_is_carried_by_all_events_that_grant_it(
    known: Facts, program: Program
) -> None:
    known, program = opened(known, program)
    for reason in decide(known, program, NOW).reasons:
        if reason.kind is Kind.GRANTED:
            (holder,) = (
                holder
                for about in (known, known.original, known.original and known.original.original)
                if about is not None and about.recording == reason.recording
                for holder in about.holders
                if holder.id == reason.holder
            )
            for use in (1 << place for place in range(60) if reason.uses >> place & 1):
                pieces = [piece.event for piece in holder.said.granting if piece.uses & use]
                assert tuple(pieces) == reason.events


@given(facts(), programs())
def test_uses_alone_are_decided_like_a_live_program(known: Facts, program: Program) -> None:
    live = Program(id="nightjar", uses=program.uses, proposed=1, approved=2)
    asked, alone = decide(known, live, NOW), decide(known, program.uses, NOW)
    assert alone.allowed == asked.allowed
    assert alone.program is None
    assert alone.reasons == tuple(r for r in asked.reasons if r.kind is not Kind.APPROVED)


@given(facts(), programs())
def test_a_decision_is_the_words(known: Facts, program: Program) -> None:
    decision = decide(known, program, NOW)
    assert decision.allowed == (program.is_live(NOW) and not program.uses & ~word_of(known))
    assert decision.missing == program.uses & ~word_of(known)
    assert (decision.uses, decision.head, decision.at) == (program.uses, known.head, NOW)


@given(facts(), programs())
def test_every_reason_is_about_something_that_was_asked(known: Facts, program: Program) -> None:
    for reason in decide(known, program, NOW).reasons:
        assert reason.uses
        assert not reason.uses & ~program.uses
        assert (reason.holder is None) == (reason.name is None)


def test_to_ask_for_nothing_is_a_no_and_says_so() -> None:
    nothing = decide(Facts(recording="song", holders=()), 0, NOW)
    assert not nothing.allowed
    assert [reason.kind for reason in nothing.reasons] == [Kind.NOTHING_ASKED, Kind.UNCLAIMED]
    assert nothing.reasons[1].detail == "world"


def test_a_program_that_was_not_approved_carries_nothing() -> None:
    program = Program(id="nightjar", uses=1, proposed=1)
    assert grounds(Facts(recording="song", holders=()), program, 1) == ()


def test_no_program_has_no_state_that_blocks() -> None:
    kinds = [reason.kind for reason in blockers(Facts(recording="a", holders=()), None, 1, NOW)]
    assert kinds == [Kind.UNCLAIMED]


def world(history: Sequence[Statement], masks: Masks[int], program: str | None) -> Facts:
    """Return the facts of one song by one holder who said all that."""
    text = Standing(role=Role.AGREEMENT, text="deal", masks=masks, event=1)
    said: Said = fold(history, day(3)).says("song", program)
    ada = Holder(id="ada", name="Ada Quill", first=text, second=text, said=said)
    return Facts(recording="song", holders=(ada,))


texts = st.sampled_from(
    [Masks(*(sum(SPOKEN_USES) * (at == kind) for at in range(3))) for kind in range(3)]
)


@given(histories(), texts, st.sampled_from((None, *PROGRAMS)), st.sampled_from(SPOKEN_USES))
def test_taking_the_named_refusals_back_and_granting_what_is_named_opens(
    history: list[Statement], masks: Masks[int], program: str | None, use: int
) -> None:
    reasons = decide(world(history, masks, program), use, day(3)).reasons
    refusals = [reason for reason in reasons if reason.kind is Kind.REFUSED]
    wanting = [reason for reason in reasons if reason.kind is Kind.NOT_GRANTED]
    lifts = [taken_back(history, reason, at) for at, reason in enumerate(refusals, 1000)]
    now = [*history, *lifts]
    grants = [said(2000, ("song", program), grants=use) for _ in wanting]
    assert decide(world([*now, *grants], masks, program), use, day(3)).allowed
    if wanting:
        assert not decide(world(now, masks, program), use, day(3)).allowed
    for kept in range(len(lifts)):
        part = [*history, *lifts[:kept], *lifts[kept + 1 :]]
        assert not decide(world(part, masks, program), use, day(3)).allowed


@given(histories(), texts, st.sampled_from((None, *PROGRAMS)), st.sampled_from(SPOKEN_USES))
def test_withdrawing_what_a_yes_names_closes(
    history: list[Statement], masks: Masks[int], program: str | None, use: int
) -> None:
    decision = decide(world(history, masks, program), use, day(3))
    for reason in decision.reasons:
        if reason.kind is Kind.GRANTED:
            ends = [
                said(1000 + event, place_of(history, event), withdraws=use)
                for event in reason.events
            ]
            assert not decide(world([*history, *ends], masks, program), use, day(3)).allowed
    needed = masks.opt_in & use or use & CONSENT_ONLY
    assert (Kind.GRANTED in {reason.kind for reason in decision.reasons}) == (
        decision.allowed and bool(needed)
    )


def place_of(history: Sequence[Statement], event: int) -> tuple[str | None, str | None]:
    (found,) = (statement for statement in history if statement.event == event)
    return found.recording, found.program


def taken_back(history: Sequence[Statement], reason: Reason, event: int) -> Statement:
    (refusal,) = reason.events
    return said(event, place_of(history, refusal), lifts=reason.uses)


def said(event: int, place: tuple[str | None, str | None], **verbs: int) -> Statement:
    recording, program = place
    return Statement(
        event=event,
        holder="ada",
        recording=recording,
        program=program,
        all_programs=True,
        **verbs,  # type: ignore[arg-type]  # verbs are uses
    )
