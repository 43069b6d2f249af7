"""Erasing from what is kept of sets: rows of others stay, and so does every proof of them."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assent.acts.accounts import find_account
from assent.acts.copies import declare_copy
from assent.acts.holders import Share, set_holders
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.publish import accept_terms
from assent.acts.rebuild import findings
from assent.acts.say import About, choose, grant
from assent.catalogue.events import head
from assent.errors import NotPermitted, Stale, StorageFailed, Unknown
from assent.log.receipt import check_receipt
from assent.permission.presets import Preset
from assent.training import build as building
from assent.training import forget as forgetting
from assent.training.build import Built, build
from assent.training.entry import Entry
from assent.training.forget import forget
from assent.training.item import Item
from assent.training.listing import find_set, is_member
from assent.training.loader import Loader
from assent.training.manifest import Heading, opened
from assent.training.members import kept_manifest, prove_member
from tests.houses import RIVAL
from tests.training.sets import PROGRAM, Stock

BO, DI = "Bo Ferrum", "Di Marsh"


@pytest.fixture
def mixed(stocked: Stock) -> Stock:
    """Give a platform where three say yes, two of them to one recording together."""
    house, shared = stocked.house, stocked.permitted[1]
    shares = [Share(name=name, share_ppm=1) for name in ("Ada Quill", DI)]
    set_holders(house, shared, shares, "desk")
    accept_terms(house, DI, None, "desk")
    choose(house, BO, Preset.OWN)
    for name in (BO, DI):
        grant(house, About(holder=name, program=PROGRAM), RIVAL)
    return stocked


def kept(house: House, digest: str) -> tuple[Heading, list[Item]]:
    with opened(kept_manifest(house, digest)) as manifest:
        return manifest.heading, list(manifest.items())


def cut(stocked: Stock, out: Path) -> Built:
    return build(stocked.house, PROGRAM, out, by="Kim")


def test_kept_manifests_lose_the_rows_that_name_who_left_and_no_others(
    mixed: Stock, tmp_path: Path
) -> None:
    house, (first, shared, *_) = mixed.house, mixed.permitted
    theirs = mixed.others[0]
    one, logs = cut(mixed, tmp_path / "one"), Logs(house)
    two = cut(mixed, tmp_path / "two")
    logs.publish()
    before = {built: kept(house, built.described.manifest) for built in (one, two)}
    assert [item.recording for item in before[one][1]] == [
        *mixed.permitted[:3],
        theirs,
        mixed.permitted[3],
    ]
    proofs = {name: prove_member(house, logs, "s0", name) for name in (first, shared, theirs)}

    forget(house, logs, DI, "Lee")
    for built, (heading, items) in before.items():
        left = [item for item in items if item.recording != shared]
        assert kept(house, built.described.manifest) == (heading, left)
        # what left with the set is out of reach, and is what it was
        assert (built.folder / "manifest.parquet").read_bytes()
    assert all(check_receipt(data, logs.policy()).holds for data in proofs.values())
    with pytest.raises(Unknown, match="erased since"):
        prove_member(house, logs, "s0", shared)
    assert is_member(house, "s0", shared), "the recording is Ada's as well, and there"

    forget(house, logs, BO, "Lee")
    for built, (heading, items) in before.items():
        left = [item for item in items if item.recording not in {shared, theirs}]
        assert kept(house, built.described.manifest) == (heading, left)
    for name in ("s0", "s1"):
        assert len(find_set(house, name).members) == 4
        with pytest.raises(Unknown):
            is_member(house, name, theirs)
        with pytest.raises(Unknown, match="no recording"):
            prove_member(house, logs, name, theirs)
        data = prove_member(house, logs, name, first)
        assert check_receipt(data, logs.policy()).reason == "ok"
    assert findings(house) == []


def test_a_manifest_without_a_row_of_theirs_is_left_as_it_is(mixed: Stock, tmp_path: Path) -> None:
    built = cut(mixed, tmp_path / "set")
    path = kept_manifest(mixed.house, built.described.manifest)
    before = (path.read_bytes(), path.stat().st_ino)
    forget(mixed.house, Logs(mixed.house), "Cy Loom", "Lee")
    assert (path.read_bytes(), path.stat().st_ino) == before


def test_a_copy_of_theirs_in_a_set_goes_from_what_is_kept(mixed: Stock, tmp_path: Path) -> None:
    house, copy, original = mixed.house, mixed.permitted[0], mixed.others[0]
    declare_copy(house, copy, original, "desk")
    built = cut(mixed, tmp_path / "set")
    rows = {item.recording: item for item in kept(house, built.described.manifest)[1]}
    assert original in {ground.recording for ground in rows[copy].grounds}
    erased = forget(house, Logs(house), BO, "Lee")
    assert copy in erased.held
    left = {item.recording for item in kept(house, built.described.manifest)[1]}
    assert left == rows.keys() - {copy, original}


def test_a_copy_of_what_became_theirs_only_later_goes_as_well(mixed: Stock, tmp_path: Path) -> None:
    house, copy, original = mixed.house, mixed.permitted[0], mixed.others[0]
    set_holders(house, original, [Share(name=DI)], "desk")
    declare_copy(house, copy, original, "desk")
    built = cut(mixed, tmp_path / "set")
    with house.reading() as connection:
        bo = find_account(connection, BO).id
    rows = {item.recording: item for item in kept(house, built.described.manifest)[1]}
    told_of = {(ground.recording, ground.holder) for ground in rows[copy].grounds}
    assert original in {recording for recording, _ in told_of}
    assert bo not in {holder for _, holder in told_of}
    set_holders(house, original, [Share(name=BO)], "desk")
    forget(house, Logs(house), BO, "Lee")
    left = {item.recording for item in kept(house, built.described.manifest)[1]}
    assert left == rows.keys() - {copy, original}


def test_a_kept_manifest_that_cannot_be_read_is_removed(mixed: Stock, tmp_path: Path) -> None:
    built = cut(mixed, tmp_path / "set")
    path = kept_manifest(mixed.house, built.described.manifest)
    path.write_bytes(path.read_bytes()[:-9])
    forget(mixed.house, Logs(mixed.house), BO, "Lee")
    assert not path.exists()
    assert path.with_name("tree.npy").exists()


def test_what_somebody_left_who_died_while_keeping_is_removed(mixed: Stock, tmp_path: Path) -> None:
    built = cut(mixed, tmp_path / "set")
    folder = kept_manifest(mixed.house, built.described.manifest).parent
    leftover = folder / ".manifest.parquet.0123456789abcdef"
    leftover.write_bytes(b"rows of anybody")
    forget(mixed.house, Logs(mixed.house), "Cy Loom", "Lee")
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.parquet", "tree.npy"]


@pytest.mark.parametrize("broken", ["write", "sync_folder", "unlink"])
def test_a_disk_that_refuses_leaves_everybody_there_and_it_can_be_done_again(
    mixed: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    house, logs = mixed.house, Logs(mixed.house)
    built = cut(mixed, tmp_path / "set")
    path = kept_manifest(house, built.described.manifest)
    logs.publish()
    with house.reading() as connection:
        before = head(connection)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        if broken == "unlink":
            path.write_bytes(b"no manifest")
            patch.setattr(Path, "unlink", refuse)
        else:
            patch.setattr(forgetting, broken, refuse)
        with pytest.raises(StorageFailed, match="read-only"):
            forget(house, logs, BO, "Lee")
    with house.reading() as connection:
        assert head(connection) == before
    assert house.gate.explain(PROGRAM, mixed.others[0]).allowed
    assert [found.name for found in path.parent.iterdir() if found.name.startswith(".")] == []
    assert forget(house, logs, BO, "Lee").recordings == 1
    assert findings(house) == []


# ---- a set that is being built


def while_building(
    monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], object], *, after: bool = False
) -> None:
    """Have something happen once, just before or after a step of the build."""
    plain, pending = getattr(building, name), [act]

    def step(*asked: Any, **more: Any) -> Any:
        if pending and not after:
            pending.pop()()
        done = plain(*asked, **more)
        if pending and after:
            pending.pop()()
        return done

    monkeypatch.setattr(building, name, step)


@pytest.mark.parametrize(("name", "after"), [("cut", False), ("cut", True), ("format_set", False)])
def test_a_set_that_was_selected_before_somebody_left_is_not_built(
    mixed: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, after: bool
) -> None:
    house, logs = mixed.house, Logs(mixed.house)
    if name == "format_set":  # before the last look, after which the set stands
        plain = building._Packing.gone
        pending = [lambda: forget(house, logs, BO, "Lee")]

        def gone(self: Any) -> Any:
            if pending:
                pending.pop()()
            return plain(self)

        monkeypatch.setattr(building._Packing, "gone", gone)
    else:
        while_building(monkeypatch, name, lambda: forget(house, logs, BO, "Lee"), after=after)
    with pytest.raises(Stale, match="build it again"):
        cut(mixed, tmp_path / "set")
    assert not (tmp_path / "set").exists()
    assert [path.name for path in tmp_path.iterdir() if "set" in path.name] == []
    folder = house.settings.kept / "sets"
    for path in folder.glob("*/manifest.parquet"):
        with opened(path) as manifest:
            assert mixed.others[0] not in {item.recording for item in manifest.items()}
    assert len(list(folder.glob("*"))) == (0 if (name, after) == ("cut", False) else 1)
    built = cut(mixed, tmp_path / "set")
    assert built.described.items == len(mixed.permitted)
    assert findings(house) == []


def test_an_act_of_anybody_else_between_selection_and_record_stops_no_set(
    mixed: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = mixed.house
    while_building(
        monkeypatch, "cut", lambda: grant(house, About(holder=BO, program=PROGRAM), RIVAL)
    )
    assert cut(mixed, tmp_path / "set").described.items == 5


# ---- training that is under way


def test_training_goes_on_without_who_left(mixed: Stock, tmp_path: Path) -> None:
    house = mixed.house
    built = cut(mixed, tmp_path / "set")
    loader = Loader(lambda: House.open(house.settings, clock=house.clock), built.described.id)
    assert len({sample.recording for sample in loader}) == 5
    forget(house, Logs(house), BO, "Lee")
    left = {sample.recording for sample in loader}
    assert left == set(mixed.permitted)
    assert [refusal.recording for refusal in loader.refused] == [mixed.others[0]]
    assert "erased" in loader.refused[0].text
    loader.close()


def test_what_is_being_read_ends_when_its_artist_leaves(mixed: Stock) -> None:
    house = mixed.house
    entry = Entry(house, PROGRAM)
    with entry.open(mixed.others[0]) as stream:
        assert stream.read(10)
        forget(house, Logs(house), BO, "Lee")
        stream.seek(0)
        with pytest.raises(NotPermitted, match="erased"):
            stream.read(1 << 17)
        with pytest.raises(NotPermitted, match="erased"):
            entry.check(mixed.others[0])
        with pytest.raises(NotPermitted, match="erased"):
            entry.open(mixed.others[0])
