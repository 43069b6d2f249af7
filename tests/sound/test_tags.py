import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadAudio
from assent.sound.encode import Format
from assent.sound.tags import Tags, read_tags, tags_from
from tests.sound.sounds import MUSIC, encoded, needs_music, noise, patient

SOUND = noise((2, 10_000))
SAID = {
    "title": "Low Tide",
    "artist": "Ines Okoro-Lind",
    "album": "Harbour",
    "date": "2024",
    "isrc": "QZ-ABC-24-00017",
    "licence": "CC-BY-4.0",
    "copyright": "2024 Ines Okoro-Lind",
    "comment": "recorded at night — ü",
}
NO_PLACE = {Format.WAV16: {"isrc", "licence"}, Format.AAC: {"isrc", "licence"}}


@pytest.mark.parametrize(
    "kind", [Format.WAV16, Format.FLAC, Format.VORBIS, Format.OPUS, Format.MP3, Format.AAC]
)
def test_what_was_written_is_read_under_the_same_names(kind: Format) -> None:
    tags = read_tags(io.BytesIO(encoded(SOUND, kind, sr=44_100, **SAID)))
    expected = {key: SAID[key] for key in SAID.keys() - NO_PLACE.get(kind, set())}
    assert dict(tags.raw) == expected
    assert tags.isrc == ("QZABC2400017" if "isrc" in expected else None)


@patient
@given(
    st.dictionaries(st.text(max_size=200), st.text(max_size=6_000), max_size=30),
    st.dictionaries(st.text(max_size=200), st.text(max_size=6_000), max_size=30),
)
def test_whatever_is_written_the_tags_are_short_clean_and_in_order(
    first: dict[str, str], second: dict[str, str]
) -> None:
    raw = tags_from([first, second]).raw
    assert list(raw) == sorted(raw)
    assert all(0 < len(key) <= 64 and 0 < len(value) <= 4_096 for key, value in raw)
    text = "".join(key + value for key, value in raw)
    assert all(c in "\n\t" or (ord(c) >= 32 and not 127 <= ord(c) < 160) for c in text)
    text.encode()
    assert tags_from([dict(raw)]).raw == raw


def test_a_hostile_megabyte_is_cut() -> None:
    megabyte = "x" * 1_000_000
    many = {f"k{i}": megabyte for i in range(1_000)}
    raw = tags_from([{"y" * 1_000_000: "z"}, many]).raw
    assert sum(len(value) for _, value in raw) <= 65_536
    assert max(len(key) for key, _ in raw) == 64
    assert len(tags_from([{f"k{i}": "x" for i in range(1_000)}]).raw) == 200


def test_a_hostile_megabyte_in_a_file_is_cut() -> None:
    data = encoded(SOUND, Format.FLAC, comment="x" * 1_000_000, title="short")
    tags = read_tags(io.BytesIO(data))
    assert tags.get("comment") == "x" * 4_096
    assert tags.get("title") == "short"


def test_a_malformed_isrc_is_absent_but_kept_as_it_was_written() -> None:
    tags = tags_from([{"ISRC": "QZ-ABC-24-17"}])
    assert tags == Tags(raw=(("isrc", "QZ-ABC-24-17"),), isrc=None)


def test_the_first_good_isrc_of_several_counts() -> None:
    assert tags_from([{"TSRC": "none;qzabc2400017;QZABC2400018"}]).isrc == "QZABC2400017"


def test_formats_with_other_names_mean_the_same() -> None:
    odd = {"TSRC": "QZABC2400017", "YEAR": "1999", "License": "CC0-1.0", "Comments": "hush"}
    tags = tags_from([odd])
    named = [tags.get(name) for name in ("isrc", "date", "licence", "comment", "title")]
    assert named == ["QZABC2400017", "1999", "CC0-1.0", "hush", None]


def test_two_tags_of_one_meaning_are_both_kept() -> None:
    tags = tags_from([{"comment": "a", "description": "b", "license": "c", "WCOP": "d"}])
    assert dict(tags.raw) == {"comment": "a", "description": "b", "licence": "c", "wcop": "d"}


def test_which_of_two_names_was_written_first_does_not_matter() -> None:
    said = {"copyright_url": "a", "licence": "b"}
    other_way = dict(reversed(said.items()))
    assert dict(tags_from([said]).raw) == dict(tags_from([other_way]).raw) == said


def test_the_container_is_believed_before_the_stream() -> None:
    assert tags_from([{"title": "a"}, {"TITLE": "b", "artist": "c"}]).raw == (
        ("artist", "c"),
        ("title", "a"),
    )


def test_what_a_container_says_of_itself_is_no_tag() -> None:
    assert tags_from([{"encoder": "x", "major_brand": "M4A", "handler_name": "y"}]) == Tags()


def test_control_characters_are_taken_out_and_lines_kept() -> None:
    tags = tags_from([{"ti\0tle": "a\x1b[31m\x9bb\u202e\r\nc"}])
    assert tags.raw == (("title", "a[31mb\nc"),)


def test_bytes_that_are_no_text_do_not_upset_it() -> None:
    data = encoded(SOUND, Format.FLAC, title="Low Tide").replace(b"Low Tide", b"Low\xff\xfeide")
    title = read_tags(io.BytesIO(data)).get("title")
    assert title is not None
    assert title.startswith("Low")
    assert title.endswith("ide")


def test_tags_of_what_is_not_audio_are_refused() -> None:
    with pytest.raises(BadAudio):
        read_tags(io.BytesIO(b"no"))


@needs_music
def test_the_tags_of_real_music_are_found() -> None:
    tags = read_tags(MUSIC / "librosa-vibe-ace.ogg")
    assert tags.get("title") == "Vibe Ace"
    assert tags.get("artist") == "Kevin MacLeod"
