"""`verify`: every finding is printed, and nobody needs a platform for it."""

from pathlib import Path

import pytest

from assent.training import findings
from tests.cli.runs import PROGRAM, Cli


@pytest.fixture
def built(cli: Cli, tmp_path: Path) -> Path:
    assert cli("train-set", "build", PROGRAM, "--out", tmp_path / "set").code == 0
    return tmp_path / "set"


def test_a_set_is_verified_where_there_is_no_platform(built: Path, bare: Cli) -> None:
    assert bare("verify", built).code == 0


def test_what_is_wrong_is_listed(built: Path, bare: Cli) -> None:
    (built / "extra.txt").write_text("hello")
    shard = built / "shard-000000.tar"
    content = bytearray(shard.read_bytes())
    content[2000] ^= 1
    shard.write_bytes(content)
    found = bare("verify", built)
    assert found.code == 1
    assert "'extra.txt' does not belong to the set" in found.lines
    assert "shard-000000.tar is not the file that set.json names" in found.lines
    said = bare("verify", built, "--json")
    assert said.code == 1
    assert said.object["holds"] is False
    assert {finding["kind"] for finding in said.object["findings"]} >= {"extra", "shard"}


def test_more_findings_than_can_be_listed_are_counted(
    built: Path, bare: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "_MOST", 1)
    for name in ("a", "b", "c"):
        (built / name).touch()
    found = bare("verify", built)
    assert len(found.lines) == 1
    assert found.err == "and 2 findings more\n"
    assert bare("verify", built, "--json").object["more"] == 2


def test_a_folder_that_is_no_set_is_told_so(bare: Cli, tmp_path: Path) -> None:
    found = bare("verify", tmp_path)
    assert found.code == 1
    assert found.lines == ["there is no set.json: this is no training set, or not a whole one"]
    assert bare("verify", tmp_path, "--json").object["set"] is None


def test_a_folder_that_is_not_there_is_unknown(bare: Cli, tmp_path: Path) -> None:
    found = bare("verify", tmp_path / "nowhere")
    assert found.code == 3
    assert found.err.startswith("assent: there is no file or folder")
