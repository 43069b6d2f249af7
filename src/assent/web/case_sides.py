"""The two recordings of a case, to be heard side by side, and a picture of what matches."""

from typing import Any

from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.catalogue.cases import waits
from assent.catalogue.queue import Review
from assent.catalogue.watched import uploader_of
from assent.errors import BadInput, Unknown
from assent.gate.snapshot import recording_number
from assent.identity.picture import Drawn, picture
from assent.identity.sighting import sighting_of
from assent.listening.hearing import may_hear
from assent.web.player import PlayerView, player_of
from assent.web.view import View
from assent.web.visit import Visit

__all__ = ["Heard", "case_picture", "heard"]


class Heard(View):
    """One of the two recordings, to be listened to.

    Args:
        recording: Its id.
        title: How it is called.
        artist: Under whose name it appears.
        duration_s: How long it is.
        brought_by: Who brought it; None if nobody knows.
        holders: Who holds rights in it.
        event: Number of the event that took it in: the smaller came first.
        at: When that was.
        waits: Whether it is kept from the public until somebody decides.
        player: Its player; None for whom it is not to be heard.
    """

    recording: str
    title: str
    artist: str
    duration_s: float
    brought_by: str | None
    holders: list[str]
    event: int
    at: str
    waits: bool
    player: PlayerView | None


def heard(visit: Visit, recording: str) -> Heard:
    """Return one of two recordings, with a link to hear it for who may."""
    row = _row(visit.db, recording)
    brought = uploader_of(visit.db, recording)
    holdings, accounts = tables.holdings.c, tables.accounts.c
    holders = (
        select(accounts.name)
        .join(tables.holdings, holdings.holder == accounts.id)
        .where(holdings.recording == recording)
        .order_by(accounts.name)
    )
    name = select(accounts.name).where(accounts.id == brought)
    return Heard(
        recording=recording,
        title=row.title,
        artist=row.artist_name or "",
        duration_s=row.frames / row.sr,
        brought_by=visit.db.execute(name).scalar_one_or_none(),
        holders=list(visit.db.execute(holders).scalars()),
        event=row.event,
        at=row.at,
        waits=waits(visit.db, recording),
        player=_player(visit, recording),
    )


def _player(visit: Visit, recording: str) -> PlayerView | None:
    if not may_hear(visit.db, recording, visit.member, at=visit.at).allowed:
        return None
    return player_of(visit, recording)


def _row(connection: Connection, recording: str) -> Any:
    recordings, artists, events = tables.recordings.c, tables.artists.c, tables.events.c
    query = (
        select(
            *recordings["title", "frames", "sr", "event"],
            artists.name.label("artist_name"),
            events.at,
        )
        .outerjoin(tables.artists, artists.id == recordings.artist)
        .join(tables.events, events.number == recordings.event)
        .where(recordings.id == recording)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Unknown(f"there is no recording {recording!r}", recording=recording)
    return row


def case_picture(connection: Connection, review: Review) -> str:
    """Return a picture of which seconds are which [SVG]; empty where the evidence has none."""
    own, other = _row(connection, review.recording), _row(connection, review.original)
    bands = []
    for told in review.case.evidence if review.case else ():
        # by way of another copy, the seconds are that one's
        if "by_way_of" in told or "start_s" not in told:
            continue
        try:
            it = sighting_of(recording_number(review.original), told)
        except BadInput:  # what a person wrote down has no picture
            continue
        name = f"{review.original} {other.title}"
        bands.append(Drawn(name, other.frames / other.sr, it.match, it.proof.finding))
    if not bands:
        return ""
    return picture(f"{review.recording} {own.title}", own.frames / own.sr, bands)
