import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import BadAudio, StorageFailed
from assent.sound.block import Block
from assent.sound.decode import probe
from assent.sound.encode import Format, encode
from tests.sound.sounds import cut, decoded, encoded, noise, tone

CODECS = {
    Format.WAV16: ("wav", "pcm_s16le"),
    Format.WAV24: ("wav", "pcm_s24le"),
    Format.WAV_FLOAT: ("wav", "pcm_f32le"),
    Format.FLAC: ("flac", "flac"),
    Format.FLAC24: ("flac", "flac"),
    Format.VORBIS: ("ogg", "vorbis"),
    Format.OPUS: ("ogg", "opus"),
    Format.MP3: ("mp3", "mp3"),
    Format.AAC: ("mov,mp4,m4a,3gp,3g2,mj2", "aac"),
    Format.AAC_PARTS: ("mov,mp4,m4a,3gp,3g2,mj2", "aac"),
    Format.OPUS_PARTS: ("mov,mp4,m4a,3gp,3g2,mj2", "opus"),
}
LOSSY = {  # error [dB]
    Format.VORBIS: -12,
    Format.OPUS: -15,
    Format.MP3: -30,
    Format.AAC: -30,
    Format.AAC_PARTS: -30,
    Format.OPUS_PARTS: -15,
}


def written(pieces: Iterator[Block], kind: Format, sr: int = 44_100) -> bytes:
    file = io.BytesIO()
    encode(file, pieces, sr, format=kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", Format)
@settings(deadline=None, max_examples=8)
@given(st.lists(st.integers(0, 40_000), max_size=6))
def test_how_the_sound_is_cut_does_not_change_the_file(kind: Format, sizes: list[int]) -> None:
    sound = tone(300, sr=44_100, seconds=1, dbfs=-9, channels=2)
    assert written(cut(sound, sizes), kind) == encoded(sound, kind)


@pytest.mark.parametrize("kind", Format)
def test_each_format_is_what_its_name_says(kind: Format) -> None:
    seen = probe(io.BytesIO(encoded(noise((2, 44_100)), kind)))
    assert (seen.container, seen.codec) == CODECS[kind]


@pytest.mark.parametrize("kind", LOSSY)
def test_a_lossy_format_keeps_the_sound_near(kind: Format) -> None:
    sound = tone(440, sr=48_000, seconds=2, dbfs=-9, channels=2)
    heard = decoded(encoded(sound, kind, sr=48_000))
    middle = slice(4_096, 80_000)
    error = (heard[:, middle] - sound[:, middle]).std() / sound.std()
    assert 20 * np.log10(error) < LOSSY[kind]


@pytest.mark.parametrize(
    ("kind", "sr", "written_sr"),
    [
        (Format.OPUS, 44_100, 48_000),
        (Format.OPUS, 192_000, 48_000),
        (Format.OPUS, 8_000, 48_000),
        (Format.MP3, 96_000, 48_000),
        (Format.MP3, 22_050, 22_050),
        (Format.AAC, 192_000, 96_000),
        (Format.AAC, 50_000, 64_000),
        (Format.FLAC, 192_000, 192_000),
        (Format.WAV16, 12_345, 12_345),
    ],
)
def test_a_rate_that_the_codec_does_not_know_becomes_the_next(
    kind: Format, sr: int, written_sr: int
) -> None:
    data = encoded(tone(440, sr=sr, seconds=2, dbfs=-9, channels=2), kind, sr=sr)
    assert probe(io.BytesIO(data)).sr == written_sr
    assert decoded(data).shape[1] == pytest.approx(2 * written_sr, abs=4_096)


@pytest.mark.parametrize("kind", [Format.WAV16, Format.WAV24, Format.FLAC, Format.FLAC24])
def test_beyond_full_scale_is_clipped_and_does_not_wrap_around(kind: Format) -> None:
    heard = decoded(encoded(np.array([[2.0, -2.0, 1.0, -1.0]], np.float32), kind))
    assert heard[0].round(3).tolist() == [1.0, -1.0, 1.0, -1.0]


def test_float_keeps_what_is_beyond_full_scale() -> None:
    assert decoded(encoded(np.array([[2.0, -3.5]], np.float32))).tolist() == [[2.0, -3.5]]


@pytest.mark.parametrize(
    ("kind", "channels"),
    [(Format.VORBIS, 1), (Format.VORBIS, 6), (Format.MP3, 3), (Format.WAV16, 9)],
)
def test_too_many_channels_are_refused(kind: Format, channels: int) -> None:
    with pytest.raises(BadAudio, match=f"^{kind} cannot hold {channels} channels$"):
        encoded(noise((channels, 100)), kind)


@pytest.mark.parametrize("blocks", [[], [np.zeros((2, 0), np.float32)]])
def test_no_sound_is_not_written(blocks: list[Block], tmp_path: Path) -> None:
    with pytest.raises(BadAudio, match=r"^there is no sound to write$"):
        encode(tmp_path / "it.wav", blocks, 44_100, format=Format.WAV16)
    assert list(tmp_path.iterdir()) == []


def test_a_path_gets_the_same_bytes_as_a_stream(tmp_path: Path) -> None:
    sound = noise((2, 50_000))
    encode(tmp_path / "it.flac", [sound], 44_100, format=Format.FLAC, tags={"title": "x"})
    assert (tmp_path / "it.flac").read_bytes() == encoded(sound, Format.FLAC, title="x")
    assert [path.name for path in tmp_path.iterdir()] == ["it.flac"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "it.wav"
    path.write_bytes(b"before")

    def failing() -> Iterator[Block]:
        yield noise((2, 100_000))
        raise BadAudio("the source broke")

    with pytest.raises(BadAudio, match="the source broke"):
        encode(path, failing(), 44_100, format=Format.WAV16)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"before"]


def test_a_place_that_cannot_be_written_is_a_failure_of_storage(tmp_path: Path) -> None:
    path = tmp_path / "none\x1b" / "it\x1b.wav"
    with pytest.raises(StorageFailed, match=r"'it\\x1b\.wav' could not be written"):
        encode(path, [noise((1, 10))], 44_100, format=Format.WAV16)


class Full(io.BytesIO):
    """A disk with so much room."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # bytes are all it gets
        if self.tell() + len(data) > self.room:
            raise OSError(28, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("room", [0, 100_000])
def test_what_the_stream_raises_comes_out_as_it_was_raised(room: int) -> None:
    with pytest.raises(OSError, match="No space left on device"):
        encode(Full(room), np.split(noise((2, 400_000)), 8, axis=1), 44_100, format=Format.WAV16)
