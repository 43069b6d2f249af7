"""Renditions are made once, sealed, and gone with their recording."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from assent.acts.erase import erase
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.acts.upload import Work, upload
from assent.catalogue import tables
from assent.catalogue.site_tables import renditions
from assent.errors import Unknown
from assent.listening.audio import of_rendition, original
from assent.listening.renditions import Maker, make_renditions, renditions_of
from assent.sound.encode import Format
from assent.sound.hls import Kind
from tests.houses import add, platform
from tests.sound.sounds import decoded, encoded, tone


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with platform(tmp_path / "data") as house:
        yield house


def blobs(house: House) -> set[str]:
    return {path.name for path in (house.settings.data / "blobs").rglob("*") if path.is_file()}


def test_renditions_are_made_once_and_sound_like_the_original(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    made = make_renditions(house, recording)
    sealed = blobs(house)
    assert set(made) == set(Kind)
    assert make_renditions(house, recording) == made
    assert blobs(house) == sealed

    sound = decoded(house.gate.listen(recording).read())
    for kind, one in made.items():
        heard = house.gate.listen_to_rendition(recording, kind.value).read()
        assert len(heard) == one.rendition.size_bytes
        assert decoded(heard).std() == pytest.approx(float(np.std(sound)), rel=0.1)


def test_what_is_sealed_is_no_audio_to_whoever_has_the_disk(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    make_renditions(house, recording)
    for path in (house.settings.data / "blobs").rglob("*"):
        if path.is_file():
            assert b"ftyp" not in path.read_bytes()[:200]


def test_a_sweep_keeps_renditions_and_the_platform_stays_whole(
    house: House, tmp_path: Path
) -> None:
    recording = add(house, tmp_path, "Wren")
    make_renditions(house, recording)
    assert house.gate.sweep() == 0
    assert house.gate.missing() == []
    assert house.gate.listen_to_rendition(recording, "aac").read(4)


def test_an_erasure_takes_the_keys_and_blobs_of_renditions(house: House, tmp_path: Path) -> None:
    stays, goes = add(house, tmp_path, "Wren"), add(house, tmp_path, "Ada Quill")
    for recording in (stays, goes):
        make_renditions(house, recording)
    before = blobs(house)
    erase(house, Logs(house), "Ada Quill", "desk", lambda _: None)
    assert len(before - blobs(house)) == 3  # the original and two renditions
    with house.reading() as connection:
        kept = select(func.count()).select_from(tables.data_keys)
        assert connection.execute(kept).scalar_one() == 3
    with pytest.raises(Unknown):
        make_renditions(house, goes)
    assert house.gate.listen_to_rendition(stays, "opus").read(4)


def test_two_processes_at_once_make_one(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    others = Maker(house)
    others.ask(recording)
    make_renditions(house, recording)
    others.finish()
    others.close()
    with house.reading() as connection:
        assert len(renditions_of(connection, recording)) == 2
        known = set(connection.execute(select(tables.data_keys.c.blob)).scalars())
    assert blobs(house) == known


def test_what_cannot_be_made_stops_nothing(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    maker = Maker(house)
    maker.ask("r999")
    maker.ask("r999")
    maker.ask(recording)
    maker.finish()
    maker.ask("r999")  # is not tried again
    maker.finish()
    maker.close()
    with house.reading() as connection:
        assert set(renditions_of(connection, recording)) == set(Kind)


def test_a_maker_that_was_asked_for_nothing_closes(house: House) -> None:
    Maker(house).close()


@pytest.mark.parametrize(
    ("kind", "content_type", "played", "everywhere"),
    [
        (Format.WAV16, "audio/wav", True, True),
        (Format.FLAC24, "audio/flac", True, True),
        (Format.MP3, "audio/mpeg", True, True),
        (Format.OPUS, "audio/ogg", True, False),
        (Format.AAC, "audio/mp4", True, True),
    ],
)
def test_browsers_are_told_what_they_get(
    house: House, tmp_path: Path, kind: Format, content_type: str, played: bool, everywhere: bool
) -> None:
    path = tmp_path / "song"
    path.write_bytes(encoded(tone(500), kind, sr=48_000))
    recording = upload(house, path, Work(artist="Wren", title="Song"), "Wren").recording
    with house.reading() as connection:
        audio = original(connection, recording)
    assert audio.content_type == content_type
    assert (audio.is_played, audio.is_played_everywhere) == (played, everywhere)
    with audio.open(house) as file:
        assert len(file.read()) == audio.size_bytes
    assert audio.duration_s == pytest.approx(1, abs=0.1)


def test_a_rendition_is_a_file_of_its_own(house: House, tmp_path: Path) -> None:
    recording = add(house, tmp_path, "Wren")
    made = make_renditions(house, recording)
    audio = of_rendition(recording, made[Kind.AAC])
    with audio.open(house) as file:
        data = file.read()
    assert (len(data), audio.content_type, audio.ending) == (audio.size_bytes, "audio/mp4", "m4a")
    assert decoded(io.BytesIO(data).read()).any()
    assert audio.etag != of_rendition(recording, made[Kind.OPUS]).etag
    with house.writing() as connection:
        connection.execute(renditions.delete())
    with pytest.raises(Unknown):
        audio.open(house)
