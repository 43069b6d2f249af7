"""`train-set evidence`, `train-set prove`, and `verify` of evidence."""

import json
import os
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.runs import PROGRAM, Cli


@pytest.fixture
def built(cli: Cli, tmp_path: Path) -> Path:
    assert cli("train-set", "build", PROGRAM, "--out", tmp_path / "set").code == 0
    return tmp_path


@pytest.fixture
def policy(cli: Cli, built: Path, data: Path) -> Path:
    return data / "trust.policy"


def test_evidence_is_made_and_checked_where_there_is_no_platform(
    cli: Cli, bare: Cli, built: Path, policy: Path
) -> None:
    made = cli("train-set", "evidence", "s0", "--out", built / "e.zip")
    assert made.code == 0
    assert made.lines == [str(built / "e.zip")]
    assert "It shows 2 recordings of s0" in made.err
    found = bare("verify", built / "e.zip", "--trust", policy)
    assert found.code == 0
    assert found.lines[0] == (f"s0 for {PROGRAM}: valid: All of it that can be checked holds.")
    assert len(found.lines) == 15
    assert found.lines[2].startswith(" 1 true    the manifest: 2 members, those on record")
    assert found.lines[7].startswith(" 6 unknown signals honoured: ")


def test_evidence_is_json_too(cli: Cli, bare: Cli, built: Path, policy: Path) -> None:
    model = built / "model.bin"
    model.write_bytes(b"weights")
    arguments = ("--out", built / "e.zip", "--model", model, "--model", model, "--json")
    made = cli("train-set", "evidence", "s0", *arguments)
    assert made.object == {
        "set": "s0",
        "file": str(built / "e.zip"),
        "items": 2,
        "erased": 0,
        "receipts": made.object["receipts"],
        "size_bytes": (built / "e.zip").stat().st_size,
    }
    said = bare("verify", built / "e.zip", "--trust", policy, "--json").object
    assert (said["verdict"], said["holds"], said["set"]) == ("valid", True, "s0")
    assert said["program"] == PROGRAM
    parts = {part["number"]: part for part in said["parts"]}
    assert set(parts) == set(range(14))
    assert sha256(b"weights").hexdigest() in parts[8]["text"]
    assert parts[8]["state"] == "true"


def test_the_page_in_it_is_the_one_that_the_log_command_makes(
    cli: Cli, built: Path, policy: Path
) -> None:
    assert cli("train-set", "evidence", "s0", "--out", built / "e.zip").code == 0
    assert cli("log", "verifier", "--out", built / "page.html").code == 0
    with zipfile.ZipFile(built / "e.zip") as archive:
        assert archive.read("verifier.html") == (built / "page.html").read_bytes()
        assert archive.read("trust.policy") == policy.read_bytes()


def test_evidence_that_was_changed_fails_with_what_was_changed(
    cli: Cli, bare: Cli, built: Path, policy: Path
) -> None:
    assert cli("train-set", "evidence", "s0", "--out", built / "e.zip").code == 0
    with (
        zipfile.ZipFile(built / "e.zip") as archive,
        zipfile.ZipFile(built / "changed.zip", "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for name in archive.namelist():
            content = archive.read(name)
            changed.writestr(zipfile.ZipInfo(name), content.replace(b'"head"', b'"hEad"', 1))
    found = bare("verify", built / "changed.zip", "--trust", policy)
    assert found.code == 1
    assert found.lines[0] == "invalid: Something in it does not hold."
    assert found.lines[1].startswith(" 0 false   the file itself: these were changed: ")
    said = bare("verify", built / "changed.zip", "--trust", policy, "--json")
    assert said.code == 1
    assert said.object["set"] is None
    assert said.object["holds"] is False


def test_evidence_without_a_time_is_stale_where_age_counts(
    cli: Cli, bare: Cli, built: Path, policy: Path
) -> None:
    assert cli("train-set", "evidence", "s0", "--out", built / "e.zip").code == 0
    found = bare("verify", built / "e.zip", "--trust", policy, "--max-age", "1")
    assert found.code == 1
    assert "stale: It holds, but no witness vouches for any time in it." in found.lines[0]


def test_what_was_erased_is_said(cli: Cli, built: Path) -> None:
    assert cli("erase", "Ada Quill", "--yes").code == 0
    made = cli("train-set", "evidence", "s0", "--out", built / "e.zip")
    assert made.code == 0
    assert "It shows 0 recordings of s0, 2 more were erased since" in made.err
    found = cli("verify", built / "e.zip")
    assert found.code == 1  # nobody is left whose permission could be shown
    assert "valid, content erased: What can be checked of it holds; of 2 of 2" in found.out


def test_what_is_no_file_is_not_replaced(cli: Cli, built: Path) -> None:
    os.mkfifo(built / "pipe")
    made = cli("train-set", "evidence", "s0", "--out", built / "pipe")
    assert made.code == 2
    assert (built / "pipe").is_fifo()


def test_what_cannot_be_made_is_told(cli: Cli, built: Path) -> None:
    assert cli("train-set", "evidence", "s9", "--out", built / "e.zip").code == 3
    nowhere = built / "nowhere" / "e.zip"
    assert cli("train-set", "evidence", "s0", "--out", nowhere).code == 3
    model = ("--model", built / "nowhere")
    assert cli("train-set", "evidence", "s0", "--out", built / "e.zip", *model).code == 2


@pytest.mark.parametrize(("recording", "claim"), [("r0", "member"), ("r2", "absent")])
def test_one_recording_is_proved_to_be_in_a_set_or_not(
    cli: Cli, bare: Cli, built: Path, policy: Path, recording: str, claim: str
) -> None:
    proof = built / "proof.tlog-proof"
    made = cli("train-set", "prove", "s0", recording, "--out", proof)
    assert (made.code, made.out) == (0, "")
    assert f"assent verify {proof}" in made.err
    said = bare("verify", proof, "--trust", policy, "--json")
    assert said.code == 0
    assert said.object["claim"]["kind"] == claim
    assert said.object["claim"]["recording"] == recording
    printed = cli("train-set", "prove", "s0", recording)
    assert printed.out == proof.read_text()
    assert '"r1"' not in json.dumps(said.object)


def test_the_proof_for_a_recording_or_set_that_is_not_there_is_unknown(
    cli: Cli, built: Path
) -> None:
    assert cli("train-set", "prove", "s0", "r99").code == 3
    assert cli("train-set", "prove", "s9", "r0").code == 3
