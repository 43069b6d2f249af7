"""Every kind of damage is found and none is an error; a whole log has no findings."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import StorageFailed, Tampered
from assent.log.checkpoint import Checkpoint, parse_signed, sign
from assent.log.cosignature import Cosigner
from assent.log.fsck import MOST_FINDINGS, Finding, Promised, fsck
from assent.log.note import Signer, format_note, parse_note
from assent.log.policy import Policy, PolicyLog, Witness
from assent.log.tile import bundle_path, format_bundle, tile_path
from assent.log.tree import EMPTY_ROOT
from tests.log.memory import (
    AT,
    ORIGIN,
    SIGNER,
    MemoryStore,
    entry,
    findings,
    grown,
    policy_of,
    published_log,
)

FULL = 256 * 256  # three levels of tiles, of which two are full
DEEP = FULL + 300  # both upper ones partial
SIZES = (0, 1, 2, 255, 256, 257, 511, 512, 513, 700)


@pytest.fixture(scope="module")
def full() -> MemoryStore:
    return grown(published_log(300), FULL)


@pytest.fixture(scope="module")
def deep(full: MemoryStore) -> MemoryStore:
    return grown(MemoryStore(full.files), DEEP)


def first(store: MemoryStore) -> Finding:
    found = findings(store)
    assert found, "nothing was found"
    return found[0]


def told(store: MemoryStore) -> list[tuple[str, str | None]]:
    return [(one.reason, one.path) for one in findings(store)]


@pytest.mark.parametrize("size", SIZES)
def test_a_whole_log_has_no_findings(size: int) -> None:
    assert findings(published_log(size)) == []


def test_a_whole_deep_log_has_no_findings(full: MemoryStore, deep: MemoryStore) -> None:
    assert findings(full) == []
    assert findings(deep) == []


@given(st.lists(st.integers(0, 200), min_size=1, max_size=4))
@settings(deadline=None, max_examples=30)
def test_what_smaller_sizes_left_is_no_finding(steps: list[int]) -> None:
    sizes = [sum(steps[:n]) for n in range(1, len(steps) + 1)]
    store = published_log(sizes[-1])
    for size in sizes:  # as if nothing had ever been tidied
        store.files = {**published_log(size).files, **store.files}
    assert findings(store) == []


def test_every_missing_file_is_found() -> None:
    whole = published_log(700)
    for path in whole.files:
        without = {name: data for name, data in whole.files.items() if name != path}
        assert told(MemoryStore(without)) == [("missing", path)]


@pytest.mark.parametrize("path", ["tile/0/255", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"])
def test_every_missing_file_of_a_deep_log_is_found(deep: MemoryStore, path: str) -> None:
    without = {name: data for name, data in deep.files.items() if name != path}
    assert told(MemoryStore(without)) == [("missing", path)]


def test_where_a_last_tile_and_its_entries_are_missing_no_root_is_asked_for() -> None:
    store, gone = published_log(300), ["tile/entries/001.p/44", "tile/0/001.p/44"]
    for path in gone:
        del store.files[path]
    assert told(store) == [("missing", path) for path in gone]


def test_every_truncated_file_is_found() -> None:
    whole = published_log(300)
    for path, data in whole.files.items():
        for length in {0, 1, len(data) // 2, len(data) - 1} - {len(data)}:
            store = MemoryStore({**whole.files, path: data[:length]})
            assert first(store).path == path, (path, length)


def test_every_file_with_something_after_it_is_found() -> None:
    whole = published_log(300)
    for path, data in whole.files.items():
        assert first(MemoryStore({**whole.files, path: data + b"\0"})).path == path


@given(st.data())
@settings(deadline=None)
def test_no_garbage_is_an_error(data: st.DataObject) -> None:
    whole = published_log(257)
    path = data.draw(st.sampled_from(sorted(whole.files)))
    garbage = data.draw(st.binary(max_size=300) | st.just(whole.files[path][::-1]))
    if garbage != whole.files[path]:
        assert findings(MemoryStore({**whole.files, path: garbage}))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (tile_path(0, 1), "tile/0/001 is not 256 hashes"),
        (bundle_path(1), "tile/entries/001 is not 256 entries"),
        (tile_path(1, 0, 2), "tile/1/000.p/2 is not 2 hashes"),
        ("checkpoint", "the checkpoint cannot be read: a note has no empty line"),
    ],
)
def test_a_damaged_file_is_told_in_one_clause(path: str, text: str) -> None:
    store = published_log(600)
    store.files[path] = b"garbage"
    assert first(store).text.startswith(text)
    assert first(store).reason == "malformed"


def test_an_entry_that_is_another_is_named() -> None:
    store = published_log(600)
    entries = [entry(number) for number in range(256, 512)]
    entries[7] = entries[9] = b"another"
    store.files[bundle_path(1)] = format_bundle(entries)
    (found,) = findings(store)
    assert found == Finding(
        text="entry 263 does not hash to what tile/0/001 says of it",
        reason="hash",
        path="tile/0/001",
        index=263,
    )


def test_a_tile_that_is_not_what_the_one_above_says_is_named(deep: MemoryStore) -> None:
    store = MemoryStore(deep.files)
    store.files["tile/1/000"] = bytes(32) + deep.files["tile/1/000"][32:]
    assert [one.text for one in findings(store)] == [
        "tile/0/000 does not hash to what tile/1/000 says of it",
        "tile/1/000 does not hash to what tile/2/000.p/1 says of it",
    ]


def test_what_cannot_be_read_below_is_not_held_against_the_tiles_above(deep: MemoryStore) -> None:
    store = MemoryStore(deep.files)
    gone = ["tile/entries/005", "tile/0/005", "tile/1/000"]
    for path in gone:
        del store.files[path]
    assert told(store) == [("missing", path) for path in gone]


def test_without_its_tile_an_entry_is_still_held_to_the_root() -> None:
    store = published_log(40)
    del store.files["tile/0/000.p/40"]
    assert told(store) == [("missing", "tile/0/000.p/40")]
    entries = [entry(number) for number in range(39)]
    store.files["tile/entries/000.p/40"] = format_bundle([*entries, b"another"])
    assert told(store) == [("missing", "tile/0/000.p/40"), ("root", "checkpoint")]


def test_entries_and_tiles_that_are_all_another_logs_have_another_root() -> None:
    store = published_log(300, events=[b"another"])
    store.files["checkpoint"] = published_log(300).files["checkpoint"]
    (found,) = findings(store)
    assert found.text == "the entries are not those whose root the checkpoint gives"
    assert (found.reason, found.path) == ("root", "checkpoint")


def test_an_empty_log_has_the_root_of_nothing() -> None:
    store = MemoryStore()
    wrong = Checkpoint(origin=ORIGIN, size=0, root=bytes(32))
    store.files["checkpoint"] = sign(wrong, [SIGNER])
    assert told(store) == [("root", "checkpoint")]
    store.files["checkpoint"] = sign(replace(wrong, root=EMPTY_ROOT), [SIGNER])
    assert told(store) == []


def test_of_a_partial_tile_that_was_removed_the_full_one_is_read() -> None:
    store, more = published_log(300), published_log(512)
    for path in [path for path in store.files if ".p/44" in path]:
        del store.files[path]
    more.files["checkpoint"] = store.files["checkpoint"]
    store.files |= {path: more.files[path] for path in ("tile/0/001", "tile/entries/001")}
    assert list(fsck(store.get, policy_of(SIGNER.vkey))) == []
    store.files["tile/0/001"] = b"garbage"
    (found,) = fsck(store.get, policy_of(SIGNER.vkey))
    assert (found.reason, found.path) == ("missing", "tile/0/001.p/44")


def test_a_checkpoint_that_nobody_trusted_signed_is_told_and_the_rest_still_checked() -> None:
    stranger = Signer.of(ORIGIN, bytes(32))
    store = published_log(300)
    del store.files["tile/0/000"]
    found = list(fsck(store.get, policy_of(stranger.vkey)))
    assert [one.reason for one in found] == ["signature", "missing"]
    assert found[0].text == (
        "the checkpoint is not to be trusted: the log did not sign this checkpoint"
    )


def test_a_broken_signature_is_told() -> None:
    store = published_log(300)
    note = parse_note(store.files["checkpoint"])
    (line,) = note.signatures
    broken = replace(line, value=line.value[:-1] + bytes([line.value[-1] ^ 1]))
    store.files["checkpoint"] = format_note(replace(note, signatures=(broken,)))
    assert told(store) == [("signature", "checkpoint")]


def test_a_quorum_that_is_not_met_is_told() -> None:
    store, witness = published_log(300), Cosigner.of("witness.example", bytes(32))
    policy = Policy(
        logs=(PolicyLog(key=SIGNER.vkey),),
        witnesses=(Witness(name="w", key=witness.vkey),),
        groups=(),
        quorum="w",
    )
    (found,) = fsck(store.get, policy)
    assert found.reason == "quorum"
    checkpoint, note = parse_signed(store.files["checkpoint"])
    store.files["checkpoint"] = format_note(note.plus(witness.cosign(checkpoint, AT)))
    assert list(fsck(store.get, policy)) == []


def test_a_size_out_of_all_bounds_ends_in_so_many_findings() -> None:
    store = published_log(300)
    huge = Checkpoint(origin=ORIGIN, size=2**63 - 1, root=bytes(32))
    store.files["checkpoint"] = sign(huge, [SIGNER])
    found = findings(store)
    assert len(found) == MOST_FINDINGS + 1
    assert (found[-1].reason, found[-2].reason) == ("more", "missing")


def test_a_disk_that_fails_is_a_finding() -> None:
    store = published_log(300)

    def get(path: str) -> bytes | None:
        if path == "tile/0/000":
            raise StorageFailed("cannot read the log: the disk failed")
        return store.get(path)

    def names() -> Iterator[str]:
        yield "tile/0/000"
        raise StorageFailed("cannot list the log: the disk failed")

    assert [one.text for one in fsck(get, policy_of(SIGNER.vkey), names=names)] == [
        "tile/0/000 cannot be read: cannot read the log: the disk failed",
        "the files of the log cannot be listed: cannot list the log: the disk failed",
    ]


STRAYS = [
    ("tile/0/002", "tile/0/002 is in no log of 300 entries"),
    ("tile/0/001.p/45", "tile/0/001.p/45 is in no log of 300 entries"),
    ("tile/entries/001.p/45", "tile/entries/001.p/45 is in no log of 300 entries"),
    ("tile/entries/001", "tile/entries/001 is in no log of 300 entries"),
    ("tile/1/000.p/2", "tile/1/000.p/2 is in no log of 300 entries"),
    ("tile/2/000.p/1", "tile/2/000.p/1 is in no log of 300 entries"),
    ("tile/63/000.p/1", "tile/63/000.p/1 is in no log of 300 entries"),
    ("tile/0/1", "tile/0/1 is no file of a log"),
    ("tile/", "tile/ is no file of a log"),
    ("tile/0/000.p/256", "tile/0/000.p/256 is no file of a log"),
]


@pytest.mark.parametrize(("path", "text"), STRAYS)
def test_what_belongs_to_no_tree_of_this_size_is_told(path: str, text: str) -> None:
    store = published_log(300)
    store.files[path] = b"whatever"
    (found,) = findings(store)
    assert found == Finding(text=text, reason="stray", path=path)


def test_what_lies_beside_the_tiles_is_nobodys_business() -> None:
    store = published_log(300)
    store.files |= {"index.html": b"welcome", "tiles/0/000": b"what?"}
    assert findings(store) == []


def test_what_a_smaller_size_left_must_be_the_beginning_of_what_is_there() -> None:
    store, small = published_log(300), published_log(7, events=[b"another"])
    for path in ("tile/0/000.p/7", "tile/entries/000.p/7"):
        store.files[path] = small.files[path]
        (found,) = findings(store)
        assert found.text == f"{path} is not the beginning of {path.partition('.')[0]}"
        assert (found.reason, found.path) == ("hash", path)
        store.files[path] = b"garbage"
        assert told(store) == [("malformed", path)]
        del store.files[path]


def test_what_is_left_beside_a_missing_tile_is_not_told_twice() -> None:
    store = MemoryStore({**published_log(7).files, **published_log(300).files})
    del store.files["tile/0/000"]
    assert told(store) == [("missing", "tile/0/000")]


def promised(size: int) -> list[Promised]:
    return [Promised(entry=entry(number), made=entry(number)) for number in range(size)]


def against(ledger: Iterable[Promised], size: int = 600) -> list[tuple[str, str, int | None]]:
    found = fsck(published_log(size).get, policy_of(SIGNER.vkey), promised=ledger)
    return [(one.reason, one.text, one.index) for one in found]


@pytest.mark.parametrize("size", SIZES)
def test_a_log_is_what_its_ledger_promised_and_the_ledger_may_be_ahead(size: int) -> None:
    for ahead in (0, 1, 300):
        assert against(promised(size + ahead), size) == []


def test_an_entry_that_the_ledger_has_otherwise_is_named() -> None:
    ledger = promised(600)
    ledger[299] = Promised(entry=b"another", made=b"another")
    assert against(ledger) == [
        ("promise", "entry 299 is not what the catalogue promised", 299),
    ]


def test_an_event_that_gives_another_entry_now_is_named_and_an_erased_one_is_not() -> None:
    ledger = promised(600)
    ledger[3] = ledger[3]._replace(made=None)
    ledger[299] = ledger[299]._replace(made=b"another")
    assert against(ledger) == [
        ("event", "the event of entry 299 is not what was promised of it", 299),
    ]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 599])
def test_a_ledger_that_has_less_is_told_once(size: int) -> None:
    assert against(promised(size)) == [
        ("promise", f"the catalogue has {size} of the log's entries, and no more", size),
    ]


def test_a_ledger_that_cannot_be_read_is_told_once() -> None:
    def broken() -> Iterator[Promised]:
        yield from promised(300)
        raise Tampered("the catalogue lacks entries")

    assert against(broken()) == [
        (
            "unreadable",
            "what the catalogue promised cannot be read: the catalogue lacks entries",
            256,
        ),
    ]


def test_where_a_bundle_is_missing_the_ledger_goes_on_beside_the_next() -> None:
    store, ledger = published_log(600), promised(600)
    del store.files["tile/entries/000"]
    ledger[5] = ledger[5]._replace(made=b"another")
    ledger[300] = ledger[300]._replace(entry=b"another", made=None)
    found = fsck(store.get, policy_of(SIGNER.vkey), promised=ledger)
    assert [(one.reason, one.index) for one in found] == [
        ("missing", None),
        ("event", 5),
        ("promise", 300),
    ]
