"""Tiles: the tree of a log as files that never change, of 256 hashes each, and its entries.

Level 0 holds the hashes of the leaves; a hash of level `l + 1` is the root of a full tile of
level `l`. The last tile of a level may be partial and then bears its width in its name, so a
wider one is another file. Entries lie in bundles of 256, one beside each tile of level 0.

This says what is where and reads it; it touches no disk and no network. Nothing that a tile says
is proved by being there: only a proof that holds under a signed root is.

Source: C2SP tlog-tiles, v0.1.0.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assent.errors import BadInput, BadProof, Unknown
from assent.log.tree import HASH_BYTES, hash_children

__all__ = [
    "MOST_ENTRY_BYTES",
    "TILE_WIDTH",
    "TilePath",
    "TileReader",
    "bundle_path",
    "format_bundle",
    "parse_bundle",
    "parse_tile_path",
    "split_hashes",
    "tile_path",
    "tile_root",
    "tiles_of",
    "tiles_of_size",
]

TILE_WIDTH = 256
MOST_ENTRY_BYTES = 0xFFFF  # its length stands before it in 16 bits

_TILE_LEVELS = 8  # levels of the tree from one level of tiles to the next: 2**8 = 256
_MOST_LEVEL = 63
_MOST_INDEX = (1 << 56) - 1  # 2**64 leaves have no more tiles
_MOST_CHARS = 64
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([0-9]{1,3}))?")
_CACHED = 64  # parsed tiles that a reader keeps: 3 MB, and room for 4,096 proofs in a row


@dataclass(frozen=True, slots=True, kw_only=True)
class TilePath:
    """What the path of a tile or bundle says; `str` writes it as a path again.

    Args:
        level: Of the tile; None for a bundle of entries.
        index: Which one of its level, from 0.
        width: How many hashes or entries it holds: 256, or fewer if it is partial.
    """

    level: int | None
    index: int
    width: int

    def __str__(self) -> str:
        if self.level is None:
            return bundle_path(self.index, self.width)
        return tile_path(self.level, self.index, self.width)


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a tile below the log's prefix, as in "tile/0/x001/x234/067.p/12".

    Args:
        level: From 0 to 63.
        index: Which tile of the level, from 0.
        width: How many hashes it holds, from 1 to 256.

    Raises:
        BadProof: No tree has such a tile.
    """
    if not 0 <= level <= _MOST_LEVEL:
        raise _no_such_tile()
    return f"tile/{level}/{_numbered(index, width)}"


def bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a bundle below the log's prefix, as in "tile/entries/x001/067.p/12".

    Args:
        index: Which bundle, from 0.
        width: How many entries it holds, from 1 to 256.

    Raises:
        BadProof: No tree has such a bundle.
    """
    return f"tile/entries/{_numbered(index, width)}"


def _numbered(index: int, width: int) -> str:
    if not (0 <= index <= _MOST_INDEX and 1 <= width <= TILE_WIDTH):
        raise _no_such_tile()
    number = f"{index % 1000:03}"
    while index := index // 1000:
        number = f"x{index % 1000:03}/{number}"
    return number if width == TILE_WIDTH else f"{number}.p/{width}"


def _no_such_tile() -> BadProof:
    return BadProof("this is no path of a tile or of a bundle of entries", reason="malformed")


def parse_tile_path(path: str) -> TilePath:
    """Return what a path below the log's prefix says, if it is written as we write it.

    There is exactly one way to write each, so what passes can be looked up on a disk as it is.

    Raises:
        BadProof: It is no path of a tile or of a bundle, or not the one way to write it.
    """
    found = _PATH.fullmatch(path) if len(path) <= _MOST_CHARS else None
    if found is None:
        raise _no_such_tile()
    level, index, width = found.groups()
    parsed = TilePath(
        level=None if level == "entries" else int(level),
        index=int(index.replace("/", "").replace("x", "")),
        width=TILE_WIDTH if width is None else int(width),
    )
    if str(parsed) != path:
        raise _no_such_tile()
    return parsed


def tiles_of(old_size: int, new_size: int) -> Iterator[tuple[int, int, int]]:
    """Return the tiles to write when a tree grows: those that come to be, and those that widen.

    The ones of level 0 are also the bundles of entries to write. What was a partial tile before
    is there as a wider one, never as it was.

    Args:
        old_size: How many leaves the tree had, from 0.
        new_size: How many it has now.

    Returns:
        (level, index, width) of each, level 0 first, then upward, the indices in order.

    Raises:
        BadInput: The new size is the smaller one, or a size is negative.
    """
    if not 0 <= old_size <= new_size:
        raise BadInput("a log only grows", old=old_size, new=new_size)
    return _grown(old_size, new_size)


def _grown(old_size: int, new_size: int) -> Iterator[tuple[int, int, int]]:
    level, old, new = 0, old_size, new_size  # hashes of the level, then and now
    while old < new:  # a level without a new hash has none above it either
        for index in range(old // TILE_WIDTH, -(-new // TILE_WIDTH)):
            yield level, index, min(TILE_WIDTH, new - index * TILE_WIDTH)
        level, old, new = level + 1, old // TILE_WIDTH, new // TILE_WIDTH


def tiles_of_size(size: int) -> Iterator[tuple[int, int, int]]:
    """Return all tiles of a tree of `size` leaves, as `tiles_of` does."""
    return tiles_of(0, size)


def format_bundle(entries: Sequence[bytes]) -> bytes:
    """Return a bundle: the entries, each after its length [2 bytes, big-endian].

    Raises:
        BadProof: There are none or more than 256, or one is longer than 65,535 bytes.
    """
    if not 1 <= len(entries) <= TILE_WIDTH or max(map(len, entries)) > MOST_ENTRY_BYTES:
        raise BadProof("these entries do not make a bundle", reason="malformed")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """Return the entries of a bundle.

    Args:
        data: The file.
        width: How many entries it holds, as its path says.

    Raises:
        BadProof: It holds another number of them, or bytes are missing or left over.
    """
    entries: list[bytes] = []
    start = 0
    while start < len(data) and len(entries) < width:
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        entries.append(data[start + 2 : end])
        start = end
    # an end beyond the data is an entry, or its length, cut short
    if start != len(data) or len(entries) != width or not 1 <= width <= TILE_WIDTH:
        raise BadProof("a bundle of entries is not as long as it must be", reason="malformed")
    return tuple(entries)


def split_hashes(data: bytes, width: int) -> tuple[bytes, ...]:
    """Return the hashes of a tile [32 bytes each].

    Args:
        data: The file.
        width: How many it holds, as its path says.

    Raises:
        BadProof: It has another length.
    """
    if len(data) != width * HASH_BYTES or not 1 <= width <= TILE_WIDTH:
        raise BadProof("a tile is not as long as it must be", reason="malformed")
    return tuple(data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES))


def tile_root(hashes: bytes) -> bytes:
    """Return the root of a full tile [32 bytes], which is a hash of a tile one level up.

    Args:
        hashes: The file [8,192 bytes].

    Raises:
        BadProof: It has another length.
    """
    return _levels(split_hashes(hashes, TILE_WIDTH))[_TILE_LEVELS][0]


def _levels(hashes: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Return the hashes of a tile and those of the complete subtrees over them, level by level."""
    levels = [hashes]
    while len(levels[-1]) > 1:
        twins = iter(levels[-1])
        levels.append(
            tuple(hash_children(left, right) for left, right in zip(twins, twins, strict=False))
        )  # not strict: the last of an odd number has no twin yet
    return levels


class TileReader:
    """The hashes of a tree, read from its tiles: a `HashAt`.

    It keeps the tiles that it used last. Of a partial tile that is gone, as logs may remove it
    once there is more, the full one is read instead.

    Args:
        get: What gives a file of the log by its path, or None if there is none.
        size: How many leaves the tree has.
    """

    __slots__ = ("_get", "_tiles", "size")

    def __init__(self, get: Callable[[str], bytes | None], size: int) -> None:
        self._get = get
        self._tiles: dict[tuple[int, int], list[tuple[bytes, ...]]] = {}  # last used last
        self.size = size

    def __call__(self, level: int, index: int) -> bytes:
        """Return the hash [32 bytes] of the complete subtree of 2**level leaves at `index`.

        Raises:
            BadProof: A tile that the tree must have is missing or has the wrong length.
            Unknown: The tree does not hold that subtree.
        """
        if not (level >= 0 <= index and (index + 1) << level <= self.size):
            raise Unknown("the log has no such subtree", level=level, index=index, size=self.size)
        tile_level, height = divmod(level, _TILE_LEVELS)
        tile_index = index >> (_TILE_LEVELS - height)
        hashes = self._tile(tile_level, tile_index)[height]
        return hashes[index - (tile_index << (_TILE_LEVELS - height))]

    def _tile(self, level: int, index: int) -> list[tuple[bytes, ...]]:
        key = (level, index)
        tile = self._tiles.pop(key, None)
        if tile is None:
            tile = _levels(self._read(level, index))
            if len(self._tiles) >= _CACHED:
                del self._tiles[next(iter(self._tiles))]
        self._tiles[key] = tile
        return tile

    def _read(self, level: int, index: int) -> tuple[bytes, ...]:
        there = (self.size >> (_TILE_LEVELS * level)) - index * TILE_WIDTH
        for width in dict.fromkeys((min(there, TILE_WIDTH), TILE_WIDTH)):
            data = self._get(tile_path(level, index, width))
            if data is not None:
                return split_hashes(data, width)  # the full one begins with the partial one
        raise BadProof(
            "a tile of the log is missing", reason="malformed", path=tile_path(level, index)
        )
