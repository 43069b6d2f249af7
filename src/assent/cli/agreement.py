"""`assent agreement …`: licence agreements with labels, and what each lets anybody do."""

from pathlib import Path
from typing import Annotated

import typer

from assent.cli.options import By, Json
from assent.cli.output import put_table
from assent.cli.session import opened, person

__all__ = ["register"]

_File = Annotated[Path, typer.Argument(metavar="FILE", help="The agreement, as TOML.")]
_Shown = Annotated[str, typer.Argument(metavar="AGREEMENT", help="The id of the agreement.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    nouns = typer.Typer(
        no_args_is_help=True, help="Agreements with labels, under which they deliver recordings."
    )
    nouns.command("add", help="Record an agreement, and open the label's account.")(_add)
    nouns.command("list", help="List the agreements.")(_list)
    nouns.command("show", help="Show an agreement, clause by clause.")(_show)
    app.add_typer(nouns, name="agreement")


def _add(ctx: typer.Context, file: _File, *, by: By = "", as_json: Json = False) -> None:
    from assent.acts.publish import make_agreement, publish_default
    from assent.cli.files import blamed_on_file, read_text_file
    from assent.cli.recorded import put_recorded

    toml = read_text_file(file)
    with opened(ctx, create=True) as house:
        # a label may well come before the first recording
        publish_default(house)
        with blamed_on_file(file):
            event, label = make_agreement(house, toml, person(house, by))
        words = f"the agreement {event.body['id']} with {label.name} is made"
        put_recorded(event, words, as_json=as_json, name=label.name)


def _list(ctx: typer.Context, *, as_json: Json = False) -> None:
    from assent.acts.texts import read_texts
    from assent.cli.output import put_json

    with opened(ctx) as house:
        texts = read_texts(house, "agreement")
    if as_json:
        for text in texts:
            put_json(text.fields())
        return
    put_table(
        ("agreement", "with", "event", "recordings", "title"),
        ((it.id, it.party, it.event, it.recordings, it.title) for it in texts),
    )


def _show(ctx: typer.Context, agreement: _Shown, *, as_json: Json = False) -> None:
    from assent.acts.texts import find_text
    from assent.cli.text import put_text

    with opened(ctx) as house:
        put_text(find_text(house, "agreement", agreement), as_json=as_json)
