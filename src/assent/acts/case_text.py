"""Cases and claims as they are shown: what matches what, who says what, until when."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from assent.acts.copies import Suspicion
    from assent.catalogue.claims import Claim
    from assent.catalogue.queue import Review

__all__ = [
    "HEARD_SEMITONES",
    "HEARD_TEMPO",
    "case_lines",
    "claim_fields",
    "claim_lines",
    "claim_state",
    "match_in_words",
    "review_fields",
    "seems",
]

Fields = dict[str, Any]
"""Any: what JSON can say."""

HEARD_SEMITONES, HEARD_TEMPO = 0.2, 0.005
"""What is changed by less is changed by nothing that is heard."""
_SAYS = {
    "mine": "{recording} is made of theirs",
    "licensed": "{recording} is licensed",
    "true-original": "{recording} is the true original",
    "different": "they are different",
}


def review_fields(connection: "Connection", review: "Review", at: "datetime") -> Fields:
    """Return what is shown of a case and of the claims on it."""
    case = review.case
    return {
        "recording": review.recording,
        "title": _title(connection, review.recording),
        "original": review.original,
        "original_title": _title(connection, review.original),
        "state": case.state.value if case else None,
        "found": case.found.value if case else None,
        "evidence": list(case.evidence) if case else [],
        "suspected": case.suspected if case else None,
        "at": case.at if case else None,
        "decided": case.decided if case else None,
        "decided_by": case.decided_by if case else None,
        "cause": case.cause if case else None,
        "waits": review.waits,
        "decidable": review.decidable,
        "watched": _name(connection, review.watched) if review.watched else None,
        "claims": [claim_fields(connection, claim, at) for claim in review.claims],
    }


def claim_fields(connection: "Connection", claim: "Claim", at: "datetime") -> Fields:
    """Return what is shown of a claim and of the answers to it."""
    return {
        "claim": claim.event,
        "recording": claim.recording,
        "original": claim.original,
        "name": _name(connection, claim.account),
        "says": claim.says.value,
        "words": claim.words,
        "files": list(claim.files),
        "answer_by": claim.answer_by,
        "state": claim_state(connection, claim, at),
        "closed": claim.closed,
        "answers": [
            {
                "event": answer.event,
                "name": _name(connection, answer.account),
                "agrees": answer.agrees,
                "words": answer.words,
                "files": list(answer.files),
            }
            for answer in claim.answers
        ],
    }


def claim_state(connection: "Connection", claim: "Claim", at: "datetime") -> str:
    """Return where a claim stands: `open`, `answered`, `overdue` or `decided`."""
    from assent.catalogue.claims import holders_of
    from assent.clock import format_instant

    if claim.closed is not None:
        return "decided"
    if claim.unheard(holders_of(connection, claim.loser), at) is not None:
        return "open"
    return "overdue" if format_instant(at) >= claim.answer_by else "answered"


def _title(connection: "Connection", recording: str) -> str | None:
    from sqlalchemy import select

    from assent.catalogue import tables

    recordings = tables.recordings.c
    query = select(recordings.title).where(recordings.id == recording)
    title: str | None = connection.execute(query).scalar_one_or_none()
    return title


def _name(connection: "Connection", account: str) -> str:
    from assent.acts.accounts import account_of

    return account_of(connection, account).name


def match_in_words(alignment: Mapping[str, Any]) -> str:
    """Return one alignment in words: which seconds match which, pitch, tempo, what was found.

    >>> match_in_words({"start_s": 3, "end_s": 12.5, "original_start_s": 60, "original_end_s": 70,
    ...     "semitones": -1, "tempo": 1.05, "finding": "the samples agree"})
    '3.0-12.5 s is 60.0-70.0 s of it, pitch -1.00 semitones, tempo x1.050, the samples agree'
    """
    parts = []
    if {"start_s", "end_s", "original_start_s", "original_end_s"} <= alignment.keys():
        own = f"{_s(alignment['start_s'])}-{_s(alignment['end_s'])} s"
        its = f"{_s(alignment['original_start_s'])}-{_s(alignment['original_end_s'])} s"
        way = f"{alignment['by_way_of']}, a copy of it" if "by_way_of" in alignment else "it"
        parts.append(f"{own} is {its} of {way}")
    if _is_number(alignment.get("semitones")) and abs(alignment["semitones"]) >= HEARD_SEMITONES:
        parts.append(f"pitch {alignment['semitones']:+.2f} semitones")
    if _is_number(alignment.get("tempo")) and abs(alignment["tempo"] - 1) >= HEARD_TEMPO:
        parts.append(f"tempo x{alignment['tempo']:.3f}")
    if alignment.get("finding"):
        parts.append(str(alignment["finding"]))
    return ", ".join(parts) or "evidence without seconds"


def seems(suspicion: "Suspicion") -> str:
    """Return what a recording seems to be made of, in words after its name."""
    if not suspicion.evidence:
        return f"sounds exactly as {suspicion.original}"
    matches = "; ".join(match_in_words(each) for each in suspicion.evidence)
    return f"contains what is {suspicion.original}'s ({matches})"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _s(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, int | float) else str(value)


def case_lines(fields: Fields) -> Iterable[str]:
    """Give a case and its claims in lines."""
    pair = f"{fields['recording']} as a copy of {fields['original']}"
    if fields["state"] is None:
        yield f"{pair}: no case, only claims"
    else:
        yield f"{pair}: {fields['state']}, found by {fields['found']} (event {fields['suspected']})"
    for alignment in fields["evidence"]:
        yield f"  {match_in_words(alignment)}"
    if fields["decided"] is not None:
        yield (
            f"  decided by {fields['decided_by']} (event {fields['decided']}): {fields['cause']}"
        )
    for claim in fields["claims"]:
        yield from (f"  {line}" for line in claim_lines(claim))


def claim_lines(claim: Fields) -> Iterable[str]:
    """Give a claim and its answers in lines."""
    says = _SAYS[claim["says"]].format(recording=claim["recording"])
    yield (
        f"claim {claim['claim']} by {claim['name']}: {says}; {claim['state']},"
        f" to be answered by {claim['answer_by']}"
    )
    yield from _plea(claim)
    for answer in claim["answers"]:
        agrees = "agrees" if answer["agrees"] else "does not agree"
        yield f"  {answer['name']} {agrees} (event {answer['event']})"
        yield from (f"  {line}" for line in _plea(answer))


def _plea(said: Fields) -> Iterable[str]:
    yield f"  in their words: {said['words']}"
    for file in said["files"]:
        yield f"  file {file['name']}, {file['size_bytes']} bytes, SHA-256 {file['sha256']}"
