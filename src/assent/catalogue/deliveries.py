"""What a label stands on and brought: its agreements, its deliveries, its recordings by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from assent.catalogue import tables
from assent.permission.algebra import Masks
from assent.sound.isrc import normalised_isrc

__all__ = ["Agreement", "Delivery", "agreements_of", "deliveries", "recordings_named"]

_PIECE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """An agreement with a label.

    Args:
        id: Its name.
        title: How it is called.
        masks: What it lets anybody do with what is delivered under it.
        source: Its file [TOML].
        event: Number of the event by which it was made.
        at: When, as text.
        recordings: How many were delivered under it.
    """

    id: str
    title: str
    masks: Masks[int]
    source: str
    event: int
    at: str
    recordings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A recording that was delivered under an agreement.

    Args:
        number: Its number.
        recording: Its id.
        title: How it is called.
        artist: Under whose name it appears.
        isrc: Its ISRC; None if nobody said.
        word: What anybody may do with it [60-bit word].
        held: What is switched off by holds [60-bit word].
    """

    number: int
    recording: str
    title: str
    artist: str
    isrc: str | None
    word: int
    held: int


def agreements_of(connection: Connection, account: str) -> list[Agreement]:
    """Return the agreements whose party an account is, the earliest first."""
    texts, recordings, events = tables.texts.c, tables.recordings.c, tables.events.c
    under = select(func.count()).where(recordings.agreement == texts.id).scalar_subquery()
    query = (
        select(tables.texts, events.at, under.label("under"))
        .join(tables.events, events.number == texts.event)
        .where(texts.kind == "agreement", texts.party == account)
        .order_by(texts.event)
    )
    return [
        Agreement(
            id=row.id,
            title=row.title,
            masks=Masks(row.granted, row.opt_out, row.opt_in),
            source=row.source,
            event=row.event,
            at=row.at,
            recordings=row.under,
        )
        for row in connection.execute(query)
    ]


def deliveries(
    connection: Connection, agreement: str, most: int, before: int | None = None
) -> list[Delivery]:
    """Return what was delivered under an agreement, the newest first.

    Args:
        connection: Where the catalogue is read.
        agreement: Its id.
        most: How many at most.
        before: Only recordings with smaller numbers.
    """
    recordings, artists = tables.recordings.c, tables.artists.c
    query = (
        select(
            *recordings["number", "id", "title", "isrc", "word", "held"],
            artists.name.label("artist_name"),
        )
        .outerjoin(tables.artists, artists.id == recordings.artist)
        .where(recordings.agreement == agreement)
        .order_by(recordings.number.desc())
        .limit(most)
    )
    if before is not None:
        query = query.where(recordings.number < before)
    return [_delivery(row) for row in connection.execute(query)]


def _delivery(row: Any) -> Delivery:  # a row of the query above; rows carry no column types
    return Delivery(
        number=row.number,
        recording=row.id,
        title=row.title,
        artist=row.artist_name or "",
        isrc=row.isrc,
        word=row.word,
        held=row.held,
    )


def recordings_named(
    connection: Connection, account: str, names: Iterable[str]
) -> tuple[list[str], dict[str, str]]:
    """Return recordings by what they are called in a list: ids and ISRCs.

    Args:
        connection: Where the catalogue is read.
        account: Whose recordings an ISRC is looked up among.
        names: Ids, such as r12, or ISRCs as people write them.

    Returns:
        The ids, in order, each once; and of each name that leads to none why it does not.
    """
    wanted = list(dict.fromkeys(names))
    codes = {name: code for name in wanted if (code := normalised_isrc(name)) is not None}
    held = _with_codes(connection, account, sorted(set(codes.values())))
    found: dict[str, None] = {}
    missing: dict[str, str] = {}
    for name in wanted:
        if name in codes:
            own = held.get(codes[name], [])
            found.update(dict.fromkeys(own))
            if not own:
                missing[name] = "no recording of yours has this ISRC"
        elif _is_id(name):
            found[name] = None
        else:
            missing[name] = "this is neither the id of a recording nor an ISRC"
    return list(found), missing


def _is_id(name: str) -> bool:
    return name[:1] == "r" and name[1:].isascii() and name[1:].isdigit()


def _with_codes(connection: Connection, account: str, codes: Sequence[str]) -> dict[str, list[str]]:
    recordings, holdings = tables.recordings.c, tables.holdings.c
    found: dict[str, list[str]] = {}
    if not codes:
        return found
    # by who holds it, for nothing is indexed by its code
    query = (
        select(recordings.id, recordings.isrc)
        .join(tables.holdings, holdings.recording == recordings.id)
        .where(holdings.holder == account)
        .order_by(recordings.number)
    )
    for low in range(0, len(codes), _PIECE):
        some = codes[low : low + _PIECE]
        for row in connection.execute(query.where(recordings.isrc.in_(some))):
            found.setdefault(row.isrc, []).append(row.id)
    return found
