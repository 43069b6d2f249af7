"""Wordings as pages tell them: found by their name, read once, compared once.

A wording never changes under its name, so what is told of its file is remembered.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from sqlalchemy import Connection, select

from assent.catalogue import tables
from assent.errors import Unknown
from assent.terms.page import article, article_difference
from assent.terms.report import Report, report, report_difference
from assent.terms.shipped import SHIPPED, source_of
from assent.terms.text import Text, parse_text

__all__ = ["Found", "Told", "compared", "find_wording", "told", "wording_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A wording of this platform, or one of others that is shipped.

    Args:
        id: Its name.
        source: Its file [TOML].
        state: `in force`, `replaced`, `draft`, `withdrawn`, or `of others`.
        event: Number of the event that published or drafted it; None for one of others.
    """

    id: str
    source: str
    state: str
    event: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a wording.

    Args:
        text: The wording as it is read.
        report: What it leaves open, as JSON.
        html: The same as a fragment of a page; everything that anybody wrote is escaped in it.
        digest: SHA-256 of its file [64 hexadecimal digits].
    """

    text: Text
    report: Report
    html: str
    digest: str


def find_wording(connection: Connection, name: str) -> Found:
    """Return a wording by its name; agreements are between two parties and are not found.

    Raises:
        Unknown: There is none.
    """
    texts, drafts = tables.texts, tables.drafts
    row = connection.execute(
        select(texts).where(texts.c.id == name, texts.c.kind == "terms")
    ).one_or_none()
    if row is not None:
        state = "in force" if row.current else "replaced"
        return Found(id=row.id, source=row.source, state=state, event=row.event)
    row = connection.execute(select(drafts).where(drafts.c.id == name)).one_or_none()
    if row is not None:
        return Found(id=row.id, source=row.source, state=row.state, event=row.event)
    if name in SHIPPED:
        return Found(id=name, source=source_of(name), state="of others", event=None)
    raise Unknown(f"there are no terms {name!r}", id=name)


@lru_cache(maxsize=64)
def wording_of(source: str) -> Text:
    """Return a wording as it is read from its file; telling of it takes longer."""
    return parse_text(source, strict=False)


@lru_cache(maxsize=64)
def told(source: str) -> Told:
    """Return what is told of a wording's file.

    Args:
        source: The file [TOML]; one that was published, drafted or shipped.
    """
    text = wording_of(source)
    made = report(text, source)
    return Told(
        text=text,
        report=made,
        html=article(text, made),
        digest=sha256(source.encode()).hexdigest(),
    )


@lru_cache(maxsize=128)
def compared(before: str, after: str) -> tuple[Report, str]:
    """Return what differs between the files of two wordings: as JSON, and as a fragment."""
    first, second = told(before).text, told(after).text
    made = report_difference(first, second)
    return made, article_difference(first, second, made)
