"""All members of a set in one pass: counted, rooted, judged, compared with the manifest.

Memory stays flat: the lines of both files are read side by side, and whether the manifest names
the very same items is told by a sum of keyed hashes, whose key hangs on both files, so nobody can
choose items to fit it.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from hashlib import sha256
from itertools import zip_longest
from operator import attrgetter
from pathlib import Path

from pyroaring import BitMap

from assent.clock import parse_instant
from assent.errors import BadInput, BadProof, NotProved
from assent.log.prefix import root_of
from assent.training.archive import Archive
from assent.training.evidence_files import ITEMS, MOST_LINE_BYTES, RECORDINGS
from assent.training.evidence_item import Judge, Judged, Line, parse_item_line
from assent.training.evidence_json import dump_simple
from assent.training.evidence_words import Tally
from assent.training.item import Ground, Item
from assent.training.manifest import Heading, opened

__all__ = ["Heading", "Items", "Sum", "read_items", "read_manifest"]

_MOST_NAMED = 5
_MOD = 1 << 256
_of_item = attrgetter(*(one.name for one in fields(Item) if one.name != "grounds"))
_of_ground = attrgetter(*(one.name for one in fields(Ground)))


class Sum:
    """A sum over items that does not depend on their order.

    Args:
        key: What it hangs on [32 bytes].
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._sum = 0
        self.count = 0

    @classmethod
    def over(cls, *files: bytes) -> "Sum":
        """Return an empty sum that hangs on the digests of some files."""
        return cls(sha256(b"assent items 1\n" + b"".join(files)).digest())

    def add(self, item: Item) -> None:
        """Add an item."""
        said = [*_of_item(item), [_of_ground(ground) for ground in item.grounds]]
        self._sum += int.from_bytes(hmac.digest(self._key, dump_simple(said), "sha256"))
        self._sum %= _MOD
        self.count += 1

    @property
    def value(self) -> tuple[int, int]:
        """What it comes to: how many, and the sum."""
        return self.count, self._sum


@dataclass(slots=True)
class Items:
    """What the lines of both files come to.

    Args:
        sum: Over the items that are named.
        count: How many members there are.
        erased: How many are not named any more.
        unclear: How many are named, and stand on something that was erased.
        wrong: How many may not be in the set.
        named: What is wrong with the first of them.
        numbers: Numbers of those that are named.
        tally: What the named ones come to.
        root: Over keys and values [32 bytes].
    """

    sum: Sum
    count: int = 0
    erased: int = 0
    unclear: int = 0
    wrong: int = 0
    named: list[str] = field(default_factory=list)
    numbers: BitMap = field(default_factory=BitMap)
    tally: Tally = field(default_factory=Tally)
    root: bytes = b""

    @property
    def gone(self) -> int:
        """Of how many nobody can tell any more whether they may be in the set."""
        return self.erased + self.unclear

    def accuse(self, who: str, why: str) -> None:
        """Note that a member may not be in the set."""
        self.wrong += 1
        if len(self.named) < _MOST_NAMED:
            self.named.append(f"{who}: {why}")


def read_items(archive: Archive, judge: Judge | None, total: Sum) -> Items:
    """Read all members.

    Args:
        archive: Where the lines are.
        judge: Who judges them; nobody if None.
        total: An empty sum.

    Raises:
        BadProof: The lines of members are not written as they should be, or not in order.
    """
    found = Items(sum=total)
    try:
        found.root = root_of(_pairs(archive, judge, found))
    except BadProof:
        raise
    except BadInput as error:
        raise BadProof("the members do not come by rising key", reason="bad-prefix") from error
    return found


def _pairs(archive: Archive, judge: Judge | None, found: Items) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values, and note all else."""
    lines = archive.lines(ITEMS, MOST_LINE_BYTES)
    beside = archive.lines(RECORDINGS, MOST_LINE_BYTES)
    for data, receipts in zip_longest(lines, beside):
        if data is None or receipts is None:
            raise BadProof("the members and their receipts are not as many", reason="malformed")
        line = parse_item_line(data)
        found.count += 1
        if line.item is not None:
            found.sum.add(line.item)
            found.tally.add(line.item)
            if line.item.number < 1 << 32:
                found.numbers.add(line.item.number)
        _judge(judge, line, receipts, found)
        yield line.key, line.value


def _judge(judge: Judge | None, line: Line, receipts: bytes, found: Items) -> None:
    who = "a member that is not named" if line.item is None else line.item.recording
    judged = Judged(erased=True)
    if judge is not None:
        try:
            judged = judge.judge(line, receipts)
        except (BadInput, NotProved) as error:
            found.accuse(who, error.text)
            return
    if judged.registered:
        found.tally.registered(parse_instant(judged.registered))
    if line.item is None:
        found.erased += 1
    elif judged.erased:
        found.unclear += 1


def read_manifest(path: Path, total: Sum) -> Heading:
    """Add all items of a manifest to a sum; return what it says of the whole set.

    Raises:
        BadInput: It is no manifest.
    """
    with opened(path) as manifest:
        for item in manifest.items():
            total.add(item)
        return manifest.heading
