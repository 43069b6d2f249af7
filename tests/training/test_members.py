"""Members of a training set: each is proved, so is every absence, and nothing of anybody else."""

from dataclasses import replace
from pathlib import Path

import pytest
import rfc8785

from assent.acts.cut import cut as put_on_record
from assent.acts.holders import Share, set_holders
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.publish import accept_terms
from assent.acts.rebuild import rebuild
from assent.acts.receipts import NoReceiptYet
from assent.acts.say import About, grant, refuse
from assent.catalogue import tables
from assent.catalogue.states import states
from assent.errors import NotPermitted, Tampered, Unknown
from assent.log.leaf import handle_of, sealed_value, set_key
from assent.log.receipt import Checked, Claim, check_receipt
from assent.training import build as building
from assent.training.build import Built, build
from assent.training.entry import Entry
from assent.training.forget import forget
from assent.training.listing import find_set
from assent.training.manifest import opened, write
from assent.training.members import (
    item_json,
    kept_manifest,
    kept_tree,
    member_tree,
    prove_member,
)
from tests.houses import RIVAL, add, add_program, platform
from tests.log.prefix_oracle import oracle_root
from tests.training.built import listed
from tests.training.sets import PROGRAM, Stock, stock, take_back


def proved(house: House, logs: Logs, name: str, recording: str) -> Checked:
    found = check_receipt(prove_member(house, logs, name, recording), logs.policy())
    assert found.reason == "ok"
    return found


def claim_of(house: House, logs: Logs, name: str, recording: str) -> Claim:
    claim = proved(house, logs, name, recording).claim
    assert claim is not None
    return claim


def cut(stocked: Stock, out: Path, **how: object) -> tuple[Built, Logs]:
    built = build(stocked.house, PROGRAM, out, by="Kim", **how)  # type: ignore[arg-type]  # by name
    logs = Logs(stocked.house)
    logs.publish()
    return built, logs


@pytest.mark.parametrize("form", ["webdataset", "parquet"])
def test_every_recording_is_proved_to_be_in_a_set_or_not_as_its_manifest_has_it(
    stocked: Stock, tmp_path: Path, form: str
) -> None:
    built, logs = cut(stocked, tmp_path / "set", form=form)
    check_all(stocked.house, logs, built)


def test_likewise_on_both_databases_and_in_two_sets(either_house: House, tmp_path: Path) -> None:
    stocked = stock(either_house, tmp_path)
    add_program(either_house, "other")
    refuse(either_house, About(holder="Ada Quill", program="other"), RIVAL)
    first, _ = cut(stocked, tmp_path / "first")
    take_back(either_house, stocked.permitted[0])
    second, logs = cut(stocked, tmp_path / "second")
    later = add(either_house, tmp_path, "Di Marsh")
    logs.publish()
    for built in (first, second):
        check_all(either_house, logs, built)
        assert claim_of(either_house, logs, built.described.id, later).kind == "absent"
    taken = stocked.permitted[0]
    assert claim_of(either_house, logs, first.described.id, taken).kind == "member"
    assert claim_of(either_house, logs, second.described.id, taken).kind == "absent"


def check_all(house: House, logs: Logs, built: Built) -> None:
    name, kinds = built.described.id, set()
    with opened(built.folder / "manifest.parquet") as manifest:
        items = {item.recording: item for item in manifest.items()}
    with house.reading() as connection:
        all_states = list(states(connection))
    pairs = {}
    for state in all_states:
        claim = claim_of(house, logs, name, state.recording)
        assert (claim.recording, claim.registered) == (state.recording, state.event)
        item = items.get(state.recording)
        assert claim.kind == ("absent" if item is None else "member")
        assert claim.value == (None if item is None else item_json(item))
        kinds.add(claim.kind)
        if item is not None:
            handle = handle_of(state.opening)
            value = sealed_value(handle, rfc8785.dumps(dict(claim.value or {})))
            pairs[set_key(handle, built.described.manifest)] = value
    assert kinds == {"member", "absent"}
    assert len(pairs) == len(items)
    assert find_set(house, name).root == oracle_root(pairs).hex()


