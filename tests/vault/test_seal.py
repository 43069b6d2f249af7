import io
import os
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.bench.seal import Streams, tink_streams
from assent.errors import KeyFailed, Tampered
from assent.vault.blob import HeldBlob
from assent.vault.seal import (
    SEGMENT_BYTES,
    SealedReader,
    plain_size,
    seal,
    sealed_chunks,
    sealed_size,
)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
NAME = b"00112233445566778899aabbccddeeff"
FIRST, REST = SEGMENT_BYTES - 56, SEGMENT_BYTES - 16
NOISE = os.urandom(3 * SEGMENT_BYTES)
BORDERS = [0, 1, 2, FIRST - 1, FIRST, FIRST + 1, FIRST + REST - 1, FIRST + REST, FIRST + REST + 1]

# "nothing trains without a yes", sealed by Tink 1.16 under KEY for the name "name"
BY_TINK = bytes.fromhex(
    "28a7985c9125ad9f98bed1aeef72091353e674dc7db952c0e563e35294f54d303503d32fac8dce5e3275a018d9"
    "583a46dbef1cb9853153c7ebeded10cb672cb26e4217bf410be8b14037d52b0708a89f15859c41"
)

sizes = st.sampled_from(BORDERS) | st.integers(min_value=0, max_value=len(NOISE))
few = settings(max_examples=40, deadline=None)


class CountedBlob:
    """A blob in memory that notes which ranges were read, and whether it was closed."""

    def __init__(self, data: bytes) -> None:
        self.data, self.reads, self.closed = data, list[tuple[int, int]](), False

    @property
    def size(self) -> int:
        return len(self.data)

    def read_at(self, offset: int, length: int) -> bytes:
        assert 0 <= offset <= offset + length <= self.size
        self.reads.append((offset, length))
        return self.data[offset : offset + length]

    def close(self) -> None:
        self.closed = True


class LastingBytes(io.BytesIO):
    """A file in memory whose bytes are still there when a stream has closed it."""

    def close(self) -> None:
        self.closed_with = self.getvalue()
        super().close()


def sealed(plain: bytes, key: bytes = KEY, name: bytes = NAME) -> bytes:
    return b"".join(sealed_chunks([plain], key, name))


def opened(blob: bytes, key: bytes = KEY, name: bytes = NAME) -> SealedReader:
    return SealedReader(HeldBlob(blob), key, name)


def segments(blob: bytes) -> list[bytes]:
    return [blob[at : at + SEGMENT_BYTES] for at in range(0, len(blob), SEGMENT_BYTES)]


@pytest.fixture(scope="module")
def tink() -> Streams:
    streams = tink_streams(KEY)
    if streams is None:
        pytest.skip("tink, which proves the format, is not installed: it is in the extra `bench`")
    return streams


@few
@given(size=sizes)
def test_what_was_sealed_comes_back(size: int) -> None:
    assert opened(sealed(NOISE[:size])).read() == NOISE[:size]


@few
@given(size=sizes)
def test_tink_reads_what_we_seal(tink: Streams, size: int) -> None:
    blob = sealed(NOISE[:size])
    with tink.new_decrypting_stream(io.BytesIO(blob), NAME) as stream:
        assert stream.read() == NOISE[:size]


@few
@given(size=sizes)
def test_we_read_what_tink_seals(tink: Streams, size: int) -> None:
    sink = LastingBytes()
    with tink.new_encrypting_stream(sink, NAME) as stream:
        stream.write(NOISE[:size])
    assert len(sink.closed_with) == sealed_size(size)
    assert opened(sink.closed_with).read() == NOISE[:size]


def test_a_blob_that_tink_once_sealed_still_opens() -> None:
    assert opened(BY_TINK, name=b"name").read() == b"nothing trains without a yes"


@given(size=st.sampled_from(BORDERS) | st.integers(min_value=0, max_value=1 << 50))
def test_the_two_sizes_know_each_other(size: int) -> None:
    assert plain_size(sealed_size(size)) == size
    assert sealed_size(size + 1) > sealed_size(size)


