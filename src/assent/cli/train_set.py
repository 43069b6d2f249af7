"""`assent train-set`: building training sets, and what is on record of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli import evidence
from assent.cli.exits import NO, YES
from assent.cli.naming import find_recording
from assent.cli.options import By, ForProgram, Json, ProgramId, RecordingName
from assent.cli.output import put, put_json, put_table, say, some
from assent.cli.progress import shown
from assent.cli.session import opened, person

if TYPE_CHECKING:
    from assent.training.listing import TrainingSet

__all__ = ["register"]

SetId = Annotated[str, typer.Argument(metavar="SET", help="A training set's id, such as s0.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        no_args_is_help=True, help="Training sets: build them, and see what is on record of them."
    )
    group.command()(build)
    group.command("list")(list_sets)
    group.command()(show)
    group.command()(contains)
    group.command()(recall)
    evidence.register(group)
    app.add_typer(group, name="train-set")


def build(
    ctx: typer.Context,
    program: ProgramId,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The folder to be; nothing is there yet.")
    ],
    form: Annotated[
        str, typer.Option("--form", metavar="FORM", help="webdataset or parquet.")
    ] = "webdataset",
    by: By = "",
    *,
    json: Json = False,
) -> None:
    """Build a training set: exactly what a program may use now, with the reasons.

    Exits with 1 if the program may not run or nothing is permitted to it.
    """
    from assent.training.build import build as build_set

    with opened(ctx, catch_up=True) as house, shown("building") as told:
        # before anything is recorded: without the master key no audio could be read
        house.gate.token(program)
        built = build_set(house, program, out, form=form, by=person(house, by), progress=told)
    described = built.described
    if json:
        put_json(
            {
                "set": described.id,
                "program": described.program,
                "folder": str(built.folder),
                "form": described.form.value,
                "permitted": described.permitted,
                "items": described.items,
                "size_bytes": described.size_bytes,
                "withdrawn": list(described.withdrawn),
                "manifest": described.manifest,
                "head": described.head,
                "event": described.event,
            }
        )
        return
    put(described.id)
    say(f"{described.items} recordings for {program} are in {built.folder}")
    if described.withdrawn:
        say(f"taken back during the build, and left out: {some(described.withdrawn)}")


def list_sets(ctx: typer.Context, program: ForProgram = None, *, json: Json = False) -> None:
    """List the training sets on record."""
    from assent.training.listing import all_sets

    with opened(ctx) as house:
        sets = all_sets(house, program)
    if json:
        for found in sets:
            put_json(_fields(found))
    else:
        rows = [(found.id, found.program, found.items, found.head, found.event) for found in sets]
        put_table(("set", "program", "recordings", "head", "event"), rows)


def show(ctx: typer.Context, training_set: SetId, *, json: Json = False) -> None:
    """Show what is on record of a training set, with its recordings."""
    from assent.training.listing import find_set

    with opened(ctx) as house:
        found = find_set(house, training_set)
    members = [f"r{number}" for number in found.members]
    if json:
        put_json({**_fields(found), "recordings": members})
        return
    for name, value in _fields(found).items():
        put(f"{name}: {value}")
    for member in members:
        put(member)


def contains(
    ctx: typer.Context, training_set: SetId, recording: RecordingName, *, json: Json = False
) -> None:
    """Say whether a training set was permitted to hold a recording: 0 for yes, 1 for no."""
    from assent.training.listing import is_member

    with opened(ctx) as house:
        with house.reading() as connection:
            found = find_recording(connection, recording)
        member = is_member(house, training_set, found)
    if json:
        put_json({"set": training_set, "recording": found, "contains": member})
    else:
        put(f"{'yes' if member else 'no'}: {found} is {'' if member else 'not '}in {training_set}")
    raise typer.Exit(YES if member else NO)


def recall(ctx: typer.Context, training_set: SetId, *, json: Json = False) -> None:
    """List the recordings of a training set that were taken back since it was cut, and why."""
    from assent.permission.wording import sentence
    from assent.training.recall import erased_members, recalled

    with opened(ctx) as house:
        found = recalled(house, training_set)
        erased = erased_members(house, training_set)
    for one in found:
        if json:
            put_json(
                {
                    "recording": one.recording,
                    "events": list(one.events),
                    "reasons": [sentence(reason) for reason in one.reasons],
                }
            )
        else:
            put(one.recording)
            for reason in one.reasons:
                put(f"  {sentence(reason)}")
    if erased:
        say(f"{erased} more of {training_set} were erased since: nobody may use them any more")
    elif not found and not json:
        say(f"nothing of {training_set} was taken back")


def _fields(found: "TrainingSet") -> dict[str, object]:
    return {
        "set": found.id,
        "program": found.program,
        "items": found.items,
        "manifest": found.manifest,
        "head": found.head,
        "event": found.event,
    }
