"""`serve` without its master key, or under another one: nothing is served, in one sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

from assent.vault.keys import MasterKey

_LONG_S = 120


def served(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run it; a platform that is served does not end by itself, and fails the test."""
    given = ["--data", str(data), "serve", "--port", "0", *options]
    return subprocess.run(
        [sys.executable, "-c", "from assent.cli.main import main; main()", *given],
        capture_output=True,
        text=True,
        timeout=_LONG_S,
        check=False,
    )


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one", "two"])
def test_without_its_master_key_nothing_is_served(data: Path, options: tuple[str, ...]) -> None:
    (data / "master.key").unlink()
    ended = served(data, *options)
    assert (ended.returncode, ended.stdout) == (4, "")
    [line] = ended.stderr.strip().splitlines()
    assert "the master key master.key is missing; put it back" in line
    assert not (data / "master.key").exists()


def test_under_another_master_key_nothing_is_served(data: Path) -> None:
    (data / "master.key").unlink()
    MasterKey.create(data / "master.key")
    ended = served(data)
    assert ended.returncode == 4
    [line] = ended.stderr.strip().splitlines()
    assert "sealed under master key" in line
