"""Every reason can be said, and says whom, what and by which event."""

from datetime import UTC, datetime

import pytest
from hypothesis import given

from assent.permission.decide import decide
from assent.permission.facts import Facts, Role
from assent.permission.notice import notice
from assent.permission.programs import Program
from assent.permission.reasons import Kind, Reason
from assent.permission.statements import Statement
from assent.permission.uses import ACTIVITIES, ACTORS, ALL
from assent.permission.wording import (
    ACTIVITY_WORDS,
    ACTOR_WORDS,
    explain,
    headline,
    sentence,
    uses_in_words,
)
from tests.permission.worlds import facts, programs

AT = datetime(2031, 5, 1, tzinfo=UTC)


@given(facts(), programs())
def test_every_decision_can_be_explained(about: Facts, program: Program) -> None:
    decision = decide(about, program, AT)
    said = explain(decision)
    assert len(said) == len(decision.reasons)
    for reason, text in zip(decision.reasons, said, strict=True):
        assert text.endswith(".")
        assert all(str(event) in text for event in reason.events)
    assert headline(decision).startswith("yes" if decision.allowed else "no")


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("role", [None, *Role])
def test_every_kind_has_a_sentence(kind: Kind, role: Role | None) -> None:
    reason = Reason(
        kind=kind, uses=1 << 40, recording="r1", name="Ada Quill", role=role, detail="x"
    )
    assert len(sentence(reason)) > 10


def test_uses_are_told_in_plain_words_and_many_are_counted() -> None:
    assert set(ACTOR_WORDS) == set(ACTORS)
    assert set(ACTIVITY_WORDS) == set(ACTIVITIES)
    assert "partner/train-rival" in uses_in_words(1 << 40)
    assert uses_in_words(ALL).startswith("60 uses")


def test_a_ground_with_several_events_names_them_all() -> None:
    reason = Reason(
        kind=Kind.GRANTED, uses=1 << 40, events=(3, 9), recording="r1", name="Ada Quill"
    )
    assert "3 or 9" in sentence(reason)


def test_uses_alone_have_a_headline() -> None:
    decision = decide(Facts(recording="r1", holders=()), 1 << 40, AT)
    assert "partner/train-rival" in headline(decision)


def test_the_notice_says_all_that_is_meant() -> None:
    said = notice(
        Statement(
            event=1,
            holder="a0",
            recording="r3",
            program="p",
            grants=1 << 40,
            refuses=1 << 2,
            withdraws=1 << 4,
            lifts=1 << 5,
            since=AT,
            until=datetime(2032, 1, 1, tzinfo=UTC),
        )
    )
    for part in (
        "r3",
        "p alone",
        "yes to: partner/train-rival",
        "no to: platform/search",
        "recommend",
        "first-fans",
        "2031-05-01",
        "2032-01-01",
        "any time",
    ):
        assert part in said
    everywhere = notice(Statement(event=1, holder="a0", refuses=1))
    assert "all your recordings" in everywhere
    assert "every program" in everywhere
