"""Plays: kept as files, counted once however often they are told, gone with a person."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from assent.acts.accounts import find_account
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.catalogue.play_parts import days, parts, plays_folder, read
from assent.catalogue.site_tables import listeners, play_days
from assent.errors import StorageFailed
from assent.listening.counting import counted
from assent.listening.plays import Play, PlayWriter, counts_from_s
from assent.training.forget import forget
from tests.houses import Clock, add, platform

AT = datetime(2031, 3, 1, 11, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with platform(tmp_path / "data") as house:
        yield house


def play(id: str, recording: str, heard_s: float = 20, **more: object) -> Play:  # noqa: A002  # as the field is called
    said = {"id": id, "at": AT, "recording": recording, "via": "page", "heard_s": heard_s, **more}
    return Play(**said)  # type: ignore[arg-type]  # fields of Play, by name


def write(house: House, *plays: Play) -> None:
    writer = PlayWriter(house)
    for one in plays:
        writer.record(one)
    writer.close()


def kept(house: House) -> list[dict[str, object]]:
    folder = plays_folder(house.settings.data)
    return [row for day in days(folder) for row in read(parts(folder, day)).to_pylist()]


def totals(house: House) -> dict[tuple[str, str], tuple[int, int]]:
    with house.reading() as connection:
        rows = connection.execute(select(play_days))
        return {(row.recording, row.day): (row.plays, row.heard_s) for row in rows}


def test_a_play_counts_from_ten_seconds_or_from_half_of_what_is_shorter() -> None:
    assert counts_from_s(180) == 10
    assert counts_from_s(12) == 6


def test_a_play_that_is_told_again_is_one_play_with_the_most_that_was_heard(
    house: House, tmp_path: Path
) -> None:
    recording = add(house, tmp_path, "Wren")
    write(house, play("p1", recording, 20), play("p1", recording, 12), play("p2", recording, 10))
    write(house, play("p1", recording, 45))
    counted(house)
    assert totals(house) == {(recording, "2031-03-01"): (2, 55)}


def test_plays_lie_in_a_folder_for_each_day_that_other_tools_read(
    house: House, tmp_path: Path
) -> None:
    recording = add(house, tmp_path, "Wren")
    night = datetime(2031, 2, 28, 23, 59, tzinfo=UTC)
    write(house, play("p1", recording), play("p2", recording, at=night))
    table = pq.read_table(plays_folder(house.settings.data) / "")
    assert sorted(zip(table["id"].to_pylist(), table["day"].to_pylist(), strict=True)) == [
        ("p1", "2031-03-01"),
        ("p2", "2031-02-28"),
    ]
    counted(house)
    assert totals(house).keys() == {(recording, "2031-03-01"), (recording, "2031-02-28")}


def test_counting_again_changes_nothing(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    write(house, play("p1", recording))
    assert counted(house) == 1
    before = totals(house)
    assert counted(house) == 0
    (plays_folder(house.settings.data) / "day=2031-03-01" / "counted").unlink()
    assert counted(house) == 1  # whoever was killed before taking note counts again
    assert totals(house) == before


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(10, 90), st.integers(0, 3)),
            max_size=6,
        ),
        max_size=5,
    )
)
def test_however_plays_are_written_and_counted_the_totals_are_those_of_the_plays(
    house: House, tmp_path: Path, batches: list[list[tuple[int, int, int, int]]]
) -> None:
    if not hasattr(house, "pair"):
        house.pair = [add(house, tmp_path, "Wren") for _ in range(2)]  # type: ignore[attr-defined]  # the same two in all examples
    with house.writing() as connection:
        connection.execute(play_days.delete())
    folder = plays_folder(house.settings.data)
    for old in folder.glob("day=*/*"):
        old.unlink()
    expected: dict[tuple[str, str, str], int] = {}
    for batch in batches:
        some = []
        for number, which, heard, back in batch:
            recording = house.pair[which]  # type: ignore[attr-defined]  # as put there above
            at = AT - timedelta(days=back)
            name = f"p{number}-{which}-{back}"
            some.append(play(name, recording, heard, at=at))
            key = (recording, at.date().isoformat(), name)
            expected[key] = max(expected.get(key, 0), heard)
        write(house, *some)
        counted(house)
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for (recording, day, _), heard in expected.items():
        plays, seconds = sums.get((recording, day), (0, 0))
        sums[recording, day] = (plays + 1, seconds + heard)
    assert totals(house) == sums


def test_the_files_of_a_day_that_is_over_become_one(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    for number in range(3):
        write(house, play(f"p{number}", recording), play("again", recording, 10 + number))
    counted(house)
    before = totals(house)
    folder = plays_folder(house.settings.data)
    assert len(parts(folder, AT.date())) == 3
    assert isinstance(house.clock, Clock)
    house.clock.turn(days=3)
    counted(house)
    assert len(parts(folder, AT.date())) == 1
    assert sorted(str(row["id"]) for row in kept(house)) == ["again", "p0", "p1", "p2"]
    assert counted(house) == 0
    write(house, play("late", recording))
    counted(house)
    (key,) = before
    assert totals(house)[key] == (before[key][0] + 1, before[key][1] + 20)


def test_names_are_kept_only_where_a_listener_keeps_a_history(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    with house.writing() as connection:
        connection.execute(
            listeners.insert(),
            [{"account": "a7", "keeps_history": True}, {"account": "a8", "keeps_history": False}],
        )
    plays = [play(f"p{it}", recording, account=f"a{it}") for it in (7, 8, 9)]
    write(house, *plays)
    assert {row["id"]: row["account"] for row in kept(house)} == {
        "p7": "a7",
        "p8": None,
        "p9": None,
    }


def test_an_erasure_takes_plays_and_names_and_leaves_the_rest(house: House, tmp_path: Path) -> None:
    stays, goes = add(house, tmp_path, "Wren"), add(house, tmp_path, "Ada Quill")
    with house.reading() as connection:
        ada = find_account(connection, "Ada Quill").id
        wren = find_account(connection, "Wren").id
    with house.writing() as connection:
        rows = [{"account": it, "keeps_history": True} for it in (ada, wren)]
        connection.execute(listeners.insert(), rows)
    late = PlayWriter(house)
    late.record(play("late", stays, account=ada))
    late.record(play("late of theirs", goes))
    write(house, play("p1", stays, account=ada), play("p2", stays, account=wren))
    write(house, play("p3", goes, account=wren))
    forget(house, Logs(house), "Ada Quill", "desk")
    with house.writing() as connection:  # whoever erases takes the rows of all site tables
        connection.execute(listeners.delete().where(listeners.c.account == ada))
    late.close()

    left = {str(row["id"]): row["account"] for row in kept(house)}
    assert left == {"p1": None, "p2": wren, "late": None}
    counted(house)
    assert totals(house) == {(stays, "2031-03-01"): (3, 60)}


def test_what_cannot_be_written_is_held_and_written_later(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    folder = plays_folder(house.settings.data)
    folder.write_text("in the way")
    writer = PlayWriter(house)
    writer.record(play("p1", recording))
    with pytest.raises(StorageFailed):
        writer.flush()
    folder.unlink()
    writer.close()
    assert [row["id"] for row in kept(house)] == ["p1"]


def test_a_full_hand_is_written_without_waiting(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    writer = PlayWriter(house, most=2, every_s=600)
    for number in range(4):
        writer.record(play(f"p{number}", recording))
    for _ in range(500):
        if kept(house):
            break
        time.sleep(0.01)  # the other thread writes
    assert kept(house)
    writer.close()
    assert len(kept(house)) == 4


_CHILD = """
import os, signal, sys
from pathlib import Path
from tests.listening.test_plays import play
from assent.acts.house import House
from assent.listening.plays import PlayWriter
from assent.settings import Settings
house = House.open(Settings(data=Path(sys.argv[1])))
writer = PlayWriter(house)
for number in range(50):
    writer.record(play(f"p{number}", sys.argv[2]))
    writer.flush()
    print(number, flush=True)
    if number == 30:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_killed_loses_nothing_that_was_flushed(
    house: House, tmp_path: Path
) -> None:
    recording = add(house, tmp_path, "Wren")
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(house.settings.data), recording],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == -signal.SIGKILL
    counted(house)
    assert totals(house)[recording, "2031-03-01"][0] == len(done.stdout.split()) == 31
    assert days(plays_folder(house.settings.data)) == [date(2031, 3, 1)]
