"""Options that several commands share, each with one meaning everywhere."""

from typing import Annotated

import typer

__all__ = [
    "MOST",
    "About",
    "AllPrograms",
    "ArtistName",
    "At",
    "By",
    "ForProgram",
    "Holders",
    "Json",
    "LogName",
    "ProgramId",
    "RecordingName",
    "Speaker",
    "UsePatterns",
]


def _complete_use(incomplete: str) -> list[str]:
    from assent.permission.uses import ALL, labels

    return [name for name in labels(ALL) if name.startswith(incomplete)]


Json = Annotated[bool, typer.Option("--json", help="Print JSON: one object a line.")]
By = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who does this; your user name if not said.")
]
LogName = Annotated[str, typer.Option("--log", metavar="LOG", help="Which log: consent, or index.")]
MOST = (1 << 53) - 1
"""The largest number that every database and every reader of JSON takes as it is."""
RecordingName = Annotated[
    str, typer.Argument(metavar="RECORDING", help="A recording: its id (r12) or its exact title.")
]
ProgramId = Annotated[str, typer.Argument(metavar="PROGRAM", help="A program's id.")]
ForProgram = Annotated[
    str | None, typer.Option("--program", metavar="PROGRAM", help="For this program alone.")
]
AllPrograms = Annotated[
    bool,
    typer.Option(
        "--all-programs", help="For every program there is and will be, in so many words."
    ),
]
UsePatterns = Annotated[
    list[str] | None,
    typer.Option(
        "--use",
        metavar="ACTOR/ACTIVITY",
        help="A use, * allowed on either side; again for more. The program's own if not said.",
        autocompletion=_complete_use,
    ),
]
Speaker = Annotated[
    str, typer.Option("--artist", metavar="NAME", help="Who speaks: an artist or a rights holder.")
]
ArtistName = Annotated[
    str | None, typer.Option("--artist", metavar="NAME", help="An artist or a rights holder.")
]
About = Annotated[
    str | None,
    typer.Option(
        "--recording", metavar="RECORDING", help="About one recording; about all if not said."
    ),
]
At = Annotated[
    int | None,
    typer.Option(
        "--at", metavar="EVENT", min=1, max=MOST, help="As it was right after this event."
    ),
]
Holders = Annotated[
    list[str] | None,
    typer.Option(
        "--holder",
        metavar="NAME=SHARE%,ROLE,TERRITORIES",
        help="Who holds rights, as in 'Ada Quill=60%,composer,world'; again for more.",
    ),
]
