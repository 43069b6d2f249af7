"""What is published is what was promised, grows only, and is refused where it does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, update

from assent.catalogue import tables
from assent.catalogue.engine import reading, writing
from assent.catalogue.events import append
from assent.catalogue.leaves import Ledger, promises
from assent.errors import CouldNot, KeyFailed, StorageFailed, Tampered
from assent.log.checkpoint import Checkpoint, parse_signed, sign
from assent.log.cosignature import Cosigner, MldsaCosigner
from assent.log.fsck import Promised, fsck
from assent.log.note import Signature, Signer
from assent.log.policy import Policy, PolicyLog, Witness
from assent.log.tile import TileReader, parse_bundle, tiles_of
from assent.log.tree import (
    EMPTY_ROOT,
    HashAt,
    check_growth,
    check_inclusion,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
)
from assent.log.writer import CHECKPOINT, Published, Writer, _filled, read_published
from tests.log.memory import (
    AT,
    ORIGIN,
    SIGNER,
    MemoryLedger,
    MemoryStore,
    check_one_history,
    entry,
    findings,
    grown,
    policy_of,
    published_log,
    remembering,
)

sizes = st.lists(st.integers(0, 120), min_size=1, max_size=5).map(lambda s: list(accumulate(s)))


def published_entries(store: MemoryStore, size: int) -> list[bytes]:
    """All entries, as a stranger would read them."""
    found: list[bytes] = []
    for index in range(-(-size // 256)):
        width = min(256, size - 256 * index)
        path = f"tile/entries/{index:03}" + (f".p/{width}" if width < 256 else "")
        found += parse_bundle(store.files[path], width)
    return found


def check_consistent(store: MemoryStore, checkpoints: Sequence[Checkpoint]) -> None:
    """Every checkpoint is shown to be the beginning of every later one, from tiles alone."""
    for old, new in combinations(checkpoints, 2):
        proof = prove_consistency(old.size, new.size, TileReader(store.get, checkpoints[-1].size))
        check_growth(old.size, old.root, new.size, new.root, proof)


@given(sizes, st.integers(1, 300), st.booleans())
@settings(deadline=None)
def test_a_log_grows_step_by_step_and_is_whole_at_each(
    steps: list[int], step: int, one_writer: bool
) -> None:
    store, ledger = MemoryStore(), MemoryLedger(step=step)
    signed: list[Checkpoint] = []
    writer = Writer(ledger, store, [remembering(signed)])
    for size in steps:
        ledger.grow(size)
        before = read_published(store)
        done = writer.publish(AT)
        assert done.checkpoint.size == size
        assert done.fresh == size - (before[0].size if before else 0)
        assert read_published(store) == (done.checkpoint, done.note)
        assert findings(store, ledger) == []
        assert published_entries(store, size) == ledger.events
        if not one_writer:
            writer = Writer(ledger, store, [remembering(signed)])
    check_consistent(store, signed)
    check_one_history(signed)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_every_entry_is_shown_to_be_included_from_public_files_alone(size: int) -> None:
    store = published_log(size)
    checkpoint, _ = parse_signed(store.files[CHECKPOINT])
    reader = TileReader(store.get, size)
    for index in range(size):
        proof = prove_inclusion(index, size, reader)
        check_inclusion(hash_leaf(entry(index)), index, size, proof, checkpoint.root)


@given(sizes)
@settings(deadline=None)
def test_however_it_grew_a_log_ends_in_the_same_bytes(steps: list[int]) -> None:
    store, ledger = MemoryStore(), MemoryLedger()
    for size in steps:
        ledger.grow(size)
        Writer(ledger, store, [SIGNER]).publish(AT)
    at_once = published_log(steps[-1]).files
    assert {path: store.files[path] for path in at_once} == at_once


def test_a_partial_tile_goes_when_the_full_one_is_there_and_not_before() -> None:
    store = published_log(300)
    grown(store, 301)
    assert [path for path in store.files if "entries/001" in path] == [
        "tile/entries/001.p/44",
        "tile/entries/001.p/45",
    ]
    grown(store, 512)
    assert [path for path in store.files if ".p/" in path] == ["tile/1/000.p/1", "tile/1/000.p/2"]
    assert findings(store) == []


@given(st.integers(0, 70_000) | st.integers(0, 1_000), st.integers(0, 70_000))
def test_what_is_tidied_is_what_was_partial_and_is_full_now(old: int, more: int) -> None:
    new = old + more
    full = {place[:2] for place in tiles_of(0, new) if place[2] == 256}
    partial = {place[:2] for place in tiles_of(0, old) if place[2] < 256}
    assert {place[:2] for place in _filled(old, new)} == partial & full


class Begun:
    """A log of 300 entries, and what its store is asked for from then on."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger()
        self.ledger.grow(300)
        self.signed: list[Checkpoint] = []
        self.store = MemoryStore()
        self.first = self.writer().publish(AT)

    def writer(self, witnesses: "Tells | None" = None) -> Writer:
        return Writer(self.ledger, self.store, [remembering(self.signed)], witnesses)

    def refused(self, writer: Writer | None = None, **facts: object) -> Tampered:
        """Have more published, in vain; return what was said."""
        self.ledger.grow(400)
        before, signed = self.store.files[CHECKPOINT], len(self.signed)
        with pytest.raises(Tampered) as caught:
            (writer or self.writer()).publish(AT)
        assert self.store.files[CHECKPOINT] == before
        assert len(self.signed) == signed, "something was signed"
        assert {name: caught.value.facts.get(name) for name in facts} == facts
        return caught.value


