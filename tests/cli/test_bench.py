"""`bench`: one table, or one object of the shape that is documented."""

import re
from pathlib import Path

import pytest

from assent.bench.registry import BENCHES
from assent.bench.row import Row
from assent.cli import bench
from tests.cli.runs import Cli

ROWS = [
    Row(what="one thing", unit="µs", ours=0.75, peer=1.5, peer_name="slowpoke", goal=1),
    Row(what="another", unit="bytes", ours=1234567.0, goal=1.0, higher_is_better=False),
    Row(what="what cannot be had", unit="s", ours=None),
]


@pytest.fixture
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent.bench.registry.run", lambda _name, *, quick: ROWS)


def test_benches_are_listed(bare: Cli) -> None:
    assert [line.split("\t")[0] for line in bare("bench", "--list").lines] == list(BENCHES)
    assert [found["bench"] for found in bare("bench", "--list", "--json").objects] == list(BENCHES)


def test_a_real_bench_gives_one_object(bare: Cli) -> None:
    found = bare("bench", "seal", "--quick", "--json")
    assert (found.code, found.err) == (0, "")
    assert set(found.object) == {"bench", "machine", "rows"}
    assert found.object["bench"] == "seal"
    assert found.object["machine"]["cores"] >= 1
    for row in found.object["rows"]:
        assert set(row) == {*("what", "unit", "ours", "peer", "peer_name", "ratio", "goal", "met")}
        assert row["ours"] > 0


@pytest.mark.usefixtures("_measured")
def test_a_table_shows_whole_numbers_even_in_a_pipe(bare: Cli) -> None:
    shown = bare("bench", "decide").out
    assert "1,234,567" in shown
    assert "slowpoke" in shown
    (line,) = (line for line in shown.splitlines() if "one thing" in line)
    assert [cell.strip() for cell in line.split("│")[1:-1]] == [
        *("one thing", "0.75", "1.5", "0.5", "1", "µs", "no", "slowpoke")
    ]


@pytest.mark.usefixtures("_measured")
def test_a_terminal_gives_the_width(bare: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    shown = re.sub(r"\x1b\[[0-9;]*m", "", bare("bench", "decide").out)
    assert max(map(len, shown.splitlines())) <= 90


def test_a_processor_without_a_name_is_its_kind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bench, "_CPU_INFO", tmp_path / "nothing")
    monkeypatch.setattr("platform.machine", lambda: "z80")
    assert bench._machine()["cpu"] == "z80"


def test_which_bench_must_be_said_and_be_there(bare: Cli) -> None:
    nothing, unknown = bare("bench"), bare("bench", "nonsense")
    assert (nothing.code, unknown.code) == (2, 3)
    # as before, with the benches of the web and of terms besides
    said = "decide, bulk, seal, log, identity, chance, large-index, import, web, terms"
    assert nothing.err == f"assent: say which bench: {said}\n"
    assert unknown.err.startswith("assent: there is no bench 'nonsense'")
