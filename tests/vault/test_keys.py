import os
import subprocess
import sys
import threading
from pathlib import Path
from stat import S_IMODE

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import KeyFailed, StorageFailed, Tampered
from assent.vault.keys import KeyWrapper, MasterKey, new_data_key

MASTER = MasterKey(secret=bytes(range(32)))
OTHER = MasterKey(secret=bytes(range(1, 33)))
# what an earlier build wrapped: an old catalogue must open under every later one
WRAPPED = bytes.fromhex(
    "010d2b05e6b1450936295bace18c58736b5d8685305f4aa46563ae7c7bffd995ef404f64182cf45d"
    "bb0d59fe2e5fde747362c5a46915f8ad4d75ea8ad6aa3f3f9ade110ad8"
)

keys = st.binary(min_size=32, max_size=32)
contexts = st.binary(max_size=64)
purposes = st.text(alphabet="abc é", max_size=9)


@given(secret=keys, data_key=keys, context=contexts)
def test_a_wrapped_key_comes_back(secret: bytes, data_key: bytes, context: bytes) -> None:
    wrapper: KeyWrapper = MasterKey(secret=secret)
    assert wrapper.unwrap(wrapper.wrap(data_key, context), context) == data_key


@given(data_key=keys, context=contexts, other=contexts)
def test_a_wrapped_key_opens_for_its_own_context_only(
    data_key: bytes, context: bytes, other: bytes
) -> None:
    wrapped = MASTER.wrap(data_key, context)
    if context != other:
        with pytest.raises(Tampered, match="changed or belongs to other audio"):
            MASTER.unwrap(wrapped, other)


@given(data_key=keys, context=contexts)
def test_a_wrong_master_key_is_told_apart_from_tampering(data_key: bytes, context: bytes) -> None:
    wrapped = MASTER.wrap(data_key, context)
    with pytest.raises(KeyFailed, match=f"sealed under master key {MASTER.key_id}") as caught:
        OTHER.unwrap(wrapped, context)
    assert caught.value.facts == {"wrapped_under": MASTER.key_id, "loaded": OTHER.key_id}


@given(data_key=keys, place=st.integers(min_value=0, max_value=68), bit=st.integers(0, 7))
def test_one_flipped_bit_of_a_wrapped_key_is_found(data_key: bytes, place: int, bit: int) -> None:
    wrapped = bytearray(MASTER.wrap(data_key, b"name"))
    wrapped[place] ^= 1 << bit
    with pytest.raises(KeyFailed if 1 <= place <= 8 else Tampered):
        MASTER.unwrap(bytes(wrapped), b"name")


@given(length=st.integers(min_value=0, max_value=68) | st.integers(min_value=70, max_value=99))
def test_a_wrapped_key_of_another_length_is_found(length: int) -> None:
    wrapped = (MASTER.wrap(new_data_key(), b"name") + bytes(40))[:length]
    with pytest.raises(Tampered, match="cut short or is of an unknown form"):
        MASTER.unwrap(wrapped, b"name")


def test_what_was_wrapped_long_ago_still_opens() -> None:
    assert MASTER.unwrap(WRAPPED, b"name") == bytes(range(32, 64))


def test_wrapping_twice_looks_different() -> None:
    assert MASTER.wrap(bytes(32), b"name") != MASTER.wrap(bytes(32), b"name")


@given(secret=keys, one=purposes, two=purposes)
def test_each_purpose_has_a_secret_of_its_own(secret: bytes, one: str, two: str) -> None:
    master = MasterKey(secret=secret)
    assert (master.derive(one) == master.derive(two)) == (one == two)
    assert len({master.derive(one), master.secret, bytes.fromhex(master.key_id)}) == 3


def test_a_derived_secret_stays_the_same_for_good() -> None:
    assert MASTER.derive("gate tokens").hex() == (
        "d7f9de1922dfacb8b09e8beb5bce81fc9e66be9479cffc4e4c74ef8302c2532c"
    )


def test_a_master_key_never_shows_itself() -> None:
    assert MASTER.secret.hex() not in f"{MASTER!r}{MASTER}"
    assert repr(MASTER.secret) not in repr(MASTER)


def test_data_keys_are_fresh() -> None:
    assert len({new_data_key() for _ in range(100)}) == 100
    assert len(new_data_key()) == 32


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(KeyFailed, match=f"a master key has 32 bytes, this one {length}"):
        MasterKey(secret=bytes(length))
    with pytest.raises(KeyFailed, match=f"a data key has 32 bytes, this one {length}"):
        MASTER.wrap(bytes(length), b"name")