@pytest.fixture
def begun() -> Begun:
    return Begun()


def test_where_nothing_has_happened_the_same_note_is_there(begun: Begun) -> None:
    writer = begun.writer()
    again = [writer.publish(AT), writer.publish(AT), begun.writer().publish(AT)]
    assert again == [replace(begun.first, fresh=0)] * 3
    assert len(begun.signed) == 1


def test_if_asked_it_is_signed_again_where_nothing_has_happened(begun: Begun) -> None:
    done = begun.writer().publish(AT, again=True)
    assert done == replace(begun.first, fresh=0)  # Ed25519 has one signature for one text
    assert len(begun.signed) == 2


def test_a_checkpoint_that_a_writer_finds_is_put_once_more(begun: Begun) -> None:
    puts: list[list[str]] = []
    put = begun.store.put

    def spy(files: Mapping[str, bytes]) -> None:
        puts.append(list(files))
        put(files)

    begun.store.put = spy  # type: ignore[method-assign]  # on one store only
    writer = begun.writer()
    for _ in range(3):
        writer.publish(AT)
    assert puts == [[CHECKPOINT]]
    begun.ledger.grow(301)
    writer.publish(AT)
    writer.publish(AT)
    assert puts[1:] == [["tile/entries/001.p/45", "tile/0/001.p/45"], [CHECKPOINT]]


def test_an_empty_log_is_published_too() -> None:
    store = MemoryStore()
    done = Writer(MemoryLedger(), store, [SIGNER]).publish(AT)
    assert (done.checkpoint.size, done.checkpoint.root, done.fresh) == (0, EMPTY_ROOT, 0)
    assert list(store.files) == [CHECKPOINT]


def test_a_ledger_from_an_older_copy_signs_nothing(begun: Begun) -> None:
    begun.ledger = MemoryLedger(events=begun.ledger.events[:200])
    begun.refused(reason="rolled-back", known=300, size=0)
    error = begun.refused(reason="rolled-back", known=300, size=0)
    assert error.text == (
        "300 entries of the log are known elsewhere, and the catalogue has 0: it was restored from"
        " an older copy; nothing is signed"
    )


