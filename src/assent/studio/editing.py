"""What is a creator's: their recordings, and the page and private links of each.

Theirs is what they brought and what they hold rights in. What a page shows is a row, not an event;
a private link is a secret that its page shows again, and that ends at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, and_, exists, func, or_, select

from assent.acts.accounts import Account
from assent.acts.edit import may_edit
from assent.acts.house import Act, House
from assent.catalogue import tables
from assent.catalogue.cases import WAITING, State
from assent.catalogue.names import folded
from assent.catalogue.public import PUBLIC
from assent.catalogue.site_tables import play_days, private_links, recording_pages
from assent.catalogue.titles import line_of, seen
from assent.clock import format_instant, parse_instant
from assent.errors import BadInput, NotAllowed, Unknown
from assent.studio.uploads_said import LONGEST_ABOUT, VISIBILITIES

__all__ = [
    "Link",
    "Page",
    "end_link",
    "links_of",
    "make_link",
    "names_of",
    "own_numbers",
    "own_recordings",
    "page_of",
    "put_page",
    "state_of",
]

_MOST_LINKS, _LONGEST_LABEL = 100, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a recording's page shows beside what is on record.

    Args:
        visibility: `public` or `private`.
        downloads: Whether listeners may download it.
        about: What is told of it.
    """

    visibility: str = PUBLIC
    downloads: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A private link: whoever has it hears the recording.

    Args:
        id: Its secret.
        label: For whom it is.
        at: When it was made.
        until: When it ends; None if it does not by itself.
    """

    id: str
    label: str
    at: datetime
    until: datetime | None


def own_numbers(connection: Connection, account: str) -> CompoundSelect[tuple[int]]:
    """Return a query of the numbers of the recordings that are an account's.

    Each part goes by an index, so it costs what they have and not what the platform has.
    """
    recordings, holdings = tables.recordings.c, tables.holdings.c
    texts, artists = tables.texts.c, tables.artists.c
    held = (
        select(recordings.number)
        .join(tables.holdings, holdings.recording == recordings.id)
        .where(holdings.holder == account)
    )
    accounts = tables.accounts.c
    called = select(accounts.folded).where(accounts.id == account, accounts.role != "nobody")
    someone = exists().where(accounts.folded == artists.folded)
    names = select(artists.id).where(
        or_(artists.folded.in_(called), and_(artists.account == account, ~someone))
    )
    ids = list(connection.execute(names).scalars())
    own = select(recordings.number).where(
        recordings.artist.in_(ids), recordings.agreement.is_(None)
    )
    deals = list(connection.execute(select(texts.id).where(texts.party == account)).scalars())
    delivered = select(recordings.number).where(recordings.agreement.in_(deals))
    return held.union(own, delivered) if deals else held.union(own)


def own_recordings(
    connection: Connection, account: str, *, after: int | None = None, limit: int = 50
) -> list[Any]:
    """Return the recordings that are an account's, the newest first.

    Args:
        connection: A connection that reads.
        account: The account's id.
        after: Only those before this number.
        limit: How many at most.

    Returns:
        Rows with `number id title artist_name licence frames sr loudness_lufs word held editable
        waits visibility plays`; of what a label delivered a holder may edit nothing.
    """
    recordings, artists = tables.recordings.c, tables.artists.c
    copies, texts = tables.copies.c, tables.texts.c
    deals = select(texts.id).where(texts.party == account)
    mine = own_numbers(connection, account).subquery()
    waits = exists().where(
        or_(
            and_(copies.recording == recordings.id, copies.state.in_(WAITING)),
            and_(copies.original == recordings.id, copies.state == State.TRUE_ORIGINAL.value),
        )
    )
    plays = (
        select(func.coalesce(func.sum(play_days.c.plays), 0))
        .where(play_days.c.recording == recordings.id)
        .scalar_subquery()
    )
    query: Select[Any] = (
        select(
            *tables.recordings.c["number", "id", "title", "licence", "frames", "sr"],
            *tables.recordings.c["loudness_lufs", "word", "held"],
            or_(recordings.agreement.is_(None), recordings.agreement.in_(deals)).label("editable"),
            artists.name.label("artist_name"),
            waits.label("waits"),
            recording_pages.c.visibility,
            plays.label("plays"),
        )
        .join(mine, mine.c.number == recordings.number)
        .join(tables.artists, artists.id == recordings.artist)
        .outerjoin(recording_pages, recording_pages.c.recording == recordings.id)
        .order_by(recordings.number.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(recordings.number < after)
    return list(connection.execute(query).all())


def state_of(*, waits: bool, held: int, visibility: str | None) -> str:
    """Return in one word how a recording stands: waiting, held, private or public."""
    if waits:
        return "waiting"
    if visibility not in {None, PUBLIC}:
        return "private"
    return "held" if held else "public"


def names_of(connection: Connection, account: Account) -> list[str]:
    """Return the names that an account brings music under, its own first."""
    artists, accounts = tables.artists.c, tables.accounts.c
    others = exists().where(accounts.folded == artists.folded)
    query = select(artists.name).where(artists.account == account.id, ~others)
    brought = sorted(connection.execute(query).scalars(), key=folded)
    return [account.name, *brought]


def page_of(connection: Connection, recording: str) -> Page:
    """Return what a recording's page shows; of one without a row: public, no downloads."""
    query = select(recording_pages).where(recording_pages.c.recording == recording)
    row = connection.execute(query).one_or_none()
    if row is None:
        return Page()
    return Page(visibility=row.visibility, downloads=row.downloads, about=row.about)


