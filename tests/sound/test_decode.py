import contextlib
import io
import struct
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import BadAudio
from assent.sound.block import BLOCK_FRAMES
from assent.sound.decode import decode, opened, probe
from assent.sound.encode import Format
from tests.sound.sounds import (
    MUSIC,
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

SOUND = noise((2, 44_100))
LOSSLESS = {Format.WAV16: 16, Format.WAV24: 24, Format.FLAC: 16, Format.FLAC24: 24}
WHOLE = {kind: encoded(SOUND, kind, title="one second") for kind in Format}


@pytest.mark.parametrize("kind", LOSSLESS)
@patient
@given(data=st.data())
def test_integers_come_through_exactly(kind: Format, data: st.DataObject) -> None:
    scale = 2 ** (LOSSLESS[kind] - 1)
    values = data.draw(st.lists(st.integers(-scale, scale - 1), min_size=1, max_size=40))
    block = np.array([values], np.float64) / scale
    assert np.array_equal(decoded(encoded(block.astype(np.float32), kind)), block)


@patient
@given(
    st.integers(1, 8),
    st.sampled_from([8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000]),
    st.integers(1, 3_000),
)
def test_floats_come_through_exactly_at_any_rate_and_number_of_channels(
    channels: int, sr: int, count: int
) -> None:
    sound = noise((channels, count))
    data = encoded(sound, Format.WAV_FLOAT, sr=sr)
    seen = probe(io.BytesIO(data))
    assert (seen.sr, seen.channels) == (sr, channels)
    assert seen.duration_s == pytest.approx(count / sr)
    assert np.array_equal(decoded(data), sound)


# an MP4 tells its end in its index, and one in parts is whole after each of them
UNENDING = {Format.AAC, Format.AAC_PARTS, Format.OPUS_PARTS}


@pytest.mark.parametrize("kind", [kind for kind in Format if kind not in UNENDING])
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_recording_is_accepted_without_its_end(kind: Format, data: st.DataObject) -> None:
    whole = WHOLE[kind]
    missing = data.draw(st.integers(1, len(whole)) | st.integers(1, 30))
    with pytest.raises(BadAudio, match=r"cut off|is empty|is not audio"):
        decoded(whole[:-missing])


@settings(deadline=None, max_examples=60)
@given(st.integers(1, len(WHOLE[Format.AAC]) - 1_500))
def test_an_m4a_whose_index_is_missing_is_refused(kept: int) -> None:
    with pytest.raises(BadAudio, match=r"cut off|is not audio"):
        decoded(WHOLE[Format.AAC][:kept])


@pytest.mark.parametrize("kind", [Format.FLAC, Format.MP3, Format.OPUS, Format.VORBIS])
def test_a_hole_in_the_middle_is_noticed(kind: Format) -> None:
    data = bytearray(encoded(noise((2, 10 * 44_100)), kind))
    middle = len(data) // 2
    data[middle : middle + 6_000] = b"\xa5" * 6_000
    with pytest.raises(BadAudio, match=r"cut off|damaged"):
        decoded(bytes(data))


@pytest.mark.parametrize(
    ("container", "codec"), [("flac", "flac"), ("matroska", "flac"), ("wv", "wavpack")]
)
@settings(deadline=None, max_examples=25)
@given(st.data())
def test_one_flipped_bit_in_a_lossless_frame_is_noticed(
    container: str, codec: str, data: st.DataObject
) -> None:
    whole = bytearray(muxed([frame_of(SOUND)], container=container, codec=codec))
    at = data.draw(st.integers(10_000, len(whole) - 2_000))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BadAudio, match=r"damaged or cut off|cut off"):
        decoded(bytes(whole))


