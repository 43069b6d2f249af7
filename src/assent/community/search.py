"""Finding recordings and artists by words: titles and names, in any script, the best match first.

Only what is public and may be searched for is found. Up to a few thousand matches are put in order
of how well they match (bm25 in SQLite, `ts_rank_cd` in PostgreSQL); of more than that the newest
come first, for nobody can tell then what was meant, and it stays fast with a million recordings.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    TableClause,
    exists,
    literal_column,
    select,
    text,
)
from sqlalchemy import column as named
from sqlalchemy import table as of

from assent.catalogue import tables
from assent.catalogue.public import searchable
from assent.community.listing import (
    PAGE,
    Artist,
    Listed,
    Page,
    after_number,
    cut,
    listed_query,
    listed_row,
)
from assent.community.query import Query, parse_query

__all__ = ["Match", "search", "search_artists"]

_MOST_RANKED = 2_000
_RECORDINGS, _ARTISTS = tables.recordings.c, tables.artists.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How a database finds words in one of the two tables of the index.

    Args:
        table: The table.
        order: Its column with the number of what matches.
        number: The same, for a join that begins with the words.
        condition: That a row matches.
        rank: How well; the lower, the better.
    """

    table: TableClause
    order: ColumnElement[int]
    number: ColumnElement[int]
    condition: ColumnElement[bool]
    rank: ColumnElement[float]


def search(
    connection: Connection, words: str, at: datetime, *, after: str = "", limit: int = PAGE
) -> Page[Listed]:
    """Return the recordings that match all words, in their title or their artist's name.

    Args:
        connection: One that reads.
        words: What was typed; the last word may be the beginning of one.
        at: The instant for which to say what may be found [aware datetime].
        after: What the page before ended with.
        limit: How many.

    Raises:
        BadInput: `after` is nothing that a page ends with.
    """
    query, before = parse_query(words), after_number(after)
    if not query:
        return Page(items=())
    match = _match(connection, query, "search_index", "2.0, 1.0")
    found = (
        select(match.order)
        .select_from(match.table)
        .join(tables.recordings, _RECORDINGS.number == match.number)
        .where(match.condition, searchable(at))
        .order_by(match.order.desc())
    )
    numbers = list(connection.execute(found.limit(_MOST_RANKED + 1)).scalars())
    if len(numbers) <= _MOST_RANKED:
        numbers = _ranked(connection, match, numbers)
        past = numbers.index(before) + 1 if before in numbers else 0
        some = numbers[past : past + limit + 1]
    else:
        if before is not None:
            found = found.where(match.order < before)
        some = list(connection.execute(found.limit(limit + 1)).scalars())
    return cut(_read(connection, some), some, limit)


def search_artists(
    connection: Connection, words: str, at: datetime, *, limit: int = 6
) -> tuple[Artist, ...]:
    """Return the artists whose names match all words and who have a recording to be found.

    Args:
        connection: One that reads.
        words: What was typed; the last word may be the beginning of one.
        at: The instant for which to say what may be found [aware datetime].
        limit: How many.
    """
    query = parse_query(words)
    if not query:
        return ()
    match = _match(connection, query, "search_artists", "1.0")
    heard = exists().where(_RECORDINGS.artist == _ARTISTS.id, searchable(at))
    found = (
        select(match.order, _ARTISTS.id, _ARTISTS.name)
        .select_from(match.table)
        .join(tables.artists, _ARTISTS.event == match.number)
        .where(match.condition, heard)
        .order_by(match.order.desc())
        .limit(_MOST_RANKED)
    )
    artists = {row[0]: Artist(id=row.id, name=row.name) for row in connection.execute(found)}
    best = _ranked(connection, match, list(artists))[:limit]
    return tuple(artists[number] for number in best)


def _match(connection: Connection, query: Query, index: str, weights: str) -> Match:
    if connection.dialect.name == "sqlite":
        table = of(index, named("rowid", BigInteger))
        return Match(
            table=table,
            order=table.c.rowid,
            # the sign keeps SQLite from asking the index of each recording, instead of the words
            number=literal_column(f"+{index}.rowid", BigInteger),
            condition=_bound(f"{index} MATCH :words", query.for_sqlite),
            rank=literal_column(f"bm25({index}, {weights})", Double),
        )
    table = of(index, named("number", BigInteger))
    asked, words = "to_tsquery('simple', :words)", query.for_postgresql
    return Match(
        table=table,
        order=table.c.number,
        number=table.c.number,
        condition=_bound(f"{index}.document @@ {asked}", words),
        rank=_bound(f"-ts_rank_cd({index}.document, {asked}, 1)", words),
    )


def _bound(sql: str, words: str) -> Any:  # a text of SQL has no type of its own
    # brackets, as SQLAlchemy cannot know what a text binds
    return text(f"({sql})").bindparams(words=words)


def _ranked(connection: Connection, match: Match, numbers: list[int]) -> list[int]:
    """Return numbers in order of how well they match, the newer first among equals."""
    some = select(match.order, match.rank).select_from(match.table)
    rows = connection.execute(some.where(match.condition, match.number.in_(numbers)))
    ranks = {row[0]: row[1] for row in rows}
    return sorted(numbers, key=lambda number: (ranks[number], -number))


def _read(connection: Connection, numbers: list[int]) -> list[Listed]:
    query = listed_query().where(_RECORDINGS.number.in_(numbers))
    found = {row.number: listed_row(row) for row in connection.execute(query)}
    return [found[number] for number in numbers]
