"""A witness: cosigns that a log only grew, and never two histories of one log.

    parse               400  not a request as it is written
    origin              404  a log that this witness does not know
    signature           403  not the log's
    old size            400  beyond the checkpoint's own
    latest size         409  not what the request goes on from; the answer says what it is
    growth              422  the proof does not hold, or the same size has another root
    sign, keep          the commit point: what is answered is on the disk
    answer              200  cosignatures

The last four are one transaction, alone also between processes, so two requests at once cannot roll
a log back. What a log signed and cannot have grown into is kept as evidence, with what was known.

Touches no clock (time enters as `at`), no disk and no network: memory is handed in.

Source: C2SP tlog-witness v1.0.0, "add-checkpoint" and "Monitor Retrieval Mechanism".
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol

from assent.errors import BadInput, BadProof, NotProved
from assent.log.checkpoint import Checkpoint, parse_number, parse_signed
from assent.log.cosignature import Cosigner, MldsaCosigner, cosigned_seconds
from assent.log.note import (
    ED25519,
    MLDSA,
    Note,
    Signature,
    VerifierKey,
    format_base64,
    format_note,
    format_signature,
    matching,
    parse_base64,
    verified,
)
from assent.log.tree import EMPTY_ROOT, HASH_BYTES, check_growth

__all__ = [
    "MOST_BYTES",
    "SIZE_TYPE",
    "TEXT_TYPE",
    "Answer",
    "Evidence",
    "Known",
    "Memory",
    "Records",
    "Request",
    "Witness",
    "format_request",
    "known_logs",
    "log_signatures",
    "origin_hash",
    "parse_request",
]

MOST_BYTES: Final = 1 << 17
"""Room for a proof and for a checkpoint with two dozen post-quantum signatures."""
MOST_HASHES: Final = 63

SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"

_OLD: Final = "old "
_MOST_MLDSA_ORIGIN_BYTES: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a log asks to have cosigned.

    Args:
        old: The size that the witness is thought to know.
        proof: The consistency proof from there on [32 bytes each, at most 63].
        checkpoint: The log at its new size.
        note: The same, as the log signed it.
    """

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint
    note: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back.

    Args:
        status: The status of HTTP.
        body: What it says.
        content_type: How it is written.
    """

    status: int
    body: bytes
    content_type: str = TEXT_TYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The latest checkpoint of a log that was cosigned.

    Args:
        checkpoint: What it says.
        note: The same, with the log's signatures and the witness's.
        at: When it was cosigned [aware datetime].
    """

    checkpoint: Checkpoint
    note: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A checkpoint that a log signed and that does not go with what it signed before.

    Both notes verify by themselves, under the log's key.

    Args:
        origin: Which log.
        known: What the witness had cosigned; None if the other one is impossible by itself.
        refused: What it did not cosign, as it was handed in.
        conclusive: Whether the two contradict each other: one size and two roots. If not, the log
            owes a proof that one grew into the other, and nobody showed one.
        at: When it was refused [aware datetime].
    """

    origin: str
    known: bytes | None
    refused: bytes
    conclusive: bool
    at: datetime


class Records(Protocol):
    """What a witness remembers, while nobody else can change it."""

    def latest(self, origin: str) -> Known | None:
        """Return the latest checkpoint of a log that was cosigned."""

    def keep(self, known: Known) -> None:
        """Make it the latest of its log."""

    def keep_evidence(self, evidence: Evidence) -> None:
        """Keep evidence, unless the same is there."""


class Memory(Protocol):
    """The memory of a witness: `witness_state.WitnessState` is one."""

    def alone(self) -> AbstractContextManager[Records]:
        """Give the records to one caller at a time; what was kept lasts when the block ends."""

    def latest(self, origin: str) -> Known | None:
        """Return the latest checkpoint of a log that was cosigned."""

    def evidence(self) -> Sequence[Evidence]:
        """Return all evidence, in the order in which it came."""


def _malformed(text: str) -> BadProof:
    return BadProof(text, reason="malformed")


def origin_hash(origin: str) -> str:
    """Return the name under which a witness shows a log's checkpoint [64 hexadecimal digits]."""
    return sha256(origin.encode()).hexdigest()


