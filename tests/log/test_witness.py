from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import BadInput, BadProof
from assent.log.checkpoint import MOST_LEAVES, Checkpoint, format_body, parse_signed
from assent.log.cosignature import Cosigner, MldsaCosigner, verify_cosignature
from assent.log.note import (
    Note,
    Signature,
    Signer,
    format_note,
    parse_note,
    parse_signatures,
    verified,
)
from assent.log.policy import Policy, PolicyLog
from assent.log.policy import Witness as PolicyWitness
from assent.log.tree import EMPTY_ROOT
from assent.log.witness import (
    MOST_BYTES,
    SIZE_TYPE,
    TEXT_TYPE,
    Answer,
    Witness,
    format_request,
    known_logs,
    origin_hash,
    parse_request,
)
from assent.log.witness_state import MOST_EVIDENCE, WitnessState
from tests.log.made import every_flip
from tests.log.toy_log import AT, ORIGIN, OTHER, SIGNER, STRANGER, ToyLog, signed_by, vkeys

STATUSES = {200, 400, 403, 404, 409, 422}
COSIGNER = Cosigner.of("witness.example/w1", b"\x07" * 32)
MLDSA = MldsaCosigner.of("witness.example/w1", b"\x08" * 32)
LOG = ToyLog(40)
FORK = ToyLog(40, fork_at=3)


@contextmanager
def a_witness(folder: Path, *cosigners: Cosigner | MldsaCosigner) -> Iterator[Witness]:
    state = WitnessState(folder / "witness.sqlite")
    try:
        yield Witness(state, cosigners or (COSIGNER,), vkeys(SIGNER))
    finally:
        state.close()


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    with a_witness(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    with a_witness(tmp_path_factory.mktemp("lasting")) as made:
        made.add_checkpoint(LOG.request(0, 5), AT)
        yield made


def status(witness: Witness, body: bytes) -> int:
    return witness.add_checkpoint(body, AT).status


@pytest.mark.parametrize("known", [None, *range(5)])
def test_of_an_honest_log_exactly_what_goes_on_from_the_latest_is_cosigned(
    known: int | None, tmp_path: Path
) -> None:
    for number, (old, new) in enumerate(product(range(6), repeat=2)):
        with a_witness(tmp_path / str(number)) as witness:
            if known is not None:
                assert status(witness, LOG.request(0, known)) == 200
            answer = witness.add_checkpoint(LOG.request(old, new), AT)
            if old > new:
                assert answer.status == 400
            elif old != (known or 0):
                expected = b"%d\n" % (known or 0)
                assert answer == Answer(status=409, body=expected, content_type=SIZE_TYPE)
            else:
                assert answer.status == 200
            assert witness.evidence() == ()


@pytest.mark.parametrize("known", range(1, 6))
def test_no_proof_makes_a_fork_grow(known: int, tmp_path: Path) -> None:
    for fork_at in range(known):
        fork = ToyLog(8, fork_at=fork_at)
        with a_witness(tmp_path / str(fork_at)) as witness:
            status(witness, LOG.request(0, known))
            proofs = [(), *(log.proof(known, new) for log in (LOG, fork) for new in (7, 8))]
            for new, proof in product((known, 7, 8), proofs):
                assert status(witness, format_request(known, proof, fork.note(new))) == 422
            latest = witness.checkpoint(origin_hash(ORIGIN))
            assert latest is not None
            assert parse_signed(latest)[0] == LOG.checkpoint(known)


def test_what_is_answered_verifies_and_is_what_monitors_see(tmp_path: Path) -> None:
    with a_witness(tmp_path, COSIGNER, MLDSA) as witness:
        answer = witness.add_checkpoint(LOG.request(0, 5), AT)
        assert (answer.status, answer.content_type) == (200, TEXT_TYPE)
        lines = parse_signatures(answer.body)
        for vkey, line in zip((COSIGNER.vkey, MLDSA.vkey), lines, strict=True):
            assert verify_cosignature(vkey, LOG.checkpoint(5), line) == AT
        note = witness.checkpoint(origin_hash(ORIGIN))
        assert note == LOG.note(5) + answer.body
        trusted = Policy(
            logs=(PolicyLog(key=SIGNER.vkey),),
            witnesses=(PolicyWitness(name="w1", key=COSIGNER.vkey),),
            groups=(),
            quorum="w1",
        ).check(note, AT)
        assert trusted.witnessed


def test_the_same_checkpoint_is_cosigned_again_with_a_later_time(witness: Witness) -> None:
    witness.add_checkpoint(LOG.request(0, 5), AT)
    later = AT + timedelta(hours=1)
    (line,) = parse_signatures(witness.add_checkpoint(LOG.request(5, 5), later).body)
    assert verify_cosignature(COSIGNER.vkey, LOG.checkpoint(5), line) == later


def test_the_times_of_one_log_never_go_back(witness: Witness) -> None:
    witness.add_checkpoint(LOG.request(0, 5), AT)
    earlier = AT - timedelta(days=1)
    (line,) = parse_signatures(witness.add_checkpoint(LOG.request(5, 9), earlier).body)
    assert verify_cosignature(COSIGNER.vkey, LOG.checkpoint(9), line) == AT


def test_signatures_of_strangers_are_ignored_and_not_kept(witness: Witness) -> None:
    note = parse_note(LOG.note(5)).plus(STRANGER.sign(b"something else\n"), OTHER.sign(b"\n"))
    assert status(witness, format_request(0, (), format_note(note))) == 200
    shown = witness.checkpoint(origin_hash(ORIGIN))
    assert shown is not None
    assert [line.key_id for line in parse_note(shown).signatures] == [
        SIGNER.vkey.key_id,
        COSIGNER.vkey.key_id,
    ]


def test_a_monitor_finds_nothing_where_nothing_was_cosigned(witness: Witness) -> None:
    assert witness.checkpoint(origin_hash(ORIGIN)) is None
    status(witness, LOG.request(0, 5))
    assert witness.checkpoint(origin_hash("log.example/other")) is None
    assert witness.checkpoint(origin_hash(ORIGIN).upper()) is None


HASH = b"z" * 43 + b"="
NOTE = LOG.note(5)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n\n",
        b"old 0\n" + NOTE,
        b"old 00\n\n" + NOTE,
        b"old -1\n\n" + NOTE,
        b"old  0\n\n" + NOTE,
        b"Old 0\n\n" + NOTE,
        b"old 0 \n\n" + NOTE,
        b"old 9223372036854775808\n\n" + NOTE,
        b"old \xc2\xb2\n\n" + NOTE,
        b"old 0\r\n\r\n" + NOTE,
        b"old 0\n" + HASH + b"\n\n" + NOTE,  # stray bits
        b"old 0\nAAAA\n\n" + NOTE,
        b"old 0\n\n" + NOTE + b"\n",
        b"old 0\n\n" + NOTE.replace(b"\n5\n", b"\n5\n\n"),
        b"old 0\n\n" + format_body(LOG.checkpoint(5)),
        b"old 0\n\n" + NOTE + b" " * MOST_BYTES,
        b"old 6\n\n" + NOTE,
        format_request(0, [bytes(32)] * 64, NOTE),
    ],
)
def test_what_is_not_a_request_is_400(body: bytes, witness: Witness) -> None:
    answer = witness.add_checkpoint(body, AT)
    assert (answer.status, answer.content_type) == (400, TEXT_TYPE)
    assert answer.body.endswith(b"\n")


