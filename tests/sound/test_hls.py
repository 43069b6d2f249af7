"""Renditions in segments: they decode to the whole recording, each segment plays with its head."""

import io
import json
import re

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import BadAudio, Tampered
from assent.sound.block import Block
from assent.sound.encode import Format
from assent.sound.hls import (
    Kind,
    Rendition,
    Segment,
    format_index,
    index,
    master_playlist,
    media_playlist,
    parse_index,
    segmented,
)
from tests.sound.sounds import decoded, encoded, noise, tone

_FRAME = {Kind.AAC: 1_024, Kind.OPUS: 960}


def made(sound: Block, kind: Kind, sr: int = 48_000) -> tuple[bytes, Rendition]:
    file = io.BytesIO()
    segmented(io.BytesIO(encoded(sound, Format.WAV16, sr=sr)), file, kind)
    return file.getvalue(), index(file, kind)


@pytest.mark.parametrize("kind", Kind)
@settings(deadline=None, max_examples=10)
@given(frames=st.integers(1, 48_000 * 20))
def test_a_rendition_is_as_long_as_the_recording_to_one_frame(kind: Kind, frames: int) -> None:
    file, rendition = made(tone(440, seconds=frames / 48_000, dbfs=-9), kind)
    assert abs(decoded(file).shape[1] - frames) < _FRAME[kind]
    assert rendition.size_bytes == len(file)
    # what is told of its length may count the encoder's delay, and no more
    assert abs(rendition.duration_s * 48_000 - frames) <= 2 * _FRAME[kind]


@pytest.mark.parametrize("kind", Kind)
def test_the_segments_lie_one_after_the_other_for_six_seconds_each(kind: Kind) -> None:
    file, rendition = made(noise((2, 48_000 * 20)), kind)
    ends = [it.start + it.size_bytes for it in rendition.segments]
    assert [rendition.head_bytes, *ends[:-1]] == [it.start for it in rendition.segments]
    assert ends[-1] == len(file)
    assert [round(it.duration_s) for it in rendition.segments] == [6, 6, 6, 2]


@pytest.mark.parametrize("kind", Kind)
def test_every_segment_plays_with_the_head_and_nothing_else(kind: Kind) -> None:
    sound = tone(440, seconds=20, dbfs=-9, channels=2)
    file, rendition = made(sound, kind)
    for segment in rendition.segments:
        part = file[segment.start : segment.start + segment.size_bytes]
        heard, loud = 0, 0
        with av.open(io.BytesIO(file[: rendition.head_bytes] + part), "r") as container:
            for frame in container.decode(audio=0):
                loud += frame.samples if float(np.abs(frame.to_ndarray()).max()) > 0.3 else 0
                heard += frame.samples
        assert heard - loud <= 48_000 // 10  # Opus takes 80 ms to swing in after a jump
        assert abs(heard - segment.duration_s * 48_000) <= 2 * _FRAME[kind]


@pytest.mark.parametrize("kind", Kind)
def test_the_sound_of_a_rendition_lies_where_it_lies_in_the_recording(kind: Kind) -> None:
    sound = np.zeros((1, 48_000 * 9), np.float32)
    sound[0, 48_000 * 7 : 48_000 * 8] = tone(1_000, dbfs=-6)[0]
    heard = np.abs(decoded(made(sound, kind)[0])[0]) > 0.25
    first, last = int(np.argmax(heard)), len(heard) - int(np.argmax(heard[::-1]))
    assert abs(first - 48_000 * 7) < 480  # a hundredth of a second
    assert abs(last - 48_000 * 8) < 480


def test_surround_becomes_two_channels_and_nothing_is_louder_than_it_was() -> None:
    file, _ = made(noise((6, 48_000), level=0.3).clip(-1, 1), Kind.AAC)
    heard = decoded(file)
    assert heard.shape[0] == 2
    assert 0.02 < float(heard.std()) < 0.3


@pytest.mark.parametrize("sr", [8_000, 22_050, 44_100, 96_000])
def test_a_rendition_has_a_rate_that_players_know(sr: int) -> None:
    file, rendition = made(tone(440, sr=sr, seconds=7), Kind.AAC, sr=sr)
    with av.open(io.BytesIO(file)) as container:
        assert container.streams.audio[0].codec_context.sample_rate in {44_100, 48_000}
    assert rendition.duration_s == pytest.approx(7, abs=0.05)


def test_a_file_that_lost_its_end_has_no_index() -> None:
    file, _ = made(tone(440), Kind.AAC)
    with pytest.raises(BadAudio, match="cut off"):
        index(io.BytesIO(file[:-1]), Kind.AAC)
    with pytest.raises(BadAudio, match="no parts"):
        index(io.BytesIO(b""), Kind.AAC)


@given(
    st.integers(1, 10_000),
    st.lists(st.tuples(st.integers(1, 10**6), st.floats(0.01, 7)), min_size=1, max_size=9),
)
def test_an_index_is_read_as_it_was_written(head: int, parts: list[tuple[int, float]]) -> None:
    at, segments = head, []
    for size, duration in parts:
        segments.append(Segment(start=at, size_bytes=size, duration_s=duration))
        at += size
    rendition = Rendition(kind=Kind.OPUS, head_bytes=head, segments=tuple(segments))
    assert parse_index(Kind.OPUS, format_index(rendition)) == rendition


@pytest.mark.parametrize("stored", ["", "{}", "[]", '{"head":1,"segments":[]}', '{"head":"x"}'])
def test_a_damaged_index_is_told(stored: str) -> None:
    with pytest.raises(Tampered):
        parse_index(Kind.AAC, stored)


def test_a_playlist_names_every_byte_once_and_promises_no_longer_segment() -> None:
    file, rendition = made(tone(440, seconds=20), Kind.AAC)
    said = media_playlist(rendition, "aac.mp4?k=x")
    ranges = [
        (int(start), int(start) + int(size))
        for size, start in re.findall(r'BYTERANGE[:=]"?(\d+)@(\d+)', said)
    ]
    assert ranges[0][0] == 0
    assert [end for _, end in ranges[:-1]] == [start for start, _ in ranges[1:]]
    assert ranges[-1][1] == len(file)
    longest = int(re.findall(r"TARGETDURATION:(\d+)", said)[0])
    assert all(round(float(it)) <= longest for it in re.findall(r"EXTINF:([\d.]+)", said))
    assert said.endswith("#EXT-X-ENDLIST\n")


def test_a_master_playlist_tells_codecs_and_the_most_that_is_needed() -> None:
    _, aac = made(noise((2, 48_000 * 8)), Kind.AAC)
    _, opus = made(noise((2, 48_000 * 8)), Kind.OPUS)
    said = master_playlist([(aac, "aac.m3u8"), (opus, "opus.m3u8")])
    assert 'CODECS="mp4a.40.2"\naac.m3u8\n' in said
    assert 'CODECS="opus"\nopus.m3u8\n' in said
    bandwidths = [int(it) for it in re.findall(r":BANDWIDTH=(\d+)", said)]
    for rendition, bandwidth in zip((aac, opus), bandwidths, strict=True):
        rates = [8 * it.size_bytes / it.duration_s for it in rendition.segments]
        assert max(rates) <= bandwidth
    assert json.loads(format_index(aac))["head"] == aac.head_bytes
