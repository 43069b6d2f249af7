"""The keys of a log: made once, kept from others, never lost without a word."""

from pathlib import Path
from stat import S_IMODE

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.errors import KeyFailed, StorageFailed, Unknown
from assent.log.cosignature import Cosigner, MldsaCosigner
from assent.log.keys import create_keys, load_keys, new_key, retire_key, rotate_key
from assent.log.note import format_skey
from tests.log.memory import ORIGIN

SEED = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the keys are to be; nothing is there yet."""
    return tmp_path / "log-keys" / "consent"


def write(path: Path, data: bytes, mode: int = 0o600) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


def test_no_two_keys_are_the_same() -> None:
    assert len({new_key(ORIGIN).seed for _ in range(100)}) == 100


def test_the_first_key_is_made_once_and_is_its_owners_alone(path: Path) -> None:
    made = create_keys(path, ORIGIN)
    assert [key.vkey.name for key in made] == [ORIGIN]
    assert S_IMODE(path.stat().st_mode) == 0o600
    assert load_keys(path) == made
    assert create_keys(path, ORIGIN) == made


@pytest.mark.parametrize("origin", ["müsik.example/log", "音楽.example/log", "x" * 255])
def test_an_origin_in_any_script_has_keys(path: Path, origin: str) -> None:
    assert create_keys(path, origin) == load_keys(path)
    rotate_key(path)
    assert {key.vkey.name for key in load_keys(path)} == {origin}


def test_missing_keys_are_said_to_be_missing(path: Path) -> None:
    for act in (load_keys, rotate_key):
        with pytest.raises(KeyFailed) as caught:
            act(path)
        assert caught.value.text == (
            f"there are no keys of the log at {path}: put your copy of them back"
        )
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
def test_keys_that_others_can_reach_are_refused(path: Path, mode: int) -> None:
    create_keys(path, ORIGIN)
    path.chmod(mode)
    with pytest.raises(
        KeyFailed, match=r"others can read the keys of the log at .*: run chmod 600 on"
    ):
        load_keys(path)


GOOD = format_skey(new_key(ORIGIN)).encode()
MLDSA = format_skey(MldsaCosigner.of(ORIGIN, SEED)).encode()
BAD = [
    b"",
    b"\n",
    GOOD + b"\n\n" + GOOD,
    GOOD[:-1],
    b" " + GOOD,
    b"\xff" + GOOD,
    b"nonsense",
    MLDSA,
    MLDSA + b"\n" + GOOD,
    GOOD + b"\n" + format_skey(Cosigner.of(ORIGIN, SEED)).encode(),
    (GOOD + b"\n") * 1000,
]


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_what_are_no_keys_of_a_log_is_refused_and_left_as_it_is(path: Path, data: bytes) -> None:
    write(path, data)
    for act in (load_keys, rotate_key, lambda path: create_keys(path, ORIGIN)):
        with pytest.raises(KeyFailed) as caught:
            act(path)
        assert caught.value.text == (
            f"{path} does not hold the keys of the log: put your copy of it back"
        )
    assert path.read_bytes() == data


@given(st.binary(max_size=200))
def test_no_garbage_is_another_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("keys") / "consent"
    write(path, data)
    with pytest.raises(KeyFailed):
        load_keys(path)


def test_a_second_key_of_another_kind_signs_too_and_is_never_alone(path: Path) -> None:
    write(path, GOOD + b"\n" + MLDSA + b"\n")
    first, second = load_keys(path)
    assert (format_skey(first), format_skey(second)) == (GOOD.decode(), MLDSA.decode())
    with pytest.raises(KeyFailed, match="is the log's own key: rotate before you retire it"):
        retire_key(path, first.vkey.key_id.hex())


def test_a_new_key_comes_first_and_the_old_ones_go_on(path: Path) -> None:
    (old,) = create_keys(path, ORIGIN)
    fresh = rotate_key(path)
    assert load_keys(path) == (fresh, old)
    assert fresh.vkey.name == ORIGIN
    assert S_IMODE(path.stat().st_mode) == 0o600


def test_an_old_key_is_retired_and_the_logs_own_is_not(path: Path) -> None:
    create_keys(path, ORIGIN)
    rotate_key(path)
    rotate_key(path)
    own, middle, old = load_keys(path)
    assert retire_key(path, middle.vkey.key_id.hex()) == middle
    assert load_keys(path) == (own, old)
    with pytest.raises(KeyFailed):
        retire_key(path, own.vkey.key_id.hex())
    assert load_keys(path) == (own, old)


def test_a_key_that_is_not_there_cannot_be_retired(path: Path) -> None:
    (own,) = create_keys(path, ORIGIN)
    with pytest.raises(Unknown, match="the log has no key 'ffffffff'"):
        retire_key(path, "ffffffff")
    with pytest.raises(Unknown):
        retire_key(path, own.vkey.key_id.hex().upper() + "0")


def test_a_disk_that_refuses_is_said_and_changes_nothing(path: Path) -> None:
    path.parent.parent.joinpath("log-keys").write_bytes(b"in the way of the folder")
    with pytest.raises(StorageFailed, match=r"cannot .* the keys of the log: a file is in the way"):
        create_keys(path, ORIGIN)
    with pytest.raises(StorageFailed, match="cannot read the keys of the log"):
        load_keys(path.parent.parent)
