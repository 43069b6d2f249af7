"""The receipts that members of a set share, checked one by one and read into what they say.

Nothing is taken from the platform's word: a text counts as what its receipt says it says, read
again from its own source. What a receipt does not hold for is as if it were not there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from assent.clock import parse_instant
from assent.errors import BadInput, BadProof, NotProved
from assent.log.policy import Policy
from assent.log.receipt import SENTENCES, Checked, Verdict, check_receipt
from assent.permission.algebra import Masks
from assent.permission.facts import NO_TEXT, Role, Standing
from assent.permission.programs import Program
from assent.permission.statements import Statement
from assent.permission.territories import parse_territories
from assent.permission.uses import parse_use
from assent.terms.text import parse_text
from assent.training.evidence_json import Fields

__all__ = ["Book", "Happened", "Proposed", "Text", "checked_receipt", "statement_of"]

_HOUR = len("2031-01-31T09")


class Text(NamedTuple):
    """Terms or an agreement.

    Args:
        event: Number of the event by which it came to be.
        kind: `terms.publish` or `agreement`.
        digest: SHA-256 of its source [64 hexadecimal digits].
        masks: What it says.
    """

    event: int
    kind: str
    digest: str
    masks: Masks[int]


class Happened(NamedTuple):
    """An event of which a receipt holds.

    Args:
        kind: Its kind.
        first: When it was at the earliest [aware datetime].
        last: When it was at the latest; the same where the instant is shown.
        statement: What was said, if it is a statement and shown.
        shown: Whether the receipt shows what it says.
    """

    kind: str
    first: datetime
    last: datetime
    statement: Statement | None
    shown: bool


class Proposed(NamedTuple):
    """What a program's proposal says beyond what decisions need."""

    uses: tuple[str, ...]
    territories: str
    owner: str
    purpose: str
    models: tuple[str, ...]
    retention_days: int


def uses_of(names: tuple[str, ...]) -> int:
    """Return the word of uses that are named in full.

    Raises:
        BadStatement: There is no such use.
    """
    found = 0
    for name in names:
        found |= parse_use(name)
    return found


def statement_of(number: int, body: Fields) -> Statement:
    """Return what the body of a `statement` says.

    Raises:
        BadInput: It is none.
    """
    grants, refuses, withdraws, lifts = (
        uses_of(body.texts(verb)) for verb in ("grants", "refuses", "withdraws", "lifts")
    )
    return Statement(
        event=number,
        holder=body.text("holder"),
        recording=body.maybe_text("recording"),
        program=body.maybe_text("program"),
        grants=grants,
        refuses=refuses,
        withdraws=withdraws,
        lifts=lifts,
        all_programs=body.flag("all_programs"),
        since=body.instant("since"),
        until=body.instant("until"),
    )


def checked_receipt(data: bytes, policy: Policy, at: datetime | None, origin: str) -> Checked:
    """Return what a receipt of the log of all events shows.

    Args:
        data: The receipt.
        policy: Whose signatures count.
        at: Now [aware datetime].
        origin: The log's name.

    Raises:
        NotProved: It does not hold, or is of another log.
    """
    found = check_receipt(data, policy, at=at)
    if found.verdict is Verdict.INVALID or found.trusted is None:
        why = SENTENCES[found.reason]
        raise NotProved(
            f"a receipt does not hold: {why[0].lower()}{why[1:-1]}", reason=found.reason
        )
    if found.trusted.checkpoint.origin != origin:
        raise NotProved("a receipt is of another log", reason="unknown-log")
    return found