def test_sixty_three_hashes_are_a_request(witness: Witness) -> None:
    body = format_request(4, [bytes(32)] * 63, NOTE)
    assert parse_request(body).proof == (bytes(32),) * 63
    assert status(witness, body) == 409


def test_an_unknown_log_is_404_whatever_else_is_wrong(witness: Witness) -> None:
    checkpoint = replace(LOG.checkpoint(5), origin="log.example/other")
    for signer in (SIGNER, STRANGER):
        assert status(witness, format_request(9, (), signed_by(checkpoint, signer))) == 404


def test_a_log_cannot_sign_under_the_origin_of_another(tmp_path: Path) -> None:
    state = WitnessState(tmp_path / "witness.sqlite")
    witness = Witness(state, [COSIGNER], vkeys(SIGNER, STRANGER))
    swapped = replace(LOG.checkpoint(5), origin=STRANGER.vkey.name)
    assert status(witness, format_request(0, (), signed_by(swapped, SIGNER))) == 403
    assert status(witness, format_request(0, (), signed_by(swapped, STRANGER))) == 200
    assert status(witness, LOG.request(0, 7)) == 200, "each log has its own history"
    state.close()


def _forged(**changes: bytes) -> bytes:
    line = replace(SIGNER.sign(format_body(LOG.checkpoint(5))), **changes)  # type: ignore[arg-type]  # fields by name
    return format_note(Note(text=format_body(LOG.checkpoint(5)), signatures=(line,)))


COLLIDING = OTHER.sign(format_body(LOG.checkpoint(5))).value
"""What another key of the same name and id would sign, if somebody made one."""


