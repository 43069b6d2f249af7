"""The contract: what holds wherever blobs lie. The S3 among them is a mock, and named so."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assent.errors import BadInput, StorageFailed
from assent.vault.blobs import Blobs, open_blobs
from assent.vault.bucket import Bucket
from assent.vault.folder import Folder

NOISE = os.urandom(7 << 20)  # more than one part of an upload


def whole(blobs: Blobs, name: str) -> bytes:
    blob = blobs.reader(name)
    try:
        return bytes(blob.read_at(0, blob.size))
    finally:
        blob.close()


def test_what_was_put_is_there(blobs: Blobs) -> None:
    assert blobs.put_stream("abc", [b"yes", b"", b" or ", b"no"]) == 9
    assert whole(blobs, "abc") == b"yes or no"
    assert blobs.exists("abc")


def test_a_long_blob_is_there_whole_and_by_ranges(blobs: Blobs) -> None:
    chunks = (NOISE[at : at + 100_000] for at in range(0, len(NOISE), 100_000))
    assert blobs.put_stream("long", chunks) == len(NOISE)
    blob = blobs.reader("long")
    assert blob.size == len(NOISE)
    for offset, length in [(0, 1), (5 << 20, 1 << 20), (len(NOISE) - 3, 3)]:
        assert bytes(blob.read_at(offset, length)) == NOISE[offset : offset + length]
    blob.close()
    blob.close()


def test_a_chunk_may_be_used_again_for_the_next(blobs: Blobs) -> None:
    room = bytearray(3)

    def chunks() -> Iterator[bytearray]:
        for word in (b"one", b"two"):
            room[:] = word
            yield room

    blobs.put_stream("abc", chunks())
    assert whole(blobs, "abc") == b"onetwo"


def test_a_put_under_a_taken_name_replaces_it_whole(blobs: Blobs) -> None:
    blobs.put_stream("abc", [b"a long first word"])
    blobs.put_stream("abc", [b"short"])
    assert whole(blobs, "abc") == b"short"


@pytest.mark.parametrize(
    "error", [RuntimeError("away"), FileNotFoundError("gone"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("size", [3, len(NOISE)])
def test_a_put_that_breaks_off_leaves_nothing_and_says_whose_fault(
    blobs: Blobs, error: BaseException, size: int
) -> None:
    def chunks() -> Iterator[bytes]:
        yield NOISE[:size]
        raise error

    with pytest.raises(type(error)) as caught:
        blobs.put_stream("abc", chunks())
    assert caught.value is error
    assert not blobs.exists("abc")
    assert list(blobs.names()) == []
    assert blobs.leftovers() == []


def test_a_put_that_breaks_off_leaves_the_blob_that_was_there(blobs: Blobs) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise RuntimeError("away")

    blobs.put_stream("abc", [b"old"])
    with pytest.raises(RuntimeError):
        blobs.put_stream("abc", chunks())
    assert whole(blobs, "abc") == b"old"


def test_what_was_deleted_is_gone_and_stays_so(blobs: Blobs) -> None:
    blobs.put_stream("abc", [b"yes"])
    blobs.delete("abc")
    blobs.delete("abc")
    assert not blobs.exists("abc")
    assert list(blobs.names()) == []


def test_a_missing_blob_is_said_to_be_missing(blobs: Blobs) -> None:
    assert not blobs.exists("abc")
    with pytest.raises(StorageFailed, match="cannot open the sealed audio: it is not there"):
        blobs.reader("abc")


def test_names_are_found_by_their_beginning(blobs: Blobs) -> None:
    for name in ("abc", "abd", "abde", "acc", "b00"):
        blobs.put_stream(name, [name.encode()])
    found = {prefix: sorted(blobs.names(prefix)) for prefix in ("", "a", "ab", "abd", "c", "abx")}
    assert found == {
        "": ["abc", "abd", "abde", "acc", "b00"],
        "a": ["abc", "abd", "abde", "acc"],
        "ab": ["abc", "abd", "abde"],
        "abd": ["abd", "abde"],
        "c": [],
        "abx": [],
    }


def test_a_listing_tells_size_and_age(blobs: Blobs) -> None:
    blobs.put_stream("abc", [b"yes"])
    (entry,) = blobs.entries()
    assert (entry.name, entry.size_bytes) == ("abc", 3)
    assert abs(datetime.now(UTC) - entry.modified_at) < timedelta(minutes=1)


def test_what_could_lie_elsewhere_is_refused(blobs: Blobs) -> None:
    for act in (blobs.reader, blobs.exists, blobs.delete, lambda name: blobs.put_stream(name, [])):
        with pytest.raises(BadInput, match="a blob's name is"):
            act("../elsewhere")


def test_sweeping_touches_no_blob(blobs: Blobs) -> None:
    blobs.put_stream("abc", [b"yes"])
    assert blobs.sweep(datetime.now(UTC) + timedelta(days=1)) == 0
    assert whole(blobs, "abc") == b"yes"


def test_an_address_chooses_the_place(tmp_path: Path) -> None:
    spaced = tmp_path / "a folder"
    for address in (tmp_path, str(tmp_path), spaced.as_uri()):
        assert isinstance(open_blobs(address), Folder)
    assert spaced.is_dir()
    assert isinstance(open_blobs("memory://"), Bucket)
    assert isinstance(open_blobs("gs://bucket/folder"), Bucket)
    assert isinstance(open_blobs("s3://bucket/folder"), Bucket)


def test_a_relative_folder_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blobs = open_blobs("here")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    blobs.put_stream("abc", [b"yes"])
    assert (tmp_path / "here" / "ab" / "abc").read_bytes() == b"yes"


@pytest.mark.parametrize("address", ["ftp://host/folder", "https://host/folder", "nonsense://"])
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="sealed audio can lie in a folder, s3://, gs:// or az://"):
        open_blobs(address)
