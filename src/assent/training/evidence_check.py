"""The verdict on an evidence archive: what can be recomputed is, and what fails is named.

Needs no database, no network and no trust in whoever made it; only a policy that says whose
signatures count. Whatever the bytes are, the answer is a verdict with a reason, never another
exception. Memory does not grow with the number of members, only with the receipts that they share.

    the archive is one, its list is signed, and the files are those of the list
    the set's receipt holds: id, program, head, root, manifest, number of members
    the shared receipts hold; what they say is read from them
    each member: its receipts, the decision once more, its place under the root
    the small parts

Source: docs/log.md, "Evidence".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from assent.clock import parse_instant
from assent.disk import storage
from assent.errors import BadInput, BadProof, NotProved
from assent.log.note import ED25519
from assent.log.policy import Policy
from assent.log.receipt import SENTENCES, Verdict, check_receipt
from assent.training.archive import Archive
from assent.training.evidence_book import Book, checked_receipt
from assent.training.evidence_claimed import Claimed, OnRecord
from assent.training.evidence_claims import CLAIMS
from assent.training.evidence_files import (
    CHECKPOINT,
    FORMAT,
    ITEMS,
    MANIFEST,
    NOTE,
    OVERVIEW,
    RECEIPTS,
    SET,
    TITLES,
    digest_of_parts,
    most_bytes,
    parse_listing,
    receipt_number,
)
from assent.training.evidence_item import Judge
from assent.training.evidence_items import Heading, Items, Sum, read_items, read_manifest
from assent.training.evidence_json import Fields, parse_canonical
from assent.training.evidence_proofs import RememberingPolicy
from assent.training.evidence_verdict import EvidenceVerdict, PartVerdict, State
from assent.training.evidence_words import many

__all__ = ["check_evidence"]

_MOST_NAMED = 5
_CONSENT, _INDEX = "/consent", "/index"


def check_evidence(
    data: BinaryIO | Path,
    policy: Policy,
    *,
    at: datetime | None = None,
    max_age: timedelta | None = None,
) -> EvidenceVerdict:
    """Check evidence.

    Args:
        data: The archive, or where it is.
        policy: Whose signatures count.
        at: Now, to refuse what comes from the future, and for `max_age` [aware datetime].
        max_age: How old the newest trusted time under the set may be; any age if None.

    Raises:
        StorageFailed: The disk does not give it, or has no room to look into it.
    """
    with storage("look into the evidence", data if isinstance(data, Path) else Path()):
        if isinstance(data, Path):
            with data.open("rb") as file:
                return _checked(file, policy, at, max_age)
        return _checked(data, policy, at, max_age)


def _checked(
    file: BinaryIO, policy: Policy, at: datetime | None, max_age: timedelta | None
) -> EvidenceVerdict:
    run = _Run(RememberingPolicy.of(policy), at, max_age)
    try:
        run.open(file)
    except (BadInput, NotProved) as error:
        run.parts.append(_false(0, error))
        run.parts += [_unlooked(number) for number in TITLES if number]
        return run.verdict()
    run.read_receipts()
    run.read_members()
    run.check_claims()
    return run.verdict()


def _part(number: int, state: State, text: str, reason: str = "") -> PartVerdict:
    title = TITLES[number]
    return PartVerdict(number=number, title=title, state=state, text=text, reason=reason)


def _false(number: int, error: BadInput | NotProved) -> PartVerdict:
    reason = str(error.facts.get("reason", "bad-record"))
    return _part(number, State.FALSE, error.text, reason)


def _unlooked(number: int) -> PartVerdict:
    return _part(number, State.UNKNOWN, "not looked at, because the file itself does not hold")


@dataclass(slots=True)
class _Opened:
    """An archive whose files are those that were signed."""

    archive: Archive
    listed: dict[str, bytes]
    origin: str
    found: OnRecord
    version: str
    checkpoint: bytes
    published: int


class _Run:
    """One check."""

    def __init__(
        self, policy: RememberingPolicy, at: datetime | None, max_age: timedelta | None
    ) -> None:
        self._policy = policy
        self._at = at
        self._max_age = max_age
        self.parts: list[PartVerdict] = []
        self._opened: _Opened | None = None
        self._book: Book | None = None
        self._items: Items | None = None
        self._unwitnessed = False
        self._stale = ""
        self._wrong: list[str] = []

    def open(self, file: BinaryIO) -> None:
        """Find that the file is whole and signed, and which set it is about.

        Raises:
            BadInput: It is no evidence.
            NotProved: It is not what was signed, or its set is not on record.
        """
        archive = Archive(file)
        for name, member in archive.members.items():
            if member.size > most_bytes(name):
                raise BadProof(f"{name} is larger than any file of its kind", reason="too-large")
        keys = [log.key for log in self._policy.logs if log.key.name.endswith(_CONSENT)]
        listed, key = parse_listing(
            archive.read(NOTE, most_bytes(NOTE)), (key for key in keys if key.kind == ED25519)
        )
        _check_listed(archive, listed)
        overview = Fields(
            parse_canonical(archive.read(OVERVIEW, most_bytes(OVERVIEW)), OVERVIEW), OVERVIEW
        )
        if overview.text("format") != FORMAT:
            raise BadProof("it is evidence of another format", reason="wrong-format")
        found = self._on_record(archive, key.name)
        about = (overview.text("set"), overview.text("program"), overview.number("head"))
        if (*about, overview.number("event")) != (found.id, found.program, found.head, found.event):
            raise NotProved("it says that it is about another set", reason="bad-record")
        checkpoint = archive.read(CHECKPOINT, most_bytes(CHECKPOINT))
        trusted = self._policy.check(checkpoint, self._at)
        if trusted.checkpoint.origin != key.name:
            raise NotProved("its checkpoint is of another log", reason="unknown-log")
        if overview.number("published") != trusted.checkpoint.size:
            raise NotProved("its checkpoint is of another time", reason="bad-record")
        self._unwitnessed |= not trusted.witnessed
        self._opened = _Opened(
            archive=archive,
            listed=listed,
            origin=key.name,
            found=found,
            version=overview.text("version"),
            checkpoint=checkpoint,
            published=trusted.checkpoint.size,
        )
        text = f"{many(len(listed), 'file')}, as {key.name} signed them; {found.id} is on record"
        self.parts.append(_part(0, State.TRUE, text))

    def _on_record(self, archive: Archive, consent: str) -> OnRecord:
        """Return the set, from its receipt."""
        data = archive.read(SET, most_bytes(SET))
        found = check_receipt(data, self._policy, at=self._at, max_age=self._max_age)
        if found.verdict is Verdict.INVALID or found.trusted is None:
            why = SENTENCES[found.reason]
            raise NotProved(f"the set's receipt does not hold: {why}", reason=found.reason)
        base = consent.removesuffix(_CONSENT)
        if found.trusted.checkpoint.origin != base + _INDEX:
            raise NotProved("the set's receipt is of another platform", reason="unknown-log")
        self._unwitnessed |= found.verdict is Verdict.UNWITNESSED
        self._stale = found.reason if found.verdict is Verdict.STALE else ""
        entry, record = Fields(found.entry, "the set"), Fields(found.record, "the set's record")
        public = entry.child("b")
        if entry.text("k") != "training-set":
            raise NotProved("it is not the receipt of a training set", reason="bad-record")
        on_record = OnRecord(
            id=public.text("id"),
            program=public.text("program"),
            head=public.number("head"),
            event=record.number("number"),
            manifest=public.digest("manifest").hex(),
            items=public.number("items"),
            root=public.digest("root") if "root" in public.said else None,
            at=parse_instant(record.text("at")),
        )
        if on_record.head >= on_record.event:
            raise NotProved("the set went on record before it was selected", reason="bad-record")
        return on_record

    def read_receipts(self) -> None:
        """Read what members share; what does not hold is as if it were not there."""
        opened = self._known()
        self._book = Book(opened.found.program, opened.found.head)
        names = (name for name in opened.archive.members if name.startswith(RECEIPTS))
        numbered = ((receipt_number(name) or 0, name) for name in names)
        for number, name in sorted(numbered):
            try:
                data = opened.archive.read(name, most_bytes(name))
                found = checked_receipt(data, self._policy, self._at, opened.origin)
                self._book.take(number, found)
            except (BadInput, NotProved) as error:
                self._wrong.append(f"{name}: {error.text}")
        self._unwitnessed |= self._book.unwitnessed

    def _known(self) -> _Opened:
        assert self._opened is not None  # noqa: S101  # nothing else is done before it is open
        return self._opened

    def read_members(self) -> None:
        """Parts 1 and 3, in one pass."""
        opened, found = self._known(), self._known().found
        manifest = opened.listed.get(MANIFEST, b"")
        judge, why = self._judge()
        try:
            ours = Sum.over(opened.listed.get(ITEMS, b""), manifest)
            self._items = items = read_items(opened.archive, judge, ours)
        except (BadInput, NotProved) as error:
            self.parts += [_false(1, error), _false(3, error)]
            return
        self._unwitnessed |= judge is not None and judge.unwitnessed
        try:
            self.parts.append(_part(1, *self._members(found, items, manifest)))
        except (BadInput, NotProved) as error:
            self.parts.append(_false(1, error))
        self.parts.append(_false(3, why) if why else self._grounds(items))

    def _judge(self) -> tuple[Judge | None, NotProved | None]:
        opened, book = self._known(), self._book
        assert book is not None  # noqa: S101  # receipts are read before
        try:
            return Judge(
                book=book,
                policy=self._policy,
                checkpoint=opened.checkpoint,
                manifest=opened.found.manifest,
                recorded=opened.found.at,
                at=self._at,
                origin=opened.origin,
            ), None
        except NotProved as error:
            return None, error

    def _members(self, found: OnRecord, items: Items, manifest: bytes) -> tuple[State, str]:
        """Check that the members are those on record, and the manifest names the same."""
        if found.root is None:
            raise NotProved(
                "the set went on record without a root over its members, as version 0.1 did, so"
                " nothing can be proved of them",
                reason="bad-prefix",
            )
        if items.count != found.items:
            text = f"listed: {many(items.count, 'member')}; on record: {found.items}"
            raise NotProved(text, reason="bad-prefix")
        if items.root != found.root:
            raise NotProved("the members listed are not those on record", reason="bad-prefix")
        if not manifest:
            if not items.erased:
                raise NotProved("the manifest is missing, though nobody was erased from it")
            return State.UNKNOWN, (
                f"{many(items.count, 'member')}, those on record; of {items.erased} somebody was"
                " erased since, and the manifest is left out with them"
            )
        if manifest.hex() != found.manifest:
            raise NotProved("the manifest is not the one on record", reason="bad-record")
        theirs = Sum.over(self._known().listed.get(ITEMS, b""), manifest)
        self._check_heading(self._read_manifest(theirs))
        if theirs.value != items.sum.value:
            raise NotProved("the manifest names other items than are listed", reason="bad-record")
        return State.TRUE, f"{many(items.count, 'member')}, those on record and in the manifest"

    def _read_manifest(self, theirs: Sum) -> Heading:
        with TemporaryDirectory() as folder:
            path = Path(folder) / MANIFEST
            with path.open("xb") as file:
                for chunk in self._known().archive.chunks(MANIFEST):
                    file.write(chunk)
            return read_manifest(path, theirs)

    def _check_heading(self, heading: Heading) -> None:
        found, book = self._known().found, self._book
        assert book is not None  # noqa: S101  # receipts are read before
        _, proposed = book.asked()
        said = (heading.program, heading.head, heading.uses, heading.territories)
        if said != (found.program, found.head, proposed.uses, proposed.territories):
            raise NotProved("the manifest is of another program or head", reason="bad-record")

    def _grounds(self, items: Items) -> PartVerdict:
        """Part 3."""
        if self._wrong or items.wrong:
            named = [*items.named, *self._wrong][:_MOST_NAMED]
            left = items.wrong + len(self._wrong) - len(named)
            more = f", and {left} more" if left > 0 else ""
            return _part(3, State.FALSE, "; ".join(named) + more, "bad-record")
        good = items.count - items.gone
        if good == items.count:
            text = f"{many(good, 'member')}, each with the grounds it needs, of every holder"
            return _part(3, State.TRUE, text)
        book, found = self._book, self._known().found
        erased = book.erased_after(found.event) if book else 0
        if not erased:
            text = "members are said to be erased, and no erasure came after the set"
            return _part(3, State.FALSE, text, "bad-record")
        if items.erased > erased:  # of each its registration went, if of nothing else
            text = f"{items.erased} members are said to be erased, and {many(erased, 'event')} were"
            return _part(3, State.FALSE, text, "bad-record")
        gone = items.count - good
        text = (
            f"{many(good, 'member')} with the grounds needed; of {gone} nobody can tell any more,"
            " because somebody was erased since"
        )
        return _part(3, State.UNKNOWN, text)

    def check_claims(self) -> None:
        """All other parts."""
        opened, book = self._known(), self._book
        assert book is not None  # noqa: S101  # receipts are read before
        claimed = Claimed(
            archive=opened.archive,
            policy=self._policy,
            found=opened.found,
            book=book,
            items=self._items,
            published=opened.published,
            version=opened.version,
        )
        for number, check in CLAIMS.items():
            try:
                self.parts.append(_part(number, *check(claimed)))
            except (BadInput, NotProved) as error:
                self.parts.append(_false(number, error))
        self.parts.sort(key=lambda part: part.number)

    def verdict(self) -> EvidenceVerdict:
        """Return what it all comes to."""
        wrong = next((part for part in self.parts if part.state is State.FALSE), None)
        worth = (Verdict.VALID, "ok")
        if wrong is not None:
            worth = (Verdict.INVALID, wrong.reason)
        elif self._unwitnessed:
            worth = (Verdict.UNWITNESSED, "quorum")
        elif self._stale:
            worth = (Verdict.STALE, self._stale)
        elif self._items is not None and self._items.gone:
            worth = (Verdict.ERASED, "erased")
        found = self._opened.found if self._opened else None
        return EvidenceVerdict(
            verdict=worth[0],
            reason=worth[1],
            parts=tuple(self.parts),
            training_set=found.id if found else None,
            program=found.program if found else None,
            members=self._items.count if self._items else 0,
            checked=self._items.count - self._items.gone if self._items else 0,
        )


def _check_listed(archive: Archive, listed: dict[str, bytes]) -> None:
    """Check that the files are those of the list, every one and no other."""
    there = set(archive.members) - {NOTE}
    odd = sorted(there ^ set(listed))
    if odd:
        raise NotProved(f"these are not as listed: {_some(odd)}", reason="bad-record")
    wrong = [
        name for name in sorted(there) if digest_of_parts(archive.chunks(name)) != listed[name]
    ]
    if wrong:
        raise NotProved(f"these were changed: {_some(wrong)}", reason="bad-record")


def _some(names: list[str]) -> str:
    left = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {left} more" if left > 0 else "")
