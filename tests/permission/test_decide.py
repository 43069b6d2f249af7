"""The ten invariants, for every input of one bit and for random facts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.permission.algebra import Masks
from assent.permission.decide import decide, word_of
from assent.permission.facts import NO_TEXT, Facts, Hold, Holder, Role, Standing
from assent.permission.programs import Program
from assent.permission.reasons import Kind, Reason
from assent.permission.statements import Piece, Said
from assent.permission.uses import ALL, CONSENT_ONLY, FREE
from tests.permission.cases import CASES, GRANTED, USES, Case, answers, facts_of, may

AT = datetime(2031, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_closed_by_default_and_open_exactly_where_the_oracle_says() -> None:
    found = answers()
    assert len(found) > 10_000
    wrong = [case for case in CASES if found[case] != may(case)]
    assert wrong == []


def test_a_refusal_or_a_hold_or_taking_a_grant_back_never_opens() -> None:
    found = answers()
    for case, opened in found.items():
        if opened:
            continue
        first, *rest = case.holders
        assert not found[case._replace(held=True)]
        assert not found[case._replace(holders=(first._replace(said="refused"), *rest))]
        if first.said == "granted":
            assert not found[case._replace(holders=(first._replace(said="nothing"), *rest))]


def test_a_new_text_opens_nothing_for_a_holder_who_has_not_accepted_it() -> None:
    found = answers()
    for case, opened in found.items():
        first, *rest = case.holders
        if opened and not first.terms.agreement:
            kept = first.terms._replace(second=first.terms.first)
            assert found[case._replace(holders=(first._replace(terms=kept), *rest))]


def test_no_generative_use_without_a_grant_by_every_holder() -> None:
    for case, opened in answers().items():
        if opened and case.use == "consent-only":
            assert all(holder.said in GRANTED for holder in case.holders)


def test_label_content_gets_nothing_beyond_its_agreement() -> None:
    for case, opened in answers().items():
        under = [h.terms.first for h in case.holders if h.terms.agreement]
        if opened:
            assert not {"barred", "none"} & set(under)


def test_a_copy_gets_no_more_than_its_original_and_takes_nothing_from_it() -> None:
    found = answers()
    for case in CASES:
        if case.copy == "of a closed one":
            assert not found[case]
        if case.copy == "of an open one":
            assert found[case] == found[case._replace(copy="no copy")]


words = st.integers(0, ALL) | st.sampled_from([0, FREE, CONSENT_ONLY, ALL])
masks = st.builds(Masks, words, words, words)
events = st.integers(1, 30)


@st.composite
def standings(draw: st.DrawFn, role: Role) -> Standing:
    if draw(st.booleans()) and draw(st.booleans()):
        return NO_TEXT[role]
    event = draw(events)
    return Standing(role=role, text=f"t{event}", masks=draw(masks), event=event)


@st.composite
def holders(draw: st.DrawFn, number: int) -> Holder:
    if draw(st.booleans()):
        first = second = draw(standings(Role.AGREEMENT))
    else:
        first, second = draw(standings(Role.ACCEPTED)), draw(standings(Role.CURRENT))
    pieces = st.lists(
        st.builds(Piece, events, words.filter(bool)), max_size=2, unique_by=lambda p: p[0]
    )
    said = Said(tuple(draw(pieces)), tuple(draw(pieces)) if draw(st.booleans()) else ())
    return Holder(id=f"a{number}", name=f"Holder {number}", first=first, second=second, said=said)


@st.composite
def facts(draw: st.DrawFn, depth: int = 1) -> Facts:
    number = draw(st.integers(0, 3))
    some_holds = st.lists(
        st.builds(Hold, event=events, uses=words, cause=st.just("dispute")), max_size=1
    )
    return Facts(
        recording=f"r{depth}",
        holders=tuple(draw(holders(n)) for n in range(number)),
        unclaimed=frozenset(draw(st.lists(st.sampled_from(["DE", "FR"]), max_size=1))),
        holds=tuple(draw(some_holds)),
        original=draw(facts(depth=0)) if depth and draw(st.booleans()) else None,
    )


maybe_event = st.none() | events
programs = st.builds(
    Program,
    id=st.just("p"),
    uses=st.sampled_from([1 << 40, 1 << 2, (1 << 40) | (1 << 2), 1 << 59 | 1 << 3]),
    start=st.sampled_from([None, AT - DAY, AT + DAY]),
    end=st.sampled_from([None, AT + 2 * DAY, AT]),
    proposed=events,
    approved=maybe_event,
    suspended=maybe_event,
    ended=maybe_event,
)

Known = tuple[Facts, Program]


def lift(known: Known, reason: Reason) -> Known:
    """Change the facts so that one blocker no longer stands, and nothing else."""
    about, program = known
    changes = {
        Kind.NOT_APPROVED: {"approved": 99},
        Kind.SUSPENDED: {"suspended": None},
        Kind.ENDED: {"ended": None},
        Kind.NOT_STARTED: {"start": None},
        Kind.OVER: {"end": None},
    }
    if reason.kind in changes:
        return about, replace(program, **changes[reason.kind])  # type: ignore[arg-type]  # fields by name
    return _lift_in(about, reason), program


def _lift_in(about: Facts, reason: Reason) -> Facts:
    if about.recording != reason.recording:
        assert about.original is not None
        return replace(about, original=_lift_in(about.original, reason))
    if reason.kind is Kind.UNCLAIMED:
        everything = Standing(role=Role.AGREEMENT, text="all", masks=Masks(ALL, 0, 0), event=98)
        said = Said((Piece(97, ALL),), ())
        known = Holder(id="new", name="New", first=everything, second=everything, said=said)
        return replace(about, unclaimed=frozenset(), holders=about.holders or (known,))
    if reason.kind is Kind.HELD:
        (event,) = reason.events
        kept = tuple(h for h in about.holds if not (h.event == event and h.cause == reason.detail))
        return replace(about, holds=kept)
    changed = tuple(
        _lift_for(holder, reason) if holder.id == reason.holder else holder
        for holder in about.holders
    )
    return replace(about, holders=changed)


def _lift_for(holder: Holder, reason: Reason) -> Holder:
    if reason.kind in {Kind.BARRED, Kind.NO_TEXT}:
        first, second = (_opened(text, reason) for text in (holder.first, holder.second))
        return replace(holder, first=first, second=second)
    if reason.kind is Kind.REFUSED:
        (event,) = reason.events
        kept = tuple(piece for piece in holder.said.refusing if piece.event != event)
        return replace(holder, said=holder.said._replace(refusing=kept))
    assert reason.kind is Kind.NOT_GRANTED
    granting = (*holder.said.granting, Piece(96, reason.uses))
    return replace(holder, said=holder.said._replace(granting=granting))


def _opened(text: Standing, reason: Reason) -> Standing:
    if text.role is not reason.role:
        return text
    wider = text.masks._replace(granted=text.masks.granted | reason.uses)
    return replace(text, masks=wider, event=text.event or 95)


def allowed(known: Known) -> bool:
    return decide(known[0], known[1], AT).allowed


@given(facts(), programs, st.integers(0, 1 << 30))
def test_lifting_all_blockers_opens_and_lifting_fewer_does_not(
    about: Facts, program: Program, seed: int
) -> None:
    decision = decide(about, program, AT)
    if decision.allowed:
        return
    assert decision.reasons
    everything = (about, program)
    for reason in decision.reasons:
        everything = lift(everything, reason)
    assert allowed(everything)
    for some in _fewer(decision.reasons, Random(seed)):
        known = (about, program)
        for reason in some:
            known = lift(known, reason)
        assert not allowed(known)


def _fewer(reasons: tuple[Reason, ...], chance: Random) -> Iterable[tuple[Reason, ...]]:
    if len(reasons) <= 5:
        return chain.from_iterable(combinations(reasons, n) for n in range(len(reasons)))
    drawn = (tuple(r for r in reasons if chance.random() < 0.7) for _ in range(20))
    return chain(
        (reasons[:n] + reasons[n + 1 :] for n in range(len(reasons))),
        (some for some in drawn if len(some) < len(reasons)),
    )


def take_away(known: Known, reason: Reason) -> Known:
    """Undo the events that a ground stands on, and nothing else."""
    about, program = known
    if reason.kind is Kind.APPROVED:
        return about, replace(program, approved=None)
    return _take_from(about, reason), program


def _take_from(about: Facts, reason: Reason) -> Facts:
    if about.recording != reason.recording:
        assert about.original is not None
        return replace(about, original=_take_from(about.original, reason))
    changed = []
    for holder in about.holders:
        if holder.id != reason.holder:
            changed.append(holder)
        elif reason.kind is Kind.GRANTED:
            kept = tuple(p for p in holder.said.granting if p.event not in reason.events)
            changed.append(replace(holder, said=holder.said._replace(granting=kept)))
        else:
            first, second = (
                NO_TEXT[text.role] if text.role is reason.role else text
                for text in (holder.first, holder.second)
            )
            changed.append(replace(holder, first=first, second=second))
    return replace(about, holders=tuple(changed))


@st.composite
def open_facts(draw: st.DrawFn) -> Facts:
    """Give facts that are likely to come to a yes."""
    text = st.builds(
        Masks, st.sampled_from([0, 1 << 40, ALL]), st.sampled_from([0, ALL]), st.just(ALL)
    )
    kept = []
    for number in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            first = second = Standing(role=Role.AGREEMENT, text="a", masks=draw(text), event=1)
        else:
            first = Standing(role=Role.ACCEPTED, text="b", masks=draw(text), event=2)
            second = Standing(role=Role.CURRENT, text="c", masks=draw(text), event=3)
        granting = [Piece(4, draw(st.sampled_from([ALL, CONSENT_ONLY, 1 << 40])))]
        granting += [Piece(5, ALL)] if draw(st.booleans()) else []
        said = Said(tuple(granting), ())
        kept.append(Holder(id=f"a{number}", name="H", first=first, second=second, said=said))
    original = draw(open_facts()) if draw(st.integers(0, 3)) == 3 else None
    if original is not None:
        original = replace(original, recording="r0", original=None)
    return Facts(recording="r1", holders=tuple(kept), original=original)


@given(open_facts(), st.sampled_from([1 << 40, 1 << 2, (1 << 40) | (1 << 2)]))
def test_taking_any_ground_away_closes(about: Facts, uses: int) -> None:
    program = Program(id="p", uses=uses, proposed=1, approved=2)
    decision = decide(about, program, AT)
    if decision.allowed:
        assert decision.reasons[0].kind is Kind.APPROVED
        for reason in decision.reasons:
            assert reason.events
            assert not allowed(take_away((about, program), reason))


def test_most_of_those_facts_come_to_a_yes() -> None:
    seen: list[bool] = []

    @given(open_facts())
    def look(about: Facts) -> None:
        seen.append(bool(word_of(about) & 1 << 40))

    look()
    assert sum(seen) > len(seen) // 4


def test_a_decision_is_no_truth_value() -> None:
    decision = decide(facts_of(CASES[0]), 1 << 40, AT)
    with pytest.raises(TypeError, match="allowed"):
        bool(decision)


def test_asking_for_nothing_is_no() -> None:
    open_case = next(case for case, opened in answers().items() if opened)
    decision = decide(facts_of(open_case), 0, AT)
    assert not decision.allowed
    assert [reason.kind for reason in decision.reasons] == [Kind.NOTHING_ASKED]


def test_uses_alone_are_decided_without_a_program() -> None:
    open_case = next(case for case, opened in answers().items() if opened and not case.held)
    decision = decide(facts_of(open_case), USES[open_case.use], AT)
    assert decision.allowed
    assert decision.program is None
    assert all(reason.kind is not Kind.APPROVED for reason in decision.reasons)


def test_a_case_without_holders_is_closed() -> None:
    case = Case("free", (), held=False, copy="no copy")
    assert not may(case)
    assert word_of(facts_of(case)) == 0
