"""Shards in both forms: what is written is read; stopped audio leaves no trace; no hostile file."""

import io
import json
import tarfile
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import NotPermitted, NotProved, Tampered
from assent.training.item import describe
from assent.training.parquet_shard import ParquetWriter, read_parquet
from assent.training.shard import Form, Section, ShardWriter
from assent.training.shards import READERS
from assent.training.tar_shard import TarWriter, read_tar
from tests.training.sets import Stopping, sample_item

WRITERS: dict[Form, Callable[[Path], ShardWriter]] = {
    Form.WEBDATASET: TarWriter,
    Form.PARQUET: ParquetWriter,
}
in_both_forms = pytest.mark.parametrize("form", list(Form))


def written(form: Form, path: Path, audios: list[bytes]) -> Path:
    writer = WRITERS[form](path)
    for number, audio in enumerate(audios):
        item = sample_item(number, audio)
        writer.add(item, io.BytesIO(audio), describe(item, "s0"))
    writer.finish()
    writer.close()
    return path


@in_both_forms
@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(min_size=1, max_size=2000), max_size=5))
def test_what_is_written_is_read(form: Form, audios: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(form, Path(folder, "shard"), audios)
        found = [
            (sample.file, sample.audio.read(5000), sample.size_bytes, sample.description)
            for sample in READERS[form](path)
        ]
    assert found == [
        (f"r{n}.wav", audio, len(audio), describe(sample_item(n, audio), "s0"))
        for n, audio in enumerate(audios)
    ]


@in_both_forms
def test_equal_samples_give_equal_bytes(form: Form, tmp_path: Path) -> None:
    audios = [bytes([n]) * 700 for n in range(1, 9)]
    first, second = (written(form, tmp_path / name, audios) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


@in_both_forms
@pytest.mark.parametrize("after", [0, 1000, 4000])
def test_audio_that_is_stopped_leaves_no_byte_behind(
    form: Form, after: int, tmp_path: Path
) -> None:
    secret = b"taken back " * 1000
    expected = written(form, tmp_path / "without", [b"one"]).read_bytes()
    writer = WRITERS[form](tmp_path / "shard")
    first, second = sample_item(0, b"one"), sample_item(1, secret)
    writer.add(first, io.BytesIO(b"one"), describe(first, "s0"))
    with pytest.raises(NotPermitted):
        writer.add(second, Stopping(secret, after, NotPermitted("no")), describe(second, "s0"))
    writer.finish()
    writer.close()
    assert (tmp_path / "shard").read_bytes() == expected


@in_both_forms
@pytest.mark.parametrize("audio", [b"", b"shorter", b"as long ", b"much longer than it was"])
def test_audio_that_is_not_what_was_taken_in_is_not_written(
    form: Form, audio: bytes, tmp_path: Path
) -> None:
    item = sample_item(0, b"as taken")
    writer = WRITERS[form](tmp_path / "shard")
    with pytest.raises(Tampered, match="the audio of r0"):
        writer.add(item, io.BytesIO(audio), describe(item, "s0"))
    writer.finish()
    writer.close()
    assert list(READERS[form](tmp_path / "shard")) == []


@in_both_forms
def test_an_unfinished_shard_is_no_shard(form: Form, tmp_path: Path) -> None:
    item = sample_item(0, b"audio")
    writer = WRITERS[form](tmp_path / "shard")
    writer.add(item, io.BytesIO(b"audio"), describe(item, "s0"))
    whole = written(form, tmp_path / "whole", [b"audio"]).read_bytes()
    writer.close()
    (tmp_path / "cut").write_bytes(whole[:-9])
    with pytest.raises(NotProved):
        list(READERS[form](tmp_path / "cut"))


def test_other_programs_read_the_tar_by_its_names(tmp_path: Path) -> None:
    path = written(Form.WEBDATASET, tmp_path / "shard.tar", [b"one", b"two" * 300])
    with tarfile.open(path) as tar:
        assert tar.getnames() == ["r0.wav", "r0.json", "r1.wav", "r1.json"]
        audio, beside = tar.extractfile("r1.wav"), tar.extractfile("r1.json")
        assert audio is not None
        assert beside is not None
        assert audio.read() == b"two" * 300
        assert json.load(beside)["recording"] == "r1"
        assert {(entry.mtime, entry.uid, entry.uname, entry.mode) for entry in tar} == {
            (0, 0, "", 0o644)
        }


def test_a_recording_beyond_eight_gibibytes_has_a_header_that_others_read(tmp_path: Path) -> None:
    from assent.training.tar_shard import _header

    entry = tarfile.TarInfo.frombuf(_header("r1.wav", 9 << 30), "ascii", "strict")
    assert entry.size == 9 << 30
    assert len(_header("r1.wav", 9 << 30)) == 512


def test_large_recordings_get_row_groups_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.training.parquet_shard._GROUP_BYTES", 1000)
    path = written(Form.PARQUET, tmp_path / "shard", [b"a" * 400, b"b" * 400, b"c" * 4000, b"d"])
    assert pq.ParquetFile(path).metadata.num_row_groups == 3
    assert [sample.size_bytes for sample in read_parquet(path)] == [400, 400, 4000, 1]


def _entry(name: str, size: int = 0, **fields: object) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    for field, value in fields.items():
        setattr(entry, field, value)
    return entry.tobuf(tarfile.GNU_FORMAT)


def _sample(name: str = "r0") -> bytes:
    return _entry(f"{name}.wav", 3) + b"abc".ljust(512, b"\0") + _beside(name)


def _beside(name: str = "r0") -> bytes:
    return _entry(f"{name}.json", 2) + b"{}".ljust(512, b"\0")


END = bytes(1024)
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "cut off"),
    "no tar": (b"hello" * 500, "cut off or damaged"),
    "no end": (_sample(), "cut off"),
    "half an end": (_sample() + bytes(512), "does not end where it says"),
    "something after its end": (_sample() + END + b"more", "does not end where it says"),
    "zeros after its end": (_sample() + END + bytes(512), "does not end where it says"),
    "a link": (_entry("r0.wav", type=tarfile.SYMTYPE, linkname="/etc/passwd") + END, "a link"),
    "a hard link": (_entry("r0.wav", type=tarfile.LNKTYPE, linkname="r1.wav") + END, "a link"),
    "a folder": (_entry("r0", type=tarfile.DIRTYPE) + END, "a folder"),
    "a device": (_entry("r0.wav", type=tarfile.CHRTYPE) + END, "a device"),
    "a pipe": (_entry("r0.wav", type=tarfile.FIFOTYPE) + END, "a pipe"),
    "a long name": (_entry("r0.wav" * 100) + END, "no build wrote"),
    "an owner": (_entry("r0.wav", uid=7) + END, "no build wrote"),
    "a mode": (_entry("r0.wav", mode=0o4755) + END, "no build wrote"),
    "a time": (_entry("r0.wav", mtime=7) + END, "no build wrote"),
    "an absurd size": (_entry("r0.wav", 1 << 60) + END, "longer than the shard"),
    "a size below nothing": (_entry("r0.wav", -5) + END, "longer than the shard"),
    "a size just too large": (_entry("r0.wav", 2000) + bytes(512) + END, "longer than the shard"),
    "nothing beside": (_entry("r0.wav", 3) + b"abc".ljust(512, b"\0") + END, "no description"),
    "another's beside": (_sample()[:1024] + _beside("r1") + END, "no description"),
    "hidden": (_entry("r0.wav", 3) + b"abcd".ljust(512, b"\0") + _beside() + END, "hides"),
    "hidden beside": (
        _sample()[:1024] + _entry("r0.json", 2) + b"{}x".ljust(512, b"\0") + END,
        "hides",
    ),
    "a wrong sum": (_sample().replace(b"0000644", b"0000640", 1) + END, "damaged"),
    "a name that is no text": (_sample().replace(b"r0.wav", b"\xff0.wav", 1) + END, "damaged"),
}


