"""`assent terms …`: drafted, published, accepted, withdrawn, listed and shown, clause by clause."""

from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.cli import wording as wordings
from assent.cli.options import ArtistName, By, Json, Speaker
from assent.cli.output import put_table, say
from assent.cli.session import opened, person
from assent.terms.notice import Channel

if TYPE_CHECKING:
    from assent.acts.house import House
    from assent.catalogue.events import Event

__all__ = ["register"]


class _Means(Enum):
    """The channels by which somebody can be told."""

    MAIL = Channel.MAIL.value
    INBOX = Channel.INBOX.value
    BANNER = Channel.BANNER.value
    PAGE = Channel.PAGE.value


_FileOrId = Annotated[
    str, typer.Argument(metavar="FILE|ID", help="The terms, as TOML; or the id of a draft.")
]
_Shown = Annotated[str, typer.Argument(metavar="VERSION", help="The id of the terms.")]
_DraftId = Annotated[str, typer.Argument(metavar="ID", help="The id of the draft.")]
_Version = Annotated[
    str | None,
    typer.Option("--version", metavar="VERSION", help="Which terms; those in force if not said."),
]
_InForce = Annotated[
    datetime | None,
    typer.Option(
        "--in-force",
        metavar="DAY",
        formats=["%Y-%m-%d"],
        help="From which day; at once, or the first day that the notice leaves, if not said.",
    ),
]
_Channels = Annotated[
    list[_Means] | None,
    typer.Option(
        "--channel", help="How holders are told beside the inbox, on your word; again for more."
    ),
]
_Told = Annotated[bool, typer.Option("--told", help="Name who was told and who accepted.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    nouns = typer.Typer(
        no_args_is_help=True,
        help="The terms of the platform: what AI may do unless somebody says no.",
    )
    nouns.command(
        "publish", help="Put terms in force; those that take anything after notice to all."
    )(_publish)
    nouns.command("preview", help="Say whose permissions terms would change, and how.")(_preview)
    nouns.command("withdraw", help="Take a draft of terms back.")(_withdraw)
    nouns.command("accept", help="Record that a holder accepts terms.")(_accept)
    nouns.command("list", help="List all terms, or what somebody has been told of them.")(_list)
    nouns.command("show", help="Show terms, clause by clause, and what became of them.")(_show)
    wordings.register(nouns)
    app.add_typer(nouns, name="terms")


def _publish(
    ctx: typer.Context,
    what: _FileOrId,
    *,
    in_force: _InForce = None,
    channel: _Channels = None,
    by: By = "",
    as_json: Json = False,
) -> None:
    from assent.acts.publish import check_day, parse_terms, publish_terms
    from assent.cli.drafts import is_draft_id
    from assent.cli.files import blamed_on_file, read_text_file
    from assent.cli.word_change import WordChange
    from assent.clock import now
    from assent.errors import BadInput

    file = Path(what)
    if is_draft_id(ctx, what):
        if in_force or channel:
            raise BadInput("a draft has its day, and was told of, when it was drafted")
        _publish_draft(ctx, what, by=by, as_json=as_json)
        return
    toml = read_text_file(file)
    day = in_force.date() if in_force else None
    with blamed_on_file(file):  # what is refused makes no platform
        check_day(parse_terms(toml), toml, day, now())
    told_by = [Channel(it.value) for it in channel or ()]
    with opened(ctx, create=True, catch_up=True) as house:
        change = WordChange(house)
        with blamed_on_file(file):
            who = person(house, by)
            event = publish_terms(house, toml, who, in_force=day, channels=told_by)
        if event.kind == "terms.draft":
            _put_draft(house, event, as_json=as_json)
        else:
            # terms that open anything beside others have been a draft
            _put_in_force(house, event, change.since(), opens=False, as_json=as_json)


def _publish_draft(ctx: typer.Context, name: str, *, by: str, as_json: bool) -> None:
    from assent.acts.drafts import change as change_from
    from assent.acts.drafts import text_in_force
    from assent.acts.publish import put_in_force
    from assent.cli.previews import wording_of
    from assent.cli.word_change import WordChange

    # nothing is caught up: the clock would put it in force, and this could only come second
    with opened(ctx) as house:
        change = WordChange(house)
        with house.reading() as connection:
            current = text_in_force(connection)
        opens = bool(change_from(current, wording_of(house, name).text).opened)
        event = put_in_force(house, name, person(house, by))
        _put_in_force(house, event, change.since(), opens=opens, as_json=as_json)


def _put_in_force(
    house: "House", event: "Event", change: tuple[int, int], *, opens: bool, as_json: bool
) -> None:
    from assent.acts.versions import told_of
    from assent.cli.recorded import counted, put_recorded

    changed, widened = change
    name, told = event.body["id"], told_of(house, event.body["id"])
    put_recorded(
        event,
        f"the terms {name} are in force",
        as_json=as_json,
        changed=changed,
        widened=widened,
        told=told,
    )
    say(f"They change the words of {counted(changed)}; {widened or 'none'} of them widen.")
    if widened:
        # the terms before were narrower than what was accepted earlier
        say("No word widens further than the terms that its holders have accepted.")
    if told:
        say(f"Told of them: {told} of those who hold rights.")
    if opens and told:
        say("What is new in them waits until each holder accepts them.")


def _put_draft(house: "House", event: "Event", *, as_json: bool) -> None:
    from assent.acts.versions import told_of
    from assent.cli.previews import outlook_of, say_preview, say_taken, wording_of
    from assent.cli.recorded import put_recorded

    body, told = event.body, told_of(house, event.body["id"])
    day = body["in_force"][: len("2031-01-31")]
    wording = wording_of(house, body["id"])
    words = f"the terms {body['id']} are a draft; they can be in force from {day}"
    put_recorded(event, words, as_json=as_json, told=told)
    say_taken(house, wording.text)
    if body["days"]:
        say(f"So they need {body['days']} days' notice.")
    say(f"Told of them: {told} of those who hold rights.")
    say_preview(outlook_of(house, wording))
    say(f"From {day} on, assent terms publish {body['id']} puts them in force.")


def _withdraw(ctx: typer.Context, draft: _DraftId, *, by: By = "", as_json: Json = False) -> None:
    from assent.acts.publish import withdraw_draft
    from assent.cli.recorded import put_recorded

    # nothing is caught up: the clock might put in force what is being taken back
    with opened(ctx) as house:
        event = withdraw_draft(house, draft, person(house, by))
        put_recorded(event, f"the draft {draft} is withdrawn", as_json=as_json)
        say("Nothing else changes.")


def _preview(
    ctx: typer.Context, what: _FileOrId, *, artist: ArtistName = None, as_json: Json = False
) -> None:
    from assent.cli.previews import put_outlooks, put_preview, wording_of

    with opened(ctx) as house:
        wording = wording_of(house, what)
        if artist is None:
            put_preview(house, wording, as_json=as_json)
        else:
            put_outlooks(house, wording, artist, as_json=as_json)


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


def _list(ctx: typer.Context, *, artist: ArtistName = None, as_json: Json = False) -> None:
    from assent.acts.versions import read_versions
    from assent.cli.drafts import HEAD, put_inbox, row_of
    from assent.cli.output import put_json

    with opened(ctx) as house:
        if artist is not None:
            put_inbox(house, artist, as_json=as_json)
            return
        versions = read_versions(house)
    if as_json:
        for version in versions:
            put_json(version.fields())
        return
    put_table(HEAD, (row_of(version) for version in versions))


def _show(
    ctx: typer.Context, version: _Shown, *, told: _Told = False, as_json: Json = False
) -> None:
    from assent.acts.versions import find_version
    from assent.cli.drafts import put_version

    with opened(ctx) as house:
        put_version(house, find_version(house, version), names=told, as_json=as_json)
