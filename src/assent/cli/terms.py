"""`assent terms …`: published, accepted, listed and shown, clause by clause."""

from pathlib import Path
from typing import Annotated

import typer

from assent.cli.options import By, Json, Speaker
from assent.cli.output import put_table, say
from assent.cli.session import opened, person

__all__ = ["register"]

_File = Annotated[Path, typer.Argument(metavar="FILE", help="The terms, as TOML.")]
_Shown = Annotated[str, typer.Argument(metavar="VERSION", help="The id of the terms.")]
_Version = Annotated[
    str | None,
    typer.Option("--version", metavar="VERSION", help="Which terms; those in force if not said."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    nouns = typer.Typer(
        no_args_is_help=True,
        help="The terms of the platform: what AI may do unless somebody says no.",
    )
    nouns.command("publish", help="Put terms in force; they widen nothing until accepted.")(
        _publish
    )
    nouns.command("accept", help="Record that a holder accepts terms.")(_accept)
    nouns.command("list", help="List the terms that were ever published.")(_list)
    nouns.command("show", help="Show terms, clause by clause.")(_show)
    app.add_typer(nouns, name="terms")


def _publish(ctx: typer.Context, file: _File, *, by: By = "", as_json: Json = False) -> None:
    from assent.acts.publish import publish_terms
    from assent.cli.files import blamed_on_file, read_text_file
    from assent.cli.recorded import counted, put_recorded
    from assent.cli.word_change import WordChange

    toml = read_text_file(file)
    with opened(ctx, create=True, catch_up=True) as house:
        change = WordChange(house)
        with blamed_on_file(file):
            event = publish_terms(house, toml, person(house, by))
        changed, widened = change.since()
        put_recorded(
            event,
            f"the terms {event.body['id']} are in force",
            as_json=as_json,
            changed=changed,
            widened=widened,
        )
        say(f"They change the words of {counted(changed)}; {widened or 'none'} of them widen.")
        if widened:
            # the terms before were narrower than what was accepted earlier
            say("No word widens further than the terms that its holders have accepted.")
        say("What is new in them waits until each holder accepts them.")


def _accept(
    ctx: typer.Context,
    *,
    artist: Speaker,
    version: _Version = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.acts.publish import accept_terms
    from assent.cli.recorded import counted, put_recorded
    from assent.cli.word_change import WordChange

    with opened(ctx, catch_up=True) as house:
        change = WordChange(house)
        event = accept_terms(house, artist, version, person(house, by))
        changed, widened = change.since()
        put_recorded(
            event,
            f"{artist} accepts the terms {event.body['text']}",
            as_json=as_json,
            changed=changed,
            widened=widened,
        )
        say(f"That changes the words of {counted(changed)}; {widened or 'none'} of them widen.")


def _list(ctx: typer.Context, *, as_json: Json = False) -> None:
    from assent.cli.output import put_json
    from assent.cli.text import read_texts

    with opened(ctx) as house:
        texts = read_texts(house, "terms")
    if as_json:
        for text in texts:
            put_json(text.fields())
        return
    put_table(
        ("terms", "state", "event", "accepted by", "title"),
        (
            (it.id, "in force" if it.current else "replaced", it.event, it.accepted, it.title)
            for it in texts
        ),
    )


def _show(ctx: typer.Context, version: _Shown, *, as_json: Json = False) -> None:
    from assent.cli.text import find_text, put_text

    with opened(ctx) as house:
        put_text(find_text(house, "terms", version), as_json=as_json)
