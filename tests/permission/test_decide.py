from dataclasses import replace

import pytest

from assent.permission.algebra import Masks
from assent.permission.decide import Decision, decide, word_of
from assent.permission.facts import NO_TEXT, Facts, Hold, Holder, Role, Standing
from assent.permission.programs import Program
from assent.permission.reasons import Kind
from assent.permission.statements import Piece, Said
from assent.permission.uses import ALL, CONSENT_ONLY, parse_use
from tests.permission.worlds import NOW

RIVAL = parse_use("partner/train-rival")
SEARCH = parse_use("platform/search")
TERMS = Standing(role=Role.ACCEPTED, text="house-1", masks=Masks(0, SEARCH, RIVAL), event=4)
ADA = Holder(
    id="ada",
    name="Ada Quill",
    first=TERMS,
    second=replace(TERMS, role=Role.CURRENT, event=2),
    said=Said((Piece(9, RIVAL),), ()),
)
SONG = Facts(recording="song", holders=(ADA,), head=12)
NIGHTJAR = Program(id="nightjar", uses=RIVAL, proposed=5, approved=6)


def test_a_decision_refuses_to_be_a_truth_value() -> None:
    decision = decide(SONG, NIGHTJAR, NOW)
    with pytest.raises(TypeError, match=r"ask for \.allowed"):
        bool(decision)
    with pytest.raises(TypeError):
        any((decision,))


def test_a_yes_names_what_carries_it() -> None:
    decision = decide(SONG, NIGHTJAR, NOW)
    assert isinstance(decision, Decision)
    assert decision.allowed
    assert (decision.program, decision.uses, decision.missing) == ("nightjar", RIVAL, 0)
    assert (decision.recording, decision.at, decision.head) == ("song", NOW, 12)
    assert [(reason.kind, reason.events) for reason in decision.reasons] == [
        (Kind.APPROVED, (6,)),
        (Kind.TEXT_OPENS, (4,)),
        (Kind.TEXT_OPENS, (2,)),
        (Kind.GRANTED, (9,)),
    ]


def test_a_use_that_needs_no_grant_stands_on_the_texts_alone() -> None:
    kinds = [reason.kind for reason in decide(SONG, SEARCH, NOW).reasons]
    assert kinds == [Kind.TEXT_OPENS, Kind.TEXT_OPENS]


def test_two_grants_of_one_use_carry_it_together() -> None:
    twice = replace(ADA, said=Said((Piece(9, RIVAL), Piece(10, RIVAL)), ()))
    reasons = decide(replace(SONG, holders=(twice,)), RIVAL, NOW).reasons
    assert [reason.events for reason in reasons if reason.kind is Kind.GRANTED] == [(9, 10)]


def test_a_no_names_every_blocker_at_once() -> None:
    bea = replace(ADA, id="bea", name="Bea Moss", said=Said((), (Piece(11, RIVAL),)))
    cem = Holder(
        id="cem",
        name="Cem Aydin",
        first=NO_TEXT[Role.ACCEPTED],
        second=replace(TERMS, role=Role.CURRENT, masks=Masks(0, 0, 0), event=2),
        said=Said((), ()),
    )
    hold = Hold(event=12, uses=ALL, cause="dispute")
    known = replace(SONG, holders=(ADA, bea, cem), holds=(hold,), unclaimed=frozenset({"FR", "DE"}))
    suspended = replace(NIGHTJAR, suspended=8)
    found = [
        (reason.kind, reason.name, reason.role, reason.events, reason.detail)
        for reason in decide(known, suspended, NOW).reasons
    ]
    assert found == [
        (Kind.SUSPENDED, None, None, (8,), "nightjar"),
        (Kind.UNCLAIMED, None, None, (), "DE FR"),
        (Kind.HELD, None, None, (12,), "dispute"),
        (Kind.REFUSED, "Bea Moss", None, (11,), ""),
        (Kind.NOT_GRANTED, "Bea Moss", None, (), ""),
        (Kind.NO_TEXT, "Cem Aydin", Role.ACCEPTED, (), ""),
        (Kind.BARRED, "Cem Aydin", Role.CURRENT, (2,), "house-1"),
        (Kind.NOT_GRANTED, "Cem Aydin", None, (), ""),
    ]


def test_the_reasons_of_an_original_name_it() -> None:
    closed = Facts(recording="original", holders=())
    decision = decide(replace(SONG, original=closed), RIVAL, NOW)
    assert [(reason.kind, reason.recording) for reason in decision.reasons] == [
        (Kind.UNCLAIMED, "original")
    ]
    assert decide(replace(SONG, original=SONG), RIVAL, NOW).allowed


def test_a_hold_on_other_uses_is_no_reason() -> None:
    held = replace(SONG, holds=(Hold(event=12, uses=SEARCH, cause="dispute"),))
    assert decide(held, RIVAL, NOW).allowed
    assert not decide(held, RIVAL | SEARCH, NOW).allowed


def test_where_nobody_holds_rights_nothing_is_open() -> None:
    assert word_of(replace(SONG, unclaimed=frozenset({"FR"}))) == 0
    assert word_of(replace(SONG, holders=())) == 0


def test_an_agreement_is_named_once() -> None:
    deal = Standing(role=Role.AGREEMENT, text="deal", masks=Masks(CONSENT_ONLY, 0, 0), event=3)
    label = replace(ADA, first=deal, second=deal)
    reasons = decide(replace(SONG, holders=(label,)), RIVAL, NOW).reasons
    assert [reason.kind for reason in reasons] == [Kind.TEXT_OPENS, Kind.GRANTED]
