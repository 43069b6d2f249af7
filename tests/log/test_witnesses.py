import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import StorageFailed, Tampered
from assent.log.checkpoint import Checkpoint
from assent.log.cosignature import Cosigner
from assent.log.note import (
    MOST_SIGNATURES,
    Note,
    Signature,
    format_note,
    format_signature,
    parse_note,
    parse_signatures,
)
from assent.log.policy import Policy, PolicyLog
from assent.log.policy import Witness as PolicyWitness
from assent.log.witness import origin_hash
from assent.log.witnesses import AHEAD, HttpWitnesses, keys_by_url
from assent.log.writer import Writer
from tests.log.toy_log import (
    AT,
    ORIGIN,
    OTHER,
    SIGNER,
    STRANGER,
    ToyLedger,
    ToyLog,
    ToyStore,
    signed_by,
)
from tests.log.trees import leaf
from tests.log.witnessed import cosigner, on_time, trusting, witnesses
from tests.web.served import a_free_port, always, answering, says, whole

LOG = ToyLog(40)
FORK = ToyLog(40, fork_at=3)
TIMEOUT_S = 1.5

Say = Callable[[socket.socket, bytes], None]


def asking(policy: Policy, timeout_s: float = 5.0) -> HttpWitnesses:
    return HttpWitnesses(policy, timeout_s, on_time)


def cosigned(asked: HttpWitnesses, size: int, log: ToyLog = LOG) -> tuple[Signature, ...]:
    return tuple(asked.cosign(log.note(size), log.tree.hash_at))


def is_post(head: bytes) -> bool:
    return head.startswith(b"POST")


def by_path(add: bytes, checkpoint: bytes) -> Say:
    """Say one thing to those who want a cosignature, another to those who look."""
    return lambda connection, head: connection.sendall(add if is_post(head) else checkpoint)


NOT_THERE = says(b"", status=404)


def test_a_growing_log_is_cosigned_by_all_and_each_is_sent_the_right_proof(tmp_path: Path) -> None:
    with witnesses(tmp_path, 3) as stands:
        policy = trusting(*(stand.url for stand in stands), quorum=3)
        asked = asking(policy)
        for size in (0, 1, 5, 5, 8, 33):
            lines = cosigned(asked, size)
            note = format_note(parse_note(LOG.note(size)).plus(*lines))
            trusted = policy.check(note, AT)
            assert trusted.witnessed
            assert len(trusted.cosigned) == 3
        again = asking(policy)  # knows nothing of them yet, and is told
        assert len(cosigned(again, 40)) == 3
        for stand in stands:
            assert stand.witness.evidence() == ()
        asked.close()
        again.close()


def test_the_largest_size_is_the_largest_that_the_log_signed(tmp_path: Path) -> None:
    with witnesses(tmp_path, 2) as (one, other):
        one.witness.add_checkpoint(LOG.request(0, 5), AT)
        other.witness.add_checkpoint(LOG.request(0, 9), AT)
        lie = signed_by(Checkpoint(origin=ORIGIN, size=10**6, root=bytes(32)), OTHER)
        with answering(always(says(lie))) as liar:
            asked = asking(trusting(one.url, other.url, liar))
            assert asked.largest(ORIGIN) == 9
            assert asked.largest(STRANGER.vkey.name) == 0
            assert len(cosigned(asked, 20)) == 2, "what was learned is gone on from"


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"1000000\n",
        signed_by(LOG.checkpoint(9), STRANGER),
        LOG.note(9).replace(b"\n9\n", b"\n900\n"),
        signed_by(Checkpoint(origin="log.example/x", size=9, root=bytes(32)), SIGNER),
        b"x" * (1 << 18),
    ],
)
def test_a_number_that_the_log_did_not_sign_is_nobodys_word(note: bytes) -> None:
    with answering(by_path(says(b"1000000\n", status=409), says(note))) as url:
        asked = asking(trusting(url))
        assert asked.largest(ORIGIN) in {0, None}  # too much to read is no answer
        assert cosigned(asked, 5) == ()
        assert cosigned(asked, 6) == ()


