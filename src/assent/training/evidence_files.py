"""The files of an evidence archive: what they are called, and the signed list of all of them.

Touches nothing. Source: docs/log.md, "Evidence".
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

from assent.errors import BadProof, NotProved
from assent.log.note import (
    ED25519,
    Note,
    Signer,
    VerifierKey,
    format_note,
    parse_signatures,
    verified,
)
from assent.log.proof import MOST_BYTES as MOST_RECEIPT_BYTES

__all__ = [
    "CHECKPOINT",
    "COMPLAINTS",
    "DECISION",
    "EXCLUSIONS",
    "EXEMPT",
    "FILES",
    "FORMAT",
    "GAPS",
    "ITEMS",
    "LONGEST_CHAIN",
    "MANIFEST",
    "MODEL",
    "MOST_LINE_BYTES",
    "NOTE",
    "OVERVIEW",
    "PAGE",
    "POLICY",
    "RECEIPTS",
    "RECORDINGS",
    "REVOCATIONS",
    "RUN",
    "SET",
    "SIGNALS",
    "SUMMARY",
    "TEXTS",
    "TITLES",
    "digest_of_parts",
    "format_listing",
    "most_bytes",
    "parse_listing",
    "receipt_name",
    "receipt_number",
    "text_name",
]

FORMAT: Final = "assent-evidence/1"
NOTE: Final = "evidence.note"
OVERVIEW: Final = "evidence.json"
SET: Final = "training-set.tlog-proof"
CHECKPOINT: Final = "consent.checkpoint"
ITEMS: Final = "items.jsonl"
RECORDINGS: Final = "recordings.jsonl"
MANIFEST: Final = "manifest.parquet"
DECISION: Final = "decision.json"
EXCLUSIONS: Final = "exclusions.json"
EXEMPT: Final = "exempt.json"
SIGNALS: Final = "signals.json"
RUN: Final = "run.json"
MODEL: Final = "model.json"
REVOCATIONS: Final = "revocations.json"
COMPLAINTS: Final = "complaints.json"
PAGE: Final = "verifier.html"
POLICY: Final = "trust.policy"
SUMMARY: Final = "summary.md"
GAPS: Final = "gaps.md"
RECEIPTS: Final = "receipts/"
TEXTS: Final = "texts/"

TITLES: Final[Mapping[int, str]] = {
    0: "the file itself",
    1: "the manifest",
    2: "the decision",
    3: "the grounds, item by item and holder by holder",
    4: "what was left out",
    5: "catalogues under agreements",
    6: "signals honoured",
    7: "who ran what",
    8: "the models",
    9: "taken back since",
    10: "complaints and holds",
    11: "a verifier for everybody",
    12: "the public summary",
    13: "known gaps",
}
"""The parts; 0 is what all others stand on."""

FILES: Final[Mapping[int, tuple[str, ...]]] = {
    1: (ITEMS, MANIFEST, SET),
    2: (DECISION, RECEIPTS, TEXTS),
    3: (CHECKPOINT, RECEIPTS, RECORDINGS),
    4: (EXCLUSIONS,),
    5: (EXEMPT, RECEIPTS),
    6: (SIGNALS,),
    7: (RUN,),
    8: (MODEL,),
    9: (RECEIPTS, REVOCATIONS),
    10: (COMPLAINTS, RECEIPTS),
    11: (PAGE, POLICY),
    12: (SUMMARY,),
    13: (GAPS,),
}
"""Which files a part is in; a name that ends in a slash is a folder."""

MOST_LINE_BYTES: Final = 1 << 24
LONGEST_CHAIN: Final = 64
"""Copies of copies; more of them prove nothing."""
_MOST_NOTE_BYTES: Final = 1 << 25
_MOST_SMALL_BYTES: Final = 1 << 26
_LARGE: Final = frozenset({ITEMS, RECORDINGS, MANIFEST})
_UNLIMITED: Final = 1 << 62  # read in pieces, so the archive's own limit is enough

_FIRST_LINE: Final = "assent evidence 1"
_LINE: Final = re.compile(r"([0-9a-f]{64})  ([\x20-\x7e]+)")
_RECEIPT: Final = re.compile(r"receipts/([1-9][0-9]{0,15})\.tlog-proof")


def most_bytes(name: str) -> int:
    """Return how large a file may be, by its name."""
    if name in _LARGE:
        return _UNLIMITED
    if name == NOTE:
        return _MOST_NOTE_BYTES
    is_receipt = name.startswith(RECEIPTS) or name in {SET, CHECKPOINT}
    return MOST_RECEIPT_BYTES if is_receipt else _MOST_SMALL_BYTES


def receipt_name(number: int) -> str:
    """Return what the receipt of an event is called."""
    return f"{RECEIPTS}{number}.tlog-proof"


def receipt_number(name: str) -> int | None:
    """Return the number of the event that a file is the receipt of; None if it is none.

    >>> receipt_number("receipts/12.tlog-proof"), receipt_number("receipts/012.tlog-proof")
    (12, None)
    """
    found = _RECEIPT.fullmatch(name)
    return int(found[1]) if found else None


def text_name(text: str) -> str:
    """Return what the source of terms is called."""
    return f"{TEXTS}{text}.toml"


def format_listing(digests: Mapping[str, bytes], signers: Iterable[Signer]) -> bytes:
    """Return the signed list of files.

    Args:
        digests: SHA-256 of each file but the list itself, by name [32 bytes].
        signers: Who signs.
    """
    lines = [f"{digests[name].hex()}  {name}\n" for name in sorted(digests)]
    text = "".join((f"{_FIRST_LINE}\n", *lines)).encode()
    return format_note(Note(text=text, signatures=tuple(one.sign(text) for one in signers)))


def parse_listing(data: bytes, keys: Iterable[VerifierKey]) -> tuple[dict[str, bytes], VerifierKey]:
    """Return what a signed list says, and whose key signed it.

    Args:
        data: The list [at most 32 MiB: a note that is longer than others may be].
        keys: The keys that are trusted to sign one.

    Raises:
        BadProof: It is not written as one.
        NotProved: None of the keys signed it, or a signature of one does not hold.
    """
    if len(data) > _MOST_NOTE_BYTES:
        raise BadProof("the list of files is larger than any is", reason="too-large")
    text, blank, signatures = data.rpartition(b"\n\n")
    if not blank:
        raise BadProof("the list of files is not signed", reason="malformed")
    note = Note(text=text + b"\n", signatures=parse_signatures(signatures))
    signed = verified(note, (key for key in keys if key.kind == ED25519))
    if not signed:
        raise NotProved("nobody whom you trust signed the list of files", reason="bad-signature")
    return _parse_lines(note.text.decode()), signed[0]


def _parse_lines(text: str) -> dict[str, bytes]:
    first, *lines, _ = text.split("\n")
    if first != _FIRST_LINE:
        raise BadProof("the list of files is of another format", reason="wrong-format")
    found = [_LINE.fullmatch(line) for line in lines]
    listed = [(line[2], bytes.fromhex(line[1])) for line in found if line]
    names = [name for name, _ in listed]
    if len(listed) != len(lines) or names != sorted(set(names)):
        raise BadProof("the list of files is not written as one", reason="malformed")
    return dict(listed)


def digest_of_parts(parts: Iterable[bytes]) -> bytes:
    """Return the SHA-256 of bytes that come in pieces [32 bytes]."""
    digest = sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()
