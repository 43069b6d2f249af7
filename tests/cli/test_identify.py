"""`identify`: what a file is made of, of what lies in a folder."""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from assent.bench.attacks import SR, attacked
from assent.cli.identify import _changed, _clock, _rarely
from assent.identity.match import Match
from assent.sound.encode import Format
from tests.cli.runs import Cli
from tests.identity.matches import a_match
from tests.identity.music import mono
from tests.sound.sounds import encoded


def _write(path: Path, samples: npt.NDArray[np.float32]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(encoded(samples[None], Format.WAV_FLOAT))
    return path


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("identify")
    _write(folder / "one.wav", mono(0)[: 20 * SR])
    _write(folder / "in" / "two.wav", mono(3)[: 20 * SR])
    (folder / "bad.txt").write_text("no audio")
    return folder


def test_a_copy_is_0_with_where_and_how_it_was_changed(
    bare: Cli, archive: Path, tmp_path: Path
) -> None:
    file = _write(tmp_path / "asked.wav", attacked("speed +6 %", mono(3)[: 20 * SR], 1))
    found = bare("identify", file, "--against", archive)
    assert found.code == 0
    (line,) = found.lines
    assert line.startswith("same recording: in/two.wav, 0:0")
    assert re.search(r"there \(\+6 % tempo, \+(0\.9|1\.[01]) semitones\);", line)
    assert line.endswith("by accident once in a billion or more; the samples agree")
    assert "left out: bad.txt: " in found.err


def test_json_has_all_that_a_program_needs(bare: Cli, archive: Path, tmp_path: Path) -> None:
    file = _write(tmp_path / "asked.wav", mono(0)[4 * SR : 14 * SR])
    drawn = tmp_path / "drawn.svg"
    found = bare("identify", file, "--against", archive, "--picture", drawn, "--json")
    assert "<polygon" in drawn.read_text()
    assert found.code == 0
    said = found.object
    assert set(said) == {
        *("file", "kind", "start_s", "end_s", "original_start_s", "original_end_s"),
        *("tempo", "semitones", "votes", "chance", "repeated", "is_claimed"),
        *("finding", "together", "on_line", "on_curve", "likeness", "by_chance"),
    }
    assert (said["file"], said["kind"]) == ("one.wav", "contains part of")
    assert said["original_start_s"] - said["start_s"] == pytest.approx(4, abs=0.2)
    assert said["tempo"] == pytest.approx(1, abs=0.005)
    assert 0 <= said["chance"] < 1e-4


@pytest.mark.parametrize("json", [False, True])
def test_a_stranger_is_1(bare: Cli, archive: Path, tmp_path: Path, *, json: bool) -> None:
    file = _write(tmp_path / "asked.wav", mono(7)[: 20 * SR])
    found = bare("identify", file, "--against", archive, *(["--json"] if json else []))
    assert found.code == 1
    assert found.lines == ([] if json else ["nothing in it is known there"])


def test_in_an_empty_folder_nothing_is_known(bare: Cli, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert bare("identify", archive / "one.wav", "--against", tmp_path / "empty").code == 1


def test_a_folder_or_file_that_is_not_there_is_3(bare: Cli, archive: Path, tmp_path: Path) -> None:
    none = tmp_path / "none"
    found = bare("identify", archive / "one.wav", "--against", none)
    assert (found.code, found.out) == (3, "")
    assert found.err == f"assent: there is no folder {str(none)!r}\n"
    assert bare("identify", none, "--against", archive).code == 3


def test_a_file_that_is_no_audio_is_2(bare: Cli, archive: Path) -> None:
    found = bare("identify", archive / "bad.txt", "--against", archive)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("assent: ")


def test_without_a_folder_the_platform_is_asked(bare: Cli, archive: Path, tmp_path: Path) -> None:
    # it was an error of usage before there was a platform to ask; now where there is none is said
    asked = archive / "one.wav"
    missing = bare("identify", asked)
    assert (missing.code, missing.out) == (4, "")
    assert bare("import", archive / "in", "--artist", "Lark Ember").code == 0
    assert bare("identify", asked).code == 1
    copy = _write(tmp_path / "asked.wav", attacked("speed +6 %", mono(3)[: 20 * SR], 1))
    found = bare("identify", copy)
    assert (found.code, len(found.lines)) == (0, 1)
    assert found.lines[0].startswith("same recording: r0 two, 0:0")
    said = bare("identify", copy, "--json").object
    assert (said["recording"], said["title"], said["is_claimed"]) == ("r0", "two", True)
    assert "file" not in said


def test_what_nothing_can_be_known_of_is_said(bare: Cli, archive: Path, tmp_path: Path) -> None:
    for seconds, level, words in ((0.2, 0.5, "too short"), (20.0, 0.0, "silent")):
        asked = _write(tmp_path / "asked.wav", np.full(round(seconds * SR), level, np.float32))
        found = bare("identify", asked, "--against", archive)
        assert (found.code, found.out) == (1, "")
        assert words in found.err.splitlines()[-1]


def _match(tempo: float, semitones: float) -> Match:
    return a_match(tempo=tempo, semitones=semitones)


def test_only_what_can_be_heard_is_a_change() -> None:
    assert _changed(_match(1.004, -0.19)) == ""
    assert _changed(_match(0.9, 0)) == " (-10 % tempo)"
    assert _changed(_match(1, -2.04)) == " (-2.0 semitones)"


def test_times_and_chances_are_said_in_words_of_people() -> None:
    assert [_clock(at) for at in (0, 61.26, 3_600)] == ["0:00.0", "1:01.3", "60:00.0"]
    assert [_rarely(one) for one in (1e-4, 1e-9, 0)] == ["10,000", *["a billion or more"] * 2]
    assert _clock(59.97) == "1:00.0"