def test_without_witnesses_or_addresses_nobody_is_asked() -> None:
    for policy in (trusting(None), Policy(logs=(), witnesses=(), groups=(), quorum=None)):
        asked = asking(policy)
        assert keys_by_url(policy) == {}
        assert asked.largest(ORIGIN) == 0
        assert cosigned(asked, 5) == ()


def test_two_keys_at_one_address_are_one_witness_that_is_asked_once() -> None:
    keys = [cosigner(1).vkey, cosigner(2).vkey]
    policy = Policy(
        logs=(PolicyLog(key=SIGNER.vkey),),
        witnesses=tuple(
            PolicyWitness(name=str(n), key=key, url=f"http://x/{'/' * n}")
            for n, key in enumerate(keys)
        ),
        groups=(),
        quorum=None,
    )
    assert keys_by_url(policy) == {"http://x": tuple(keys)}


# what witnesses answer


def lines(*signatures: Signature) -> bytes:
    return b"".join(map(format_signature, signatures))


TRUE = cosigner(1).cosign(LOG.checkpoint(5), AT)
OLDER = cosigner(1).cosign(LOG.checkpoint(5), AT - timedelta(days=1))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (lines(TRUE), (TRUE,)),
        (lines(STRANGER.sign(b"x\n"), TRUE, cosigner(7).cosign(LOG.checkpoint(5), AT)), (TRUE,)),
        (lines(OLDER, TRUE), (TRUE,)),
        (lines(TRUE, OLDER), (TRUE,)),
        (lines(*[TRUE] * 3), (TRUE,)),
        (lines(cosigner(1).cosign(LOG.checkpoint(6), AT)), ()),
        (lines(cosigner(1).cosign(FORK.checkpoint(5), AT)), ()),
        (lines(TRUE, cosigner(1).cosign(LOG.checkpoint(6), AT)), ()),
        (lines(cosigner(1).cosign(LOG.checkpoint(5), AT + AHEAD)), None),
        (lines(cosigner(1).cosign(LOG.checkpoint(5), AT + AHEAD + timedelta(seconds=1))), ()),
        (lines(cosigner(1).cosign(LOG.checkpoint(5), AT + timedelta(days=99))), ()),
        (lines(cosigner(2).cosign(LOG.checkpoint(5), AT)), ()),
        (lines(*[TRUE] * (MOST_SIGNATURES + 1)), ()),
        (lines(TRUE)[:-1], ()),
        (b"", ()),
        (b"rubbish\n", ()),
        (b"\xff\xfe\n", ()),
        (lines(TRUE) + b"x" * (1 << 18), ()),
    ],
)
def test_only_cosignatures_that_hold_are_taken(
    body: bytes, expected: tuple[Signature, ...] | None
) -> None:
    with answering(by_path(says(body), NOT_THERE)) as url:
        found = cosigned(asking(trusting(url)), 5)
    assert found == (parse_signatures(body) if expected is None else expected)


@given(body=st.binary(max_size=200), status=st.sampled_from([200, 409, 422, 404, 500]))
@settings(deadline=None, max_examples=50)
def test_whatever_a_witness_says_nothing_is_raised(body: bytes, status: int) -> None:
    with answering(by_path(says(body, status=status), says(body))) as url:
        asked = asking(trusting(url))
        assert asked.largest(ORIGIN) == 0
        assert cosigned(asked, 5) == ()
        asked.close()


@pytest.mark.parametrize(
    "size", [b"", b"5", b"05\n", b"5\n\n", b"-1\n", b"9" * 30 + b"\n", b"\xb2\n"]
)
def test_a_refusal_without_a_size_is_the_end_of_it(size: bytes) -> None:
    posts = list[bytes]()

    def say(connection: socket.socket, head: bytes) -> None:
        if is_post(head):
            posts.append(head)
        by_path(says(size, status=409), NOT_THERE)(connection, head)

    with answering(say) as url:
        assert cosigned(asking(trusting(url)), 5) == ()
    assert len(posts) == 1