@pytest.mark.parametrize("size", [300, 301, 400, 700])
@pytest.mark.parametrize("changed", [0, 255, 256, 299])
def test_a_ledger_with_another_history_signs_nothing(begun: Begun, size: int, changed: int) -> None:
    other = MemoryLedger(events=list(begun.ledger.events))
    other.events[changed] = b"another"
    other.grow(size)
    while other.sequence():
        pass
    begun.ledger = other
    writer = begun.writer()
    before = len(begun.signed)
    for again in (False, True):
        with pytest.raises(Tampered) as caught:
            writer.publish(AT, again=again)
        assert caught.value.facts["reason"] in {"forked", "unreadable"}
    assert len(begun.signed) == before


def test_a_fork_at_the_same_size_is_called_one(begun: Begun) -> None:
    begun.ledger = MemoryLedger(events=[b"another", *begun.ledger.events[1:]])
    while begun.ledger.sequence():
        pass
    for again in (False, True):
        with pytest.raises(Tampered) as caught:
            begun.writer().publish(AT, again=again)
        assert caught.value.facts == {"reason": "forked", "size": 300}


RIGHT_EDGE = ["tile/1/000.p/1"]  # what a larger tree is built on; the rest is made anew


@pytest.mark.parametrize("size", [301, 400, 512, 700])
def test_a_flipped_bit_on_the_right_edge_is_built_on_by_nobody(size: int) -> None:
    for path in RIGHT_EDGE:
        for at in range(0, 256, 37):
            begun = Begun()
            data = bytearray(begun.store.files[path])
            data[at // 8] ^= 1 << at % 8
            begun.store.files[path] = bytes(data)
            begun.ledger.grow(size)
            assert begun.refused().facts["reason"] in {"forked", "unreadable"}


@pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/entries/001.p/44"])
def test_a_damaged_partial_tile_is_made_anew_from_the_ledger(begun: Begun, path: str) -> None:
    begun.store.files[path] = b"garbage"
    begun.ledger.grow(700)
    begun.writer().publish(AT)
    assert findings(begun.store, begun.ledger) == []


@pytest.mark.parametrize("damage", [None, b"", b"garbage"])
def test_a_missing_or_broken_file_on_the_right_edge_is_built_on_by_nobody(
    begun: Begun, damage: bytes | None
) -> None:
    if damage is None:
        del begun.store.files["tile/1/000.p/1"]
    else:
        begun.store.files["tile/1/000.p/1"] = damage
    begun.ledger.grow(700)
    error = begun.refused(reason="unreadable")
    assert error.text == "the log's files are not what was written; nothing is signed"


class Corrupts(MemoryStore):
    """A store that gives something else back than it was given, of one file."""

    def __init__(self, store: MemoryStore, path: str, data: bytes | None) -> None:
        super().__init__(store.files)
        self._path, self._data = path, data

    def get(self, path: str) -> bytes | None:
        return self._data if path == self._path else super().get(path)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001",
        "tile/entries/001",
        "tile/0/002.p/188",
        "tile/entries/002.p/188",
        "tile/1/000.p/2",
    ],
)
def test_what_the_store_does_not_give_back_is_not_signed(begun: Begun, path: str) -> None:
    begun.ledger.grow(700)
    whole = grown(MemoryStore(), 700).files[path]
    flipped = whole[:-1] + bytes([whole[-1] ^ 1])
    for data in (flipped, whole[:-1], b"", None):
        begun.store = Corrupts(begun.store, path, data)
        assert begun.refused().facts["reason"] == "unreadable"


def test_an_entry_that_is_not_what_was_promised_is_not_signed(begun: Begun) -> None:
    begun.ledger.grow(310)
    while begun.ledger.sequence():
        pass
    begun.ledger.events[305] = b"another"  # a bit flips between promise and publication
    begun.refused(reason="forked")


