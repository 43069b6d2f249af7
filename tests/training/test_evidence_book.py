"""What one receipt says is read from itself, and taken for nothing else."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from assent.acts.publish import DEFAULT_TERMS
from assent.errors import BadInput, BadProof, NotProved
from assent.log.receipt import Checked, Verdict
from assent.permission.facts import NO_TEXT, Role
from assent.permission.statements import Statement
from assent.permission.uses import labels
from assent.terms.text import parse_text
from assent.training.evidence_book import Book, Happened
from assent.training.evidence_claims import _takes_back

NOW = datetime(2031, 1, 1, tzinfo=UTC)


def happened(number: int, kind: str, body: Any, **entry_fields: Any) -> Checked:
    """Return what a receipt that holds shows."""
    record = {"at": "2031-01-01T00:00:00.000Z", "body": body, "kind": kind, "number": number}
    return Checked(
        verdict=Verdict.VALID,
        reason="ok",
        index=number - 1,
        entry={"k": kind, "t": "2031-01-01T00Z", **entry_fields},
        record=record if body is not None else None,
    )


def test_a_text_counts_as_what_its_source_says() -> None:
    source = DEFAULT_TERMS
    text = parse_text(source)
    masks = {name: list(labels(mask)) for name, mask in text.masks._asdict().items()}
    digest = sha256(source.encode()).hexdigest()
    body = {"id": text.id, "source": source, "digest": digest, **masks}
    book = Book("p", 100)
    book.take(1, happened(1, "terms.publish", body))
    assert book.current().masks == text.masks
    lies: tuple[dict[str, Any], ...] = (
        {"id": "another"},
        {"digest": "0"},
        {"granted": [*masks["granted"], "partner/train-rival"]},
        {"opt_in": []},
    )
    for lie in lies:
        with pytest.raises(BadProof, match="does not say what it is on record for"):
            Book("p", 100).take(1, happened(1, "terms.publish", {**body, **lie}))
    with pytest.raises(BadProof, match="is there twice"):
        book.take(2, happened(2, "terms.publish", body))
    with pytest.raises(BadInput):
        Book("p", 100).take(1, happened(1, "terms.publish", {**body, "source": "x"}))


def test_events_of_other_programs_and_kinds_change_nothing() -> None:
    book = Book("p", 100)
    book.take(1, happened(1, "program.propose", {"id": "other"}))
    book.take(2, happened(2, "use", {}))
    book.take(3, happened(3, "program.note", {"id": "other"}))
    with pytest.raises(NotProved, match="ever proposed"):
        book.asked()
    assert {one.kind for one in book.happened.values()} == {
        "program.propose",
        "use",
        "program.note",
    }


def test_an_hour_must_be_one() -> None:
    with pytest.raises(BadInput, match="names no hour"):
        Book("p", 100).take(1, happened(1, "hold", None, t="2031-01-01"))


def test_an_agreement_is_no_terms_and_terms_are_no_agreement() -> None:
    book = Book("p", 100)
    for number, (kind, name) in enumerate(
        [("terms.publish", "terms-1"), ("agreement", "lent-1")], 1
    ):
        source = DEFAULT_TERMS.replace("assent-terms-1", name)
        masks = parse_text(source).masks._asdict().items()
        body = {"id": name, "source": source, "digest": sha256(source.encode()).hexdigest()}
        said = {**body, **{mask: list(labels(uses)) for mask, uses in masks}}
        book.take(number, happened(number, kind, said))
    book.take(3, happened(3, "terms.accept", {"account": "a0", "text": "lent-1"}))
    assert book.accepted("a0") == NO_TEXT[Role.ACCEPTED]
    assert book.agreement("terms-1") == NO_TEXT[Role.AGREEMENT]
    assert book.agreement("lent-1").event == 2
    assert book.current().text == "terms-1"
    book.take(4, happened(4, "terms.accept", {"account": "a0", "text": "terms-1"}))
    assert book.accepted("a0").event == 4


def test_only_an_erasure_that_is_shown_and_came_later_counts() -> None:
    book = Book("p", 100)
    book.take(5, happened(5, "erasure", {"events": 1}))
    book.take(7, happened(7, "erasure", None))
    book.take(8, happened(8, "statement.expire", {}))
    book.take(9, happened(9, "erasure", {"events": 3}))
    assert book.erased_after(4) == 4
    assert book.erased_after(5) == 3
    assert book.erased_after(9) == 0


def test_what_takes_back_is_no_grant_and_is_meant_for_the_program() -> None:
    def said(**fields: Any) -> Happened:
        statement = Statement(event=1, holder="a0", **fields)
        return Happened("statement", NOW, NOW, statement, shown=True)

    use = 1 << 40
    assert _takes_back(said(withdraws=use), "p")
    assert _takes_back(said(refuses=use, program="p"), "p")
    assert not _takes_back(said(refuses=use, program="other"), "p")
    assert not _takes_back(said(grants=use, program="p"), "p")
    assert _takes_back(Happened("hold", NOW, NOW, None, shown=False), "p")
    assert not _takes_back(Happened("hold.lift", NOW, NOW, None, shown=False), "p")
    assert not _takes_back(Happened("statement", NOW, NOW, None, shown=False), "p")
