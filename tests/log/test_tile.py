"""Tiles: the one way to write a path, what a growing tree writes, and proofs read from files."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadInput, BadProof, Unknown
from assent.log.tile import (
    MOST_ENTRY_BYTES,
    TILE_WIDTH,
    TilePath,
    TileReader,
    bundle_path,
    format_bundle,
    parse_bundle,
    parse_tile_path,
    split_hashes,
    tile_path,
    tile_root,
    tiles_of,
    tiles_of_size,
)
from assent.log.tree import (
    check_consistency,
    check_inclusion,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    prove_range,
    root_at,
)
from tests.log.trees import Tree, leaf

MOST_INDEX = 2**56 - 1
indices = st.integers(0, MOST_INDEX) | st.integers(0, 2_000)
widths = st.integers(1, TILE_WIDTH)
paths = st.builds(tile_path, st.integers(0, 63), indices, widths) | st.builds(
    bundle_path, indices, widths
)
sizes = st.integers(0, 2_000) | st.integers(65_000, 66_500) | st.integers(255, 257)

WRITTEN = [  # the examples of the tlog-tiles text come first
    ("tile/0/x001/x234/067", 0, 1_234_067, 256),
    ("tile/0/x001/x234/067.p/12", 0, 1_234_067, 12),
    ("tile/entries/x001/x234/067.p/255", None, 1_234_067, 255),
    ("tile/0/000", 0, 0, 256),
    ("tile/0/000.p/1", 0, 0, 1),
    ("tile/entries/999", None, 999, 256),
    ("tile/7/x001/000", 7, 1_000, 256),
    ("tile/63/x999/999.p/10", 63, 999_999, 10),
    ("tile/entries/x072/x057/x594/x037/x927/935.p/128", None, MOST_INDEX, 128),
]
REFUSED = [
    "",
    "tile",
    "tile/0",
    "tile/0/",
    "tile//000",
    "/tile/0/000",
    "tile/0/000/",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/0/001/000",
    "tile/0/x001",
    "tile/0/x000/001",  # a group that says nothing
    "tile/0/x1/000",
    "tile/0/X001/000",
    "tile/00/000",
    "tile/01/000",
    "tile/-1/000",
    "tile/64/000",
    "tile/100/000",
    "tile/data/000",  # of certificate transparency
    "tile/entries/0/000",
    "tile/8/0/000",  # with a height, as of Go's checksum database
    "tile/0/000.p",
    "tile/0/000.p/",
    "tile/0/000.p/0",
    "tile/0/000.p/01",
    "tile/0/000.p/012",
    "tile/0/000.p/256",
    "tile/0/000.p/257",
    "tile/0/000.p/-1",
    "tile/0/000.p/1.p/1",
    "tile/0/000.P/1",
    "tile/0/x001.p/000",
    "tile/0/000\n",
    "tile/0/000.p/1\n",
    " tile/0/000",
    "tile/0/000 ",
    "tile/0/..",
    "tile/0/../0/000",
    "tile/../../checkpoint",
    "tile/0/./000",
    "tile/0//000",
    "tile\\0\\000",
    "tile/0/000\0",
    "tile/0/%30%30%30",
    "tile/0/\u0660\u0660\u0660",  # digits, and not ours
    "tile/0/\u00b200",
    "tile/0/000?x",
    "checkpoint",
    "tile/0/x072/x057/x594/x037/x927/936",  # 2**56
    "tile/0/x999/x999/x999/x999/x999/999",
    "tile/0/x001/x000/x000/x000/x000/x000/000",
    "tile/0/" + "x001/" * 10_000 + "000",
]


@pytest.mark.parametrize(("path", "level", "index", "width"), WRITTEN)
def test_a_path_is_written_as_the_text_says(
    path: str, level: int | None, index: int, width: int
) -> None:
    parsed = TilePath(level=level, index=index, width=width)
    assert parse_tile_path(path) == parsed
    assert str(parsed) == path
    written = bundle_path(index, width) if level is None else tile_path(level, index, width)
    assert written == path


@pytest.mark.parametrize("path", REFUSED)
def test_any_other_path_is_refused(path: str) -> None:
    with pytest.raises(BadProof) as caught:
        parse_tile_path(path)
    assert caught.value.facts["reason"] == "malformed"


@given(st.integers(0, 63) | st.none(), indices, widths)
def test_what_is_written_is_read_again(level: int | None, index: int, width: int) -> None:
    parsed = TilePath(level=level, index=index, width=width)
    assert parse_tile_path(str(parsed)) == parsed


@given(
    st.text()
    | st.text("tile/nrs0123456789x.p", max_size=40)
    | st.builds(
        lambda path, at, cut, put: path[:at] + put + path[at + cut :],
        paths,
        st.integers(0, 40),
        st.integers(0, 4),
        st.text("/x.p0129\n", max_size=4) | st.text(max_size=2),
    )
)
def test_any_text_is_the_one_way_to_write_it_or_refused(text: str) -> None:
    try:
        parsed = parse_tile_path(text)
    except BadProof:
        return
    assert str(parsed) == text


@pytest.mark.parametrize("index", [-1, MOST_INDEX + 1])
def test_no_path_is_written_for_an_index_that_no_tree_has(index: int) -> None:
    for write in (bundle_path, lambda index: tile_path(0, index)):
        with pytest.raises(BadProof):
            write(index)


@pytest.mark.parametrize("width", [-1, 0, 257])
def test_no_path_is_written_for_a_width_that_no_tile_has(width: int) -> None:
    with pytest.raises(BadProof):
        tile_path(0, 0, width)
    with pytest.raises(BadProof):
        bundle_path(0, width)


@pytest.mark.parametrize("level", [-1, 64])
def test_no_path_is_written_for_a_level_that_no_tree_has(level: int) -> None:
    with pytest.raises(BadProof):
        tile_path(level, 0)


def defined(size: int) -> list[tuple[int, int, int]]:
    """The tiles of a tree: a hash of level `l` stands for 256**l leaves that are all there."""
    found = []
    for level in range(5):
        widths = Counter(number // 256 for number in range(size // 256**level))
        found += [(level, index, widths[index]) for index in sorted(widths)]
    return found


@pytest.mark.parametrize("size", [*range(3), 255, 256, 257, 511, 512, 70_000, 65_535, 65_536])
def test_the_tiles_of_a_tree_are_the_definition(size: int) -> None:
    assert list(tiles_of_size(size)) == defined(size)


def test_the_worked_examples_of_the_text() -> None:
    tiles = list(tiles_of_size(70_000))
    assert tiles[:273] == [(0, index, 256) for index in range(273)]
    assert tiles[273:] == [(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)]
    assert list(tiles_of_size(256)) == [(0, 0, 256), (1, 0, 1)]


@given(sizes, sizes)
def test_what_grows_writes_what_was_not_there_and_nothing_else(one: int, other: int) -> None:
    old, new = sorted((one, other))
    there = set(tiles_of_size(old))
    expected = [tile for tile in tiles_of_size(new) if tile not in there]
    assert list(tiles_of(old, new)) == expected


def test_growth_is_exact_for_all_small_sizes() -> None:
    every = [defined(size) for size in range(0, 600, 7)]
    for number, now in enumerate(every):
        for before, then in enumerate(every[: number + 1]):
            written = list(tiles_of(7 * before, 7 * number))
            assert written == [tile for tile in now if tile not in then]


def test_the_last_leaf_of_a_level_fills_one_tile_of_each() -> None:
    full = [(level, 256 ** (4 - level) - 1, 256) for level in range(5)]
    assert list(tiles_of(2**40 - 1, 2**40)) == [*full, (5, 0, 1)]
    assert list(tiles_of(2**64 - 2, 2**64 - 1)) == [(0, MOST_INDEX, 255)]


@pytest.mark.parametrize(("old", "new"), [(1, 0), (-1, 0), (-2, -1), (70_000, 256)])
def test_a_tree_that_shrinks_has_no_tiles(old: int, new: int) -> None:
    with pytest.raises(BadInput):
        tiles_of(old, new)


entries = st.lists(st.binary(max_size=300), min_size=1, max_size=TILE_WIDTH)


@given(entries)
def test_a_bundle_is_read_as_it_was_written(there: list[bytes]) -> None:
    assert parse_bundle(format_bundle(there), len(there)) == tuple(there)


@given(st.binary(max_size=60), st.integers(-1, 300))
def test_any_bytes_are_a_bundle_written_so_or_refused(data: bytes, width: int) -> None:
    try:
        there = parse_bundle(data, width)
    except BadProof:
        return
    assert len(there) == width
    assert format_bundle(there) == data


@given(entries, st.data())
def test_a_bundle_cut_short_or_with_more_is_refused(
    there: list[bytes], data: st.DataObject
) -> None:
    whole = format_bundle(there)
    cut = data.draw(st.integers(0, len(whole) - 1))
    refuse_bundle(whole[:cut], len(there))
    refuse_bundle(whole + data.draw(st.binary(min_size=1, max_size=3)), len(there))
    for width in (len(there) - 1, len(there) + 1, -1):
        refuse_bundle(whole, width)


def refuse_bundle(data: bytes, width: int) -> None:
    with pytest.raises(BadProof) as caught:
        parse_bundle(data, width)
    assert caught.value.facts["reason"] == "malformed"


def test_a_bundle_of_another_width_than_any_is_refused() -> None:
    refuse_bundle(b"", 0)
    refuse_bundle(b"", -1)
    refuse_bundle(bytes(2 * 257), 257)


def test_a_bundle_holds_entries_up_to_the_limit_and_no_more() -> None:
    longest = bytes(MOST_ENTRY_BYTES)
    assert parse_bundle(format_bundle([longest, b""]), 2) == (longest, b"")
    for wrong in ([], [b""] * 257, [longest + b"\0"]):
        with pytest.raises(BadProof) as caught:
            format_bundle(wrong)
        assert caught.value.facts["reason"] == "malformed"


@given(widths, st.integers(0, 257 * 32))
def test_a_tile_has_the_length_of_its_width(width: int, length: int) -> None:
    assert b"".join(split_hashes(bytes(range(32)) * width, width)) == bytes(range(32)) * width
    if length != 32 * width:
        refuse_tile(bytes(length), width)


def refuse_tile(data: bytes, width: int) -> None:
    with pytest.raises(BadProof) as caught:
        split_hashes(data, width)
    assert caught.value.facts["reason"] == "malformed"


@pytest.mark.parametrize("width", [-1, 0, 257])
def test_a_tile_of_another_width_than_any_is_refused(width: int) -> None:
    refuse_tile(bytes(max(width, 0) * 32), width)


def test_only_a_full_tile_has_a_root() -> None:
    tile = b"".join(TREE.hash_at(0, index) for index in range(256))
    assert tile_root(tile) == TREE.root(256)
    for wrong in (tile[:-32], tile + tile[:32], b""):
        with pytest.raises(BadProof):
            tile_root(wrong)


Files = dict[str, bytes]

TREE = Tree([leaf(number) for number in range(70_000)])


def stored(size: int) -> Files:
    """The tiles of the tree of the first `size` leaves, by path."""
    return {
        tile_path(level, index, width): b"".join(
            TREE.hash_at(8 * level, 256 * index + number) for number in range(width)
        )
        for level, index, width in tiles_of_size(size)
    }


def counted(files: Files) -> tuple[Callable[[str], bytes | None], Counter[str]]:
    """The same files, and how often each was asked for."""
    asked = Counter[str]()

    def get(path: str) -> bytes | None:
        asked[path] += 1
        return files.get(path)

    return get, asked


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 300, 511, 512, 513])
def test_every_leaf_is_proved_from_tiles(size: int) -> None:
    reader = TileReader(stored(size).get, size)
    assert root_at(size, reader) == TREE.root(size)
    proofs = list(prove_range(0, size, size, reader))
    assert proofs == [TREE.path(index, 0, size) for index in range(size)]
    for old in range(0, size, 11):
        assert prove_consistency(old, size, reader) == (TREE.proof(old, size) if old else ())


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 66_000, 70_000])
def test_large_trees_are_proved_from_tiles(size: int) -> None:
    reader = TileReader(stored(size).get, size)
    there = root_at(size, reader)
    assert there == TREE.root(size)
    for index in {0, 255, 256, 65_279, 65_534, size - 257, size - 2, size - 1, size // 3}:
        proof = prove_inclusion(index, size, reader)
        assert proof == TREE.path(index, 0, size)
        check_inclusion(hash_leaf(leaf(index)), index, size, proof, there)
        old = index + 1
        steps = prove_consistency(old, size, reader)
        assert steps == TREE.proof(old, size)
        check_consistency(old, TREE.root(old), size, there, steps)


def test_many_proofs_read_each_tile_once() -> None:
    get, asked = counted(stored(70_000))
    reader = TileReader(get, 70_000)
    proofs = prove_range(50_001, 54_097, 70_000, reader)
    assert [next(proofs) for _ in range(3)] == [
        TREE.path(index, 0, 70_000) for index in range(50_001, 50_004)
    ]
    assert len(list(proofs)) == 4_096 - 3
    assert set(asked.values()) == {1}
    assert len(asked) < 25


def test_a_reader_forgets_what_it_used_longest_ago() -> None:
    get, asked = counted(stored(70_000))
    reader = TileReader(get, 70_000)
    first, second = tile_path(0, 0), tile_path(0, 1)
    for index in range(64):
        reader(0, 256 * index)
    assert set(asked.values()) == {1}
    reader(0, 1)  # the first is now the one used last
    reader(0, 256 * 64)
    reader(0, 2)
    assert asked[first] == 1
    assert reader(0, 257) == TREE.hash_at(0, 257)
    assert asked[second] == 2


def test_the_full_tile_is_read_when_the_partial_one_is_gone() -> None:
    files = stored(70_000)
    for size in (300, 512 - 1, 65_536 + 256 + 1):
        kept = {path: data for path, data in files.items() if ".p/" not in path}
        kept |= {path: data for path, data in stored(size).items() if "tile/0/" not in path}
        get, asked = counted(kept)
        reader = TileReader(get, size)
        assert root_at(size, reader) == TREE.root(size)
        assert list(prove_range(size - 50, size, size, reader)) == [
            TREE.path(index, 0, size) for index in range(size - 50, size)
        ]
        assert asked[tile_path(0, size // 256, size % 256)] == 1
        with pytest.raises(Unknown):  # though the full tile has it
            reader(0, size)


@pytest.mark.parametrize("size", [1, 255, 256, 300, 513])
def test_a_missing_tile_is_said_by_name(size: int) -> None:
    for level, index, width in tiles_of_size(size):
        files = stored(size)
        del files[tile_path(level, index, width)]
        reader = TileReader(files.get, size)
        with pytest.raises(BadProof) as caught:
            reader(8 * level, 256 * index)
        assert caught.value.facts == {"reason": "malformed", "path": tile_path(level, index)}


@pytest.mark.parametrize("size", [1, 255, 256, 300, 513])
def test_a_tile_of_the_wrong_length_is_refused(size: int) -> None:
    for level, index, width in tiles_of_size(size):
        path = tile_path(level, index, width)
        there = stored(size)
        for wrong in (there[path][:-1], there[path] + there[path][:32], b""):
            changed = there | {path: wrong}
            reader = TileReader(changed.get, size)
            with pytest.raises(BadProof) as caught:
                reader(8 * level, 256 * index)
            assert caught.value.facts["reason"] == "malformed"


@pytest.mark.parametrize(
    ("level", "index"), [(0, 300), (0, -1), (-1, 0), (1, 150), (8, 1), (9, 0), (16, 0), (70, 0)]
)
def test_a_subtree_that_the_tree_does_not_hold_is_unknown(level: int, index: int) -> None:
    reader = TileReader(stored(300).get, 300)
    with pytest.raises(Unknown):
        reader(level, index)


def test_every_subtree_of_a_tree_is_there() -> None:
    reader = TileReader(stored(700).get, 700)
    for level in range(10):
        for index in range(700 >> level):
            assert reader(level, index) == TREE.hash_at(level, index)


def test_a_changed_tile_proves_nothing() -> None:
    files = stored(300)
    path = tile_path(0, 0)
    for at in (0, 32 * 5 + 7, 8_191):
        wrong = bytearray(files[path])
        wrong[at] ^= 1
        changed = files | {path: bytes(wrong)}
        reader = TileReader(changed.get, 300)
        assert prove_inclusion(17, 300, reader) != TREE.path(17, 0, 300)
