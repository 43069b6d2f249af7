"""Checkpoints: what a log says of itself at one size, as a signed note.

Touches no clock, no disk and no tree: that the root is right is for proofs to show. A checkpoint
of ours has three lines and is read only if it is written as it would be written again.

Source: C2SP tlog-checkpoint v1.0.0.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from assent.errors import BadProof
from assent.log.note import Note, Signature, format_base64, format_note, parse_base64, parse_note

__all__ = [
    "MOST_LEAVES",
    "Checkpoint",
    "SignsNotes",
    "format_body",
    "parse_body",
    "parse_number",
    "parse_signed",
    "sign",
]

MOST_LEAVES: Final = 2**63 - 1

_HASH_BYTES: Final = 32
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_ORIGIN: Final = re.compile(r"[^\x00-\x1f\ud800-\udfff]+")


def _malformed(text: str) -> BadProof:
    return BadProof(text, reason="malformed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A log at one size.

    Args:
        origin: Which log: a URL without its scheme, by custom.
        size: How many leaves it has [0 to 2**63 - 1].
        root: The hash of their tree [32 bytes].
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if _ORIGIN.fullmatch(self.origin) is None:
            raise _malformed("a checkpoint's origin is empty or has a control character")
        if not 0 <= self.size <= MOST_LEAVES:
            raise _malformed("a checkpoint's size is out of range")
        if len(self.root) != _HASH_BYTES:
            raise _malformed("a checkpoint's root is not 32 bytes")


class SignsNotes(Protocol):
    """Whoever can sign a note."""

    def sign(self, text: bytes) -> Signature:
        """Return the signature under a note's text."""
        ...


def parse_number(text: str) -> int:
    """Return a number as it stands in a checkpoint or a proof.

    Raises:
        BadProof: It is not decimal, has leading zeroes, or is more than 2**63 - 1.
    """
    number = int(text) if _NUMBER.fullmatch(text) else MOST_LEAVES + 1
    if number > MOST_LEAVES:
        raise _malformed("there is something else where a decimal number should be")
    return number


def format_body(checkpoint: Checkpoint) -> bytes:
    """Return the three lines that are signed."""
    root = format_base64(checkpoint.root)
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n".encode()


def parse_body(text: bytes) -> Checkpoint:
    """Return the checkpoint that a note's text is.

    Raises:
        BadProof: It is not origin, size and root, or has extension lines.
    """
    try:
        *lines, rest = text.decode().split("\n")
    except UnicodeDecodeError as error:
        raise _malformed("a checkpoint is not UTF-8") from error
    match lines:
        case [origin, size, root] if not rest:
            return Checkpoint(origin=origin, size=parse_number(size), root=parse_base64(root))
        case [_, _, _, *_]:  # nothing binds the others to the tree, so nobody could check them
            raise _malformed("a checkpoint has extension lines, which no audit covers")
        case _:
            raise _malformed("a checkpoint has fewer than three lines")


def parse_signed(data: bytes) -> tuple[Checkpoint, Note]:
    """Return a signed checkpoint and its note; no signature is verified.

    Raises:
        BadProof: It is not a note, or its text is not a checkpoint.
    """
    note = parse_note(data)
    return parse_body(note.text), note


def sign(checkpoint: Checkpoint, signers: Iterable[SignsNotes]) -> bytes:
    """Return the signed checkpoint.

    Args:
        checkpoint: What is signed: the caller makes sure that it agrees with all that were signed.
        signers: Who signs, in order [at least one].
    """
    text = format_body(checkpoint)
    return format_note(Note(text=text, signatures=tuple(signer.sign(text) for signer in signers)))
