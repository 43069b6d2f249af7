"""`assent import` and `assent upload`: audio comes in, with what is said of it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assent.acts.case_text import seems
from assent.cli.exits import USAGE, YES
from assent.cli.options import By, Holders, Json, Speaker
from assent.cli.output import finish, put, put_json, say, some
from assent.cli.progress import shown
from assent.cli.session import opened, person
from assent.errors import BadInput, CouldNot, Unknown

if TYPE_CHECKING:
    from assent.acts.copies import Suspicion
    from assent.acts.house import House
    from assent.acts.import_folder import Arrival, Planned
    from assent.acts.upload import Uploaded

__all__ = ["register"]

_UNSEEN = (
    "could not be compared with others, because not all who hold it have accepted the terms, its"
    " text does not allow it, or there is nothing in it to know it by: until assent copies scan can"
    " look, copies of it are not known, and all uses of it that need a yes are on hold"
)
Agreement = Annotated[
    str, typer.Option("--agreement", metavar="ID", help="The agreement they are delivered under.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_folder)
    app.command()(upload)


@dataclass(slots=True)
class _Tally:
    """What an import has come to so far."""

    new: list[str] = field(default_factory=list)
    known: int = 0
    bad: int = 0
    duration_s: float = 0.0
    unseen: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    copies: "list[tuple[str, tuple[Suspicion, ...]]]" = field(default_factory=list)

    def in_words(self) -> str:
        """Return how many files came to what."""
        return f"taken in: {len(self.new)}, here already: {self.known}, left out: {self.bad}"

    def count(self, arrival: "Arrival") -> None:
        """Count one file in."""
        uploaded = arrival.uploaded
        if uploaded is None:
            self.bad += 1
            return
        self.duration_s += uploaded.duration_s
        if not uploaded.new:
            self.known += 1
            return
        self.new.append(uploaded.recording)
        if uploaded.is_unseen:
            self.unseen.append(uploaded.recording)
        if uploaded.found:
            self.copies.append((uploaded.recording, uploaded.found))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Newcomers:
    """What an import has brought besides recordings."""

    accounts: list[str]
    accepted: int
    terms: str | None
    unclaimed: list[str]


def import_folder(  # noqa: PLR0913  # one option each
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder with the audio files.")],
    artist: Annotated[
        str, typer.Option("--artist", metavar="NAME", help="Whose they are, if no index says so.")
    ] = "",
    agreement: Agreement = "",
    index: Annotated[
        Path | None,
        typer.Option("--index", metavar="FILE", help="The CSV that says what each file is."),
    ] = None,
    by: By = "",
    *,
    json: Json = False,
) -> None:
    """Take in a folder of audio files; makes the platform where there is none.

    A bad file is named with what is wrong, and the others are taken in; then this exits with 2.
    Importing again takes in only what is not there yet.
    """
    from assent.acts.import_folder import plan
    from assent.acts.publish import publish_default
    from assent.clock import monotonic_s

    planned = plan(folder, artist, agreement, index)
    # where there is no platform there is no agreement either
    with opened(ctx, create=not agreement) as house:
        who = person(house, by)
        if agreement:
            _check_agreement(house, agreement)
        publish_default(house)
        before, since, tally = _head(house), monotonic_s(), _Tally()
        try:
            _take_all(house, planned, who, tally, json=json)
        except CouldNot:
            if not json and (tally.new or tally.known or tally.bad):
                put(tally.in_words())
            raise
        took_s = monotonic_s() - since
        _sum_up(tally, _newcomers(house, before, tally), took_s, json=json)
    raise typer.Exit(USAGE if tally.bad else YES)


def _take_all(
    house: "House", planned: "list[Planned]", by: str, tally: _Tally, *, json: bool
) -> None:
    """Take in one file after the other, and tell of each."""
    from assent.acts.import_folder import Arrival, arrive
    from assent.identity.backfill import look
    from assent.identity.recogniser import Recogniser

    recogniser = Recogniser(house)
    with shown("importing") as told:
        for done, file in enumerate(planned):
            told(done, len(planned))
            try:
                arrival = arrive(house, file, by, recogniser)
            except Unknown as error:  # the index names an agreement that is not there
                arrival = Arrival(name=file.name, error=error)
            tally.count(arrival)
            _tell(arrival, json=json)
        told(len(planned), len(planned))
    # whose holders had accepted nothing yet may be looked at once they have
    for one in look(house, by, tally.unseen) if tally.unseen else ():
        tally.copies += [(copy, tuple(found)) for copy, found in one.found.items()]
        if one.error is not None:
            tally.left.append(one.recording)


def _check_agreement(house: "House", agreement: str) -> None:
    """Look before anything is measured: every file would fail by it.

    Raises:
        Unknown: There is no such agreement.
    """
    from assent.acts.texts import find_text

    find_text(house, "agreement", agreement)


def _head(house: "House") -> int:
    from assent.catalogue.events import head

    with house.reading() as connection:
        return head(connection)


def _tell(arrival: "Arrival", *, json: bool) -> None:
    """Report one file as soon as it is in for good, or is left out."""
    uploaded = arrival.uploaded
    if arrival.error is not None:
        say(f"assent: {arrival.name}: {arrival.error.text}")
    if not json:
        return
    if uploaded is None:
        error = arrival.error.text if arrival.error else None
        put_json({"file": arrival.name, "recording": None, "error": error})
    else:
        put_json(
            {
                "file": arrival.name,
                "recording": uploaded.recording,
                "title": uploaded.title,
                "duration_s": round(uploaded.duration_s, 3),
                "new": uploaded.new,
                "copy_of": uploaded.copy_of,
                "found": _found(uploaded),
            }
        )
    finish()  # whoever reads it knows at once what is safe


def _found(uploaded: "Uploaded") -> list[dict[str, object]]:
    return [
        {"original": it.original, "found": it.found.value, "evidence": list(it.evidence)}
        for it in uploaded.found
    ]


def _newcomers(house: "House", before: int, tally: _Tally) -> _Newcomers:
    """Look up what this import has brought: the accounts, and recordings that nobody holds."""
    from sqlalchemy import select

    from assent.acts.accounts import Role
    from assent.catalogue import tables

    account, recording, holding = tables.accounts.c, tables.recordings.c, tables.holdings.c
    accounts = (
        select(account.name, account.accepted)
        .where(account.event > before, account.role != Role.NOBODY.value)
        .order_by(account.event)
    )
    held = select(holding.recording).where(holding.recording == recording.id)
    unclaimed = (
        select(recording.id)
        .where(recording.event > before, ~held.exists())
        .order_by(recording.number)
    )
    terms = select(tables.texts.c.id).where(tables.texts.c.current)
    with house.reading() as connection:
        mine = set(tally.new)  # another import may be running beside this one
        people = connection.execute(accounts).all()
        return _Newcomers(
            accounts=[person.name for person in people],
            accepted=sum(person.accepted is not None for person in people),
            terms=connection.execute(terms).scalar_one_or_none(),
            unclaimed=[one for one in connection.execute(unclaimed).scalars() if one in mine],
        )


def _sum_up(tally: _Tally, newcomers: _Newcomers, took_s: float, *, json: bool) -> None:
    speed = tally.duration_s / took_s if took_s else 0.0
    if json:
        put_json(
            {
                "taken_in": len(tally.new),
                "already_here": tally.known,
                "left_out": tally.bad,
                "duration_s": round(tally.duration_s, 3),
                "took_s": round(took_s, 3),
                "times_real_time": round(speed, 1),
                "accounts": newcomers.accounts,
                "terms": newcomers.terms,
                "unclaimed": newcomers.unclaimed,
                "copies": [
                    {"recording": one, "copy_of": it.original, "found": it.found.value}
                    for one, found in tally.copies
                    for it in found
                ],
            }
        )
        return
    put(tally.in_words())
    put(f"{_length(tally.duration_s)} of sound in {took_s:.1f} s, {speed:.0f} times real time")
    _tell_newcomers(newcomers)
    if tally.left:
        for one in tally.left:
            put(f"{one} {_UNSEEN}")
    for one, found in tally.copies:
        for it in found:
            put(f"{one} {seems(it)}: it waits, and gets no more than that, until it is decided")


def _tell_newcomers(newcomers: _Newcomers) -> None:
    opened_now = newcomers.accounts
    if opened_now:
        whoever = "all" if newcomers.accepted == len(opened_now) else str(newcomers.accepted)
        accepted = f", {whoever} accepted the terms in force ({newcomers.terms})"
        said = accepted if newcomers.accepted else ""
        put(f"accounts opened: {len(opened_now)}{said}: {some(opened_now)}")
    if newcomers.unclaimed:
        put(f"nobody is known to hold {some(newcomers.unclaimed)}, so nobody can say yes to AI")


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"


def upload(  # noqa: PLR0913, PLR0917  # one option each
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The audio file.")],
    artist: Speaker,
    title: Annotated[
        str, typer.Option("--title", metavar="TEXT", help="From its tags or name if not said.")
    ] = "",
    licence: Annotated[
        str, typer.Option("--licence", metavar="SPDX", help="Under which others may use it.")
    ] = "",
    origin: Annotated[
        str, typer.Option("--origin", metavar="TEXT", help="Where it comes from.")
    ] = "",
    isrc: Annotated[
        str, typer.Option("--isrc", metavar="ISRC", help="From its tags if not said.")
    ] = "",
    agreement: Agreement = "",
    holder: Holders = None,
    by: By = "",
    *,
    json: Json = False,
) -> None:
    """Take one file in, and print the recording's id."""
    from assent.acts.holders import parse_share
    from assent.acts.upload import Work
    from assent.acts.upload import upload as take_in
    from assent.identity.recogniser import Recogniser

    if not file.exists():
        raise Unknown(f"there is no file {str(file)!r}", path=str(file))
    if file.is_dir():
        raise BadInput(f"{str(file)!r} is a folder; assent import takes in folders")
    work = Work(
        artist=artist,
        title=title,
        licence=licence,
        origin=origin,
        isrc=isrc,
        agreement=agreement,
        holders=tuple(parse_share(share) for share in holder or ()),
    )
    with opened(ctx) as house:
        uploaded = take_in(house, file, work, person(house, by), Recogniser(house))
    if json:
        put_json(
            {
                "recording": uploaded.recording,
                "title": uploaded.title,
                "duration_s": round(uploaded.duration_s, 3),
                "new": uploaded.new,
                "copy_of": uploaded.copy_of,
                "found": _found(uploaded),
            }
        )
        return
    put(uploaded.recording)
    if not uploaded.new:
        say(f"{uploaded.title!r} was here already, as {uploaded.recording}")
    if uploaded.is_unseen and uploaded.new:
        say(f"it {_UNSEEN}")
    for it in uploaded.found:
        say(f"it {seems(it)}: it waits, and gets no more than that, until it is decided")
