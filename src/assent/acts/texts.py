"""Terms and agreements as they were published or made, found by their id."""

from dataclasses import dataclass

from sqlalchemy import func, select

from assent.acts.house import House
from assent.catalogue import tables
from assent.errors import Unknown
from assent.terms.clause import Status

__all__ = ["STATUS_WORDS", "Shown", "find_text", "read_texts"]

STATUS_WORDS = {
    Status.GRANTED: "allowed",
    Status.OPT_OUT: "allowed unless you say no",
    Status.OPT_IN: "only if you say yes",
    Status.BARRED: "barred for everybody",
}
"""What a clause says, in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A text that was published or made.

    Args:
        id: Its name.
        title: How it is called.
        party: Whom an agreement is with, by name; empty for terms.
        current: Whether it is the terms in force.
        event: Number of the event that published it.
        accepted: How many accounts stand under these terms.
        recordings: How many recordings stand under this agreement.
        source: The file.
        digest: SHA-256 of the file [64 hexadecimal digits].
    """

    id: str
    title: str
    party: str
    current: bool
    event: int
    accepted: int
    recordings: int
    source: str
    digest: str

    def fields(self) -> dict[str, object]:
        """Return what is told of it in a list; clauses apart."""
        return {
            "id": self.id,
            "title": self.title,
            "party": self.party or None,
            "current": self.current,
            "event": self.event,
            "accepted": self.accepted,
            "recordings": self.recordings,
            "digest": self.digest,
        }


def read_texts(house: House, kind: str) -> tuple[Shown, ...]:
    """Return all texts of a kind, `terms` or `agreement`, the earliest first."""
    texts, accounts, recordings = tables.texts, tables.accounts, tables.recordings
    accepted = select(func.count()).where(accounts.c.accepted == texts.c.id).scalar_subquery()
    under = select(func.count()).where(recordings.c.agreement == texts.c.id).scalar_subquery()
    party = select(accounts.c.name).where(accounts.c.id == texts.c.party).scalar_subquery()
    query = (
        select(
            *texts.c["id", "title", "current", "event", "source", "digest"],
            accepted.label("accepted"),
            under.label("under"),
            party.label("party_name"),
        )
        .where(texts.c.kind == kind)
        .order_by(texts.c.event)
    )
    with house.reading() as connection:
        return tuple(
            Shown(
                id=row.id,
                title=row.title,
                party=row.party_name or "",
                current=row.current,
                event=row.event,
                accepted=row.accepted,
                recordings=row.under,
                source=row.source,
                digest=row.digest,
            )
            for row in connection.execute(query)
        )


def find_text(house: House, kind: str, name: str) -> Shown:
    """Return a text by its id.

    Raises:
        Unknown: There is none of that kind.
    """
    found = next((text for text in read_texts(house, kind) if text.id == name), None)
    if found is None:
        what = "are no terms" if kind == "terms" else "is no agreement"
        raise Unknown(f"there {what} {name!r}", id=name)
    return found
