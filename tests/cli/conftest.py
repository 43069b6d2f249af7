"""Commands run in this process, on copies of one stocked platform; invented artists."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from assent.acts.house import House
from assent.acts.programs import propose
from assent.acts.publish import publish_default
from assent.acts.say import About, grant, refuse
from assent.cli.main import run
from assent.settings import Settings
from tests.cli.runs import PROGRAM, Cli, Ran
from tests.houses import RIVAL, add, add_program, program_toml


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DATA",
        "DATABASE_URL",
        "BLOBS_URL",
        "KEY_FILE",
        "LOG_URL",
        "LOG_ORIGIN",
        "TRACEBACK",
    ):
        monkeypatch.delenv(f"ASSENT_{name}", raising=False)
    monkeypatch.setenv("LOGNAME", "desk")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a platform: copy it, never change it.

    r0 and r1 are Ada Quill's, who says yes to the program; r2 Bo Ferrum's, who says nothing; r3 Cy
    Loom's, who says no; r4 is nobody's. The program `only-proposed` waits for approval.
    """
    folder = tmp_path_factory.mktemp("stocked")
    house = House.open(Settings(data=folder / "data"), create=True)
    try:
        publish_default(house)
        for artist in ("Ada Quill", "Ada Quill", "Bo Ferrum", "Cy Loom", ""):
            add(house, folder / "music", artist)
        add_program(house, PROGRAM)
        propose(house, program_toml("only-proposed"), "Kim")
        grant(house, About(holder="Ada Quill", program=PROGRAM), RIVAL)
        refuse(house, About(holder="Cy Loom"), RIVAL)
        house.gate.snapshot.permitted(PROGRAM)
    finally:
        house.close()
    return folder / "data"


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    """Give the folder of a stocked platform of the test's own."""
    return Path(copytree(template, tmp_path / "data"))


@pytest.fixture
def cli(data: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Give what runs a command on the stocked platform."""

    def ran(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = run(["--data", str(data), *map(str, arguments)])
        return Ran(code, *capsys.readouterr())

    return ran


@pytest.fixture
def bare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Give what runs a command where there is no platform yet."""

    def ran(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = run(["--data", str(tmp_path / "bare"), *map(str, arguments)])
        return Ran(code, *capsys.readouterr())

    return ran


@pytest.fixture
def stocked(data: Path) -> Iterator[House]:
    """Give the stocked platform itself, to look at or to change."""
    house = House.open(Settings(data=data))
    yield house
    house.close()