class Fails(MemoryStore):
    """A store of which one act fails, once."""

    def __init__(self, store: MemoryStore, what: str) -> None:
        super().__init__(store.files)
        self.what = what

    def _fail(self, what: str) -> None:
        if self.what == what:
            self.what = ""
            raise StorageFailed(f"cannot {what}: the disk failed")

    def get(self, path: str) -> bytes | None:
        self._fail(f"get {path}")
        return super().get(path)

    def put(self, files: Mapping[str, bytes]) -> None:
        self._fail(f"put {next(iter(files))}")
        super().put(files)

    def delete_under(self, folder: str) -> None:
        self._fail(f"delete {folder}")
        super().delete_under(folder)


@pytest.mark.parametrize(
    "what", ["put tile/entries/001", "put tile/1/000.p/2", "put checkpoint", "get tile/0/001"]
)
def test_a_writer_whose_store_failed_signs_nothing_more_and_the_next_one_finishes(
    begun: Begun, what: str
) -> None:
    begun.store = Fails(begun.store, what)
    begun.ledger.grow(700)
    writer = begun.writer()
    with pytest.raises(StorageFailed, match=r"the disk failed$"):
        writer.publish(AT)
    signed = len(begun.signed)
    for again in (False, True):
        with pytest.raises(StorageFailed) as caught:
            writer.publish(AT, again=again)
        assert caught.value.text == ("the log has stopped, because its disk failed; start it again")
    assert len(begun.signed) == signed
    assert begun.writer().publish(AT).checkpoint.size == 700
    assert findings(begun.store, begun.ledger) == []
    check_one_history(begun.signed)


def test_a_checkpoint_that_could_not_be_put_once_more_stops_the_writer(begun: Begun) -> None:
    begun.store = Fails(begun.store, "put checkpoint")
    writer = begun.writer()
    for _ in range(2):
        with pytest.raises(StorageFailed):
            writer.publish(AT)
    assert begun.writer().publish(AT).note == begun.first.note


def test_a_catalogue_that_failed_before_anything_was_written_may_try_again(begun: Begun) -> None:
    sequence = begun.ledger.sequence
    writer = begun.writer()

    def fail() -> int:
        raise StorageFailed("the database could not do it; nothing was changed")

    begun.ledger.sequence = fail  # type: ignore[method-assign]  # a database that is away
    with pytest.raises(StorageFailed):
        writer.publish(AT)
    begun.ledger.sequence = sequence  # type: ignore[method-assign]  # and comes back
    begun.ledger.grow(301)
    assert writer.publish(AT).checkpoint.size == 301


def test_what_cannot_be_tidied_is_left_and_the_log_goes_on(begun: Begun) -> None:
    begun.store = Fails(begun.store, "delete tile/0/001.p")
    begun.ledger.grow(700)
    writer = begun.writer()
    assert writer.publish(AT).checkpoint.size == 700
    assert "tile/0/001.p/44" in begun.store.files
    begun.ledger.grow(701)
    assert writer.publish(AT).checkpoint.size == 701
    assert findings(begun.store, begun.ledger) == []


def test_a_checkpoint_that_is_none_signs_nothing(begun: Begun) -> None:
    begun.store.files[CHECKPOINT] = b"garbage"
    error = begun.refused()
    assert error.text == "the published checkpoint cannot be read; run assent log fsck"


def test_a_checkpoint_with_a_broken_signature_signs_nothing(begun: Begun) -> None:
    note = begun.first.note
    begun.store.files[CHECKPOINT] = note.replace(b"\n300\n", b"\n200\n")
    assert begun.refused().text == "the published checkpoint's signature does not verify"


def test_a_checkpoint_of_a_strangers_signs_nothing(begun: Begun) -> None:
    stranger = Signer.of(ORIGIN, bytes(32))
    begun.store.files[CHECKPOINT] = sign(begun.first.checkpoint, [stranger])
    assert begun.refused().text == ("the published checkpoint is not signed by any key of this log")