@few
@given(size=sizes)
def test_the_size_is_told_before_anything_is_read(size: int) -> None:
    blob = sealed(NOISE[:size])
    assert len(blob) == sealed_size(size)
    assert opened(blob).size == size


@pytest.mark.parametrize("size", [0, 1, 55, SEGMENT_BYTES + 1, SEGMENT_BYTES + 16])
def test_a_size_that_no_blob_has_is_tampering(size: int) -> None:
    with pytest.raises(Tampered, match="cut short"):
        plain_size(size)
    with pytest.raises(Tampered, match="cut short"):
        opened(bytes(size))


@few
@given(size=sizes, cuts=st.lists(st.integers(min_value=0, max_value=len(NOISE)), max_size=8))
def test_how_the_audio_arrives_in_chunks_changes_nothing(size: int, cuts: list[int]) -> None:
    marks = [0, *sorted(min(cut, size) for cut in cuts), size]
    pieces = [NOISE[a:b] for a, b in pairwise(marks)]
    blob = b"".join(sealed_chunks(pieces, KEY, NAME))
    assert len(blob) == sealed_size(size)
    assert opened(blob).read() == NOISE[:size]


BLOB = sealed(NOISE)


@few
@given(
    start=st.integers(min_value=0, max_value=len(NOISE)),
    length=st.integers(min_value=1, max_value=2 * SEGMENT_BYTES),
)
def test_a_range_is_right_and_costs_its_own_segments_only(start: int, length: int) -> None:
    blob = CountedBlob(BLOB)
    reader = SealedReader(blob, KEY, NAME)
    reader.seek(start)
    assert reader.read(length) == NOISE[start : start + length]
    last_byte = min(start + length, len(NOISE)) - 1
    if start < len(NOISE):
        first, last = (start + 40) // REST, (last_byte + 40) // REST
        whole = {at // SEGMENT_BYTES for at, count in blob.reads if count > 40}
        assert whole == set(range(first, last + 1))
        assert sum(count for _, count in blob.reads) <= (last - first + 1) * SEGMENT_BYTES + 40


moves = st.one_of(
    st.tuples(st.just("read"), st.integers(min_value=-1, max_value=1 << 20)),
    st.tuples(st.just("to"), st.integers(min_value=0, max_value=len(NOISE) + 9)),
    st.tuples(st.just("on"), st.integers(min_value=0, max_value=1 << 20)),
    st.tuples(st.just("back"), st.integers(min_value=0, max_value=len(NOISE))),
)


@few
@given(script=st.lists(moves, max_size=12), buffered=st.sampled_from([0, 4096, 1 << 20]))
def test_it_moves_and_reads_as_a_file_does(script: list[tuple[str, int]], buffered: int) -> None:
    ours = io.BufferedReader(opened(BLOB), buffered) if buffered else opened(BLOB)
    theirs = io.BytesIO(NOISE)
    for move, number in script:
        if move == "read":
            assert ours.read(number) == theirs.read(number)
        elif move == "to":
            assert ours.seek(number) == theirs.seek(number)
        elif move == "on":
            assert ours.seek(number, io.SEEK_CUR) == theirs.seek(number, io.SEEK_CUR)
        else:
            assert ours.seek(-number, io.SEEK_END) == theirs.seek(-number, io.SEEK_END)
        assert ours.tell() == theirs.tell()


@few
@given(place=st.integers(min_value=0, max_value=len(BLOB) - 1), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found(place: int, bit: int) -> None:
    broken = bytearray(BLOB)
    broken[place] ^= 1 << bit
    with pytest.raises(Tampered):
        opened(bytes(broken)).read()


@few
@given(place=st.integers(min_value=0, max_value=len(BLOB) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_spoils_its_own_segment_only(place: int, bit: int) -> None:
    broken = bytearray(BLOB)
    broken[place] ^= 1 << bit
    hit = place // SEGMENT_BYTES
    for index in range(1, 3):
        reader = opened(bytes(broken))
        reader.seek(FIRST + (index - 1) * REST)
        if hit == index or place < 40:
            with pytest.raises(Tampered):
                reader.read(1)
        else:
            assert reader.read(1) == NOISE[reader.tell() - 1 : reader.tell()]


@few
@given(
    length=st.integers(min_value=0, max_value=len(BLOB) - 1)
    | st.sampled_from([SEGMENT_BYTES, 2 * SEGMENT_BYTES, 3 * SEGMENT_BYTES])
)
def test_a_blob_that_was_cut_short_is_found(length: int) -> None:
    with pytest.raises(Tampered):
        opened(BLOB[:length]).read()


def test_a_cut_at_a_segment_is_found_by_looking_at_the_end_alone() -> None:
    reader = opened(BLOB[: 2 * SEGMENT_BYTES])
    reader.seek(0, io.SEEK_END)
    with pytest.raises(Tampered, match="changed, cut short or mixed up"):
        reader.read(1)
    with pytest.raises(Tampered):
        reader.readinto(bytearray(1))


def test_an_empty_blob_is_proved_empty() -> None:
    assert opened(sealed(b"")).read(1) == b""
    with pytest.raises(Tampered):
        opened(sealed(b"")[:-1] + b"?").read(1)


def test_the_end_is_proved_once() -> None:
    blob = CountedBlob(sealed(b"yes"))
    reader = SealedReader(blob, KEY, NAME)
    reader.seek(3)
    assert [reader.read(), reader.read(), reader.read(1)] == [b"", b"", b""]
    assert len(blob.reads) == 1


def test_an_end_once_proved_is_not_fetched_again_for_having_read_elsewhere() -> None:
    blob = CountedBlob(BLOB)
    reader = SealedReader(blob, KEY, NAME)
    assert reader.read() == NOISE
    reader.seek(0)
    reader.read(1)
    fetched = len(blob.reads)
    reader.seek(0, io.SEEK_END)
    assert reader.read(1) == b""
    assert len(blob.reads) == fetched


@pytest.mark.parametrize(
    "order", [(0, 2, 1, 3), (0, 1, 1, 3), (0, 1, 3), (0, 1, 2, 3, 3), (1, 2, 3)]
)
def test_segments_moved_dropped_or_doubled_are_found(order: tuple[int, ...]) -> None:
    parts = segments(BLOB)
    with pytest.raises(Tampered):
        opened(b"".join(parts[index] for index in order)).read()


def test_a_segment_of_another_blob_under_the_same_key_is_found() -> None:
    parts, others = segments(BLOB), segments(sealed(NOISE))
    parts[1] = others[1]
    with pytest.raises(Tampered):
        opened(b"".join(parts)).read()


def test_the_wrong_key_opens_nothing() -> None:
    with pytest.raises(Tampered, match="or this key is not its own"):
        opened(BLOB, key=OTHER_KEY).read(1)


def test_the_wrong_name_opens_nothing() -> None:
    with pytest.raises(Tampered, match="or this key is not its own"):
        opened(BLOB, name=b"another").read(1)


def test_what_never_was_sealed_audio_is_told_apart() -> None:
    with pytest.raises(Tampered, match="does not begin as sealed audio does"):
        opened(b"RIFF" + bytes(100)).read(1)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(KeyFailed, match=f"a data key has 32 bytes, this one {length}"):
        opened(BLOB, key=bytes(length))
    with pytest.raises(KeyFailed, match=f"a data key has 32 bytes, this one {length}"):
        seal([b"yes"], io.BytesIO(), bytes(length), NAME)


def test_a_failed_read_moves_nothing_and_hands_nothing_out() -> None:
    broken = bytearray(BLOB)
    broken[SEGMENT_BYTES + 5] ^= 1
    reader = opened(bytes(broken))
    reader.seek(FIRST - 3)
    for _ in range(2):
        with pytest.raises(Tampered) as caught:
            reader.read(10)
        assert caught.value.facts == {"segment": 1, "offset_bytes": SEGMENT_BYTES}
        assert reader.tell() == FIRST - 3
    assert reader.read(3) == NOISE[FIRST - 3 : FIRST]


def test_a_blob_that_shrinks_while_it_is_read_is_found() -> None:
    blob = CountedBlob(BLOB)
    reader = SealedReader(blob, KEY, NAME)
    reader.read(1)
    blob.read_at = lambda offset, length: BLOB[offset : offset + length - 1]  # type: ignore[method-assign] # the point
    reader.seek(FIRST)
    with pytest.raises(Tampered, match=r"^the sealed audio was cut short$"):
        reader.read(1)


def test_each_sealing_is_another_ciphertext() -> None:
    assert sealed(b"yes") != sealed(b"yes")


def test_a_segment_is_fetched_once_however_small_the_reads() -> None:
    blob = CountedBlob(sealed(NOISE[: FIRST + 100]))
    reader = SealedReader(blob, KEY, NAME)
    while reader.read(10_000):
        pass
    assert blob.reads == [(0, SEGMENT_BYTES), (SEGMENT_BYTES, 116)]


def test_closing_the_stream_closes_the_blob() -> None:
    blob = CountedBlob(BLOB)
    with io.BufferedReader(SealedReader(blob, KEY, NAME)) as stream:
        stream.read(1)
    stream.close()
    assert blob.closed


def test_a_closed_stream_does_nothing_more() -> None:
    reader = opened(BLOB)
    reader.close()
    reader.close()
    for act in (reader.read, reader.tell, lambda: reader.seek(0), lambda: reader.read(5)):
        with pytest.raises(ValueError, match="closed"):
            act()


@pytest.mark.parametrize(("offset", "whence"), [(-1, 0), (-1, 1), (-len(NOISE) - 1, 2), (0, 9)])
def test_there_is_nothing_before_the_start(offset: int, whence: int) -> None:
    with pytest.raises(OSError, match="cannot seek"):
        opened(BLOB).seek(offset, whence)


def test_it_is_a_stream_to_read_and_not_to_write() -> None:
    reader = opened(BLOB)
    assert (reader.readable(), reader.seekable(), reader.writable()) == (True, True, False)


class ReadOnly:
    """The least a file can do."""

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        return self.file.read(size)


@pytest.mark.parametrize("kind", [io.BytesIO, ReadOnly])
def test_a_file_is_sealed_by_its_bytes_not_its_lines(kind: type[io.BytesIO | ReadOnly]) -> None:
    sink = io.BytesIO()
    assert seal(kind(NOISE), sink, KEY, NAME) == len(sink.getvalue()) == len(BLOB)
    assert opened(sink.getvalue()).read() == NOISE


def test_a_sink_that_takes_little_at_a_time_gets_everything() -> None:
    class Sipping:
        def __init__(self) -> None:
            self.taken = bytearray()

        def write(self, data: "ReadableBuffer", /) -> int:
            sip = memoryview(data)[:1000]
            self.taken += sip
            return len(sip)

    sink = Sipping()
    seal([NOISE[:5000]], sink, KEY, NAME)
    assert opened(bytes(sink.taken)).read() == NOISE[:5000]


def test_memory_stays_flat_however_long_the_audio() -> None:
    def long() -> Iterator[bytes]:
        for _ in range(64):
            yield NOISE[:SEGMENT_BYTES]

    class Nowhere:
        def write(self, data: "ReadableBuffer", /) -> int:
            return memoryview(data).nbytes

    tracemalloc.start()
    try:
        seal(long(), Nowhere(), KEY, NAME)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * SEGMENT_BYTES


def test_reading_holds_one_segment() -> None:
    room = bytearray(1 << 16)
    reader = opened(BLOB)
    tracemalloc.start()
    try:
        while reader.readinto(room):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * SEGMENT_BYTES