def test_a_proof_shows_nothing_of_any_other_recording(stocked: Stock, tmp_path: Path) -> None:
    built, logs = cut(stocked, tmp_path / "set")
    with stocked.house.reading() as connection:
        rows = connection.execute(tables.recordings.select()).all()
    for mine in (stocked.permitted[1], stocked.others[0]):
        shown = repr(proved(stocked.house, logs, built.described.id, mine))
        for row in rows:
            for told_of in (f"'{row.id}'", f"'{row.title}'", row.digest, row.audio_digest):
                assert told_of not in shown or row.id == mine
            assert row.blob not in shown
        assert f"'{mine}'" in shown


def test_the_root_is_on_record_and_all_is_kept_before_any_audio_is_read(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, plain, checked = stocked.house, Entry.open, []

    def asserting(self: Entry, recording: str) -> object:
        found = find_set(house, "s0")
        assert found.root == kept_tree(house, found.manifest).root.hex()
        assert kept_manifest(house, found.manifest).exists()
        checked.append(recording)
        return plain(self, recording)

    monkeypatch.setattr(Entry, "open", asserting)
    build(house, PROGRAM, tmp_path / "set", by="Kim")
    assert checked == list(stocked.permitted)


def test_what_was_taken_back_during_the_build_stays_a_member_of_what_was_put_on_record(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, taken = put_on_record, stocked.permitted[2]

    def cut_and_withdraw(*asked: object) -> object:
        done = plain(*asked)  # type: ignore[arg-type]  # as it was asked
        take_back(stocked.house, taken)
        return done

    monkeypatch.setattr(building, "cut", cut_and_withdraw)
    built, logs = cut(stocked, tmp_path / "set")
    assert built.described.withdrawn == (taken,)
    assert claim_of(stocked.house, logs, "s0", taken).kind == "member"


def test_a_build_that_is_refused_keeps_nothing(stocked: Stock, tmp_path: Path) -> None:
    refuse(stocked.house, About(holder="Ada Quill"), RIVAL)
    with pytest.raises(NotPermitted):
        build(stocked.house, PROGRAM, tmp_path / "set", by="Kim")
    assert not (stocked.house.settings.kept / "sets").exists()


def test_proofs_are_the_same_after_a_rebuild(stocked: Stock, tmp_path: Path) -> None:
    _, logs = cut(stocked, tmp_path / "set")
    every = (*stocked.permitted, *stocked.others)
    before = [prove_member(stocked.house, logs, "s0", name) for name in every]
    rebuild(stocked.house)
    assert [prove_member(stocked.house, logs, "s0", name) for name in every] == before


def test_what_is_not_there_is_unknown(stocked: Stock, tmp_path: Path) -> None:
    _, logs = cut(stocked, tmp_path / "set")
    with pytest.raises(Unknown, match="no recording"):
        prove_member(stocked.house, logs, "s0", "r999")
    with pytest.raises(Unknown, match="no training set"):
        prove_member(stocked.house, logs, "s9", stocked.permitted[0])
    build(stocked.house, PROGRAM, tmp_path / "again", by="Kim")
    with pytest.raises(NoReceiptYet):
        prove_member(stocked.house, logs, "s1", stocked.permitted[0])


def test_a_set_of_which_nothing_was_kept_proves_nothing(stocked: Stock, tmp_path: Path) -> None:
    built, logs = cut(stocked, tmp_path / "set")
    folder = stocked.house.settings.kept / "sets" / built.described.manifest
    (folder / "manifest.parquet").rename(tmp_path / "away")
    with pytest.raises(Tampered, match="cannot be read"):
        prove_member(stocked.house, logs, "s0", stocked.permitted[0])
    # absence needs the tree only
    assert claim_of(stocked.house, logs, "s0", stocked.others[0]).kind == "absent"
    (folder / "tree.npy").unlink()
    with pytest.raises(Unknown, match="not kept"):
        prove_member(stocked.house, logs, "s0", stocked.permitted[0])


def test_no_byte_that_is_kept_can_be_another_and_give_a_proof_that_fails(
    stocked: Stock, tmp_path: Path
) -> None:
    built, logs = cut(stocked, tmp_path / "set")
    folder = stocked.house.settings.kept / "sets" / built.described.manifest
    mine, other = stocked.permitted[1], stocked.others[0]
    tampered = 0
    for path, names in (
        (folder / "tree.npy", (mine, other)),
        (folder / "manifest.parquet", (mine,)),
    ):
        whole = path.read_bytes()
        for at in range(0, len(whole), max(len(whole) // 60, 1)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
            for name in names:
                try:
                    proved(stocked.house, logs, "s0", name)
                    assert path.suffix == ".parquet", "every byte of the tree is of its root"
                except Tampered:
                    tampered += 1
        path.write_bytes(whole)
    assert tampered > 150
    assert claim_of(stocked.house, logs, "s0", mine).kind == "member"


def test_an_item_that_was_changed_is_told_of(stocked: Stock, tmp_path: Path) -> None:
    built, logs = cut(stocked, tmp_path / "set")
    path, mine = kept_manifest(stocked.house, built.described.manifest), stocked.permitted[1]
    with opened(path) as manifest:
        heading, items = manifest.heading, list(manifest.items())
    changed = [replace(it, title="Another") if it.recording == mine else it for it in items]
    path.unlink()
    write(path, heading, changed)
    with pytest.raises(Tampered, match=f"of {mine}"):
        prove_member(stocked.house, logs, "s0", mine)
    path.unlink()
    write(path, heading, [it for it in items if it.recording != mine])
    with pytest.raises(Tampered, match=f"lacks {mine}"):
        prove_member(stocked.house, logs, "s0", mine)


def test_what_a_set_says_of_somebody_who_was_erased_too_cannot_be_shown_any_more(
    stocked: Stock, tmp_path: Path
) -> None:
    house, both = stocked.house, stocked.permitted[0]
    shares = [Share(name="Ada Quill", share_ppm=1), Share(name="Di Marsh", share_ppm=1)]
    set_holders(house, both, shares, "desk")
    accept_terms(house, "Di Marsh", None, "desk")
    grant(house, About(holder="Di Marsh", program=PROGRAM), RIVAL)
    built, logs = cut(stocked, tmp_path / "set")
    assert both in listed(built.folder)
    before = {name: prove_member(house, logs, "s0", name) for name in stocked.permitted}
    forget(house, logs, "Di Marsh", "Lee")
    with pytest.raises(Unknown, match="erased since"):
        prove_member(house, logs, "s0", both)
    for name, data in before.items():
        assert check_receipt(data, logs.policy()).reason == "ok"
        if name != both:
            assert claim_of(house, logs, "s0", name).kind == "member"
    assert claim_of(house, logs, "s0", stocked.others[0]).kind == "absent"


def test_another_sets_tree_is_told_of(stocked: Stock, tmp_path: Path) -> None:
    first, _ = cut(stocked, tmp_path / "first")
    take_back(stocked.house, stocked.permitted[0])
    second, logs = cut(stocked, tmp_path / "second")
    folder = stocked.house.settings.kept / "sets"
    theirs = (folder / second.described.manifest / "tree.npy").read_bytes()
    (folder / first.described.manifest / "tree.npy").write_bytes(theirs)
    with pytest.raises(Tampered, match="s0"):
        prove_member(stocked.house, logs, "s0", stocked.permitted[1])


def test_a_manifest_that_names_what_the_catalogue_lacks_has_no_tree(
    stocked: Stock, tmp_path: Path
) -> None:
    built, _ = cut(stocked, tmp_path / "set")
    path = built.folder / "manifest.parquet"
    with stocked.house.reading() as connection:
        tree, columns = member_tree(connection, built.described.manifest, path)
    assert tree.root.hex() == find_set(stocked.house, "s0").root
    assert columns.keys.shape == columns.values.shape == (len(stocked.permitted), 32)
    with (
        platform(tmp_path / "empty") as empty,
        empty.reading() as connection,
        pytest.raises(Tampered, match="lacks r0"),
    ):
        member_tree(connection, built.described.manifest, path)


def test_a_tree_is_built_in_parts_as_in_one(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, _ = cut(stocked, tmp_path / "set")
    monkeypatch.setattr("assent.training.members._AT_ONCE", 3)
    with stocked.house.reading() as connection:
        tree, _ = member_tree(
            connection, built.described.manifest, built.folder / "manifest.parquet"
        )
    assert tree.root.hex() == find_set(stocked.house, "s0").root
