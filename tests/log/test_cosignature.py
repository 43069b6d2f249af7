from base64 import b64decode
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import NotProved
from assent.log.checkpoint import Checkpoint, parse_body
from assent.log.cosignature import (
    Cosigner,
    MldsaCosigner,
    cosigned_seconds,
    parse_cosigner_skey,
    verify_cosignature,
)
from assent.log.note import (
    ED25519,
    Signature,
    Signer,
    VerifierKey,
    format_skey,
    parse_signatures,
    parse_vkey,
)
from tests.log.made import by_name, checkpoints_made, octets, outcome, seeds
from tests.log.mldsa_signatures import W5
from tests.log.vectors_notes import (
    AT,
    CHECKPOINT,
    LOG,
    SECONDS,
    WITNESS_MLDSA,
    WITNESSES,
    Vector,
    cosignatures,
    mldsa,
)

times = st.datetimes(datetime(1970, 1, 1, 0, 0, 1), timezones=st.just(UTC))  # noqa: DTZ001  # the zone is the next argument
cosigners = st.sampled_from([*WITNESSES, WITNESS_MLDSA])
COSIGNERS = pytest.mark.parametrize(
    "cosigner", [WITNESSES[0], WITNESS_MLDSA], ids=["ed25519", "ml-dsa-44"]
)


def refused(key: VerifierKey, checkpoint: Checkpoint, line: Signature, reason: str) -> None:
    with pytest.raises(NotProved) as caught:
        verify_cosignature(key, checkpoint, line)
    assert caught.value.facts == {"reason": reason, "name": key.name}


@pytest.mark.parametrize("row", cosignatures(), ids=by_name)
def test_a_cosignature_is_what_the_vectors_say(row: Vector) -> None:
    key = parse_vkey(str(row["vkey"]))
    checkpoint = parse_body(octets(row, "body_b64"))
    (line,) = parse_signatures(octets(row, "line_b64"))
    if row["valid"]:
        assert verify_cosignature(key, checkpoint, line) == datetime.fromtimestamp(
            int(str(row["time"])), UTC
        )
    else:
        refused(key, checkpoint, line, str(row["reason"]))


@given(cosigners, checkpoints_made, times)
def test_a_cosignature_verifies_and_gives_the_second_it_was_made_in(
    cosigner: Cosigner | MldsaCosigner, checkpoint: Checkpoint, at: datetime
) -> None:
    line = cosigner.cosign(checkpoint, at)
    assert verify_cosignature(cosigner.vkey, checkpoint, line) == at.replace(microsecond=0)


@given(cosigners, checkpoints_made, checkpoints_made)
def test_a_cosignature_holds_for_one_checkpoint_only(
    cosigner: Cosigner | MldsaCosigner, one: Checkpoint, other: Checkpoint
) -> None:
    line = cosigner.cosign(one, AT)
    if one != other:
        refused(cosigner.vkey, other, line, "bad-signature")


@COSIGNERS
def test_a_cosignature_with_any_bit_of_its_time_flipped_is_refused(
    cosigner: Cosigner | MldsaCosigner,
) -> None:
    line = cosigner.cosign(CHECKPOINT, AT)
    for bit in range(64):
        value = (int.from_bytes(line.value[:8], "big") ^ 1 << bit).to_bytes(8, "big")
        other = Signature(name=line.name, key_id=line.key_id, value=value + line.value[8:])
        refused(cosigner.vkey, CHECKPOINT, other, "bad-signature")


@COSIGNERS
@pytest.mark.parametrize("length", [1, 7, 8, 71, 73, 2427, 2429])
def test_a_cosignature_of_another_length_is_refused(
    cosigner: Cosigner | MldsaCosigner, length: int
) -> None:
    key = cosigner.vkey
    line = Signature(name=key.name, key_id=key.key_id, value=bytes(length))
    refused(key, CHECKPOINT, line, "bad-signature")


@COSIGNERS
def test_a_line_under_another_name_or_id_is_not_this_keys(
    cosigner: Cosigner | MldsaCosigner,
) -> None:
    line = cosigner.cosign(CHECKPOINT, AT)
    for name, key_id in (("else", line.key_id), (line.name, bytes(4))):
        other = Signature(name=name, key_id=key_id, value=line.value)
        refused(cosigner.vkey, CHECKPOINT, other, "bad-signature")


def test_a_key_of_notes_cosigns_nothing() -> None:
    line = LOG.sign(b"")
    for value in (line.value, bytes(8) + line.value):
        other = Signature(name=line.name, key_id=line.key_id, value=value)
        refused(LOG.vkey, CHECKPOINT, other, "bad-signature")


