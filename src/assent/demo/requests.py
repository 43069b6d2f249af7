"""The middle chapters: a partner's program, one yes to it, the training set, and the gate."""

from assent.acts.programs import approve, propose
from assent.acts.say import About, grant
from assent.demo.cast import (
    APPROVER,
    BAND,
    DESK,
    NO_AI,
    PARTNER,
    PROGRAM,
    PROGRAM_ID,
    SAYS_NOTHING,
    SAYS_YES,
    USES,
)
from assent.demo.stage import Stage, some, told
from assent.errors import NotAllowed, NotPermitted
from assent.permission.decide import Decision
from assent.permission.facts import Role
from assent.permission.reasons import Kind
from assent.training.build import build
from assent.training.listing import find_set
from assent.training.manifest import opened
from assent.training.set_file import MANIFEST
from assent.training.verify import verify

__all__ = ["ask", "build_set", "say_yes", "try_anyway", "verified_set"]


def ask(stage: Stage) -> None:
    """Propose a program, and have it approved by a second person."""
    propose(stage.house, PROGRAM, DESK)
    uses = stage.house.gate.snapshot.program(PROGRAM_ID).uses
    stage.must(uses == USES, "the program asks for what its file says")
    stage.plain(
        f"{PARTNER} would like to train a model that makes background music. {DESK}, who works for"
        f" the platform, proposes it as the program {PROGRAM_ID}. It asks for"
        f" {some(uses.bit_count(), 'use')}: {told(uses)}."
    )
    try:
        approve(stage.house, PROGRAM_ID, DESK)
    except NotAllowed as refusal:
        stage.no(f"{DESK} would approve it, too, and may not: {refusal.text}.")
    else:
        stage.fail("nobody approves what they proposed")
    waiting = stage.decision(next(iter(stage.titles)))
    stage.must(Kind.NOT_APPROVED in _kinds(waiting), "a program waits for its approval")
    approve(stage.house, PROGRAM_ID, APPROVER)
    permitted = stage.permitted()
    stage.must(not permitted, "an approved program may still use nothing")
    stage.yes(
        f"{APPROVER} reads it and approves it. Now it may run, on {len(permitted)} of"
        f" {some(len(stage.titles), 'recording')}: nobody has said yes to it."
    )


def say_yes(stage: Stage) -> None:
    """Let one artist say yes to this program, by its name."""
    before = stage.words()
    event = grant(stage.house, About(holder=SAYS_YES, program=PROGRAM_ID), USES)
    stage.must(stage.words() == before, "a yes to one program changes nothing for others")
    permitted = stage.permitted()
    stage.yes(
        f"{SAYS_YES} says yes to {PROGRAM_ID}, for all her recordings (event {event.number})."
        f" It may now use {len(permitted)} of {some(len(stage.titles), 'recording')}."
    )
    stage.because("A yes to one program is a yes to no other: for everybody else nothing changed.")


def build_set(stage: Stage) -> None:
    """Build the training set, verify it, and show why the rest is not in it."""
    hers = [r for r, names in stage.holders().items() if names == {SAYS_YES}]
    stage.must(bool(hers), f"something belongs to {SAYS_YES} alone")
    inside = verified_set(stage, hers)
    stage.because_of(stage.decision(inside[0]))
    outside = [recording for recording in stage.titles if recording not in inside]
    decisions = {recording: stage.decision(recording) for recording in outside}
    for recording, decision in decisions.items():
        stage.must(not decision.allowed, f"{stage.title(recording)} is closed to it")
    _check_reasons(stage, decisions)
    stage.plain(f"The other {some(len(outside), 'recording')} are not in it:")
    for alike in _grouped(stage, decisions):
        stage.no(f"{stage.title_list(alike)}, {stage.artists[alike[0]]}")
        stage.because_of(decisions[alike[0]])


