"""Whether a log holds together: every public file read, every entry hashed anew.

    checkpoint   is signed by whom one trusts
    entries      hash to the tiles of level 0
    tiles        hash to the tiles above them
    level 0      has the root that was signed
    the ledger   promised just these entries, and its events still give them

A stranger can ask all but the last, which takes the catalogue as well. Damage of any kind is a
finding and never an error. One pass; what it holds at a time is a few tiles.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from assent.errors import BadProof, CouldNot, NotProved
from assent.log.checkpoint import Checkpoint, parse_signed
from assent.log.policy import Policy
from assent.log.tile import (
    TILE_WIDTH,
    TilePath,
    parse_bundle,
    parse_tile_path,
    split_hashes,
    tile_path,
    tile_root,
)
from assent.log.tree import Frontier, hash_leaf
from assent.log.writer import CHECKPOINT

__all__ = ["MOST_FINDINGS", "Finding", "Promised", "fsck"]

MOST_FINDINGS: Final = 1_000
"""So many are told; a log with more damage needs no longer list."""

_TILES = "tile/"
_TILE_LEVELS = 8

_Get = Callable[[str], bytes | None]
_Names = Callable[[], Iterable[str]]
_Parts = tuple[bytes, ...]
"""The hashes of a tile, or the entries of a bundle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong with a log.

    Args:
        text: What, as one clause.
        reason: `missing`, `unreadable`, `malformed`, `signature`, `quorum`, `hash`, `root`,
            `stray`, `promise` (not what the ledger has), `event` (not what its event gives), or
            `more` where the list ends and the damage may not.
        path: The file that it is about, if it is about one.
        index: The entry that it is about, from 0, if it is about one.
    """

    text: str
    reason: str
    path: str | None = None
    index: int | None = None


class Promised(NamedTuple):
    """An entry as a ledger has it.

    Args:
        entry: Its bytes.
        made: The entry that its event gives now; None if that was erased.
    """

    entry: bytes
    made: bytes | None


def fsck(
    get: _Get,
    policy: Policy,
    *,
    names: _Names | None = None,
    promised: Iterable[Promised] | None = None,
) -> Iterator[Finding]:
    """Yield what is wrong with a log, while nobody publishes it; nothing if all is well.

    Args:
        get: Gives a file of the log by its path, or None if there is none.
        policy: By which keys and witnesses the log is to be trusted.
        names: Gives the paths of all files, to tell also which of them belong to no tree of this
            size; None: that is not asked.
        promised: What the ledger has, from its first entry on; None: that is not asked.
    """
    found = _all(_Files(get), policy, names, promised)
    yield from islice(found, MOST_FINDINGS)
    if next(found, None) is not None:
        yield Finding(text="there is more damage than is told here", reason="more")


def _all(
    files: "_Files", policy: Policy, names: _Names | None, promised: Iterable[Promised] | None
) -> Iterator[Finding]:
    checkpoint = yield from _checkpoint(files, policy)
    if checkpoint is None:
        return
    yield from _tree(files, checkpoint, None if promised is None else _Ledger(promised))
    if names is not None:
        yield from _strays(files, checkpoint.size, names)


def _checkpoint(files: "_Files", policy: Policy) -> Generator[Finding, None, Checkpoint | None]:
    """Return the checkpoint, if there is one to go by."""
    data = files.read(CHECKPOINT)
    if isinstance(data, Finding):
        yield data
        return None
    try:
        checkpoint, _ = parse_signed(data)
    except BadProof as error:
        text = f"the checkpoint cannot be read: {error.text}"
        yield Finding(text=text, reason="malformed", path=CHECKPOINT)
        return None
    try:
        if not policy.check(data).witnessed:
            text = "too few of the policy's witnesses have cosigned the checkpoint"
            yield Finding(text=text, reason="quorum", path=CHECKPOINT)
    except NotProved as error:
        text = f"the checkpoint is not to be trusted: {error.text}"
        yield Finding(text=text, reason="signature", path=CHECKPOINT)
    return checkpoint


class _Files:
    """The files of a log; why one cannot be had is a finding."""

    def __init__(self, get: _Get) -> None:
        self._get = get

    def read(self, path: str) -> bytes | Finding:
        """Return a file."""
        try:
            data = self._get(path)
        except CouldNot as error:
            text = f"{path} cannot be read: {error.text}"
            return Finding(text=text, reason="unreadable", path=path)
        if data is None:
            return Finding(text=f"{path} is missing", reason="missing", path=path)
        return data

    def parts(self, place: TilePath) -> _Parts | Finding:
        """Return the hashes of a tile, or the entries of a bundle.

        Of a partial one that is gone, as logs may remove it once there is more, the full one is
        read instead, which begins with it.
        """
        found = self._parts(place)
        if isinstance(found, Finding) and found.reason == "missing" and place.width < TILE_WIDTH:
            full = self._parts(TilePath(level=place.level, index=place.index, width=TILE_WIDTH))
            if not isinstance(full, Finding):
                return full[: place.width]
        return found

    def _parts(self, place: TilePath) -> _Parts | Finding:
        data = self.read(str(place))
        if isinstance(data, Finding):
            return data
        try:
            return (parse_bundle if place.level is None else split_hashes)(data, place.width)
        except BadProof:
            text = f"{place} is not {place.width} {'entries' if place.level is None else 'hashes'}"
            return Finding(text=text, reason="malformed", path=str(place))


def _tree(
    files: _Files, checkpoint: Checkpoint, ledger: "_Ledger | None"
) -> Generator[Finding, None, None]:
    """Go through the log from its first entry to its last, and up to the root."""
    above, rest, whole = _Above(files), Frontier(), True
    for index in range(-(-checkpoint.size // TILE_WIDTH)):
        width = min(TILE_WIDTH, checkpoint.size - index * TILE_WIDTH)
        entries, hashes = yield from _pair(files, index, width)
        if ledger is not None:
            yield from ledger.compared(index * TILE_WIDTH, width, entries)
        whole = whole and hashes is not None
        if width == TILE_WIDTH:
            yield from above.take(_root_of(hashes))
        elif hashes is not None:
            rest = rest.extended(hashes)
    yield from above.finish()
    # where hashes are missing, which was told, a root over the rest would say nothing
    if whole and _joined(above.edge, rest).root() != checkpoint.root:
        text = "the entries are not those whose root the checkpoint gives"
        yield Finding(text=text, reason="root", path=CHECKPOINT)


def _pair(
    files: _Files, index: int, width: int
) -> Generator[Finding, None, tuple[_Parts | None, _Parts | None]]:
    """Return a bundle's entries and the hashes beside it, those that can be had."""
    bundle = TilePath(level=None, index=index, width=width)
    tile = TilePath(level=0, index=index, width=width)
    entries, hashes = files.parts(bundle), files.parts(tile)
    if isinstance(entries, Finding):
        yield entries
    if isinstance(hashes, Finding):
        yield hashes
    if isinstance(entries, Finding):
        return None, None if isinstance(hashes, Finding) else hashes
    made = tuple(map(hash_leaf, entries))
    if isinstance(hashes, Finding):
        return entries, made
    if made != hashes:
        first = next(at for at in range(width) if made[at] != hashes[at])
        number = index * TILE_WIDTH + first
        text = f"entry {number} does not hash to what {tile} says of it"
        yield Finding(text=text, reason="hash", path=str(tile), index=number)
    return entries, hashes


