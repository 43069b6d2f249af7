import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import BadAudio, StorageFailed, Tampered, Unknown
from assent.sound.decode import decode, probe
from assent.sound.encode import Format
from assent.sound.source import Reader, opened_source, safe_name
from tests.sound.sounds import encoded, noise, patient

SOUND = encoded(noise((2, 100_000)), Format.WAV16)


class Failing(io.BytesIO):
    """A stream that breaks after so many bytes, as a sealed blob or a disk does."""

    def __init__(self, content: bytes, *, after: int, failure: Exception) -> None:
        super().__init__(content)
        self.after, self.failure = after, failure

    def read(self, size: int | None = -1, /) -> bytes:
        room = self.after - self.tell()
        if room <= 0:
            raise self.failure
        return super().read(room if size is None or size < 0 else min(size, room))


@patient
@given(st.text(st.characters(), min_size=1))
def test_any_name_is_shown_on_one_short_line_of_plain_characters(name: str) -> None:
    shown = safe_name(name)
    assert shown.isprintable()
    assert len(shown) <= 102
    shown.encode()


def test_a_name_with_an_escape_sequence_cannot_colour_a_terminal() -> None:
    assert safe_name("a/b\x1b[31m\n.wav") == r"'b\x1b[31m\n.wav'"


def test_undecodable_bytes_and_direction_marks_are_escaped() -> None:
    assert safe_name(os.fsdecode(b"caf\xe9.wav")) == r"'caf\udce9.wav'"
    assert safe_name("gnp\u202eexe.ogg") == r"'gnp\u202eexe.ogg'"


def test_a_stream_is_named_only_if_it_has_a_name(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    path.write_bytes(SOUND)
    with path.open("rb") as file:
        assert safe_name(file) == "'song.wav'"
    with open(os.open(path, os.O_RDONLY), "rb") as file:  # noqa: PTH123  # by descriptor
        assert safe_name(file) == "the audio"
    assert safe_name(io.BytesIO()) == "the audio"


def test_a_missing_file_is_unknown_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(Unknown, match=r"there is no file 'no\.wav'"):
        probe(tmp_path / "no.wav")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(BadAudio, match="is not a file"):
        probe(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_its_other_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadAudio, match="is not a file"):
        probe(tmp_path / "pipe")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_a_name_that_the_system_refuses_is_a_failure_of_storage(name: str, tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="could not be opened"):
        probe(tmp_path / name)


@pytest.mark.parametrize("name", ["concat:a|b.wav", "http:", "file:x.wav", "-i.wav", "%03d.wav"])
def test_a_name_is_never_an_order_to_the_decoder(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(SOUND)
    assert probe(str(tmp_path / name)).container == "wav"


def test_a_stream_is_read_from_its_beginning_and_left_open() -> None:
    stream = io.BytesIO(SOUND)
    stream.seek(1_000)
    assert sum(block.shape[1] for block in decode(stream)) == 100_000
    assert not stream.closed


@pytest.mark.parametrize("after", [0, 1, 200_000, 400_000])
def test_what_a_stream_raises_comes_out_as_it_was_raised(after: int) -> None:
    failure = Tampered("this segment was changed")
    with pytest.raises(Tampered) as raised:
        list(decode(Failing(SOUND, after=after, failure=failure)))
    assert raised.value is failure


@pytest.mark.parametrize("kind", [Format.OPUS, Format.FLAC, Format.MP3, Format.AAC])
@pytest.mark.parametrize("missing", [1, 3_000, 40_000])
def test_a_stream_that_fails_near_its_end_is_not_taken_for_one_cut_off(
    kind: Format, missing: int
) -> None:
    data = encoded(noise((2, 200_000)), kind)
    failure = Tampered("this segment was changed")
    with pytest.raises(Tampered) as raised:
        list(decode(Failing(data, after=len(data) - missing, failure=failure)))
    assert raised.value is failure


def test_a_failing_disk_is_a_failure_of_storage_and_not_of_the_audio() -> None:
    failure = OSError(5, "Input/output error")
    with pytest.raises(StorageFailed, match="input/output error") as raised:
        list(decode(Failing(SOUND, after=300_000, failure=failure)))
    assert raised.value.__cause__ is failure


def test_an_error_without_a_reason_is_told_without_one() -> None:
    reader = Reader(Failing(b"x", after=0, failure=OSError()))
    reader.read(1)
    with pytest.raises(StorageFailed, match=r"^could not be read$"):
        reader.check()


def test_a_stream_that_cannot_seek_is_noticed() -> None:
    class Stuck(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            if offset > 0:
                raise Tampered("no")
            return super().seek(offset, whence)

    reader = Reader(Stuck(SOUND))
    assert reader.seek(5) == -1
    with pytest.raises(Tampered):
        reader.check()


def test_peeking_joins_short_reads_and_leaves_the_stream_where_it_was() -> None:
    class Short(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(3, size or 0))

    with opened_source(Short(bytes(range(50)))) as reader:
        reader.seek(7)
        assert reader.peek(10, 20) == bytes(range(10, 30))
        assert reader.peek(45, 20) == bytes(range(45, 50))
        assert (reader.tell(), reader.size_bytes(), reader.tell()) == (7, 50, 7)
