"""`permitted`: the whole list, or an error."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assent.acts.house import House
from assent.acts.say import About, grant
from assent.cli import permitted
from tests.cli.runs import PROGRAM, Cli
from tests.houses import RIVAL


def test_the_ids_are_printed_in_order(cli: Cli) -> None:
    found = cli("permitted", PROGRAM)
    assert (found.code, found.lines, found.err) == (0, ["r0", "r1"], "")
    assert cli("permitted", PROGRAM, "--json").objects == [{"recording": "r0"}, {"recording": "r1"}]


def test_pages_leave_nothing_out(
    cli: Cli, stocked: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(stocked, About(holder="Bo Ferrum", program=PROGRAM), RIVAL)
    monkeypatch.setattr(permitted, "_PAGE", 2)
    assert cli("permitted", PROGRAM).lines == ["r0", "r1", "r2"]
    assert cli("permitted", PROGRAM, "--out", tmp_path / "p.parquet").code == 0
    assert pq.read_table(tmp_path / "p.parquet")["recording"].to_pylist() == ["r0", "r1", "r2"]


def test_they_are_counted(cli: Cli) -> None:
    assert cli("permitted", PROGRAM, "--count").lines == ["2"]
    counted = cli("permitted", PROGRAM, "--count", "--json").object
    assert (counted["program"], counted["count"], counted["of"]) == (PROGRAM, 2, 5)


def test_a_program_that_may_not_run_has_none(cli: Cli) -> None:
    found = cli("permitted", "only-proposed")
    assert (found.code, found.out) == (0, "")


def test_the_file_is_whole_and_says_what_it_is(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "out" / "p.parquet"
    out.parent.mkdir()
    out.write_text("what was there before is replaced")
    found = cli("permitted", PROGRAM, "--out", out, "--json")
    assert (found.code, found.object["count"]) == (0, 2)
    assert found.err == "2 of 5 recordings are in p.parquet\n"
    table = pq.read_table(out)
    assert table["recording"].to_pylist() == ["r0", "r1"]
    assert table.schema.metadata[b"program"] == PROGRAM.encode()
    assert table.schema.metadata[b"head"] == str(found.object["head"]).encode()
    assert [path.name for path in out.parent.iterdir()] == ["p.parquet"]


def test_a_file_that_cannot_be_written_is_an_error(cli: Cli, tmp_path: Path) -> None:
    found = cli("permitted", PROGRAM, "--out", tmp_path / "nowhere" / "p.parquet")
    assert found.code == 4
    assert found.err.startswith("assent: 'p.parquet' cannot be written")


def test_a_program_that_is_not_there_is_unknown(cli: Cli) -> None:
    found = cli("permitted", "nobody")
    assert (found.code, found.out, found.err) == (3, "", "assent: there is no program 'nobody'\n")
