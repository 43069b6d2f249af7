"""`assent train-set evidence` and `prove`, and what `assent verify` says of evidence."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from assent.cli.exits import NO, YES
from assent.cli.files import read_policy
from assent.cli.naming import find_recording
from assent.cli.options import Json, RecordingName
from assent.cli.output import put, put_json, say
from assent.cli.receipt_text import sentence
from assent.cli.session import logs_of, opened

if TYPE_CHECKING:
    from assent.training.evidence_verdict import EvidenceVerdict

__all__ = ["register", "verify_evidence_file"]

SetId = Annotated[str, typer.Argument(metavar="SET", help="A training set's id, such as s0.")]


def register(group: typer.Typer) -> None:
    """Add the commands to those about training sets."""
    group.command()(evidence)
    group.command()(prove)


def evidence(
    ctx: typer.Context,
    training_set: SetId,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The archive to be.")],
    model: Annotated[
        list[Path] | None,
        typer.Option(
            "--model",
            metavar="FILE",
            help="A model that came from the set; its digest goes in. Again for more.",
        ),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Make the evidence of a training set: one file that a stranger checks with assent verify.

    It shows what the manifest shows, and the receipts of all that its recordings stand on.
    """
    from assent.training.evidence import make_evidence
    from assent.web.verifier_page import verifier_page

    with opened(ctx, catch_up=True) as house:
        logs = logs_of(house)
        logs.publish()
        made = make_evidence(
            house,
            logs,
            training_set,
            out,
            page=lambda policy: verifier_page(policy).encode(),
            model_files=model or (),
        )
    if json:
        put_json(
            {
                "set": made.training_set,
                "file": str(made.path),
                "items": made.items,
                "erased": made.erased,
                "receipts": made.receipts,
                "size_bytes": made.size_bytes,
            }
        )
        return
    put(str(made.path))
    erased = f", {made.erased} more were erased since" if made.erased else ""
    say(f"It shows {made.items} recordings of {made.training_set}{erased}; give it away with your")
    say(f"trust file: assent verify {made.path} --trust POLICY")


def prove(
    ctx: typer.Context,
    training_set: SetId,
    recording: RecordingName,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The file to be; printed if not said."),
    ] = None,
) -> None:
    """Make the proof that a recording is, or is not, in a training set, and show no other.

    Whoever holds it checks it with assent verify.
    """
    from assent.disk import storage
    from assent.training.members import prove_member

    with opened(ctx, catch_up=True) as house:
        with house.reading() as connection:
            found = find_recording(connection, recording)
        logs = logs_of(house)
        logs.publish()
        proof = prove_member(house, logs, training_set, found)
    if out is None:
        for line in proof.decode().splitlines():
            put(line)
        return
    with storage("write the proof", out):
        out.write_bytes(proof)
    say(f"The proof is in {out}; check it with assent verify {out} --trust POLICY")


def verify_evidence_file(
    ctx: typer.Context, path: Path, trust: Path | None, max_age: float | None, *, json: bool
) -> NoReturn:
    """Check evidence, print what came of it part by part, and leave: 0 if it holds, else 1.

    Args:
        ctx: The command's context.
        path: The archive.
        trust: The policy's file; this platform's own if None.
        max_age: How old the newest trusted time may be [days]; any age if None.
        json: Print JSON.

    Raises:
        Exit: Always.
        StorageFailed: It cannot be read.
    """
    from assent.clock import now
    from assent.log.policy import parse_policy
    from assent.training.evidence_check import check_evidence

    policy = parse_policy(read_policy(ctx, trust))
    age = None if max_age is None else timedelta(days=max_age)
    found = check_evidence(path, policy, at=now(), max_age=age)
    if json:
        put_json(_fields(found))
    else:
        _put(found)
    raise typer.Exit(YES if found.holds else NO)


def _fields(found: "EvidenceVerdict") -> dict[str, object]:
    return {
        "verdict": found.verdict.value,
        "reason": found.reason,
        "text": _sentence(found),
        "holds": found.holds,
        "members": found.members,
        "checked": found.checked,
        "set": found.training_set,
        "program": found.program,
        "parts": [
            {
                "number": part.number,
                "title": part.title,
                "state": part.state.value,
                "text": part.text,
                "reason": part.reason,
            }
            for part in found.parts
        ],
    }


def _put(found: "EvidenceVerdict") -> None:
    about = f"{found.training_set} for {found.program}: " if found.training_set else ""
    put(f"{about}{found.verdict.value}: {_sentence(found)}")
    for part in found.parts:
        put(f"{part.number:>2} {part.state.value:<7} {part.title}: {part.text}")


def _sentence(found: "EvidenceVerdict") -> str:
    from assent.log.receipt import Verdict

    match found.verdict:
        case Verdict.VALID:
            return "All of it that can be checked holds."
        case Verdict.INVALID:
            return "Something in it does not hold."
        case Verdict.ERASED:
            gone = found.members - found.checked
            return (
                f"What can be checked of it holds; of {gone} of {found.members} members nobody can"
                " tell any more, for somebody was erased since."
            )
        case _:
            return sentence(found.reason)
