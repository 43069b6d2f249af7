"""Tools to lie with: an archive taken apart, changed and signed again; a set that is made up."""

import io
import json
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785
from pyroaring import BitMap
from sqlalchemy import select

from assent.acts.cut import Cut, cut
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.catalogue import tables
from assent.log.keys import load_keys
from assent.log.leaf import commitment, entry
from assent.log.note import Signer
from assent.log.proof import format_proof, parse_proof
from assent.training.archive import write_archive
from assent.training.evidence_files import NOTE, format_listing, receipt_name, receipt_number
from assent.training.item import Item
from assent.training.manifest import Heading, write
from assent.training.members import keep, member_tree
from assent.training.select import selected
from assent.training.shards import digest_of

__all__ = [
    "PROGRAM",
    "Files",
    "as_another",
    "as_if_erased",
    "changed_extra",
    "changed_item",
    "cut_falsely",
    "files_of",
    "json_of",
    "kind_of",
    "kinds_of",
    "line_of",
    "lines_of",
    "packed",
    "receipt_of",
    "rewritten",
    "signers_of",
    "with_lines",
]

PROGRAM = "tool-train"
Files = dict[str, bytes]
"""What an archive holds, by name."""


def files_of(data: bytes) -> Files:
    """Return what an archive holds, read by a second reader."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(folder: Path, files: Mapping[str, bytes], signers: Iterable[Signer] = ()) -> bytes:
    """Return an archive of files; with signers, listed and signed anew."""
    held: dict[str, bytes | Path] = dict(files)
    signing = tuple(signers)
    if signing:
        held.pop(NOTE, None)
        digests = {name: sha256(files[name]).digest() for name in held}
        held[NOTE] = format_listing(digests, signing)
    path = folder / "packed.zip"
    path.unlink(missing_ok=True)
    write_archive(path, held)
    return path.read_bytes()


def signers_of(house: House) -> tuple[Signer, ...]:
    """Return the platform's own keys: those that a lying operator has."""
    keys = load_keys(Logs(house).consent.keys)
    return tuple(key for key in keys if isinstance(key, Signer))


def json_of(files: Files, name: str) -> Any:
    return json.loads(files[name])


def cut_falsely(
    house: House,
    folder: Path,
    change: Callable[[list[Item]], list[Item]],
    *,
    after: Callable[[list[Item]], list[Item]] | None = None,
    uses: tuple[str, ...] = ("partner/train-tool",),
) -> str:
    """Put a set on record, as a lying operator can, whose items are made up; return its id.

    Args:
        house: The platform.
        folder: Where to write the manifest.
        change: Gives the items.
        after: Gives the items whose root goes on record, if they are others.
        uses: What the manifest says that was asked for.
    """
    manifest, rooted = folder / "made-up.parquet", folder / "rooted.parquet"
    with selected(house, PROGRAM) as selection:
        items = sorted(change(list(selection.items())), key=lambda item: item.number)
        heading = Heading(program=PROGRAM, uses=uses, territories="world", head=selection.head)
        write(manifest, heading, items)
        write(rooted, heading, after(items) if after else items)
        digest = digest_of(manifest)
        tree, columns = member_tree(selection.connection, digest, rooted)
        members = BitMap(item.number for item in items)
        record = Cut(
            program=PROGRAM,
            head=selection.head,
            manifest=digest,
            items=len(items),
            members=b64encode(members.serialize()).decode(),
            root=tree.root.hex(),
        )
    return cut(house, record, "Kim", lambda: keep(house, digest, manifest, columns))[0]


def rewritten(files: Files, name: str, **fields: Any) -> Files:
    """Return files of which one object of JSON has other fields."""
    return {**files, name: rfc8785.dumps({**json_of(files, name), **fields})}


def receipt_of(files: Files, kind: str, at: int = 0) -> str:
    """Return the name of a receipt of an event of a kind, by its place among them."""
    numbers = sorted(number for name in files if (number := receipt_number(name)) is not None)
    names = map(receipt_name, numbers)
    return [name for name in names if kind_of(files[name]) == kind][at]


def kind_of(data: bytes) -> str:
    extra = json.loads(parse_proof(data).extra or b"")
    return str(extra["record"]["kind"] if "record" in extra else extra["entry"]["k"])


def changed_extra(data: bytes, change: Callable[[Any], Any]) -> bytes:
    """Return a receipt that shows something else."""
    proof = parse_proof(data)
    extra = change(json.loads(proof.extra or b""))
    return format_proof(replace(proof, extra=rfc8785.dumps(extra)))


def as_another(house: House, recording: str, said: Item) -> Item:
    """Return the item of a recording with the grounds of another, as if they were its own."""
    recordings = tables.recordings.c
    with house.reading() as connection:
        query = select(tables.recordings).where(recordings.id == recording)
        row = connection.execute(query).one()
    grounds = tuple(replace(ground, recording=recording) for ground in said.grounds)
    return replace(
        said,
        recording=row.id,
        number=row.number,
        title=row.title,
        file=f"{row.id}.wav",
        digest=row.digest,
        audio_digest=row.audio_digest,
        size_bytes=row.size_bytes,
        frames=row.frames,
        sr=row.sr,
        channels=row.channels,
        codec=row.codec,
        licence=row.licence,
        grounds=grounds,
    )


def changed_item(house: House, folder: Path, recording: str, change: Callable[[Item], Item]) -> str:
    """Put a set on record of which one item was changed; return its id."""

    def lie(items: list[Item]) -> list[Item]:
        return [change(item) if item.recording == recording else item for item in items]

    return cut_falsely(house, folder, lie)


def as_if_erased(extra: Any) -> Any:
    """Return what a receipt shows once its content is gone."""
    record, opening = extra["record"], b64decode(extra["opening"])
    made = entry(
        kind=record["kind"],
        at=record["at"],
        body=record["body"],
        commitment=commitment(opening, rfc8785.dumps(record)),
    )
    return {"entry": json.loads(made)}


def lines_of(files: Files, name: str = "recordings.jsonl") -> list[Any]:
    return [json.loads(line) for line in files[name].splitlines()]


def with_lines(files: Files, lines: list[Any], name: str = "recordings.jsonl") -> Files:
    return {**files, name: b"".join(rfc8785.dumps(line) + b"\n" for line in lines)}


def line_of(files: Files, recording: str) -> int:
    """Return in which line a recording is; those of erased members name none."""
    named = [(line["item"] or {}).get("recording") for line in lines_of(files, "items.jsonl")]
    return named.index(recording)


def kinds_of(line: list[Any]) -> list[str]:
    return [proof["extra"]["record"]["kind"] for proof in line]