def test_a_witness_that_always_knows_another_size_is_asked_twice_and_no_more() -> None:
    posts = list[bytes]()

    def say(connection: socket.socket, head: bytes) -> None:
        if is_post(head):
            posts.append(head)
        by_path(says(b"%d\n" % (len(posts) % 3 + 1), status=409), NOT_THERE)(connection, head)

    with answering(say) as url:
        assert cosigned(asking(trusting(url)), 5) == ()
    assert len(posts) == 2


def test_no_more_lines_come_back_than_a_note_can_bear(tmp_path: Path) -> None:
    with witnesses(tmp_path) as (stand,):
        strangers = [
            Signature(name=f"w{n}", key_id=bytes(4), value=b"x") for n in range(MOST_SIGNATURES - 1)
        ]
        full = parse_note(LOG.note(5)).plus(*strangers)
        asked = asking(trusting(stand.url))
        assert asked.cosign(format_note(full), LOG.tree.hash_at) == []
        room = Note(text=full.text, signatures=full.signatures[:-1])
        assert len(asked.cosign(format_note(room), LOG.tree.hash_at)) == 1


# dead, slow and lying witnesses


def test_dead_and_slow_witnesses_cost_the_time_that_was_given_and_no_more(tmp_path: Path) -> None:
    def slow(connection: socket.socket, _: bytes) -> None:
        sleep(2 * TIMEOUT_S)
        connection.sendall(says(lines(TRUE)))

    with witnesses(tmp_path) as (stand,), answering(slow) as late:
        dead = f"http://127.0.0.1:{a_free_port()}"
        nowhere = "http://192.0.2.1:9"  # RFC 5737: nobody has it
        asked = asking(trusting(stand.url, late, dead, nowhere, "nonsense"), TIMEOUT_S)
        for size in (5, 6):
            began = monotonic()
            assert len(cosigned(asked, size)) == 1
            assert monotonic() - began < TIMEOUT_S + 1
        began = monotonic()
        assert asked.largest(ORIGIN) == 6
        assert monotonic() - began < TIMEOUT_S + 1


def test_a_witness_that_is_still_busy_is_not_asked_again() -> None:
    posts, free = list[bytes](), Event()

    def say(connection: socket.socket, head: bytes) -> None:
        posts.append(head)
        free.wait(5)
        connection.sendall(says(lines(TRUE)))

    with answering(say) as url:
        asked = HttpWitnesses(trusting(url), 0.3, on_time)
        asked._asker = asking(trusting(url))._asker  # who is more patient than the round
        assert cosigned(asked, 5) == cosigned(asked, 5) == ()
        assert len(posts) == 1
        free.set()
        while asked._busy:
            sleep(0.01)
        asked._timeout_s = 5
        assert cosigned(asked, 5) == (TRUE,)


def test_a_failure_of_the_logs_own_store_is_no_witnesss_fault(tmp_path: Path) -> None:
    def broken(level: int, index: int) -> bytes:
        raise StorageFailed("the disk failed", level=level, index=index)

    with witnesses(tmp_path) as (stand,):
        asked = asking(trusting(stand.url))
        cosigned(asked, 5)
        with pytest.raises(StorageFailed):
            asked.cosign(LOG.note(7), broken)
        assert len(cosigned(asked, 7)) == 1


def test_a_witness_that_has_forgotten_is_told_again(tmp_path: Path) -> None:
    shown, served = [LOG.note(20)], [0]

    def say(connection: socket.socket, head: bytes) -> None:
        if is_post(head):
            answer = (
                says(lines(TRUE))
                if b"old 0\n" in whole(connection, head)
                else says(b"0\n", status=409)
            )
        else:
            answer = says(shown[0]) if shown else NOT_THERE
        served[0] += 1
        connection.sendall(answer)

    with answering(say) as url:
        asked = asking(trusting(url))
        assert asked.largest(ORIGIN) == 20
        shown.clear()
        assert cosigned(asked, 5) == (TRUE,)
        assert served[0] == 3