def put_page(act: Act, recording: str, page: Page) -> None:
    """Write what a recording's page shows from now on.

    Raises:
        BadInput: It cannot be shown so.
    """
    if page.visibility not in VISIBILITIES:
        raise BadInput("a recording is public or private", field="visibility")
    if len(page.about) > LONGEST_ABOUT:
        raise BadInput(f"tell of it in {LONGEST_ABOUT} characters at most", field="about")
    about = "\n".join(seen(line, "what you tell of it") for line in page.about.splitlines())
    rows, row = recording_pages, {"visibility": page.visibility, "downloads": page.downloads}
    act.connection.execute(rows.delete().where(rows.c.recording == recording))
    act.connection.execute(rows.insert().values(recording=recording, about=about.strip(), **row))


# Private links.


def links_of(connection: Connection, recording: str, at: datetime) -> list[Link]:
    """Return the private links to a recording that are good, the newest first."""
    links = private_links.c
    query = select(private_links).where(
        links.recording == recording,
        or_(links.until.is_(None), links.until > format_instant(at)),
    )
    return [
        Link(
            id=row.id,
            label=row.label,
            at=parse_instant(row.at),
            until=parse_instant(row.until) if row.until else None,
        )
        for row in connection.execute(query.order_by(links.at.desc(), links.id))
    ]


def make_link(
    house: House, recording: str, by: Account, label: str, days: int | None = None
) -> Link:
    """Make a private link to a recording.

    Args:
        house: The platform.
        recording: Which.
        by: Whose it is.
        label: For whom the link is.
        days: After how many days it ends; None if not by itself.

    Raises:
        BadInput: It has no label, or there are too many.
        NotAllowed: It is not theirs.
        Unknown: There is no such recording.
    """
    label = line_of(label, "whom a link is for", field="label")
    if not label or len(label) > _LONGEST_LABEL:
        raise BadInput(f"say for whom it is, in 1 to {_LONGEST_LABEL} characters", field="label")
    at = house.clock()
    until = None if days is None else at + timedelta(days=days)
    row = {"at": format_instant(at), "until": until and format_instant(until)}
    link = Link(id=token_urlsafe(16), label=label, at=at, until=until)
    with house.writing() as connection:
        _check_theirs(connection, recording, by)
        if len(links_of(connection, recording, at)) >= _MOST_LINKS:
            raise BadInput(f"a recording has at most {_MOST_LINKS} private links; end some first")
        connection.execute(
            private_links.insert().values(id=link.id, recording=recording, label=label, **row)
        )
    return link


def end_link(house: House, recording: str, by: Account, link: str) -> None:
    """End a private link at once.

    Raises:
        NotAllowed: The recording is not theirs.
        Unknown: There is no such recording or link.
    """
    with house.writing() as connection:
        _check_theirs(connection, recording, by)
        gone = connection.execute(
            private_links.delete().where(
                private_links.c.id == link, private_links.c.recording == recording
            )
        )
        if not gone.rowcount:
            raise Unknown("there is no such link any more")


def _check_theirs(connection: Connection, recording: str, by: Account) -> None:
    if not may_edit(connection, by.id, recording):
        raise NotAllowed(f"{by.name} holds no rights in {recording}", recording=recording)
