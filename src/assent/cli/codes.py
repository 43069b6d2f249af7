"""`assent codes`: by which codes do other houses know a file?"""

from pathlib import Path
from typing import Annotated

import typer

from assent.cli.exits import COULD_NOT, YES
from assent.cli.options import Json
from assent.cli.output import put, put_json

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(codes)


def codes(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file.")],
    *,
    json: Json = False,
) -> None:
    """Print the codes by which others know a file: AcoustID's fingerprint, and ISCC codes.

    They are made here; nothing is sent to anybody. What a part is missing for is "not assessed".
    Exits with 0 if one could be made, and with 4 if none could.
    """
    from assent.identity.codes import codes as codes_of

    made = codes_of(file)
    for one in made:
        name = one.name.value
        if json:
            length = {} if one.duration_s is None else {"duration_s": one.duration_s}
            why = {"not_assessed": one.not_assessed} if one.value is None else {}
            put_json({"code": name, "value": one.value, **length, **why})
        elif one.value is None:
            put(f"{name}: not assessed: {one.not_assessed}")
        else:
            length_text = "" if one.duration_s is None else f" (duration {one.duration_s} s)"
            put(f"{name}: {one.value}{length_text}")
    raise typer.Exit(YES if any(one.value is not None for one in made) else COULD_NOT)
