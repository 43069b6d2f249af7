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
from assent.training.evidence_json import Fields, parse_at

__all__ = ["RememberingPolicy", "blind", "join_line", "parse_line", "shortened"]

_BEFORE = '{"extra":'


def shortened(receipt: bytes) -> bytes:
    """Return a receipt without its checkpoint: canonical JSON."""
    proof = parse_proof(receipt)
    after = _after(proof.index, proof.hashes)
    # canonical already: names in order, and `extra` is canonical itself
    return b"%b%b%b" % (_BEFORE.encode(), proof.extra or b"{}", after.encode())


def _after(index: int, hashes: Iterable[bytes]) -> str:
    path = ",".join(f'"{node.hex()}"' for node in hashes)
    return f',"index":{index},"path":[{path}]}}'


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
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise _strange() from None
    found, pieces, at = list[tuple[bytes, Any]](), list[str](), 1
    while at < len(text) - 1:
        said, end = parse_at(text, at, "a line about a recording")
        pieces.append(text[at:end])
        found.append(_lengthened(said, pieces[-1], checkpoint))
        at = end + 1
    # what stands between and around them is looked at by writing the line again
    if text != f"[{','.join(pieces)}]":
        raise _strange()
    return found


def _strange() -> BadProof:
    return BadProof("a line about a recording is written in a strange way", reason="malformed")


def _lengthened(said: object, piece: str, checkpoint: bytes) -> tuple[bytes, Any]:
    """Return the receipt that a piece of a line stands for, and its `extra`."""
    fields = Fields(said, "a proof about a recording")
    fields.only("extra", "index", "path")
    try:
        hashes = tuple(map(bytes.fromhex, fields.texts("path")))
    except ValueError:
        raise _strange() from None
    index, extra = fields.number("index"), fields.child("extra").said
    after = _after(index, hashes)
    if not (piece.startswith(_BEFORE) and piece.endswith(after)):
        raise _strange()
    # that it is canonical is looked at by whoever checks the receipt
    whole = piece[len(_BEFORE) : -len(after)].encode()
    return format_proof(
        Proof(index=index, hashes=hashes, checkpoint=checkpoint, extra=whole)
    ), extra


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