def known_logs(keys: Iterable[VerifierKey]) -> dict[str, tuple[VerifierKey, ...]]:
    """Return the keys of logs by their origins, which are the keys' names.

    Raises:
        BadInput: A key is of no type for logs, or a log has none of the type `ED25519`.
    """
    logs = dict[str, tuple[VerifierKey, ...]]()
    for key in keys:
        logs[key.name] = (*logs.get(key.name, ()), key)
    for origin, own in logs.items():
        kinds = {key.kind for key in own}
        if ED25519 not in kinds or kinds - {ED25519, MLDSA}:
            raise BadInput(f"these are not the keys of a log: {origin}", origin=origin)
    return logs


def log_signatures(
    checkpoint: Checkpoint, note: Note, keys: Iterable[VerifierKey]
) -> tuple[Signature, ...]:
    """Return the signatures of a log's known keys under its checkpoint, one of each key.

    Args:
        checkpoint: What the note says.
        note: The note.
        keys: The log's keys; one of the type `ED25519` must have signed.

    Raises:
        NotProved: None did (`unknown-log`), or a known key's signature does not verify
            (`bad-signature`), one that is not needed included.
    """
    known = tuple(key for key in keys if key.kind in {ED25519, MLDSA})
    found = dict[VerifierKey, Signature]()
    for key, signature in matching(note, known):
        if key.kind == MLDSA:
            cosigned_seconds(key, checkpoint, signature)
        found.setdefault(key, signature)
    if not verified(note, known):
        raise NotProved("the log did not sign this checkpoint", reason="unknown-log")
    return tuple(found.values())


def format_request(old: int, proof: Iterable[bytes], note: bytes) -> bytes:
    """Return the body of a request.

    Args:
        old: The size that the witness knows.
        proof: The consistency proof from there on.
        note: The signed checkpoint.
    """
    lines = (f"{_OLD}{old}", *map(format_base64, proof))
    return "\n".join(lines).encode() + b"\n\n" + note


def parse_request(body: bytes) -> Request:
    """Return what a body asks for; nothing of it is verified.

    Raises:
        BadProof: It is too large, or not an old size, a proof, an empty line and a checkpoint.
    """
    if len(body) > MOST_BYTES:
        raise BadProof("a request is larger than any should be", reason="too-large")
    head, blank, signed = body.partition(b"\n\n")
    if not blank or not head.isascii():
        raise _malformed("a request has no empty line before its checkpoint")
    first, *lines = head.decode().split("\n")
    if not first.startswith(_OLD) or len(lines) > MOST_HASHES:
        raise _malformed(f"a request has no old size, or more than {MOST_HASHES} hashes")
    proof = tuple(map(parse_base64, lines))
    if any(len(value) != HASH_BYTES for value in proof):
        raise _malformed("a hash of a proof is not 32 bytes")
    checkpoint, note = parse_signed(signed)
    old = parse_number(first.removeprefix(_OLD))
    return Request(old=old, proof=proof, checkpoint=checkpoint, note=note)


def _said(status: int, text: str) -> Answer:
    return Answer(status=status, body=f"{text}\n".encode())


