"""What cannot be built: one clear clause, and nothing is changed or left behind."""

import json
import resource
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from assent.acts.house import House
from assent.acts.programs import suspend
from assent.acts.rebuild import findings
from assent.acts.upload import Work, upload
from assent.catalogue import tables
from assent.catalogue.engine import writing
from assent.errors import AssentError, BadInput, NotPermitted, StorageFailed, Tampered, Unknown
from assent.training.build import build
from assent.training.shard import Form
from assent.training.verify import verify
from tests.houses import Clock, add_program, write_wav
from tests.training.built import last_event
from tests.training.sets import PROGRAM, Stock, files_of

in_both_forms = pytest.mark.parametrize("form", list(Form))


def unchanged(house: House, folder: Path, error: type[AssentError], said: str, **how: str) -> None:
    """Check that a build fails with a clause, and that nothing is recorded or left behind."""
    events, names = last_event(house), sorted(folder.parent.iterdir())
    asked: dict[str, str] = {"program": PROGRAM, "by": "Kim", **how}
    with pytest.raises(error, match=said):
        build(house, out=folder, **asked)  # type: ignore[arg-type]  # its own arguments, by name
    assert last_event(house) == events
    assert sorted(folder.parent.iterdir()) == names


def test_a_program_that_may_have_nothing_gets_no_set_and_no_record(
    stocked: Stock, tmp_path: Path
) -> None:
    house, out = stocked.house, tmp_path / "set"
    unchanged(house, out, Unknown, "there is no program 'ghost'", program="ghost")
    add_program(house, "lonely")
    unchanged(house, out, NotPermitted, "no recording is permitted", program="lonely")
    suspend(house, PROGRAM, "Lee")
    unchanged(house, out, NotPermitted, "is suspended")


def test_a_folder_with_something_in_it_is_left_as_it_is(stocked: Stock, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    unchanged(stocked.house, tmp_path / "full", BadInput, "'full' is there already and not empty")
    assert (tmp_path / "full" / "mine").read_text() == "mine"
    build(stocked.house, PROGRAM, tmp_path / "set", by="Kim")
    before = files_of(tmp_path / "set")
    unchanged(stocked.house, tmp_path / "set", BadInput, "not empty")
    assert files_of(tmp_path / "set") == before


def test_a_form_that_there_is_not_is_refused(stocked: Stock, tmp_path: Path) -> None:
    unchanged(stocked.house, tmp_path / "set", BadInput, "no form 'zip'", form="zip")


def test_a_recording_too_large_for_a_table_is_said_before_anything_is_recorded(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.training.build.MOST_AUDIO_BYTES", 100)
    unchanged(stocked.house, tmp_path / "set", BadInput, "r0 is too large", form="parquet")
    build(stocked.house, PROGRAM, tmp_path / "set", form="webdataset", by="Kim")


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """Let the kernel refuse to write files beyond a size, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@in_both_forms
def test_a_disk_that_takes_no_more_leaves_nothing_behind(
    form: Form, stocked: Stock, tmp_path: Path
) -> None:
    house, out = stocked.house, tmp_path / "set"
    long = write_wav(tmp_path / "music" / "long.wav", seconds=100)
    upload(house, long, Work(artist="Ada Quill"), "desk")
    house.gate.snapshot.refresh()
    with (
        largest_file(900_000),
        pytest.raises(StorageFailed, match="training set cannot be written"),
    ):
        build(house, PROGRAM, out, form=form, by="Kim")
    assert {path.name for path in tmp_path.iterdir()} == {"data", "music"}
    assert findings(house) == []
    build(house, PROGRAM, out, form=form, by="Kim")
    assert verify(out).findings == ()


def test_a_disk_that_takes_no_more_before_the_record_leaves_no_record(
    stocked: Stock, tmp_path: Path
) -> None:
    stocked.house.gate.snapshot.refresh()
    with largest_file(100):
        unchanged(stocked.house, tmp_path / "set", StorageFailed, "training set cannot be written")


def test_audio_that_was_changed_in_the_vault_ends_the_build(stocked: Stock, tmp_path: Path) -> None:
    house = stocked.house
    with house.reading() as connection:
        names = connection.execute(
            select(tables.recordings.c.blob).where(tables.recordings.c.id.in_(["r0", "r1"]))
        )
        first = next(house.settings.data.rglob(names.scalars().all()[0]))
    sealed = bytearray(first.read_bytes())
    sealed[-20] ^= 1
    first.write_bytes(sealed)
    with pytest.raises(Tampered):
        build(house, PROGRAM, tmp_path / "set", by="Kim")
    assert {path.name for path in tmp_path.iterdir()} == {"data", "music"}


def test_audio_that_was_erased_ends_the_build(stocked: Stock, tmp_path: Path) -> None:
    with writing(stocked.house.engine) as connection:
        connection.execute(delete(tables.data_keys))
    with pytest.raises(StorageFailed, match="erased"):
        build(stocked.house, PROGRAM, tmp_path / "set", by="Kim")
    assert not (tmp_path / "set").exists()


def test_a_build_longer_than_a_token_renews_it(
    stocked: Stock, tmp_path: Path, clock: Clock
) -> None:
    def progress(_: int, __: int) -> None:
        clock.at += timedelta(minutes=50)

    build(stocked.house, PROGRAM, tmp_path / "set", by="Kim", progress=progress)
    assert verify(tmp_path / "set").findings == ()


def test_what_stands_beside_the_audio_says_of_which_set_it_is(
    stocked: Stock, tmp_path: Path
) -> None:
    build(stocked.house, PROGRAM, tmp_path / "set", by="Kim")
    with tarfile.open(tmp_path / "set" / "shard-000000.tar") as tar:
        beside = tar.extractfile("r0.json")
        assert beside is not None
        assert json.load(beside)["set"] == "s0"
