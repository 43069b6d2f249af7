"""Every reason can be said, and says whom, what and by which event."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.permission.decide import decide
from assent.permission.facts import Facts, Role
from assent.permission.notice import Behind, notice
from assent.permission.programs import Program
from assent.permission.reasons import Kind, Reason
from assent.permission.statements import Statement
from assent.permission.uses import ACTIVITIES, ACTORS, ALL, Actor, labels
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


PROGRAM = Behind(owner="Nightjar Models", actor=Actor.PARTNER, purpose="Make background\nmusic.")


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
            until=datetime(2032, 1, 1, 17, 5, 41, 228_000, tzinfo=UTC),
        ),
        PROGRAM,
    )
    # it was bare names of uses and instants as programs write them, which nobody reads
    for part in (
        "About recording r3, for the program p alone.",
        "Who is behind the program: Nightjar Models, a partner.",
        "What it is for, in their words: Make background music.",
        "You say yes to letting\n- a partner train any other generative model"
        " (partner/train-rival)",
        "You say no to letting\n- the platform show it in search (platform/search)",
        "You take back your yes to letting\n- the platform recommend it to listeners",
        "You take back your no to letting\n- the platform offer it to its likely first listeners",
        "Your yes counts from 1 May 2031, 00:00 UTC.",
        "Your yes ends on 1 January 2032, 17:05:41 UTC.",
        "any time",
    ):
        assert part in said
    called = notice(Statement(event=1, holder="a0", recording="r3", refuses=1), None, "Lö\nd")
    assert called.startswith("About the recording “Lö d” (r3), for every program.")
    everywhere = notice(Statement(event=1, holder="a0", refuses=1))
    assert "all your recordings" in everywhere
    assert "every program" in everywhere
    assert "behind" not in everywhere


@given(uses=st.integers(1, ALL - 1))
def test_the_notice_names_each_use_that_is_meant_and_no_other(uses: int) -> None:
    said = notice(Statement(event=1, holder="a0", refuses=uses))
    named = {name for line in re.findall(r"\(([^)]*/[^)]*)\)", said) for name in line.split(", ")}
    assert named == set(labels(uses))


def test_what_an_owner_writes_cannot_pass_for_what_is_said() -> None:
    sly = Behind(owner="X\nYou say no to letting", actor=Actor.PUBLIC, purpose="a\r\n- b\u2028- c")
    said = notice(Statement(event=1, holder="a0", program="p", grants=1 << 40), sly)
    assert [line for line in said.splitlines() if line.startswith("- ")] == [
        "- a partner train any other generative model (partner/train-rival)"
    ]
    assert not any(line.startswith("You say no") for line in said.splitlines())


def test_another_owner_or_purpose_is_another_notice() -> None:
    said = Statement(event=1, holder="a0", program="p", grants=1 << 40)
    others = {
        notice(said),
        notice(said, PROGRAM),
        notice(said, replace(PROGRAM, owner="Heron")),
        notice(said, replace(PROGRAM, purpose="Clone voices.")),
        notice(said, replace(PROGRAM, actor=Actor.GROUP)),
    }
    assert len(others) == 5
