"""`log stamp` and `log check-stamp`, by an authority of our own."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.cli.runs import Cli
from tests.log.authority import Authority

pytestmark = pytest.mark.skipif(  # it is openssl that stamps here: nobody else to ask
    shutil.which("openssl") is None, reason="openssl, which stamps here, is not installed"
)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def pem(authority: Authority) -> Path:
    path = authority.folder / "root.pem"
    path.write_bytes(authority.root.public_bytes(Encoding.PEM))
    return path


def test_a_checkpoint_is_stamped_and_anybody_checks_it_offline(
    cli: Cli, data: Path, authority: Authority
) -> None:
    with authority.served() as url:
        made = cli("log", "stamp", "--tsa", url, "--roots", pem(authority), "--json")
    (said,) = made.objects
    folder = data / "log" / "consent" / "stamps"
    token, note = folder / f"{said['size']}.tsr", folder / f"{said['size']}.checkpoint"
    assert said["file"] == f"stamps/{said['size']}.tsr"
    checked = cli("log", "check-stamp", token, "--checkpoint", note, "--roots", pem(authority))
    assert checked.code == 0
    assert checked.out.endswith(f": {said['size']} entries were there at {said['at']}\n")
    assert cli("log", "fsck").code == 0
    # of another checkpoint it says nothing
    assert cli("refuse", "--artist", "Ada Quill", "--use", "public/search").code == 0
    other = data / "log" / "consent" / "checkpoint"
    found = cli("log", "check-stamp", token, "--checkpoint", other, "--roots", pem(authority))
    assert (found.code, found.out) == (1, "")
    assert "the time stamp does not hold" in found.err


def test_a_stamp_by_somebody_who_is_not_trusted_is_not_kept(
    cli: Cli, data: Path, authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "stranger")
    with stranger.served() as url:
        found = cli("log", "stamp", "--tsa", url, "--roots", pem(authority))
        assert found.code == 1
        assert not (data / "log" / "consent" / "stamps").exists()
        unseen = cli("log", "stamp", "--tsa", url, "--log", "consent")
    assert unseen.code == 0
    assert "Who stamped it was not checked" in unseen.err


def test_files_that_are_none_are_said_so(cli: Cli, authority: Authority, tmp_path: Path) -> None:
    note = tmp_path / "note"
    note.write_bytes(b"x" * ((1 << 20) + 1))
    odd = cli("log", "check-stamp", note, "--checkpoint", note, "--roots", pem(authority))
    assert (odd.code, odd.err.count("\n")) == (2, 1)
    assert "is larger than" in odd.err
    gone = tmp_path / "gone"
    assert cli("log", "check-stamp", gone, "--checkpoint", gone, "--roots", gone).code == 3
    folder = cli("log", "check-stamp", gone, "--checkpoint", tmp_path, "--roots", gone)
    assert folder.code == 2
