"""Verifying: every set that was built holds; none that was tampered with does, in whatever way."""

import io
import os
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.errors import NotProved, Unknown
from assent.sound.encode import Format, encode
from assent.training.build import build
from assent.training.findings import Findings, Kind
from assent.training.item import Item, describe
from assent.training.manifest import opened, write
from assent.training.set_file import (
    MANIFEST,
    SET,
    SetFile,
    ShardEntry,
    format_set,
    read_set,
)
from assent.training.shard import Form
from assent.training.shards import digest_of, shard_name
from assent.training.tar_shard import TarWriter
from assent.training.verify import Verified, verify
from tests.training.sets import PROGRAM, Stock, take_back

in_both_forms = pytest.mark.parametrize("form", list(Form))


@pytest.fixture(params=list(Form))
def form(request: pytest.FixtureRequest) -> Form:
    return Form(request.param)


@pytest.fixture
def folder(form: Form, stocked: Stock, tmp_path: Path) -> Path:
    """Give a set in two shards, one recording of which was taken back while it was built."""

    def progress(done: int, _: int) -> None:
        if done == 3:
            take_back(stocked.house, "r1")

    out = tmp_path / "set"
    build(stocked.house, PROGRAM, out, form=form, by="K", shard_bytes=18_000, progress=progress)
    return out


def kinds(verified: Verified) -> set[Kind]:
    return {finding.kind for finding in verified.findings}


