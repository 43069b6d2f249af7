"""Copies: a recording made of another never gets more than its original, and waits for a decision.

A case says of which (`catalogue/cases`). What follows for the words is done with two things alone:
the mask, by which a copy's word is never wider than one other's, and holds. Every act here ends in
`settle`, which makes both what the cases say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.catalogue.cases import Case, Found, State, case_of, cases_of, sources
from assent.catalogue.claims import holders_of, loser, open_claims
from assent.catalogue.events import Body, Event
from assent.catalogue.watched import WATCHED, brought_by, uploader_of, watched
from assent.errors import BadInput, NotAllowed, Unknown
from assent.permission.uses import ALL, CONSENT_ONLY, labels

__all__ = [
    "COPY",
    "NO_COPY",
    "SEVERAL",
    "UNSEEN",
    "Found",
    "Suspicion",
    "declare_copy",
    "hold_if_watched",
    "hold_unseen",
    "original_of",
    "put_decision",
    "release_seen",
    "settle",
    "suspect",
]

SEVERAL = "it is also made of others' recordings, and a word can follow one original only"
"""The cause of the hold on what would have to follow several originals."""
UNSEEN = "nobody could look yet whether it is made of others' recordings; assent copies scan does"
"""The cause of the hold on what may not be identified, until it may and was."""
COPY, NO_COPY = "somebody said that it is one", "somebody said that it is none"
"""The causes of what is decided by saying what a recording is a copy of."""
_SUREST = tuple(Found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """What a recording seems to be made of.

    Args:
        original: The other recording's id.
        found: Who or what found it.
        evidence: What speaks for it: JSON objects, such as alignments with `start_s`, `end_s`,
            `original_start_s`, `original_end_s`, `tempo`, `semitones`, `votes`; kept as they are.
    """

    original: str
    found: Found
    evidence: Sequence[Body] = ()


def suspect(act: Act, recording: str, suspicions: Sequence[Suspicion]) -> list[Event]:
    """Open the cases of a recording, the surest first; it is masked, and waits, from then on.

    A pair has one case: where there is one, nothing changes, unless it was rejected and somebody
    claims it again. Made of several, the recording is on hold for all uses: a word can follow one
    original only. An account that brings many copies is watched from then on.

    Args:
        act: The change under way, in which the recording is on record already.
        recording: Which.
        suspicions: What it seems to be made of.

    Returns:
        The `copy.suspect` events of the cases that were opened, in order.

    Raises:
        BadInput: It would be a copy of itself, directly or through others.
        Unknown: There is no such recording.
    """
    original_of(act.connection, recording)
    opened = []
    for it in sorted(suspicions, key=_sureness):
        known = case_of(act.connection, recording, it.original)
        original_of(act.connection, it.original)
        if known is None or (_is_rejected(known, recording) and it.found is Found.CLAIM):
            opened.append(_open(act, recording, it))
    settle(act, recording)
    _watch(act, recording)
    return opened


def _is_rejected(case: Case, recording: str) -> bool:
    return case.state is State.REJECTED and case.recording == recording


def _open(act: Act, recording: str, suspicion: Suspicion) -> Event:
    body = {
        "recording": recording,
        "original": suspicion.original,
        "found": suspicion.found.value,
        "evidence": [dict(each) for each in suspicion.evidence],
    }
    return act.record("copy.suspect", body)


def _sureness(suspicion: Suspicion) -> tuple[int, int]:
    votes = max((int(it.get("votes") or 0) for it in suspicion.evidence), default=0)
    return _SUREST.index(suspicion.found), -votes


def settle(act: Act, recording: str) -> None:
    """Make the mask and our hold of a recording what its cases say.

    Raises:
        BadInput: It would be a copy of itself, directly or through others.
    """
    _refuse_circle(act.connection, recording)
    made_of = sources(act.connection, recording)
    mask = original_of(act.connection, recording)
    wanted = mask if mask in made_of else next(iter(made_of), None)
    if len(made_of) > 1:  # what closes comes before what might open
        _hold_once(act, recording, ALL, SEVERAL)
    if wanted != mask:
        act.record("copy", {"recording": recording, "original": wanted})
    if len(made_of) <= 1:
        _lift(act, recording, SEVERAL)


def _refuse_circle(connection: Connection, recording: str) -> None:
    seen: set[str] = set()
    left = sources(connection, recording)
    while left:
        above = left.pop()
        if above == recording:
            raise BadInput(f"{recording} cannot be a copy of its own copy")
        if above not in seen:
            seen.add(above)
            # its mask as it is, too: words that mask each other could never be computed
            mask = original_of(connection, above)
            left += [*sources(connection, above), *([mask] if mask is not None else [])]


def _hold_once(act: Act, recording: str, uses: int, cause: str) -> None:
    if not _held(act.connection, recording, cause):
        body = {"recording": recording, "uses": list(labels(uses)), "cause": cause}
        act.record("hold", body)


def _lift(act: Act, recording: str, cause: str) -> None:
    for number in _held(act.connection, recording, cause):
        act.record("hold.lift", {"hold": number, "recording": recording})


def _held(connection: Connection, recording: str, cause: str) -> list[int]:
    holds = tables.holds.c
    query = select(holds.event).where(
        holds.recording == recording, holds.cause == cause, holds.lifted.is_(None)
    )
    return list(connection.execute(query.order_by(holds.event)).scalars())


def _watch(act: Act, recording: str) -> None:
    """Hold all that the recording's uploader brought, if that is watched by now."""
    account = uploader_of(act.connection, recording)
    if account is not None and watched(act.connection, account):
        for one in brought_by(act.connection, account):
            _hold_once(act, one, CONSENT_ONLY, WATCHED)


