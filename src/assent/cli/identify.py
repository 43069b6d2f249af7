"""`assent identify`: what a file is made of, of the platform's recordings or of a folder's."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.acts.case_text import HEARD_SEMITONES, HEARD_TEMPO
from assent.cli.exits import NO, YES
from assent.cli.options import Json
from assent.cli.output import put, put_json, say
from assent.cli.progress import shown
from assent.cli.session import opened
from assent.errors import BadInput

if TYPE_CHECKING:
    from assent.acts.house import House
    from assent.identity.fingerprint import Fingerprint
    from assent.identity.match import Match
    from assent.identity.recogniser import Recogniser
    from assent.identity.sighting import Sighting

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(identify)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What a file was found to be made of.

    Args:
        said: What it is called, for programs: `file`, or `recording` and `title`.
        name: The same for people.
        length_s: How long it is [seconds].
        sighting: Where it is in the file.
    """

    said: dict[str, str]
    name: str
    length_s: float
    sighting: "Sighting"


def identify(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file that is asked about; or a folder.")
    ],
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", metavar="DIR", help="The folder that is searched; not the platform."
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="Draw what lies where (SVG)."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Say which recordings a file is, or contains: cut, sped up, pitched, under speech.

    Exits with 0 if something was found and with 1 if nothing was. What is found is evidence, no
    verdict: two takes of one score on the same samples look alike.
    """
    if file.is_dir() and against is None and picture is None:
        found = _identify_all(ctx, file, json=json)
    else:
        found = _identify(ctx, file, against, picture, json=json)
    raise typer.Exit(YES if found else NO)


def _identify(
    ctx: typer.Context, file: Path, against: Path | None, picture: Path | None, *, json: bool
) -> bool:
    from assent.disk import storage
    from assent.identity.fingerprint import fingerprint
    from assent.identity.picture import Drawn
    from assent.identity.picture import picture as draw

    if against is not None:
        asked = fingerprint(file)
        found = list(_in_folder(file, asked, against))
    else:
        with opened(ctx, catch_up=True) as house:  # where there is no platform, that is said first
            asked = fingerprint(file)
            found = _on_platform(_recogniser(house), file, asked)
    for each in found:
        _put(each, json=json)
    if picture is not None:
        drawn = [
            Drawn(it.name, it.length_s, it.sighting.match, it.sighting.proof.finding)
            for it in found
        ]
        with storage("draw the picture", picture):
            picture.write_text(draw(file.name, asked.duration_s, drawn), "utf-8")
    if not found:
        _put_nothing(file.name, asked, json=json)
    return bool(found)


def _identify_all(ctx: typer.Context, folder: Path, *, json: bool) -> bool:
    """Hold every file of a folder against the platform."""
    from assent.identity.archive import files_of
    from assent.identity.fingerprint import fingerprint

    is_any = False
    with opened(ctx, catch_up=True) as house:
        recogniser = _recogniser(house)
        for file in files_of(folder):
            name = str(file.relative_to(folder))
            try:
                found = _on_platform(recogniser, file, fingerprint(file))
            except BadInput as error:
                say(f"left out: {name}: {error.text}")
                continue
            is_any |= bool(found)
            for each in found:
                if not json:
                    put(name)
                _put(each, json=json, asked=name)
    if not is_any and not json:
        put("nothing in them is known there")
    return is_any


def _put_nothing(name: str, asked: "Fingerprint", *, json: bool) -> None:
    from assent.identity.state import State, state_of

    state = state_of(asked)
    if state is not State.FINE:
        say(f"{name}: {state.text}")
    elif not json:
        put("nothing in it is known there")


def _in_folder(file: Path, asked: "Fingerprint", folder: Path) -> Iterator[_Known]:
    from tempfile import TemporaryDirectory

    from assent.identity.archive import files_of, indexed
    from assent.identity.index import Index
    from assent.identity.match import match
    from assent.identity.sighting import seen

    paths, filed = files_of(folder), []
    with TemporaryDirectory(prefix="assent-identify-") as temporary:
        index = Index(Path(temporary))
        with shown("listening") as told:
            for one in indexed(paths, index):
                filed.append(one)
                told(len(filed), len(paths))
        for one in filed:
            if one.error is not None:
                say(f"left out: {one.path.relative_to(folder)}: {one.error.text}")
        lengths_s = {one.number: one.duration_s for one in filed if one.error is None}
        index.refresh()
        found = match(asked, index, lengths_s=lengths_s)
    for it in found:
        there = filed[it.recording]
        name = str(there.path.relative_to(folder))
        yield _Known(
            said={"file": name},
            name=name,
            length_s=there.duration_s,
            sighting=seen(it, file, there.path),
        )


def _recogniser(house: "House") -> "Recogniser":
    from assent.identity.recogniser import Recogniser

    return Recogniser(house)


def _on_platform(recogniser: "Recogniser", file: Path, asked: "Fingerprint") -> list[_Known]:
    from sqlalchemy import select

    from assent.catalogue import tables
    from assent.identity.store import Lengths

    recordings = tables.recordings.c
    with recogniser.house.reading() as connection:
        sightings = recogniser.sightings(asked, file, connection)
        numbers = [it.match.recording for it in sightings]
        query = select(recordings.number, recordings.id, recordings.title)
        rows = connection.execute(query.where(recordings.number.in_(numbers)))
        called = {row.number: {"recording": row.id, "title": row.title} for row in rows}
        lengths = Lengths(connection)
        return [
            _Known(
                said=called[it.match.recording],
                name=" ".join(called[it.match.recording].values()),
                length_s=lengths[it.match.recording],
                sighting=it,
            )
            for it in sightings
        ]


def _put(known: _Known, *, json: bool, asked: str = "") -> None:
    found, proof = known.sighting.match, known.sighting.proof
    claimed = known.sighting.is_claimed
    if json:
        said = {**asdict(found), "kind": found.kind.value}
        del said["recording"]  # the index's own number
        said = {**({"asked": asked} if asked else {}), **known.said, **said}
        finding = {**asdict(proof), "finding": proof.finding.value}
        put_json({**said, **finding, "is_claimed": claimed})
        return
    put(
        f"{found.kind.value}: {known.name}, {_clock(found.start_s)} to {_clock(found.end_s)} is"
        f" {_clock(found.original_start_s)} to {_clock(found.original_end_s)} there"
        f"{_changed(found)}; by accident once in {_rarely(found.chance)}; {proof.finding.value}"
        f"{'' if claimed else '; no copy is claimed by that'}"
    )


def _clock(at_s: float) -> str:
    minutes, tenths = divmod(round(at_s * 10), 600)  # rounded first: 59.97 s is 1:00.0
    return f"{minutes}:{tenths / 10:04.1f}"


def _changed(found: "Match") -> str:
    parts = []
    if abs(found.tempo - 1) >= HEARD_TEMPO:
        parts.append(f"{(found.tempo - 1) * 100:+.0f} % tempo")
    if abs(found.semitones) >= HEARD_SEMITONES:
        parts.append(f"{found.semitones:+.1f} semitones")
    return f" ({', '.join(parts)})" if parts else ""


def _rarely(chance: float) -> str:
    return f"{1 / chance:,.0f}" if chance > 1e-9 else "a billion or more"  # noqa: PLR2004  # what is rarer is no other thing to anybody
