"""The queue of reviews: what waits for somebody to decide it, what matters most first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection

from assent.catalogue import tables
from assent.catalogue.cases import Case, Found, State, cases, cases_of
from assent.catalogue.claims import Claim, claims, holders_of
from assent.catalogue.watched import uploader_of, watched

__all__ = ["Review", "queue"]

_SUREST = tuple(Found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Two recordings of which something is to be decided, or was.

    Args:
        recording: Which would be the copy.
        original: Of which.
        case: The case; None where a claim alone speaks of it.
        claims: The open claims, the earliest first.
        decidable: Whether any of these can be decided either way: it was answered, or the time to
            answer is over.
        watched: The account that brought the recording, if it is watched.
    """

    recording: str
    original: str
    case: Case | None
    claims: tuple[Claim, ...]
    decidable: bool
    watched: str | None

    @property
    def waits(self) -> bool:
        """Say whether it waits for a decision."""
        return bool(self.claims) or (self.case is not None and self.case.state is State.SUSPECTED)


def queue(
    connection: Connection, at: datetime, *, everything: bool = False, of: str | None = None
) -> list[Review]:
    """Return what waits for a decision.

    What watched accounts brought comes first; then claims that were answered or whose time to
    answer is over; then what is suspected, by how sure that is and by age; then the other claims.

    Args:
        connection: Where the catalogue is read.
        at: The instant [aware datetime].
        everything: Give what is decided as well, at the end.
        of: Give what is about this recording alone.
    """
    about = cases(connection) if of is None else cases_of(connection, of)
    known = {(case.recording, case.original): case for case in about}
    claim_ = tables.claims.c
    meant: list[ColumnElement[bool]] = [claim_.closed.is_(None)]
    if of is not None:
        meant.append((claim_.recording == of) | (claim_.original == of))
    open_: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims(connection, *meant):
        open_.setdefault((claim.recording, claim.original), []).append(claim)
    on_watch: dict[str, bool] = {}
    found = []
    for pair in [*known, *(pair for pair in open_ if pair not in known)]:
        case, said = known.get(pair), tuple(open_.get(pair, ()))
        account = uploader_of(connection, pair[0])
        if account is not None and account not in on_watch:
            on_watch[account] = watched(connection, account)
        found.append(
            Review(
                recording=pair[0],
                original=pair[1],
                case=case,
                claims=said,
                decidable=any(_is_decidable(connection, claim, at) for claim in said),
                watched=account if account is not None and on_watch[account] else None,
            )
        )
    return sorted((it for it in found if everything or it.waits), key=_order)


def _is_decidable(connection: Connection, claim: Claim, at: datetime) -> bool:
    return claim.unheard(holders_of(connection, claim.loser), at) is None


def _order(review: Review) -> tuple[object, ...]:
    case = review.case
    first = case.suspected if case else min(claim.event for claim in review.claims)
    return (
        not review.waits,
        review.watched is None,
        not review.decidable,
        case is None or case.state is not State.SUSPECTED,
        _SUREST.index(case.found) if case else len(_SUREST),
        -case.votes if case else 0,
        first,
    )
