import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assent.errors import StorageFailed
from assent.vault.folder import Folder

LATER = datetime.now(UTC) + timedelta(days=1)


def whole(blobs: Folder, name: str) -> bytes:
    with closing(blobs.reader(name)) as blob:
        return blob.read_at(0, blob.size)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB, where this machine lets us mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk takes root and leave to mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_and_leaves_nothing_behind(small_disk: Path) -> None:
    blobs = Folder(small_disk)
    blobs.put_stream("abc", [b"kept"])
    with pytest.raises(StorageFailed, match=r"^cannot store the sealed audio: the disk is full$"):
        blobs.put_stream("abd", [bytes(100_000)] * 9)
    assert list(blobs.names()) == ["abc"]
    assert blobs.leftovers() == []
    blobs.put_stream("abe", [bytes(100_000)])  # and its room is free again
    assert list(blobs.names()) == ["abc", "abe"]


def test_a_read_only_disk_is_said_and_still_read(small_disk: Path) -> None:
    blobs = Folder(small_disk)
    blobs.put_stream("abc", [b"kept"])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    blobs = Folder(small_disk)
    with pytest.raises(StorageFailed, match=r"^cannot store the .*: the disk is read-only$"):
        blobs.put_stream("abd", [b"no"])
    with pytest.raises(StorageFailed, match=r"^cannot delete the .*: the disk is read-only$"):
        blobs.delete("abc")
    with pytest.raises(
        StorageFailed, match=r"^cannot make the folder for .*: the disk is read-only"
    ):
        Folder(small_disk / "more")
    assert whole(blobs, "abc") == b"kept"
    assert list(blobs.names()) == ["abc"]


def test_a_limit_on_file_sizes_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from assent.errors import StorageFailed; from assent.vault.folder import Folder\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try: Folder(Path(sys.argv[1])).put_stream('abc', [bytes(30_000)] * 2)\n"
        "except StorageFailed as error: sys.stdout.write(error.text)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "cannot store the sealed audio: the file would be larger than this system allows"
    )
    assert (list(Folder(tmp_path).names()), Folder(tmp_path).leftovers()) == ([], [])


WRITER = """
import sys
from pathlib import Path
from assent.vault.folder import Folder
blobs, number = Folder(Path(sys.argv[1])), 0
while True:
    name = f"{number % 7:02x}{number:08x}"
    blobs.put_stream(name, (bytes([number % 251]) * 50_000 for _ in range(8)))
    print(name, flush=True)
    number += 1
"""


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_every_acknowledged_blob_is_whole(tmp_path: Path, seed: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip()]  # it is under way
        time.sleep(random.Random(seed).uniform(0, 0.1))
        process.kill()
        said += [line.strip() for line in process.stdout if line.endswith("\n")]
    blobs = Folder(tmp_path)
    found = list(blobs.entries())
    assert set(said) <= {entry.name for entry in found}
    for entry in found:  # one more may be there, not yet acknowledged, and whole like the rest
        assert whole(blobs, entry.name) == bytes([int(entry.name[2:], 16) % 251]) * 400_000
    assert len(found) - len(said) in {0, 1}
    assert blobs.sweep(LATER) in {0, 1}  # the one under way
    assert blobs.leftovers() == []


