"""A log that Tessera wrote: from its bundles to its tiles to the roots that it signed."""

from base64 import b64decode

import pytest

from assent.log.tile import (
    TileReader,
    bundle_path,
    parse_bundle,
    split_hashes,
    tile_path,
    tiles_of_size,
)
from assent.log.tree import (
    Frontier,
    check_consistency,
    check_inclusion,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    prove_range,
    root_at,
)
from tests.log.trees import VECTORS, needs

FOLDER = VECTORS / "tessera-log"
SIZES = range(16)

pytestmark = needs("tessera-log")


def get(path: str) -> bytes | None:
    file = FOLDER / path
    return file.read_bytes() if file.is_file() else None


def said(size: int) -> bytes:
    """The root in the checkpoint of that size; who signed it is not asked here."""
    text = (FOLDER / f"checkpoint.{size}").read_text()
    _origin, number, root, empty, _signature = text.split("\n", 4)
    assert (number, empty) == (str(size), "")
    return b64decode(root, validate=True)


def entries(size: int) -> tuple[bytes, ...]:
    return parse_bundle((FOLDER / bundle_path(0, size)).read_bytes(), size) if size else ()


@pytest.mark.parametrize("size", SIZES)
def test_its_bundles_make_its_tiles_and_these_its_root(size: int) -> None:
    hashes = tuple(map(hash_leaf, entries(size)))
    assert Frontier().extended(hashes).root() == said(size)
    assert root_at(size, TileReader(get, size)) == said(size)
    for level, index, width in tiles_of_size(size):
        tile = get(tile_path(level, index, width))
        assert tile is not None
        assert split_hashes(tile, width) == hashes


@pytest.mark.parametrize("size", SIZES)
def test_each_entry_is_proved_from_its_tiles(size: int) -> None:
    reader = TileReader(get, size)
    together = prove_range(0, size, size, reader)
    for index, entry in enumerate(entries(size)):
        proof = prove_inclusion(index, size, reader)
        assert next(together) == proof
        check_inclusion(hash_leaf(entry), index, size, proof, said(size))


@pytest.mark.parametrize("new", SIZES)
def test_each_of_its_checkpoints_is_proved_to_follow(new: int) -> None:
    reader = TileReader(get, new)
    for old in range(1, new + 1):
        check_consistency(old, said(old), new, said(new), prove_consistency(old, new, reader))
