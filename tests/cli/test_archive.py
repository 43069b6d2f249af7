"""`archive`: everything of somebody in one file, which the other commands can check."""

import json
import zipfile
from hashlib import sha256
from pathlib import Path

from tests.cli.runs import Cli


def test_everything_is_in_it_and_every_receipt_holds(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "ada.zip"
    found = cli("archive", "Ada Quill", "--out", out, "--json")
    assert found.code == 0
    assert found.object["name"] == "Ada Quill"
    assert found.object["size_bytes"] == out.stat().st_size
    assert out.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        records = json.loads(archive.read("records.json"))
        digests = {row["digest"] for row in records["recordings"]}
        audio = [it for it in archive.namelist() if it.startswith("audio/")]
        assert {sha256(archive.read(name)).hexdigest() for name in audio} == digests
        archive.extractall(tmp_path / "ada")
    receipts = sorted((tmp_path / "ada" / "receipts").glob("*.tlog-proof"))
    assert receipts
    policy = tmp_path / "ada" / "receipts" / "trust.policy"
    for receipt in receipts:
        assert cli("verify", receipt, "--trust", policy).code == 0


def test_what_is_there_is_not_written_over(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "ada.zip"
    out.write_bytes(b"mine")
    found = cli("archive", "Ada Quill", "--out", out)
    assert (found.code, out.read_bytes()) == (2, b"mine")
    assert "already" in found.err


def test_nobody_has_no_archive(cli: Cli, tmp_path: Path) -> None:
    assert cli("archive", "Nobody", "--out", tmp_path / "x.zip").code == 3
    assert not (tmp_path / "x.zip").exists()


def test_a_folder_that_is_not_there_is_told(cli: Cli, tmp_path: Path) -> None:
    found = cli("archive", "Ada Quill", "--out", tmp_path / "no" / "x.zip")
    assert found.code == 4
    assert "cannot write the archive" in found.err