@pytest.mark.parametrize(("content", "said"), HOSTILE.values(), ids=HOSTILE)
def test_a_tar_that_no_build_wrote_is_refused_and_nothing_is_followed(
    content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / "shard.tar").write_bytes(content)
    with pytest.raises(NotProved, match=said):
        list(read_tar(tmp_path / "shard.tar"))
    assert [path.name for path in tmp_path.iterdir()] == ["shard.tar"]


def test_the_tar_of_the_tables_above_is_right_but_for_what_they_change(tmp_path: Path) -> None:
    (tmp_path / "shard.tar").write_bytes(_sample() + END)
    assert [sample.file for sample in read_tar(tmp_path / "shard.tar")] == ["r0.wav"]


def test_a_description_too_long_to_be_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.training.tar_shard._MOST_DESCRIPTION", 1)
    (tmp_path / "shard.tar").write_bytes(_sample() + END)
    with pytest.raises(NotProved, match="no description"):
        list(read_tar(tmp_path / "shard.tar"))


def _fewer(table: pa.Table) -> pa.Table:
    return table.drop_columns(["licence"])


def _no_text(table: pa.Table) -> pa.Table:
    column = table.schema.get_field_index("title")
    broken = pa.array([b"\xff\xfe"], pa.binary()).view(pa.string())
    return table.set_column(column, table.schema.field(column), broken)


@pytest.mark.parametrize("change", [_fewer, _no_text])
def test_a_parquet_that_no_build_wrote_is_refused(
    change: Callable[[pa.Table], pa.Table], tmp_path: Path
) -> None:
    path = written(Form.PARQUET, tmp_path / "right", [b"one"])
    pq.write_table(change(pq.read_table(path)), tmp_path / "shard", store_schema=False)
    with pytest.raises(NotProved, match="shard"):
        list(read_parquet(tmp_path / "shard"))


def test_a_parquet_with_absurd_row_groups_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(Form.PARQUET, tmp_path / "shard", [b"one"])
    monkeypatch.setattr("assent.training.parquet_shard.MOST_AUDIO_BYTES", 1)
    with pytest.raises(NotProved, match="row groups larger"):
        list(read_parquet(path))


@given(
    st.binary(max_size=50),
    st.integers(0, 20),
    st.integers(0, 30),
    st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.integers(-60, 60), st.integers(0, 20))),
)
def test_a_section_is_like_a_file_of_its_own(
    content: bytes, start: int, size: int, moves: list[tuple[int, int, int]]
) -> None:
    alone = io.BytesIO(content[start : start + size])
    size = len(alone.getvalue())
    section = Section(io.BytesIO(content), start, size)
    for whence, offset, count in moves:
        base = {0: 0, 1: alone.tell(), 2: size}[whence]
        assert section.seek(offset, whence) == alone.seek(max(0, base + offset))
        assert section.read(count) == alone.read(count)
        assert section.tell() == alone.tell()


def test_the_digest_of_sample_items_is_their_audio_s() -> None:
    assert sample_item(0, b"x").digest == sha256(b"x").hexdigest()