def verified_set(stage: Stage, expected: list[str]) -> list[str]:
    """Build the next training set, and verify it from its folder alone.

    Args:
        stage: The story.
        expected: What it must hold, no more and no less.
    """
    out = stage.folder / f"set-{len(stage.sets) + 1}"
    built = build(stage.house, PROGRAM_ID, out, by=PARTNER)
    stage.sets.append(built.folder)
    with opened(built.folder / MANIFEST) as manifest:
        inside = [item.recording for item in manifest.items()]
    on_record = [f"r{number}" for number in find_set(stage.house, built.described.id).members]
    stage.must(
        inside == expected == on_record == stage.permitted(),
        f"the set holds exactly {stage.title_list(expected)}",
    )
    verified = verify(built.folder)
    verified.check()
    stage.must(verified.items == len(expected), "everything in the set was verified")
    stage.yes(
        f"The training set {built.described.id} holds {len(inside)} of"
        f" {some(len(stage.titles), 'recording')}: {stage.title_list(inside)}."
    )
    stage.because(
        f"Verified from its folder alone: {some(verified.items, 'recording')} decoded and"
        f" compared with the manifest, {some(len(verified.findings), 'difference')}."
    )
    return inside


def _check_reasons(stage: Stage, decisions: dict[str, Decision]) -> None:
    """Check that each recording is out for the reason that the story has for it."""
    holders = stage.holders()
    for recording, decision in decisions.items():
        silent = {r.name for r in decision.reasons if r.kind is Kind.NOT_GRANTED}
        refused = {r.name for r in decision.reasons if r.kind is Kind.REFUSED}
        barred = {r.role for r in decision.reasons if r.kind is Kind.BARRED}
        match stage.artists[recording]:
            case artist if artist == NO_AI:
                as_told = refused == {NO_AI}
            case artist if artist == BAND:
                as_told = barred == {Role.AGREEMENT}
            case _:
                only_silence = _kinds(decision) == {Kind.NOT_GRANTED}
                as_told = only_silence and silent == holders[recording] & {SAYS_NOTHING}
        stage.must(as_told, f"{stage.title(recording)} is closed for the reason in the story")


def _kinds(decision: Decision) -> set[Kind]:
    return {reason.kind for reason in decision.reasons}


def _grouped(stage: Stage, decisions: dict[str, Decision]) -> list[list[str]]:
    """Return recordings by artist and by what stands in their way."""
    groups: dict[object, list[str]] = {}
    for recording, decision in decisions.items():
        ways = tuple((r.kind, r.name, r.role, r.detail, r.events) for r in decision.reasons)
        holders = frozenset(stage.holders()[recording])
        groups.setdefault((stage.artists[recording], holders, ways), []).append(recording)
    return list(groups.values())


def try_anyway(stage: Stage) -> None:
    """Have the partner ask the gate for what it may not have, and for what it may."""
    token = stage.house.gate.token(PROGRAM_ID)
    wanted, permitted = stage.by(NO_AI)[0], stage.permitted()
    stage.must(bool(permitted), "the program may use what the set holds")
    stage.plain(
        f"{PARTNER} shows its token at the gate and asks for {stage.title(wanted)} all the same."
    )
    try:
        with stage.house.gate.open(token, wanted) as stream:
            stream.read(1)
    except NotPermitted as refusal:
        decision = refusal.facts["decision"]
        if not isinstance(decision, Decision):
            stage.fail("a refusal carries its decision")
        stage.no("The gate refuses, before a byte is read:")
        stage.because_of(decision)
    else:
        stage.fail(f"the gate refuses {stage.title(wanted)}")
    with stage.house.gate.open(token, permitted[0]) as stream:
        size_bytes = len(stream.read())
    stage.must(size_bytes > 0, f"the gate opens {stage.title(permitted[0])}")
    stage.yes(
        f"It asks for {stage.title(permitted[0])} and is let in: {size_bytes / 1000:.0f} kB,"
        " noted down as a use."
    )