def test_a_set_that_was_built_holds(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    verified = verify(folder, progress=lambda done, total: told.append((done, total)))
    assert verified.findings == ()
    assert verified.holds
    verified.check()
    assert verified.items == 3
    assert verified.size_bytes == 3 * (44 + 8000)
    assert verified.described is not None
    assert verified.described.withdrawn == ("r1",)
    assert verified.heading is not None
    assert verified.heading.program == PROGRAM
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert verify(folder, deep=False).holds


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_a_bit_flipped_anywhere_is_found(folder: Path, data: st.DataObject) -> None:
    path = folder / data.draw(st.sampled_from(sorted(path.name for path in folder.iterdir())))
    right = path.read_bytes()
    wrong = bytearray(right)
    wrong[data.draw(st.integers(0, len(right) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(wrong)
    try:
        verified = verify(folder, deep=data.draw(st.booleans()))
        assert not verified.holds
        with pytest.raises(NotProved):
            verified.check()
    finally:
        path.write_bytes(right)


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_a_file_cut_lengthened_or_replaced_is_found(folder: Path, data: st.DataObject) -> None:
    path = folder / data.draw(st.sampled_from(sorted(path.name for path in folder.iterdir())))
    right = path.read_bytes()
    cut = st.integers(0, len(right) - 1).map(lambda size: right[:size])
    longer = st.binary(min_size=1, max_size=50).map(lambda more: right + more)
    path.write_bytes(data.draw(cut | longer | st.binary(max_size=50)))
    try:
        assert not verify(folder).holds
    finally:
        path.write_bytes(right)


def test_a_missing_an_extra_and_a_linked_file_are_found(folder: Path, tmp_path: Path) -> None:
    for path in sorted(folder.iterdir()):
        aside = path.rename(tmp_path / "aside")
        assert kinds(verify(folder)) == {Kind.NO_SET if path.name == SET else Kind.MISSING}
        path.symlink_to(aside)
        assert not verify(folder).holds
        path.unlink()
        aside.rename(path)
    (folder / "more").touch()
    assert kinds(verify(folder)) == {Kind.EXTRA}
    (folder / "more").unlink()
    assert verify(folder).holds


def test_a_folder_that_is_not_there_is_unknown_and_an_empty_one_no_set(tmp_path: Path) -> None:
    with pytest.raises(Unknown, match="there is no folder 'nowhere'"):
        verify(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert kinds(verify(tmp_path / "empty")) == {Kind.NO_SET}


def test_what_cannot_be_read_is_a_finding(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: Path) -> str:
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr("assent.training.verify.digest_of", failing)
    verified = verify(folder)
    assert [finding.text for finding in verified.findings] == [
        "the set cannot be read to its end: input/output error"
    ]


def test_only_the_damaged_recording_of_a_tar_is_named(stocked: Stock, tmp_path: Path) -> None:
    build(stocked.house, PROGRAM, tmp_path / "set", by="K")
    path = tmp_path / "set" / "shard-000000.tar"
    shard = bytearray(path.read_bytes())
    shard[512 + 1000] ^= 1
    path.write_bytes(shard)
    verified = verify(tmp_path / "set")
    assert [(finding.kind, finding.where) for finding in verified.findings] == [
        (Kind.SHARD, "shard-000000.tar"),
        (Kind.AUDIO, "r0"),
    ]
    assert verified.items == 4


# A set forged as a whole: its own digests are right, and what it says is not.


def tone(path: Path, hz: float = 300, seconds: float = 0.2) -> bytes:
    time = np.arange(int(8000 * seconds)) / 8000
    block = (0.5 * np.sin(2 * np.pi * hz * time)).astype(np.float32)[None]
    encode(path, [block], 8000, format=Format.WAV16)
    return path.read_bytes()


@pytest.fixture
def parts(stocked: Stock, tmp_path: Path) -> "Forge":
    out = tmp_path / "right"
    build(stocked.house, PROGRAM, out, by="K")
    with opened(out / MANIFEST) as manifest:
        items = list(manifest.items())
        heading = manifest.heading
    audio = {item.recording: stocked.house.gate.listen(item.recording).read() for item in items}
    samples = [(item, audio[item.recording], describe(item, "s0")) for item in items]
    return Forge(tmp_path / "forged", read_set(out), heading, items, samples)


class Forge:
    """Makes sets whose digests are all right, of parts that a test has changed."""

    def __init__(
        self,
        folder: Path,
        described: SetFile,
        heading: object,
        items: list[Item],
        samples: list[tuple[Item, bytes, bytes]],
    ) -> None:
        self.folder = folder
        self.described = described
        self.heading = heading
        self.items = items
        self.samples = samples
        self.shard_items: int | None = None

    def made(self, **said: object) -> Verified:
        self.folder.mkdir()
        write(self.folder / MANIFEST, self.heading, self.items)  # type: ignore[arg-type]  # a Heading
        path = self.folder / shard_name(Form.WEBDATASET, 0)
        writer = TarWriter(path)
        for item, audio, description in self.samples:
            writer.add(item, io.BytesIO(audio), description)
        writer.finish()
        writer.close()
        shard = ShardEntry(
            file=path.name,
            sha256=digest_of(path),
            size_bytes=path.stat().st_size,
            items=len(self.samples) if self.shard_items is None else self.shard_items,
        )
        manifest = digest_of(self.folder / MANIFEST)
        described = replace(self.described, manifest=manifest, shards=(shard,))
        forged = replace(described, **said)  # type: ignore[arg-type]  # fields of SetFile, by name
        (self.folder / SET).write_bytes(format_set(forged))
        return verify(self.folder)


def found(verified: Verified) -> list[tuple[Kind, str]]:
    return [(finding.kind, finding.where) for finding in verified.findings]


def test_a_forge_that_changes_nothing_makes_a_set_that_holds(parts: Forge) -> None:
    assert parts.made().findings == ()


def test_a_recording_left_out_is_found_and_is_not_excused_by_others(parts: Forge) -> None:
    del parts.samples[1]
    assert found(parts.made()) == [(Kind.MISSING, "r1")]


def test_the_last_recording_left_out_is_found(parts: Forge) -> None:
    del parts.samples[-1]
    assert found(parts.made()) == [(Kind.MISSING, "r5")]


def test_a_recording_slipped_in_is_found(parts: Forge) -> None:
    del parts.items[1]
    assert found(parts.made(permitted=3)) == [(Kind.EXTRA, "shard-000000.tar")]


def test_a_recording_slipped_in_at_the_end_is_found(parts: Forge) -> None:
    del parts.items[-1]
    assert found(parts.made(permitted=3)) == [(Kind.EXTRA, "shard-000000.tar")]


def test_a_recording_that_comes_twice_is_found(parts: Forge) -> None:
    parts.samples.insert(1, parts.samples[0])
    assert found(parts.made()) == [(Kind.EXTRA, "shard-000000.tar")]


def test_recordings_out_of_turn_are_found(parts: Forge) -> None:
    parts.samples.reverse()
    assert {kind for kind, _ in found(parts.made())} == {Kind.EXTRA, Kind.MISSING}


def test_a_recording_that_was_taken_back_and_is_there_is_found(parts: Forge) -> None:
    assert found(parts.made(withdrawn=("r1",), items=3)) == [(Kind.EXTRA, "shard-000000.tar")]


def test_a_name_that_leads_out_of_the_set_is_found(parts: Forge) -> None:
    item, audio, _ = parts.samples[0]
    outside = replace(item, file="../../../etc/passwd")
    parts.samples.insert(0, (outside, audio, b"{}"))
    assert found(parts.made()) == [(Kind.EXTRA, "shard-000000.tar")]


def test_a_file_that_is_no_recording_is_found(parts: Forge) -> None:
    item, audio, description = parts.samples[0]
    parts.samples.insert(0, (replace(item, file="notes.txt"), audio, description))
    assert found(parts.made()) == [(Kind.EXTRA, "shard-000000.tar")]


def test_other_audio_under_a_recording_s_name_is_found(parts: Forge, tmp_path: Path) -> None:
    item, audio, description = parts.samples[0]
    other = audio[:-1] + bytes([audio[-1] ^ 1])
    forged = replace(item, digest=sha256(other).hexdigest())
    parts.samples[0] = (forged, other, description)
    assert found(parts.made()) == [(Kind.AUDIO, "r0")]
    assert found(verify(parts.folder, deep=False)) == [(Kind.AUDIO, "r0")]
    shutil.rmtree(parts.folder)
    longer = tone(tmp_path / "longer.wav")
    forged = replace(item, digest=sha256(longer).hexdigest(), size_bytes=len(longer))
    parts.samples[0] = (forged, longer, description)
    assert found(parts.made()) == [(Kind.AUDIO, "r0")]


def test_another_description_or_ending_is_found(parts: Forge) -> None:
    item, audio, description = parts.samples[0]
    parts.samples[0] = (item, audio, description.replace(b"Ada", b"Bob"))
    parts.samples[1] = (replace(parts.items[1], file="r1.ogg"), *parts.samples[1][1:])
    assert found(parts.made()) == [(Kind.DESCRIPTION, "r0"), (Kind.DESCRIPTION, "r1")]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("frames", 7, "another length"),
        ("sr", 44_100, "another sample rate"),
        ("channels", 2, "another channels"),
        ("audio_digest", "00" * 32, "another sound"),
        ("codec", "mp3", "another codec"),
    ],
)
def test_a_manifest_that_lies_about_the_sound_is_found_by_decoding(
    parts: Forge, field: str, value: object, said: str
) -> None:
    item, audio, _ = parts.samples[0]
    lie = replace(item, **{field: value})  # type: ignore[arg-type]  # a field of Item, by name
    parts.items[0] = lie
    parts.samples[0] = (lie, audio, describe(lie, "s0"))
    frames = sum(item.frames for item in parts.items)
    verified = parts.made(frames=frames)
    assert found(verified) == [(Kind.AUDIO, "r0")]
    assert said in verified.findings[0].text
    assert verify(parts.folder, deep=False).holds  # so it is the decoding that tells


def test_audio_that_cannot_be_decoded_is_found(parts: Forge) -> None:
    item = parts.items[0]
    noise = b"not audio at all" * 20
    lie = replace(item, digest=sha256(noise).hexdigest(), size_bytes=len(noise))
    parts.items[0] = lie
    parts.samples[0] = (lie, noise, describe(lie, "s0"))
    verified = parts.made(size_bytes=sum(item.size_bytes for item in parts.items))
    assert found(verified) == [(Kind.AUDIO, "r0")]
    assert "cannot be decoded" in verified.findings[0].text


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"program": "other"}, Kind.MANIFEST),
        ({"head": 1}, Kind.MANIFEST),
        ({"permitted": 5}, Kind.MANIFEST),
        ({"items": 5}, Kind.COUNTS),
        ({"size_bytes": 5}, Kind.COUNTS),
        ({"frames": 5}, Kind.COUNTS),
        ({"withdrawn": ("r9",)}, Kind.COUNTS),
        ({"withdrawn": ("r0", "r0")}, Kind.EXTRA),
        ({"id": "s9"}, Kind.DESCRIPTION),
        ({"manifest": "00" * 32}, Kind.MANIFEST),
        ({"form": Form.PARQUET}, Kind.SHARD),
        ({"shards": ()}, Kind.EXTRA),
    ],
)
def test_a_set_that_says_something_else_than_it_holds_is_found(
    parts: Forge, said: dict[str, object], kind: Kind
) -> None:
    assert kind in kinds(parts.made(**said))


