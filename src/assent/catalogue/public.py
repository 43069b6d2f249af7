"""What is public: the conditions for lists, in SQL, over a query of `recordings`.

A recording is public if its page says so or it has no page row, and no case of a copy waits for a
person's decision. An erased recording has no row at all, so no list can show it. Each condition
looks one recording up by an index, so a page of the newest stays fast however many there are;
order by `recordings.number`, the newest first.
"""

from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, and_, exists, or_

from assent.catalogue import site_tables, tables
from assent.catalogue.cases import WAITING, State
from assent.clock import format_instant
from assent.permission.uses import parse_use

__all__ = ["PUBLIC", "is_public", "searchable"]

PUBLIC = "public"
"""The only visibility under which everybody finds and hears a recording."""

_SEARCH = parse_use("platform/search")


@cache  # it never changes, and every list asks for it
def is_public() -> ColumnElement[bool]:
    """Return the condition that everybody may find and hear a recording."""
    recordings, copies = tables.recordings.c, tables.copies.c
    pages = site_tables.recording_pages.c
    kept_back = exists().where(pages.recording == recordings.id, pages.visibility != PUBLIC)
    copied = exists().where(copies.recording == recordings.id, copies.state.in_(WAITING))
    taken = exists().where(
        copies.original == recordings.id, copies.state == State.TRUE_ORIGINAL.value
    )
    # a query around it may speak of pages and copies as well; these are their own
    return and_(*(~one.correlate(tables.recordings) for one in (kept_back, copied, taken)))


def searchable(at: datetime | None = None) -> ColumnElement[bool]:
    """Return the condition that a recording is public and its word lets the platform search it.

    Args:
        at: For which instant [aware datetime]; what has run out by then is not found, even where
            nobody has mended the word yet. None leaves that to the word.
    """
    found, good = _searchable(), tables.recordings.c.good_until
    if at is None:
        return found
    return and_(found, or_(good.is_(None), good > format_instant(at)))


@cache
def _searchable() -> ColumnElement[bool]:
    return and_(is_public(), tables.recordings.c.word.bitwise_and(_SEARCH) == _SEARCH)
