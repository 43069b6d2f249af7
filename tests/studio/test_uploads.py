"""Files on their way: nothing that arrived is lost, and nobody reaches what is another's."""

import hashlib
import stat
import tracemalloc
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assent.acts.accounts import find_account
from assent.acts.house import House
from assent.acts.logs import Logs
from assent.errors import BadInput, Busy, StorageFailed, Unknown
from assent.settings import Settings
from assent.studio import uploads
from assent.studio.uploads import TooLarge, TooMany, Upload
from assent.studio.uploads_file import WrongOffset, folder_of, path_of, receiving
from assent.studio.uploads_part import ChecksumMismatch, Overflow
from assent.training.forget import forget
from tests.houses import Clock, add, platform

ME, OTHER = "a101", "a102"


class Lost(Exception):
    """The connection is lost."""


def begun(house: House, size: int, name: str = "tide.wav") -> Upload:
    return uploads.begin(house, ME, name, size)


def send(house: House, one: Upload, offset: int, data: bytes, checksum: str = "") -> None:
    with receiving(path_of(house, one.id), one.size_bytes, offset, checksum) as part:
        part.write(data)


def sha256(data: bytes) -> str:
    return f"sha256 {b64encode(hashlib.sha256(data).digest()).decode()}"


def test_a_file_arrives_in_parts(house: House) -> None:
    one = begun(house, 10)
    assert (one.arrived_bytes, one.is_whole) == (0, False)
    send(house, one, 0, b"0123")
    send(house, one, 4, b"456789")
    again = uploads.found(house, ME, one.id)
    assert (again.arrived_bytes, again.is_whole) == (10, True)
    assert path_of(house, one.id).read_bytes() == b"0123456789"


def test_what_lies_there_is_for_the_platform_alone(house: House) -> None:
    one = begun(house, 10)
    assert stat.S_IMODE(path_of(house, one.id).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder_of(house).stat().st_mode) == 0o700


def test_a_part_that_begins_elsewhere_is_refused_and_says_where(house: House) -> None:
    one = begun(house, 10)
    send(house, one, 0, b"0123")
    for offset in (0, 3, 5, 11, -1):
        with pytest.raises(WrongOffset) as refused:
            send(house, one, offset, b"x")
        assert refused.value.facts["offset"] == 4
    assert path_of(house, one.id).read_bytes() == b"0123"


def test_more_than_was_announced_is_not_kept(house: House) -> None:
    one = begun(house, 4)
    with pytest.raises(Overflow):
        send(house, one, 0, b"0123456")
    assert path_of(house, one.id).read_bytes() == b"0123"


def test_a_part_that_was_changed_on_its_way_does_not_count(house: House) -> None:
    one = begun(house, 8)
    send(house, one, 0, b"0123", sha256(b"0123"))
    with pytest.raises(ChecksumMismatch):
        send(house, one, 4, b"4567", sha256(b"other"))
    assert uploads.found(house, ME, one.id).arrived_bytes == 4
    sha1 = b64encode(hashlib.sha1(b"4567", usedforsecurity=False).digest()).decode()
    send(house, one, 4, b"4567", f"sha1 {sha1}")
    assert uploads.found(house, ME, one.id).is_whole


@pytest.mark.parametrize("checksum", ["md5 AAAA", "sha256 not base64!", "sha256", ""])
def test_a_checksum_that_nobody_can_compare_is_refused(house: House, checksum: str) -> None:
    one = begun(house, 8)
    if checksum:
        with pytest.raises(BadInput):
            send(house, one, 0, b"0123", checksum)
    assert uploads.found(house, ME, one.id).arrived_bytes == 0