def test_a_shard_that_says_another_count_is_found(parts: Forge) -> None:
    parts.shard_items = 3
    assert found(parts.made()) == [(Kind.COUNTS, "shard-000000.tar")]


def test_a_shard_outside_the_folder_is_not_even_opened(parts: Forge, tmp_path: Path) -> None:
    parts.made()
    described = read_set(parts.folder)
    outside = replace(described.shards[0], file="../right/shard-000000.tar")
    (parts.folder / SET).write_bytes(format_set(replace(described, shards=(outside,))))
    verified = verify(parts.folder)
    assert (Kind.SHARD, SET) in found(verified)
    assert Kind.MISSING not in kinds(verified)  # what was not looked at is not called missing
    assert verified.items == 0


def test_a_manifest_that_is_none_is_found_though_its_digest_is_right(parts: Forge) -> None:
    parts.made()
    (parts.folder / MANIFEST).write_bytes(b"not a manifest")
    described = replace(read_set(parts.folder), manifest=digest_of(parts.folder / MANIFEST))
    (parts.folder / SET).write_bytes(format_set(described))
    assert kinds(verify(parts.folder)) == {Kind.MANIFEST}


def test_a_manifest_that_breaks_off_its_rules_in_the_middle_is_found(parts: Forge) -> None:
    parts.made()
    table = pq.read_table(parts.folder / MANIFEST)
    said = pq.read_metadata(parts.folder / MANIFEST).metadata
    (parts.folder / MANIFEST).unlink()
    with pq.ParquetWriter(parts.folder / MANIFEST, table.schema, store_schema=False) as writer:
        writer.add_key_value_metadata(said)
        writer.write_table(table.take([0, 2, 1, 3]))
    described = replace(read_set(parts.folder), manifest=digest_of(parts.folder / MANIFEST))
    (parts.folder / SET).write_bytes(format_set(described))
    assert Kind.MANIFEST in kinds(verify(parts.folder))


def test_a_set_that_is_all_wrong_does_not_fill_the_memory() -> None:
    findings = Findings()
    for number in range(1005):
        findings.add(Kind.EXTRA, str(number), "is extra")
    assert len(findings.listed) == 1000
    assert findings.more == 5


@pytest.mark.parametrize(
    ("old", "new"), [(b'"s0"', b'"s1"'), (b"\n", b"\r\n"), (b"}\n", b"}\n "), (b": ", b":")]
)
def test_a_set_file_changed_by_hand_is_found(folder: Path, old: bytes, new: bytes) -> None:
    text = (folder / SET).read_bytes()
    assert old in text
    (folder / SET).write_bytes(text.replace(old, new))
    assert kinds(verify(folder)) == {Kind.NO_SET}
