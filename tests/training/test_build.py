"""Building: what comes out is exactly what was permitted, and on record before it is read."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.acts.rebuild import findings
from assent.acts.say import About, grant, refuse, withdraw
from assent.errors import AssentError, NotPermitted
from assent.training.build import build
from assent.training.listing import all_sets, find_set
from assent.training.manifest import opened
from assent.training.set_file import read_set
from assent.training.shard import Form
from assent.training.verify import verify
from tests.houses import RIVAL
from tests.training.built import held, last_event, listed, recordings
from tests.training.sets import PROGRAM, Stock

in_both_forms = pytest.mark.parametrize("form", list(Form))


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
