"""One member of a set: its line, its receipts, and whether it may be in the set at all.

The decision is made once more from what the receipts show, with the very rules by which the
platform decides, and must come to the grounds that the set's manifest gives.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from assent.errors import BadProof, NotProved
from assent.log.leaf import handle_of, sealed_value, set_key
from assent.log.note import parse_base64
from assent.log.policy import Policy
from assent.log.receipt import Checked, Verdict
from assent.permission.decide import Decision, decide
from assent.permission.facts import Facts, Holder
from assent.permission.reasons import Kind
from assent.permission.statements import Said, Statement, Voice, fold
from assent.permission.territories import Territories, missing, overlap, parse_territories
from assent.permission.wording import sentence
from assent.training.evidence_book import Book, checked_receipt, statement_of
from assent.training.evidence_files import LONGEST_CHAIN
from assent.training.evidence_json import Fields, dump_simple, parse_at
from assent.training.evidence_proofs import parse_line
from assent.training.item import Ground, Item, file_name, file_number, ground_of

__all__ = ["Judge", "Line", "parse_item_line"]

_KINDS = {Kind.APPROVED.value, Kind.TEXT_OPENS.value, Kind.GRANTED.value}
_AFTER_ITEM = len(f',"key":"{64 * "0"}","value":"{64 * "0"}"}}')
_BEFORE_ITEM = len('{"item":')
_LONGEST_SELECTION = timedelta(days=1)
"""How long before it went on record a set may have been selected."""
_MOST_INSTANTS = 100
"""In that time hardly anything runs out; nobody shall keep a checker busy with what does."""


class Line(NamedTuple):
    """A line of `items.jsonl`.

    Args:
        item: The item; None if it was erased since.
        said: The same, as canonical JSON.
        key: Its key in the set's tree [32 bytes].
        value: Its value there [32 bytes].
    """

    item: Item | None
    said: bytes
    key: bytes
    value: bytes


def parse_item_line(line: bytes) -> Line:
    """Return what a line of `items.jsonl` says.

    Raises:
        BadProof: It is not written as one.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise BadProof("a line of items is not UTF-8", reason="malformed") from None
    said, end = parse_at(text, 0, "a line of items")
    fields = Fields(said, "a line of items")
    fields.only("item", "key", "value")
    named = fields.maybe_child("item")
    item = None if named is None else _item(named)
    # an item has whole numbers only, so the fast way of writing it is the canonical one
    if end != len(text) or dump_simple(said) != line:
        raise BadProof("a line of items is not canonical JSON", reason="malformed")
    return Line(
        item=item,
        said=line[_BEFORE_ITEM:-_AFTER_ITEM],
        key=fields.digest("key"),
        value=fields.digest("value"),
    )


_NUMBERS = ("number", "size_bytes", "frames", "sr", "channels")
_TEXTS = ("recording", "title", "artist", "file", "digest", "audio_digest", "codec", "licence")


def _item(said: Fields) -> Item:
    said.only("grounds", *_NUMBERS, *_TEXTS)
    parts: dict[str, Any] = {name: said.number(name) for name in _NUMBERS}
    parts |= {name: said.text(name) for name in _TEXTS}
    item = Item(**parts, grounds=tuple(map(_ground, said.children("grounds"))))
    fits = item.recording == f"r{item.number}" and file_number(item.file) == item.number
    if not fits or min(item.size_bytes, item.frames, item.sr, item.channels) < 1:
        raise BadProof("an item is not described as one", reason="malformed")
    return item


def _ground(said: Fields) -> Ground:
    said.only("events", "holder", "kind", "name", "recording", "role", "text", "uses")
    return Ground(
        kind=said.text("kind"),
        recording=said.text("recording"),
        holder=said.maybe_text("holder"),
        name=said.maybe_text("name"),
        role=said.maybe_text("role"),
        text=said.maybe_text("text"),
        events=said.numbers("events"),
        uses=said.texts("uses"),
    )


@dataclass(slots=True)
class _Known:
    """What receipts show of one recording.

    Args:
        registered: What its registration says; None while no receipt of it came.
        opening: The opening of its registration.
        at: When it was registered, as text.
        held: Who holds it where; None where nobody is shown.
        original: What it is a copy of.
        said: What was said of it alone, by holder.
    """

    registered: Fields | None = None
    opening: bytes = b""
    at: str = ""
    held: dict[str, Territories] | None = None
    original: str | None = None
    said: dict[str, list[Statement]] = field(default_factory=dict)