@pytest.mark.parametrize(
    "note",
    [
        signed_by(LOG.checkpoint(5), OTHER),
        signed_by(LOG.checkpoint(5), STRANGER),
        _forged(value=COLLIDING),
        _forged(value=b"\x00"),
        _forged(key_id=b"abcd"),
        format_note(
            parse_note(LOG.note(5)).plus(
                Signature(name=ORIGIN, key_id=SIGNER.vkey.key_id, value=COLLIDING)
            )
        ),
        LOG.note(5).replace(b"\n5\n", b"\n6\n"),
    ],
)
def test_what_the_log_did_not_sign_is_403(note: bytes, witness: Witness) -> None:
    assert status(witness, format_request(4, (), note)) == 403
    assert witness.evidence() == ()


def test_a_logs_second_line_must_hold_as_well(tmp_path: Path) -> None:
    second = MldsaCosigner.of(ORIGIN, b"\x05" * 32)
    logs = known_logs([SIGNER.vkey, second.vkey])
    state = WitnessState(tmp_path / "witness.sqlite")
    witness = Witness(state, [COSIGNER], logs)
    note = parse_note(LOG.note(5))
    wrong = second.cosign(LOG.checkpoint(6), AT)
    assert status(witness, format_request(0, (), format_note(note.plus(wrong)))) == 403
    alone = Note(text=note.text, signatures=(second.cosign(LOG.checkpoint(5), AT),))
    assert status(witness, format_request(0, (), format_note(alone))) == 403
    both = note.plus(second.cosign(LOG.checkpoint(5), AT))
    assert status(witness, format_request(0, (), format_note(both))) == 200
    shown = witness.checkpoint(origin_hash(ORIGIN))
    assert shown is not None
    assert parse_note(shown).signatures[:2] == both.signatures
    state.close()


def test_every_flipped_bit_is_refused(lasting: Witness) -> None:
    good = LOG.request(5, 8)
    for body in every_flip(good):
        assert status(lasting, body) in STATUSES - {200}
    latest = lasting.checkpoint(origin_hash(ORIGIN))
    assert latest is not None
    assert parse_signed(latest)[0].size == 5


anything = st.one_of(
    st.binary(max_size=400),
    st.builds(
        lambda head, note: head + b"\n\n" + note,
        st.one_of(st.binary(max_size=60), st.integers(-1, MOST_LEAVES + 2).map(b"old %d".__mod__)),
        st.one_of(st.binary(max_size=200), st.sampled_from([NOTE, FORK.note(9)])),
    ),
    st.builds(
        lambda old, size, root, proof, signer: format_request(
            old, proof, signed_by(Checkpoint(origin=ORIGIN, size=size, root=root), signer)
        ),
        st.integers(0, 9) | st.integers(0, MOST_LEAVES),
        st.integers(0, 9) | st.integers(0, MOST_LEAVES),
        st.sampled_from([*(LOG.tree.root(n) for n in range(9)), bytes(32)]),
        st.lists(st.binary(min_size=31, max_size=33), max_size=65),
        st.sampled_from([SIGNER, OTHER]),
    ),
)


@given(body=anything)
@settings(deadline=None)
def test_any_bytes_have_an_answer_of_the_protocol(body: bytes, lasting: Witness) -> None:
    answer = lasting.add_checkpoint(body, AT)
    assert answer.status in STATUSES
    assert answer.body.endswith(b"\n")
    assert (answer.content_type == SIZE_TYPE) == (answer.status == 409)


@given(
    old=st.integers(0, MOST_LEAVES),
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=63),
)
def test_a_request_is_read_as_it_was_written(old: int, proof: list[bytes]) -> None:
    request = parse_request(format_request(old, proof, NOTE))
    assert (request.old, request.proof) == (old, tuple(proof))
    assert format_note(request.note) == NOTE
    assert request.checkpoint == LOG.checkpoint(5)


def test_a_request_that_is_too_large_is_not_read() -> None:
    with pytest.raises(BadProof) as caught:
        parse_request(b"old 0\n\n" + b"x" * MOST_BYTES)
    assert caught.value.facts["reason"] == "too-large"


# evidence


def check_both_verify(known: bytes | None, refused: bytes) -> None:
    for note in filter(None, (known, refused)):
        assert verified(parse_note(note), [SIGNER.vkey]) == (SIGNER.vkey,)


@pytest.mark.parametrize("old", [5, 4, 0])
def test_the_same_size_with_another_root_is_kept_whole(old: int, witness: Witness) -> None:
    status(witness, LOG.request(0, 5))
    known = witness.checkpoint(origin_hash(ORIGIN))
    refused = FORK.note(5)
    # whatever the request goes on from, the two contradict each other
    expected = 422 if old == 5 else 409
    assert status(witness, format_request(old, FORK.proof(old, 5), refused)) == expected
    (evidence,) = witness.evidence()
    assert (evidence.known, evidence.refused, evidence.conclusive) == (known, refused, True)
    assert (evidence.origin, evidence.at) == (ORIGIN, AT)
    check_both_verify(evidence.known, evidence.refused)


