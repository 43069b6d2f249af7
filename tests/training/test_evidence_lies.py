"""Lies about a set, told with the real keys or without them, and how they are found out."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assent.acts.house import House
from assent.acts.say import About, withdraw
from assent.catalogue.events import head
from assent.log.note import Signer
from assent.log.receipt import Verdict
from assent.training.item import Item
from tests.training.evidence_lies import (
    PROGRAM,
    as_another,
    changed_item,
    cut_falsely,
    files_of,
    json_of,
    kinds_of,
    line_of,
    lines_of,
    packed,
    with_lines,
)
from tests.training.evidence_story import (
    FALSE,
    TOOL,
    TRUE,
    UNKNOWN,
    USUAL,
    Told,
    evidence_of,
    states,
    tell,
    text_of,
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return tell(tmp_path_factory.mktemp("told"))


@pytest.fixture
def house(told: Told, tmp_path: Path) -> Iterator[House]:
    """Give the platform as it was at the cut, to change."""
    with told.reopened("cut", tmp_path) as opened:
        yield opened


@pytest.fixture
def later(told: Told, tmp_path: Path) -> Iterator[House]:
    """Give the platform as it was when the evidence was made, to change."""
    with told.reopened("data", tmp_path) as opened:
        yield opened


def test_changes_without_the_keys_are_found(told: Told, tmp_path: Path) -> None:
    """Two hundred changes, as they are and signed by another key of the same name."""
    files = files_of(told.data)
    chance = random.Random(1)
    other = Signer.of(told.signers[0].vkey.name, bytes(32))
    for turn in range(200):
        name = chance.choice(sorted(files))
        changed = {**files, name: _mutated(chance, files[name])}
        if turn % 20 == 0:
            changed = {one: data for one, data in files.items() if one != name}
        if turn % 20 == 1:
            changed = {**files, f"{name}.more": files[name]}
        found = told.check(packed(tmp_path, changed))
        assert found.verdict is Verdict.INVALID, (name, turn)
        assert found.part(0).state is FALSE
        changed.pop("evidence.note", None)
        found = told.check(packed(tmp_path, changed, [other]))
        assert (found.verdict, found.reason) == (Verdict.INVALID, "bad-signature"), (name, turn)


def _mutated(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    some = bytes([data[place] ^ chance.randrange(1, 256)])
    return chance.choice(
        [
            data[:place] + some + data[place + 1 :],
            data[:place] + some + data[place:],
            data[:place] + data[place + 1 :],
            data[:place] + data[place:] * 2,
            data[:place],
        ]
    )


def test_every_changed_byte_of_the_signed_list_is_found(told: Told, tmp_path: Path) -> None:
    files = files_of(told.data)
    note = files["evidence.note"]
    for place in range(0, len(note), 97):
        changed = note[:place] + bytes([note[place] ^ 1]) + note[place + 1 :]
        found = told.check(packed(tmp_path, {**files, "evidence.note": changed}))
        assert found.verdict is Verdict.INVALID


def test_a_recording_that_nobody_granted_is_found(house: House, told: Told, tmp_path: Path) -> None:
    def lie(items: list[Item]) -> list[Item]:
        said = next(item for item in items if item.recording == "r2")
        return [*items, as_another(house, "r3", said)]

    name = cut_falsely(house, tmp_path, lie)
    evidence_of(house, tmp_path / "e.zip", name)
    found = told.check(tmp_path / "e.zip")
    text = text_of(found, 3)
    assert text.startswith("r3: it may not be in it: Bo Ferrum has not said yes to")
    assert states(found) == {**USUAL, 3: FALSE, 8: UNKNOWN}
    assert found.reason == "bad-record"


def test_a_recording_that_was_taken_back_before_is_found(
    house: House, told: Told, tmp_path: Path
) -> None:
    def lie(items: list[Item]) -> list[Item]:
        return [*items, as_another(house, "r1", items[0])]

    name = cut_falsely(house, tmp_path, lie)
    evidence_of(house, tmp_path / "e.zip", name)
    text = text_of(told.check(tmp_path / "e.zip"), 3)
    assert text.startswith("r1: it may not be in it: Ada Quill has not said yes to")


def _without_holder(item: Item) -> Item:
    return replace(item, grounds=tuple(g for g in item.grounds if g.name != "Bo Ferrum"))


def _with_kind(item: Item) -> Item:
    first, *others = item.grounds
    return replace(item, grounds=(replace(first, kind="believed"), *others))


def _with_events(item: Item, *events: int) -> Item:
    first, *others = item.grounds
    return replace(item, grounds=(replace(first, events=events), *others))


def _with_uses(item: Item) -> Item:
    *others, last = item.grounds
    return replace(item, grounds=(*others, replace(last, uses=("partner/supply",))))


@pytest.mark.parametrize(
    ("recording", "change", "text"),
    [
        ("r4", _without_holder, "its grounds are not those that the receipts give"),
        ("r4", _with_uses, "its grounds are not those that the receipts give"),
        ("r0", _with_kind, "it stands on a ground of an unknown kind, 'believed'"),
        ("r0", lambda item: replace(item, title="Another"), "its title is not the one"),
        ("r0", lambda item: replace(item, digest="00" * 32), "its digest is not the one"),
        ("r0", lambda item: replace(item, frames=item.frames + 1), "its frames is not the one"),
        ("r0", lambda item: replace(item, file="r0.mp3"), "its file is not the one"),
        ("r0", lambda item: replace(item, grounds=item.grounds[1:]), "its grounds are not"),
        ("r0", lambda item: replace(item, grounds=item.grounds * 2), "its grounds are not"),
    ],
)
def test_an_item_that_says_what_is_not_so_is_found(
    house: House,
    told: Told,
    tmp_path: Path,
    recording: str,
    change: Callable[[Item], Item],
    text: str,
) -> None:
    name = changed_item(house, tmp_path, recording, change)
    evidence_of(house, tmp_path / "e.zip", name)
    assert f"{recording}: {text}" in text_of(told.check(tmp_path / "e.zip"), 3)


def test_a_ground_from_after_the_cut_is_found(house: House, told: Told, tmp_path: Path) -> None:
    with house.reading() as connection:
        after = head(connection) + 1
    name = changed_item(house, tmp_path, "r0", lambda item: _with_events(item, after))
    evidence_of(house, tmp_path / "e.zip", name)
    text = text_of(told.check(tmp_path / "e.zip"), 3)
    assert text == f"r0: event {after} came after the set was selected"


def test_a_set_for_another_program_s_uses_is_found(
    house: House, told: Told, tmp_path: Path
) -> None:
    """The manifest's heading is the operator's to lie in, too."""
    name = cut_falsely(house, tmp_path, lambda items: items, uses=("partner/train-voice",))
    evidence_of(house, tmp_path / "e.zip", name)
    assert "another program or head" in text_of(told.check(tmp_path / "e.zip"), 1)


def test_what_was_withheld_cannot_be_seen_and_the_gaps_say_so(
    house: House, told: Told, tmp_path: Path
) -> None:
    """The limit of it: an operator who leaves a withdrawal out, and signs, is not found here.

    Whoever made it has its receipt, whose number is below the set's head.
    """

    def lie(items: list[Item]) -> list[Item]:
        return [*items, as_another(house, "r1", items[0])]

    name = cut_falsely(house, tmp_path, lie)
    evidence_of(house, tmp_path / "e.zip", name)
    files = files_of((tmp_path / "e.zip").read_bytes())
    lines = lines_of(files)
    own = lines[line_of(files, "r1")]
    assert kinds_of(own) == ["recording", "statement"]
    withdrawal = own.pop()
    found = told.resigned(tmp_path, with_lines(files, lines))
    assert found.part(3).state is TRUE
    assert "withheld" in found.part(13).text
    assert withdrawal["index"] + 1 < json_of(files, "evidence.json")["head"]


def test_a_whole_account_s_withdrawal_before_the_cut_is_found(
    house: House, told: Told, tmp_path: Path
) -> None:
    """No ground names it: it is shown because it speaks against the item."""
    kept: list[Item] = []

    def keep(items: list[Item]) -> list[Item]:
        kept.extend(items)
        return items

    cut_falsely(house, tmp_path, keep)
    withdraw(house, About(holder="Di Marrow", program=PROGRAM), TOOL)
    for path in tmp_path.glob("*.parquet"):
        path.unlink()
    name = cut_falsely(house, tmp_path, lambda _: kept)
    evidence_of(house, tmp_path / "e.zip", name)
    text = text_of(told.check(tmp_path / "e.zip"), 3)
    assert "r8: it may not be in it: Di Marrow has not said yes to" in text
    assert "r9: it may not be in it: Di Marrow has not said yes to" in text
