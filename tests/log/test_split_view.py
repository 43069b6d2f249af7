"""A log that shows different people different things, against real witnesses and a monitor."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import sleep
from typing import NamedTuple

import httpx
import pytest

from assent.clock import monotonic_s
from assent.errors import BadInput, CouldNot, Tampered
from assent.log.checkpoint import Checkpoint, parse_signed
from assent.log.follow import BEFORE, LOG, follow
from assent.log.note import format_note, parse_note, parse_signatures, verified
from assent.log.policy import Policy
from assent.log.tile import TILE_WIDTH
from assent.log.tree import hash_leaf
from assent.log.witness import format_request, origin_hash
from assent.log.witnesses import HttpWitnesses
from assent.log.writer import CHECKPOINT, Writer
from assent.web.public_log import public_log
from tests.log.toy_log import AT, ORIGIN, OTHER, SIGNER, ToyLedger, ToyLog, ToyStore, signed_by
from tests.log.trees import leaf
from tests.log.witnessed import Stand, on_time, trusting, witnesses
from tests.web.served import a_free_port, served

PATIENCE_S = 30


def send(stand: Stand, body: bytes) -> httpx.Response:
    return httpx.post(f"{stand.url}/add-checkpoint", content=body, trust_env=False)


def shown_by(stand: Stand) -> Checkpoint:
    url = f"{stand.url}/{origin_hash(ORIGIN)}/checkpoint"
    return parse_signed(httpx.get(url, trust_env=False).raise_for_status().content)[0]


def check_evidence(stand: Stand) -> None:
    """What is kept convicts the log: two notes that it signed, of one size, with two roots."""
    (evidence,) = (piece for piece in stand.witness.evidence() if piece.conclusive)
    assert evidence.known is not None
    (one, known), (other, refused) = map(parse_signed, (evidence.known, evidence.refused))
    assert verified(known, [SIGNER.vkey]) == verified(refused, [SIGNER.vkey]) == (SIGNER.vkey,)
    assert (one.origin, one.size) == (other.origin, other.size)
    assert one.root != other.root


@pytest.mark.parametrize("fork_at", range(4))
def test_a_fork_at_any_entry_is_refused_and_kept(fork_at: int, tmp_path: Path) -> None:
    log, fork = ToyLog(9), ToyLog(9, fork_at=fork_at)
    with witnesses(tmp_path) as (stand,):
        assert send(stand, log.request(0, 4)).status_code == 200
        for new in (4, 5, 8):
            assert send(stand, fork.request(4, new)).status_code == 422
            assert shown_by(stand) == log.checkpoint(4)
        check_evidence(stand)
        assert send(stand, log.request(4, 9)).status_code == 200, "the first history goes on"


@pytest.mark.parametrize("to", range(5))
def test_a_log_that_shrinks_is_refused(to: int, tmp_path: Path) -> None:
    log, fork = ToyLog(9), ToyLog(9, fork_at=2)
    with witnesses(tmp_path) as (stand,):
        send(stand, log.request(0, 5))
        for shrunk in (log, fork):
            assert send(stand, shrunk.request(to, to)).status_code == 409
            assert send(stand, format_request(5, (), shrunk.note(to))).status_code == 400
        assert shown_by(stand) == log.checkpoint(5)


def test_another_origin_key_or_key_id_gets_nothing(tmp_path: Path) -> None:
    log = ToyLog(9)
    with witnesses(tmp_path) as (stand,):
        send(stand, log.request(0, 5))
        swapped = Checkpoint(origin="log.example/index", size=9, root=log.tree.root(9))
        proof = log.proof(5, 9)
        assert send(stand, format_request(5, proof, signed_by(swapped, SIGNER))).status_code == 404
        wrong = signed_by(log.checkpoint(9), OTHER)
        assert send(stand, format_request(5, proof, wrong)).status_code == 403
        # what a key with the same name and id would sign, if somebody made one
        colliding = wrong.replace(_id_of(wrong), _id_of(log.note(9)))
        assert send(stand, format_request(5, proof, colliding)).status_code == 403
        assert shown_by(stand) == log.checkpoint(5)


def _id_of(note: bytes) -> bytes:
    """The base64 of the first three bytes of a key's id: all that is not also of the signature."""
    return note.rpartition(b" ")[2][:4]


@pytest.mark.parametrize("told", range(8))
def test_two_histories_never_both_have_a_quorum(told: int, tmp_path: Path) -> None:
    histories = ToyLog(9), ToyLog(9, fork_at=3)
    with witnesses(tmp_path, 3) as stands:
        policy = trusting(*(stand.url for stand in stands), quorum=2)
        notes = [parse_note(history.note(5)) for history in histories]
        for number, stand in enumerate(stands):
            first = told >> number & 1
            # a log that lies tells each witness one of them, and then tries the other
            for which, old in ((first, 0), (1 - first, 0), (1 - first, 5)):
                reply = send(stand, histories[which].request(old, 5))
                if reply.status_code == 200:
                    lines = parse_signatures(reply.content)
                    notes[which] = notes[which].plus(*lines)
            check_evidence(stand)
        witnessed = [policy.check(format_note(note), AT).witnessed for note in notes]
        assert witnessed.count(True) == 1


# a monitor