def test_bytes_are_synced_before_the_name_and_the_name_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = Folder(tmp_path)
    path, story = tmp_path / "ab" / "abc", list[tuple[str, bool]]()
    fsync = os.fsync

    def watched(handle: int) -> None:
        synced = Path(f"/proc/self/fd/{handle}").resolve()
        kind = "bytes" if synced.is_file() else os.path.relpath(synced, tmp_path)
        story.append((kind, path.exists()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    blobs.put_stream("abc", [b"yes"])
    assert story[-2:] == [("bytes", False), ("ab", True)]
    assert (".", False) in story  # the new folder's own name
    story.clear()
    blobs.put_stream("abd", [b"yes"])
    assert story == [("bytes", True), ("ab", True)]
    story.clear()
    blobs.delete("abc")
    assert story == [("ab", False)]


def test_a_folder_that_another_process_made_is_synced_before_it_is_relied_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs, synced = Folder(tmp_path), list[Path]()
    (tmp_path / "ab").mkdir()
    for room in ("assent.disk", "assent.vault.folder"):
        monkeypatch.setattr(f"{room}.sync_folder", synced.append)
    blobs.put_stream("abc", [b"yes"])
    blobs.put_stream("abd", [b"yes"])
    assert synced[-3:] == [tmp_path, tmp_path / "ab", tmp_path / "ab"]


def test_a_blob_whose_last_sync_fails_is_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = Folder(tmp_path)
    blobs.put_stream("abc", [b"yes"])

    def failing(folder: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("assent.vault.folder.sync_folder", failing)
    with pytest.raises(StorageFailed, match="cannot store the sealed audio: the disk failed"):
        blobs.put_stream("abd", [b"stored all the same"])
    assert list(blobs.names()) == ["abc", "abd"]
    assert blobs.leftovers() == []


def test_leftovers_are_listed_and_swept_by_age(tmp_path: Path) -> None:
    blobs = Folder(tmp_path)
    blobs.put_stream("abc", [b"yes"])
    for name, age_s in (("abd.0", 7200), ("abe.1", 60)):
        file = tmp_path / ".incoming" / name
        file.write_bytes(b"half")
        os.utime(file, (time.time() - age_s, time.time() - age_s))
    assert [(entry.name, entry.size_bytes) for entry in blobs.leftovers()] == [
        ("abd.0", 4),
        ("abe.1", 4),
    ]
    assert blobs.sweep(datetime.now(UTC) - timedelta(hours=1)) == 1
    assert [entry.name for entry in blobs.leftovers()] == ["abe.1"]
    assert list(blobs.names()) == ["abc"]


def test_a_put_under_way_is_a_leftover_and_not_a_blob(tmp_path: Path) -> None:
    blobs = Folder(tmp_path)

    def chunks() -> Iterator[bytes]:
        yield b"yes"
        assert not blobs.exists("abc")
        assert list(blobs.names()) == []
        assert [entry.size_bytes for entry in blobs.leftovers()] == [3]

    blobs.put_stream("abc", chunks())
    assert blobs.exists("abc")
    assert blobs.leftovers() == []


def test_a_blob_deleted_meanwhile_is_read_to_its_end(tmp_path: Path) -> None:
    blobs = Folder(tmp_path)
    blobs.put_stream("abc", [b"yes or no"])
    blob = blobs.reader("abc")
    blobs.delete("abc")
    assert blob.read_at(4, 5) == b"or no"
    blob.close()
    with pytest.raises(ValueError, match="closed"):
        blob.read_at(0, 1)


def test_what_else_lies_in_the_folder_is_no_blob(tmp_path: Path) -> None:
    blobs = Folder(tmp_path)
    blobs.put_stream("abc", [b"yes"])
    (tmp_path / "notes.txt").touch()
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "ab" / "NOTES").touch()
    (tmp_path / "ab" / "other").touch()
    assert list(blobs.names()) == ["abc"]


def test_a_blob_deleted_while_listing_is_left_out(tmp_path: Path) -> None:
    blobs = Folder(tmp_path)
    for name in ("abc", "abd", "abe"):
        blobs.put_stream(name, [b"yes"])
    listing = blobs.names()
    assert next(listing) == "abc"
    blobs.delete("abd")
    assert list(listing) == ["abe"]


def test_names_come_in_order(tmp_path: Path) -> None:
    blobs = Folder(tmp_path)
    names = [f"{number * 37 % 256:02x}{number:04x}" for number in range(64)]
    for name in names:
        blobs.put_stream(name, [])
    assert list(blobs.names()) == sorted(names)


def test_many_threads_may_put_at_once(tmp_path: Path) -> None:
    blobs = Folder(tmp_path / "new")

    def put(number: int) -> None:
        for step in range(5):
            blobs.put_stream(f"ab{number}{step}", [bytes([number]) * 999])

    threads = [threading.Thread(target=put, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(blobs.names("ab"))) == 30


def test_a_file_in_the_folders_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "folder"):
        with pytest.raises(StorageFailed, match=r"cannot make the folder .*: a file is in the way"):
            Folder(place)


def test_too_many_open_files_is_said(tmp_path: Path) -> None:
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from assent.errors import StorageFailed; from assent.vault.folder import Folder\n"
        "blobs = Folder(Path(sys.argv[1])); blobs.put_stream('abc', [b'yes'])\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))\n"
        "held = []\n"
        "try:\n"
        "    while True: held.append(blobs.reader('abc'))\n"
        "except StorageFailed as error: sys.stdout.write(error.text)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "cannot open the sealed audio: too many files are open"