def _root_of(hashes: Iterable[bytes] | None) -> bytes | None:
    return None if hashes is None else tile_root(b"".join(hashes))


def _joined(full: Frontier, rest: Frontier) -> Frontier:
    """Return the edge of a tree from that over its full tiles' roots and that of its last tile."""
    return Frontier(size=full.size * TILE_WIDTH + rest.size, peaks=full.peaks + rest.peaks)


class _Above:
    """The tiles above level 0, each compared with what the full tiles below it come to."""

    def __init__(self, files: _Files) -> None:
        self._files = files
        self._roots: list[list[bytes | None]] = []  # by level from 1: those not compared yet
        self._done: list[int] = []  # by level from 1: how many tiles were
        self.edge = Frontier()
        """The edge over the roots that are known."""

    def take(self, root: bytes | None, level: int = 1) -> Generator[Finding, None, None]:
        """Take the root of the next full tile below a level; None if it cannot be told."""
        if level > len(self._roots):
            self._roots.append([])
            self._done.append(0)
        self._roots[level - 1].append(root)
        if level == 1 and root is not None:
            self.edge = self.edge.extended([root])
        if len(self._roots[level - 1]) == TILE_WIDTH:
            yield from self._compare(level)

    def finish(self) -> Generator[Finding, None, None]:
        """Compare the partial tiles at the right edge."""
        for level, roots in enumerate(self._roots, 1):
            if roots:
                yield from self._compare(level)

    def _compare(self, level: int) -> Generator[Finding, None, None]:
        roots, index = self._roots[level - 1], self._done[level - 1]
        self._roots[level - 1], self._done[level - 1] = [], index + 1
        place = TilePath(level=level, index=index, width=len(roots))
        found = self._files.parts(place)
        if isinstance(found, Finding):
            yield found
            said = None if None in roots else list(filter(None, roots))
        else:
            yield from _differing(place, found, roots)
            said = list(found)
        if len(roots) == TILE_WIDTH:
            yield from self.take(_root_of(said), level + 1)


