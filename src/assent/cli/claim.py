"""`assent claim …`: a holder says what is true of two recordings, and others answer."""

from pathlib import Path
from typing import Annotated

import typer

from assent.cli.options import MOST, Json, RecordingName, Speaker
from assent.cli.output import put, put_json, put_table, say
from assent.cli.session import opened
from assent.errors import BadInput, Unknown

__all__ = ["register"]

_Against = Annotated[
    str, typer.Option("--against", metavar="RECORDING", help="The other recording.")
]
_Says = Annotated[
    str,
    typer.Option(
        "--says", metavar="WHAT", help="What is true: mine, licensed, true-original or different."
    ),
]
_Words = Annotated[str, typer.Option("--words", metavar="TEXT", help="What speaks for it.")]
_Files = Annotated[
    list[Path] | None,
    typer.Option(
        "--file", metavar="FILE", help="A file that shows it, again for more; only its digest goes."
    ),
]
_Agree = Annotated[bool, typer.Option("--agree", help="It is so.")]
_Disagree = Annotated[bool, typer.Option("--disagree", help="It is not so.")]
_All = Annotated[bool, typer.Option("--all", help="Also the claims that are decided.")]
_Number = Annotated[
    int, typer.Argument(metavar="CLAIM", min=1, max=MOST, help="The claim's number: its event.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    nouns = typer.Typer(
        no_args_is_help=True,
        help="Claims: a holder says what is true of two recordings, and others answer.",
    )
    nouns.command("make", help="Claim that a recording is made of yours, licensed, or no copy.")(
        _make
    )
    nouns.command("answer", help="Answer a claim; agreeing decides what harms nobody else.")(
        _answer
    )
    nouns.command("list", help="List the claims that are open.")(_list)
    nouns.command("show", help="Show a claim, its evidence and its answers.")(_show)
    app.add_typer(nouns, name="claim")


def _make(  # noqa: PLR0913  # a command's options
    ctx: typer.Context,
    recording: RecordingName,
    *,
    against: _Against,
    says: _Says,
    words: _Words,
    artist: Speaker,
    file: _Files = None,
    as_json: Json = False,
) -> None:
    from assent.acts.claims import Plea, evidence_file, make_claim
    from assent.catalogue.claims import Says
    from assent.cli.changes import Changes
    from assent.cli.naming import find_recording
    from assent.cli.recorded import put_recorded

    if says not in set(Says):
        raise BadInput(f"{says!r} is no claim; say mine, licensed, true-original or different")
    plea = Plea(words=words, files=[evidence_file(path) for path in file or ()])
    with opened(ctx, catch_up=True) as house:
        with house.reading() as connection:
            pair = find_recording(connection, recording), find_recording(connection, against)
        changes = Changes(house, pair)
        event = make_claim(house, artist, pair, Says(says), plea)
        body = event.body
        words = f"{artist} claims of {body['recording']} and {body['original']}: {body['says']}"
        put_recorded(event, words, as_json=as_json, changes=changes.fields())
        changes.tell()
        say(f"It can be answered until {body['answer_by']}: assent claim answer {event.number}.")


def _answer(  # noqa: PLR0913  # a command's options
    ctx: typer.Context,
    claim: _Number,
    *,
    words: _Words,
    artist: Speaker,
    agree: _Agree = False,
    disagree: _Disagree = False,
    file: _Files = None,
    as_json: Json = False,
) -> None:
    from assent.acts.claims import Plea, answer_claim, evidence_file
    from assent.catalogue.claims import claim_of
    from assent.cli.changes import Changes
    from assent.cli.recorded import put_recorded

    if agree == disagree:
        raise BadInput("say --agree or --disagree")
    plea = Plea(words=words, files=[evidence_file(path) for path in file or ()])
    with opened(ctx, catch_up=True) as house:
        with house.reading() as connection:
            asked = claim_of(connection, claim)
        changes = Changes(house, [asked.recording, asked.original] if asked else [])
        event = answer_claim(house, artist, claim, plea, agrees=agree)
        with house.reading() as connection:
            after = claim_of(connection, claim)
        decided = after.closed if after else None
        verb = "agrees" if agree else "does not agree"
        put_recorded(
            event,
            f"{artist} {verb} to the claim {claim}",
            as_json=as_json,
            decided=decided,
            changes=changes.fields(),
        )
        changes.tell()
        if decided:
            say(f"The claim is decided by that: event {decided}.")


def _list(ctx: typer.Context, *, everything: _All = False, as_json: Json = False) -> None:
    from assent.acts.case_text import claim_fields
    from assent.catalogue import tables
    from assent.catalogue.claims import claims

    with opened(ctx) as house, house.reading() as connection:
        asked = [] if everything else [tables.claims.c.closed.is_(None)]
        at = house.clock()
        found = [claim_fields(connection, it, at) for it in claims(connection, *asked)]
    if as_json:
        for fields in found:
            put_json(fields)
        return
    head = ("claim", "recording", "original", "says", "by", "state", "answer by")
    names = ("claim", "recording", "original", "says", "name", "state", "answer_by")
    put_table(head, ([fields[name] for name in names] for fields in found))


def _show(ctx: typer.Context, claim: _Number, *, as_json: Json = False) -> None:
    from assent.acts.case_text import claim_fields, claim_lines
    from assent.catalogue.claims import claim_of

    with opened(ctx) as house, house.reading() as connection:
        found = claim_of(connection, claim)
        if found is None:
            raise Unknown(f"there is no claim {claim}", claim=claim)
        fields = claim_fields(connection, found, house.clock())
    if as_json:
        put_json(fields)
        return
    put(f"of {fields['recording']} as a copy of {fields['original']}")
    for line in claim_lines(fields):
        put(line)
