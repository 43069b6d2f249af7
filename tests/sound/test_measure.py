import dataclasses
import hashlib
import io
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadAudio
from assent.sound.block import Block
from assent.sound.decode import probe
from assent.sound.encode import Format
from assent.sound.loudness import Meter
from assent.sound.measure import AudioDigest, measure
from assent.sound.waveform import Waveform, from_bytes
from tests.sound.sounds import (
    MUSIC,
    cut,
    decoded,
    encoded,
    frame_of,
    joined,
    muxed,
    needs_music,
    noise,
    patient,
    tone,
)


class Listening:
    """A tap that keeps what passes."""

    def __init__(self) -> None:
        self.heard: list[Block] = []

    def add(self, block: Block) -> None:
        self.heard.append(block)


@patient
@given(st.integers(1, 4), st.integers(0, 100_000), st.lists(st.integers(0, 80_000), max_size=5))
def test_the_digest_is_that_of_the_interleaved_samples_however_cut(
    channels: int, count: int, sizes: list[int]
) -> None:
    sound, digest = noise((channels, count)), AudioDigest(channels)
    for piece in cut(sound, sizes):
        digest.add(piece)
    assert digest.hexdigest() == hashlib.sha256(sound.T.astype("<f4").tobytes()).hexdigest()


def test_everything_is_measured_in_one_pass() -> None:
    sound = tone(997, sr=44_100, seconds=3.5, dbfs=-6, channels=2)
    data = encoded(sound, Format.WAV_FLOAT, sr=44_100, title="Low Tide", artist="Ines")
    measured = measure(io.BytesIO(data))
    meter, waveform = Meter(44_100, 2), Waveform(44_100)
    meter.add(sound)
    waveform.add(sound)
    assert (measured.container, measured.codec) == ("wav", "pcm_f32le")
    assert (measured.sr, measured.channels, measured.frames) == (44_100, 2, 154_350)
    assert measured.duration_s == 3.5
    assert measured.loudness.integrated_lufs == pytest.approx(meter.result().integrated_lufs)
    assert measured.loudness.true_peak_dbtp == pytest.approx(-6, abs=0.1)
    assert np.array_equal(from_bytes(measured.waveform), waveform.peaks())
    assert measured.tags.raw == (("artist", "Ines"), ("title", "Low Tide"))
    assert measured.isrc is None


def test_the_isrc_inside_is_found() -> None:
    data = encoded(noise((1, 9_000)), Format.FLAC, isrc="qz-abc-24-00017")
    assert measure(io.BytesIO(data)).isrc == "QZABC2400017"


def test_the_same_sound_in_another_container_has_the_same_digest() -> None:
    frames = [frame_of(noise((2, 50_000)))]
    digests = {
        measure(io.BytesIO(muxed(frames, container=container, codec=codec))).audio_digest
        for container, codec in [
            ("wav", "pcm_s16le"),
            ("aiff", "pcm_s16be"),
            ("flac", "flac"),
            ("ogg", "flac"),
            ("matroska", "flac"),
        ]
    }
    assert len(digests) == 1


def test_other_tags_leave_the_digest_and_one_other_sample_changes_it() -> None:
    sound = noise((2, 50_000))
    plain = measure(io.BytesIO(encoded(sound))).audio_digest
    assert measure(io.BytesIO(encoded(sound, title="another"))).audio_digest == plain
    sound[1, 777] += 0.001
    assert measure(io.BytesIO(encoded(sound))).audio_digest != plain


def test_channels_count_by_the_places_that_the_file_names() -> None:
    # three channels may also be left, right and centre: only the file knows
    sound = np.concatenate([np.zeros((2, 88_200), np.float32), tone(997, sr=44_100, seconds=2)])
    low = measure(io.BytesIO(muxed([frame_of(sound)], container="wav", codec="pcm_s16le")))
    assert low.loudness.integrated_lufs is None
    assert low.loudness.true_peak_dbtp == pytest.approx(0, abs=0.1)


def test_taps_hear_every_sample_once_and_in_order() -> None:
    data = encoded(noise((2, 200_000)))
    one, other = Listening(), Listening()
    measure(io.BytesIO(data), taps=[lambda _: one, lambda _: other])
    assert np.array_equal(joined(one.heard), decoded(data))
    assert all(a is b for a, b in zip(one.heard, other.heard, strict=True))


def test_what_is_cut_off_is_not_measured() -> None:
    with pytest.raises(BadAudio, match="is cut off"):
        measure(io.BytesIO(encoded(noise((2, 50_000)))[:-100]))


def test_a_measurement_is_a_value_that_travels_between_processes() -> None:
    data = encoded(noise((2, 50_000)), title="x")
    measured = measure(io.BytesIO(data))
    assert measured == measure(io.BytesIO(data)) == pickle.loads(pickle.dumps(measured))
    assert hash(measured) == hash(measure(io.BytesIO(data)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        measured.frames = 1  # type: ignore[misc]  # that it is refused is the point


@needs_music
def test_real_music_is_measured() -> None:
    path = MUSIC / "librosa-solo-trumpet.ogg"
    measured = measure(path)
    assert measured.duration_s == pytest.approx(probe(path).duration_s)
    assert measured.loudness.integrated_lufs == pytest.approx(-24.5, abs=10)
    assert measured.audio_digest == hashlib.sha256(decoded(path).T.tobytes()).hexdigest()
    assert from_bytes(measured.waveform).any()