def test_a_film_container_that_lost_its_second_half_is_cut_off() -> None:
    data = muxed([frame_of(noise((2, 441_000)))], container="matroska", codec="flac")
    assert probe(io.BytesIO(data)).duration_s == pytest.approx(10, abs=0.1)
    assert decoded(data).shape == (2, 441_000)
    with pytest.raises(BadAudio, match=r"it holds 4\.\d s of the 10\.0 s that it promises"):
        decoded(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("adts", "aac"),
        ("aiff", "pcm_s16be"),
        ("au", "pcm_s16be"),
        ("avi", "pcm_s16le"),
        ("caf", "pcm_s16le"),
        ("matroska", "flac"),
        ("mov", "pcm_s16le"),
        ("mp2", "mp2"),
        ("mpegts", "aac"),
        ("ogg", "flac"),
        ("tta", "tta"),
        ("w64", "pcm_s16le"),
        ("wav", "adpcm_ms"),
        ("wav", "pcm_s64le"),
        ("wv", "wavpack"),
    ],
)
def test_what_the_decoder_knows_is_decoded_whole(container: str, codec: str) -> None:
    sound = tone(440, sr=44_100, seconds=3, dbfs=-6, channels=2)
    heard = decoded(muxed([frame_of(sound)], container=container, codec=codec))
    assert heard.shape[0] == 2
    assert sound.shape[1] <= heard.shape[1] <= sound.shape[1] + 4_096
    assert np.sqrt(np.mean(heard**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.03)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "^the audio is empty: it has no bytes$"),
        (b"these are only words, and not many\n" * 50, "^the audio is not audio that can be read$"),
        (bytes(5_000), "^the audio is not audio"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "^the audio is damaged or cut off$"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "^the audio is (damaged or cut off|not audio)"),
    ],
)
def test_what_is_not_audio_is_refused_in_one_clause(data: bytes, what: str) -> None:
    with pytest.raises(BadAudio, match=what):
        decoded(data)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=2_000), st.sampled_from([b"", *(WHOLE[f][:200] for f in Format)]))
def test_no_bytes_crash_the_decoder(junk: bytes, head: bytes) -> None:
    with contextlib.suppress(BadAudio):
        assert list(decode(io.BytesIO(head + junk)))


def test_a_recording_without_samples_is_refused() -> None:
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 44_100, 176_400, 4, 16)
    wav = b"RIFF" + struct.pack("<I", 36) + b"WAVE" + fmt + b"data" + b"\0\0\0\0"
    with pytest.raises(BadAudio, match=r"^the audio holds no sound: its length is zero$"):
        decoded(wav)


def film(*, sound: bool) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as output:
        video = output.add_stream("mpeg4", rate=25)
        video.width = video.height = 64
        audio = output.add_stream("flac", rate=44_100, layout="stereo") if sound else None
        for _ in range(50):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            output.mux(video.encode(picture))
        output.mux(video.encode(None))
        if audio is not None:
            output.mux(audio.encode(frame_of(SOUND)))
            output.mux(audio.encode(None))
    return file.getvalue()


def test_a_film_without_sound_is_refused() -> None:
    with pytest.raises(BadAudio, match=r"^the audio is a film without sound$"):
        decoded(film(sound=False))


def test_a_film_gives_its_sound_even_if_the_pictures_go_on() -> None:
    data = film(sound=True)
    assert decoded(data).shape == SOUND.shape
    assert probe(io.BytesIO(data)).duration_s is None


def test_words_with_times_are_not_audio() -> None:
    subtitles = "1\n00:00:01,000 --> 00:00:02,000\nla la la\n\n" * 5
    with pytest.raises(BadAudio, match=r"^the audio is not audio"):
        decoded(subtitles.encode())


@pytest.mark.parametrize("sr", [1, 3_999, 768_001, 2_000_000_000])
def test_a_rate_that_is_no_rate_of_music_is_refused(sr: int) -> None:
    with pytest.raises(BadAudio, match=f"sample rate of {sr} Hz, which is not from 4000 to 768000"):
        decoded(encoded(SOUND, Format.WAV16, sr=sr))


def test_a_forged_number_of_channels_orders_no_memory() -> None:
    wav = bytearray(WHOLE[Format.WAV16])
    at = wav.index(b"fmt ") + 8
    wav[at + 2 : at + 4] = struct.pack("<H", 200)
    wav[at + 12 : at + 14] = struct.pack("<H", 400)
    with pytest.raises(BadAudio, match="has 200 channels, more than 64"):
        decoded(bytes(wav))


def test_channels_without_a_place_have_no_layout() -> None:
    assert probe(io.BytesIO(encoded(noise((3, 9_000)), Format.WAV16))).layout == ("FL", "FR", "FC")
    assert probe(io.BytesIO(encoded(noise((2, 9_000)), Format.WAV16))).layout == ()


def test_a_stream_that_begins_on_the_way_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class LosingCount:
        """PyAV's own fault, which depends on what lies in memory and so cannot be called up."""

        def demux(self, _: object) -> Iterator[object]:
            yield from [][1:2]
            raise IndexError("list index out of range")

    with opened(io.BytesIO(WHOLE[Format.FLAC])) as recording:
        monkeypatch.setattr(recording, "_container", LosingCount())
        with pytest.raises(BadAudio, match="a stream begins on the way"):
            list(recording.blocks())


