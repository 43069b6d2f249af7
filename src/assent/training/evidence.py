"""The evidence of a training set: one file that a stranger can check with no database.

    find the set, its program, and the log as it stands in public
    a line for each member, with the receipts of all that was said of it alone
    receipts of what many members share, up to the set's head
    the small parts, the summary, the gaps
    the list of all files, signed by the log's key
    the archive, in its place at once

Shows what the manifest shows, and what it stands on; of people outside the set nothing but counts
and ids of recordings. Changes nothing on the platform.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import rfc8785

from assent import __version__
from assent.acts.house import House
from assent.acts.logs import Head, Logs
from assent.acts.receipts import receipt
from assent.disk import sync_folder
from assent.errors import BadInput, Unknown
from assent.log.keys import load_keys
from assent.log.note import Signer
from assent.log.policy import format_policy
from assent.training.archive import write_archive
from assent.training.evidence_exclusions import Exclusions, exclusions
from assent.training.evidence_files import (
    CHECKPOINT,
    COMPLAINTS,
    DECISION,
    EXCLUSIONS,
    EXEMPT,
    FILES,
    FORMAT,
    GAPS,
    ITEMS,
    MANIFEST,
    MODEL,
    NOTE,
    OVERVIEW,
    PAGE,
    POLICY,
    RECORDINGS,
    REVOCATIONS,
    RUN,
    SET,
    SIGNALS,
    SUMMARY,
    TITLES,
    digest_of_parts,
    format_listing,
    receipt_name,
    text_name,
)
from assent.training.evidence_lines import Lines, write_lines
from assent.training.evidence_parts import (
    Asked,
    Part,
    asked_of,
    complaints,
    decision,
    exempt,
    models,
    revocations,
    run,
    texts_of,
)
from assent.training.evidence_proofs import blind
from assent.training.evidence_words import Facts, format_gaps, summary
from assent.training.listing import TrainingSet, find_set
from assent.training.members import kept_manifest
from assent.training.scaffold import storing
from assent.training.shards import digest_of

__all__ = ["Evidence", "make_evidence"]

_CHUNK = 1 << 20
Files = dict[str, bytes | Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Evidence that was made.

    Args:
        path: Where it is.
        training_set: Of which set.
        items: How many members are shown in it.
        erased: How many were erased since, and are only counted.
        receipts: How many events that members share have their receipts in it.
        size_bytes: How large it is.
    """

    path: Path
    training_set: str
    items: int
    erased: int
    receipts: int
    size_bytes: int


def make_evidence(  # of what, where to, and what only the caller has
    house: House,
    logs: Logs,
    training_set: str,
    out: Path,
    *,
    page: Callable[[bytes], bytes],
    model_files: Sequence[Path] = (),
) -> Evidence:
    """Make the evidence of a training set; what has happened must be published.

    Args:
        house: The platform.
        logs: Its logs.
        training_set: Which set.
        out: The file to be; one that is there is replaced.
        page: Returns the page with which anybody can check it, for a policy.
        model_files: Models that are said to come from the set.

    Raises:
        BadInput: The set is of version 0.1, which put no root on record; or a model is no file.
        Unknown: There is no such set, no folder for the file, or something was not published yet.
        Tampered: What was kept of the set is not what was put on record.
        StorageFailed: The disk refused; nothing is left in the file's place or beside it.
    """
    found = find_set(house, training_set)
    if found.root is None:
        raise BadInput(
            f"{training_set} was built by version 0.1, which put no root over its members on"
            " record: nothing can be proved of them; build the set again",
            training_set=training_set,
        )
    if out.exists() and not out.is_file():
        raise BadInput(f"{out.name!r} is there already, and is no file that could be replaced")
    if not out.parent.is_dir():
        raise Unknown(f"there is no folder {str(out.parent)!r} for {out.name!r}")
    head = logs.consent.head()
    asked = asked_of(house, found, head.checkpoint.size)
    with (
        storing(out.name),
        TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder,
    ):
        making = _Making(house, logs, head, asked, Path(folder))
        lines, left = making.make(page, model_files)
        making.sign()
        made = Path(folder) / "whole"
        write_archive(made, making.files)
        size_bytes = made.stat().st_size
        made.replace(out)  # the commit point
        sync_folder(out.parent)
    return Evidence(
        path=out,
        training_set=training_set,
        items=lines.items,
        erased=lines.erased,
        receipts=left,
        size_bytes=size_bytes,
    )