def _differing(
    place: TilePath, said: Iterable[bytes], roots: Iterable[bytes | None]
) -> Iterator[Finding]:
    """Yield the tiles of which the tile above says something else than they come to."""
    for at, (node, root) in enumerate(zip(said, roots, strict=True)):
        if root not in {None, node}:
            below = tile_path((place.level or 0) - 1, place.index * TILE_WIDTH + at)
            text = f"{below} does not hash to what {place} says of it"
            yield Finding(text=text, reason="hash", path=str(place))


class _Ledger:
    """What was promised, taken entry by entry beside what is public."""

    def __init__(self, promised: Iterable[Promised]) -> None:
        self._promised = iter(promised)
        self._ended = False

    def compared(self, start: int, width: int, entries: _Parts | None) -> Iterator[Finding]:
        """Compare the next entries, `start` and so on, with what a bundle holds, if it is there."""
        try:
            some = [] if self._ended else list(islice(self._promised, width))
        except CouldNot as error:
            self._ended = True
            text = f"what the catalogue promised cannot be read: {error.text}"
            yield Finding(text=text, reason="unreadable", index=start)
            return
        for index, one in enumerate(some, start):
            if entries is not None and one.entry != entries[index - start]:
                text = f"entry {index} is not what the catalogue promised"
                yield Finding(text=text, reason="promise", index=index)
            if one.made is not None and one.made != one.entry:
                text = f"the event of entry {index} is not what was promised of it"
                yield Finding(text=text, reason="event", index=index)
        if len(some) < width and not self._ended:
            self._ended = True
            text = f"the catalogue has {start + len(some)} of the log's entries, and no more"
            yield Finding(text=text, reason="promise", index=start + len(some))


def _strays(files: _Files, size: int, names: _Names) -> Iterator[Finding]:
    """Yield the files that belong to no tree of this size, or are not the beginning of one."""
    try:
        for name in names():
            if name.startswith(_TILES):
                yield from _stray(files, size, name)
    except CouldNot as error:
        text = f"the files of the log cannot be listed: {error.text}"
        yield Finding(text=text, reason="unreadable")


def _stray(files: _Files, size: int, name: str) -> Iterator[Finding]:
    try:
        place = parse_tile_path(name)
    except BadProof:
        yield Finding(text=f"{name} is no file of a log", reason="stray", path=name)
        return
    there = (size >> _TILE_LEVELS * (place.level or 0)) - place.index * TILE_WIDTH
    if place.width > there:
        text = f"{name} is in no log of {size} entries"
        yield Finding(text=text, reason="stray", path=name)
    elif place.width < min(there, TILE_WIDTH):  # left from when the log was smaller
        yield from _left(files, place, min(there, TILE_WIDTH))


def _left(files: _Files, place: TilePath, width: int) -> Iterator[Finding]:
    now = TilePath(level=place.level, index=place.index, width=width)
    old, new = files.parts(place), files.parts(now)
    if isinstance(old, Finding):
        yield old
    elif not isinstance(new, Finding) and new[: place.width] != old:
        text = f"{place} is not the beginning of {now}"
        yield Finding(text=text, reason="hash", path=str(place))
