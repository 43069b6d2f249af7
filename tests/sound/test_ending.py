import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.sound.encode import Format
from assent.sound.ending import is_cut_off, promises_length
from assent.sound.source import Reader
from tests.sound.sounds import encoded, frame_of, muxed, noise, patient

SOUND = noise((2, 20_000))
FILES = {
    "wav": encoded(SOUND, Format.WAV16),
    "rf64": muxed(
        [frame_of(SOUND)], container="wav", codec="pcm_s16le", options={"rf64": "always"}
    ),
    "w64": muxed([frame_of(SOUND)], container="w64", codec="pcm_s16le"),
    "caf": muxed([frame_of(SOUND)], container="caf", codec="pcm_s16le"),
    "ogg": encoded(SOUND, Format.OPUS),
    "mp3": encoded(SOUND, Format.MP3, title="a title", comment="x" * 3_000),
}
DATA_ENDS_FILE = {"wav", "rf64", "ogg", "mp3"}  # the others pad or write a chunk behind it


def cut_off(data: bytes, container: str) -> bool:
    return is_cut_off(Reader(io.BytesIO(data)), "wav" if container == "rf64" else container)


@pytest.mark.parametrize("container", FILES)
def test_a_whole_file_is_whole(container: str) -> None:
    assert not cut_off(FILES[container], container)


@pytest.mark.parametrize("container", FILES)
@patient
@given(st.data())
def test_a_file_cut_anywhere_in_its_sound_is_cut_off(container: str, data: st.DataObject) -> None:
    whole = FILES[container]
    last = len(whole) - (1 if container in DATA_ENDS_FILE else 200)
    assert cut_off(whole[: data.draw(st.integers(4_000, last))], container)


@pytest.mark.parametrize("container", FILES)
@patient
@given(st.binary(max_size=500).filter(lambda junk: b"OggS" not in junk))
def test_what_others_append_does_not_make_it_cut_off(container: str, junk: bytes) -> None:
    assert not cut_off(FILES[container] + junk, container)


@pytest.mark.parametrize("container", ["wav", "w64", "caf", "ogg", "mp3", "flac"])
@patient
@given(st.binary(max_size=300))
def test_no_bytes_upset_it(container: str, junk: bytes) -> None:
    start = FILES.get(container, b"")[:60]
    assert cut_off(start + junk, container) in {True, False}
    assert cut_off(junk, container) in {True, False}


def wav(size: int, *, name: bytes = b"RIFF", chunks: bytes = b"") -> bytes:
    return name + b"\0\0\0\0WAVE" + chunks + b"data" + struct.pack("<I", size) + b"\0" * 100


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000])
def test_a_streamed_wav_promises_nothing(size: int) -> None:
    assert not cut_off(wav(size), "wav")


def test_chunks_of_odd_length_are_followed_by_one_byte_more() -> None:
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    assert not cut_off(wav(100, chunks=chunks), "wav")
    assert cut_off(wav(101, chunks=chunks), "wav")


def test_a_long_wav_says_its_size_in_another_chunk() -> None:
    for size, expected in ((100, False), (101, True), (0, False)):
        ds64 = b"ds64" + struct.pack("<IQQQI", 28, 0, size, 0, 0)
        assert cut_off(wav(0xFFFFFFFF, name=b"RF64", chunks=ds64), "wav") == expected


def test_a_caf_of_unknown_length_promises_nothing() -> None:
    caf = b"caff\0\1\0\0data" + b"\xff" * 8 + b"\0" * 50
    assert not cut_off(caf, "caf")


def test_chunks_without_sound_or_end_promise_nothing() -> None:
    assert not cut_off(b"RIFF\0\0\0\0WAVE" + (b"junk" + b"\0" * 4) * 1_001, "wav")
    backwards = b"\0" * 40 + b"none" + b"\0" * 12 + struct.pack("<Q", 3)
    assert not cut_off(backwards, "w64")


def test_a_file_cut_between_two_pages_is_cut_off() -> None:
    data = encoded(noise((2, 200_000)), Format.OPUS)
    last = data.rindex(b"OggS")
    assert data.count(b"OggS") > 3
    assert cut_off(data[:last], "ogg")
    assert cut_off(data[: data.rindex(b"OggS", 0, last)], "ogg")


def test_a_page_that_only_begins_is_not_an_end() -> None:
    assert cut_off(FILES["ogg"] + b"OggS\0\4", "ogg")
    assert cut_off(FILES["ogg"] + b"OggS\0\4" + b"\0" * 20 + b"\xff" + b"\1", "ogg")


def test_whether_a_length_is_written_or_guessed_is_known() -> None:
    def promises(data: bytes, container: str) -> bool:
        return promises_length(Reader(io.BytesIO(data)), container)

    plain = muxed(
        [frame_of(SOUND)], container="mp3", codec="libmp3lame", options={"write_xing": "0"}
    )
    assert promises(FILES["mp3"], "mp3")
    assert not promises(plain, "mp3")
    assert not cut_off(plain, "mp3")
    assert promises(b"\xff\xfb\x90\x64" + b"\0" * 32 + b"VBRI" + b"\0" * 50, "mp3")
    assert promises(FILES["wav"], "wav")
    assert not promises(b"", "aac")


def test_a_xing_header_may_count_frames_but_not_bytes_or_neither() -> None:
    head = b"\xff\xfb\x90\x64" + b"\0" * 32
    for flags, promised in ((0, False), (1, True), (3, True)):
        mp3 = head + b"Info" + struct.pack(">III", flags, 9, 0) + b"\0" * 50
        assert promises_length(Reader(io.BytesIO(mp3)), "mp3") == promised
        assert not cut_off(mp3, "mp3")
