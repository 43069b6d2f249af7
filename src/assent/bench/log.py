"""How fast the log takes entries in, and how fast what it gives out is checked.

An entry counts when it is durable (synchronous FULL, every file synced), has its one place, is
under a signed checkpoint that was read back, and has its receipt. Batches are of 4,096, as the
writer takes them. Two processes are at work, as on a platform: one records and publishes, and
one hands out the receipts of what has just been published. Peer: a plain insert of the same rows
into SQLite under the same guarantees, which proves nothing to anybody.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from secrets import token_bytes
from typing import Any

from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.receipts import receipts
from assent.bench.row import Row
from assent.catalogue import tables
from assent.catalogue.engine import writing
from assent.catalogue.leaves import BATCH
from assent.clock import monotonic_s
from assent.errors import NotProved
from assent.log.policy import Policy
from assent.log.receipt import Verdict, check_receipt
from assent.settings import Settings

__all__ = ["rows"]

_AT = datetime(2031, 1, 31, 9, tzinfo=UTC)
_BODY = (
    '{"all_programs":false,"asks":null,"grants":["partner/train-rival"],"holder":"a0","lifts":[],'
    '"notice":"' + "0" * 64 + '","preset":null,"program":"rival-train","recording":"r0",'
    '"refuses":[],"since":null,"until":null,"withdraws":[]}'
)
_CHECKED = 200


def rows(quick: bool = False) -> list[Row]:  # noqa: FBT001, FBT002 - every bench is called so
    """Measure and return the table.

    Args:
        quick: 20,000 entries instead of 200,000, and smaller trees.
    """
    from assent.bench.prefix import rows as prefix_rows
    from assent.bench.verifying import browser_row

    count = 20_480 if quick else 204_800
    with tempfile.TemporaryDirectory() as folder, closing(_house(Path(folder))) as house:
        logs = Logs(house)
        took_s, steps, given = _take_in(house, logs, count)
        peer_s = _plain_insert(Path(folder) / "peer.sqlite", count)
        policy = logs.policy()
        return [
            Row(
                what=f"{count:,} entries: durable, one place each, signed, receipted",
                unit="entries a second",
                ours=count / took_s,
                peer=count / peer_s,
                peer_name="plain SQLite insert, no proof",
                goal=10_000,
            ),
            *(
                Row(what=f"the work of {what}", unit="µs an entry", ours=step_s / count * 1e6)
                for what, step_s in steps.items()
            ),
            Row(
                what="a receipt checked in Python",
                unit="ms",
                ours=_checked_s(given, policy) * 1e3,
                goal=5,
                higher_is_better=False,
            ),
            Row(what="its size", unit="bytes", ours=float(len(given[-1]))),
            browser_row(given[-1], policy),
            *prefix_rows(quick),
        ]


def _house(folder: Path) -> House:
    return House.open(Settings(data=folder), create=True)


def _take_in(house: House, logs: Logs, count: int) -> tuple[float, dict[str, float], list[bytes]]:
    """Take entries in, batch by batch.

    Returns:
        How long it took [seconds], how much work each step was [seconds], and the last receipts.
    """
    steps = {"recording": 0.0, "placing and publishing": 0.0, "receipts": 0.0}
    logs.publish()
    given: list[bytes] = []

    def take(made: "Future[tuple[float, list[bytes]]]") -> None:
        took_s, given[:] = made.result()
        steps["receipts"] += took_s
        if len(given) != BATCH:
            raise NotProved("an entry has no receipt")

    with ProcessPoolExecutor(1, get_context("spawn")) as others:
        folder = house.settings.data
        others.submit(_receipts, folder, range(0)).result()  # it has started
        start_s = monotonic_s()
        waiting: list[Future[tuple[float, list[bytes]]]] = []
        for low in range(0, count, BATCH):
            numbers = range(low + 1, low + BATCH + 1)
            recorded_s, published_s = _publish(house, logs, numbers)
            steps["recording"] += recorded_s
            steps["placing and publishing"] += published_s
            waiting.append(others.submit(_receipts, folder, numbers))
            if len(waiting) > 1:
                take(waiting.pop(0))
        for made in waiting:
            take(made)
        took_s = monotonic_s() - start_s
    if logs.publish()["consent"].fresh:
        raise NotProved("offered again, an event got a second place")
    return took_s, steps, given


def _publish(house: House, logs: Logs, numbers: range) -> tuple[float, float]:
    """Record and publish a batch; return how long either took [seconds]."""
    start_s = monotonic_s()
    with writing(house.engine) as connection:
        connection.execute(tables.events.insert(), list(_events(numbers)))
    recorded_s = monotonic_s()
    if logs.publish()["consent"].fresh != len(numbers):
        raise NotProved("an entry was lost, or taken in twice")
    return recorded_s - start_s, monotonic_s() - recorded_s


@cache
def _opened(folder: Path) -> tuple[House, Logs]:
    house = House.open(Settings(data=folder))
    return house, Logs(house)


def _receipts(folder: Path, numbers: range) -> tuple[float, list[bytes]]:
    """Make the receipts of a batch in this process; return how long it took [seconds], and them."""
    house, logs = _opened(folder)
    start_s = monotonic_s()
    made = list(receipts(house, logs.consent, numbers)) if numbers else []
    return monotonic_s() - start_s, made


def _events(numbers: range) -> Iterator[dict[str, Any]]:
    for number in numbers:
        yield {
            "number": number,
            "kind": "statement",
            "at": "2031-01-31T09:00:00.000Z",
            "by": "Ada Quill",
            "body": _BODY,
            "opening": token_bytes(32),
        }


def _plain_insert(path: Path, count: int) -> float:
    """Return how long the same rows take in a table of their own [seconds]."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            "CREATE TABLE events (number INTEGER PRIMARY KEY, kind, at, by, body, opening)"
        )
        start_s = monotonic_s()
        for low in range(0, count, BATCH):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO events VALUES (:number, :kind, :at, :by, :body, :opening)",
                _events(range(low + 1, low + BATCH + 1)),
            )
            connection.execute("COMMIT")
        return monotonic_s() - start_s


def _checked_s(given: list[bytes], policy: Policy) -> float:
    """Return how long checking one receipt takes [seconds]."""
    start_s = monotonic_s()
    for one in given[:_CHECKED]:
        if check_receipt(one, policy, at=_AT).verdict is not Verdict.VALID:
            raise NotProved("a receipt of ours does not hold")
    return (monotonic_s() - start_s) / _CHECKED