def test_a_codec_that_is_not_known_is_refused() -> None:
    wav = bytearray(WHOLE[Format.WAV16])
    at = wav.index(b"fmt ") + 8
    wav[at : at + 2] = b"\x99\x09"
    with pytest.raises(BadAudio, match=r"format that cannot be decoded"):
        decoded(bytes(wav))


@pytest.mark.parametrize("suffix", [".m3u8", ".ffconcat", ".wav"])
def test_a_playlist_cannot_open_another_file(suffix: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.aac"
    secret.write_bytes(muxed([frame_of(SOUND)], container="adts", codec="aac"))
    listing = tmp_path / f"list{suffix}"
    url = secret.as_uri()
    listing.write_text(
        {
            ".ffconcat": f"ffconcat version 1.0\nfile {secret.name}\n",
        }.get(suffix, f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n")
    )
    with pytest.raises(BadAudio, match="is not audio"):
        probe(listing)
    with listing.open("rb") as named, pytest.raises(BadAudio, match="is not audio"):
        probe(named)


def test_a_session_description_opens_no_socket() -> None:
    session = (
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"
    )
    with pytest.raises(BadAudio, match="is not audio"):
        probe(io.BytesIO(session.encode()))


def test_a_stream_that_does_not_say_its_channels_is_refused() -> None:
    wav = bytearray(WHOLE[Format.WAV16])
    at = wav.index(b"fmt ") + 8
    wav[at + 2 : at + 4] = b"\0\0"
    with pytest.raises(BadAudio, match="does not say what sound it holds"):
        decoded(bytes(wav))


def test_two_recordings_in_one_ogg_are_heard_one_after_the_other() -> None:
    one = encoded(SOUND, Format.OPUS)
    assert decoded(one + one).shape[1] == pytest.approx(2 * decoded(one).shape[1], rel=0.05)


@pytest.mark.parametrize("kind", Format)
def test_a_path_and_a_stream_give_the_same_sound(kind: Format, tmp_path: Path) -> None:
    path = tmp_path / "song"
    path.write_bytes(WHOLE[kind])
    assert probe(path) == probe(io.BytesIO(WHOLE[kind]))
    assert np.array_equal(decoded(path), decoded(WHOLE[kind]))
    assert np.array_equal(decoded(str(path)), decoded(WHOLE[kind]))


def test_eight_channels_keep_their_places() -> None:
    sound = np.stack([tone(200 + 100 * i, sr=48_000, dbfs=-12)[0] for i in range(8)])
    data = encoded(sound, Format.FLAC24, sr=48_000)
    assert probe(io.BytesIO(data)).layout == ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR")
    assert np.abs(decoded(data) - sound).max() < 2**-22
    planar = decoded(encoded(sound, Format.AAC, sr=48_000))
    for i in set(range(8)) - {3}:  # the low-frequency channel of AAC keeps low frequencies only
        spectrum = np.abs(np.fft.rfft(planar[i, 4_096 : 4_096 + 24_000]))
        assert spectrum.argmax() * 2 == pytest.approx(200 + 100 * i, abs=2)


def test_a_rate_asked_for_is_the_rate_that_comes() -> None:
    whole = tone(1_000, sr=44_100, seconds=3)
    heard = decoded(encoded(whole), sr=16_000)
    assert heard.shape == (1, 48_000)
    expected = tone(1_000, sr=16_000, seconds=3)
    assert np.abs(heard - expected)[:, 500:-500].max() < 1e-4


def test_memory_stays_flat_however_long_the_recording() -> None:
    long = encoded(noise((1, 44_100 * 60)), Format.WAV16)
    block_bytes = BLOCK_FRAMES * 4
    with opened(io.BytesIO(long)) as recording:
        blocks = recording.blocks()
        next(blocks)
        tracemalloc.start()
        for _ in blocks:
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 6 * block_bytes < len(long) / 3


@needs_music
def test_real_music_decodes_to_the_last_sample() -> None:
    for name, frames in {
        "librosa-solo-trumpet.ogg": 235_201,
        "speech-librivox-1.ogg": 222_561,
        "supertux-fortress_old.ogg": 2_180_800,
    }.items():
        assert sum(block.shape[1] for block in decode(MUSIC / name)) == frames


@needs_music
def test_real_music_cut_in_half_is_refused() -> None:
    data = (MUSIC / "librosa-solo-trumpet.ogg").read_bytes()
    with pytest.raises(BadAudio, match="is cut off: its end is missing"):
        joined(decode(io.BytesIO(data[: len(data) // 2])))
