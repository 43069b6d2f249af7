"""Counting plays: from the files of plays to a row for each recording and day.

What is counted is always the whole day of the recordings that are in new files, so counting twice,
or being killed in between, changes nothing: a day's row says what its files say. The files of a day
that is over become one.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
from sqlalchemy import select

from assent.acts.house import House
from assent.catalogue import tables
from assent.catalogue.play_parts import alone, days, parts, plays_folder, read, write_part
from assent.catalogue.site_tables import play_days
from assent.disk import replace_file, storage, sync_folder

__all__ = ["counted"]

_MOST_ROWS = 1_000
_OVER = timedelta(days=2)
"""After how long a day's files become one; until then somebody may still be writing."""
_COUNTED = "counted"


def counted(house: House) -> int:
    """Count what is new in the files of plays; return how many files were.

    Args:
        house: The platform.

    Raises:
        StorageFailed: The disk or the database refused; doing it again goes on.
    """
    folder = plays_folder(house.settings.data)
    if not folder.is_dir():
        return 0
    new, today = 0, house.clock().date()
    with alone(folder, "counting"):
        for day in days(folder):
            new += _count_day(house, folder, day)
            if today - day >= _OVER:
                _compact(house, folder, day)
    return new


def _count_day(house: House, folder: Path, day: date) -> int:
    there = parts(folder, day)
    known = _known(folder, day)
    new = [path for path in there if path.name not in known]
    if not new:
        return 0
    touched = frozenset(read(new)["recording"].to_pylist())
    for rows in _chunks(_totals(read(there, touched))):
        _put(house, day, rows)
    _remember(folder, day, there)
    return len(new)


def _totals(plays: pa.Table) -> list[tuple[str, int, int]]:
    """Return each recording, its plays, and how long they were heard [seconds]."""
    once = plays.group_by(["recording", "id"]).aggregate([("heard_s", "max")])
    total = once.group_by("recording").aggregate([("id", "count"), ("heard_s_max", "sum")])
    return [
        (row["recording"], row["id_count"], round(row["heard_s_max_sum"]))
        for row in total.to_pylist()
    ]


def _chunks(rows: list[tuple[str, int, int]]) -> Iterator[list[tuple[str, int, int]]]:
    for low in range(0, len(rows), _MOST_ROWS):
        yield rows[low : low + _MOST_ROWS]


def _put(house: House, day: date, rows: list[tuple[str, int, int]]) -> None:
    names = [recording for recording, _, _ in rows]
    with house.writing() as connection:
        query = select(tables.recordings.c.id).where(tables.recordings.c.id.in_(names))
        there = frozenset(connection.execute(query).scalars())
        connection.execute(
            play_days.delete().where(
                play_days.c.recording.in_(names), play_days.c.day == day.isoformat()
            )
        )
        values = [
            {"recording": name, "day": day.isoformat(), "plays": plays, "heard_s": heard}
            for name, plays, heard in rows
            if name in there
        ]
        if values:
            connection.execute(play_days.insert(), values)


def _marks(folder: Path, day: date) -> Path:
    return folder / f"day={day}" / _COUNTED


def _known(folder: Path, day: date) -> frozenset[str]:
    path = _marks(folder, day)
    with storage("read which plays were counted", path):
        return frozenset(path.read_text("utf-8").split()) if path.exists() else frozenset()


def _remember(folder: Path, day: date, there: list[Path]) -> None:
    path = _marks(folder, day)
    with storage("note which plays were counted", path):
        replace_file(path, "\n".join([*(it.name for it in there), ""]).encode())


def _compact(house: House, folder: Path, day: date) -> None:
    """Make one file of a day's; whoever dies in between leaves plays twice, which counts once."""
    with alone(folder):  # a person who is erased meanwhile must not come back
        there = parts(folder, day)
        if len(there) < 2:  # noqa: PLR2004  # one file is one already
            return
        plays = read(there).sort_by([("heard_s", "descending")])
        columns = [name for name in plays.schema.names if name != "id"]
        once = plays.group_by("id", use_threads=False).aggregate([(it, "first") for it in columns])
        whole = once.select(["id", *(f"{it}_first" for it in columns)]).rename_columns(
            ["id", *columns]
        )
        if not whole.num_rows:
            return
        made = write_part(folder, day, house.clock(), whole)
        _remember(folder, day, [made, *there])
        for path in there:
            with storage("put plays together", path):
                path.unlink(missing_ok=True)
        with storage("put plays together", made):
            sync_folder(made.parent)