class Witness:
    """Cosigns checkpoints of the logs that it knows.

    Args:
        memory: What it has cosigned.
        cosigners: Its keys, an Ed25519 one first.
        logs: The keys of the logs, by their origins.

    Raises:
        BadInput: There is no cosigner, or one that cannot cosign for one of the logs.
    """

    def __init__(
        self,
        memory: Memory,
        cosigners: Sequence[Cosigner | MldsaCosigner],
        logs: Mapping[str, tuple[VerifierKey, ...]],
    ) -> None:
        if not cosigners or not isinstance(cosigners[0], Cosigner):
            raise BadInput("a witness signs with an Ed25519 key first")
        for origin in logs:
            long = len(origin.encode()) > _MOST_MLDSA_ORIGIN_BYTES
            if long and any(isinstance(cosigner, MldsaCosigner) for cosigner in cosigners):
                raise BadInput("the origin of a log is too long for ML-DSA-44", origin=origin)
        self._memory = memory
        self._cosigners = tuple(cosigners)
        self._logs = dict(logs)
        self._origins = {origin_hash(origin): origin for origin in logs}

    def add_checkpoint(self, body: bytes, at: datetime) -> Answer:
        """Return the answer to a request; a checkpoint that it cosigns is kept before.

        Args:
            body: The request.
            at: Now [aware datetime].

        Raises:
            StorageFailed: The memory refused; nothing was cosigned.
            Tampered: What is remembered is not what was kept.
        """
        try:
            request = parse_request(body)
        except BadProof as error:
            return _said(400, error.text)
        keys = self._logs.get(request.checkpoint.origin)
        if keys is None:
            return _said(404, "this witness does not know that log")
        try:
            signed = log_signatures(request.checkpoint, request.note, keys)
        except NotProved as error:
            return _said(403, error.text)
        if request.old > request.checkpoint.size:
            return _said(400, "the old size is larger than the checkpoint's")
        with self._memory.alone() as records:
            return self._decide(records, request, signed, at)

    def _decide(
        self, records: Records, request: Request, signed: tuple[Signature, ...], at: datetime
    ) -> Answer:
        checkpoint = request.checkpoint
        latest = records.latest(checkpoint.origin)
        size, root = (latest.checkpoint.size, latest.checkpoint.root) if latest else (0, EMPTY_ROOT)
        if request.old != size:
            _keep_evidence(records, request, latest, at)
            return Answer(status=409, body=b"%d\n" % size, content_type=SIZE_TYPE)
        try:
            check_growth(size, root, checkpoint.size, checkpoint.root, request.proof)
        except NotProved as error:
            _keep_evidence(records, request, latest, at)
            return _said(422, error.text)
        # two times of one log that go back would say that a smaller tree came after a larger
        at = max(at, latest.at) if latest else at
        lines = tuple(cosigner.cosign(checkpoint, at) for cosigner in self._cosigners)
        note = format_note(Note(text=request.note.text, signatures=(*signed, *lines)))
        records.keep(Known(checkpoint=checkpoint, note=note, at=at))
        return Answer(status=200, body=b"".join(map(format_signature, lines)))

    def checkpoint(self, name: str) -> bytes | None:
        """Return the latest checkpoint of a log that was cosigned, for monitors; None if none was.

        Args:
            name: The hash of its origin, as `origin_hash` gives it.

        Raises:
            StorageFailed: The memory refused.
            Tampered: What is remembered is not what was kept.
        """
        origin = self._origins.get(name)
        latest = None if origin is None else self._memory.latest(origin)
        return None if latest is None else latest.note

    def evidence(self) -> Sequence[Evidence]:
        """Return what logs signed and cannot both be true, in the order in which it came.

        Raises:
            StorageFailed: The memory refused.
        """
        return self._memory.evidence()


def _keep_evidence(records: Records, request: Request, latest: Known | None, at: datetime) -> None:
    """Keep what was refused, if it says anything about the log and not only about who asked."""
    refused, known = request.checkpoint, latest.checkpoint if latest else None
    impossible = refused.size == 0 and refused.root != EMPTY_ROOT
    same_size = known is not None and known.size == refused.size and known.root != refused.root
    # anybody can hand in a true checkpoint with a wrong proof, so this alone convicts nobody
    owed = known is not None and 0 < known.size == request.old < refused.size
    if impossible or same_size or owed:
        records.keep_evidence(
            Evidence(
                origin=refused.origin,
                known=latest.note if latest else None,
                refused=format_note(request.note),
                conclusive=impossible or same_size,
                at=at,
            )
        )