def test_a_part_that_was_never_compared_is_dropped_with_the_process_that_took_it(
    house: House,
) -> None:
    one = begun(house, 8)
    path = path_of(house, one.id)
    send(house, one, 0, b"0123", sha256(b"0123"))
    # as a process leaves it that dies while a part with a checksum arrives
    path.with_name(f"{path.name}.compared").write_text("4")
    with path.open("ab") as file:
        file.write(b"45")
    assert uploads.found(house, ME, one.id).arrived_bytes == 4
    send(house, one, 4, b"4567")
    assert path.read_bytes() == b"01234567"


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(min_size=1, max_size=200),
    st.lists(st.tuples(st.integers(1, 60), st.booleans(), st.booleans()), max_size=30),
)
def test_however_it_is_cut_and_interrupted_the_file_is_the_file(
    house: House, data: bytes, parts: list[tuple[int, bool, bool]]
) -> None:
    one, arrived = begun(house, len(data)), b""
    for size, is_lost, is_compared in [*parts, (len(data), False, True), (1, False, False)]:
        offset = uploads.found(house, ME, one.id).arrived_bytes
        piece = data[offset : offset + size]
        checksum = sha256(piece) if is_compared else ""
        with (
            suppress(Lost),
            receiving(path_of(house, one.id), one.size_bytes, offset, checksum) as part,
        ):
            part.write(piece[: size // 2])
            if is_lost:
                raise Lost
            part.write(piece[size // 2 :])
        arrived = path_of(house, one.id).read_bytes()
        assert data.startswith(arrived)
        assert len(arrived) == uploads.found(house, ME, one.id).arrived_bytes
    send(house, one, len(arrived), data[len(arrived) :])
    assert path_of(house, one.id).read_bytes() == data
    uploads.drop(house, one)


def test_a_large_part_needs_no_more_memory_than_a_small_one(house: House) -> None:
    piece = bytes(1 << 20)
    one = begun(house, 64 << 20)
    tracemalloc.start()
    try:
        with receiving(path_of(house, one.id), one.size_bytes, 0, "") as part:
            for _ in range(64):
                part.write(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert uploads.found(house, ME, one.id).is_whole
    assert peak < 1 << 20


def test_two_parts_at_once_are_one_too_many(house: House) -> None:
    one = begun(house, 8)
    with receiving(path_of(house, one.id), 8, 0) as part:
        part.write(b"01")
        with pytest.raises(Busy):
            send(house, one, 2, b"23")
        with pytest.raises(Busy):
            uploads.drop(house, one)
    send(house, one, 2, b"23")


def test_nobody_finds_the_upload_of_somebody_else(house: House) -> None:
    one = begun(house, 8)
    for account, name in ((OTHER, one.id), (ME, "0" * 32), (ME, "../master.key"), (ME, "")):
        with pytest.raises(Unknown):
            uploads.found(house, account, name)
    assert uploads.under_way(house, OTHER) == []
    assert [it.id for it in uploads.under_way(house, ME)] == [one.id]


def test_what_is_too_large_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    small = Settings(data=tmp_path, largest_upload_mb=1)
    with platform(tmp_path / "other") as house:
        house.settings = small
        with pytest.raises(TooLarge, match="1 MB"):
            begun(house, (1 << 20) + 1)
        for _ in range(4):
            begun(house, 1 << 20)
        with pytest.raises(TooMany):
            begun(house, 1)
        assert len(list(folder_of(house).iterdir())) == 4


def test_a_disk_that_is_full_says_so_and_keeps_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("assent.studio.uploads_file.shutil.disk_usage", lambda _: full)
    with pytest.raises(StorageFailed, match="no room"):
        begun(house, 10)
    assert uploads.under_way(house, ME) == []


def test_a_dropped_upload_is_gone(house: House) -> None:
    one = begun(house, 8)
    send(house, one, 0, b"0123")
    uploads.drop(house, one)
    assert list(folder_of(house).iterdir()) == []
    with pytest.raises(Unknown):
        uploads.found(house, ME, one.id)
    with pytest.raises(Unknown):
        uploads.drop(house, one)


def test_after_a_day_it_is_swept_and_before_it_is_not(house: House, clock: Clock) -> None:
    old = begun(house, 8)
    clock.turn(hours=23)
    new = begun(house, 8)
    assert uploads.sweep(house) == 0
    clock.turn(hours=1)
    with pytest.raises(Unknown):
        uploads.found(house, ME, old.id)
    assert [it.id for it in uploads.under_way(house, ME)] == [new.id]
    assert uploads.sweep(house) == 1
    assert [it.name for it in folder_of(house).iterdir()] == [new.id]


def test_a_file_that_no_upload_has_is_swept_and_no_other(house: House) -> None:
    one = begun(house, 8)
    kept = path_of(house, one.id).with_name(f"{one.id}.said")
    kept.write_text("{}")
    for name in ("0" * 32, f"{'0' * 32}.said", f".{'0' * 32}.said.ab12"):
        (folder_of(house) / name).write_bytes(b"left by somebody who died")
    assert uploads.sweep(house) == 0
    assert {it.name for it in folder_of(house).iterdir()} == {one.id, kept.name}


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\music\\tide.wav", "tide.wav"),
        ("מים.wav", "מים.wav"),
        ("潮👩‍👧.flac", "潮👩‍👧.flac"),
        ("a\0b\n.wav", "a\ufffdb\ufffd.wav"),
        ("", "a file"),
        ("x" * 300 + ".wav", "x" * 251 + ".wav"),
    ],
)
def test_a_file_is_called_what_it_was_called(house: House, given_name: str, kept: str) -> None:
    assert begun(house, 1, given_name).name == kept


def test_the_files_of_somebody_who_leaves_go_with_them(house: House, tmp_path: Path) -> None:
    add(house, tmp_path, "Wren")
    with house.reading() as connection:
        wren = find_account(connection, "Wren").id
    one, other = uploads.begin(house, wren, "x.wav", 8), begun(house, 8)
    send(house, one, 0, b"0123")
    forget(house, Logs(house), "Wren", "Wren")
    assert [it.name for it in folder_of(house).iterdir()] == [other.id]