def test_a_created_key_is_the_one_that_loads(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "master.key"
    assert MasterKey.create(path) == MasterKey.load(path)


def test_only_its_owner_can_read_a_created_key(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    before = os.umask(0)
    try:
        MasterKey.create(path)
    finally:
        os.umask(before)
    assert S_IMODE(path.stat().st_mode) == 0o600


def test_creating_never_replaces_a_key(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    first = MasterKey.create(path)
    with pytest.raises(KeyFailed, match=r"there is a master key at .* already: use it"):
        MasterKey.create(path)
    assert MasterKey.load(path) == first
    assert [file.name for file in tmp_path.iterdir()] == ["master.key"]


def test_of_many_who_create_at_once_one_does(tmp_path: Path) -> None:
    path, made = tmp_path / "master.key", list[MasterKey]()

    def create() -> None:
        try:
            made.append(MasterKey.create(path))
        except KeyFailed:
            made.append(MasterKey.load(path))  # what is there is whole already

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [MasterKey.load(path)] * 8


def test_a_key_is_synced_before_it_has_its_name_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "master.key", list[tuple[bool, bool]]()
    fsync = os.fsync

    def watched(handle: int) -> None:
        seen.append((Path(f"/proc/self/fd/{handle}").resolve().is_dir(), path.exists()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", watched)
    MasterKey.create(path)
    # the folder's own name, the key, the key's name
    assert seen == [(True, False), (False, False), (True, True)]


def test_a_missing_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyFailed, match=r"there is no master key at .*: put your copy of it there"):
        MasterKey.load(tmp_path / "master.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644, 0o777])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    MasterKey.create(path)
    path.chmod(mode)
    with pytest.raises(KeyFailed, match=r"others can read the master key at .*: run chmod 600"):
        MasterKey.load(path)


def written(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8"))
    path.chmod(0o600)
    return path


FILE = f"assent master key 1\nid {MASTER.key_id}\nkey {MASTER.secret.hex()}\n"


@pytest.mark.parametrize("text", [FILE, FILE.replace("\n", "\r\n"), FILE.strip(), FILE + "\n\n"])
def test_a_key_typed_in_again_loads(tmp_path: Path, text: str) -> None:
    assert MasterKey.load(written(tmp_path / "key", text)) == MASTER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "assent master key 1\n",
        FILE[:-2],
        FILE + "0",
        FILE.replace("key 1", "key 2"),
        FILE.replace("id ", "id: "),
        FILE.replace("key 0", "key é"),
        MASTER.secret.hex(),
        FILE + " " * 5000 + "more",
    ],
)
def test_what_is_not_a_whole_key_file_is_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "key", text)
    with pytest.raises(KeyFailed, match="is not a whole master key file: put your copy of it back"):
        MasterKey.load(path)


@given(place=st.integers(min_value=0, max_value=63), digit=st.sampled_from("0123456789abcdef"))
def test_one_wrong_letter_in_a_key_is_found(
    tmp_path_factory: pytest.TempPathFactory, place: int, digit: str
) -> None:
    at = FILE.index("\nkey ") + 5 + place
    text = FILE[:at] + digit + FILE[at + 1 :]
    path = written(tmp_path_factory.getbasetemp() / "typed", text)
    if text == FILE:
        assert MasterKey.load(path) == MASTER
    else:
        with pytest.raises(KeyFailed, match="has a letter wrong: put your copy of it back"):
            MasterKey.load(path)


def test_a_folder_in_the_keys_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFailed, match="cannot be read: is a directory"):
        MasterKey.load(tmp_path)


def test_a_file_in_the_folders_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageFailed, match="cannot store the master key: a file is in the way"):
        MasterKey.create(tmp_path / "file" / "master.key")


def test_a_key_that_does_not_fit_leaves_nothing_behind(tmp_path: Path) -> None:
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from assent.errors import StorageFailed; from assent.vault.keys import MasterKey\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40))\n"
        "try: MasterKey.create(Path(sys.argv[1]))\n"
        "except StorageFailed as error: sys.stdout.write(error.text)\n"
    )
    path = tmp_path / "master.key"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "cannot store the master key: the file would be larger than this system allows"
    )
    assert list(tmp_path.iterdir()) == []
