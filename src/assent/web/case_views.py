"""Cases of copies as the review desk shows them: what matches, who says what."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from assent.acts.case_text import claim_fields, match_in_words, review_fields
from assent.catalogue import tables
from assent.catalogue.claims import claims
from assent.catalogue.queue import Review, queue
from assent.errors import Unknown
from assent.web.authors import author
from assent.web.view import View

__all__ = [
    "Answer",
    "CaseLine",
    "Claim",
    "Evidence",
    "case_line",
    "claims_on",
    "evidence_of",
    "find_review",
]

_SAYS = {
    "mine": "is made of theirs",
    "licensed": "is licensed",
    "true-original": "is the true original",
    "different": "is different from it",
}


class File(View):
    """A file that somebody keeps as evidence; only its digest is here.

    Args:
        name: How it is called.
        sha256: Its digest.
        size_bytes: How large it is.
    """

    name: str
    sha256: str
    size_bytes: int


class Answer(View):
    """What somebody answered to a claim.

    Args:
        event: Number of the event.
        name: Who answered.
        agrees: Whether they agree.
        words: In their words.
        files: Their evidence.
    """

    event: int
    name: str
    agrees: bool
    words: str
    files: list[File]


class Claim(View):
    """What somebody claims.

    Args:
        claim: Number of the event, by which it is called.
        name: Who claims.
        says: What: mine, licensed, true-original or different.
        in_words: The same as what they say of the recording.
        words: In their words.
        files: Their evidence.
        answer_by: Until when the others may answer.
        state: Open, answered, overdue or decided.
        answers: What was answered.
    """

    claim: int
    name: str
    says: str
    in_words: str
    words: str
    files: list[File]
    answer_by: str
    state: str
    answers: list[Answer]


class Evidence(View):
    """One alignment of two recordings.

    Args:
        words: What matches what, in words.
        start_s: Where it begins in the recording; None if it says no seconds.
        end_s: Where it ends.
        original_start_s: Where it begins in the original.
        original_end_s: Where it ends there.
        finding: What the samples say; empty if they were not asked.
    """

    words: str
    start_s: float | None
    end_s: float | None
    original_start_s: float | None
    original_end_s: float | None
    finding: str


class CaseLine(View):
    """A case in a list.

    Args:
        recording: Which would be the copy.
        title: How it is called.
        original: Of which.
        original_title: How that is called.
        state: What is thought of it; None where claims alone speak of it.
        found: Who or what found it.
        at: When it was opened.
        waits: Whether it waits for a decision.
        decidable: Whether a claim on it can be decided.
        claims: How many open claims there are.
        watched: The watched account that brought the recording.
        evidence: What matches, in words.
        decided_by: Who decided it.
        cause: Why.
    """

    recording: str
    title: str
    original: str
    original_title: str
    state: str | None
    found: str | None
    at: str | None
    waits: bool
    decidable: bool
    claims: int
    watched: str | None
    evidence: list[str]
    decided_by: str | None
    cause: str | None


def case_line(connection: Connection, review: Review, at: datetime) -> CaseLine:
    """Return a case as a list shows it."""
    fields = review_fields(connection, review, at)
    return CaseLine(
        recording=fields["recording"],
        title=fields["title"] or "",
        original=fields["original"],
        original_title=fields["original_title"] or "",
        state=fields["state"],
        found=fields["found"],
        at=fields["at"],
        waits=fields["waits"],
        decidable=fields["decidable"],
        claims=len(fields["claims"]),
        watched=fields["watched"],
        evidence=[match_in_words(it) for it in fields["evidence"]],
        decided_by=author(fields["decided_by"]) if fields["decided_by"] else None,
        cause=fields["cause"],
    )


def find_review(connection: Connection, recording: str, original: str, at: datetime) -> Review:
    """Return a case, decided or not.

    Raises:
        Unknown: There is none of these two.
    """
    for review in queue(connection, at, everything=True, of=recording):
        if (review.recording, review.original) == (recording, original):
            return review
    raise Unknown(f"there is no case of {recording} as a copy of {original}")


def claims_on(connection: Connection, recording: str, original: str, at: datetime) -> list[Claim]:
    """Return all claims on a case, those that are decided as well."""
    claim = tables.claims.c
    pair = claim.recording == recording, claim.original == original
    found = (claim_fields(connection, it, at) for it in claims(connection, *pair))
    return [_claim(fields) for fields in found]


def _claim(fields: dict[str, Any]) -> Claim:
    return Claim(
        claim=fields["claim"],
        name=fields["name"],
        says=fields["says"],
        in_words=_SAYS[fields["says"]],
        words=fields["words"],
        files=_files(fields["files"]),
        answer_by=fields["answer_by"],
        state=fields["state"],
        answers=[
            Answer(
                event=it["event"],
                name=it["name"],
                agrees=it["agrees"],
                words=it["words"],
                files=_files(it["files"]),
            )
            for it in fields["answers"]
        ],
    )


def _files(files: list[dict[str, Any]]) -> list[File]:
    return [File(name=it["name"], sha256=it["sha256"], size_bytes=it["size_bytes"]) for it in files]


def evidence_of(review: Review) -> list[Evidence]:
    """Return what speaks for a case."""
    return [
        Evidence(
            words=match_in_words(it),
            start_s=it.get("start_s"),
            end_s=it.get("end_s"),
            original_start_s=it.get("original_start_s"),
            original_end_s=it.get("original_end_s"),
            finding=str(it.get("finding") or ""),
        )
        for it in (review.case.evidence if review.case else ())
    ]
