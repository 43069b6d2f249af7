"""Building: what comes out is exactly what was permitted, whole, or nothing at all."""

import json
import resource
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from assent.acts.house import House
from assent.acts.programs import suspend
from assent.acts.rebuild import findings
from assent.acts.say import About, grant, refuse, withdraw
from assent.acts.upload import Work, upload
from assent.catalogue import tables
from assent.catalogue.engine import writing
from assent.errors import AssentError, BadInput, NotPermitted, StorageFailed, Tampered, Unknown
from assent.training.build import build
from assent.training.listing import all_sets, find_set
from assent.training.manifest import opened
from assent.training.set_file import read_set
from assent.training.shard import Form
from assent.training.shards import READERS
from assent.training.verify import verify
from tests.houses import RIVAL, Clock, add_program, write_wav
from tests.training.sets import PROGRAM, Stock, files_of, take_back

in_both_forms = pytest.mark.parametrize("form", list(Form))


def held(folder: Path) -> dict[str, bytes]:
    """Return the audio that the shards of a set hold, by file."""
    described = read_set(folder)
    return {
        found.file: found.audio.read(1 << 20)
        for shard in described.shards
        for found in READERS[described.form](folder / shard.file)
    }


def recordings(folder: Path) -> set[str]:
    return {file.partition(".")[0] for file in held(folder)}


def listed(folder: Path) -> list[str]:
    with opened(folder / "manifest.parquet") as manifest:
        return [item.recording for item in manifest.items()]


def last_event(house: House) -> int:
    with house.reading() as connection:
        events = tables.events.c.number
        return int(connection.execute(select(func.max(events))).scalar_one())


