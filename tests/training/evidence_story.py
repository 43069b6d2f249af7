"""A platform with a past, the evidence of a set on it, and tools to lie with; invented artists."""

import io
import json
import shutil
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785
from pyroaring import BitMap

from assent.acts.copies import declare_copy
from assent.acts.cut import Cut, cut
from assent.acts.hold import hold, release
from assent.acts.holders import Share, set_holders
from assent.acts.house import House
from assent.acts.index_root import index_root
from assent.acts.logs import Logs
from assent.acts.programs import resume, suspend
from assent.acts.publish import DEFAULT_TERMS, accept_terms, make_agreement, publish_terms
from assent.acts.say import About, grant, refuse, withdraw
from assent.log.keys import load_keys
from assent.log.note import Signer
from assent.log.policy import Policy
from assent.log.proof import format_proof, parse_proof
from assent.log.receipt import Verdict
from assent.permission.uses import parse_uses
from assent.training.archive import write_archive
from assent.training.build import build
from assent.training.evidence import Evidence, make_evidence
from assent.training.evidence_check import check_evidence
from assent.training.evidence_files import NOTE, format_listing, receipt_name, receipt_number
from assent.training.evidence_verdict import EvidenceVerdict, State
from assent.training.item import Item
from assent.training.manifest import Heading, write
from assent.training.members import keep, member_tree
from assent.training.select import selected
from assent.training.shards import digest_of
from tests.houses import Clock, add, add_program, agreement_toml, platform

__all__ = [
    "FALSE",
    "MEMBERS",
    "PROGRAM",
    "TOOL",
    "TRUE",
    "UNKNOWN",
    "USUAL",
    "WIDER_TERMS",
    "Files",
    "Told",
    "afterwards",
    "changed_extra",
    "cut_falsely",
    "evidence_of",
    "files_of",
    "json_of",
    "kind_of",
    "packed",
    "receipt_of",
    "rewritten",
    "signers_of",
    "states",
    "story",
    "tell",
    "text_of",
]

TRUE, FALSE, UNKNOWN = State.TRUE, State.FALSE, State.UNKNOWN
PROGRAM = "tool-train"
TOOL = parse_uses(["partner/train-tool"])
Files = dict[str, bytes]

WIDER_TERMS = DEFAULT_TERMS.replace('id = "assent-terms-1"', 'id = "assent-terms-2"').replace(
    '"platform/search", "platform/analyse"', '"platform/search", "platform/first-fans"'
)

MEMBERS = ("r0", "r2", "r4", "r5", "r6", "r8", "r9")
"""Those that the program may use when the set is cut."""


def story(house: House, folder: Path, clock: Clock) -> None:
    """Tell it, up to the cut.

    r0, r1, r10 are Ada Quill's, who says yes to all and takes r1 back; r2 and r3 Bo Ferrum's, who
    says yes to r2 alone; r4 is Ada's and Bo's together; r5 a label's, under an agreement; r6 a copy
    of r0; r7 is Cy Loom's, who says no; r8 Di Marrow's; r9 was Cy's and is Di's now. r10 is held.
    """
    music = folder / "music"
    both = (Share(name="Ada Quill", share_ppm=500_000), Share(name="Bo Ferrum", share_ppm=500_000))
    make_agreement(house, agreement_toml(), "desk")
    for _ in range(2):
        add(house, music, "Ada Quill")
    for _ in range(2):
        add(house, music, "Bo Ferrum")
    add(house, music, "Ada Quill", holders=both)
    add(house, music, "Elm Vesper", agreement="lantern-1")
    add(house, music, "Ada Quill")
    add(house, music, "Cy Loom")
    add(house, music, "Di Marrow")
    add(house, music, "Cy Loom")
    add(house, music, "Ada Quill")
    add_program(house, PROGRAM, activities='"train-tool"', extra='models = ["nightjar-1"]')
    declare_copy(house, "r6", "r0", "desk")
    set_holders(house, "r9", [Share(name="Di Marrow")], "desk")
    grant(house, About(holder="Ada Quill", program=PROGRAM), TOOL)
    for recording in ("r2", "r4"):
        grant(house, About(holder="Bo Ferrum", recording=recording, program=PROGRAM), TOOL)
    grant(house, About(holder="Lantern Row", program=PROGRAM), TOOL)
    refuse(house, About(holder="Cy Loom"), TOOL)
    until = clock.at.replace(year=2033)
    grant(house, About(holder="Di Marrow", program=PROGRAM), TOOL, until=until)
    withdraw(house, About(holder="Ada Quill", recording="r1", program=PROGRAM), TOOL)
    hold(house, "r10", TOOL, "a secret dispute", "desk")
    publish_terms(house, WIDER_TERMS, "Kim")
    accept_terms(house, "Ada Quill", None, "Ada Quill")
    suspend(house, PROGRAM, "Lee")
    resume(house, PROGRAM, "Lee")
    build(house, PROGRAM, folder / "set", by="Kim")


def afterwards(house: House) -> None:
    """What happens after the cut: two take something back, one hold goes, one stays."""
    index_root(house)
    withdraw(house, About(holder="Bo Ferrum", recording="r2", program=PROGRAM), TOOL)
    placed = hold(house, "r0", TOOL, "a secret dispute", "desk")
    release(house, placed.number, "desk")
    hold(house, "r8", TOOL, "a secret dispute", "desk")


def evidence_of(
    house: House, out: Path, training_set: str = "s0", models: Iterable[Path] = ()
) -> Evidence:
    """Publish, and make the evidence."""
    logs = Logs(house)
    logs.publish()
    return make_evidence(
        house,
        logs,
        training_set,
        out,
        page=lambda policy: b"<p>a page" + policy,
        model_files=tuple(models),
    )


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


class Told(NamedTuple):
    """The story, told once; tests that change the platform take a copy of it.

    Args:
        folder: Where the platform is, as of the cut.
        data: The evidence made some time after the cut, before anybody was erased.
        policy: Whom to trust.
        signers: The platform's own keys.
        at: Now.
    """

    folder: Path
    data: bytes
    policy: Policy
    signers: tuple[Signer, ...]
    clock: Clock

    def check(self, data: bytes | Path, **more: Any) -> EvidenceVerdict:
        source = io.BytesIO(data) if isinstance(data, bytes) else data
        return check_evidence(source, self.policy, at=self.clock.at, **more)

    def resigned(self, folder: Path, files: Files) -> EvidenceVerdict:
        """Check files that the operator has signed anew."""
        return self.check(packed(folder, files, self.signers))


def tell(folder: Path) -> Told:
    """Tell the story: the folder `cut` is the platform as of the cut, `data` as of the evidence."""
    clock = Clock()
    with platform(folder / "data", clock) as house:
        story(house, folder, clock)
        Logs(house).publish()
        shutil.copytree(folder / "data", folder / "cut")
        afterwards(house)
        (folder / "model.bin").write_bytes(b"weights")
        evidence_of(house, folder / "evidence.zip", models=[folder / "model.bin"])
        data = (folder / "evidence.zip").read_bytes()
        return Told(folder, data, Logs(house).policy(), signers_of(house), clock)


def states(found: EvidenceVerdict) -> dict[int, State]:
    return {part.number: part.state for part in found.parts}


USUAL = {
    **dict.fromkeys((0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13), TRUE),
    6: UNKNOWN,
    10: UNKNOWN,
}
"""What a set of which nobody was erased comes to, with a model named."""


def text_of(found: EvidenceVerdict, number: int) -> str:
    assert found.part(number).state is FALSE, found.part(number)
    assert found.verdict is Verdict.INVALID
    assert not found.holds
    return found.part(number).text


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
