"""A random platform of any size, as columns and as the rows of a database: no event is told."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, Table

from assent.catalogue import tables
from assent.permission.algebra import SILENT, Masks, Words
from assent.permission.bulk import Holdings
from assent.permission.uses import ALL

__all__ = ["Platform", "fill", "random_platform"]

_TERMS, _TEXTS, _ACCOUNTS = 12, 20, 5_000
"""The texts of the platform: terms first, the last of them in force, then agreements."""
_UNKNOWN = _TEXTS + 1


class Platform(NamedTuple):
    """Recordings, their holdings in order, and the accounts that hold.

    Args:
        columns: What the algebra takes; nothing is taken in where no holder holds the world.
        agreement: Number of the agreement of each recording, 0 for none [shape=(n,)].
        accepted: Number of the terms that each account accepted, 0 for none.
        holding: Recording, account, whether for the world, granted, refused [shape=(m, 5)].
    """

    columns: Holdings
    agreement: Words
    accepted: Words
    holding: Words


def random_platform(n: int, seed: int) -> Platform:
    """Return a platform of `n` recordings with none to two holders each."""
    chance = np.random.default_rng(seed)
    texts = [SILENT, *_texts(chance)]
    accepted = chance.integers(0, _TERMS + 1, _ACCOUNTS)
    agreement = chance.choice([0, 0, 0, *range(_TERMS + 1, _UNKNOWN + 1)], n)
    holders = chance.choice([0, 1, 1, 1, 1, 2, 2, 2], n)
    recording = np.repeat(np.arange(n), holders)
    m = len(recording)
    # two holders of one recording must differ
    account = (chance.integers(0, _ACCOUNTS // 2, m) * 2 + np.arange(m) % 2) % _ACCOUNTS
    world = chance.random(m) < 0.9
    granted, refused = _words(chance, m), _words(chance, m) & _words(chance, m)
    granted &= ~refused
    # each made uint64 before they meet: numpy would meet in float64 and lose bits
    parts = (recording, account, world, granted, refused)
    holding = np.stack([part.astype(np.uint64) for part in parts], 1)

    number = agreement[recording]
    number = np.where(number == _UNKNOWN, 0, number)
    by_agreement = agreement[recording] > 0
    covered = np.bincount(recording, world, n) > 0
    taken = covered[recording]
    counts = np.where(covered, holders, 0)
    columns = Holdings(
        texts=texts,
        first=np.where(by_agreement, number, accepted[account]).astype(np.uint16)[taken],
        second=np.where(by_agreement, number, _TERMS).astype(np.uint16)[taken],
        granted=granted[taken],
        refused=refused[taken],
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        held=np.where(chance.random(n) < 0.05, _words(chance, n), np.uint64(0)),
        original=_originals(chance, n),
    )
    return Platform(columns, agreement.astype(np.uint64), accepted.astype(np.uint64), holding)


def _words(chance: np.random.Generator, size: int) -> Words:
    return chance.integers(0, ALL, size, np.uint64, endpoint=True)


def _texts(chance: np.random.Generator) -> Iterator[Masks[int]]:
    """Give texts in which every use has exactly one status."""
    for _ in range(_TEXTS):
        first, second = (int(word) for word in _words(chance, 2))
        yield Masks(first & second, first & ~second, ~first & second & ALL)


def _originals(chance: np.random.Generator, n: int) -> Any:  # an int64 array of any shape
    """Return what each is a copy of: one in fifty, of an earlier one, which may be a copy too."""
    earlier = (chance.random(n) * np.arange(n)).astype(np.int64)
    is_copy = (chance.random(n) < 0.02) & (np.arange(n) > 0)
    near = np.maximum(np.arange(n) - 1, 0)
    chained = np.where(chance.random(n) < 0.3, near, earlier)
    return np.where(is_copy, chained, -1).astype(np.int64)


def _text_rows(platform: Platform) -> Iterator[tuple[Any, ...]]:
    for number, masks in enumerate(platform.columns.texts):
        if number:
            kind = "terms" if number <= _TERMS else "agreement"
            name, current = f"text-{number}", number == _TERMS
            yield (name, number, kind, name, None, *masks, "", "", current, number)


def _recording_rows(platform: Platform, words: Words) -> Iterator[tuple[Any, ...]]:
    rows = zip(
        platform.agreement.tolist(),
        platform.columns.original.tolist(),
        platform.columns.held.tolist(),
        words.tolist(),
        strict=True,
    )
    measured = ("digest", "audio", "blob", 1, "flac", "flac", 44_100, 2, 1, None, None, "", "{}")
    for number, (agreement, original, held, word) in enumerate(rows):
        yield (
            *(number, f"r{number}", "wren", "Title", None, "all-rights-reserved", "upload"),
            *measured,
            f"text-{agreement}" if agreement else None,
            f"r{original}" if original >= 0 else None,
            *(held, word, None, 1, 1),
        )


def _holding_rows(platform: Platform) -> Iterator[tuple[Any, ...]]:
    for recording, account, world, granted, refused in platform.holding.tolist():
        territories = "world" if world else "DE"
        yield (f"r{recording}", f"a{account}", 1, "creator", territories, granted, refused, 1)


def _account_rows(platform: Platform) -> Iterator[tuple[Any, ...]]:
    for account, text in enumerate(platform.accepted.tolist()):
        accepted = (f"text-{text}", 1) if text else (None, None)
        yield (f"a{account}", f"Ada {account}", f"Ada {account}", "creator", *accepted, False, 1)


def fill(connection: Connection, platform: Platform, words: Words) -> None:
    """Write a platform into a prepared database, with the stored words given."""
    written = {
        tables.texts: _text_rows(platform),
        tables.accounts: _account_rows(platform),
        tables.recordings: _recording_rows(platform, words),
        tables.holdings: _holding_rows(platform),
    }
    for table, rows in written.items():
        if connection.dialect.name == "postgresql":
            _copy(connection, table, rows)
        else:
            places = ", ".join("?" * len(table.columns))
            driver: Any = connection.connection.driver_connection
            driver.executemany(f"INSERT INTO {table.name} VALUES ({places})", rows)
    connection.exec_driver_sql("ANALYZE")


def _copy(connection: Connection, table: Table, rows: Iterator[Sequence[Any]]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as into:
        for row in rows:
            into.write_row(row)
