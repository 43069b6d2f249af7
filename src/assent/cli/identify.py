"""`assent identify`: what is a file made of, of what lies in a folder?"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli.exits import NO, YES
from assent.cli.options import Json
from assent.cli.output import put, put_json, say
from assent.cli.progress import shown

if TYPE_CHECKING:
    from assent.identity.match import Match
    from assent.identity.proof import Proof

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(identify)


def identify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file that is asked about.")],
    against: Annotated[
        Path, typer.Option("--against", metavar="DIR", help="The folder that is searched.")
    ],
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="Draw what lies where (SVG)."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Say which recordings of a folder a file is, or contains: cut, sped up, pitched, under speech.

    Exits with 0 if something was found and with 1 if nothing was. What is found is evidence, no
    verdict: two takes of one score on the same samples look alike.
    """
    from functools import lru_cache
    from tempfile import TemporaryDirectory

    from assent.disk import storage
    from assent.identity.archive import files_of, indexed
    from assent.identity.fingerprint import fingerprint, samples_of
    from assent.identity.index import Index
    from assent.identity.match import match
    from assent.identity.picture import Drawn
    from assent.identity.picture import picture as draw
    from assent.identity.proof import prove

    asked = fingerprint(file)
    paths = files_of(against)
    with TemporaryDirectory(prefix="assent-identify-") as folder:
        index = Index(Path(folder))
        filed = []
        with shown("listening") as told:
            for one in indexed(paths, index):
                filed.append(one)
                told(len(filed), len(paths))
        for one in filed:
            if one.error is not None:
                say(f"left out: {one.path.relative_to(against)}: {one.error.text}")
        lengths_s = {one.number: one.duration_s for one in filed if one.error is None}
        index.refresh()
        found = match(asked, index, lengths_s=lengths_s)
    drawn = []
    samples = lru_cache(2)(samples_of)  # of the file, and of the recording that was looked at last
    for each in found:
        there = filed[each.recording]
        name = str(there.path.relative_to(against))
        proof = prove(samples(file), samples(there.path), each)
        drawn.append(Drawn(name, there.duration_s, each, proof.finding))
        _put(each, proof, name, json=json)
    if picture is not None:
        with storage("draw the picture", picture):
            picture.write_text(draw(file.name, asked.duration_s, drawn), "utf-8")
    if not found and not json:
        put("nothing in it is known there")
    raise typer.Exit(YES if found else NO)


def _put(found: "Match", proof: "Proof", name: str, *, json: bool) -> None:
    if json:
        said = {**asdict(found), "kind": found.kind.value, "file": name}
        del said["recording"]
        put_json({**said, **asdict(proof), "finding": proof.finding.value})
        return
    put(
        f"{found.kind.value}: {name}, {_clock(found.start_s)} to {_clock(found.end_s)} is"
        f" {_clock(found.original_start_s)} to {_clock(found.original_end_s)} there"
        f"{_changed(found)}; by accident once in {_rarely(found.chance)}; {proof.finding.value}"
    )


def _clock(at_s: float) -> str:
    minutes, tenths = divmod(round(at_s * 10), 600)  # rounded first: 59.97 s is 1:00.0
    return f"{minutes}:{tenths / 10:04.1f}"


def _changed(found: "Match") -> str:
    parts = []
    if abs(found.tempo - 1) >= 0.005:  # noqa: PLR2004  # what is less is nothing that is heard
        parts.append(f"{(found.tempo - 1) * 100:+.0f} % tempo")
    if abs(found.semitones) >= 0.2:  # noqa: PLR2004  # likewise
        parts.append(f"{found.semitones:+.1f} semitones")
    return f" ({', '.join(parts)})" if parts else ""


def _rarely(chance: float) -> str:
    return f"{1 / chance:,.0f}" if chance > 1e-9 else "a billion or more"  # noqa: PLR2004
