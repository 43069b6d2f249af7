"""`erase`: asked first, told what goes, and everybody else's receipts hold."""

import io
import sys
from pathlib import Path

import pytest

from tests.cli.runs import Cli


def test_it_asks_first_and_no_is_no(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for typed in ("n\n", ""):  # nobody is there to be asked
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        found = cli("erase", "Ada Quill")
        assert found.code == 1
        assert "Nothing was erased." in found.err
        assert "This erases Ada Quill with 2 recordings, for good." in found.err
    assert len(cli("recordings").lines) == 5


def test_a_person_is_gone_and_the_others_can_prove_all_they_could(
    cli: Cli, data: Path, tmp_path: Path
) -> None:
    cli("log", "publish")
    (ada,) = cli("statements", "--artist", "Ada Quill", "--json").objects
    (cy,) = cli("statements", "--artist", "Cy Loom", "--json").objects
    file = tmp_path / "one.tlog-proof"
    cli("log", "prove", str(ada["event"]), "--out", tmp_path / "hers.tlog-proof")
    found = cli("erase", "Ada Quill", "--yes", "--by", "Kim", "--json")
    assert found.code == 0
    assert (found.object["kind"], found.object["recordings"]) == ("erasure", 2)
    assert found.object["held"] == []
    assert "let those age out" in found.err
    cli("log", "prove", str(cy["event"]), "--out", file)
    assert cli("verify", file).lines[0].startswith("valid: ")
    cli("log", "prove", str(ada["event"]), "--out", file)
    gone = cli("verify", file)
    assert gone.code == 0
    assert gone.lines[0].startswith("valid, content erased: ")
    assert gone.lines[1].endswith("what it said is not shown")
    # she keeps what she was handed
    assert cli("verify", tmp_path / "hers.tlog-proof").lines[0].startswith("valid: ")
    assert cli("doctor").code == 0
    assert cli("log", "fsck").code == 0
    assert cli("erase", "Ada Quill", "--yes").code == 3
    files = [path for path in data.rglob("*") if path.is_file()]
    assert not [path for path in files if b"Ada Quill" in path.read_bytes()]


def test_what_is_shared_is_held(cli: Cli) -> None:
    cli("holders", "set", "r2", "--holder", "Bo Ferrum=50%", "--holder", "Ada Quill=50%")
    found = cli("erase", "Ada Quill", "--yes")
    assert "held from now on" in found.err
    assert "r2" in found.err
    assert cli("may", "r2", "--use", "platform/search").code == 1
