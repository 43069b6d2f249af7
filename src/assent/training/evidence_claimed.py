"""What the small parts of evidence are held against: the set on record, receipts, members."""

from dataclasses import dataclass
from datetime import datetime

from assent.errors import NotProved
from assent.log.policy import Policy
from assent.training.archive import Archive
from assent.training.evidence_book import Book, Happened
from assent.training.evidence_files import most_bytes
from assent.training.evidence_items import Items
from assent.training.evidence_json import Fields, parse_canonical

__all__ = ["Claimed", "OnRecord"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """A set, as its receipt shows it.

    Args:
        id: Its id.
        program: For which program.
        head: Number of the last event that its selection knows of.
        event: Number of the event that put it on record.
        manifest: SHA-256 of its manifest [64 hexadecimal digits].
        items: How many members it has.
        root: Over them [32 bytes]; None for a set of version 0.1.
        at: When it went on record [aware datetime].
    """

    id: str
    program: str
    head: int
    event: int
    manifest: str
    items: int
    root: bytes | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What the small parts are held against.

    Args:
        archive: Where they are.
        policy: Whom the checker trusts.
        found: The set.
        book: What receipts show.
        items: What the members come to; None if they could not be read.
        published: How many events the log had when the evidence was made.
        version: By which version of Assent it was made.
    """

    archive: Archive
    policy: Policy
    found: OnRecord
    book: Book
    items: Items | None
    published: int
    version: str

    def fields(self, name: str) -> Fields:
        """Return one of the parts.

        Raises:
            BadProof: It is missing, too large, or no JSON.
        """
        return Fields(parse_canonical(self.archive.read(name, most_bytes(name)), name), name)

    def known_items(self) -> Items:
        """Return what the members come to.

        Raises:
            NotProved: They could not be read.
        """
        if self.items is None:
            raise NotProved("the members could not be read, so nothing can be held against them")
        return self.items

    def happened(self, number: int, *kinds: str) -> Happened:
        """Return an event that came after the set, and of which a receipt is here.

        Raises:
            NotProved: It is not so.
        """
        found = self.book.happened.get(number)
        if found is None:
            raise NotProved(f"there is no receipt of event {number}")
        if number <= self.found.head or (kinds and found.kind not in kinds):
            raise NotProved(f"event {number} is not what it is said to be", reason="bad-record")
        return found
