"""Codes for exchange: as the programs and the library of those who made them up make them."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.bench.attacks import SR
from assent.errors import BadAudio, CouldNot, Unknown
from assent.identity.chromaprint_code import ACOUSTID_S, Maker, chromaprint, makers
from assent.identity.codes import NO_CHROMAPRINT, NO_ISCC, TOO_SHORT, Code, CodeName, codes
from assent.identity.iscc_code import BITS, audio_code, file_codes, iscc_code, library
from assent.sound.block import Block
from assent.sound.encode import Format
from tests.identity.music import mono, patient
from tests.sound.sounds import MUSIC, encoded, needs_music, noise

MAKERS = list(makers())
FPCALC = shutil.which("fpcalc") or ""
needs_fpcalc = pytest.mark.skipif(  # others' program; what is said without it is tested anyway
    not FPCALC, reason="there is no fpcalc on this machine"
)
needs_both = pytest.mark.skipif(  # one can be held against the other only where both are
    len(MAKERS) < 2, reason="there are not both fpcalc and libchromaprint with pyacoustid"
)
either = pytest.mark.parametrize(
    "maker",
    MAKERS
    or [  # of an empty list pytest would show no test at all: so it is seen that none was tried
        pytest.param(None, marks=pytest.mark.skip(reason="nothing makes fingerprints"))  # as said
    ],
    ids=lambda maker: type(maker).__name__.strip("_").lower(),
)


def _iscc() -> ModuleType:
    module = library()
    if module is None:
        pytest.skip("iscc-core is not installed")
    return module


def _vectors(function: str) -> list[tuple[list[Any], dict[str, Any]]]:
    """Those of the standard's conformance suite for our length of code: inputs, outputs."""
    return [
        (inputs, outputs)
        for _, made_by, inputs, outputs in _iscc().conformance_testdata()
        if made_by.__name__ == function and inputs[-1] == BITS
    ]


def _file(path: Path, sound: Block, kind: Format = Format.WAV16, sr: int = SR) -> Path:
    path.write_bytes(encoded(sound, kind, sr=sr))
    return path


