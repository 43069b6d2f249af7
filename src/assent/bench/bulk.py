"""How fast the algebra runs over columns: which recordings a program may use, and all words anew.

The peer is the same question as an SQL scan over an indexed-by-nothing integer column, in an SQLite
database in memory; it is asked of fewer rows and its time is scaled to as many as we looked at.
"""

import sqlite3
from collections.abc import Callable, Iterator

import numpy as np

from assent.bench.row import Row
from assent.clock import monotonic_s
from assent.permission.algebra import SILENT, Masks
from assent.permission.bulk import Holdings, permitted, recompute
from assent.permission.uses import ALL, CONSENT_ONLY, FREE, parse_uses

__all__ = ["columns", "rows"]

_USES = parse_uses(["partner/train-rival", "partner/supply"])
_PASSES = 3
_PER_RECORDING = 2
_TEXTS = 8


def rows(quick: bool = False) -> list[Row]:  # noqa: FBT001, FBT002  # the one switch all benches have
    """Measure.

    Args:
        quick: A hundredth of the size, and so of the goal.
    """
    n, n_sql = (1_000_000, 200_000) if quick else (100_000_000, 5_000_000)
    share = n / 100_000_000
    words = np.random.default_rng(1).integers(0, ALL, n, np.uint64)
    asked = _best_s(lambda: permitted(words, _USES))
    read = _best_s(words.sum)
    sql = _sql_s(words[:n_sql]) * n / n_sql
    held = columns(n // _PER_RECORDING)
    anew = _best_s(lambda: recompute(held))
    return [
        Row(
            what=f"which of {n:,} recordings may P use",
            unit="s",
            ours=asked,
            peer=sql,
            peer_name=f"SQL scan in SQLite, {n_sql:,} rows, scaled",
            goal=0.1 * share,
            higher_is_better=False,
        ),
        Row(
            what=f"the machine's limit: adding up those {n:,} words",
            unit="s",
            ours=read,
        ),
        Row(
            what=f"the words of {n:,} holdings anew",
            unit="s",
            ours=anew,
            goal=5 * share,
            higher_is_better=False,
        ),
    ]


def columns(recordings: int) -> Holdings:
    """Return random holdings: two for each recording, eight texts, a hundredth copies and held."""
    chance = np.random.default_rng(2)
    n = recordings * _PER_RECORDING
    texts = [SILENT] + [
        Masks(*(int(mask) & FREE if status != "opt_in" else int(mask) for status, mask in some))
        for some in _masks(chance)
    ]
    granted = chance.integers(0, ALL, n, np.uint64)
    copies = np.full(recordings, -1, np.int64)
    copies[::100] = np.arange(0, recordings, 100) // 2
    copies[0] = -1
    held = np.zeros(recordings, np.uint64)
    held[1::100] = CONSENT_ONLY
    return Holdings(
        texts=texts,
        first=chance.integers(0, len(texts), n, np.uint16),
        second=chance.integers(0, len(texts), n, np.uint16),
        granted=granted,
        refused=~granted & np.uint64(ALL >> 7),
        starts=np.arange(0, n + 1, _PER_RECORDING, dtype=np.int64),
        held=held,
        original=copies,
    )


def _masks(chance: np.random.Generator) -> Iterator[list[tuple[str, int]]]:
    for _ in range(_TEXTS):
        masks = chance.integers(0, ALL, len(Masks._fields), np.uint64)
        yield list(zip(Masks._fields, (int(mask) for mask in masks), strict=True))


def _best_s(work: Callable[[], object], passes: int = _PASSES) -> float:
    best = float("inf")
    for _ in range(passes):
        since = monotonic_s()
        work()
        best = min(best, monotonic_s() - since)
    return best


def _sql_s(words: "np.ndarray[tuple[int], np.dtype[np.uint64]]") -> float:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE recordings (number INTEGER PRIMARY KEY, word INTEGER)")
    connection.executemany("INSERT INTO recordings VALUES (?, ?)", enumerate(words.tolist()))
    query = "SELECT count(*) FROM recordings WHERE word & ? = ?"
    seconds = _best_s(lambda: connection.execute(query, (_USES, _USES)).fetchone())
    found = connection.execute(query, (_USES, _USES)).fetchone()[0]
    connection.close()
    ours = int(np.bitwise_count(permitted(words, _USES)).sum())
    if found != ours:
        raise AssertionError(f"SQL counts {found}, we count {ours}")
    return seconds
