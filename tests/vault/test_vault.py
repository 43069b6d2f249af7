import io
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent.errors import BadInput, KeyFailed, StorageFailed, Tampered
from assent.vault.blobs import Blobs
from assent.vault.bucket import Bucket
from assent.vault.folder import Folder
from assent.vault.keys import MasterKey
from assent.vault.seal import SEGMENT_BYTES, sealed_size
from assent.vault.vault import StoredAudio, Vault, new_blob_name

MASTER = MasterKey(secret=bytes(range(32)))
NOISE = os.urandom(2 * SEGMENT_BYTES + 99)
NAME = "00112233445566778899aabbccddeeff"


@pytest.fixture
def vault(blobs: Blobs) -> Vault:
    return Vault(blobs, MASTER)


@settings(max_examples=40, deadline=None)
@given(chunks=st.lists(st.binary(max_size=99), max_size=9))
def test_what_was_stored_comes_back_and_is_described(chunks: list[bytes]) -> None:
    vault, plain, name = Vault(Bucket.in_memory(), MASTER), b"".join(chunks), new_blob_name()
    stored = vault.store(name, chunks)
    assert stored == StoredAudio(
        name=name,
        wrapped_key=stored.wrapped_key,
        size_bytes=len(plain),
        sealed_bytes=sealed_size(len(plain)),
        sha256=sha256(plain).digest(),
    )
    with vault.open(name, stored.wrapped_key) as stream:
        assert stream.read() == plain


def test_a_file_comes_back_wherever_it_is_kept(vault: Vault) -> None:
    stored = vault.store(NAME, io.BytesIO(NOISE))
    assert (stored.size_bytes, stored.sha256) == (len(NOISE), sha256(NOISE).digest())
    with io.BufferedReader(vault.open(NAME, stored.wrapped_key)) as stream:
        assert stream.read() == NOISE
        stream.seek(SEGMENT_BYTES)
        assert stream.read(5) == NOISE[SEGMENT_BYTES : SEGMENT_BYTES + 5]


def test_at_rest_nothing_of_the_audio_shows(tmp_path: Path) -> None:
    vault = Vault(Folder(tmp_path), MASTER)
    stored = vault.store(NAME, [b"nothing trains without a yes"])
    (blob,) = (file.read_bytes() for file in tmp_path.rglob(NAME))
    data_key = MASTER.unwrap(stored.wrapped_key, NAME.encode())
    assert len(blob) == stored.sealed_bytes
    for secret in (b"nothing", b"trains", data_key):
        assert secret not in blob
    assert data_key not in stored.wrapped_key


def test_each_recording_has_a_key_of_its_own(vault: Vault) -> None:
    keys = set()
    for name in (new_blob_name(), new_blob_name()):
        stored = vault.store(name, [b"yes"])
        keys.add(MASTER.unwrap(stored.wrapped_key, name.encode()))
    assert len(keys) == 2


def test_a_key_opens_no_other_recording(vault: Vault) -> None:
    one, two = vault.store(new_blob_name(), [b"one"]), vault.store(new_blob_name(), [b"two"])
    with pytest.raises(Tampered, match="wrapped key of this audio was changed or belongs to other"):
        vault.open(one.name, two.wrapped_key)


def test_a_blob_put_in_anothers_place_does_not_open(vault: Vault) -> None:
    one, two = vault.store(new_blob_name(), [b"one"]), vault.store(new_blob_name(), [b"two"])
    blob = vault.blobs.reader(two.name)
    vault.blobs.put_stream(one.name, [blob.read_at(0, blob.size)])
    blob.close()
    with vault.open(one.name, one.wrapped_key) as stream, pytest.raises(Tampered):
        stream.read()


def test_another_master_key_is_said_to_be_another(vault: Vault) -> None:
    stored = vault.store(NAME, [b"yes"])
    other = Vault(vault.blobs, MasterKey(secret=bytes(32)))
    with pytest.raises(KeyFailed, match=f"sealed under master key {MASTER.key_id}"):
        other.open(NAME, stored.wrapped_key)


def test_deleted_audio_does_not_open(vault: Vault) -> None:
    stored = vault.store(NAME, [b"yes"])
    vault.delete(NAME)
    with pytest.raises(StorageFailed, match="cannot open the sealed audio: it is not there"):
        vault.open(NAME, stored.wrapped_key)
    assert list(vault.blobs.names()) == []


def test_an_upload_that_breaks_off_leaves_nothing(vault: Vault) -> None:
    def upload() -> Iterator[bytes]:
        yield NOISE
        raise ConnectionResetError("the artist's train went into a tunnel")

    with pytest.raises(ConnectionResetError, match="tunnel"):
        vault.store(NAME, upload())
    assert not vault.blobs.exists(NAME)


def test_a_blob_cut_to_no_blobs_size_is_found_on_opening(tmp_path: Path) -> None:
    vault = Vault(Folder(tmp_path), MASTER)
    stored = vault.store(NAME, [b"yes"])
    os.truncate(tmp_path / NAME[:2] / NAME, 30)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(Tampered, match="cut short") as caught:
        vault.open(NAME, stored.wrapped_key)
    assert len(list(Path("/proc/self/fd").iterdir())) == before  # though the error is still held
    assert caught.value.facts == {"sealed_bytes": 30}


def test_a_blob_cut_while_it_is_read_is_found(tmp_path: Path) -> None:
    vault = Vault(Folder(tmp_path), MASTER)
    stored = vault.store(NAME, [NOISE])
    with vault.open(NAME, stored.wrapped_key) as stream:
        assert stream.read(9) == NOISE[:9]
        os.truncate(tmp_path / NAME[:2] / NAME, SEGMENT_BYTES + 5)
        with pytest.raises(Tampered, match="cut short"):
            stream.read()


def test_a_name_that_could_lie_elsewhere_is_refused(vault: Vault) -> None:
    with pytest.raises(BadInput, match="a blob's name is"):
        vault.store("../elsewhere", [b"yes"])


def test_names_are_never_the_same() -> None:
    names = {new_blob_name() for _ in range(1000)}
    assert len(names) == 1000
    assert {len(name) for name in names} == {32}
