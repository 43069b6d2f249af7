"""`assent copies …`: what seems to be made of others' recordings, and who decides it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assent.cli.exits import NO, YES
from assent.cli.options import By, Json, RecordingName
from assent.cli.output import put, put_json, put_table, say
from assent.cli.session import opened, person
from assent.errors import BadInput

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from assent.acts.house import House
    from assent.catalogue.claims import Claim

__all__ = ["register"]

_All = Annotated[bool, typer.Option("--all", help="Also what is decided.")]
_Original = Annotated[
    str, typer.Option("--original", metavar="RECORDING", help="What it would be a copy of.")
]
_State = Annotated[
    str,
    typer.Option(
        "--state",
        metavar="STATE",
        help="What is decided: confirmed, licensed, true-original or rejected.",
    ),
]
_Cause = Annotated[str, typer.Option("--cause", metavar="WORDS", help="Why, in a few words.")]
_Picture = Annotated[
    Path | None,
    typer.Option("--picture", metavar="FILE", help="Draw which seconds are which (SVG)."),
]
_Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Whom to clear, by name.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    nouns = typer.Typer(
        invoke_without_command=True,
        help="Copies: what seems to be made of others' recordings; alone, the list of it.",
    )
    nouns.callback()(_alone)
    nouns.command("list", help="List what waits for a decision, what matters most first.")(_list)
    nouns.command("show", help="Show the cases of a recording, with all evidence and claims.")(
        _show
    )
    nouns.command("decide", help="Decide a case; who has a part in it may not.")(_decide)
    nouns.command("scan", help="Look at recordings that were taken in before anybody looked.")(
        _scan
    )
    nouns.command("clear", help="Let what a watched account brought be used again.")(_clear)
    app.add_typer(nouns, name="copies")


def _alone(ctx: typer.Context, *, everything: _All = False, as_json: Json = False) -> None:
    if ctx.invoked_subcommand is None:
        _list(ctx, everything=everything, as_json=as_json)


def _list(ctx: typer.Context, *, everything: _All = False, as_json: Json = False) -> None:
    from assent.acts.accounts import account_of
    from assent.acts.case_text import review_fields
    from assent.catalogue.queue import queue
    from assent.catalogue.watched import watched_accounts

    with opened(ctx) as house, house.reading() as connection:
        at = house.clock()
        found = [
            review_fields(connection, it, at) for it in queue(connection, at, everything=everything)
        ]
        names = [account_of(connection, it).name for it in watched_accounts(connection)]
    if as_json:
        for fields in found:
            put_json(fields)
    else:
        head = ("recording", "original", "state", "found", "matches", "claims", "watched")
        put_table(head, (_cells(fields) for fields in found))
    for name in names:
        say(f"{name} is watched: nothing trains on what they bring until assent copies clear.")


def _cells(fields: dict[str, Any]) -> tuple[object, ...]:  # the fields made above
    from assent.acts.case_text import match_in_words

    claims = (
        f"{it['claim']} {it['says']} by {it['name']}, {it['state']}, answer by {it['answer_by']}"
        for it in fields["claims"]
    )
    return (
        fields["recording"],
        fields["original"],
        fields["state"],
        fields["found"],
        "; ".join(match_in_words(it) for it in fields["evidence"]),
        "; ".join(claims),
        fields["watched"],
    )


def _show(
    ctx: typer.Context,
    recording: RecordingName,
    *,
    picture: _Picture = None,
    as_json: Json = False,
) -> None:
    from assent.acts.case_text import case_lines
    from assent.cli.naming import find_recording
    from assent.disk import storage

    with opened(ctx) as house, house.reading() as connection:
        found = find_recording(connection, recording)
        shown = _of(connection, house, found)
        drawn = _drawn(connection, found, shown) if picture is not None else ""
    if picture is not None:
        with storage("draw the picture", picture):
            picture.write_text(drawn, "utf-8")
    if as_json:
        for fields in shown:
            put_json(fields)
        return
    for fields in shown:
        for line in case_lines(fields):
            put(line)
    if not shown:
        say(f"Nothing says that {found} is made of another, or another of it.")


def _drawn(connection: "Connection", recording: str, shown: list[dict[str, Any]]) -> str:
    """Return a picture of what a recording is made of, by the evidence of its cases."""
    from assent.gate.snapshot import recording_number
    from assent.identity.picture import Drawn
    from assent.identity.picture import picture as draw
    from assent.identity.sighting import sighting_of
    from assent.identity.store import Lengths

    lengths, bands = Lengths(connection), []
    for case in shown:
        for told in case["evidence"] if case["recording"] == recording else ():
            other = told.get("by_way_of", case["original"])
            number = recording_number(other)
            it = sighting_of(number, told)
            name = f"{other} {case['original_title'] if other == case['original'] else ''}"
            bands.append(Drawn(name, lengths.get(number, 0.0), it.match, it.proof.finding))
    if not bands:
        raise BadInput(f"no seconds of {recording} were found to be another's")
    title = next(case["title"] for case in shown if case["recording"] == recording)
    own = lengths.get(recording_number(recording), 0.0)
    return draw(f"{recording} {title}", own, bands)


def _of(connection: "Connection", house: "House", recording: str) -> list[dict[str, Any]]:
    from assent.acts.case_text import claim_fields, review_fields
    from assent.catalogue import tables
    from assent.catalogue.claims import claims
    from assent.catalogue.queue import queue

    at, found = house.clock(), []
    claim = tables.claims.c
    pairs: dict[tuple[str, str], list[Claim]] = {}
    for one in claims(connection, (claim.recording == recording) | (claim.original == recording)):
        pairs.setdefault((one.recording, one.original), []).append(one)
    for review in queue(connection, at, everything=True, of=recording):
        fields = review_fields(connection, review, at)
        # those that are decided as well
        said = pairs.get((review.recording, review.original), [])
        found.append({**fields, "claims": [claim_fields(connection, it, at) for it in said]})
    return found


def _decide(  # noqa: PLR0913  # a command's options
    ctx: typer.Context,
    recording: RecordingName,
    *,
    original: _Original,
    state: _State,
    cause: _Cause,
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.acts.reviews import decide
    from assent.catalogue.cases import State
    from assent.cli.changes import Changes
    from assent.cli.naming import find_recording
    from assent.cli.recorded import put_recorded

    if state not in set(State):
        raise BadInput(
            f"{state!r} is no decision; say confirmed, licensed, true-original or rejected"
        )
    with opened(ctx, catch_up=True) as house:
        with house.reading() as connection:
            pair = find_recording(connection, recording), find_recording(connection, original)
        changes = Changes(house, pair)
        event = decide(house, pair, State(state), cause, person(house, by))
        words = f"{pair[0]} as a copy of {pair[1]} is decided: {state}, {event.body['cause']}"
        put_recorded(event, words, as_json=as_json, changes=changes.fields())
        changes.tell()


def _clear(
    ctx: typer.Context, account: _Account, *, cause: _Cause, by: By = "", as_json: Json = False
) -> None:
    from assent.acts.reviews import clear
    from assent.cli.recorded import counted, put_recorded
    from assent.cli.word_change import WordChange

    with opened(ctx, catch_up=True) as house:
        words = WordChange(house)
        event = clear(house, account, cause, person(house, by))
        _, wider = words.since()
        put_recorded(
            event, f"{account} is cleared: {event.body['cause']}", as_json=as_json, opened=wider
        )
        say(f"That opens something of {counted(wider)}.")


def _scan(ctx: typer.Context, *, by: By = "", as_json: Json = False) -> None:
    from assent.acts.case_text import seems
    from assent.cli.progress import shown
    from assent.cli.recorded import counted
    from assent.identity.backfill import look, unknown

    looked = left = 0
    with opened(ctx, catch_up=True) as house, shown("listening") as told:
        total = len(unknown(house))
        for done, one in enumerate(look(house, person(house, by)), 1):
            told(done, total)
            looked += one.error is None
            left += one.error is not None
            if one.error is not None:
                say(f"{one.recording} was not looked at: {one.error.text}")
            for copy, found in one.found.items():
                for it in found:
                    if as_json:
                        put_json({"recording": copy, "original": it.original, "found": it.found})
                    else:
                        put(f"{copy} {seems(it)}")
    say(f"{counted(looked)} looked at, {left} not.")
    raise typer.Exit(NO if left else YES)
