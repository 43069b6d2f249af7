"""`.tlog-proof`: a file that shows, offline, that a leaf is in a log.

Touches no disk and verifies nothing: the checkpoint is kept as it was found, for a policy to check;
`extra` is nobody's word until it was hashed into the leaf.

Source: C2SP tlog-proof, text of 2026-05-22; canonical base64 by our own rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from assent.errors import BadProof
from assent.log.checkpoint import MOST_LEAVES, parse_number
from assent.log.note import format_base64, parse_base64

__all__ = ["MOST_BYTES", "MOST_HASHES", "Proof", "ProofWriter", "format_proof", "parse_proof"]

MOST_BYTES: Final = 1 << 20
_MOST_LINES: Final = 1 << 14
MOST_HASHES: Final = 63

_HASH_BYTES: Final = 32
_HEADER: Final = "c2sp.org/tlog-proof@v1"
_EXTRA: Final = "extra "
_INDEX: Final = "index "


def _malformed(text: str) -> BadProof:
    return BadProof(text, reason="malformed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What such a file holds.

    Args:
        index: Where in the log the leaf is, from 0.
        hashes: The inclusion proof, from the leaf's sibling up [32 bytes each, at most 63].
        checkpoint: The signed checkpoint, verbatim, not parsed yet.
        extra: What is needed to build the leaf again, or None.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MOST_LEAVES:
            raise _malformed("a proof's index is out of range")
        if len(self.hashes) > MOST_HASHES:
            raise _malformed(f"a proof has more than {MOST_HASHES} hashes")
        if any(len(value) != _HASH_BYTES for value in self.hashes):
            raise _malformed("a hash of a proof is not 32 bytes")
        if not self.checkpoint.endswith(b"\n"):
            raise _malformed("a proof has no checkpoint, or one that does not end")
        if self.extra == b"":
            raise _malformed("a proof's extra line is empty instead of left out")


def parse_proof(data: bytes) -> Proof:
    """Return what a proof says; nothing of it is verified.

    Args:
        data: The whole file [at most 1 MiB].

    Raises:
        BadProof: It is too large, of another format, or breaks this one.
    """
    if len(data) > MOST_BYTES:
        raise BadProof("a proof is larger than any should be", reason="too-large")
    if not data.startswith(_HEADER.encode() + b"\n"):
        raise BadProof("this is not a proof of a leaf in a log", reason="wrong-format")
    head, blank, checkpoint = data.partition(b"\n\n")
    if not blank or not head.isascii():
        raise _malformed("a proof has no empty line before its checkpoint")
    _, *lines = head.decode().split("\n")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = parse_base64(lines.pop(0).removeprefix(_EXTRA))
    if not lines or not lines[0].startswith(_INDEX):
        raise _malformed("a proof has no index")
    index, *hashes = lines
    return Proof(
        index=parse_number(index.removeprefix(_INDEX)),
        hashes=tuple(map(parse_base64, hashes)),
        checkpoint=checkpoint,
        extra=extra,
    )


def format_proof(proof: Proof) -> bytes:
    """Return the file."""
    return ProofWriter(proof.checkpoint).format(proof.index, proof.hashes, proof.extra)


class ProofWriter:
    """Writes proofs under one checkpoint, many at a time: neighbours share most of their hashes.

    What is handed in is ours and not checked again.

    Args:
        checkpoint: The signed checkpoint.
    """

    __slots__ = ("_lines", "_tail")

    def __init__(self, checkpoint: bytes) -> None:
        self._tail = b"\n\n" + checkpoint
        self._lines: dict[bytes, str] = {}

    def format(self, index: int, hashes: Iterable[bytes], extra: bytes | None) -> bytes:
        """Return the file for one entry."""
        if len(self._lines) > _MOST_LINES:
            self._lines.clear()
        head = [_HEADER] if extra is None else [_HEADER, _EXTRA + format_base64(extra)]
        head.append(f"{_INDEX}{index}")
        head.extend(map(self._line, hashes))
        return "\n".join(head).encode() + self._tail

    def _line(self, beside: bytes) -> str:
        line = self._lines.get(beside)
        if line is None:
            line = self._lines[beside] = format_base64(beside)
        return line