class _Making:
    """Evidence that is being made."""

    def __init__(self, house: House, logs: Logs, head: Head, asked: Asked, folder: Path) -> None:
        self._house = house
        self._logs = logs
        self._head = head
        self._asked = asked
        self._folder = folder
        self.files: Files = {}

    @property
    def _found(self) -> TrainingSet:
        return self._asked.found

    def make(
        self, page: Callable[[bytes], bytes], model_files: Sequence[Path]
    ) -> tuple[Lines, int]:
        """Make all files but the list of them."""
        lines = write_lines(self._house, self._logs, self._head, self._found, self._folder)
        for name in (ITEMS, RECORDINGS):
            self.files[name] = self._folder / name
        self._add_manifest()
        left = exclusions(self._house, self._found, self._asked.event.at)
        parts = self._parts(lines, left, model_files)
        numbers = lines.shared.union(*(part.events for part in parts))
        numbers |= self._erasures()
        hidden = frozenset[int]().union(*(part.blind for part in parts)) - numbers
        self._add_receipts(numbers, hidden)
        policy = format_policy(self._logs.policy())
        self.files |= {
            CHECKPOINT: self._head.note,
            PAGE: page(policy),
            POLICY: policy,
            SET: receipt(self._house, self._logs.index, self._found.event, show=()),
        }
        self._add_words(lines, left, model_files)
        self._add(OVERVIEW, self._overview())
        return lines, len(numbers) + len(hidden)

    def _add(self, name: str, said: dict[str, Any]) -> None:
        self.files[name] = rfc8785.dumps(said)

    def _add_manifest(self) -> None:
        """Add the manifest, if nobody was erased from it."""
        kept = kept_manifest(self._house, self._found.manifest)
        if kept.exists() and digest_of(kept) == self._found.manifest:
            self.files[MANIFEST] = kept

    def _parts(
        self, lines: Lines, left: Exclusions, model_files: Sequence[Path]
    ) -> tuple[Part, ...]:
        """Add the small parts; return them."""
        texts = texts_of(self._house, lines.shared)
        for text in texts:
            if text.kind == "terms.publish":
                self.files[text_name(text.body["id"])] = text.body["source"].encode()
        parts = {
            DECISION: decision(self._house, self._asked, texts),
            EXCLUSIONS: Part(said=self._exclusions(left)),
            EXEMPT: exempt(texts, lines.tally.agreements),
            SIGNALS: Part(said={"captured": False, "signals": []}),
            RUN: run(self._asked),
            MODEL: models(self._found, model_files),
            REVOCATIONS: revocations(self._house, self._asked),
            COMPLAINTS: complaints(self._house, self._asked),
        }
        for name, part in parts.items():
            self._add(name, part.said)
        return tuple(parts.values())

    def _exclusions(self, left: Exclusions) -> dict[str, Any]:
        return {
            "all": left.every,
            "head": self._found.head,
            "items": self._found.items,
            "reasons": left.as_json(),
            "recomputed": left.recomputed,
        }

    def _erasures(self) -> frozenset[int]:
        """Return the events after the set that say that somebody was erased, and how much."""
        every = self._logs.consent.ledger.those_of("erasure", self._head.checkpoint.size)
        return frozenset(number for number in every if number > self._found.event)

    def _add_receipts(self, numbers: Iterable[int], hidden: Iterable[int]) -> None:
        consent = self._logs.consent
        for number in numbers:
            self.files[receipt_name(number)] = receipt(
                self._house, consent, number, head=self._head, show=()
            )
        for number in hidden:
            whole = receipt(self._house, consent, number, head=self._head, show=())
            (entry,) = consent.ledger.entries(number - 1, number)
            self.files[receipt_name(number)] = blind(whole, entry)

    def _add_words(self, lines: Lines, left: Exclusions, model_files: Sequence[Path]) -> None:
        body = self._asked.proposal.body
        facts = Facts(
            training_set=self._found.id,
            program=self._found.program,
            owner=body["owner"],
            purpose=body["purpose"],
            uses=tuple(body["uses"]),
            territories=body["territories"],
            models=tuple(body["models"]),
            at=self._asked.event.at,
            erased=lines.erased,
            digests=len(model_files),
            recomputed=left.recomputed,
            manifest=MANIFEST in self.files,
            tally=lines.tally,
        )
        self.files[SUMMARY] = summary(facts).encode()
        self.files[GAPS] = format_gaps(facts).encode()

    def _overview(self) -> dict[str, Any]:
        return {
            "event": self._found.event,
            "format": FORMAT,
            "head": self._found.head,
            "parts": [
                {
                    "files": [name for name in FILES[number] if self._has(name)],
                    "number": number,
                    "title": TITLES[number],
                }
                for number in sorted(FILES)
            ],
            "program": self._found.program,
            "published": self._asked.until,
            "set": self._found.id,
            "version": __version__,
        }

    def _has(self, name: str) -> bool:
        return name in self.files or name.endswith("/")

    def sign(self) -> None:
        """Add the list of all files."""
        digests = {name: self._digest(source) for name, source in self.files.items()}
        keys = load_keys(self._logs.consent.keys)
        signers = [key for key in keys if isinstance(key, Signer)]
        self.files[NOTE] = format_listing(digests, signers)

    @staticmethod
    def _digest(source: bytes | Path) -> bytes:
        if isinstance(source, bytes):
            return sha256(source).digest()
        with source.open("rb") as file:
            return digest_of_parts(iter(lambda: file.read(_CHUNK), b""))