_said = st.lists(
    st.tuples(
        st.sampled_from([grant, refuse, withdraw]),
        st.sampled_from(["Ada Quill", "Bo Ferrum", "Cy Loom"]),
        st.sampled_from([None, "r0", "r1", "r2", "r3", "r4", "r5"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    deadline=None,
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(_said, st.sampled_from(Form))
def test_what_is_built_is_exactly_what_a_decision_permits(
    stocked: Stock, said: list[tuple[Callable[..., object], str, str | None]], form: Form
) -> None:
    house = stocked.house
    for say, artist, recording in said:
        try:
            say(house, About(holder=artist, recording=recording, program=PROGRAM), RIVAL)
        except AssentError:
            continue
    out = house.settings.data / f"set-{last_event(house)}-{len(all_sets(house))}"
    house.gate.snapshot.refresh()
    permitted = {
        recording
        for recording in stocked.permitted + stocked.others
        if house.gate.explain(PROGRAM, recording).allowed
    }
    try:
        build(house, PROGRAM, out, form=form, by="Kim")
    except NotPermitted:
        assert not permitted
        assert not out.exists()
        return
    assert recordings(out) == set(listed(out)) == permitted
    assert verify(out, deep=False).findings == ()


@in_both_forms
def test_the_audio_is_what_was_taken_in(form: Form, stocked: Stock, tmp_path: Path) -> None:
    build(stocked.house, PROGRAM, tmp_path / "set", form=form, by="Kim")
    taken_in = {path.read_bytes() for path in (tmp_path / "music").iterdir()}
    audio = held(tmp_path / "set")
    assert len(audio) == len(stocked.permitted)
    assert set(audio.values()) < taken_in
    assert verify(tmp_path / "set").findings == ()


@in_both_forms
def test_the_set_is_on_record_with_its_manifest(form: Form, stocked: Stock, tmp_path: Path) -> None:
    house = stocked.house
    built = build(house, PROGRAM, tmp_path / "set", form=form, by="Kim")
    record = find_set(house, built.described.id)
    assert built.folder == tmp_path / "set"
    assert read_set(tmp_path / "set") == built.described
    assert (record.manifest, record.head, record.event) == (
        built.described.manifest,
        built.described.head,
        built.described.event,
    )
    assert {f"r{number}" for number in record.members} == set(stocked.permitted)
    assert record.items == built.described.items == len(stocked.permitted)
    assert findings(house) == []


def test_the_manifest_is_on_record_before_any_audio_is_read(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    on_record: list[int] = []
    open_audio = house.gate.open

    def watched(token: str, recording: str) -> object:
        on_record.append(len(all_sets(house)))
        return open_audio(token, recording)

    monkeypatch.setattr(house.gate, "open", watched)
    build(house, PROGRAM, tmp_path / "set", by="Kim")
    assert on_record == [1] * len(stocked.permitted)


def test_two_builds_of_one_state_have_the_same_recordings_and_grounds(
    stocked: Stock, tmp_path: Path
) -> None:
    house = stocked.house
    for name in ("first", "second"):
        build(house, PROGRAM, tmp_path / name, by="Kim")
    with (
        opened(tmp_path / "first/manifest.parquet") as first,
        opened(tmp_path / "second/manifest.parquet") as second,
    ):
        assert list(first.items()) == list(second.items())
        assert second.heading.head == first.heading.head + 1  # the first set's own event


def test_shards_grow_to_about_the_size_asked_for(stocked: Stock, tmp_path: Path) -> None:
    house = stocked.house
    built = build(house, PROGRAM, tmp_path / "set", by="Kim", shard_bytes=1)
    assert [shard.items for shard in built.described.shards] == [1] * len(stocked.permitted)
    built = build(house, PROGRAM, tmp_path / "pairs", by="Kim", shard_bytes=2 * 11_000)
    assert [shard.items for shard in built.described.shards] == [2, 2]
    for name in ("set", "pairs"):
        assert verify(tmp_path / name).findings == ()
        with tarfile.open(tmp_path / name / "shard-000001.tar") as tar:
            assert len(tar.getnames()) == 2 * built.described.shards[1].items or name == "set"


def test_progress_is_told_up_to_the_end(stocked: Stock, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))

    build(stocked.house, PROGRAM, tmp_path / "set", by="Kim", progress=progress)
    assert told == [(done, 4) for done in range(5)]


def test_a_parquet_set_is_a_table_that_others_read(stocked: Stock, tmp_path: Path) -> None:
    build(stocked.house, PROGRAM, tmp_path / "set", form="parquet", by="Kim")
    table = pq.read_table(tmp_path / "set" / "shard-000000.parquet")
    assert table["recording"].to_pylist() == list(stocked.permitted)
    assert table["audio"][0].as_py().startswith(b"RIFF")


# Taken back while it is built.


@contextmanager
def on_opening(
    house: House, recording: str, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Do something just before a recording is opened."""
    open_audio = house.gate.open

    def opening(token: str, asked: str) -> object:
        if asked == recording:
            act()
            house.gate.snapshot.refresh()
        return open_audio(token, asked)

    with monkeypatch.context() as patch:
        patch.setattr(house.gate, "open", opening)
        yield


@in_both_forms
@pytest.mark.parametrize("gone", ["r0", "r1", "r2", "r5"])
@pytest.mark.parametrize("at", ["r0", "r1", "r5"])
@pytest.mark.parametrize("shard_bytes", [1, 1 << 30])
def test_what_is_taken_back_while_the_set_is_built_is_not_in_it(  # noqa: PLR0917  # one case each
    form: Form,
    gone: str,
    at: str,
    shard_bytes: int,
    stocked: Stock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house, out = stocked.house, tmp_path / "set"
    audio = house.gate.listen(gone).read()
    with on_opening(house, at, lambda: take_back(house, gone), monkeypatch):
        built = build(house, PROGRAM, out, form=form, by="Kim", shard_bytes=shard_bytes)
    assert recordings(out) == set(stocked.permitted) - {gone}
    assert built.described.withdrawn == (gone,)
    assert listed(out) == list(stocked.permitted)
    assert not any(audio in content for content in files_of(out).values())
    assert verify(out).findings == ()


def test_what_is_taken_back_between_selection_and_reading_is_not_read(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    with on_opening(house, "r0", lambda: take_back(house, "r1"), monkeypatch):
        build(house, PROGRAM, tmp_path / "set", by="Kim")
    house.gate.close()
    journal = "".join(path.read_text() for path in house.settings.journals.iterdir())
    assert '"r0"' in journal
    assert '"r1"' not in journal


def test_audio_that_is_refused_in_its_middle_leaves_nothing(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    open_audio = house.gate.open

    class Stopped:
        """Gives some bytes, and then takes the recording back."""

        def __init__(self, stream: object) -> None:
            self._stream = stream
            self._begun = False

        def __enter__(self) -> "Stopped":
            return self

        def __exit__(self, *_: object) -> None:
            return

        def read(self, _: int) -> bytes:
            if self._begun:
                raise NotPermitted("no", decision=house.gate.explain(PROGRAM, "r1"))
            self._begun = True
            take_back(house, "r1")
            house.gate.snapshot.refresh()
            return b"RIFF and some of the audio"

    def opening(token: str, asked: str) -> object:
        stream = open_audio(token, asked)
        return Stopped(stream) if asked == "r1" else stream

    monkeypatch.setattr(house.gate, "open", opening)
    build(house, PROGRAM, tmp_path / "set", by="Kim")
    assert recordings(tmp_path / "set") == set(stocked.permitted) - {"r1"}
    assert b"some of the audio" not in files_of(tmp_path / "set")["shard-000000.tar"]
    assert verify(tmp_path / "set").findings == ()


def test_a_program_that_is_stopped_while_its_set_is_built_gets_no_set(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    for at in ("r1", "r5"):
        add_program(house, f"p-{at}")
        grant(house, About(holder="Ada Quill", program=f"p-{at}"), RIVAL)
        stop = lambda at=at: suspend(house, f"p-{at}", "Lee")  # noqa: E731  # once per program
        with (
            on_opening(house, at, stop, monkeypatch),
            pytest.raises(NotPermitted, match="was stopped while its set was built"),
        ):
            build(house, f"p-{at}", tmp_path / "set", by="Kim")
        assert {path.name for path in tmp_path.iterdir()} == {"data", "music"}


def test_a_program_that_is_stopped_after_all_was_read_gets_no_set(
    stocked: Stock, tmp_path: Path
) -> None:
    house = stocked.house

    def progress(done: int, total: int) -> None:
        if done == total:
            suspend(house, PROGRAM, "Lee")

    with pytest.raises(NotPermitted, match="was stopped while its set was built"):
        build(house, PROGRAM, tmp_path / "set", by="Kim", progress=progress)
    assert not (tmp_path / "set").exists()


def test_a_set_of_which_everything_is_taken_back_is_not_built(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    about = About(holder="Ada Quill", program=PROGRAM)
    with (
        on_opening(house, "r0", lambda: withdraw(house, about, RIVAL), monkeypatch),
        pytest.raises(NotPermitted, match="every recording of the set was taken back"),
    ):
        build(house, PROGRAM, tmp_path / "set", by="Kim")
    assert not (tmp_path / "set").exists()


def test_what_is_granted_again_before_the_end_stays_out(
    stocked: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = stocked.house
    about = About(holder="Ada Quill", recording="r0", program=PROGRAM)

    def progress(done: int, _: int) -> None:
        if done == 2:
            grant(house, about, RIVAL)

    with on_opening(house, "r0", lambda: take_back(house, "r0"), monkeypatch):
        built = build(house, PROGRAM, tmp_path / "set", by="Kim", progress=progress)
    assert built.described.withdrawn == ("r0",)
    assert verify(tmp_path / "set").findings == ()


# What cannot be built changes nothing.


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