def test_growth_that_nobody_could_prove_is_kept_and_convicts_nobody_yet(witness: Witness) -> None:
    status(witness, LOG.request(0, 5))
    assert status(witness, format_request(5, FORK.proof(5, 9), FORK.note(9))) == 422
    (evidence,) = witness.evidence()
    assert not evidence.conclusive
    check_both_verify(evidence.known, evidence.refused)


def test_an_empty_tree_with_a_root_is_impossible_by_itself(witness: Witness) -> None:
    empty = Checkpoint(origin=ORIGIN, size=0, root=bytes(32))
    assert status(witness, format_request(0, (), signed_by(empty, SIGNER))) == 422
    (evidence,) = witness.evidence()
    assert (evidence.known, evidence.conclusive) == (None, True)
    assert status(witness, format_request(0, (), LOG.note(0))) == 200
    assert LOG.checkpoint(0).root == EMPTY_ROOT


def test_a_wrong_proof_for_a_true_checkpoint_is_no_evidence(witness: Witness) -> None:
    assert status(witness, format_request(0, [bytes(32)], LOG.note(5))) == 422
    status(witness, LOG.request(0, 5))
    assert status(witness, format_request(5, [bytes(32)], LOG.note(5))) == 422
    assert status(witness, LOG.request(2, 3)) == 409
    assert witness.evidence() == ()


def test_the_same_evidence_is_kept_once_whoever_else_signed_it(witness: Witness) -> None:
    status(witness, LOG.request(0, 5))
    for signature in (STRANGER.sign(b"1\n"), STRANGER.sign(b"2\n")):
        status(witness, LOG.request(5, 5))
        note = format_note(parse_note(FORK.note(5)).plus(signature))
        assert status(witness, format_request(5, (), note)) == 422
    assert len(witness.evidence()) == 1


def test_evidence_does_not_fill_the_disk_and_strangers_cannot_keep_it_out(
    witness: Witness,
) -> None:
    status(witness, LOG.request(0, 5))
    for number in range(MOST_EVIDENCE + 9):  # wrong proofs for whatever the log signs
        grown = Checkpoint(origin=ORIGIN, size=6 + number, root=bytes(32))
        assert status(witness, format_request(5, (), signed_by(grown, SIGNER))) == 422
    assert len(witness.evidence()) == MOST_EVIDENCE
    for number in range(MOST_EVIDENCE + 9):
        same = Checkpoint(origin=ORIGIN, size=5, root=number.to_bytes(32, "big"))
        assert status(witness, format_request(5, (), signed_by(same, SIGNER))) == 422
    kept = witness.evidence()
    assert [evidence.conclusive for evidence in kept].count(True) == MOST_EVIDENCE


# what a witness is made of


def test_a_witness_signs_with_an_ed25519_key_first(tmp_path: Path) -> None:
    state = WitnessState(tmp_path / "witness.sqlite")
    wrong: list[list[Cosigner | MldsaCosigner]] = [[], [MLDSA], [MLDSA, COSIGNER]]
    for cosigners in wrong:
        with pytest.raises(BadInput):
            Witness(state, cosigners, vkeys(SIGNER))
    state.close()


def test_an_origin_that_is_too_long_for_mldsa_is_refused_at_the_start(tmp_path: Path) -> None:
    signer = Signer.of("l" * 256, bytes(32))
    state = WitnessState(tmp_path / "witness.sqlite")
    with pytest.raises(BadInput, match="too long"):
        Witness(state, [COSIGNER, MLDSA], vkeys(signer))
    log = ToyLog(3, signer=signer)
    assert status(Witness(state, [COSIGNER], vkeys(signer)), log.request(0, 3)) == 200
    state.close()


def test_the_keys_of_logs_are_sorted_by_origin() -> None:
    second = MldsaCosigner.of(ORIGIN, b"\x05" * 32).vkey
    logs = known_logs([SIGNER.vkey, STRANGER.vkey, OTHER.vkey, second])
    assert logs == {
        ORIGIN: (SIGNER.vkey, OTHER.vkey, second),
        STRANGER.vkey.name: (STRANGER.vkey,),
    }
    for keys in ([second], [SIGNER.vkey, COSIGNER.vkey], [COSIGNER.vkey]):
        with pytest.raises(BadInput):
            known_logs(keys)
