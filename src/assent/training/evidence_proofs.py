"""Receipts without their checkpoint, as the lines of `recordings.jsonl` hold them.

A million receipts under one checkpoint need not repeat it. Such a proof is a receipt's `extra`,
index and path; together with the checkpoint it is the receipt again, byte for byte.

Touches nothing. Source: docs/log.md, "Evidence".
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import rfc8785

from assent.errors import BadProof
from assent.log.policy import Policy, Trusted
from assent.log.proof import Proof, format_proof, parse_proof
from assent.training.evidence_json import Fields, parse_canonical

__all__ = ["RememberingPolicy", "blind", "join_line", "parse_line", "shortened"]


def shortened(receipt: bytes) -> bytes:
    """Return a receipt without its checkpoint: canonical JSON."""
    proof = parse_proof(receipt)
    path = rfc8785.dumps([node.hex() for node in proof.hashes])
    # canonical already: names in order, and `extra` is canonical itself
    return b'{"extra":%b,"index":%d,"path":%b}' % (proof.extra or b"{}", proof.index, path)


def join_line(proofs: Iterable[bytes]) -> bytes:
    """Return the line of some such proofs, without its end."""
    return b"[%b]" % b",".join(proofs)


def parse_line(line: bytes, checkpoint: bytes) -> list[tuple[bytes, Any]]:
    """Return the receipts that a line stands for, each with its `extra` as JSON.

    Args:
        line: The line, without its end.
        checkpoint: The signed checkpoint that all of them are under.

    Raises:
        BadProof: It is not written as one.
    """
    said = parse_canonical(line, "a line about a recording")
    if not isinstance(said, list):
        raise BadProof("a line about a recording is not a list", reason="malformed")
    return [_lengthened(one, checkpoint) for one in said]


def _lengthened(said: object, checkpoint: bytes) -> tuple[bytes, Any]:
    fields = Fields(said, "a proof about a recording")
    fields.only("extra", "index", "path")
    try:
        hashes = tuple(map(bytes.fromhex, fields.texts("path")))
    except ValueError:
        raise BadProof("a path is not written in hexadecimal", reason="malformed") from None
    extra = fields.child("extra").said
    proof = Proof(
        index=fields.number("index"),
        hashes=hashes,
        checkpoint=checkpoint,
        extra=rfc8785.dumps(extra),
    )
    return format_proof(proof), extra


def blind(receipt: bytes, entry: bytes) -> bytes:
    """Return a receipt that shows an event's entry and not what it says, as if it were erased.

    Args:
        receipt: The receipt.
        entry: The event's entry in the log.
    """
    proof = parse_proof(receipt)
    return format_proof(
        Proof(
            index=proof.index,
            hashes=proof.hashes,
            checkpoint=proof.checkpoint,
            extra=rfc8785.dumps({"entry": json.loads(entry)}),
        )
    )


class RememberingPolicy(Policy):
    """A policy that verifies a checkpoint once, though a million receipts are under it."""

    __slots__ = ("_last",)
    _last: tuple[bytes, datetime | None, Trusted] | None

    @classmethod
    def of(cls, policy: Policy) -> "RememberingPolicy":
        """Return a policy that remembers."""
        made = cls(
            logs=policy.logs,
            witnesses=policy.witnesses,
            groups=policy.groups,
            quorum=policy.quorum,
        )
        object.__setattr__(made, "_last", None)
        return made

    def check(self, data: bytes, at: datetime | None = None) -> Trusted:
        """Return what a signed checkpoint is worth; one that does not hold is looked at anew."""
        if self._last is not None and self._last[:2] == (data, at):
            return self._last[2]
        trusted = Policy.check(self, data, at)
        object.__setattr__(self, "_last", (data, at, trusted))
        return trusted