class Public(NamedTuple):
    """A log in public, with two witnesses."""

    policy: Policy
    ledger: ToyLedger
    store: ToyStore
    writer: Writer
    url: str
    stands: list[Stand]


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Public]:
    with ExitStack() as stack:
        stands = stack.enter_context(witnesses(tmp_path, 2))
        store = ToyStore()
        base = stack.enter_context(served(public_log({"consent": store}, lambda: b"quorum none\n")))
        policy = trusting(*(stand.url for stand in stands), quorum=2)
        ledger = ToyLedger([leaf(n) for n in range(5)])
        writer = Writer(ledger, store, [SIGNER], HttpWitnesses(policy, 5, on_time))
        writer.publish(AT)
        yield Public(policy, ledger, store, writer, f"{base}/consent/", stands)


def grow(public: Public, size: int) -> bytes:
    public.ledger.all += [leaf(n) for n in range(len(public.ledger.all), size)]
    return public.writer.publish(AT).note


def test_an_honest_log_shows_everybody_one_history(public: Public) -> None:
    before = None
    for size in (5, 6, TILE_WIDTH, TILE_WIDTH + 44):
        note = grow(public, size)
        found = follow(public.policy, ORIGIN, public.url, before=before)
        assert (found.splits, found.silent) == ((), ())
        assert not found.unread
        assert not found.behind
        assert (found.newest.checkpoint.size, found.newest.note) == (size, note)
        by = {seen.by for seen in found.seen}
        assert by == {LOG, *(stand.url for stand in public.stands)} | (
            {BEFORE} if before else set()
        )
        before = found.newest.note


def test_a_witness_that_was_told_something_else_is_found(public: Public, tmp_path: Path) -> None:
    fork = ToyLog(9, fork_at=3)
    with witnesses(tmp_path / "told") as (told,):
        send(told, fork.request(0, 5))
        policy = trusting(told.url)
        found = follow(policy, ORIGIN, public.url)
        (split,) = found.splits
        assert split.conclusive
        assert {split.one.by, split.other.by} == {LOG, told.url}
        for seen in (split.one, split.other):
            assert verified(parse_note(seen.shown.note), [SIGNER.vkey])
        # the log grows on, the two sizes differ, and its tiles tell
        grow(public, 8)
        (split,) = follow(policy, ORIGIN, public.url).splits
        assert not split.conclusive
        assert (split.one.by, split.other.by) == (LOG, told.url)


def test_a_larger_history_that_the_tiles_do_not_give_is_not_called_read(
    public: Public, tmp_path: Path
) -> None:
    fork = ToyLog(9, fork_at=3)
    with witnesses(tmp_path / "told") as (told,):
        send(told, fork.request(0, 9))
        policy = trusting(told.url)
        found = follow(policy, ORIGIN, public.url)
        assert (found.unread, found.behind, found.splits) == (True, True, ())
        assert found.newest.checkpoint == fork.checkpoint(9)
        grow(public, 9)
        (split,) = follow(policy, ORIGIN, public.url).splits
        assert split.conclusive


def test_a_log_that_goes_back_on_what_a_monitor_saw_is_found(public: Public) -> None:
    policy = trusting(None)
    before = ToyLog(4, fork_at=1).note(4)
    (split,) = follow(policy, ORIGIN, public.url, before=before).splits
    assert (split.other.by, split.conclusive) == (BEFORE, False)
    larger = ToyLog(7).note(7)
    found = follow(policy, ORIGIN, public.url, before=larger)
    assert (found.behind, found.unread) == (True, True)


def test_a_log_whose_tiles_are_gone_or_others_is_not_read(public: Public) -> None:
    tile = next(path for path in public.store.files if path.startswith("tile/0/"))
    hashes = public.store.files[tile]
    for wrong in (b"", hashes[:-1], hashes[::-1], hash_leaf(b"x") + hashes[32:]):
        public.store.files[tile] = wrong
        found = follow(public.policy, ORIGIN, public.url)
        assert found.unread
        assert found.splits == ()


def test_witnesses_that_show_nothing_are_named(public: Public) -> None:
    dead = f"http://127.0.0.1:{a_free_port()}"
    found = follow(trusting(dead, None), ORIGIN, public.url)
    assert found.silent == (dead,)
    assert [seen.by for seen in found.seen] == [LOG]


def test_a_log_that_shows_nothing_that_it_signed_cannot_be_followed(public: Public) -> None:
    public.store.files[CHECKPOINT] = signed_by(ToyLog(5).checkpoint(5), OTHER)
    with pytest.raises(CouldNot, match="does not show"):
        follow(public.policy, ORIGIN, public.url)
    with pytest.raises(CouldNot, match="does not show"):
        follow(public.policy, ORIGIN, f"{public.url}nothing")


def test_what_a_monitor_saw_before_must_be_signed_by_the_log(public: Public) -> None:
    for before in (signed_by(ToyLog(5).checkpoint(5), OTHER), b"junk"):
        with pytest.raises(BadInput, match="not of this log, or damaged"):
            follow(public.policy, ORIGIN, public.url, before=before)


def test_a_writer_that_meets_its_own_fork_stops(public: Public) -> None:
    other = ToyLedger([leaf(0), *[b"fork"] * 7])
    writer = Writer(other, ToyStore(), [SIGNER], HttpWitnesses(public.policy, 5, on_time))
    with pytest.raises(Tampered) as caught:
        writer.publish(AT)
    assert caught.value.facts["reason"] == "forked"
    # it stops at the first answer; what it sent to the others is still on its way
    since = monotonic_s()
    while not all(stand.witness.evidence() for stand in public.stands):
        assert monotonic_s() - since < PATIENCE_S, "every witness keeps what convicts the log"
        sleep(0.01)