@dataclass(slots=True)
class _Shown:
    """What the receipts of one line show."""

    recordings: dict[str, _Known] = field(default_factory=dict)
    numbers: set[int] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)

    def of(self, recording: str) -> _Known:
        return self.recordings.setdefault(recording, _Known())


class Judged(NamedTuple):
    """What became of one member.

    Args:
        erased: Whether nobody can tell, because something was erased.
        registered: When it was registered, as text; empty where that is not shown.
    """

    erased: bool
    registered: str = ""


class Judge:
    """Judges the members of one set.

    Args:
        book: What they share.
        policy: Whose signatures count.
        checkpoint: The signed checkpoint that the lines are under.
        manifest: SHA-256 of the set's manifest [64 hexadecimal digits].
        recorded: When the set went on record [aware datetime].
        at: Now [aware datetime].
        origin: The name of the log of all events.
    """

    def __init__(  # noqa: PLR0913  # all that one set has in common
        self,
        *,
        book: Book,
        policy: Policy,
        checkpoint: bytes,
        manifest: str,
        recorded: datetime,
        at: datetime | None,
        origin: str,
    ) -> None:
        self._book = book
        self._policy = policy
        self._checkpoint = checkpoint
        self._manifest = manifest
        self._recorded = recorded
        self._at = at
        self._origin = origin
        self._program, _ = book.asked()
        self._voices: dict[tuple[str, datetime], Voice] = {}
        self.unwitnessed = False

    def judge(self, line: Line, receipts: bytes) -> Judged:
        """Judge a member.

        Args:
            line: Its line.
            receipts: Its line of `recordings.jsonl`.

        Raises:
            NotProved: It may not be in the set, or nothing shows that it may.
            BadInput: What is there of it is not written as it should be.
        """
        shown = self._read(receipts)
        item = line.item
        if item is None:
            if shown.numbers or shown.erased:
                raise BadProof("a member that is not named has receipts", reason="malformed")
            return Judged(erased=True)
        if self._is_erased(item, shown):
            return Judged(erased=True)
        self._check_registration(line, item, shown)
        self._check_events(item, shown)
        self._check_decision(item, shown)
        return Judged(erased=False, registered=shown.of(item.recording).at)

    def _read(self, receipts: bytes) -> _Shown:
        shown, last = _Shown(), 0
        for data, extra in parse_line(receipts, self._checkpoint):
            found = checked_receipt(data, self._policy, self._at, self._origin)
            self.unwitnessed |= found.verdict is Verdict.UNWITNESSED
            number = 1 + (found.index or 0)
            if number <= last:
                raise BadProof("receipts do not come by rising number", reason="malformed")
            last = number
            if found.record is None:
                shown.erased.add(number)
                continue
            if number > self._book.head:
                raise NotProved(f"event {number} came after the set was selected")
            shown.numbers.add(number)
            self._note(shown, number, found, extra)
        return shown

    def _note(self, shown: _Shown, number: int, found: Checked, extra: Mapping[str, Any]) -> None:
        """Note what one receipt shows; they come by rising number."""
        record = Fields(found.record, "a record")
        body = record.child("body")
        match record.text("kind"):
            case "recording":
                known = shown.of(body.text("id"))
                known.registered, known.at = body, record.text("at")
                known.opening = parse_base64(extra["opening"])
                known.held = _held(body, found)
            case "holding":
                shown.of(body.text("recording")).held = _held(body, found)
            case "copy":
                shown.of(body.text("recording")).original = body.maybe_text("original")
            case "statement":
                said = statement_of(number, body)
                known = shown.of(body.text("recording"))
                known.said.setdefault(said.holder, []).append(said)
            case kind:
                raise BadProof(f"a line about a recording shows an event of kind {kind}")

    def _is_erased(self, item: Item, shown: _Shown) -> bool:
        """Say whether a receipt that counts for an item shows no more what was said."""
        named = {event for ground in item.grounds for event in ground.events}
        gone = {
            event
            for event in named
            if (found := self._book.happened.get(event)) is not None and not found.shown
        }
        return bool(shown.erased or gone)

    def _check_registration(self, line: Line, item: Item, shown: _Shown) -> None:
        """Check that the item is the recording that was registered, and stands in the tree."""
        known = shown.of(item.recording)
        body = known.registered
        if body is None:
            raise NotProved("nothing shows that it was registered")
        pairs = [(name, body.text(name)) for name in ("title", "licence", "codec")]
        pairs += [(name, body.text(name)) for name in ("digest", "audio_digest")]
        pairs += [("file", file_name(item.recording, body.text("container")))]
        said: list[tuple[str, str | int]] = [*pairs]
        said += [(name, body.number(name)) for name in ("size_bytes", "frames", "sr", "channels")]
        for name, value in said:
            if getattr(item, name) != value:
                raise NotProved(f"its {name} is not the one it was registered with")
        handle = handle_of(known.opening)
        found = set_key(handle, self._manifest), sealed_value(handle, line.said)
        if found != (line.key, line.value):
            raise NotProved("what is said of it is not what went on record", reason="bad-prefix")

    def _check_events(self, item: Item, shown: _Shown) -> None:
        """Check that there is a receipt of every event that a ground names."""
        if unknown := {ground.kind for ground in item.grounds} - _KINDS:
            raise NotProved(f"it stands on a ground of an unknown kind, {min(unknown)!r}")
        for ground in item.grounds:
            for event in ground.events:
                if event > self._book.head:
                    raise NotProved(f"event {event} came after the set was selected")
                if event not in shown.numbers and event not in self._book.happened:
                    raise NotProved(f"there is no receipt of event {event}")

    def _check_decision(self, item: Item, shown: _Shown) -> None:
        """Decide once more, at an instant at which the set may have been selected."""
        wanted = Counter(item.grounds)
        first: Decision | None = None
        for at in islice(self._instants(item, shown), _MOST_INSTANTS):
            decision = decide(self._facts(item, item.recording, shown, at, 0), self._program, at)
            first = decision if first is None else first
            if decision.allowed and Counter(map(ground_of, decision.reasons)) == wanted:
                return
        if first is not None and not first.allowed:
            raise NotProved(f"it may not be in it: {_clause(sentence(first.reasons[0]))}")
        raise NotProved("its grounds are not those that the receipts give")

    def _instants(self, item: Item, shown: _Shown) -> Iterator[datetime]:
        """Yield when the set went on record, and before that whenever something ran out."""
        yield self._recorded
        earliest = self._recorded - _LONGEST_SELECTION
        limits = {earliest, self._program.start, self._program.end}
        for said in self._every_statement(item, shown):
            limits |= {said.since, said.until}
        yield from sorted(
            (at for at in limits if at is not None and earliest <= at < self._recorded),
            reverse=True,
        )

    def _every_statement(self, item: Item, shown: _Shown) -> Iterator[Statement]:
        for known in shown.recordings.values():
            for said in known.said.values():
                yield from said
        for holder in {ground.holder for ground in item.grounds if ground.holder is not None}:
            yield from self._book.statements.get(holder, ())

    def _facts(self, item: Item, recording: str, shown: _Shown, at: datetime, depth: int) -> Facts:
        """Return what the receipts show of a recording and its originals."""
        known = shown.of(recording)
        body = known.registered
        if body is None or known.held is None or depth >= LONGEST_CHAIN:
            raise NotProved(f"the receipts do not show who holds {recording}")
        asked, names = self._program.territories, {g.holder: g.name for g in item.grounds}
        agreement = body.maybe_text("agreement")
        holders = []
        for holder in sorted(held for held, where in known.held.items() if overlap(where, asked)):
            first, second = self._book.accepted(holder), self._book.current()
            if agreement is not None:
                first = second = self._book.agreement(agreement)
            said = self._says(holder, recording, known.said.get(holder, ()), at)
            name = names.get(holder) or holder
            holders.append(Holder(id=holder, name=name, first=first, second=second, said=said))
        original = known.original
        return Facts(
            recording=recording,
            holders=tuple(holders),
            unclaimed=missing(known.held.values(), asked),
            original=None
            if original is None
            else self._facts(item, original, shown, at, depth + 1),
            head=self._book.head,
        )

    def _says(self, holder: str, recording: str, own: Iterable[Statement], at: datetime) -> Said:
        shared = self._book.statements.get(holder, [])
        if own:
            voice = fold([*shared, *own], at)
        else:
            key = (holder, at)
            if key not in self._voices:
                self._voices[key] = fold(shared, at)
            voice = self._voices[key]
        return voice.says(recording, self._program.id)


def _held(body: Fields, found: Checked) -> dict[str, Territories] | None:
    """Return who holds a recording, if all of them are shown."""
    shown = Fields(dict(found.shown or {}), "what a receipt shows")
    held: dict[str, Territories] = {}
    indices = set()
    for one in shown.children("holders"):
        entry = one.child("entry")
        indices.add(one.number("index"))
        held[entry.text("holder")] = parse_territories(entry.text("territories").split())
    return held if len(indices) == body.child("holders").number("n") else None


def _clause(text: str) -> str:
    return text.rstrip(".")