def hold_if_watched(act: Act, recording: str, account: str) -> None:
    """Hold a recording that a watched account brings: no AI that needs a yes gets it.

    Args:
        act: The change under way, in which the recording is on record already.
        recording: Which.
        account: The id of the account that brings it.
    """
    if watched(act.connection, account):
        _hold_once(act, recording, CONSENT_ONLY, WATCHED)


def hold_unseen(act: Act, recording: str) -> None:
    """Hold a recording that could not be compared with others: no AI that needs a yes gets it."""
    _hold_once(act, recording, CONSENT_ONLY, UNSEEN)


def release_seen(act: Act, recording: str) -> None:
    """Lift that hold, now that the recording was compared."""
    _lift(act, recording, UNSEEN)


def put_decision(
    act: Act, case: tuple[str, str], state: State, cause: str, *, heard: bool = False
) -> Event:
    """Decide a case, which is opened if a claim alone speaks of it, and make the words follow.

    Args:
        act: The change under way.
        case: The recording, and its original.
        state: What is decided.
        cause: Why.
        heard: Whoever loses by it has agreed to it.

    Raises:
        BadInput: A recording would be a copy of itself, directly or through others.
        NotAllowed: Somebody who would lose by it may still answer a claim.
    """
    recording, original = case
    if not heard:
        _refuse_unheard(act, recording, original, state)
    event = _record_decision(act, case, state, cause)
    # whoever loses a mask comes first, so that the two never mask each other
    first_free = state is State.TRUE_ORIGINAL
    for one in (recording, original) if first_free else (original, recording):
        settle(act, one)
    _watch(act, recording)
    return event


def _record_decision(act: Act, case: tuple[str, str], state: State, cause: str) -> Event:
    recording, original = case
    if case_of(act.connection, recording, original) is None:
        _open(act, recording, Suspicion(original=original, found=Found.CLAIM))
    body = {"recording": recording, "original": original, "state": state.value, "cause": cause}
    return act.record("copy.decide", body)


def _refuse_unheard(act: Act, recording: str, original: str, state: State) -> None:
    against = loser(recording, original, state)
    holders = holders_of(act.connection, against)
    for claim in open_claims(act.connection, recording, original):
        if claim.loser == against and claim.unheard(holders, act.at) is not None:
            raise NotAllowed(
                f"whoever holds {against} may answer the claim {claim.event} until"
                f" {claim.answer_by}; nothing is decided against them before",
                claim=claim.event,
                answer_by=claim.answer_by,
            )


def declare_copy(house: House, recording: str, original: str | None, by: str) -> Event:
    """Say what a recording is a copy of; None says that it is none.

    It is then what a person found and confirmed at once, in place of what a person said before;
    or all cases by which it gets no more than others are rejected.

    Raises:
        BadInput: It would be a copy of itself, directly or through others.
        NotAllowed: Somebody who would lose by it may still answer a claim.
        Unknown: There is no such recording.
    """
    with house.act(by) as act:
        original_of(act.connection, recording)
        _reject_others(act, recording, original)
        if original is not None:
            original_of(act.connection, original)
            _confirm(act, recording, original)
        _refuse_circle(act.connection, recording)
        bound = [it for it in cases_of(act.connection, recording) if it.binds(recording)]
        if len(bound) > 1:  # what closes comes before what might open
            _hold_once(act, recording, ALL, SEVERAL)
        event = act.record("copy", {"recording": recording, "original": original})
        settle(act, recording)
        _watch(act, recording)
        return event


def _reject_others(act: Act, recording: str, original: str | None) -> None:
    """Reject what a new word of a person replaces: another such word, or all if it is no copy."""
    for case in cases_of(act.connection, recording):
        said = case.found is Found.PERSON and case.cause == COPY
        another = said and case.other(recording) != original
        if case.binds(recording) and (original is None or another):
            pair = (case.recording, case.original)
            _refuse_unheard(act, *pair, State.REJECTED)
            _record_decision(act, pair, State.REJECTED, NO_COPY)


def _confirm(act: Act, recording: str, original: str) -> None:
    """Have a case say that a recording is a copy of another, in whichever order it stands there."""
    known = case_of(act.connection, recording, original)
    if known is not None and known.binds(original):
        raise BadInput(f"{recording} cannot be a copy of its own copy")
    pair, state = (recording, original), State.CONFIRMED
    if (known is not None and known.recording != recording) or (
        known is None and open_claims(act.connection, original, recording)
    ):
        pair, state = (original, recording), State.TRUE_ORIGINAL
    _refuse_unheard(act, *pair, state)
    if state is State.CONFIRMED and (known is None or known.state is State.REJECTED):
        _open(act, recording, Suspicion(original=original, found=Found.PERSON))
    _record_decision(act, pair, state, COPY)


def original_of(connection: Connection, recording: str) -> str | None:
    """Return what a recording is a copy of.

    Raises:
        Unknown: There is no such recording.
    """
    recordings = tables.recordings.c
    query = select(recordings.original).where(recordings.id == recording)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Unknown(f"there is no recording {recording!r}", recording=recording)
    original: str | None = row.original
    return original
