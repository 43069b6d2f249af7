"""A platform with a past, and the evidence of a set on it; invented artists."""

import io
import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from assent.acts.copies import declare_copy
from assent.acts.hold import hold, release
from assent.acts.holders import Share, set_holders
from assent.acts.house import House
from assent.acts.index_root import index_root
from assent.acts.logs import Logs
from assent.acts.programs import resume, suspend
from assent.acts.publish import DEFAULT_TERMS, accept_terms, make_agreement
from assent.acts.say import About, grant, refuse, withdraw
from assent.catalogue.events import replay
from assent.log.note import Signer
from assent.log.policy import Policy
from assent.log.receipt import Verdict
from assent.permission.uses import parse_uses
from assent.settings import Settings
from assent.training.build import build
from assent.training.evidence import Evidence, make_evidence
from assent.training.evidence_check import check_evidence
from assent.training.evidence_verdict import EvidenceVerdict, State
from tests.houses import Clock, add, add_program, agreement_toml, platform, publish_at_last
from tests.training.evidence_lies import PROGRAM, Files, packed, signers_of

__all__ = [
    "FALSE",
    "LAST",
    "LIFTED",
    "MEMBERS",
    "PLACED",
    "ROOT",
    "SET",
    "TAKEN_BACK",
    "TOOL",
    "TRUE",
    "UNKNOWN",
    "USUAL",
    "WIDER_TERMS",
    "Told",
    "afterwards",
    "evidence_of",
    "states",
    "story",
    "tell",
    "text_of",
]

TRUE, FALSE, UNKNOWN = State.TRUE, State.FALSE, State.UNKNOWN
TOOL = parse_uses(["partner/train-tool"])

WIDER_TERMS = DEFAULT_TERMS.replace('id = "assent-terms-1"', 'id = "assent-terms-2"').replace(
    '"platform/search", "platform/analyse"', '"platform/search", "platform/first-fans"'
)

SET, ROOT, TAKEN_BACK, PLACED, LIFTED, LAST = range(49, 55)
"""Numbers of the events from the set on: it, the root, a statement, a hold, its end, another."""

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
    publish_at_last(house, WIDER_TERMS, "Kim")
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

    @contextmanager
    def reopened(self, name: str, folder: Path) -> Iterator[House]:
        """Give a copy of the platform, as it was at the cut or when the evidence was made."""
        shutil.copytree(self.folder / name, folder / "data")
        clock = Clock()
        clock.at = self.clock.at
        clock.turn(hours=2)
        with closing(House.open(Settings(data=folder / "data"), clock=clock)) as opened:
            yield opened


def tell(folder: Path) -> Told:
    """Tell the story: the folder `cut` is the platform as of the cut, `data` as of the evidence."""
    clock = Clock()
    with platform(folder / "data", clock) as house:
        story(house, folder, clock)
        Logs(house).publish()
        shutil.copytree(folder / "data", folder / "cut")
        afterwards(house)
        _check_numbers(house)
        (folder / "model.bin").write_bytes(b"weights")
        evidence_of(house, folder / "evidence.zip", models=[folder / "model.bin"])
        data = (folder / "evidence.zip").read_bytes()
        return Told(folder, data, Logs(house).policy(), signers_of(house), clock)


def _check_numbers(house: House) -> None:
    with house.reading() as connection:
        kinds = [event.kind for event in replay(connection)]
    expected = ["training-set", "index.root", "statement", "hold", "hold.lift", "hold"]
    assert kinds[SET - 1 :] == expected


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