@dataclass(slots=True)
class Book:
    """What was said, as far as receipts show it.

    Args:
        program: For which program the set is.
        head: Number of the last event that counts for the set.
    """

    program: str
    head: int
    unwitnessed: bool = False
    happened: dict[int, Happened] = field(default_factory=dict)
    texts: dict[str, Text] = field(default_factory=dict)
    statements: dict[str, list[Statement]] = field(default_factory=dict)
    roots: dict[int, int] = field(default_factory=dict)
    """Heads of the roots over the latest words, by event."""
    erasures: dict[int, int] = field(default_factory=dict)
    """How many events each erasure took the content of, by its own event."""
    proposed: Proposed | None = None
    _accepts: dict[str, tuple[int, str]] = field(default_factory=dict)
    _program: Program | None = None
    _in_force: tuple[int, str] = (0, "")

    def take(self, number: int, found: Checked) -> None:
        """Take in what a receipt shows; receipts come by rising number.

        Raises:
            BadInput: What it shows is not what such an event says.
            NotProved: It is of another event.
        """
        if found.index != number - 1:
            raise NotProved("it is the receipt of another event", reason="bad-record")
        self.unwitnessed |= found.verdict is Verdict.UNWITNESSED
        entry = Fields(found.entry, "an entry")
        kind = entry.text("k")
        if found.record is None:
            first = _hour(entry.text("t"))
            last = first + timedelta(hours=1)
            self.happened[number] = Happened(kind, first, last, None, shown=False)
            return
        record = Fields(found.record, "a record")
        body, at = record.child("body"), parse_instant(record.text("at"))
        statement = statement_of(number, body) if kind == "statement" else None
        if number <= self.head:
            self._read(number, kind, body, statement)
        if kind == "index.root":
            self.roots[number] = body.number("head")
        if kind == "erasure":
            self.erasures[number] = body.number("events")
        self.happened[number] = Happened(kind, at, at, statement, shown=True)

    def _read(self, number: int, kind: str, body: Fields, statement: Statement | None) -> None:
        """Read what counts for the set."""
        if statement is not None:
            self.statements.setdefault(statement.holder, []).append(statement)
        elif kind == "terms.accept":
            self._accepts[body.text("account")] = (number, body.text("text"))
        elif kind in {"terms.publish", "agreement"}:
            self._read_text(number, kind, body)
        elif kind.startswith("program.") and body.text("id") == self.program:
            self._read_program(number, kind, body)

    def _read_text(self, number: int, kind: str, body: Fields) -> None:
        name, source, digest = body.text("id"), body.text("source"), body.text("digest")
        masks = Masks(*(uses_of(body.texts(mask)) for mask in Masks._fields))
        said = parse_text(source)
        if sha256(source.encode()).hexdigest() != digest or (said.id, said.masks) != (name, masks):
            raise BadProof(f"the text {name!r} does not say what it is on record for")
        if name in self.texts:
            raise BadProof(f"the text {name!r} is there twice", reason="bad-record")
        self.texts[name] = Text(number, kind, digest, masks)
        if kind == "terms.publish":
            self._in_force = (number, name)

    def _read_program(self, number: int, kind: str, body: Fields) -> None:
        if kind == "program.propose":
            self.proposed = Proposed(
                uses=body.texts("uses"),
                territories=body.text("territories"),
                owner=body.text("owner"),
                purpose=body.text("purpose"),
                models=body.texts("models"),
                retention_days=body.number("retention_days"),
            )
            self._program = Program(
                id=self.program,
                uses=uses_of(body.texts("uses")),
                territories=parse_territories(body.text("territories").split()),
                start=body.instant("start"),
                end=body.instant("end"),
                proposed=number,
            )
        elif self._program is None:
            raise BadProof("the program was proposed by nobody", reason="bad-record")
        else:
            changes: Mapping[str, Mapping[str, Any]] = {
                "program.approve": {"approved": number},
                "program.suspend": {"suspended": number},
                "program.resume": {"suspended": None},
                "program.end": {"ended": number},
            }
            self._program = replace(self._program, **changes.get(kind, {}))

    def asked(self) -> tuple[Program, Proposed]:
        """Return the program.

        Raises:
            NotProved: No receipt shows that anybody proposed it.
        """
        if self._program is None or self.proposed is None:
            raise NotProved("nothing shows that the program was ever proposed", reason="bad-record")
        return self._program, self.proposed

    def agreement(self, name: str) -> Standing:
        """Return an agreement as it counts for its holders."""
        return self._standing(Role.AGREEMENT, name, "agreement", None)

    def accepted(self, account: str) -> Standing:
        """Return the terms that an account accepted last."""
        event, name = self._accepts.get(account, (0, ""))
        return self._standing(Role.ACCEPTED, name, "terms.publish", event)

    def current(self) -> Standing:
        """Return the terms in force at the head."""
        return self._standing(Role.CURRENT, self._in_force[1], "terms.publish", None)

    def _standing(self, role: Role, name: str, kind: str, event: int | None) -> Standing:
        text = self.texts.get(name)
        if text is None or text.kind != kind:
            return NO_TEXT[role]
        return Standing(role=role, text=name, masks=text.masks, event=event or text.event)

    def erased_after(self, number: int) -> int:
        """Return how many events receipts show to have been erased after an event."""
        return sum(events for event, events in self.erasures.items() if event > number)

    def texts_by_event(self) -> Iterator[tuple[str, Text]]:
        """Yield the texts in the order in which they came to be."""
        yield from sorted(self.texts.items(), key=lambda one: one[1].event)


def _hour(text: str) -> datetime:
    """Return the beginning of the hour that an entry names [aware datetime].

    Raises:
        BadInput: It names none.
    """
    try:
        return datetime.strptime(text[:_HOUR], "%Y-%m-%dT%H").replace(tzinfo=UTC)
    except ValueError:
        raise BadInput("an entry names no hour") from None