def _said(path: Path, *options: str) -> dict[str, Any]:
    """What `fpcalc` itself makes of a file; at its end it says 3, and nobody minds."""
    done = subprocess.run(
        [FPCALC, "-json", *options, str(path)], capture_output=True, check=False, text=True
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _by_name(made: Sequence[Code]) -> dict[CodeName, Code]:
    return {one.name: one for one in made}


def _long() -> Block:
    left = np.concatenate([mono(number) for number in range(4)])
    return np.stack([left, left[::-1]])


# Chromaprint


@needs_fpcalc
@pytest.mark.parametrize("kind", [Format.WAV16, Format.WAV_FLOAT, Format.FLAC])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_fingerprint_is_what_fpcalc_makes_of_the_file(
    channels: int, kind: Format, tmp_path: Path
) -> None:
    path = _file(tmp_path / "long", _long()[:channels], kind)
    made = chromaprint(path, MAKERS[0])
    said = _said(path)
    assert made.duration_s > ACOUSTID_S + 10, "so that AcoustID's length matters"
    assert made.acoustid == said["fingerprint"]
    assert made.duration_s == pytest.approx(said["duration"], abs=0.01)
    assert list(made.words) == _said(path, "-raw", "-signed", "-length", "0")["fingerprint"]
    assert min(made.words) < 0 < max(made.words)


@needs_fpcalc
@needs_music
@pytest.mark.parametrize("name", ["speech-librivox-2", "librosa-vibe-ace", "supertux-theme"])
def test_fpcalc_makes_the_same_of_music_as_we_hand_it_over(name: str) -> None:
    path = MUSIC / f"{name}.ogg"
    made = chromaprint(path, MAKERS[0])
    assert made.acoustid == _said(path)["fingerprint"]
    assert list(made.words) == _said(path, "-raw", "-signed", "-length", "0")["fingerprint"]


@needs_both
@needs_music
@pytest.mark.parametrize("name", ["speech-librivox-2", "supertux-theme"])
def test_library_and_program_differ_in_less_than_a_bit_in_a_thousand(name: str) -> None:
    one, other = (np.array(chromaprint(MUSIC / f"{name}.ogg", m).words, np.int32) for m in MAKERS)
    assert len(one) == len(other) > 100
    different = np.bitwise_count(one.view(np.uint32) ^ other.view(np.uint32)).sum()
    assert different / (32 * len(one)) < 1e-3


@either
def test_what_is_too_short_has_no_fingerprint(maker: Maker, tmp_path: Path) -> None:
    for seconds in (0.1, 2.5):
        made = chromaprint(_file(tmp_path / "a.wav", mono(0)[None, : round(seconds * SR)]), maker)
        assert (made.acoustid, made.words) == ("", ())
        assert made.duration_s == pytest.approx(seconds, abs=0.01)
    assert chromaprint(_file(tmp_path / "b.wav", mono(0)[None, : 3 * SR]), maker).words


@either
def test_a_file_that_breaks_off_is_refused_and_nothing_keeps_running(
    maker: Maker, tmp_path: Path
) -> None:
    path = _file(tmp_path / "cut.wav", noise((2, 10 * SR)), Format.FLAC)
    path.write_bytes(path.read_bytes()[:-100_000])
    with pytest.raises(BadAudio):
        chromaprint(path, maker)  # a process that was left would be a ResourceWarning: an error


@either
def test_eight_channels_at_192_khz_have_a_fingerprint(maker: Maker, tmp_path: Path) -> None:
    path = _file(tmp_path / "wide.wav", noise((8, 4 * 192_000)), Format.WAV_FLOAT, 192_000)
    assert len(chromaprint(path, maker).words) > 5


def _program(folder: Path, text: str) -> str:
    """A folder with an `fpcalc` of another kind."""
    script = folder / "fpcalc"
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("exit 1", "fpcalc, the program of Chromaprint, failed"),
        ("cat >/dev/null; exit 1", "fpcalc, the program of Chromaprint, failed"),
        ("cat >/dev/null; echo no", "what Chromaprint made is no fingerprint"),
    ],
)
@pytest.mark.parametrize("seconds", [0.01, 20.0])
def test_a_program_that_fails_is_no_answer(
    text: str, why: str, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(tmp_path / "a.wav", mono(0)[None, : round(seconds * SR)])
    monkeypatch.setenv("PATH", _program(tmp_path, text.replace("cat", "/bin/cat")))
    maker = next(makers())
    with pytest.raises(CouldNot) as failed:
        chromaprint(path, maker)
    assert failed.value.text == why


@needs_both
def test_where_the_program_fails_the_library_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(tmp_path / "a.wav", mono(0)[None, : 5 * SR])
    expected = codes(path)
    monkeypatch.setenv("PATH", _program(tmp_path, "exit 1"))
    assert codes(path) == expected


# ISCC


def test_audio_codes_are_those_of_the_conformance_suite() -> None:
    vectors = _vectors("gen_audio_code_v0")
    assert len(vectors) >= 3
    for (words, _), outputs in vectors:
        assert audio_code(words, _iscc()) == outputs["iscc"]


def test_codes_of_bytes_are_those_of_the_conformance_suite() -> None:
    vectors = [*_vectors("gen_data_code_v0"), *_vectors("gen_instance_code_v0")]
    assert len(vectors) >= 2
    for (stream, _), outputs in vectors:
        made = file_codes(stream, _iscc())
        assert outputs["iscc"] in {made.data, made.instance}


def test_composites_are_those_of_the_conformance_suite() -> None:
    vectors = [
        (inputs, outputs)
        for _, made_by, inputs, outputs in _iscc().conformance_testdata()
        if made_by.__name__ == "gen_iscc_code_v0"
    ]
    assert len(vectors) >= 5
    for (units,), outputs in vectors:
        assert iscc_code(units, _iscc()) == outputs["iscc"]


def test_of_nothing_heard_there_is_no_audio_code() -> None:
    with pytest.raises(ValueError, match="nothing"):
        audio_code((), _iscc())


@patient
@given(st.binary(max_size=100_000))
def test_the_instance_code_is_the_blake3_of_the_file(data: bytes) -> None:
    from blake3 import blake3

    made = file_codes(io.BytesIO(data), _iscc())
    assert made.instance == _iscc().gen_instance_code(io.BytesIO(data), BITS)["iscc"]
    header, digest = 2, blake3(data).digest()
    assert _iscc().decode_base32(made.instance.removeprefix("ISCC:"))[header:] == digest


def test_a_file_larger_than_a_read_has_the_codes_of_its_bytes() -> None:
    data = np.random.default_rng(3).bytes(5_000_001)
    made = file_codes(io.BytesIO(data), _iscc())
    assert len(data) > 2 * _iscc().core_opts.io_read_size
    assert made.data == _iscc().gen_data_code(io.BytesIO(data), BITS)["iscc"]
    assert made.instance == _iscc().gen_instance_code(io.BytesIO(data), BITS)["iscc"]


# all of them


@needs_fpcalc
def test_a_file_has_every_code(tmp_path: Path) -> None:
    module = _iscc()
    path = _file(tmp_path / "a.wav", mono(0)[None])
    made = codes(path)
    assert [one.name for one in made] == list(CodeName)
    assert not any(one.not_assessed for one in made)
    said, words = _said(path), _said(path, "-raw", "-signed", "-length", "0")["fingerprint"]
    values = {one.name: one.value for one in made}
    assert values[CodeName.ACOUSTID] == said["fingerprint"]
    assert made[0].duration_s == int(said["duration"])
    assert values[CodeName.AUDIO] == module.gen_audio_code(words, BITS)["iscc"]
    with path.open("rb") as data:
        assert values[CodeName.DATA] == module.gen_data_code(data, BITS)["iscc"]
    with path.open("rb") as data:
        assert values[CodeName.INSTANCE] == module.gen_instance_code(data, BITS)["iscc"]
    units = [values[name] for name in (CodeName.AUDIO, CodeName.DATA, CodeName.INSTANCE)]
    assert values[CodeName.ISCC] == module.gen_iscc_code(units)["iscc"]


def test_the_same_music_in_another_file_differs_in_what_is_of_bytes_alone(tmp_path: Path) -> None:
    sound = mono(1)[None]
    one = _by_name(codes(_file(tmp_path / "a.wav", sound)))
    other = _by_name(codes(_file(tmp_path / "b.flac", sound, Format.FLAC)))
    for name in (CodeName.ACOUSTID, CodeName.AUDIO):
        assert one[name] == other[name]
    for name in (CodeName.DATA, CodeName.INSTANCE, CodeName.ISCC):
        assert one[name].value != other[name].value


@pytest.mark.parametrize("seconds", [0.2, 2.0])
def test_what_is_too_short_says_so_and_keeps_the_codes_of_its_bytes(
    seconds: float, tmp_path: Path
) -> None:
    _iscc()
    made = _by_name(codes(_file(tmp_path / "a.wav", mono(0)[None, : round(seconds * SR)])))
    for name in (CodeName.ACOUSTID, CodeName.AUDIO):
        assert (made[name].value, made[name].not_assessed) == (None, TOO_SHORT)
    assert made[CodeName.ISCC].not_assessed.endswith(TOO_SHORT)
    for name in (CodeName.DATA, CodeName.INSTANCE):
        assert str(made[name].value).startswith("ISCC:")


def _without(monkeypatch: pytest.MonkeyPatch, folder: Path, *modules: str) -> None:
    """Have no program, and not these modules either."""
    monkeypatch.setenv("PATH", str(folder))
    for name in modules:
        monkeypatch.setitem(sys.modules, name, None)


def test_without_chromaprint_its_codes_are_not_assessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _iscc()
    path = _file(tmp_path / "a.wav", mono(0)[None])
    _without(monkeypatch, tmp_path, "chromaprint")
    made = _by_name(codes(path))
    assert {name for name, one in made.items() if one.value is None} == {
        *(CodeName.ACOUSTID, CodeName.AUDIO, CodeName.ISCC)
    }
    assert made[CodeName.ACOUSTID].not_assessed == NO_CHROMAPRINT
    assert made[CodeName.AUDIO].not_assessed == NO_CHROMAPRINT


def test_another_module_named_chromaprint_is_not_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without(monkeypatch, tmp_path)
    monkeypatch.setitem(sys.modules, "chromaprint", ModuleType("chromaprint"))
    assert list(makers()) == []


def test_without_iscc_core_its_codes_are_not_assessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(tmp_path / "a.wav", mono(0)[None])
    monkeypatch.setitem(sys.modules, "iscc_core", None)
    acoustid, *isccs = codes(path)
    assert (acoustid.value is None) == (not MAKERS)
    assert [(one.value, one.not_assessed) for one in isccs] == [(None, NO_ISCC)] * 4


def test_codes_of_another_standard_are_not_given_out(tmp_path: Path) -> None:
    _iscc()
    path = _file(tmp_path / "a.wav", mono(0)[None, : 4 * SR])
    done = subprocess.run(
        [str(Path(sys.executable).with_name("assent")), "codes", str(path)],
        env={"PATH": "/usr/bin:/bin", "ISCC_CORE_DATA_AVG_CHUNK_SIZE": "512"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("iscc-core make codes of no standard") == 4


def test_a_file_that_is_no_audio_has_no_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tmp_path / "a.txt"
    text.write_text("no audio")
    with pytest.raises(BadAudio):
        codes(text)
    with pytest.raises(Unknown):
        codes(tmp_path / "none.wav")
    _without(monkeypatch, tmp_path, "chromaprint")
    with pytest.raises(BadAudio):
        codes(text)
