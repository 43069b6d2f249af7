"""Cosignatures: a witness saw the log at this size, at this time, grown from all it saw before.

Touches no clock (time enters as `at`) and no disk; whether the log did grow so is for the witness
to check before. Times are whole seconds.

Source: C2SP tlog-cosignature v1.0.1 (Ed25519) and its text of 2026-07 (ML-DSA-44); FIPS 204.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from assent.errors import BadProof, NotProved
from assent.log.checkpoint import Checkpoint, format_body
from assent.log.note import (
    COSIGNATURE,
    MLDSA,
    Signature,
    VerifierKey,
    split_skey,
    verify_ed25519,
)

__all__ = [
    "Cosigner",
    "MldsaCosigner",
    "cosigned_seconds",
    "parse_cosigner_skey",
    "verify_cosignature",
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_MOST_SECONDS: Final = 2**63 - 1
_LAST_SECOND: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _SECOND
_SEED_BYTES: Final = 32
_MOST_NAME_BYTES: Final = 255
_VALUE_BYTES: Final = {COSIGNATURE: 8 + 64, MLDSA: 8 + 2420}


def _timed_text(checkpoint: Checkpoint, seconds: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % seconds + format_body(checkpoint)


def _cosigned_message(name: str, checkpoint: Checkpoint, seconds: int) -> bytes:
    """Return what is signed with ML-DSA-44; both names are at most 255 bytes."""
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(cosigner)]) + cosigner,
            seconds.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            bytes(8),  # a checkpoint is the subtree that starts at the first leaf
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _fits(checkpoint: Checkpoint) -> bool:
    return len(checkpoint.origin.encode()) <= _MOST_NAME_BYTES


def _seconds(at: datetime) -> int:
    seconds = (at - _EPOCH) // _SECOND
    if seconds < 1:
        raise ValueError("a cosignature's time is after 1970")
    return seconds


def _bad_signature(key: VerifierKey) -> NotProved:
    return NotProved("a cosignature does not verify", reason="bad-signature", name=key.name)


def _holds(key: VerifierKey, checkpoint: Checkpoint, seconds: int, raw: bytes) -> bool:
    if key.kind == COSIGNATURE:
        return verify_ed25519(key.public, _timed_text(checkpoint, seconds), raw)
    if not _fits(checkpoint):
        return False
    message = _cosigned_message(key.name, checkpoint, seconds)
    try:
        MLDSA44PublicKey.from_public_bytes(key.public).verify(raw, message)
    except InvalidSignature:
        return False
    return True


def cosigned_seconds(key: VerifierKey, checkpoint: Checkpoint, signature: Signature) -> int:
    """Return the time of a cosignature that verifies [seconds since 1970].

    It may be 0: then it is no word on whether the tree was the largest. A log may write so under
    its own checkpoint with ML-DSA-44; from a witness it is not enough, see `verify_cosignature`.

    Raises:
        NotProved: It is not `key`'s under this checkpoint.
    """
    named = (signature.name, signature.key_id) == (key.name, key.key_id)
    if not named or len(signature.value) != _VALUE_BYTES.get(key.kind):
        raise _bad_signature(key)
    seconds = int.from_bytes(signature.value[:8], "big")
    if seconds > _MOST_SECONDS or not _holds(key, checkpoint, seconds, signature.value[8:]):
        raise _bad_signature(key)
    return seconds


def verify_cosignature(key: VerifierKey, checkpoint: Checkpoint, signature: Signature) -> datetime:
    """Return when a witness cosigned [aware datetime, whole seconds].

    Args:
        key: The witness's key, of the type `COSIGNATURE` or `MLDSA`.
        checkpoint: What was cosigned.
        signature: The line under it.

    Raises:
        NotProved: It is not `key`'s under this checkpoint, or gives no time (`bad-signature`), or
            one after the year 9999 (`future-time`).
    """
    seconds = cosigned_seconds(key, checkpoint, signature)
    if seconds == 0:
        raise _bad_signature(key)
    if seconds > _LAST_SECOND:
        raise NotProved("a cosignature is from the future", reason="future-time", name=key.name)
    return _EPOCH + seconds * _SECOND


def _signature(key: VerifierKey, seconds: int, raw: bytes) -> Signature:
    return Signature(name=key.name, key_id=key.key_id, value=seconds.to_bytes(8, "big") + raw)


def _check_seed(seed: bytes) -> None:
    if len(seed) != _SEED_BYTES:
        raise BadProof("a secret key has the wrong length", reason="malformed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """Cosigns with Ed25519.

    Args:
        vkey: The public side.
        seed: The secret [32 bytes].
    """

    vkey: VerifierKey
    seed: bytes = field(repr=False)

    @classmethod
    def of(cls, name: str, seed: bytes) -> Self:
        """Return the cosigner of a name and a secret [32 bytes].

        The name is not under what is signed, so no two cosigners may share a secret.

        Raises:
            BadProof: One of them cannot be used.
        """
        _check_seed(seed)
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        return cls(vkey=VerifierKey.of(name, COSIGNATURE, public), seed=seed)

    def cosign(self, checkpoint: Checkpoint, at: datetime) -> Signature:
        """Return the cosignature.

        Args:
            checkpoint: The largest consistent one that this cosigner has seen of the log.
            at: Now [aware datetime; the second it is in counts].
        """
        seconds = _seconds(at)
        signer = Ed25519PrivateKey.from_private_bytes(self.seed)
        return _signature(self.vkey, seconds, signer.sign(_timed_text(checkpoint, seconds)))


@dataclass(frozen=True, slots=True, kw_only=True)
class MldsaCosigner:
    """Cosigns with ML-DSA-44, as a witness, or as a log in a second line under its own name.

    The library draws on randomness when it signs, so no two signatures are the same.

    Args:
        vkey: The public side.
        seed: The secret [32 bytes].
    """

    vkey: VerifierKey
    seed: bytes = field(repr=False)

    @classmethod
    def of(cls, name: str, seed: bytes) -> Self:
        """Return the cosigner of a name and a secret [32 bytes].

        Raises:
            BadProof: One of them cannot be used.
        """
        _check_seed(seed)
        public = MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()
        return cls(vkey=VerifierKey.of(name, MLDSA, public), seed=seed)

    def cosign(self, checkpoint: Checkpoint, at: datetime) -> Signature:
        """Return the cosignature.

        Args:
            checkpoint: The largest consistent one that this cosigner has seen of the log.
            at: Now [aware datetime; the second it is in counts].

        Raises:
            BadProof: The log's origin is longer than 255 bytes.
        """
        if not _fits(checkpoint):
            raise BadProof("an origin is too long for ML-DSA-44", reason="malformed")
        seconds = _seconds(at)
        message = _cosigned_message(self.vkey.name, checkpoint, seconds)
        raw = MLDSA44PrivateKey.from_seed_bytes(self.seed).sign(message)
        return _signature(self.vkey, seconds, raw)


def parse_cosigner_skey(text: str) -> Cosigner | MldsaCosigner:
    """Return the cosigner that a secret text stands for, as `note.format_skey` writes it.

    Raises:
        BadProof: It is not written as one, or is of another type.
    """
    name, key_id, kind, seed = split_skey(text)
    if kind not in _VALUE_BYTES:
        raise BadProof("a secret key is not a cosigner's", reason="malformed")
    cosigner = (Cosigner if kind == COSIGNATURE else MldsaCosigner).of(name, seed)
    if cosigner.vkey.key_id != key_id:
        raise BadProof("a secret key's id does not go with it", reason="malformed")
    return cosigner