def test_files_of_another_log_sign_nothing(begun: Begun) -> None:
    other = Signer.of("log.example/index", bytes(32))
    checkpoint = replace(begun.first.checkpoint, origin="log.example/index")
    begun.store.files[CHECKPOINT] = sign(checkpoint, [other])
    assert begun.refused().text == (
        "the files of the log log.example/index lie where log.example/consent writes"
    )


def test_keys_of_another_log_sign_nothing(begun: Begun) -> None:
    other = Signer.of("log.example/index", bytes(32))
    second = MldsaCosigner.of(other.vkey.name, bytes(32))
    wrong: list[list[Signer | MldsaCosigner]] = [[other], [SIGNER, other], [SIGNER, second]]
    for signers in wrong:
        with pytest.raises(KeyFailed, match=r"^these are not the keys of the log log.example/cons"):
            Writer(begun.ledger, begun.store, signers).publish(AT)


def test_after_a_rotation_old_and_new_keys_sign_and_either_one_is_enough(begun: Begun) -> None:
    fresh = Signer.of(ORIGIN, bytes(32))
    Writer(begun.ledger, begun.store, [fresh, SIGNER]).publish(AT, again=True)
    Writer(begun.ledger, begun.store, [fresh]).publish(AT)
    for key in (fresh, SIGNER):
        assert list(fsck(begun.store.get, policy_of(key.vkey))) == []


def test_a_second_line_with_mldsa_is_signed_and_holds(begun: Begun) -> None:
    second = MldsaCosigner.of(ORIGIN, bytes(32))
    Writer(begun.ledger, begun.store, [SIGNER, second]).publish(AT, again=True)
    _, note = parse_signed(begun.store.files[CHECKPOINT])
    assert [line.key_id for line in note.signatures] == [SIGNER.vkey.key_id, second.vkey.key_id]
    assert list(fsck(begun.store.get, policy_of(SIGNER.vkey, second.vkey))) == []


class Tells:
    """A witness that has seen so much of the log, and cosigns unless it knows another history."""

    def __init__(self, largest: int = 0, error: Tampered | None = None) -> None:
        self.key = Cosigner.of("witness.example", bytes(32))
        self.seen, self.asked = largest, 0
        self.shown: list[Checkpoint] = []
        self._error = error

    def largest(self, origin: str) -> int:
        assert origin == ORIGIN
        self.asked += 1
        return self.seen

    def cosign(self, checkpoint: bytes, hash_at: HashAt) -> Sequence[Signature]:
        if self._error is not None:
            raise self._error
        shown, _ = parse_signed(checkpoint)
        if self.shown:
            proof = prove_consistency(self.shown[-1].size, shown.size, hash_at)
            last = self.shown[-1]
            check_growth(last.size, last.root, shown.size, shown.root, proof)
        self.shown.append(shown)
        return (self.key.cosign(shown, AT),)


def test_witnesses_cosign_each_size_and_the_first_they_see_is_the_logs_own_word(
    begun: Begun,
) -> None:
    witness = Tells()
    policy = Policy(
        logs=(PolicyLog(key=SIGNER.vkey),),
        witnesses=(Witness(name="w", key=witness.key.vkey),),
        groups=(),
        quorum="w",
    )
    writer = begun.writer(witness)
    for size in (300, 301, 700):
        begun.ledger.grow(size)
        done = writer.publish(AT, again=True)
        assert policy.check(done.note, AT).witnessed
        assert list(fsck(begun.store.get, policy)) == []
    assert [shown.size for shown in witness.shown] == [300, 301, 700]
    assert witness.asked == 1


def test_a_witness_that_knows_more_is_asked_again_until_a_person_has_looked(begun: Begun) -> None:
    witness = Tells(largest=500)
    writer = begun.writer(witness)
    for _ in range(3):
        error = begun.refused(writer, reason="rolled-back", known=500, size=300)
        assert error.text.startswith("500 entries of the log are known elsewhere")
    assert witness.asked == 3
    witness.seen = 300
    assert writer.publish(AT).checkpoint.size == 400