def test_the_logs_tiles_are_read_by_one_thread_at_a_time(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def hash_at(level: int, index: int) -> bytes:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        sleep(0.02)
        inside[0] -= 1
        return LOG.tree.hash_at(level, index)

    with witnesses(tmp_path, 3) as stands:
        asked = asking(trusting(*(stand.url for stand in stands)))
        assert len(cosigned(asked, 5)) == 3
        assert len(asked.cosign(LOG.note(21), hash_at)) == 3
    assert most == [1]


# histories


@pytest.mark.parametrize("knows", [5, 9])
def test_a_witness_that_knows_another_history_stops_the_log(knows: int, tmp_path: Path) -> None:
    with witnesses(tmp_path) as (stand,):
        stand.witness.add_checkpoint(FORK.request(0, knows), AT)
        asked = asking(trusting(stand.url))
        for _ in range(2):
            with pytest.raises(Tampered) as caught:
                cosigned(asked, 9)
            facts = caught.value.facts
            assert (facts["reason"], facts["size"], facts["witness"]) == (
                "forked",
                knows,
                stand.url,
            )
            assert facts["note"] == stand.witness.checkpoint(origin_hash(ORIGIN))
        (evidence,) = stand.witness.evidence()
        assert evidence.conclusive == (knows == 9)


def test_a_fork_that_is_found_too_late_stops_the_next_round(tmp_path: Path) -> None:
    waiting, heads = Event(), list[bytes]()

    def say(connection: socket.socket, head: bytes) -> None:
        heads.append(head)
        if is_post(head):
            waiting.wait(5)
            connection.sendall(says(b"no\n", status=422))
        else:
            connection.sendall(says(FORK.note(5)))

    with answering(say) as url:
        asked = HttpWitnesses(trusting(url), 0.2, on_time)
        asked._asker = asking(trusting(url))._asker  # who is more patient than the round
        assert cosigned(asked, 5) == ()
        waiting.set()
        while asked._busy:
            sleep(0.01)
        asked._timeout_s = 5
        with pytest.raises(Tampered):
            cosigned(asked, 6)
        assert len(heads) == 2, "nobody need be asked again"


def test_a_witness_that_knows_more_stops_the_log_only_with_the_logs_signature(
    tmp_path: Path,
) -> None:
    with witnesses(tmp_path) as (stand,):
        stand.witness.add_checkpoint(LOG.request(0, 20), AT)
        asked = asking(trusting(stand.url))
        with pytest.raises(Tampered) as caught:
            cosigned(asked, 9)
        assert caught.value.facts["reason"] == "rolled-back"
        assert caught.value.facts["known"] == 20
        assert len(cosigned(asked, 21)) == 1, "it was only behind for a moment"


def test_a_liar_with_an_old_checkpoint_of_the_log_stops_nothing() -> None:
    with answering(by_path(says(b"no\n", status=422), says(LOG.note(4)))) as url:
        assert cosigned(asking(trusting(url)), 9) == ()
    with answering(by_path(says(b"99\n", status=409), says(LOG.note(4)))) as url:
        assert cosigned(asking(trusting(url)), 9) == ()


# a log at work


def written_by(ledger: ToyLedger, store: ToyStore, asked: HttpWitnesses) -> Writer:
    return Writer(ledger, store, [SIGNER], asked)


def test_one_of_three_is_enough_with_one_dead_one_slow_and_one_lying(tmp_path: Path) -> None:
    def slow(connection: socket.socket, _: bytes) -> None:
        sleep(2 * TIMEOUT_S)
        connection.sendall(NOT_THERE)

    huge = signed_by(Checkpoint(origin=ORIGIN, size=10**9, root=bytes(32)), OTHER)
    false = cosigner(3).cosign(FORK.checkpoint(9), AT)
    with (
        witnesses(tmp_path) as (honest,),
        answering(slow) as late,
        answering(by_path(says(lines(false)), says(huge))) as liar,
    ):
        dead = f"http://127.0.0.1:{a_free_port()}"
        policy = trusting(honest.url, late, liar, dead, quorum=1)
        ledger, store = ToyLedger(map(leaf, range(5))), ToyStore()  # type: ignore[arg-type]  # any iterable
        writer = written_by(ledger, store, HttpWitnesses(policy, TIMEOUT_S, on_time))
        for size in (5, 9, 300):
            ledger.all += map(leaf, range(len(ledger.all), size))
            began = monotonic()
            published = writer.publish(AT)
            assert monotonic() - began < 2 * TIMEOUT_S + 2
            trusted = policy.check(published.note, AT)
            assert (trusted.checkpoint.size, trusted.witnessed) == (size, True)
            assert trusted.cosigned == (("w1", AT),)
            assert published.note == store.files["checkpoint"]


def test_without_enough_witnesses_it_is_published_and_says_so(tmp_path: Path) -> None:
    with witnesses(tmp_path) as (honest,):
        dead = f"http://127.0.0.1:{a_free_port()}"
        policy = trusting(honest.url, dead, quorum=2)
        writer = written_by(
            ToyLedger([b"one"]), ToyStore(), HttpWitnesses(policy, TIMEOUT_S, on_time)
        )
        assert not policy.check(writer.publish(AT).note, AT).witnessed


def test_a_log_restored_from_an_older_copy_signs_nothing(tmp_path: Path) -> None:
    with witnesses(tmp_path) as (stand,):
        policy = trusting(stand.url)
        ledger, store = ToyLedger([leaf(n) for n in range(5)]), ToyStore()
        writer = written_by(ledger, store, asking(policy))
        writer.publish(AT)
        copied, files = ToyLedger(ledger.all), ToyStore(store.files)
        ledger.all += [leaf(n) for n in range(5, 9)]
        writer.publish(AT)
        copied.all.append(b"another history")
        before = dict(files.files)
        for _ in range(2):
            with pytest.raises(Tampered) as caught:
                written_by(copied, files, asking(policy)).publish(AT)
            assert (caught.value.facts["reason"], caught.value.facts["known"]) == ("rolled-back", 9)
        assert files.files == before, "nothing was signed, nothing was written"
        # and once it has grown past what they know, they know another history
        copied.all += [b"more"] * 9
        with pytest.raises(Tampered) as caught:
            written_by(copied, files, asking(policy)).publish(AT)
        assert caught.value.facts["reason"] == "forked"
        assert files.files["checkpoint"] == before["checkpoint"]


def test_a_witness_with_a_clock_that_is_ahead_spoils_no_checkpoint(tmp_path: Path) -> None:
    with (
        witnesses(tmp_path / "on time") as (honest,),
        witnesses(tmp_path / "ahead", clock=lambda: AT + timedelta(days=9)) as (ahead,),
    ):
        both = trusting(honest.url, None)
        policy = Policy(
            logs=both.logs,
            witnesses=(both.witnesses[0],),
            groups=(),
            quorum=None,
        )
        fast = Policy(
            logs=both.logs,
            witnesses=(PolicyWitness(name="fast", key=cosigner(1).vkey, url=ahead.url),),
            groups=(),
            quorum=None,
        )
        assert len(cosigned(asking(policy), 5)) == 1
        assert cosigned(asking(fast), 5) == ()


def test_a_cosigner_of_the_policy_is_known_by_its_key_not_its_address(tmp_path: Path) -> None:
    with witnesses(tmp_path) as (stand,):
        stranger = Cosigner.of(cosigner(1).vkey.name, b"\x55" * 32)
        policy = Policy(
            logs=(PolicyLog(key=SIGNER.vkey),),
            witnesses=(PolicyWitness(name="w", key=stranger.vkey, url=stand.url),),
            groups=(),
            quorum=None,
        )
        assert cosigned(asking(policy), 5) == ()
