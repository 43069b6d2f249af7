from pathlib import Path
from stat import S_IMODE
from threading import Barrier, Thread

import pytest

from assent.errors import BadProof, KeyFailed, StorageFailed
from assent.log.cosignature import Cosigner, MldsaCosigner
from assent.log.note import COSIGNATURE, MLDSA, Signer, format_skey
from assent.log.witness_keys import WitnessKey, create_cosigners, load_cosigners

NAME = "witness.example/w1"


def test_a_first_start_makes_keys_that_only_their_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "made" / "witness.keys"
    keys = create_cosigners(path, NAME, mldsa=True)
    assert [key.vkey.kind for key in keys] == [COSIGNATURE, MLDSA]
    assert S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().count("PRIVATE+KEY+") == 2
    assert list(path.parent.iterdir()) == [path]
    assert load_cosigners(path) == create_cosigners(path, NAME) == keys


def test_without_a_word_there_is_no_second_key_and_no_two_are_the_same(tmp_path: Path) -> None:
    (one,), (other,) = (create_cosigners(tmp_path / str(n), NAME) for n in range(2))
    assert isinstance(one, Cosigner)
    assert one.vkey.name == NAME
    assert one.seed != other.seed


def test_of_many_that_start_at_once_all_have_the_same_keys(tmp_path: Path) -> None:
    path, found, start = tmp_path / "witness.keys", list[tuple[WitnessKey, ...]](), Barrier(8)

    def begin() -> None:
        start.wait()
        found.append(create_cosigners(path, NAME))

    threads = [Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({key.seed for (key,) in found}) == 1


def test_a_file_put_there_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "witness.keys"
    keys = create_cosigners(path, NAME)
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert create_cosigners(path, NAME) == keys
    assert list(tmp_path.iterdir()) == [path]


def test_the_keys_of_another_witness_are_not_taken(tmp_path: Path) -> None:
    create_cosigners(tmp_path / "witness.keys", NAME)
    with pytest.raises(KeyFailed, match=NAME):
        create_cosigners(tmp_path / "witness.keys", "witness.example/w2")


def test_a_name_that_no_key_can_have_is_refused_and_no_file_made(tmp_path: Path) -> None:
    with pytest.raises(BadProof):
        create_cosigners(tmp_path / "witness.keys", "two words")
    assert list(tmp_path.iterdir()) == []


def test_keys_that_are_missing_are_not_made_by_loading(tmp_path: Path) -> None:
    with pytest.raises(KeyFailed, match="no keys"):
        load_cosigners(tmp_path / "witness.keys")
    with pytest.raises(StorageFailed):
        load_cosigners(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_keys_that_others_can_read_are_not_used(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "witness.keys"
    create_cosigners(path, NAME)
    path.chmod(mode)
    with pytest.raises(KeyFailed, match="chmod"):
        load_cosigners(path)


SEED = b"\x03" * 32
MLDSA_LINE = format_skey(MldsaCosigner.of(NAME, SEED))
LINE = format_skey(Cosigner.of(NAME, SEED))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "rubbish\n",
        f"{LINE}é\n",
        f"{MLDSA_LINE}\n",
        f"{LINE}\n\n",
        f"{LINE}\n" * 2000,
        format_skey(Signer.of(NAME, SEED)),
    ],
)
def test_a_file_of_something_else_is_no_file_of_keys(text: str, tmp_path: Path) -> None:
    path = tmp_path / "witness.keys"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyFailed, match="does not hold") as caught:
        load_cosigners(path)
    assert LINE not in str(caught.value)