def test_what_is_signed_with_ml_dsa_names_the_cosigner() -> None:
    renamed = MldsaCosigner.of("witness.example/else", WITNESS_MLDSA.seed).vkey
    line = mldsa(renamed, W5)
    refused(renamed, CHECKPOINT, line, "bad-signature")


def test_a_cosignature_without_a_time_is_enough_for_a_log_only() -> None:
    key = WITNESSES[0].vkey
    row = next(row for row in cosignatures() if row["name"] == "Ed25519 without a time")
    (line,) = parse_signatures(octets(row, "line_b64"))
    assert cosigned_seconds(key, CHECKPOINT, line) == 0
    refused(key, CHECKPOINT, line, "bad-signature")


def test_an_origin_longer_than_a_byte_can_say_is_not_cosigned_with_ml_dsa() -> None:
    fits = Checkpoint(origin="é" * 127 + "x", size=1, root=bytes(32))
    line = WITNESS_MLDSA.cosign(fits, AT)
    assert verify_cosignature(WITNESS_MLDSA.vkey, fits, line) == AT
    longer = Checkpoint(origin="é" * 128, size=1, root=bytes(32))
    assert outcome(lambda: WITNESS_MLDSA.cosign(longer, AT)) == "malformed"
    refused(WITNESS_MLDSA.vkey, longer, line, "bad-signature")


@COSIGNERS
def test_nobody_cosigns_without_a_time(cosigner: Cosigner | MldsaCosigner) -> None:
    for at in (datetime(1970, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, tzinfo=UTC)):
        with pytest.raises(ValueError, match="after 1970"):
            cosigner.cosign(CHECKPOINT, at)
    first = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    line = cosigner.cosign(CHECKPOINT, first)
    assert verify_cosignature(cosigner.vkey, CHECKPOINT, line) == first


def test_the_message_is_written_as_the_specification_has_it() -> None:
    """Byte for byte, by hand: Ed25519 over the text, ML-DSA-44 over the structure."""
    cosigner = WITNESSES[0]
    text = b"cosignature/v1\ntime 1927616400\nexample.com/log\n7\n"
    text += b"Qdhlabzts28LrqeaQtylYVvVGlafb0Hvl3pLc91SBDA=\n"
    raw = Signer.of("x", cosigner.seed).sign(text).value
    line = cosigner.cosign(CHECKPOINT, AT)
    assert line.value == SECONDS.to_bytes(8, "big") + raw
    message = (
        b"subtree/v1\n\x00"
        b"\x12witness.example/w5"
        b"\x00\x00\x00\x00\x72\xe5\x17\x90"
        b"\x0fexample.com/log"
        b"\x00\x00\x00\x00\x00\x00\x00\x00"
        b"\x00\x00\x00\x00\x00\x00\x00\x07"
    ) + sha256(b"root 7").digest()
    mldsa_library = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.mldsa")
    public = mldsa_library.MLDSA44PublicKey.from_public_bytes(WITNESS_MLDSA.vkey.public)
    public.verify(b64decode(W5), message)  # or it raises


@given(st.sampled_from([Cosigner, MldsaCosigner]), seeds)
def test_a_cosigner_comes_back_from_its_secret_text(
    kind: type[Cosigner | MldsaCosigner], seed: bytes
) -> None:
    cosigner = kind.of("witness.example/w", seed)
    assert parse_cosigner_skey(format_skey(cosigner)) == cosigner
    assert "seed" not in repr(cosigner)


def test_a_secret_text_of_a_log_or_with_another_id_is_no_cosigners() -> None:
    assert outcome(lambda: parse_cosigner_skey(format_skey(LOG))) == "malformed"
    for cosigner in (WITNESSES[0], WITNESS_MLDSA):
        text = format_skey(cosigner).replace("witness", "wittness")
        assert outcome(partial(parse_cosigner_skey, text)) == "malformed"


@COSIGNERS
@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_secret_of_another_length_makes_no_cosigner(
    cosigner: Cosigner | MldsaCosigner, length: int
) -> None:
    assert outcome(lambda: type(cosigner).of("a", bytes(length))) == "malformed"


def test_the_same_key_of_another_type_has_another_id() -> None:
    cosigner = Cosigner.of(LOG.vkey.name, LOG.seed)
    assert cosigner.vkey.public == LOG.vkey.public
    assert cosigner.vkey.kind != ED25519
    assert cosigner.vkey.key_id != LOG.vkey.key_id


def test_a_time_in_another_zone_is_the_same_second() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=9)))
    cosigner = WITNESSES[0]
    assert cosigner.cosign(CHECKPOINT, elsewhere) == cosigner.cosign(CHECKPOINT, AT)
