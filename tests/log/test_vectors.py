"""Our own published vectors: what the script writes, and what our code and the oracle say."""

import json
from pathlib import Path
from typing import Any

import pytest

from assent.errors import BadProof, NotProved
from assent.log.tile import TilePath, parse_tile_path
from assent.log.tree import check_consistency, check_growth, check_inclusion
from scripts.vectors import FILES, FOLDER, text_of
from tests.log.trees import Tree, leaf

TREE = Tree([leaf(number) for number in range(300)])


def read(name: str) -> dict[str, Any]:  # JSON
    there: dict[str, Any] = json.loads((FOLDER / "log" / name).read_bytes())
    return there


@pytest.mark.parametrize("name", FILES)
def test_the_script_writes_what_is_there(name: str) -> None:
    assert text_of(name) == (FOLDER / name).read_bytes(), "run python -m scripts.vectors"


def test_no_file_is_there_that_no_script_writes() -> None:
    there = {str(path.relative_to(FOLDER)) for path in Path(FOLDER).rglob("*") if path.is_file()}
    assert there == set(FILES)


@pytest.mark.parametrize("name", ["inclusion.json", "consistency.json", "tile-paths.json"])
def test_there_are_cases_of_both_kinds_each_with_a_name_of_its_own(name: str) -> None:
    cases = read(name)["cases"]
    assert len(cases) >= 60
    assert {case["valid"] for case in cases} == {True, False}
    assert len({case.get("name", case.get("path")) for case in cases}) == len(cases)


@pytest.mark.parametrize("case", read("inclusion.json")["cases"], ids=lambda case: case["name"])
def test_inclusion_is_as_published(case: dict[str, Any]) -> None:
    proof = tuple(map(bytes.fromhex, case["proof"]))
    there = bytes.fromhex(case["root"])
    try:
        check_inclusion(bytes.fromhex(case["leaf_hash"]), case["index"], case["size"], proof, there)
        valid = True
    except NotProved:
        valid = False
    assert valid == case["valid"]
    if case["log"] == "numbered" and valid:
        assert proof == TREE.path(case["index"], 0, case["size"])
        assert there == TREE.root(case["size"])


@pytest.mark.parametrize("case", read("consistency.json")["cases"], ids=lambda case: case["name"])
def test_consistency_is_as_published(case: dict[str, Any]) -> None:
    proof = tuple(map(bytes.fromhex, case["proof"]))
    before, now = bytes.fromhex(case["old_root"]), bytes.fromhex(case["new_root"])
    for check, expected in ((check_consistency, "valid"), (check_growth, "witness")):
        try:
            check(case["old"], before, case["new"], now, proof)
            valid = True
        except NotProved:
            valid = False
        assert valid == case[expected]
    if case["log"] == "numbered" and case["witness"]:
        assert proof == (TREE.proof(case["old"], case["new"]) if case["old"] else ())
        assert (before, now) == (TREE.root(case["old"]), TREE.root(case["new"]))


@pytest.mark.parametrize("case", read("tile-paths.json")["cases"], ids=lambda case: case["path"])
def test_paths_are_as_published(case: dict[str, Any]) -> None:
    if case["valid"]:
        says = TilePath(level=case["level"], index=case["index"], width=case["width"])
        assert parse_tile_path(case["path"]) == says
    else:
        with pytest.raises(BadProof):
            parse_tile_path(case["path"])


def files_of(size: int) -> set[str]:
    """All files of a tree, by the definition: 256 hashes a tile, the rest in a partial one."""
    found = set[str]()
    for level in range(8):
        full, partial = divmod(size // 256**level, 256)
        numbers = [(index, "") for index in range(full)]
        numbers += [(full, f".p/{partial}")] if partial else []
        for index, suffix in numbers:
            assert index < 1000
            found.add(f"tile/{level}/{index:03}{suffix}")
            if level == 0:
                found.add(f"tile/entries/{index:03}{suffix}")
    return found


@pytest.mark.parametrize(
    "case", read("tile-paths.json")["growth"], ids=lambda case: f"{case['old']}-{case['new']}"
)
def test_what_growth_writes_is_as_published(case: dict[str, Any]) -> None:
    assert len(set(case["write"])) == len(case["write"])
    assert set(case["write"]) == files_of(case["new"]) - files_of(case["old"])
