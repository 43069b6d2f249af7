"""`codes`: by which codes others know a file."""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from assent.bench.attacks import SR
from assent.sound.encode import Format
from tests.cli.runs import Cli
from tests.identity.music import mono
from tests.sound.sounds import encoded

NAMES = ["acoustid", "iscc-audio", "iscc-data", "iscc-instance", "iscc"]
needs_all = pytest.mark.skipif(  # both optional; without them another test says what is said
    shutil.which("fpcalc") is None or find_spec("iscc_core") is None,
    reason="there is no fpcalc, or no iscc-core, on this machine",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.wav"
    path.write_bytes(encoded(mono(0)[None, : 10 * SR + 30_000], Format.WAV16))
    return path


@needs_all
def test_every_code_is_a_line(bare: Cli, file: Path) -> None:
    found = bare("codes", file)
    assert (found.code, found.err) == (0, "")
    assert [line.partition(": ")[0] for line in found.lines] == NAMES
    assert found.lines[0].startswith("acoustid: AQA")
    assert found.lines[0].endswith(" (duration 10 s)")
    assert all(": ISCC:" in line for line in found.lines[1:])


@needs_all
def test_json_has_what_the_web_service_takes(bare: Cli, file: Path) -> None:
    found = bare("codes", file, "--json")
    acoustid, *isccs = found.objects
    assert found.code == 0
    assert (set(acoustid), acoustid["duration_s"]) == ({"code", "value", "duration_s"}, 10)
    assert [set(one) for one in isccs] == [{"code", "value"}] * 4
    assert [one["code"] for one in found.objects] == NAMES
    values = [f"{one['code']}: {one['value']}" for one in found.objects]
    assert [line.removesuffix(" (duration 10 s)") for line in bare("codes", file).lines] == values


@pytest.mark.parametrize("json", [False, True])
def test_where_nothing_can_make_one_it_is_4_and_not_assessed(
    bare: Cli, file: Path, monkeypatch: pytest.MonkeyPatch, *, json: bool
) -> None:
    monkeypatch.setenv("PATH", str(file.parent))
    for name in ("chromaprint", "iscc_core"):
        monkeypatch.setitem(sys.modules, name, None)
    found = bare("codes", file, *(["--json"] if json else []))
    assert (found.code, found.err) == (4, "")
    if json:
        assert [(one["code"], one["value"]) for one in found.objects] == [
            (name, None) for name in NAMES
        ]
        assert all(one["not_assessed"] for one in found.objects)
    else:
        assert [line.split(": ")[:2] for line in found.lines] == [
            [n, "not assessed"] for n in NAMES
        ]


@pytest.mark.skipif(  # optional; that without it no code can be made is another test
    find_spec("iscc_core") is None, reason="there is no iscc-core"
)
def test_one_code_is_enough_for_0(bare: Cli, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(file.parent))
    monkeypatch.setitem(sys.modules, "chromaprint", None)
    found = bare("codes", file)
    assert found.code == 0
    assert [": not assessed: " in line for line in found.lines] == [True, True, False, False, True]


def test_what_is_no_audio_is_2_and_what_is_not_there_3(bare: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no audio")
    for what, code in ((tmp_path / "a.txt", 2), (tmp_path, 2), (tmp_path / "none", 3)):
        found = bare("codes", what)
        assert (found.code, found.out) == (code, "")
        assert found.err.startswith("assent: ")
        assert len(found.err.splitlines()) == 1
