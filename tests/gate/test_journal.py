"""The journal of a process that runs for days: what was counted meanwhile stops nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from assent.gate.journal import Journal, read_finished, remove

AT = datetime(2031, 3, 1, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_use_is_noted_after_the_hour_before_was_counted(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.note("rival-train", "r1", AT)
    counted = read_finished(tmp_path, AT + HOUR)
    assert counted.uses == {("rival-train", "2031-03-01T12"): {"r1": 1}}
    remove(tmp_path, counted.names)
    journal.note("rival-train", "r2", AT + HOUR)
    journal.note("rival-train", "r2", AT + HOUR)
    journal.close()
    counted = read_finished(tmp_path, AT + HOUR)
    assert counted.uses == {("rival-train", "2031-03-01T13"): {"r2": 2}}


def test_a_journal_is_closed_after_its_hour_was_counted(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.note("rival-train", "r1", AT)
    remove(tmp_path, read_finished(tmp_path, AT + HOUR).names)
    journal.close()
    journal.close()
    assert not list(tmp_path.iterdir())
