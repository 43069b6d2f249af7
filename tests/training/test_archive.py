"""The archive: what is written is read, equal files give equal bytes, anything else is refused."""

import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assent.errors import BadProof
from assent.training import archive as archives
from assent.training.archive import Archive, write_archive

NAMES = st.lists(
    st.from_regex(r"[a-z0-9]{1,6}(\.[a-z]{1,5})?", fullmatch=True), min_size=1, max_size=3
).map("/".join)
FILES = st.dictionaries(NAMES, st.binary(max_size=400), max_size=5)


def written(files: dict[str, bytes]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.zip")
        write_archive(path, files)
        return path.read_bytes()


def read(data: bytes) -> dict[str, bytes]:
    archive = Archive(io.BytesIO(data))
    return {name: archive.read(name, 1 << 20) for name in archive.members}


SAMPLE = {"a.txt": b"hello hello hello hello", "b/c.txt": b"", "d": bytes(range(256)) * 9}
WHOLE = written(SAMPLE)


def zipped(
    *names: str,
    method: int = zipfile.ZIP_DEFLATED,
    content: bytes = b"hello",
    comment: bytes = b"",
    extra: bytes = b"",
) -> bytes:
    """Return what another program might write."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.compress_type, info.comment, info.extra = method, comment, extra
            made.writestr(info, content)
    return out.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(BadProof) as raised:
        read(data)
    return str(raised.value.facts["reason"])


def central(data: bytes) -> int:
    return data.index(b"PK\1\2")


def patched(data: bytes, at: int, form: str, value: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into(form, changed, at, value)
    return bytes(changed)


ONE = zipped("a", content=b"hello" * 100)


@given(FILES)
def test_what_is_written_is_read_and_equal_files_give_equal_bytes(files: dict[str, bytes]) -> None:
    data = written(files)
    assert data == written(dict(reversed(files.items())))
    assert read(data) == files


@given(FILES)
def test_other_readers_find_the_same(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(written(files))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(files)
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_files_are_taken_from_the_disk_too(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"x" * 200_000)
    write_archive(tmp_path / "a.zip", {"x": tmp_path / "source"})
    with (tmp_path / "a.zip").open("rb") as file:
        assert b"".join(Archive(file).chunks("x")) == b"x" * 200_000
    assert (tmp_path / "a.zip").read_bytes() == written({"x": b"x" * 200_000})


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_archive(tmp_path / "a.zip", {})
    assert (tmp_path / "a.zip").read_bytes() == b"mine"


@settings(deadline=None)
@given(st.binary(max_size=600))
@example(b"")
@example(WHOLE[-22:])
def test_whatever_the_bytes_are_nothing_but_a_refusal_comes_of_them(data: bytes) -> None:
    for hostile in (data, data + WHOLE[-22:], WHOLE + data, data + WHOLE):
        with suppress(BadProof):
            assert read(hostile) in ({}, SAMPLE)


@settings(deadline=None, max_examples=400)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_no_file(place: int, flip: int) -> None:
    data = bytearray(WHOLE)
    data[place] ^= flip
    with suppress(BadProof):
        assert read(bytes(data)) == SAMPLE


def test_a_shorter_file_is_refused() -> None:
    assert {refusal(WHOLE[:size]) for size in range(len(WHOLE))} == {"malformed"}


@pytest.mark.parametrize("around", [(b"x", b""), (b"", b"x"), (WHOLE, b""), (b"", b"\0" * 22)])
def test_nothing_may_stand_before_or_behind(around: tuple[bytes, bytes]) -> None:
    assert refusal(around[0] + WHOLE + around[1]) == "malformed"


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../up",
        "a/../../up",
        "a/./b",
        "a//b",
        "a/",
        "C:up",
        "a\\b",
        "a\nb",
        "\u00e9",
        "x" * 256,
        "..",
        ".",
    ],
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    assert refusal(zipped(name)) == "malformed"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused() -> None:
    assert refusal(zipped("a", "a")) == "malformed"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(method: int) -> None:
    assert refusal(zipped("a", method=method)) == "malformed"


def test_a_file_that_is_not_packed_is_read() -> None:
    assert read(zipped("a", method=zipfile.ZIP_STORED)) == {"a": b"hello"}


def test_comments_and_extras_are_refused() -> None:
    assert refusal(zipped("a", comment=b"x")) == "malformed"
    assert refusal(zipped("a", extra=b"\1\0\0\0")) == "malformed"


@pytest.mark.parametrize("flags", [1, 8, 0x20, 0x40, 0x2000])
def test_encryption_and_other_strange_ways_are_refused(flags: int) -> None:
    data = patched(ONE, 6, "<H", flags)
    assert refusal(patched(data, central(data) + 8, "<H", flags)) == "malformed"


def test_a_comment_on_the_whole_is_refused() -> None:
    out = io.BytesIO(zipped("a"))
    with zipfile.ZipFile(out, "a") as made:
        made.comment = b"a comment"
    assert refusal(out.getvalue()) == "malformed"


@pytest.mark.parametrize(
    ("offset", "form"),
    [*((at, "<I") for at in (16, 20, 24, 42)), *((at, "<H") for at in (28, 30, 32, 34))],
)
@pytest.mark.parametrize("value", [0, 1, 7, 0xFFFE, 0xFFFF])
def test_numbers_that_lie_are_refused(offset: int, form: str, value: int) -> None:
    at = central(ONE) + offset
    if struct.unpack_from(form, ONE, at)[0] == value:
        return
    assert refusal(patched(ONE, at, form, value)) == "malformed"


@pytest.mark.parametrize("value", [0xFFFFFFFE, 0xFFFFFFFF])
@pytest.mark.parametrize("offset", [20, 24, 42])
def test_sizes_that_cannot_be_are_refused_before_anything_is_unpacked(
    offset: int, value: int
) -> None:
    assert refusal(patched(ONE, central(ONE) + offset, "<I", value)) == "malformed"


def two_sizes(content: bytes, said: int) -> bytes:
    """Return an archive that declares another size than its file unpacks to, in both places."""
    data = zipped("a", content=content)
    data = patched(data, 22, "<I", said)
    return patched(data, central(data) + 24, "<I", said)


@pytest.mark.parametrize("said", [0, 1, 499, 501, 600])
def test_a_file_that_unpacks_to_another_size_is_refused(said: int) -> None:
    assert refusal(two_sizes(b"hello" * 100, said)) == "malformed"


def test_a_bomb_is_stopped_where_its_declared_size_ends() -> None:
    bomb = two_sizes(b"\0" * (1 << 26), 10)
    chunks, got = Archive(io.BytesIO(bomb)).chunks("a"), 0
    with suppress(BadProof):
        while True:
            got += len(next(chunks))
    assert got <= 10


def test_files_that_come_to_more_than_any_evidence_are_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archives, "_MOST_BYTES", 2000)
    assert refusal(zipped("a", "b", content=b"\0" * 1001)) == "too-large"
    assert refusal(b"x" * 2001) == "too-large"
    monkeypatch.undo()
    with pytest.raises(BadProof, match="larger than any file of its kind"):
        Archive(io.BytesIO(ONE)).read("a", 499)


def end_64(count: int, size: int, start: int, at: int) -> bytes:
    """Return the records that end a large archive, which stand at a place."""
    record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<IIQI", 0x07064B50, 0, at, 1)
    most = (min(count, 0xFFFF), min(size, 0xFFFFFFFF), min(start, 0xFFFFFFFF))
    return record + locator + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, most[0], *most, 0)


def test_a_million_files_are_refused_before_they_are_listed() -> None:
    count = 1_000_000
    size = 46 * count
    assert refusal(bytes(size) + end_64(count, size, 0, size)) == "too-large"
    assert refusal(end_64(count, size, 0, 0)) == "malformed"  # it would begin before the file


def test_a_directory_that_lists_fewer_files_than_it_says_is_refused() -> None:
    data = zipped("a" * 60)
    start = central(data)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 2, 2, len(data) - 22 - start, start, 0)
    assert refusal(data[:-22] + end) == "malformed"


def test_a_gap_before_the_directory_is_refused() -> None:
    data = zipped("a")
    start = central(data)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(data) - 22 - start, start + 3, 0)
    assert refusal(data[:start] + b"gap" + data[start:-22] + end) == "malformed"


def test_so_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    assert refusal(zipped("a", "b", "c")) == "too-large"
    assert set(read(zipped("a", "b"))) == {"a", "b"}
    monkeypatch.setattr(archives, "_MOST_DIRECTORY_BYTES", 10)
    assert refusal(zipped("a")) == "too-large"


def test_more_files_than_a_small_zip_can_have_are_read() -> None:
    names = [f"{number}" for number in range(66_000)]
    data = written(dict.fromkeys(names, b""))
    assert sorted(Archive(io.BytesIO(data)).members) == sorted(names)
    assert data[-98:-94] == b"PK\6\6"
    for at in (-98 + 4, -98 + 16, -98 + 24, -98 + 32, -98 + 40, -98 + 48, -42, -38, -34, -26, -14):
        assert refusal(patched(data, len(data) + at, "<B", data[at] ^ 5)) == "malformed"


def test_large_sizes_are_read_where_zip64_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    files = {name: name.encode() * 40 for name in ("a", "b", "c")}
    data = written(files)
    monkeypatch.undo()
    assert b"\xff\xff\xff\xff" in data
    assert read(data) == files
    at = central(data)
    name_size, extra_size = struct.unpack_from("<HH", data, at + 28)
    extra = at + 46 + name_size
    for place in range(extra, extra + extra_size):
        assert refusal(patched(data, place, "<B", data[place] ^ 1)) == "malformed"


def overlapping() -> Iterator[bytes]:
    """Yield archives two of whose files lie over one another, or that have gaps."""
    data = zipped("a", "b", content=b"hello" * 9)
    first = central(data)
    second = data.index(b"PK\1\2", first + 4)
    yield patched(data, second + 42, "<I", 0)
    yield patched(data, first + 42, "<I", struct.unpack_from("<I", data, second + 42)[0])
    yield patched(data, second + 42, "<I", first)
    yield patched(data, second + 42, "<I", 1)


@pytest.mark.parametrize("data", list(overlapping()))
def test_files_that_lie_over_one_another_are_refused(data: bytes) -> None:
    assert refusal(data) == "malformed"


@pytest.mark.parametrize(
    "body", [b"", zlib.compress(b"hello")[2:-4] + b"\0", zlib.compress(b"hello")[2:-5], b"\xff" * 7]
)
def test_what_is_no_deflated_data_is_refused(body: bytes) -> None:
    head = struct.pack(
        "<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 33, zlib.crc32(b"hello"), len(body), 5, 1, 0
    )
    listed = struct.pack(
        "<IHHHHHHIIIHHHHHII",
        *(0x02014B50, 788, 20, 0, 8, 0, 33, zlib.crc32(b"hello"), len(body), 5, 1, 0, 0, 0, 0),
        *(0, 0),
    )
    directory = listed + b"a"
    start = len(head) + 1 + len(body)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(directory), start, 0)
    assert refusal(head + b"a" + body + directory + end) == "malformed"


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=8))
def test_lines_are_given_one_by_one(lines: list[bytes]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    archive = Archive(io.BytesIO(written({"x": data})))
    assert list(archive.lines("x", 30)) == lines


def test_long_lines_come_in_pieces_and_are_put_together() -> None:
    line = bytes(range(11, 256)) * 2000
    archive = Archive(io.BytesIO(written({"x": line + b"\n" + line + b"\n"})))
    assert list(archive.lines("x", len(line))) == [line, line]
    with pytest.raises(BadProof, match="a line longer") as raised:
        list(archive.lines("x", 1000))
    assert raised.value.facts["reason"] == "too-large"


def test_a_last_line_without_an_end_is_refused() -> None:
    archive = Archive(io.BytesIO(written({"x": b"one\ntwo"})))
    with pytest.raises(BadProof, match="does not end"):
        list(archive.lines("x", 10))


def test_a_file_that_is_not_there_is_missing() -> None:
    with pytest.raises(BadProof, match="b is missing"):
        Archive(io.BytesIO(ONE)).read("b", 10)
