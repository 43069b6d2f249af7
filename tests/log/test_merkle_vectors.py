"""Inclusion and consistency as transparency-dev/merkle tests them: every published case."""

import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from assent.errors import NotProved
from assent.log.tree import check_consistency, check_growth, check_inclusion
from tests.log.trees import VECTORS, needs

FOLDER = VECTORS / "merkle"
INCLUSION = sorted((FOLDER / "inclusion").rglob("*.json"))
CONSISTENCY = sorted((FOLDER / "consistency").rglob("*.json"))

# what says otherwise than the vector: check, vector, why
EXCEPTIONS = [
    (
        check_growth,
        "consistency/additional/size1-is-zero-and-size2-is-not-zero",
        "a witness must let a log it never saw begin: `old 0` and no proof (C2SP tlog-witness)",
    ),
]

pytestmark = needs("merkle")


def names(path: Path) -> str:
    return str(path.relative_to(FOLDER).with_suffix(""))


def read(path: Path) -> dict[str, Any]:  # JSON
    case: dict[str, Any] = json.loads(path.read_text())
    for name in {"root", "leafHash", "root1", "root2"} & set(case):
        case[name] = b64decode(case[name] or "")
    case["proof"] = tuple(map(b64decode, case["proof"] or ()))
    return case


def test_all_of_them_are_there() -> None:
    assert (len(INCLUSION), len(CONSISTENCY)) == (98, 98)


@pytest.mark.parametrize("path", INCLUSION, ids=names)
def test_inclusion_is_what_others_say(path: Path) -> None:
    case = read(path)
    try:
        check_inclusion(
            case["leafHash"], case["leafIdx"], case["treeSize"], case["proof"], case["root"]
        )
        refused = False
    except NotProved:
        refused = True
    assert refused == case["wantErr"]


@pytest.mark.parametrize("check", [check_consistency, check_growth])
@pytest.mark.parametrize("path", CONSISTENCY, ids=names)
def test_consistency_is_what_others_say(
    path: Path, check: Callable[[int, bytes, int, bytes, Sequence[bytes]], None]
) -> None:
    case = read(path)
    try:
        check(case["size1"], case["root1"], case["size2"], case["root2"], case["proof"])
        refused = False
    except NotProved:
        refused = True
    differs = any((check, names(path)) == exception[:2] for exception in EXCEPTIONS)
    assert refused == (case["wantErr"] != differs)