def test_where_no_witness_can_be_asked_nothing_is_signed_until_one_can(begun: Begun) -> None:
    class Silent(Tells):
        def largest(self, origin: str) -> int | None:  # type: ignore[override]  # as the port says
            return None if self.asked < 2 else super().largest(origin)

        def silence(self) -> None:
            self.asked += 1

    witness = Silent()
    writer = begun.writer(witness)
    begun.ledger.grow(400)
    for _ in range(2):
        with pytest.raises(CouldNot, match="no witness answers"):
            writer.publish(AT)
        assert begun.store.files[CHECKPOINT] == begun.first.note
        witness.silence()
    assert writer.publish(AT).checkpoint.size == 400


def test_a_witness_that_knows_another_history_leaves_what_was_public(begun: Begun) -> None:
    witness = Tells(error=Tampered("a witness knows another history", reason="forked"))
    begun.ledger.grow(400)
    with pytest.raises(Tampered, match="a witness knows another history"):
        begun.writer(witness).publish(AT)
    assert begun.store.files[CHECKPOINT] == begun.first.note


def tell(engine: Engine, numbers: range) -> None:
    """Have statements of nobody's be made."""
    with writing(engine) as connection:
        for number in numbers:
            append(connection, "statement", AT, "Ada", {"n": number})


def publish(ledger: Ledger, store: MemoryStore, signed: list[Checkpoint]) -> Published:
    return Writer(ledger, store, [remembering(signed)]).publish(AT)


def test_a_real_ledger_is_published_step_by_step(engine: Engine) -> None:
    store, signed, ledger, told = MemoryStore(), list[Checkpoint](), Ledger(engine, "consent"), 0
    ledger.start(ORIGIN)
    for size in (0, 1, 1, 255, 256, 257, 300, 600):
        tell(engine, range(told, size))
        told = size
        assert publish(ledger, store, signed).checkpoint.size == size
        with reading(engine) as connection:
            promised = [Promised(*promise) for promise in promises(connection, "consent")]
        policy = policy_of(SIGNER.vkey)
        assert list(fsck(store.get, policy, names=store.names, promised=promised)) == []
        assert published_entries(store, size) == ledger.entries(0, size)
    check_consistent(store, signed)
    check_one_history(signed)


def test_a_real_ledger_from_an_older_copy_signs_nothing(engine: Engine) -> None:
    store, signed, ledger = MemoryStore(), list[Checkpoint](), Ledger(engine, "consent")
    ledger.start(ORIGIN)
    tell(engine, range(10))
    publish(ledger, store, signed)
    with writing(engine) as connection:
        connection.execute(delete(tables.leaves))
        connection.execute(update(tables.logs).values(size=0, peaks=b""))
    with pytest.raises(Tampered) as caught:
        publish(ledger, store, signed)
    assert caught.value.facts == {"reason": "rolled-back", "known": 10, "size": 0}
    assert len(signed) == 1


@pytest.mark.parametrize("spoil", ["entry", "peaks"])
def test_a_real_ledger_that_was_damaged_signs_nothing(engine: Engine, spoil: str) -> None:
    store, signed, ledger = MemoryStore(), list[Checkpoint](), Ledger(engine, "consent")
    ledger.start(ORIGIN)
    tell(engine, range(10))
    publish(ledger, store, signed)
    with writing(engine) as connection:
        if spoil == "entry":
            connection.execute(update(tables.leaves).values(entry=b"another"))
        else:
            connection.execute(update(tables.logs).values(peaks=bytes(64)))
    tell(engine, range(10, 12))
    with pytest.raises(Tampered) as caught:
        publish(ledger, store, signed)
    assert caught.value.facts["reason"] == "forked"
    assert len(signed) == 1
